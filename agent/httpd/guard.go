package httpd

import (
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
)

// headers are set on every answer; a page that needs less of a policy sets its own.
var headers = map[string]string{
	"Content-Security-Policy":      "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"Referrer-Policy":              "no-referrer",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cache-Control":                "no-store",
}

// guarded puts all guards in front of what is mounted.
func (l *Server) guarded() http.Handler {
	inner := http.NewCrossOriginProtection().Handler(l.mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer l.rescue(w)
		for name, value := range headers {
			w.Header().Set(name, value)
		}
		switch {
		case !l.isOurs(r):
			http.Error(w, "this host has another name", http.StatusForbidden)
		case fromElsewhere(r):
			http.Error(w, "refused: another site asks", http.StatusForbidden)
		case !l.allows(r):
			w.Header().Set("WWW-Authenticate", `Basic realm="idwatch", charset="UTF-8"`)
			http.Error(w, "needs the token", http.StatusUnauthorized)
		default:
			r.Body = http.MaxBytesReader(w, r.Body, maxBody)
			inner.ServeHTTP(w, r)
		}
	})
}

// rescue keeps a panic of a handler from whoever's process this is. Its value may quote a record and is not logged.
func (l *Server) rescue(w http.ResponseWriter) {
	switch p := recover(); p {
	case nil:
	case http.ErrAbortHandler:
		panic(p)
	default:
		l.settings.Log.Error("panic while answering a request", "stack", string(debug.Stack()))
		http.Error(w, "internal error", http.StatusInternalServerError)
	}
}

// isOurs reports whether the request calls this host by a name of ours. A page of another site that has its name point at
// loopback sends that name. An address needs no list: it must be the one that the connection came to, or loopback.
func (l *Server) isOurs(r *http.Request) bool {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if ip := net.ParseIP(host); ip != nil {
		local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
		at, _ := local.(*net.TCPAddr)
		return ip.IsLoopback() || at != nil && at.IP.Equal(ip)
	}
	same := func(name string) bool { return strings.EqualFold(name, host) }
	return same("localhost") || slices.ContainsFunc(l.settings.Hosts, same)
}

// fromElsewhere reports whether a page of another site causes the request, but for a link that somebody follows.
func fromElsewhere(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
		return false
	}
	followed := r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
	return !followed
}
