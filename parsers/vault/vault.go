// Package vault parses entries of the audit log of HashiCorp Vault and OpenBao.
package vault

import (
	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// Dataset is event.dataset, named as Elastic's hashicorp_vault integration names it.
const Dataset = "hashicorp_vault.audit"

// authentication is the category that Elastic gives every entry, also a secret read.
var authentication = []string{"authentication"}

// types are event.type by request.operation; other operations have none.
var types = map[string][]string{
	"delete": {"info", "end"},
	"update": {"info"},
	"read":   {"info", "start"},
	"list":   {"info", "start"},
	"create": {"info", "start"},
}

var info = []string{"info"}

// Parse makes an event of one audit entry: https://developer.hashicorp.com/vault/docs/audit
// The entry travels as it is, nulls and empty members included; a few members are copied to ECS fields.
func Parse(ev *ecs.Event) error {
	root := ev.Record.Root()
	at := root.Get("time")
	if !at.Exists() {
		return ecs.Missing(Dataset, "time")
	}
	when, ok := ecs.ParseTime(at.Str())
	if !ok {
		return ecs.Malformed(Dataset, "time")
	}
	ev.Dataset, ev.Module, ev.ECSVersion = Dataset, "hashicorp_vault", "8.16.0"
	ev.Time, ev.Kind, ev.Category = when, "event", authentication
	request := root.Get("request")
	outcome(ev, root.Get("error"))
	what(ev, request, root.Get("type").Str())
	from(ev, request)
	whom(ev, root.Get("auth"))
	vendor(ev, root)
	link(ev, root)
	ev.Identity = identityOf(root, &ev.Link)
	if ev.Identity.IsMachine() {
		ev.Service.Name = ev.Identity.ID
		ev.Entities.Service = append(ev.Entities.Service, ev.Identity.ID)
	}
	ev.Activity = activity(request.Get("operation").Str(), request.Get("path").Str(), request.Get("mount_type").Str())
	return nil
}

// outcome: an error that is there is a failure, also an empty one.
func outcome(ev *ecs.Event, failure record.Value) {
	ev.Outcome = "success"
	if failure.Exists() {
		ev.Outcome = "failure"
	}
	if failure.Kind() == record.String {
		ev.Message, ev.HasMessage = failure.Str(), true
	}
}

func what(ev *ecs.Event, request record.Value, entry string) {
	operation := request.Get("operation")
	if !operation.Exists() {
		fail(ev, "request.operation is missing")
	}
	ev.Action = operation.Scalar()
	ev.Type = types[ev.Action]
	if ev.Type == nil && ev.Outcome == "failure" {
		ev.Type = info
	}
	ev.ID = request.Get("id").Scalar()
	if ev.ID != "" {
		ev.NativeID = ev.ID + "/" + entry // a request and its response share the id
	}
}

// fail notes what Elastic's pipeline could not map either.
func fail(ev *ecs.Event, problem string) {
	ev.Kind = "pipeline_error"
	ev.Errors = append(ev.Errors, problem)
	ev.KeepOriginal = true
}

func from(ev *ecs.Event, request record.Value) {
	address := request.Get("remote_address")
	if address.Exists() {
		if ev.Source.SetIP(address.Str()) {
			ev.Source.Locate = true
			ev.Related.IP = append(ev.Related.IP, ev.Source.IP)
		} else {
			fail(ev, "request.remote_address is no address")
		}
	}
	if port, ok := request.Get("remote_port").Int(); ok {
		ev.Source.Port = port
	}
}

func whom(ev *ecs.Event, auth record.Value) {
	metadata := auth.Get("metadata")
	ev.User.Email = metadata.Get("email").Scalar()
	ev.User.ID = metadata.Get("account_id").Scalar()
}

// vendor renders hashicorp_vault.audit, and nomad where all of its four names are known.
func vendor(ev *ecs.Event, root record.Value) {
	w := ecs.Writer{B: ev.Vendor}
	outer := w.Open("hashicorp_vault")
	audit := w.Open("audit")
	misfits := misfitsOf(root)
	for m := root.First(); m.Kind() != record.Absent; m = m.NextIn(root) {
		if string(m.RawKey()) == "time" {
			continue
		}
		w.B = append(append(append(w.B, '"'), m.RawKey()...), '"', ':')
		w.B = append(m.AppendReplaced(w.B, misfits), ',')
	}
	w.Close(audit)
	w.Close(outer)
	nomad(&w, root.Path("auth", "metadata"))
	ev.Vendor = w.B
	ev.KeepOriginal = ev.KeepOriginal || len(misfits) > 0
}

func nomad(w *ecs.Writer, metadata record.Value) {
	allocation, namespace := metadata.Get("AllocationID"), metadata.Get("Namespace")
	node, task := metadata.Get("NodeID"), metadata.Get("Task")
	if !allocation.Exists() || !namespace.Exists() || !node.Exists() || !task.Exists() {
		return
	}
	w.B = append(w.B, `"nomad":{"allocation":{"id":`...)
	w.B = record.AppendString(w.B, allocation.Scalar())
	w.B = append(w.B, `},"namespace":`...)
	w.B = record.AppendString(w.B, namespace.Scalar())
	w.B = append(w.B, `,"node":{"id":`...)
	w.B = record.AppendString(w.B, node.Scalar())
	w.B = append(w.B, `},"task":{"name":`...)
	w.B = record.AppendString(w.B, task.Scalar())
	w.B = append(w.B, `}},`...)
}
