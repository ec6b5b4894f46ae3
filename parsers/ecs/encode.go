package ecs

// AppendJSON appends the event's document: one JSON object without line breaks.
func (e *Event) AppendJSON(dst []byte) []byte {
	w := Writer{B: append(dst, '{')}
	if e.Whole {
		return e.appendWholeJSON(w)
	}
	if !e.Time.IsZero() {
		w.Time("@timestamp", e.Time)
	}
	e.writeEvent(&w)
	e.writeStream(&w)
	e.writeCloud(&w)
	e.writeUser(&w)
	e.Source.write(&w, "source")
	e.Client.write(&w, "client")
	e.writeParties(&w)
	e.writeEntities(&w)
	e.Related.write(&w)
	w.B = append(w.B, e.Vendor...)
	e.writeOwn(&w)
	w.B[len(w.B)-1] = '}'
	return w.B
}

func (e *Event) writeEvent(w *Writer) {
	mark := w.Open("event")
	w.Str("kind", e.Kind)
	w.Str("action", e.Action)
	w.Strings("category", e.Category)
	w.Strings("type", e.Type)
	w.Str("outcome", e.Outcome)
	w.Str("provider", e.Provider)
	w.Str("id", e.ID)
	if e.HasDuration {
		w.Number("duration", e.Duration)
	}
	w.Str("dataset", e.Dataset)
	w.Str("module", e.Module)
	if e.KeepOriginal {
		w.Str("original", string(e.Original))
	}
	w.Close(mark)
	if e.HasMessage {
		w.Text("message", e.Message)
	}
	if e.KeepOriginal {
		w.B = append(w.B, `"tags":["preserve_original_event"],`...)
	}
	mark = w.Open("error")
	w.Strings("message", e.Errors)
	w.Close(mark)
	mark = w.Open("log")
	w.Raw("level", e.LogLevel)
	w.Close(mark)
	mark = w.Open("file")
	w.Str("path", e.FilePath)
	w.Close(mark)
}

func (e *Event) writeStream(w *Writer) { w.Stream(e.Dataset, e.Namespace, e.ECSVersion) }

func (e *Event) writeCloud(w *Writer) {
	mark := w.Open("cloud")
	w.Str("provider", e.Cloud.Provider)
	w.Str("region", e.Cloud.Region)
	w.Str("resource_id", e.Cloud.ResourceID)
	account := w.Open("account")
	w.Str("id", e.Cloud.AccountID)
	w.Close(account)
	service := w.Open("service")
	w.Str("name", e.Cloud.ServiceName)
	w.Close(service)
	w.Close(mark)
}

func (e *Event) writeUser(w *Writer) {
	u := &e.User
	mark := w.Open("user")
	u.write(w)
	w.Str("email", u.Email)
	entityIDs(w, "entity", e.Entities.User)
	changes := w.Open("changes")
	w.Str("name", u.ChangedName)
	w.Close(changes)
	target := w.Open("target")
	w.Str("id", u.Target.ID)
	w.Str("name", u.Target.Name)
	w.Str("email", u.Target.Email)
	w.Str("full_name", u.Target.FullName)
	group := w.Open("group")
	w.Str("id", u.Target.GroupID)
	w.Str("name", u.Target.GroupName)
	w.Close(group)
	entityIDs(w, "entity", e.Entities.TargetUser)
	w.Close(target)
	w.Close(mark)
}

func (u *User) write(w *Writer) {
	w.Str("id", u.ID)
	w.Str("name", u.Name)
	w.Str("full_name", u.FullName)
}

func (p *Endpoint) write(w *Writer, name string) {
	mark := w.Open(name)
	w.Str("address", p.Address)
	w.Str("ip", p.IP)
	if p.Port != 0 {
		w.Number("port", p.Port)
	}
	w.Str("domain", p.Domain)
	user := w.Open("user")
	p.User.write(w)
	w.Close(user)
	p.writePlace(w)
	w.Close(mark)
}

func (p *Endpoint) writePlace(w *Writer) {
	geo := w.Open("geo")
	w.B = append(w.B, p.Geo...)
	w.Close(geo)
	as := w.Open("as")
	organization := w.Open("organization")
	w.Str("name", p.ASOrg)
	w.Close(organization)
	w.Close(as)
	if p.Place != nil {
		w.Raw("geo", p.Place.GeoJSON)
		w.Raw("as", p.Place.ASJSON)
	}
}

// writeParties writes the small objects: place and user agent, group, service, TLS.
func (e *Event) writeParties(w *Writer) {
	mark := w.Open("geo")
	w.B = append(w.B, e.Geo...)
	w.Close(mark)
	mark = w.Open("user_agent")
	w.Str("original", e.UserAgent.Original)
	if e.UserAgent.Parsed != nil {
		w.B = append(w.B, e.UserAgent.Parsed.JSON...)
	}
	w.Close(mark)
	mark = w.Open("group")
	w.Str("id", e.Group.ID)
	w.Str("name", e.Group.Name)
	w.Close(mark)
	mark = w.Open("tls")
	w.Str("version", e.TLS.Version)
	w.Str("version_protocol", e.TLS.Protocol)
	w.Str("cipher", e.TLS.Cipher)
	client := w.Open("client")
	w.Str("server_name", e.TLS.ServerName)
	w.Close(client)
	w.Close(mark)
}

// writeEntities writes who acted on what, and the service object, which is an entity of its own for Kibana.
func (e *Event) writeEntities(w *Writer) {
	n := &e.Entities
	mark := w.Open("service")
	w.Str("id", e.Service.ID)
	w.Str("name", e.Service.Name)
	entityIDs(w, "entity", n.Service)
	target := w.Open("target")
	entityIDs(w, "entity", n.TargetServ)
	w.Close(target)
	w.Close(mark)

	mark = w.Open("host")
	entityIDs(w, "entity", n.Host)
	target = w.Open("target")
	w.Strings("id", n.TargetHostID)
	entityIDs(w, "entity", n.TargetHost)
	w.Close(target)
	w.Close(mark)

	mark = w.Open("entity")
	w.Strings("id", n.Generic)
	target = w.Open("target")
	w.Strings("id", n.TargetGeneric)
	w.Close(target)
	w.Close(mark)

	mark = w.Open("actor")
	entityIDs(w, "entity", n.Actor)
	w.Close(mark)
	mark = w.Open("target")
	entityIDs(w, "entity", n.Target)
	w.Close(mark)
}

func entityIDs(w *Writer, name string, ids []string) {
	mark := w.Open(name)
	w.Strings("id", ids)
	w.Close(mark)
}

func (r *Related) write(w *Writer) {
	mark := w.Open("related")
	w.Strings("user", r.User)
	w.Strings("ip", r.IP)
	w.Strings("entity", r.Entity)
	if r.EntityAlways && len(r.Entity) == 0 {
		w.B = append(w.B, `"entity":[],`...)
	}
	w.Strings("hosts", r.Hosts)
	w.Strings("hash", r.Hash)
	w.Close(mark)
}

// writeOwn writes what is idwatch's own.
func (e *Event) writeOwn(w *Writer) {
	mark := w.Open("idwatch")
	w.Str("activity", string(e.Activity))
	i := &e.Identity
	identity := w.Open("identity")
	w.Str("id", i.ID)
	w.Str("kind", i.Kind)
	w.Str("owner", i.Owner)
	w.Str("function", i.Function)
	w.True("third_party", i.ThirdParty)
	w.True("privileged", i.Privileged)
	w.Close(identity)
	e.Link.write(w)
	w.Close(mark)
}

func (l *Link) write(w *Writer) {
	mark := w.Open("link")
	w.Str("login", l.Login)
	w.Str("session", l.Session)
	w.Str("root_session", l.RootSession)
	w.Str("device", l.Device)
	w.Str("trace", l.Trace)
	w.Str("token", l.Token)
	w.Str("credential", l.Credential)
	w.Str("credential_made", l.CredentialMade)
	w.Str("credential_gone", l.CredentialGone)
	w.Str("role", l.Role)
	w.Str("role_assumed", l.RoleAssumed)
	w.Str("session_name", l.SessionName)
	w.Str("source_identity", l.SourceIdentity)
	w.Str("on_behalf_of", l.OnBehalfOf)
	w.Str("subject", l.Subject)
	w.Str("issuer", l.Issuer)
	w.Str("entity", l.Entity)
	w.Str("lease", l.Lease)
	w.Str("request", l.Request)
	w.Str("tenant", l.Tenant)
	w.Close(mark)
}
