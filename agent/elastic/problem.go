package elastic

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
)

// errOther says that somebody else answers where Elasticsearch should.
var errOther = errors.New("the server that answers is not Elasticsearch")

// cause is why a request got no proper answer.
type cause uint8

const (
	unreachable cause = iota + 1 // nothing was sent
	cut                          // something may have been sent, and the connection broke or the time was up
	busy                         // the server asks to come later
	misplaced                    // certificates, addresses: somebody has to mend the configuration
	locked                       // the key is refused
	tooLarge                     // the request is
	poisoned                     // the request is not understood: one document is to blame
)

// problem is a cause with one line that says what to do about it.
type problem struct {
	cause  cause
	status int
	line   string
}

func (p *problem) Error() string { return p.line }

// kind is what problems have in common that are worth one line in the log.
func (p *problem) kind() string { return strconv.Itoa(int(p.cause)) + " " + strconv.Itoa(p.status) }

// mayHaveArrived reports whether documents may be in the cluster though nobody said so: the connection broke, a proxy gave up, or the answer
// did not tell.
func (p *problem) mayHaveArrived() bool {
	return p.cause == cut || p.cause == busy && (p.status == 0 || p.status >= 500 && p.status != http.StatusServiceUnavailable)
}

// explain tells what an error of the transport means.
func (s *Settings) explain(err error) *problem {
	if errors.Is(err, errOther) {
		return s.problem(misplaced, "%v (no X-Elastic-Product header): check url", errOther)
	}
	if p := s.explainTLS(err); p != nil {
		return p
	}
	var op *net.OpError
	switch {
	case errors.As(err, &op) && op.Op == "dial":
		return s.problem(unreachable, "cannot be reached (%v): check url and that it runs", op.Err)
	case errors.Is(err, context.DeadlineExceeded):
		return s.problem(cut, "no answer within %v", s.Timeout)
	case strings.Contains(err.Error(), "malformed HTTP"): // the text shows what came instead
		return s.problem(misplaced, "the server does not speak HTTP: use https in url")
	}
	return s.problem(cut, "connection broken (%v)", innermost(err))
}

func (s *Settings) explainTLS(err error) *problem {
	var (
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
		record    tls.RecordHeaderError
		verify    *tls.CertificateVerificationError
	)
	switch {
	case errors.As(err, &authority):
		return s.problem(misplaced, "its certificate is not signed by %s: put the authority's certificate (PEM) into ca_file", s.trusted())
	case errors.As(err, &host):
		return s.problem(misplaced, "its certificate is for another name: use in url a name that the certificate has")
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return s.problem(misplaced, "its certificate has expired or is not valid yet: renew it, and check the clock")
	case errors.As(err, &record):
		return s.problem(misplaced, "the server does not speak TLS: use http in url, or the port that does")
	case errors.As(err, &verify):
		return s.problem(misplaced, "its certificate is not accepted (%v)", innermost(err))
	}
	return nil
}

func (s *Settings) trusted() string {
	if s.CAFile == "" {
		return "an authority of this system"
	}
	return "the authority in " + s.CAFile
}

// explainStatus tells what the status of an answer to a whole request means, nil when it is a proper answer.
func (s *Settings) explainStatus(status int, header http.Header, kind string) *problem {
	switch {
	case status/100 == 2:
		return nil
	case status == http.StatusUnauthorized:
		return s.problem(locked, "it refuses %s (401): %s", s.credentials(), s.renewal())
	case status == http.StatusForbidden:
		return s.problem(locked, "it does not allow this to %s (403): give the rights create_doc and auto_configure on logs-*", s.credentials())
	case status == http.StatusRequestEntityTooLarge:
		return s.problem(tooLarge, "a request is too large for it (413)")
	case status == http.StatusTooManyRequests || status == http.StatusRequestTimeout || status >= 500:
		return s.problem(busy, "it cannot take documents now (%d)", status)
	case status == http.StatusBadRequest && isElasticsearch(header):
		return s.problem(poisoned, "it does not understand a request (400 %s)", kind)
	}
	return s.problem(misplaced, "unexpected answer (%d): check that url is the address of Elasticsearch itself", status)
}

func (s *Settings) credentials() string {
	switch {
	case s.APIKeyFile != "":
		return "the API key"
	case s.Username != "":
		return "user name and password"
	}
	return "requests without credentials"
}

func (s *Settings) renewal() string {
	switch {
	case s.APIKeyFile != "":
		return "put a valid key into " + s.APIKeyFile
	case s.Username != "":
		return "check username, and the password in " + s.PasswordFile
	}
	return "set api_key_file"
}

func (s *Settings) problem(c cause, format string, arguments ...any) *problem {
	return &problem{cause: c, line: s.where() + ": " + fmt.Sprintf(format, arguments...)}
}

// innermost strips what the layers between have put in front of an error.
func innermost(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
