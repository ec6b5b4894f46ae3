package main

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"

	"github.com/idwatch/idwatch/agent/scenario"
)

// testJob checks scenarios, several at a time, and tells of each in their order.
type testJob struct {
	dirs    []string
	options scenario.Options
	out     io.Writer
	err     error // of the output
}

// verdict is what is told of one scenario.
type verdict struct {
	text   string
	failed bool
}

// run checks all scenarios and returns how many failed.
func (j *testJob) run() (failed int) {
	verdicts := make([]chan verdict, len(j.dirs))
	for i := range verdicts {
		verdicts[i] = make(chan verdict, 1)
	}
	next := make(chan int, len(j.dirs))
	for i := range j.dirs {
		next <- i
	}
	close(next)
	var work sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		work.Go(func() {
			for i := range next {
				verdicts[i] <- j.check(j.dirs[i])
			}
		})
	}
	for _, told := range verdicts {
		v := <-told
		if v.failed {
			failed++
		}
		if _, err := io.WriteString(j.out, v.text); err != nil && j.err == nil {
			j.err = fmt.Errorf("write results: %w", err)
		}
	}
	work.Wait()
	return failed
}

// check loads and checks one scenario.
func (j *testJob) check(dir string) verdict {
	s, err := scenario.Load(dir)
	if err != nil {
		return verdict{fmt.Sprintf("FAIL %s\n%s", dir, indent(err.Error())), true}
	}
	r, err := s.Check(j.options)
	if err != nil {
		r.Wrong = append(r.Wrong, err.Error())
	}
	note := ""
	if r.Dead > 0 {
		note = fmt.Sprintf(", %d records could not be read", r.Dead)
	}
	line := fmt.Sprintf("%s: %s (%d alerts, %d runs%s)\n", dir, s.Expect.Name, r.Alerts, r.Runs, note)
	if len(r.Wrong) > 0 {
		return verdict{"FAIL " + line + indent(strings.Join(r.Wrong, "\n")), true}
	}
	return verdict{"ok   " + line, false}
}

// indent sets lines apart from those that begin with a verdict.
func indent(text string) string {
	return "     " + strings.ReplaceAll(text, "\n", "\n     ") + "\n"
}
