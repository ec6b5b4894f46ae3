// Package hook is the input that takes records by HTTP: lines and arrays of JSON, Okta's event hooks, EventBridge's API
// destinations. It answers 200 when the records of a request are safe, and not before.
package hook

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/idwatch/idwatch/agent/secret"
	"github.com/idwatch/idwatch/agent/source"
	"github.com/idwatch/idwatch/agent/source/listen"
)

const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHeader     = 16 << 10
	// Requests in work have so long to end when the agent ends, and a moment for the answer. What they are about is delivered all the same.
	endTimeout    = time.Second
	answerTimeout = 500 * time.Millisecond
)

// Settings says how requests look and where their records go.
type Settings struct {
	Listen    listen.Settings
	Path      string // with a / at its end all paths below it, too
	TokenFile string // "" takes requests from everybody
	Header    string // has the token
	MaxBody   int64  // bytes, compressed or not
	Timeout   time.Duration
	Taker     source.Taker
	Split     source.Split // inflates no more than the input may
	TooMuch   error        // what Split ends with when it would be more
	Log       *slog.Logger
}

// Server is the input.
type Server struct {
	Settings
	listener *listen.Listener
	tokens   *secret.File[[]token] // nil without
	stale    atomic.Bool           // a changed file of tokens cannot be used

	records, bytes, errors atomic.Int64
}

// Open listens and reads the tokens.
func Open(s Settings) (*Server, error) {
	srv := &Server{Settings: s}
	if s.TokenFile != "" {
		srv.tokens = &secret.File[[]token]{Key: "token_file", Path: s.TokenFile, Parse: parseTokens}
		if err := srv.tokens.Open(); err != nil {
			return nil, err
		}
	}
	var err error
	srv.listener, err = listen.Open(s.Listen)
	return srv, err
}

// Addr is where it listens.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Run answers requests until ctx ends.
func (s *Server) Run(ctx context.Context) error {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true) // one request at a time on a connection: their number is bounded with that of connections
	base, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	server := &http.Server{
		Handler: http.HandlerFunc(s.serve), Protocols: protocols, BaseContext: func(net.Listener) context.Context { return base },
		ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, WriteTimeout: s.Timeout + headerTimeout, MaxHeaderBytes: maxHeader,
	}
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(endTimeout, cancel) }) // who still waits is told to come again
	defer stop()
	return listen.HTTP(ctx, server, s.listener, endTimeout+answerTimeout)
}

// Stats returns the input's counters. It may be called at any time.
func (s *Server) Stats() source.Stats {
	return source.Stats{
		Files: s.listener.Connections(), Records: s.records.Load(), Bytes: s.bytes.Load(), Errors: s.errors.Load(), Refused: s.listener.Refused(),
	}
}

// serve answers one request.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	challenge := r.Header.Get("X-Okta-Verification-Challenge")
	switch {
	case !s.isOurs(r.URL.Path):
		refuse(w, http.StatusNotFound, "no such path")
	case r.Method == http.MethodGet && challenge != "":
		verify(w, challenge)
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		refuse(w, http.StatusMethodNotAllowed, "want POST")
	case !s.isAuthorized(r):
		s.errors.Add(1)
		refuse(w, http.StatusUnauthorized, "no or wrong token")
	case !isKnownEncoding(r.Header.Get("Content-Encoding")):
		refuse(w, http.StatusUnsupportedMediaType, "want gzip, zstd or no encoding")
	case r.ContentLength > s.MaxBody:
		refuse(w, http.StatusRequestEntityTooLarge, "body is too large")
	default:
		s.take(w, r)
	}
}

func (s *Server) isOurs(path string) bool {
	return path == s.Path || strings.HasSuffix(s.Path, "/") && strings.HasPrefix(path, s.Path)
}

// isKnownEncoding takes what Split tells by its first bytes.
func isKnownEncoding(name string) bool {
	switch strings.ToLower(name) {
	case "", "identity", "gzip", "x-gzip", "zstd":
		return true
	}
	return false
}
