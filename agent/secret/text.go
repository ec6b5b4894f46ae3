// Package secret reads what must not be shown from files that their owner alone can read, and again when they change.
package secret

import (
	"fmt"
	"log/slog"
)

// Text is text that no log, error or document can show by accident. It stands behind a pointer because fmt prints the
// fields of other people's structs without asking for their methods.
type Text struct{ text *string }

const redacted = "[secret]"

// New hides a text.
func New(text string) Text { return Text{&text} }

// String implements fmt.Stringer.
func (Text) String() string { return redacted }

// Format implements fmt.Formatter, for all verbs.
func (Text) Format(f fmt.State, _ rune) { f.Write([]byte(redacted)) }

// LogValue implements slog.LogValuer.
func (Text) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON implements json.Marshaler.
func (Text) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalText implements encoding.TextMarshaler.
func (Text) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Reveal returns the text itself. It is for the one place that sends or compares it.
func (t Text) Reveal() string {
	if t.text == nil {
		return ""
	}
	return *t.text
}
