package elastic

import (
	"bytes"
	"slices"
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Datasets are the data streams that documents go to, "logs-<dataset>-<namespace>". Nothing is sent to any other.
var Datasets = []string{
	"okta.system",
	"azure.signinlogs",
	"azure.auditlogs",
	"aws.cloudtrail",
	"hashicorp_vault.audit",
	"azure.identity_protection",
	"azure.graphactivitylogs",
	"azure.activitylogs",
	"idwatch.alert",
	"idwatch.signal",
	"idwatch.deadletter",
	"idwatch.audit",
}

const (
	maxNamespace = 100 // Elasticsearch's limits, in bytes
	maxID        = 512
)

// faultOf says why a document cannot be sent, "" when it can. One that slips through would fail its whole request.
func faultOf(doc *ecs.Doc, stream string) string {
	switch {
	case doc.Stream != stream && !isStream(doc.Stream):
		return "invalid_stream_name"
	case !isID(doc.ID):
		return "invalid_id"
	case len(doc.Body) < 2 || doc.Body[0] != '{' || bytes.IndexByte(doc.Body, '\n') >= 0:
		return "invalid_document"
	}
	return ""
}

// isStream lets through the streams of the list, in any namespace.
func isStream(name string) bool {
	rest, ok := strings.CutPrefix(name, "logs-")
	if !ok {
		return false
	}
	dataset, namespace, ok := strings.Cut(rest, "-")
	return ok && slices.Contains(Datasets, dataset) && isNamespace(namespace)
}

func isNamespace(name string) bool {
	if name == "" || len(name) > maxNamespace {
		return false
	}
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

func isID(id string) bool {
	if id == "" || len(id) > maxID {
		return false
	}
	for i := range len(id) {
		if !idBytes[id[i]] {
			return false
		}
	}
	return true
}

var idBytes = func() (ok [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") {
		ok[c] = true
	}
	return ok
}()
