package status

import (
	"io"
	"net/http"
)

// Health answers 200 when nothing is wrong and 503 otherwise, with one line that says what.
func Health(now func() *Status) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s := now()
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if !s.Healthy {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = io.WriteString(w, s.Line()+"\n")
	})
}
