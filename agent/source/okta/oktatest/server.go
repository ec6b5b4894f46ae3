// Package oktatest is a server that behaves as Okta's documentation says of the System Log API: pages in the order in which records were
// stored, links with cursors, limits on the rate of requests, API tokens and OAuth with a private key.
package oktatest

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/gjson"
)

// Server is the organisation's log. Its fields may be set until it answers; Lock them afterwards.
type Server struct {
	sync.Mutex
	URL      string         // as links have it
	Token    string         // API token; "" takes access tokens only
	Key      *rsa.PublicKey // of the OAuth client
	Client   string         // its id
	KeyID    string
	Budget   int           // requests that may be made until Reset is over; negative for no limit
	Window   time.Duration // after which the budget is full again
	Oldest   int           // cursors in front of this are not known any more
	Fail     int           // status of the next answers, as long as Failing
	Failing  int
	Requests []string // queries seen
	Tokens   int      // access tokens given

	records []string
	access  string
	used    int
	reset   time.Time
}

// Store appends records in the order in which Okta stored them, which need not be that of their times.
func (s *Server) Store(records ...string) {
	s.Lock()
	defer s.Unlock()
	s.records = append(s.records, records...)
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.Lock()
	defer s.Unlock()
	switch {
	case r.URL.Path == "/oauth2/v1/token" && r.Method == http.MethodPost:
		s.giveToken(w, r)
	case r.URL.Path != "/api/v1/logs" || r.Method != http.MethodGet:
		refuse(w, http.StatusNotFound, "E0000007")
	case !s.isAuthorized(r.Header.Get("Authorization")):
		refuse(w, http.StatusUnauthorized, "E0000011")
	case s.Failing > 0:
		s.Failing--
		refuse(w, s.Fail, "E0000009")
	case !s.withinBudget(w):
		refuse(w, http.StatusTooManyRequests, "E0000047")
	default:
		s.Requests = append(s.Requests, r.URL.RawQuery)
		s.page(w, r)
	}
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"errorCode":%q,"errorSummary":"geheim"}`, code)
}

func (s *Server) isAuthorized(header string) bool {
	return s.Token != "" && header == "SSWS "+s.Token || s.access != "" && header == "Bearer "+s.access
}

// withinBudget counts a request and sets the headers that tell of the limit.
func (s *Server) withinBudget(w http.ResponseWriter) bool {
	if s.Budget < 0 {
		return true
	}
	now := time.Now()
	if now.After(s.reset) {
		s.used, s.reset = 0, now.Add(s.Window)
	}
	s.used++
	w.Header().Set("X-Rate-Limit-Limit", strconv.Itoa(s.Budget))
	w.Header().Set("X-Rate-Limit-Remaining", strconv.Itoa(max(s.Budget-s.used, 0)))
	w.Header().Set("X-Rate-Limit-Reset", strconv.FormatInt(s.reset.Unix(), 10))
	return s.used <= s.Budget
}

// page answers with the records behind a cursor, or from a time on.
func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	limit, err := strconv.Atoi(query.Get("limit"))
	if err != nil || limit < 1 || limit > 1000 || query.Get("sortOrder") != "ASCENDING" {
		refuse(w, http.StatusBadRequest, "E0000001")
		return
	}
	from := 0
	if after := query.Get("after"); after != "" {
		if from, err = strconv.Atoi(strings.TrimPrefix(after, "cursor_")); err != nil || from < s.Oldest {
			refuse(w, http.StatusBadRequest, "E0000031")
			return
		}
	}
	since, err := time.Parse(time.RFC3339, query.Get("since"))
	if err != nil {
		refuse(w, http.StatusBadRequest, "E0000001")
		return
	}
	var found []string
	at := from
	for ; at < len(s.records) && len(found) < limit; at++ {
		published, err := time.Parse(time.RFC3339, gjson.Get(s.records[at], "published").Str)
		if query.Get("after") != "" || err != nil || !published.Before(since) {
			found = append(found, s.records[at])
		}
	}
	next := query
	next.Set("after", "cursor_"+strconv.Itoa(at))
	w.Header().Add("Link", fmt.Sprintf(`<%s%s>; rel="self"`, s.URL, r.URL.RequestURI()))
	w.Header().Add("Link", fmt.Sprintf(`<%s/api/v1/logs?%s>; rel="next"`, s.URL, next.Encode()))
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, "[%s]", strings.Join(found, ","))
}

// giveToken checks the client's assertion and answers with an access token.
func (s *Server) giveToken(w http.ResponseWriter, r *http.Request) {
	if err := s.check(r); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error":"invalid_client","error_description":%q}`, err)
		return
	}
	s.Tokens++
	s.access = "access-" + strconv.Itoa(s.Tokens)
	fmt.Fprintf(w, `{"token_type":"Bearer","expires_in":3600,"access_token":%q,"scope":"okta.logs.read"}`, s.access)
}

func (s *Server) check(r *http.Request) error {
	if r.FormValue("grant_type") != "client_credentials" || r.FormValue("scope") != "okta.logs.read" ||
		r.FormValue("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
		return fmt.Errorf("wrong form")
	}
	parts := strings.Split(r.FormValue("client_assertion"), ".")
	if len(parts) != 3 || s.Key == nil {
		return fmt.Errorf("no token")
	}
	var header struct{ Alg, Kid string }
	var claims struct {
		Iss, Sub, Aud, Jti string
		Iat, Exp           int64
	}
	for i, into := range []any{&header, &claims} {
		text, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil || json.Unmarshal(text, into) != nil {
			return fmt.Errorf("no token")
		}
	}
	now := time.Now().Unix()
	if header.Alg != "RS256" || header.Kid != s.KeyID || claims.Iss != s.Client || claims.Sub != s.Client || claims.Jti == "" ||
		claims.Aud != s.URL+"/oauth2/v1/token" || claims.Exp <= now || claims.Exp > now+3600 || claims.Iat > now+5 {
		return fmt.Errorf("wrong claims")
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	return rsa.VerifyPKCS1v15(s.Key, crypto.SHA256, sum[:], signature)
}
