package context

// kind is what a node of the file is.
type kind byte

const (
	nothing kind = iota
	text
	number
	boolean
	list
	mapping
	refused // anchors, aliases, tags
)

// node is a value of the file, whether it is written in YAML or JSON.
type node struct {
	line  int
	kind  kind
	text  string // of scalars
	items []*node
	pairs []pair
}

// pair is a key with its value.
type pair struct {
	key   string
	line  int
	value *node
}

// what says what a node is, in the words of an error.
func (n *node) what() string {
	switch n.kind {
	case text:
		return "text"
	case number:
		return "a number"
	case boolean:
		return "true or false"
	case list:
		return "a list"
	case mapping:
		return "a mapping"
	case refused:
		return "a YAML anchor, alias or tag, which are not supported here"
	}
	return "nothing"
}

// maxDepth is how deep the file may nest; what means anything nests 4 deep.
const maxDepth = 16
