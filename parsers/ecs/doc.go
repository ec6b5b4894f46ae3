package ecs

import "errors"

// Doc is one document on its way out.
type Doc struct {
	Stream string // data stream, such as "logs-okta.system-default"
	ID     string // _id, made of letters, digits, '-' and '_' only
	Body   []byte // one JSON object on one line, without the newline
}

// Refused names a document that an output will never take.
type Refused struct {
	Index  int    // position among the documents sent
	Status int    // HTTP status, 0 where there is none
	Type   string // the error's type, such as "document_parsing_exception", never its text, which quotes values
}

// ErrFull says that records cannot be taken now. The sender keeps them and tries again.
var ErrFull = errors.New("no room for more records")
