package chunk

import (
	"errors"

	"github.com/tinylib/msgp/msgp"
)

// ErrNotMsgp says that bytes are not MessagePack.
var ErrNotMsgp = errors.New("bytes are not MessagePack")

// Scanner finds where a MessagePack value ends whose bytes come piece by piece. It looks at no byte twice, and neither depth nor
// announced sizes cost it anything.
type Scanner struct {
	at   int    // how far it has looked
	open uint64 // values that are still to come, the value itself among them
}

// End returns how long the value at the start of b is, or 0 when it goes on behind b. b has to begin with what it was the last time.
func (s *Scanner) End(b []byte) (int, error) {
	if s.at == 0 {
		s.open = 1
	}
	for s.open > 0 {
		rest, inner, err := skipOne(b[s.at:])
		switch {
		case len(b) == s.at || errors.Is(err, msgp.ErrShortBytes):
			return 0, nil
		case err != nil:
			return 0, ErrNotMsgp
		}
		s.at = len(b) - len(rest)
		s.open += inner - 1
	}
	return s.at, nil
}
