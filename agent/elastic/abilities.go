package elastic

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// abilities is what a cluster can do of what setup would like.
type abilities struct {
	MatchOnlyText   bool // texts that can be searched and take little room
	ConstantKeyword bool // fields that are the same in all documents, stored once
	Flattened       bool // objects whose members are no fields
	Subobjects      bool // names of members that hold dots
	IgnoreBeyond    bool // a document with too many fields is taken without the last ones
	MissingOK       bool // templates that name components which do not exist yet
	ILM             bool // policies for the life of indices
	Lifecycle       bool // the same for data streams
}

// allAbilities are those of a whole Elasticsearch 8.19, assumed where there is no server to ask.
func allAbilities() *abilities {
	return &abilities{true, true, true, true, true, true, true, true}
}

// probe is a template that only a server with an ability takes. Servers are asked to imagine it, which leaves no trace.
type probe struct {
	found    func(*abilities) *bool
	template string // members of a template
	missing  string // what is said when the server refuses it
}

var probes = []probe{
	{func(a *abilities) *bool { return &a.MatchOnlyText }, mapped("match_only_text"), "match_only_text is not there: text is used"},
	{func(a *abilities) *bool { return &a.ConstantKeyword }, mapped("constant_keyword"), "constant_keyword is not there: keyword is used"},
	{func(a *abilities) *bool { return &a.Flattened }, mapped("flattened"), "flattened is not there: such objects are kept and cannot be searched"},
	{func(a *abilities) *bool { return &a.Subobjects },
		`"template":{"mappings":{"properties":{"a":{"type":"object","subobjects":false}}}}`,
		"subobjects: false is not there: Okta's debug data is mapped as it comes"},
	{func(a *abilities) *bool { return &a.IgnoreBeyond },
		`"template":{"settings":{"index.mapping.total_fields.ignore_dynamic_beyond_limit":true}}`,
		"ignore_dynamic_beyond_limit is not there: documents with too many fields are refused"},
	{func(a *abilities) *bool { return &a.MissingOK },
		`"composed_of":["` + customComponent + `"],"ignore_missing_component_templates":["` + customComponent + `"]`,
		"templates cannot name what does not exist yet: " + customComponent + " is left out"},
}

func mapped(kind string) string {
	return `"template":{"mappings":{"properties":{"a":{"type":"` + kind + `"}}}}`
}

// abilities asks the server, and says what is not there.
func (c *cluster) abilities(ctx context.Context, say func(string, ...any)) (*abilities, error) {
	if ok, err := c.imagine(ctx, `"template":{}`); err != nil || !ok {
		return nil, orElse(err, c.settings.problem(misplaced, "it refuses to simulate a template: is it older than 7.9?"))
	}
	a := &abilities{}
	for _, p := range probes {
		ok, err := c.imagine(ctx, p.template)
		if err != nil {
			return nil, err
		}
		if *p.found(a) = ok; !ok {
			say("%s", p.missing)
		}
	}
	return a, c.retention(ctx, a, say)
}

// imagine asks what a template with these members would do, and so whether the server takes it.
func (c *cluster) imagine(ctx context.Context, members string) (bool, error) {
	body := `{"index_patterns":["idwatch-probe-*"],"priority":9876543,"data_stream":{},` + members + `}`
	status, header, text, err := c.call(ctx, http.MethodPost, "/_index_template/_simulate", []byte(body))
	switch {
	case err != nil:
		return false, err
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return false, c.denied(status, header)
	case status == http.StatusTooManyRequests || status >= 500:
		return false, c.settings.explainStatus(status, header, errorType(text))
	}
	return status == http.StatusOK, nil
}

// retention finds out how old documents can be made to go.
func (c *cluster) retention(ctx context.Context, a *abilities, say func(string, ...any)) error {
	status, header, _, err := c.call(ctx, http.MethodGet, "/_ilm/status", nil)
	if err != nil {
		return err
	}
	if status == http.StatusUnauthorized || status == http.StatusForbidden {
		return c.denied(status, header)
	}
	if a.ILM = status == http.StatusOK; a.ILM {
		return nil
	}
	status, _, _, err = c.call(ctx, http.MethodGet, "/_data_stream/idwatch-probe-*/_lifecycle", nil)
	if err != nil {
		return err
	}
	if a.Lifecycle = status == http.StatusOK; a.Lifecycle {
		say("no ILM: the lifecycle of data streams is used")
	} else {
		say("no ILM and no lifecycle of data streams: nothing is ever deleted, watch the disk")
	}
	return nil
}

// denied tells which rights setup needs. They are more than the agent itself should have.
func (c *cluster) denied(status int, header http.Header) error {
	if status == http.StatusUnauthorized {
		return c.settings.explainStatus(status, header, "")
	}
	return c.settings.problem(locked, "%s may not set templates up (403): use those of a user with manage_index_templates and manage_ilm",
		c.settings.credentials())
}

func orElse(err error, other error) error {
	if err != nil {
		return err
	}
	return other
}

// asJSON writes an object as people read it.
func asJSON(o object) ([]byte, error) {
	text, err := json.MarshalIndent(o, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode template: %w", err)
	}
	return append(text, '\n'), nil
}
