package detections

import (
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// The data streams of what is found, without their namespace.
const (
	AlertDataset  = "idwatch.alert"
	SignalDataset = "idwatch.signal"
)

// Document is an alert or signal on its way out.
type Document struct {
	Alert     *Alert
	Revision  int
	Withdrawn bool
	Namespace string
	Context   *Context
	Created   time.Time // when this revision was made; zero leaves event.created out
}

// Dataset is the event.dataset that the document belongs to.
func (d *Document) Dataset() string {
	if d.Alert.Signal {
		return SignalDataset
	}
	return AlertDataset
}

// AppendID appends the document's id: the alert's, and the revision's number.
func (d *Document) AppendID(dst []byte) []byte {
	dst = append(append(dst, d.Alert.ID...), '-')
	return strconv.AppendInt(dst, int64(d.Revision), 10)
}

// AppendJSON appends the ECS document of the alert.
func (d *Document) AppendJSON(dst []byte) []byte {
	a := d.Alert
	w := ecs.Writer{B: append(dst, '{')}
	w.Time("@timestamp", a.Anchor.Time)
	d.writeEvent(&w)
	d.writeRule(&w)
	writeThreat(&w, a.Rule)
	d.writeParties(&w)
	d.writeOwn(&w)
	w.B[len(w.B)-1] = '}'
	return w.B
}

func (d *Document) writeEvent(w *ecs.Writer) {
	a := d.Alert
	w.Str("message", a.Sentence())
	mark := w.Open("event")
	kind := "alert"
	if a.Signal {
		kind = "event"
	}
	w.Str("kind", kind)
	w.Str("id", a.ID)
	w.Str("action", a.Rule.ID)
	w.Str("reason", a.Sentence())
	w.Number("severity", int64(a.Rule.Severity))
	w.Number("risk_score", int64(a.Score))
	w.Strings("category", []string{"iam", "threat"})
	w.Strings("type", []string{"indicator"})
	w.Str("outcome", a.Anchor.Outcome)
	w.Str("dataset", d.Dataset())
	w.Str("module", "idwatch")
	if !d.Created.IsZero() {
		w.Time("created", d.Created)
	}
	w.Close(mark)
	mark = w.Open("data_stream")
	w.Str("type", "logs")
	w.Str("dataset", d.Dataset())
	w.Str("namespace", d.Namespace)
	w.Close(mark)
	mark = w.Open("ecs")
	w.Str("version", "8.17.0")
	w.Close(mark)
}

// Sentence says what happened, for a person: the finding's own words, or the rule's name and who did it.
func (a *Alert) Sentence() string {
	if a.Reason != "" {
		return a.Reason
	}
	text := a.Rule.Name + ": " + ecs.FirstOf(a.Anchor.Name, a.Who)
	if a.Anchor.Target != "" {
		text += " on " + a.Anchor.Target
	}
	if a.Anchor.Addr.IsValid() {
		text += " from " + a.Anchor.Addr.String()
	}
	if country := a.Anchor.Country(); country != "" {
		text += " (" + country + ")"
	}
	return text
}

func (d *Document) writeRule(w *ecs.Writer) {
	r := d.Alert.Rule
	mark := w.Open("rule")
	w.Str("id", r.ID)
	w.Str("name", r.Name)
	w.Str("description", r.Description)
	w.Strings("author", []string{ecs.FirstOf(r.Author, "idwatch")})
	w.Str("license", ecs.FirstOf(r.License, "Apache-2.0"))
	w.Str("ruleset", ecs.FirstOf(r.Ruleset, "idwatch"))
	w.Strings("reference", r.References)
	if len(r.References) == 0 {
		w.Str("reference", ecs.FirstOf(r.Reference, r.attackPage()))
	}
	w.Str("version", "1")
	w.Close(mark)
}

// attackPage is where ATT&CK tells of the rule's first technique, "" for none.
func (r *Rule) attackPage() string {
	if len(r.Techniques) == 0 {
		return ""
	}
	return "https://attack.mitre.org/techniques/" + strings.Replace(r.Techniques[0], ".", "/", 1) + "/"
}

// writeThreat writes the ATT&CK techniques; a sub-technique stands under its technique.
func writeThreat(w *ecs.Writer, r *Rule) {
	if len(r.Techniques)+len(r.Tactics) == 0 {
		return
	}
	var parents, subs []string
	for _, t := range r.Techniques {
		parent, _, isSub := strings.Cut(t, ".")
		parents = ecs.Add(parents, parent)
		if isSub {
			subs = ecs.Add(subs, t)
		}
	}
	mark := w.Open("threat")
	w.Str("framework", "MITRE ATT&CK")
	tactic := w.Open("tactic")
	w.Strings("name", r.Tactics)
	w.Close(tactic)
	technique := w.Open("technique")
	w.Strings("id", parents)
	sub := w.Open("subtechnique")
	w.Strings("id", subs)
	w.Close(sub)
	w.Close(technique)
	w.Close(mark)
}

// writeParties writes who acted, from where, in what, as the anchor tells.
func (d *Document) writeParties(w *ecs.Writer) {
	a := d.Alert.Anchor
	if a.Actor.IsMachine() {
		mark := w.Open("service")
		w.Str("name", a.Name)
		entity := w.Open("entity")
		w.Str("id", d.Alert.Who)
		w.Close(entity)
		w.Close(mark)
	} else {
		mark := w.Open("user")
		w.Str("name", ecs.FirstOf(a.Login, a.Name))
		if ecs.IsMail(a.Login) {
			w.Str("email", a.Login)
		}
		w.Str("id", a.Actor.ID)
		w.Close(mark)
	}
	mark := w.Open("source")
	var ips []string
	if a.Addr.IsValid() {
		w.Str("ip", a.Addr.String())
		w.Str("address", a.Addr.String())
	}
	if a.Place != nil {
		w.Raw("geo", a.Place.GeoJSON)
		w.Raw("as", a.Place.ASJSON)
	}
	w.Close(mark)
	mark = w.Open("cloud")
	w.Str("region", a.Region)
	account := w.Open("account")
	w.Str("id", a.Account)
	w.Close(account)
	w.Close(mark)
	var users []string
	for i := range d.Alert.Evidence {
		e := d.Alert.Evidence[i]
		users = ecs.Add(ecs.Add(users, e.Login), e.Actor.ID)
		if e.Addr.IsValid() {
			ips = ecs.Add(ips, e.Addr.String())
		}
	}
	sort.Strings(users)
	sort.Strings(ips)
	mark = w.Open("related")
	w.Strings("user", users)
	w.Strings("ip", ips)
	w.Close(mark)
}

// writeOwn writes what contract calls idwatch.*: evidence, score, context, standards.
func (d *Document) writeOwn(w *ecs.Writer) {
	a := d.Alert
	mark := w.Open("idwatch")
	w.Strings("covers", a.Covers())
	w.Number("revision", int64(d.Revision))
	w.True("withdrawn", d.Withdrawn)
	w.Str("folded_into", a.Folded)
	d.writeIdentity(w)
	d.writeScore(w)
	w.Name("evidence")
	w.B = append(w.B, '[')
	for i := range a.Evidence {
		writeEvidence(w, a.Evidence[i])
	}
	w.EndList()
	w.Strings("context", a.Context)
	w.Strings("gaps", a.Gaps)
	standards := w.Open("standards")
	w.Strings("owasp_nhi", a.Rule.NHI)
	w.Strings("nist_csf", csf(a))
	w.Strings("nist_ai_rmf", rmf(d.kind()))
	w.Close(standards)
	w.Str("counterfactual", counterfactual(a, d.Context.Threshold))
	w.Close(mark)
}

func (d *Document) writeIdentity(w *ecs.Writer) {
	a := d.Alert
	known := d.known()
	mark := w.Open("identity")
	w.Str("id", a.Who)
	w.Str("kind", d.kind())
	w.Strings("names", a.Names)
	if known == nil || known.Owner == "" {
		w.True("unowned", true)
	} else {
		w.Str("owner", known.Owner)
	}
	if known != nil {
		w.Str("function", known.Function)
		w.Strings("escalation", known.Escalation)
	}
	w.True("privileged", known != nil && known.Privileged || a.Anchor.Actor.Privileged)
	w.True("third_party", known != nil && known.ThirdParty || a.Anchor.Actor.ThirdParty)
	w.Close(mark)
}

// known is what the context file says of the alert's identity: by any of its names, or by the role of a session that is nobody else's.
func (d *Document) known() *Known {
	a := d.Alert
	if known := d.Context.Known(a.Who); known != nil {
		return known
	}
	if name := identity.Fold(a.Anchor.Actor.ID); name == a.Who || slices.Contains(a.Names, name) {
		return d.Context.of(a.Anchor)
	}
	return nil
}

// kind is the kind of the alert's identity. A person in a machine's role is a person.
func (d *Document) kind() string {
	switch known := d.known(); {
	case known != nil && known.Kind != "":
		return known.Kind
	case ecs.IsMail(d.Alert.Who):
		return ecs.Human
	}
	return d.Alert.Anchor.Actor.Kind
}

func (d *Document) writeScore(w *ecs.Writer) {
	mark := w.Open("score")
	w.Name("parts")
	w.B = append(w.B, '[')
	for _, p := range d.Alert.Parts {
		w.B = append(w.B, '{')
		w.Str("name", p.Name)
		w.Number("points", int64(p.Points))
		w.Str("reason", p.Reason)
		w.B[len(w.B)-1] = '}'
		w.B = append(w.B, ',')
	}
	w.EndList()
	w.Close(mark)
}

func writeEvidence(w *ecs.Writer, e *Act) {
	w.B = append(w.B, '{')
	w.Str("id", e.ID)
	w.Str("index", e.Index)
	w.Time("timestamp", e.Time)
	w.Str("dataset", e.Dataset)
	w.Str("action", e.Action)
	w.Str("summary", e.Summary())
	w.B[len(w.B)-1] = '}'
	w.B = append(w.B, ',')
}

// Summary says in a few words who did what to what from where.
func (a *Act) Summary() string {
	text := ecs.FirstOf(a.Name, a.Actor.ID, "somebody") + ": " + a.Action
	if a.Target != "" {
		text += " " + a.Target
	}
	if a.Failed {
		text += " (refused)"
	}
	if a.Addr.IsValid() {
		text += " from " + a.Addr.String()
	}
	if country := a.Country(); country != "" {
		text += ", " + country
	}
	return text
}

// csf are the outcomes of NIST CSF 2.0 that an alert serves: analysed, correlated over sources, with what is known added.
func csf(a *Alert) []string {
	list := []string{"DE.AE-02"}
	for i := range a.Evidence {
		if a.Evidence[i].Dataset != a.Anchor.Dataset {
			list = append(list, "DE.AE-03")
			break
		}
	}
	list = append(list, "DE.AE-04", "DE.AE-06", "DE.AE-07")
	if !a.Signal {
		list = append(list, "DE.AE-08")
	}
	return list
}

// rmf are the outcomes of the NIST AI RMF that an alert on an agent serves.
func rmf(kind string) []string {
	if kind != ecs.AIAgent {
		return nil
	}
	return []string{"GOVERN 1.4", "GOVERN 2.1"}
}
