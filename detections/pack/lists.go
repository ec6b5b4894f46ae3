package pack

// Most bounds lists that have no bound of their own.
const Most = 1 << 28

// List is a list of at most so many. An empty one is read as nil. It grows with what is really there, whatever it claims to have.
func List[T any](c *Coder, v *[]T, most int, each func(*Coder, *T)) {
	n := c.Len(len(*v), most)
	if !c.Reading() {
		for i := range n {
			each(c, &(*v)[i])
		}
		return
	}
	*v = nil
	if n == 0 {
		return
	}
	*v = make([]T, 0, min(n, 64))
	for range n {
		var one T
		each(c, &one)
		if c.err != nil {
			return
		}
		*v = append(*v, one)
	}
}

// Map is a map, in no order.
func Map[K comparable, V any](c *Coder, v map[K]V, key func(*Coder, *K), value func(*Coder, *V)) {
	n := c.Len(len(v), Most)
	if !c.Reading() {
		for k, one := range v {
			key(c, &k)
			value(c, &one)
		}
		return
	}
	for range n {
		var k K
		var one V
		key(c, &k)
		value(c, &one)
		if c.err != nil {
			return
		}
		v[k] = one
	}
}

// table numbers what is pointed at from several places.
type table[T any] struct {
	numbers map[*T]uint64
	all     []*T
}

// tableOf is the key of a type's table.
type tableOf[T any] struct{}

// Shared is what is pointed at from several places: it is written once, and afterwards by its number. Nil stays nil.
func Shared[T any](c *Coder, v **T, each func(*Coder, *T)) {
	t, _ := c.tables[tableOf[T]{}].(*table[T])
	if t == nil {
		t = &table[T]{}
		if !c.Reading() {
			t.numbers = map[*T]uint64{}
		}
		if c.tables == nil {
			c.tables = map[any]any{}
		}
		c.tables[tableOf[T]{}] = t
	}
	var n uint64 // 0 nil, 1 a new one, others by number
	if !c.Reading() && *v != nil {
		have, known := t.numbers[*v]
		if n = 1; known {
			n = have
		} else {
			t.numbers[*v] = uint64(len(t.numbers)) + 2
		}
	}
	c.Uint(&n)
	if n == 1 {
		if c.Reading() {
			*v = new(T)
			t.all = append(t.all, *v)
		}
		each(c, *v)
		return
	}
	if !c.Reading() {
		return
	}
	switch {
	case n == 0:
		*v = nil
	case n-2 < uint64(len(t.all)):
		*v = t.all[n-2]
	default:
		c.Damaged()
	}
}
