package identity

import "time"

// EndRights ends the rights that have a name, or all when it says nothing.
func (p *Profile) EndRights(name string, at time.Time) {
	for i := range p.Rights {
		r := &p.Rights[i]
		if (name == "" || r.Name == name) && (r.Until.IsZero() || r.Until.After(at)) {
			r.Until = at
		}
	}
}

// UseRights notes that the rights that are held now were used.
func (p *Profile) UseRights(at time.Time) {
	for i := range p.Rights {
		r := &p.Rights[i]
		r.Used = r.Used || r.Until.IsZero() || r.Until.After(at)
	}
}

// Unused is a right held for good since before a time and never used, nil when there is none.
func (p *Profile) Unused(since time.Time) *Right {
	for i := range p.Rights {
		r := &p.Rights[i]
		if !r.Used && r.Until.IsZero() && r.Since.Before(since) {
			return r
		}
	}
	return nil
}
