package vault

import (
	"strconv"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// objects are members that Elasticsearch maps as objects or flattened: anything else there would refuse the document.
var objects = map[string]bool{
	"auth": true, "request": true, "response": true, "secret": true, "wrap_info": true, "namespace": true,
	"data": true, "headers": true, "metadata": true, "policy_results": true, "external_namespace_policies": true,
	"granting_policies": true, "mfa_requirement": true,
}

// keywords are members that Elasticsearch maps as keywords: an object there would refuse the document.
var keywords = map[string]bool{
	"type": true, "error": true, "accessor": true, "client_token": true, "display_name": true, "entity_id": true,
	"identity_policies": true, "policies": true, "token_policies": true, "token_type": true,
	"client_certificate_serial_number": true, "client_id": true, "client_token_accessor": true, "id": true,
	"mount_accessor": true, "mount_class": true, "mount_point": true, "mount_running_version": true,
	"mount_running_plugin_version": true, "mount_type": true, "operation": true, "replication_cluster": true,
	"path": true, "redirect": true, "warnings": true, "name": true, "namespace_id": true,
	"creation_path": true, "token": true, "wrapped_accessor": true,
}

// scalars are members whose text must fit a type.
var scalars = map[string]func(string) bool{
	"remote_address":    ecs.IsIP,
	"remote_port":       isLong,
	"wrap_ttl":          isLong,
	"token_ttl":         isLong,
	"remaining_uses":    isLong,
	"num_uses":          isLong,
	"ttl":               isLong,
	"token_issue_time":  isTime,
	"creation_time":     isTime,
	"no_default_policy": isBool,
	"allowed":           isBool,
	"entity_created":    isBool,
	"policy_override":   isBool,
}

// misfitsOf lists the members that Elasticsearch would refuse the document for, in text order.
// What Vault writes has none: this is for what others write in its name.
func misfitsOf(root record.Value) []record.Value { return misfitsIn(nil, root, 0) }

func misfitsIn(found []record.Value, parent record.Value, depth int) []record.Value {
	for m := parent.First(); m.Kind() != record.Absent; m = m.NextIn(parent) {
		key := m.Key()
		switch {
		case !m.Exists() || key == "time" && depth == 0:
		case m.IsContainer():
			if keywords[key] && holdsObject(m) || objects[key] && holdsScalar(m) || scalars[key] != nil {
				found = append(found, m)
			} else if depth < 3 && !flattened(key) {
				found = misfitsIn(found, m, depth+1)
			}
		case objects[key]:
			found = append(found, m)
		default:
			if fits := scalars[key]; fits != nil && !fits(m.Scalar()) {
				found = append(found, m)
			}
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
