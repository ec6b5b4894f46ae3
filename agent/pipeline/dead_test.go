package pipeline

import (
	"context"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// A document that the output refuses is buried as it was and told of in a dead letter.
func TestRefusedDocumentBecomesADeadLetter(t *testing.T) {
	out := &fakeOutput{answer: refuseIf(func(d ecs.Doc) bool { return strings.Contains(string(d.Body), `"r-1"`) })}
	yard := &grave{}
	out.answer = exceptLetters(out.answer)
	p, feed := start(t, Settings{Output: out, Dead: yard})
	put(t, feed, entries(0, 3), nil)
	finish(t, p)
	checkBalance(t, p, Balance{In: 3, Delivered: 2, Dead: 1})
	if yard.synced != 1 {
		t.Error("answered before the dead letter was on disk for good")
	}
	const reason = "document refused by the output: document_parsing_exception"
	if len(yard.texts) != 1 || gjson.Get(yard.texts[0], "event.id").Str != "r-1" || yard.reasons[0] != reason {
		t.Fatalf("buried: got %q for %q, want the document of r-1", yard.texts, yard.reasons)
	}
	sent := out.sent(letters)
	if len(sent) != 1 || gjson.GetBytes(sent[0].Body, "event.original").Str != yard.texts[0] || gjson.GetBytes(sent[0].Body, "error.message.0").Str != reason {
		t.Errorf("dead letters: got %s", sent)
	}
}

// exceptLetters lets dead letters through.
func exceptLetters(answer func(context.Context, []ecs.Doc) ([]ecs.Refused, error)) func(context.Context, []ecs.Doc) ([]ecs.Refused, error) {
	return func(ctx context.Context, docs []ecs.Doc) ([]ecs.Refused, error) {
		if docs[0].Stream == letters {
			return nil, nil
		}
		return answer(ctx, docs)
	}
}

func TestUnreadableTexts(t *testing.T) {
	long := strings.Repeat("no JSON.", 10_000)
	texts := []string{long, `{"a":`, `{"unknown":"shape"}`, "\xff\xfe", `{"type":"request","time":"yesterday","request":{}}`}
	out, yard := &fakeOutput{}, &grave{}
	p, feed := start(t, Settings{Output: out, Dead: yard})
	batch := [][]byte{entry(0)}
	for _, text := range texts {
		batch = append(batch, []byte(text))
	}
	put(t, feed, batch, nil)
	finish(t, p)
	checkBalance(t, p, Balance{In: 6, Delivered: 1, Dead: 5})
	if len(yard.texts) != len(texts) || len(out.sent(letters)) != len(texts) || len(out.numbers()) != 1 {
		t.Fatalf("got %d buried, %d letters, %d events", len(yard.texts), len(out.sent(letters)), len(out.numbers()))
	}
	for i, text := range texts {
		if yard.texts[i] != text {
			t.Errorf("text %d: buried %d bytes, want all %d", i, len(yard.texts[i]), len(text))
		}
		body := out.sent(letters)[i].Body
		if got := gjson.GetBytes(body, "error.message.0").Str; got == "" || got != yard.reasons[i] {
			t.Errorf("text %d: the letter says %q, the grave %q", i, got, yard.reasons[i])
		}
		if got := gjson.GetBytes(body, "idwatch.deadletter.bytes").Int(); got != int64(len(text)) {
			t.Errorf("text %d: the letter speaks of %d bytes, want %d", i, got, len(text))
		}
	}
}

// A dead letter that is refused itself stays on disk: there is no letter about a letter.
func TestRefusedDeadLetter(t *testing.T) {
	out := &fakeOutput{answer: refuseIf(func(ecs.Doc) bool { return true })}
	yard := &grave{}
	p, feed := start(t, Settings{Output: out, Dead: yard})
	put(t, feed, [][]byte{[]byte("no JSON"), entry(0)}, nil)
	finish(t, p)
	checkBalance(t, p, Balance{In: 2, Dead: 2})
	if len(yard.texts) != 2 || len(out.docs) != 0 {
		t.Errorf("got %d buried, %d sent, want the text and the event, once each, on disk alone", len(yard.texts), len(out.docs))
	}
}

func TestFullGraveyard(t *testing.T) {
	out := &fakeOutput{}
	p, feed := start(t, Settings{Output: out, Dead: &grave{full: true}})
	put(t, feed, [][]byte{[]byte("no JSON"), entry(0)}, nil)
	finish(t, p)
	checkBalance(t, p, Balance{In: 2, Delivered: 1, Dead: 1})
	if n := p.Stats().Unburied.Load(); n != 1 || len(out.sent(letters)) != 1 {
		t.Errorf("got %d unburied, %d letters, want 1 and 1", n, len(out.sent(letters)))
	}
}
