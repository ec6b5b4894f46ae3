package ecs

// ParseError says which member of a record keeps it from being an event. It never holds the member's value.
type ParseError struct {
	Dataset string
	Field   string
	Problem string
}

func (e *ParseError) Error() string { return e.Dataset + ": " + e.Field + ": " + e.Problem }

// Missing is the error for a member that an event cannot do without.
func Missing(dataset, field string) error { return &ParseError{dataset, field, "is missing"} }

// Malformed is the error for a member that is there and cannot be read.
func Malformed(dataset, field string) error { return &ParseError{dataset, field, "cannot be read"} }
