package detections

import (
	"slices"
	"strings"
)

// Description is what is said of a detection to those who choose, tune or count detections.
type Description struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Severity    int      `json:"severity"`
	Points      int      `json:"points"`
	Sources     []string `json:"sources"`
	Stateful    bool     `json:"stateful"` // needs more than one record
	Covers      []string `json:"covers"`
	Attack      []string `json:"attack"`
	AttackAlso  []string `json:"attack_also"` // what other versions of ATT&CK call these
	NHI         []string `json:"owasp_nhi"`
	CSF         []string `json:"nist_csf"`
	RMF         []string `json:"nist_ai_rmf"`
	Evidence    string   `json:"evidence,omitempty"`
	Lookalikes  string   `json:"lookalikes,omitempty"`
	Tuning      string   `json:"tuning,omitempty"`
	Reference   string   `json:"reference,omitempty"`
}

// Describe describes all built-in detections that raise alerts, sorted by id.
func Describe() []Description {
	var all []Description
	for _, s := range Signs() {
		if !s.Quiet {
			all = append(all, describe(&s.Rule, s.Weigh != nil))
		}
	}
	for _, d := range Detections() {
		all = append(all, describe(&d.Rule, true))
	}
	slices.SortFunc(all, func(a, b Description) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// Describe describes what was added and raises alerts, in its order.
func (a *Added) Describe() []Description {
	if a == nil {
		return nil
	}
	var all []Description
	for _, s := range a.Signs {
		if !s.Quiet {
			all = append(all, describe(&s.Rule, false))
		}
	}
	for _, d := range a.Detections {
		all = append(all, describe(&d.Rule, true))
	}
	return all
}

func describe(r *Rule, stateful bool) Description {
	return Description{
		ID: r.ID, Name: r.Name, Description: r.Description, Severity: r.Severity, Points: r.Points,
		Sources: r.Sources(), Stateful: stateful, Covers: orEmpty(r.Covers), Attack: orEmpty(r.Techniques), AttackAlso: otherNames(r.Techniques), NHI: orEmpty(r.NHI),
		CSF: r.csf(), RMF: r.rmf(), Evidence: r.Evidence, Lookalikes: r.Lookalikes, Tuning: r.Tuning, Reference: r.Reference,
	}
}

// orEmpty is never nil, so that JSON has a list where there is nothing in it.
func orEmpty(texts []string) []string { return append([]string{}, texts...) }

// sourceOfPrefix are the sources that a rule reads, by the first word of its id.
var sourceOfPrefix = map[string][]string{
	"okta": {"okta"}, "entra": {"entra"}, "azure": {"entra"}, "aws": {"cloudtrail"}, "vault": {"vault"},
}

// namesOf names the sources of datasets, each once.
func namesOf(datasets []string) []string {
	names := []string{}
	for _, dataset := range datasets {
		name, _, _ := strings.Cut(dataset, ".")
		switch name {
		case "azure":
			name = "entra"
		case "aws":
			name = "cloudtrail"
		case "hashicorp_vault":
			name = "vault"
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// Sources names the sources that a rule reads: the one that its id begins with, or all.
func (r *Rule) Sources() []string {
	if len(r.Reads) > 0 {
		return namesOf(r.Reads)
	}
	first, _, _ := strings.Cut(r.ID, "_")
	if one := sourceOfPrefix[first]; one != nil {
		return orEmpty(one)
	}
	return []string{"okta", "entra", "cloudtrail", "vault", "ecs"}
}

// csf are the outcomes of NIST CSF 2.0 that an alert of the rule can serve; each alert says which it does.
func (r *Rule) csf() []string {
	if len(r.Sources()) > 1 {
		return []string{"DE.AE-02", "DE.AE-03", "DE.AE-04", "DE.AE-06", "DE.AE-07", "DE.AE-08"}
	}
	return []string{"DE.AE-02", "DE.AE-04", "DE.AE-06", "DE.AE-07", "DE.AE-08"}
}

// rmf are the outcomes of the NIST AI RMF that the rule serves: those about agents. Other alerts serve them when it is an
// agent that acts.
func (r *Rule) rmf() []string {
	if slices.Contains(r.Covers, "XS16") || slices.Contains(r.Covers, "NH16") {
		return []string{"GOVERN 1.4", "GOVERN 2.1"}
	}
	return []string{}
}
