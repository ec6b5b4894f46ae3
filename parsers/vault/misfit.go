package vault

import (
	"strconv"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// field is what Elasticsearch takes a member for.
type field uint8

const (
	unmapped field = iota
	object         // an object or flattened: anything else would refuse the document
	keyword        // a keyword: an object would refuse it
	address        // texts of these must fit
	long
	date
	boolean
)

// fieldOf tells what Elastic's mapping takes a member of this name for; names mean the same wherever they stand.
func fieldOf(key string) field {
	switch key {
	case "auth", "request", "response", "secret", "wrap_info", "namespace", "data", "headers", "metadata", "policy_results",
		"external_namespace_policies", "granting_policies", "mfa_requirement":
		return object
	case "type", "error", "accessor", "client_token", "display_name", "entity_id", "identity_policies", "policies", "token_policies",
		"token_type", "client_certificate_serial_number", "client_id", "client_token_accessor", "id", "mount_accessor", "mount_class",
		"mount_point", "mount_running_version", "mount_running_plugin_version", "mount_type", "operation", "replication_cluster",
		"path", "redirect", "warnings", "name", "namespace_id", "creation_path", "token", "wrapped_accessor":
		return keyword
	case "remote_address":
		return address
	case "remote_port", "wrap_ttl", "token_ttl", "remaining_uses", "num_uses", "ttl":
		return long
	case "token_issue_time", "creation_time":
		return date
	case "no_default_policy", "allowed", "entity_created", "policy_override":
		return boolean
	}
	return unmapped
}

// fits reports whether a scalar's text is one that the field takes.
func (f field) fits(text string) bool {
	switch f {
	case object:
		return false
	case address:
		return ecs.IsIP(text)
	case long:
		return isLong(text)
	case date:
		return isTime(text)
	case boolean:
		return isBool(text)
	}
	return true
}

// misfitsOf lists the members that Elasticsearch would refuse the document for, in text order.
// What Vault writes has none: this is for what others write in its name.
func misfitsOf(root record.Value) []record.Value { return misfitsIn(nil, root, 0) }

func misfitsIn(found []record.Value, parent record.Value, depth int) []record.Value {
	for m := parent.First(); m.Found(); m = m.NextIn(parent) {
		if !m.Exists() {
			continue
		}
		key := m.Key()
		f := fieldOf(key)
		switch {
		case !m.IsContainer():
			if f != unmapped && f != keyword && !f.fits(m.Scalar()) {
				found = append(found, m)
			}
		case f == keyword && holdsObject(m), f == object && holdsScalar(m), f > keyword:
			found = append(found, m)
		case depth < 3 && !flattened(key):
			found = misfitsIn(found, m, depth+1)
		}
	}
	return found
}

// flattened members take any object as it is.
func flattened(key string) bool {
	return key == "data" || key == "headers" || key == "metadata" || key == "external_namespace_policies"
}

func holdsObject(v record.Value) bool {
	if v.Kind() == record.Object {
		return true
	}
	for m := v.First(); m.Kind() != record.Absent; m = m.NextIn(v) {
		if m.IsContainer() && holdsObject(m) {
			return true
		}
	}
	return false
}

func holdsScalar(v record.Value) bool {
	for m := v.First(); v.Kind() == record.Array && m.Kind() != record.Absent; m = m.NextIn(v) {
		if m.Kind() != record.Object && m.Exists() {
			return true
		}
	}
	return false
}

func isLong(s string) bool {
	_, err := strconv.ParseFloat(s, 64) // Elasticsearch cuts decimals off
	return err == nil && len(s) < 19
}

func isTime(s string) bool { _, ok := ecs.ParseTime(s); return ok }

func isBool(s string) bool { return s == "true" || s == "false" }
