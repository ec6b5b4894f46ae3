// Package httpd serves HTTP to the people and programs of this machine: pages, metrics, health. Every guard of it stands here,
// so that what is mounted need not think of any: the address is loopback unless TLS and a token protect it, the Host must be
// ours (a web page can have its own name point here), requests that other sites cause are refused, and everything has a limit.
package httpd

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/idwatch/idwatch/agent/secret"
	"github.com/idwatch/idwatch/agent/source/listen"
)

const (
	headerTimeout = 5 * time.Second
	readTimeout   = 30 * time.Second
	writeTimeout  = time.Minute
	idleTimeout   = time.Minute
	maxHeader     = 32 << 10
	maxBody       = 1 << 20
	maxConns      = 128

	retryEvery  = 15 * time.Second // how often a port that is taken is tried again
	shutdownFor = 2 * time.Second  // how long requests that run may go on at the end
)

// Settings say where to listen.
type Settings struct {
	Address   string   // host:port
	Hosts     []string // names, beside localhost and the address, by which requests may call this host
	CertFile  string   // PEM; with KeyFile and TokenFile any address is allowed
	KeyFile   string
	TokenFile string // requests need its text as bearer token or as password
	Log       *slog.Logger
}

// Server is a listener with what is mounted on it.
type Server struct {
	settings Settings
	mux      *http.ServeMux
	token    *secret.File[hash] // nil when none is needed

	mu      sync.Mutex
	address string // where it listens, "" while it does not
	problem error  // why it does not
}

// New checks the settings and reads the token. It opens no port.
func New(s Settings) (*Server, error) {
	l := &Server{settings: s, mux: http.NewServeMux()}
	if s.TokenFile != "" {
		l.token = &secret.File[hash]{Key: "token_file", Path: s.TokenFile, Parse: parseToken}
		if err := l.token.Open(); err != nil {
			return nil, err
		}
	}
	if !isLoopback(s.Address) && (s.CertFile == "" || l.token == nil) {
		return nil, errors.New("an address that is not loopback needs cert_file, key_file and token_file")
	}
	return l, nil
}

func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// Handle mounts a handler under a pattern of http.ServeMux.
func (l *Server) Handle(pattern string, h http.Handler) { l.mux.Handle(pattern, h) }

// Address returns host and port, "" while there is none.
func (l *Server) Address() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.address
}

// Problem says why there is no port; nil when there is.
func (l *Server) Problem() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.problem
}

func (l *Server) now(address string, problem error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.address, l.problem = address, problem
}

// Run listens until ctx ends. A port that somebody else has is no reason to end: it is said once, and tried again.
func (l *Server) Run(ctx context.Context) {
	log := l.settings.Log
	for told := false; ; {
		port, err := listen.Open(listen.Settings{
			Network: "tcp", Address: l.settings.Address, CertFile: l.settings.CertFile, KeyFile: l.settings.KeyFile, MaxConnections: maxConns, Log: log,
		})
		if err == nil {
			l.now(port.Addr().String(), nil)
			log.Info("listening", "address", port.Addr().String())
			l.serve(ctx, port)
			return
		}
		l.now("", err)
		if !told {
			log.Error("console, metrics and health are not served, the rest goes on", "err", err, "next_try", retryEvery)
			told = true
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(retryEvery):
		}
	}
}

// serve answers until ctx ends.
func (l *Server) serve(ctx context.Context, port net.Listener) {
	server := &http.Server{
		Handler: l.guarded(), ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeader,
	}
	err := listen.HTTP(ctx, server, port, shutdownFor)
	if err != nil {
		l.settings.Log.Error("console, metrics and health are not served any more", "err", err)
	}
	l.now("", err)
}
