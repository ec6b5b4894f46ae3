package elastic

import "net/http"

// verdict is what an answer means for a document.
type verdict uint8

const (
	done verdict = iota
	duplicate
	again
	dead
	lost // taken, and put where nobody looks
)

// passing are errors with a status of 400 that are about the cluster and not about the document.
var passing = map[string]bool{
	"index_closed_exception": true,
	"validation_exception":   true, // a new data stream would exceed the cluster's number of shards
}

// judge decides about a document that was not simply created.
func judge(it *item) verdict {
	switch {
	case it.stored:
		return lost
	case it.status/100 == 2:
		return done
	case it.status == http.StatusConflict:
		return duplicate // it is there already: ids are functions of the records
	case it.status < 400 || it.status >= 500 || it.status == http.StatusTooManyRequests || passing[it.kind]:
		return again
	case it.status == http.StatusUnauthorized || it.status == http.StatusForbidden:
		return again // a block of the index, or a right that the key lacks: somebody will mend it
	case it.status == http.StatusNotFound:
		return again // the index is missing
	}
	return dead
}

// remedies say what to do about documents that are not taken for now, by the error's type.
var remedies = map[string]string{
	"security_exception":        "give the key the rights create_doc and auto_configure on this index",
	"cluster_block_exception":   "free disk space in the cluster, or remove the block of the index",
	"index_closed_exception":    "open the index",
	"index_not_found_exception": "run idwatch setup elasticsearch",
	"validation_exception":      "let the cluster have more shards",
}
