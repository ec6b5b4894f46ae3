package record

import "strconv"

// Problem is what is wrong with a record's text.
type Problem string

// The problems a record's text can have.
const (
	TooLarge   Problem = "record is larger than 1 MiB"
	TooDeep    Problem = "record is nested deeper than 64 levels"
	NotObject  Problem = "record is not a JSON object"
	Truncated  Problem = "record ends inside JSON"
	NotJSON    Problem = "record is not JSON"
	BadNumber  Problem = "number is not JSON"
	BadString  Problem = "string holds a raw control character"
	BadEscape  Problem = "string holds an unknown escape"
	AfterValue Problem = "text follows the record"
)

// SyntaxError says what is wrong with a record's text and where, never what the text is.
type SyntaxError struct {
	Problem Problem
	Offset  int
}

func (e *SyntaxError) Error() string {
	return string(e.Problem) + " (at byte " + strconv.Itoa(e.Offset) + ")"
}
