package service

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/idwatch/idwatch/agent/status"
	"github.com/idwatch/idwatch/agent/waittest"
)

// answer asks the service's listener.
func answer(t *testing.T, s *Service, path string) (int, string) {
	t.Helper()
	waittest.Until(t, "the port", func() bool { return s.listener.Address() != "" })
	r, err := http.Get("http://" + s.listener.Address() + path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, _ := io.ReadAll(r.Body)
	return r.StatusCode, string(body)
}

func TestMetricsAndHealth(t *testing.T) {
	h := newHouse(t)
	c := h.config()
	c.Console.Listen = "127.0.0.1:0"
	s := h.open(c)
	defer h.close(s)
	h.put(s, oktaFrom("192.0.2.1", 1))
	h.put(s, "not JSON")
	_, text := answer(t, s, "/metrics")
	for _, want := range []string{"idwatch_records_in_total 2", "idwatch_records_delivered_total 1", "idwatch_records_dead_total 1", "idwatch_deadletter_entries 1", "idwatch_healthy 1"} {
		if !strings.Contains(text, "\n"+want+"\n") {
			t.Errorf("not among the metrics: %s", want)
		}
	}
	if code, line := answer(t, s, "/healthz"); code != 200 || line != "healthy\n" {
		t.Errorf("healthz: got %d, %q", code, line)
	}
}

func TestDeadLettersFullIsAProblem(t *testing.T) {
	h := newHouse(t)
	c := h.config()
	c.DeadLetter.MaxBytes = 2 << 10
	c.Console.Listen = "127.0.0.1:0"
	s := h.open(c)
	defer h.close(s)
	for _, letter := range "abcdef" {
		h.put(s, strings.Repeat(string(letter), 600))
	}
	code, line := answer(t, s, "/healthz")
	if code != 503 || !strings.HasPrefix(line, "dead_letters_full: ") || strings.Count(line, "\n") != 1 {
		t.Errorf("got %d, %q, want 503 and one line", code, line)
	}
}

func TestBusyPortDoesNotStopTheService(t *testing.T) {
	h := newHouse(t)
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	c := h.config()
	c.Console.Listen = other.Addr().String()
	s := h.open(c)
	defer h.close(s)
	waittest.Until(t, "the port to be tried", func() bool { return s.listener.Problem() != nil })
	h.put(s, oktaFrom("192.0.2.1", 1))
	st := s.Status()
	if !st.Healthy || len(st.Warnings) != 1 || st.Warnings[0].ID != status.ListenerDown || st.Records.Delivered != 1 {
		t.Errorf("got %s, %v with %d delivered, want healthy, one warning and 1", st.Line(), st.Warnings, st.Records.Delivered)
	}
}
