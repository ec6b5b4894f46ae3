package cloudtrail

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

const base = `{"eventTime":"2026-03-04T09:15:00Z","eventID":"1","eventName":"RunInstances","eventSource":"ec2.amazonaws.com",`

func parsed(t *testing.T, text string) *ecs.Event {
	t.Helper()
	var r record.Record
	if err := r.Parse([]byte(text)); err != nil {
		t.Fatal(err)
	}
	ev := event(&r, []byte(text))
	if err := Parse(ev); err != nil {
		t.Fatal(err)
	}
	return ev
}

// TestFlattenedCopyEndsWithTheTextsLength: the text is always there, the copy only below 32766 UTF-16 units.
func TestFlattenedCopyEndsWithTheTextsLength(t *testing.T) {
	overhead := len("{k=}")
	tests := map[string]struct {
		value string
		want  bool
	}{
		"just short enough":    {strings.Repeat("x", maxFlattened-1-overhead), true},
		"one too long":         {strings.Repeat("x", maxFlattened-overhead), false},
		"escapes count once":   {strings.Repeat(`\u0041`, 5000) + strings.Repeat(`\n`, 900), true},
		"no term of an index":  {strings.Repeat("\u20ac", 12000), false},
		"pairs count as twice": {strings.Repeat("\U0001F600", maxFlattened/2), false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			vendor := string(parsed(t, base+`"requestParameters":{"k":"`+test.value+`"}}`).Vendor)
			if !strings.Contains(vendor, `"request_parameters":"{k=`) {
				t.Error("the text is missing")
			}
			if got := strings.Contains(vendor, `"flattened":`); got != test.want {
				t.Errorf("flattened copy: got %v, want %v", got, test.want)
			}
		})
	}
}

func TestFlattenedRefusesWhatElasticsearchWould(t *testing.T) {
	for name, value := range map[string]string{
		"NUL in a nested name": `{"a":[{"b\u0000":1}]}`,
		"no object":            `"text"`,
		"list of texts":        `["a"]`,
	} {
		ev := parsed(t, base+`"requestParameters":`+value+`}`)
		if strings.Contains(string(ev.Vendor), `"flattened":`) || !ev.KeepOriginal {
			t.Errorf("%s: got a flattened copy, want the original kept instead", name)
		}
	}
	if ev := parsed(t, base+`"requestParameters":{"a":"b\u0000"}}`); !strings.Contains(string(ev.Vendor), `"flattened":`) {
		t.Error("got no flattened copy of a NUL in a value, want one")
	}
}

// TestLongListsTakeLinearTime: a list that fills a record must not hold up the others.
func TestLongListsTakeLinearTime(t *testing.T) {
	const n = 30000
	var items, resources []string
	for i := range n {
		items = append(items, fmt.Sprintf(`{"groupId":"sg-%d"}`, i))
		resources = append(resources, fmt.Sprintf(`{"ARN":"%d"}`, i))
	}
	start := time.Now()
	ev := parsed(t, base+`"responseElements":{"groupSet":{"items":[`+strings.Join(items, ",")+`]}}}`)
	if got := len(ev.Related.Entity); got != n {
		t.Errorf("got %d related entities, want %d", got, n)
	}
	ev = parsed(t, base+`"resources":[`+strings.Join(resources, ",")+`]}`)
	if got := strings.Count(string(ev.Vendor), `"arn"`); got != n {
		t.Errorf("got %d resources, want %d", got, n)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestCompareUTF16(t *testing.T) {
	same := strings.Repeat("a", stride+3)
	want := []string{"", "1", "A", "_", "a", same, same + "b", "é", "\u20ac", "\U0001F600", "\ue000", "\uffee"}
	got := slices.Clone(want)
	slices.Reverse(got)
	if sorted(got); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
