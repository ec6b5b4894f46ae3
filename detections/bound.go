package detections

import (
	"math"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
)

// Bounds say how much may be remembered. Zero means: without bound.
type Bounds struct {
	Identities int
	Bytes      int64 // an estimate from what things take on average
	Open       int   // acts within the lateness limit, which wait for earlier ones
}

// Forgotten counts what had to be forgotten for want of room.
type Forgotten struct {
	Identities, Credentials int
	Lines                   int // times that a timeline of the last day was thinned
	Windows                 int // groups of correlations that could still have fired
	Entries                 int // records in windows that had to make room
	Early                   int // times that acts became final before all that belongs before them could come
	Ungrouped               int // records that lack what a correlation groups or counts by: they are in no window
}

const (
	// goneKept is how many forgotten names are known at least, beside those that the cold store has.
	goneKept = 1 << 17
	// tidyAtOnce bounds the work of one act.
	tidyAtOnce = 8
	// aliasesKept is how many names of a forgotten identity are known.
	aliasesKept = 8
	// perIdentity is how many credentials, sessions or addresses there may be for one identity, on average.
	perIdentity = 4
)

// What things take with all that hangs on them, as measured.
const (
	profileBytes    = 3000
	actBytes        = 1500
	lineBytes       = 700
	credentialBytes = 900
	nameBytes       = 1000
)

// bound lets go what nobody can ask for any more, and what is too much, and reports whether it let go anything. It bounds what is
// remembered for good, after each act or when an epoch is settled, so that what is forgotten is a function of the acts alone.
func (m *machine) bound(now time.Time) (some bool) {
	old := now.Add(-lineSpan)
	some = expire(m.memory.Addresses, old)
	some = expire(m.memory.Sessions, old) || some
	some = expire(m.memory.Targets, old) || some
	some = expire(m.memory.Lines, old) || some
	some = m.expireAlerts(now) || some
	some = m.boundWindows(moment(now)) || some
	for range tidyAtOnce {
		if !m.tooMuch() || !m.forgetOldest() {
			return some
		}
		some = true
	}
	return true
}

// boundAll bounds until nothing is left to do, at the end of an epoch.
func (m *machine) boundAll(now time.Time) {
	epoch := m.memory.clock.Epoch()
	m.memory.clock.Enter(0)
	for m.bound(now) {
	}
	m.memory.clock.Enter(epoch)
}

// expire lets go lines that have no act which is looked back for.
func expire[K comparable](lines *identity.Layer[K, Line], old time.Time) bool {
	over := func(l *Line) bool { return l.over(old) }
	n := forgetWhile(lines, lines.Oldest, over, tidyAtOnce)
	n += forgetWhile(lines, lines.OldestKept, over, tidyAtOnce-n)
	return n > 0
}

// forgetWhile forgets what is the oldest as long as it is over, at most so many, and counts them.
func forgetWhile[K comparable, V any](layer *identity.Layer[K, V], oldest func() (K, *V, bool), over func(*V) bool, most int) (n int) {
	for ; n < most; n++ {
		key, value, ok := oldest()
		if !ok || !over(value) || !layer.Forget(key) {
			break
		}
	}
	return n
}

// alertSpan is how long nearly all alerts collect evidence at most. The few that go on longer are kept apart, so that the others need not
// wait for them.
const alertSpan = 24 * time.Hour

// expireAlerts lets go alerts that collect no more evidence.
func (m *machine) expireAlerts(now time.Time) bool {
	alerts, n := m.memory.Alerts, 0
	for n < tidyAtOnce {
		key, a, kept, ok := alerts.OldestOf()
		if !ok || kept || now.Sub(a.Last) <= alertSpan {
			break
		}
		if d := m.rules.byID[a.Rule.ID]; d != nil && (d.Within > alertSpan || d.Correlation != nil) {
			alerts.Keep(key, math.MaxInt)
		} else if !alerts.Forget(key) {
			break
		}
		n++
	}
	n += forgetWhile(alerts, alerts.OldestKept, func(a *Alert) bool { return now.Sub(a.Last) > m.rules.longest }, tidyAtOnce-n)
	return n > 0
}

// tooMuch reports whether something has to be forgotten.
func (m *machine) tooMuch() bool {
	mem, b := m.memory, &m.bounds
	if n := b.Identities; n > 0 && (mem.Profiles.Len() > n || mem.Graph.Len() > 2*perIdentity*n || mem.Credentials.Len() > perIdentity*n ||
		mem.Sessions.Len() > perIdentity*n || mem.Addresses.Len() > perIdentity*n || mem.Targets.Len() > perIdentity*n) {
		return true
	}
	return m.tooManyLines() || m.tooManyBytes()
}

// tooManyBytes reports whether identities take more than all together may, and more than their half of it.
func (m *machine) tooManyBytes() bool {
	mem, most := m.memory, m.bounds.Bytes
	return most > 0 && mem.Profiles.Len() > 1 && mem.identityBytes() > most/2 && mem.bytes() > most
}

// tooManyLines is the same of timelines. What only happened goes for want of room before it takes the room of what identities are known by.
func (m *machine) tooManyLines() bool {
	mem, most := m.memory, m.bounds.Bytes
	return most > 0 && mem.lineBytes() > most/2 && mem.bytes() > most
}

// bytes estimates what the memory takes.
func (m *Memory) bytes() int64 { return m.identityBytes() + m.lineBytes() }

func (m *Memory) identityBytes() int64 {
	return int64(m.Profiles.Len())*profileBytes + int64(m.Credentials.Len())*credentialBytes + int64(m.Graph.Len())*nameBytes + int64(m.held)*entryBytes
}

func (m *Memory) lineBytes() int64 {
	lines := m.Lines.Len() + m.Addresses.Len() + m.Sessions.Len() + m.Targets.Len()
	return int64(m.census.acts)*actBytes + int64(lines)*lineBytes
}

// thinLine takes from the line whose last act is the oldest: first all that does not last, then the rest, then that there was anything. It
// reports whether it could: not if an open epoch has touched it.
func (m *Memory) thinLine() bool {
	ages := [...]time.Time{oldestLine(m.Lines), oldestLine(m.Addresses), oldestLine(m.Sessions), oldestLine(m.Targets)}
	oldest := 0
	for i := range ages {
		if ages[i].Before(ages[oldest]) {
			oldest = i
		}
	}
	switch oldest {
	case 0:
		return thinOldest(m.Lines, &m.census, true)
	case 1:
		return thinOldest(m.Addresses, &m.census, false)
	case 2:
		return thinOldest(m.Sessions, &m.census, false)
	}
	return thinOldest(m.Targets, &m.census, false)
}

// oldestLine is when the line that was not added to for longest was added to. Those that were thinned come after all
// others, and those without acts at the end.
func oldestLine[K comparable](lines *identity.Layer[K, Line]) time.Time {
	const century = 100 * 365 * 24 * time.Hour
	_, l, thinned, ok := lines.OldestFinal()
	switch {
	case !ok:
		return time.Unix(1<<40, 0) // after all
	case len(l.Acts) == 0:
		return l.last().Add(2 * century)
	case thinned:
		return l.last().Add(century)
	}
	return l.last()
}

// thinOldest thins a line further. Of an identity it stays known that there was more.
func thinOldest[K comparable](lines *identity.Layer[K, Line], c *census, known bool) bool {
	key, _, thinned, ok := lines.OldestFinal()
	if !ok {
		return false
	}
	l := lines.EditFinal(key)
	switch {
	case len(l.Acts) == 0:
		return lines.Forget(key)
	case thinned:
		l.empty(c)
	default:
		l.thin(c)
		for ; l.lasting > lastingLength; l.lasting-- {
			l.drop(0, c)
		}
	}
	if len(l.Acts) == 0 && !known {
		return lines.Forget(key)
	}
	lines.Keep(key, math.MaxInt)
	return true
}

func forgetFirst[K comparable](lines *identity.Layer[K, Line]) bool {
	key, _, ok := lines.Oldest()
	return ok && lines.Forget(key)
}

// forgetOldest lets go the identity or credential that was not used for longest, and of all else what there is more of than its share. It
// reports whether anything could be let go: what an open epoch has touched cannot.
func (m *machine) forgetOldest() (some bool) {
	mem := m.memory
	n := mem.Profiles.Len()
	if m.tooManyLines() && mem.thinLine() {
		m.forgotten.Lines++
		some = true
	}
	share := perIdentity * n
	who, p, ok := mem.Profiles.Oldest()
	id, k, there := mem.Credentials.Oldest()
	tooMany := m.tooManyBytes()
	switch {
	case mem.Credentials.Len() > share, tooMany && there && (!ok || k.LastUse.Before(p.Last)):
		some = m.forgetCredential(id, k) || some
	case ok && n > 1 && (tooMany || m.bounds.Identities > 0 && n > m.bounds.Identities):
		some = m.forgetIdentity(who, p) || some
	}
	some = forgetBeyond(mem.Sessions, share) || some
	some = forgetBeyond(mem.Addresses, share) || some
	some = forgetBeyond(mem.Targets, share) || some
	if mem.Graph.Len() > 2*share {
		before := mem.Graph.Len()
		m.forgetName()
		some = some || mem.Graph.Len() < before
	}
	return some
}

func forgetBeyond[K comparable](lines *identity.Layer[K, Line], most int) bool {
	return lines.Len() > most && forgetFirst(lines)
}

// forgetCredential lets go a credential. That it was there is known on.
func (m *machine) forgetCredential(id string, k *Credential) bool {
	mem := m.memory
	if !mem.Credentials.Forget(id) {
		return false
	}
	mem.freezeCredential(k)
	mem.Gone.Add(credentialGone+id, k.LastUse)
	m.forgotten.Credentials++
	return true
}

// forgetIdentity lets go an identity. That it was there, and when last, is known on.
func (m *machine) forgetIdentity(who string, p *identity.Profile) bool {
	mem := m.memory
	if !mem.Profiles.Forget(who) {
		return false
	}
	mem.Gone.Add(who, p.Last)
	names := mem.Graph.Forget(who)
	mem.freezeIdentity(p, names)
	for i, name := range names {
		if i < aliasesKept && name != who {
			mem.Gone.Add(name, p.Last)
		}
	}
	mem.Lines.Forget(who)
	m.forgotten.Identities++
	return true
}

// forgetName lets go the name that was not linked for longest, with the identity if nothing else is known of it.
func (m *machine) forgetName() {
	name, _ := m.memory.Graph.Oldest()
	switch root := m.memory.Graph.Find(name); {
	case root != name:
		m.memory.Graph.DropName(name)
	case m.memory.Profiles.Get(root) == nil:
		m.memory.Graph.Forget(root)
	default:
		m.memory.Graph.Touch(root)
	}
}

// credentialGone stands before the ids of forgotten credentials.
const credentialGone = "credential/"

// keep has privileged identities and those with alerts remembered longer than others: half of those there is room for at most.
func (m *machine) keep(who string) {
	n, bytes := m.bounds.Identities, m.bounds.Bytes
	if room := int(bytes / 2 / profileBytes); bytes > 0 && (n == 0 || room < n) {
		n = room
	}
	if n > 0 {
		m.memory.Profiles.Keep(who, n/2)
	}
}

// profile is what is remembered of an identity, if only that it was there; nil when it was never seen.
func (m *Memory) profile(id string) *identity.Profile {
	if p := m.Profiles.Get(id); p != nil {
		return p
	}
	return m.returned(id)
}

// returned is the profile of a forgotten identity: what the cold store kept, or else only that it was there; nil when it was never seen.
func (m *Memory) returned(id string) *identity.Profile {
	last, gone := m.Gone.Last(id)
	if p := m.thawIdentity(id); p != nil {
		return p
	}
	if gone {
		return identity.Return(id, last)
	}
	return nil
}

// newCredential is a credential that is not remembered: what the cold store kept of it, or honest about what was forgotten.
func (m *Memory) newCredential(id string) *Credential {
	if k := m.thawCredential(id); k != nil {
		return k
	}
	k := &Credential{ID: id, MadeDoc: &unknownAct, EndedDoc: &unknownAct}
	if _, gone := m.Gone.Last(credentialGone + id); gone {
		k.Users.Forget()
		k.Networks.Forget()
		k.Accounts.Forget()
	}
	return k
}

// unknownAct stands where an act is not known. Nobody changes it.
var unknownAct Act
