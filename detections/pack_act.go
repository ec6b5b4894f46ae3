package detections

import (
	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/detections/pack"
)

// packer knows by name what the program itself holds: signs and rules are not written, only their names.
type packer struct {
	signs map[string]*Sign
	rules map[string]*Rule
}

func newPacker(added *Added) *packer {
	p := &packer{signs: map[string]*Sign{}, rules: map[string]*Rule{}}
	for _, s := range added.signs() {
		p.signs[s.ID+"\x00"+s.Dataset] = s
		p.rules[s.ID] = &s.Rule
	}
	for _, d := range added.detections() {
		p.rules[d.ID] = &d.Rule
	}
	return p
}

// act is an act that lines point at: it is written once.
func (p *packer) act(c *pack.Coder, a **Act) {
	pack.Shared(c, a, p.content)
	if *a == nil {
		c.Damaged()
		*a = &Act{}
	}
}

// content is all of an act.
func (p *packer) content(c *pack.Coder, a *Act) {
	c.Text(&a.ID)
	c.Time(&a.Time)
	pack.Word(c, &a.Activity)
	for _, flag := range []*bool{&a.Failed, &a.Denied, &a.Born, &a.Late} {
		c.Bool(flag)
	}
	for _, text := range []*string{
		&a.Index, &a.Dataset, &a.Action, &a.Outcome, &a.Actor.ID, &a.Actor.Kind, &a.Actor.Owner, &a.Actor.Function,
		&a.Login, &a.Name, &a.Target, &a.TargetID, &a.Grantee, &a.Object, &a.Via, &a.Agent, &a.Device, &a.Session,
		&a.Credential, &a.Made, &a.Gone, &a.Role, &a.Subject, &a.Trace, &a.Shared, &a.App, &a.Method, &a.Issuer, &a.Why,
		&a.Topic, &a.Operation, &a.Resource, &a.Region, &a.Account, &a.Scopes,
	} {
		pack.Word(c, text)
	}
	c.Bool(&a.Actor.ThirdParty)
	c.Bool(&a.Actor.Privileged)
	pack.Number(c, &a.Number)
	c.Addr(&a.Addr)
	pack.Shared(c, &a.Place, identity.PackPlace)
	c.Duration(&a.Lifetime)
	pack.List(c, &a.Links, pack.Most, identity.PackTie)
	p.packSigns(c, a)
	pack.List(c, &a.Hits, pack.Most, packHit)
	if c.Reading() {
		a.network = a.Network()
	}
}

func packHit(c *pack.Coder, h *Hit) {
	pack.Word(c, &h.Rule)
	pack.List(c, &h.Fields, pack.Most, packHitField)
}

func packHitField(c *pack.Coder, f *HitField) {
	pack.Word(c, &f.Name)
	pack.List(c, &f.Values, pack.Most, pack.Word)
}

// packSigns names the signs. One that the program no longer has is left out.
func (p *packer) packSigns(c *pack.Coder, a *Act) {
	n := c.Len(len(a.Signs), pack.Most)
	for i := range n {
		var key string
		if !c.Reading() {
			key = a.Signs[i].ID + "\x00" + a.Signs[i].Dataset
		}
		pack.Word(c, &key)
		if s := p.signs[key]; c.Reading() && s != nil {
			a.Signs = append(a.Signs, s)
		}
	}
}

func (p *packer) line(c *pack.Coder, l *Line) {
	pack.List(c, &l.Acts, lineLength+2*lastingLength, p.act)
	pack.Number(c, &l.lasting)
	c.Time(&l.gap)
	if l.lasting < 0 || l.lasting > len(l.Acts) {
		c.Damaged()
		l.lasting = 0
	}
}

func (p *packer) credential(c *pack.Coder, k *Credential) {
	for _, text := range []*string{&k.ID, &k.Kind, &k.Maker, &k.Owner, &k.MadeNetwork} {
		pack.Word(c, text)
	}
	c.Time(&k.Made)
	p.known(c, &k.MadeDoc)
	c.Time(&k.FirstUse)
	c.Time(&k.LastUse)
	c.Time(&k.Ended)
	p.known(c, &k.EndedDoc)
	c.Time(&k.Expires)
	pack.Number(c, &k.Uses)
	k.Users.Pack(c)
	k.Networks.Pack(c)
	k.Accounts.Pack(c)
}

// known is an act that may be unknown.
func (p *packer) known(c *pack.Coder, a **Act) {
	there := !c.Reading() && (*a).ID != ""
	if c.Bool(&there); there {
		p.act(c, a)
	} else if c.Reading() {
		*a = &unknownAct
	}
}

// copied is the copy of an act, or nothing.
func (p *packer) copied(c *pack.Coder, a *Act) {
	there := a.ID != ""
	c.Bool(&there)
	if there {
		p.content(c, a)
	}
}

func (p *packer) feed(c *pack.Coder, f *Feed) {
	pack.Word(c, &f.Dataset)
	c.Time(&f.First)
	c.Time(&f.Last)
	c.Text(&f.LastDoc)
	pack.Word(c, &f.LastIn)
	pack.Number(c, &f.Count)
	for i := range f.Events {
		pack.Number(c, &f.Events[i])
		c.Duration(&f.Pauses[i])
	}
	c.Bool(&f.Silent)
	pack.List(c, &f.Silences, silencesKept, packSpan)
	packSpan(c, &f.Late)
	pack.Number(c, &f.LateRun)
	c.Time(&f.Since)
	c.Time(&f.Fixed)
	c.Time(&f.Tampered)
	p.copied(c, &f.Tamper)
}

func packSpan(c *pack.Coder, s *Span) {
	c.Time(&s.From)
	c.Time(&s.Until)
}

func (p *packer) wait(c *pack.Coder, w *wait) {
	c.Time(&w.due)
	pack.Word(c, &w.rule)
	p.act(c, &w.act)
}

// alert is an alert. Rule is nil when the program no longer has it.
func (p *packer) alert(c *pack.Coder, a *Alert) {
	var rule string
	if !c.Reading() {
		rule = a.Rule.ID
	}
	pack.Word(c, &rule)
	a.Rule = p.rules[rule]
	c.Text(&a.ID)
	pack.Word(c, &a.Key)
	pack.Word(c, &a.Who)
	pack.List(c, &a.Names, pack.Most, pack.Word)
	p.known(c, &a.Anchor)
	pack.List(c, &a.Evidence, evidenceKept, p.known)
	pack.Number(c, &a.Omitted)
	c.Text(&a.Reason)
	pack.List(c, &a.Parts, pack.Most, packPart)
	pack.Number(c, &a.Score)
	pack.List(c, &a.Context, pack.Most, pack.Word)
	pack.List(c, &a.Gaps, pack.Most, pack.Word)
	c.Time(&a.Last)
	c.Time(&a.Found)
	c.Bool(&a.Signal)
	pack.Word(c, &a.Folded)
	pack.List(c, &a.Also, pack.Most, pack.Word)
}

func packPart(c *pack.Coder, p *Part) {
	pack.Word(c, &p.Name)
	pack.Number(c, &p.Points)
	pack.Word(c, &p.Reason)
}
