package service

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/idwatch/idwatch/agent/status"
)

// Of two inputs with the same source the one is named whose records lack something, though the other one's have it.
func TestWhichInputLacksWhat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		var whole, stripped []string
		for n := range 300 {
			whole = append(whole, oktaFrom("192.0.2.1", n))
			stripped = append(stripped, fmt.Sprintf(`{"eventType":"user.session.start","published":"1999-12-31T08:15:30Z","uuid":"s-%d"}`, n))
		}
		h.add("whole.log", whole...)
		h.add("stripped.log", stripped...)
		s := h.open(h.config("inputs:", "  - {type: file, path: '"+h.path("whole.log")+"', from: beginning}",
			"  - {type: file, path: '"+h.path("stripped.log")+"', from: beginning}"))
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- s.Run(ctx) }()
		<-time.After(5 * time.Second)
		synctest.Wait()
		st := s.Status()
		if lacks := lacksOf(st.Inputs[0].Lacks); strings.Contains(lacks, "source.ip") {
			t.Errorf("input with addresses: lacks %s", lacks)
		}
		if lacks := lacksOf(st.Inputs[1].Lacks); !strings.Contains(lacks, "okta.system source.ip 300") {
			t.Errorf("input without addresses: lacks %q, want source.ip in all 300", lacks)
		}
		if want := time.Date(1999, 12, 31, 8, 15, 30, 0, time.UTC); !st.Inputs[1].NewestEvent.Equal(want) {
			t.Errorf("newest event: got %v, want %v", st.Inputs[1].NewestEvent, want)
		}
		told := 0
		for _, w := range st.Warnings {
			if w.ID == status.FieldLacking && strings.Contains(w.Text, "source.ip") {
				told++
				if w.What != st.Inputs[1].Name {
					t.Errorf("warning of %q, want of %q", w.What, st.Inputs[1].Name)
				}
			}
		}
		if told != 1 {
			t.Errorf("%d warnings of it, want 1", told)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func lacksOf(lacks []status.InputLack) string {
	var all []string
	for _, l := range lacks {
		all = append(all, fmt.Sprint(l.Dataset, " ", l.Field, " ", l.Records))
	}
	return strings.Join(all, ", ")
}
