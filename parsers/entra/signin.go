package entra

import (
	"strconv"
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

var (
	authentication = []string{"authentication"}
	info           = []string{"info"}
)

// signIn maps a record of one of the sign-in categories.
func (p Parser) signIn(ev *ecs.Event, root record.Value, k *walk) error {
	k.snake, k.prune = true, true
	azure := k.Open("azure")
	stream := k.Open("signinlogs")
	k.object(signInRoot, root)
	if !k.found[categorySlot].Exists() {
		name, _ := category(root)
		k.Str("category", name)
	}
	created := k.found[createdSlot]
	if k.found[timeSlot].Exists() && !created.Vacant() {
		k.field("created_date_time", anything, created)
	}
	k.signInProperties(k.found[propertiesSlot])
	k.Close(stream)
	k.envelope(ev)
	p.shared(ev, k, azure)
	ev.LogLevel = levelText(k.found[levelSlot])
	name, _ := category(root)
	k.signInEvent(ev, name)
	return k.signInTime(ev)
}

// signInProperties writes the sign-in itself.
func (k *walk) signInProperties(properties record.Value) {
	if properties.Kind() != record.Object {
		k.Cleaned = k.Cleaned || !properties.Vacant()
		return
	}
	k.inner = signInInner
	mark := k.Open("properties")
	k.object(signInProperties, properties)
	k.processingDetails(k.found[processingSlot])
	k.Close(mark)
}

// signInTime finds the time. Elastic's pipeline gives up on a record whose own time is bad; the sign-in's is kept instead.
func (k *walk) signInTime(ev *ecs.Event) error {
	own := k.found[timeSlot]
	if !own.Exists() {
		own = k.found[createdSlot]
	}
	t, ok := firstTime(own)
	if !ok {
		if t, ok = firstTime(k.found[happenedSlot]); !ok {
			return noTime(SignInDataset, own)
		}
		unwell(ev, "time is missing or cannot be read: properties.createdDateTime stands in for it")
	}
	ev.Time = t
	return nil
}

// noTime is the error for a record without a usable time.
func noTime(dataset string, v record.Value) error {
	if v.Exists() {
		return ecs.Malformed(dataset, "time")
	}
	return ecs.Missing(dataset, "time")
}

// signInEvent fills the ECS fields of a sign-in.
func (k *walk) signInEvent(ev *ecs.Event, category string) {
	ev.Dataset = SignInDataset
	ev.Category, ev.Type = authentication, info
	ev.ID = k.text(idSlot)
	code, _ := wholeNumber(k.text(outcomeSlot))
	if ev.Outcome = "success"; code > 0 {
		ev.Outcome = "failure"
	}
	k.signInAddress(ev)
	k.signInUser(ev)
	k.signInMessage(ev)
	k.geo(ev)
	k.userAgent(ev)
	for _, s := range [...]slot{appSlot, targetSlot, principalSlot, keySlot, userSlot, deviceSlot} {
		ev.Related.Entity = ecs.Add(ev.Related.Entity, k.text(s))
	}
	k.signInIdentity(ev, category)
	ev.Activity = signInActivity(category, int(code), k.text(incomingSlot), k.text(protocolSlot))
}

// signInAddress fills source and client.
func (k *walk) signInAddress(ev *ecs.Event) {
	text := k.text(ipOldSlot)
	if text == "" {
		text = k.text(ipSlot)
	}
	if sourceIP(ev, text) {
		clientToo(ev)
	}
	ev.Source.Address = text
}

// signInUser fills user and service.
func (k *walk) signInUser(ev *ecs.Event) {
	u := &ev.User
	u.ID, u.Name, u.FullName = k.text(userSlot), k.text(loginSlot), k.text(fullNameSlot)
	if strings.IndexByte(u.Name, '@') > 0 {
		u.Email = u.Name
	}
	relateUser(ev)
	ev.Service.Name = k.text(principalNameSlot)
}

// signInMessage makes the message out of why it failed and what more there is to say.
func (k *walk) signInMessage(ev *ecs.Event) {
	reason, details := k.text(reasonSlot), k.text(detailsSlot)
	switch {
	case reason == "":
		ev.Message = details
	case details == "":
		ev.Message = reason
	default:
		ev.Message = reason + " (" + details + ")"
	}
	ev.HasMessage = ev.Message != ""
}

// geo fills the place that Microsoft saw.
func (k *walk) geo(ev *ecs.Event) {
	g := ecs.Writer{B: ev.Geo}
	g.Keyword("country_iso_code", k.found[countrySlot])
	place := k.found[placeSlot]
	k.Cleaned = k.Cleaned || place.Kind() != record.Object && !place.Vacant()
	for m := place.First(); m.Kind() != record.Absent; m = m.NextIn(place) {
		var buffer [maxName]byte
		switch name, _ := appendName(buffer[:0], m, true); string(name) {
		case "city":
			g.Keyword("city_name", m)
		case "state":
			g.Keyword("region_name", m)
		case "geo_coordinates":
			point(&g, m)
		}
	}
	ev.Geo = g.B
	k.Cleaned = k.Cleaned || g.Cleaned
}

// point writes coordinates if they are a point on earth; Elasticsearch refuses any other.
func point(g *ecs.Writer, v record.Value) {
	var lat, lon record.Value
	for m := v.First(); m.Kind() != record.Absent; m = m.NextIn(v) {
		switch m.Key() {
		case "latitude", "Latitude":
			lat = m
		case "longitude", "Longitude":
			lon = m
		}
	}
	x, okX := lon.Float()
	y, okY := lat.Float()
	if okX && okY && x >= -180 && x <= 180 && y >= -90 && y <= 90 {
		mark := g.Open("location")
		g.Raw("lat", lat.Raw())
		g.Raw("lon", lon.Raw())
		g.Close(mark)
		return
	}
	g.Cleaned = g.Cleaned || lat.Exists() || lon.Exists()
}

// wholeNumber reads a whole number.
func wholeNumber(text string) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}
