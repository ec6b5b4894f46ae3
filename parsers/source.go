// Package parsers turns audit records of four vendors, and documents that are ECS already, into ECS events.
package parsers

import (
	"fmt"

	"github.com/idwatch/idwatch/parsers/cloudtrail"
	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/ecsdoc"
	"github.com/idwatch/idwatch/parsers/entra"
	"github.com/idwatch/idwatch/parsers/okta"
	"github.com/idwatch/idwatch/parsers/record"
	"github.com/idwatch/idwatch/parsers/vault"
)

// Source is one vendor's kind of records.
type Source struct {
	Name  string
	shape func(record.Value) bool
	parse func(*ecs.Event) error
}

// Sources are the kinds of records that are read. Where the source is not told, the first whose shape fits is taken. ECS comes
// last: shippers put @timestamp and more beside a vendor's own members, and the record stays the vendor's.
var Sources = []Source{
	{"cloudtrail", looksLikeCloudTrail, cloudtrail.Parse},
	{"okta", looksLikeOkta, okta.Parse},
	{"entra", looksLikeEntra, entra.Parse},
	{"vault", looksLikeVault, vault.Parse},
	{"ecs", looksLikeECS, ecsdoc.Parse},
}

// ECSDelivered is the source of inputs whose ECS documents go out, which no shape tells.
const ECSDelivered = "ecs-delivered"

var ecsDelivered = Source{ECSDelivered, nil, ecsdoc.ParseDelivered}

// Auto is the name that leaves it to each record's shape which source it is from.
const Auto = "auto"

// SourceNames lists what Named takes.
func SourceNames() []string {
	names := []string{Auto}
	for _, s := range Sources {
		names = append(names, s.Name)
	}
	return names
}

// named finds a source by name, nil for Auto and the empty name.
func named(name string) (*Source, error) {
	if name == "" || name == Auto {
		return nil, nil
	}
	if name == ECSDelivered {
		return &ecsDelivered, nil
	}
	for i := range Sources {
		if Sources[i].Name == name {
			return &Sources[i], nil
		}
	}
	return nil, fmt.Errorf("unknown source %q: one of %v", name, SourceNames())
}

// sourceOf tells a record's source by its shape. The order is always the same, so that what a record is does not depend
// on the records before it.
func sourceOf(root record.Value) *Source {
	for i := range Sources {
		if Sources[i].shape(root) {
			return &Sources[i]
		}
	}
	return nil
}

func looksLikeCloudTrail(r record.Value) bool {
	if r.Get("eventVersion").Exists() {
		return r.Get("eventSource").Exists() || r.Get("insightDetails").Exists() || r.Get("eventName").Exists()
	}
	return r.Get("eventName").Exists() && r.Get("eventSource").Exists() ||
		r.Get("awsAccountId").Exists() && r.Get("digestS3Object").Exists()
}

func looksLikeOkta(r record.Value) bool {
	return r.Get("eventType").Exists() && r.Get("published").Exists()
}

func looksLikeVault(r record.Value) bool {
	return r.Get("type").Exists() && r.Get("time").Exists() &&
		(r.Get("request").Exists() || r.Get("auth").Exists() || r.Get("response").Exists())
}

// looksLikeEntra: a diagnostic record has a category, and what Microsoft Graph exports has none.
func looksLikeEntra(r record.Value) bool {
	if hasAny(r, "category", "Category", "CategoryValue") {
		return hasAny(r, "operationName", "OperationName", "properties", "time", "TimeGenerated", "CreatedDateTime", "createdDateTime")
	}
	return r.Get("createdDateTime").Exists() && r.Get("appId").Exists() && r.Get("status").Exists() ||
		r.Get("activityDisplayName").Exists() && r.Get("initiatedBy").Exists()
}

// looksLikeECS: a time, and a field that nothing but ECS calls so. Dots may stand in names.
func looksLikeECS(r record.Value) bool {
	if !r.Get("@timestamp").Exists() {
		return false
	}
	for _, field := range []string{"ecs.version", "event.kind", "event.category", "event.action", "event.dataset", "data_stream.dataset", "kibana.alert.uuid"} {
		if r.Lookup(field).Exists() {
			return true
		}
	}
	return false
}

func hasAny(r record.Value, names ...string) bool {
	for _, name := range names {
		if r.Get(name).Exists() {
			return true
		}
	}
	return false
}
