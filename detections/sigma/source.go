package sigma

import (
	"slices"
	"strings"
)

// stream is a data stream whose records rules read.
type stream struct {
	dataset  string
	product  string // as log sources call it
	services []string
	roots    []string // top-level members of the vendor's records, and below which of them everything is possible (".*")
}

// streams are all data streams with what Sigma calls them. Vault's is our own: Sigma has no name for it.
var streams = []stream{
	{"okta.system", "okta", []string{"okta"}, oktaMembers},
	{"azure.signinlogs", "azure", []string{"signinlogs"}, signInMembers},
	{"azure.auditlogs", "azure", []string{"auditlogs", "pim"}, auditMembers},
	{"azure.identity_protection", "azure", []string{"riskdetection"}, riskMembers},
	{"azure.activitylogs", "azure", []string{"activitylogs"}, activityMembers},
	{"azure.graphactivitylogs", "azure", []string{"graphactivitylogs", "microsoftgraphactivitylogs"}, graphMembers},
	{"aws.cloudtrail", "aws", []string{"cloudtrail"}, cloudtrailMembers},
	{"hashicorp_vault.audit", "hashicorp", []string{"vault.audit"}, vaultMembers},
	{ecsDocuments, "ecs", nil, nil},
}

// ecsDocuments is the stream of all records that are ECS documents already, whatever their dataset.
const ecsDocuments = "ecs"

// view is how a rule looks at the records of a stream.
type view struct {
	stream  *stream
	service string // as the rule calls it, or the stream's own
	ecs     bool   // names are those of ECS first, then the vendor's
	azure   bool
	dataset string // of documents that are ECS already: the only one that the rule reads; "" is any
}

// viewsOf lists the streams that a log source means.
func viewsOf(s LogSource) ([]view, *lineError) {
	if s.Category != "" {
		return nil, faultAt(s.Line, "logsource: there is no category %s here; name product and service", s.Category)
	}
	ecs := s.Product == "" && s.Service == "" || s.Product == "ecs"
	var all []view
	for i := range streams {
		st := &streams[i]
		v := view{stream: st, ecs: ecs, azure: st.product == "azure"}
		switch {
		case st.dataset == ecsDocuments:
			if !ecs {
				continue
			}
			v.dataset = s.Service
		case ecs && (s.Service == "" || s.Service == st.dataset):
			v.service = st.services[0]
		case ecs || s.Product != "" && s.Product != st.product:
			continue
		case s.Service == "":
			v.service = st.services[0]
		case slices.Contains(st.services, s.Service):
			v.service = s.Service
		default:
			continue
		}
		all = append(all, v)
	}
	if len(all) == 0 {
		return nil, faultAt(s.Line, "logsource: no record of product %q, service %q is read here (%s)", s.Product, s.Service, sources())
	}
	return all, nil
}

// sources lists what rules can be about.
func sources() string {
	var all []string
	for _, s := range streams {
		name := s.product
		if len(s.services) > 0 {
			name += "/" + strings.Join(s.services, "|")
		}
		all = append(all, name)
	}
	return strings.Join(all, ", ")
}

// ecsRoots are the first words of the names that our documents have.
var ecsRoots = []string{
	"@timestamp", "actor", "aws", "azure", "client", "cloud", "data_stream", "ecs", "entity", "error", "event", "file", "geo", "group",
	"hashicorp_vault", "host", "idwatch", "log", "message", "okta", "related", "service", "source", "tags", "target", "tls", "user",
	"user_agent",
}

// isECS reports whether a name can be one of ECS.
func isECS(name string) bool {
	root, _, nested := strings.Cut(name, ".")
	return slices.Contains(ecsRoots, root) && (nested || root == "@timestamp" || root == "message" || root == "tags")
}

// has reports whether the stream's records can have a field, in any case.
func (s *stream) has(name string) bool {
	name = fold(name)
	return slices.ContainsFunc(s.roots, func(member string) bool {
		member = fold(member)
		below, open := strings.CutSuffix(member, ".*")
		return name == below || open && strings.HasPrefix(name, below+".")
	})
}

// owns reports whether the first word of a name is a member of the vendor's records.
func (s *stream) owns(name string) bool {
	root, _, _ := strings.Cut(fold(name), ".")
	return slices.ContainsFunc(s.roots, func(member string) bool {
		first, _, _ := strings.Cut(fold(member), ".")
		return first == root
	})
}
