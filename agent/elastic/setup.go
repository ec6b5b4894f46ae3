package elastic

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// SetupOptions say what Setup does with the templates.
type SetupOptions struct {
	DryRun    bool          // say what would be installed, and change nothing
	OutputDir string        // write files there instead of installing; without URLs no server is asked
	Retention time.Duration // age at which documents go; 0 is DefaultRetention
}

// DefaultRetention is how long documents are kept where the cluster can delete them by itself.
const DefaultRetention = 365 * 24 * time.Hour

// Setup installs the templates of all data streams and their retention, or writes them out. It may be repeated. Templates of an
// installed integration stay as they are. out gets a line for each thing done, left out or replaced.
func Setup(ctx context.Context, s Settings, o SetupOptions, out io.Writer) error {
	if o.Retention <= 0 {
		o.Retention = DefaultRetention
	}
	u := &setup{options: o, out: out, able: allAbilities(), datasets: Datasets}
	if len(s.URLs) > 0 {
		stop, err := u.ask(ctx, s)
		if err != nil {
			return err
		}
		defer stop()
	} else if o.OutputDir == "" && !o.DryRun {
		return errors.New("elasticsearch: url is missing")
	} else {
		u.say("no url: a whole Elasticsearch 8 or 9 without integrations is assumed")
	}
	pieces, err := plan(u.datasets, u.able, o.Retention)
	if err != nil {
		return err
	}
	for _, p := range pieces {
		if err := u.handle(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// setup is one run of Setup.
type setup struct {
	options  SetupOptions
	out      io.Writer
	cluster  *cluster // nil without a server
	able     *abilities
	datasets []string // those to install templates for
}

func (u *setup) say(format string, arguments ...any) { fmt.Fprintf(u.out, format+"\n", arguments...) }

// ask finds out what the server is, can do and has.
func (u *setup) ask(ctx context.Context, s Settings) (stop func(), err error) {
	sender, err := Open(s)
	if err != nil {
		return nil, err
	}
	u.cluster = &cluster{&sender.settings, sender.client}
	version, err := u.cluster.check(ctx)
	if err == nil {
		u.say("%s", strings.TrimSpace(sender.settings.where()+" "+version))
		u.able, err = u.cluster.abilities(ctx, u.say)
	}
	if err == nil {
		err = u.look(ctx)
	}
	if err != nil {
		sender.Close(ctx)
		return nil, err
	}
	return func() { sender.Close(ctx) }, nil
}

// look leaves out the data streams that somebody else's template is for, and tells which exist.
func (u *setup) look(ctx context.Context) error {
	status, header, text, err := u.cluster.call(ctx, http.MethodGet, "/_index_template", nil)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return u.cluster.denied(http.StatusForbidden, header)
	}
	u.datasets = nil
	for _, dataset := range Datasets {
		if other := otherTemplate(text, dataset); other != "" {
			u.say("logs-%s-*: the template %s stays as it is, none of idwatch is installed", dataset, other)
			continue
		}
		u.datasets = append(u.datasets, dataset)
	}
	return u.streams(ctx)
}

// otherTemplate finds a template that is not ours and is made for a data stream, or would win over ours.
func otherTemplate(templates []byte, dataset string) (name string) {
	gjson.GetBytes(templates, "index_templates").ForEach(func(_, t gjson.Result) bool {
		body := t.Get("index_template")
		if body.Get("_meta.managed_by").Str == managedBy {
			return true
		}
		body.Get("index_patterns").ForEach(func(_, pattern gjson.Result) bool {
			special := strings.HasPrefix(pattern.Str, "logs-"+dataset+"-")
			if matches(pattern.Str, "logs-"+dataset+"-default") && (special || body.Get("priority").Int() >= priority) {
				name = t.Get("name").Str
			}
			return name == ""
		})
		return name == ""
	})
	return name
}

// streams tells what of our names exists already: mappings change with the next index only. A server that cannot say is
// one that we need not ask.
func (u *setup) streams(ctx context.Context) error {
	status, _, text, err := u.cluster.call(ctx, http.MethodGet, "/_resolve/index/logs-*", nil)
	if err != nil || status != http.StatusOK {
		return err
	}
	for _, dataset := range u.datasets {
		prefix := "logs-" + dataset + "-"
		gjson.GetBytes(text, "data_streams.#.name").ForEach(func(_, name gjson.Result) bool {
			if strings.HasPrefix(name.Str, prefix) {
				u.say("%s exists: what is new counts from its next index on (POST /%s/_rollover)", name.Str, name.Str)
			}
			return true
		})
		gjson.GetBytes(text, "indices.#.name").ForEach(func(_, name gjson.Result) bool {
			if strings.HasPrefix(name.Str, prefix) {
				u.say("%s is an index and stands in the way of the data stream: reindex and delete it", name.Str)
			}
			return true
		})
	}
	return nil
}

// handle installs one thing, or writes it out, or tells that it would.
func (u *setup) handle(ctx context.Context, p piece) error {
	text, err := asJSON(p.body)
	if err != nil {
		return err
	}
	kind := strings.ReplaceAll(p.folder, "-", " ")
	switch {
	case u.options.OutputDir != "":
		return u.write(p, text)
	case u.options.DryRun:
		u.say("would install %s %s", kind, p.name)
		return nil
	}
	kept, err := u.keeps(ctx, p)
	if err != nil {
		return err
	}
	if kept {
		u.say("%s %s is there and stays as it is", kind, p.name)
		return nil
	}
	status, header, answer, err := u.cluster.call(ctx, http.MethodPut, p.path, text)
	switch {
	case err != nil:
		return err
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return u.cluster.denied(status, header)
	case status/100 != 2:
		return u.cluster.settings.problem(misplaced, "it refuses %s %s (%d): %s", kind, p.name, status, reasonOf(answer))
	}
	u.say("installed %s %s", kind, p.name)
	return nil
}

// reasonOf is what the server says about a template: one line of bounded length. It is about our own words and quotes no document.
func reasonOf(answer []byte) string {
	reason := gjson.GetBytes(answer, "error.reason").String()
	for cause := gjson.GetBytes(answer, "error.caused_by"); cause.Exists(); cause = cause.Get("caused_by") {
		reason = cause.Get("reason").String()
	}
	return fmt.Sprintf("%.300q", reason)
}

// keeps reports whether something is there that its owner may have changed: how long documents live is for the user to say.
func (u *setup) keeps(ctx context.Context, p piece) (bool, error) {
	if p.folder != "ilm-policy" {
		return false, nil
	}
	status, _, _, err := u.cluster.call(ctx, http.MethodGet, p.path, nil)
	return status == http.StatusOK, err
}

// write puts one thing into a file, as Elasticsearch takes it.
func (u *setup) write(p piece, text []byte) error {
	path := filepath.Join(u.options.OutputDir, p.folder, p.name+".json")
	if u.options.DryRun {
		u.say("would write %s", path)
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("write templates: %w", err)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		return fmt.Errorf("write templates: %w", err)
	}
	u.say("wrote %s for PUT %s", path, p.path)
	return nil
}
