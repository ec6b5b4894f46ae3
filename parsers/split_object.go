package parsers

import "bytes"

// walk is the way through one object of a stream.
type walk struct {
	s       *splitter
	prev    byte   // the last byte that was no white space and in no string; '"' stands for a string
	key     []byte // the last key at depth 1 or 2, when short
	inData  bool   // inside the member "data" of depth 1
	records bool   // a list of records was found: the object is an envelope
}

// object reads the object at the current position and emits it, or its records when it is an envelope.
func (s *splitter) object() error {
	s.open = s.open[:0]
	w := walk{s: s}
	for {
		c, ok := s.next()
		if !ok {
			return w.cut()
		}
		if w.breaks(c) {
			return w.resume()
		}
		if err := w.step(c); err != nil {
			return err
		}
		if len(s.open) == 0 {
			break
		}
	}
	if w.records {
		s.start = -1
		return nil
	}
	return s.give()
}

// breaks reports whether c cannot stand here, so that a new record begins or the text is no JSON.
func (w *walk) breaks(c byte) bool {
	depth := len(w.s.open)
	if c != '{' && c != '[' || depth == 0 {
		return depth > splitDepth
	}
	if c == '{' && w.s.at > 0 && w.s.buf[w.s.at-1] == '\n' {
		return true // no printer puts an inner object at a line's beginning, but the record after a cut one stands there
	}
	if w.s.open[depth-1] == '{' {
		return w.prev != ':'
	}
	return w.prev != '[' && w.prev != ','
}

// step takes one token.
func (w *walk) step(c byte) error {
	s := w.s
	switch c {
	case '"':
		return w.str()
	case '{', '[':
		if w.isRecords(c) {
			s.at++
			return w.elements()
		}
		w.inData = w.inData || len(s.open) == 1 && string(w.key) == "data"
		s.open = append(s.open, c)
	case '}', ']':
		s.open = s.open[:max(len(s.open)-1, 0)]
		w.inData = w.inData && len(s.open) > 1
	}
	w.prev = c
	s.at++
	return nil
}

// isRecords reports whether the bracket c opens a list of records.
func (w *walk) isRecords(c byte) bool {
	depth := len(w.s.open)
	return c == '[' && w.prev == ':' &&
		(depth == 1 && isListName(string(w.key)) || depth == 2 && w.inData && string(w.key) == "events")
}

// str passes over a string and remembers a short key.
func (w *walk) str() error {
	s := w.s
	isKey := len(s.open) <= 2 && (w.prev == '{' || w.prev == ',')
	if isKey {
		w.key = w.key[:0]
	}
	s.at++
	for escaped := false; ; s.at++ {
		if s.at >= len(s.buf) && !s.fill() {
			return nil // the walk ends with the stream
		}
		c := s.buf[s.at]
		switch {
		case c == '\n':
			w.prev, w.key = 0, w.key[:0] // no string goes over a line's end: the next bracket begins anew
			return nil
		case escaped:
			escaped = false
		case c == '\\':
			escaped = true
		case c == '"':
			s.at++
			w.prev = '"'
			return nil
		}
		if isKey && len(w.key) < 16 {
			w.key = append(w.key, c)
		}
	}
}

// elements emits the records of an envelope up to its closing bracket, and forgets the envelope itself.
func (w *walk) elements() error {
	s := w.s
	s.start, w.records = -1, true
	outer := bytes.Clone(s.open)
	for {
		c, ok := s.next()
		switch {
		case !ok:
			return w.cut()
		case c == ']':
			s.at++
			s.open, w.prev = append(s.open[:0], outer...), ']'
			return nil
		case c == ',':
			s.at++
		default:
			if err := s.element(c); err != nil {
				return err
			}
		}
	}
}

// element reads and emits one element of a list.
func (s *splitter) element(c byte) error {
	s.start = s.at
	if c == '{' {
		return s.object()
	}
	w := walk{s: s}
	s.open = append(s.open[:0], '[')
	for {
		c, ok := s.next()
		if !ok || len(s.open) == 0 || len(s.open) == 1 && (c == ',' || c == ']') {
			return s.give()
		}
		if err := w.step(c); err != nil {
			return err
		}
	}
}

// cut ends a walk at the end of the stream.
func (w *walk) cut() error {
	s := w.s
	if s.start >= 0 {
		if err := s.give(); err != nil {
			return err
		}
	}
	if err := s.end(); err != nil {
		return err
	}
	if w.records {
		return ErrCutStream
	}
	return nil
}

// resume gives up a broken object: what stands before the current line is emitted as it is, and reading goes on with that line.
func (w *walk) resume() error {
	s := w.s
	if s.start < 0 {
		w.records = false
		s.at++ // inside what is left of an envelope
		s.open = s.open[:0]
		return nil
	}
	if n := bytes.LastIndexByte(s.buf[s.start:s.at], '\n'); n > 0 {
		s.at = s.start + n
		return s.give()
	}
	return s.line()
}
