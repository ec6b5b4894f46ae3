package kibana

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/tidwall/gjson"
)

// Options say what Setup does with the objects.
type Options struct {
	URL       string       // address of Kibana
	Client    *http.Client // with the credentials; nil when nothing is installed
	Space     string       // Kibana's space; the default one when empty
	DryRun    bool         // say what would be installed, and change nothing
	OutputDir string       // write files there instead of installing
}

// upload is one file on its way to one of Kibana's importers.
type upload struct {
	name  string // of the file
	what  string
	path  string // of the importer
	bytes []byte
}

// Setup installs data views, saved searches, dashboards and the detection rule, or writes them out. It may be repeated: what is
// there of ours is replaced. out gets a line for each thing done.
func Setup(ctx context.Context, o Options, out io.Writer) error {
	uploads, err := uploads()
	if err != nil {
		return err
	}
	for _, u := range uploads {
		switch {
		case o.OutputDir != "":
			err = u.write(o.OutputDir, out)
		case o.DryRun:
			_, err = fmt.Fprintf(out, "would install %s: %d objects\n", u.what, bytes.Count(u.bytes, []byte("\n")))
		default:
			err = u.send(ctx, &o, out)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func uploads() ([]upload, error) {
	objects, err := SavedObjects()
	if err != nil {
		return nil, err
	}
	rules, err := Rules()
	if err != nil {
		return nil, err
	}
	return []upload{
		{"saved-objects.ndjson", "data views, searches and dashboards", "/api/saved_objects/_import?overwrite=true", objects},
		{"security-rules.ndjson", "the detection rule", "/api/detection_engine/rules/_import?overwrite=true", rules},
	}, nil
}

func (u *upload) write(dir string, out io.Writer) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	path := filepath.Join(dir, u.name)
	if err := os.WriteFile(path, u.bytes, 0o644); err != nil {
		return fmt.Errorf("write objects: %w", err)
	}
	_, err := fmt.Fprintf(out, "wrote %s: %s\n", path, u.what)
	return err
}

// maxAnswer is far more than Kibana says about an import of this size.
const maxAnswer = 4 << 20

// send uploads the file. Kibana answers 200 also when it took none of the objects.
func (u *upload) send(ctx context.Context, o *Options, out io.Writer) error {
	body, kind, err := u.form()
	if err != nil {
		return err
	}
	space := ""
	if o.Space != "" {
		space = "/s/" + url.PathEscape(o.Space)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(o.URL, "/")+space+u.path, body)
	if err != nil {
		return errors.New("kibana: the address is not one")
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("kbn-xsrf", "idwatch")
	res, err := o.Client.Do(req)
	if err != nil {
		return fmt.Errorf("kibana: %w", err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("kibana: read answer: %w", err)
	}
	if err := u.judge(res.StatusCode, answer); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "installed %s: %d objects\n", u.what, bytes.Count(u.bytes, []byte("\n")))
	return err
}

func (u *upload) form() (body *bytes.Buffer, kind string, err error) {
	body = &bytes.Buffer{}
	form := multipart.NewWriter(body)
	file, err := form.CreateFormFile("file", u.name)
	if err == nil {
		_, err = file.Write(u.bytes)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		return nil, "", fmt.Errorf("write form: %w", err)
	}
	return body, form.FormDataContentType(), nil
}

// judge reads what Kibana says of an import.
func (u *upload) judge(status int, answer []byte) error {
	parsed := gjson.ParseBytes(answer)
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return fmt.Errorf("kibana: refuses the credentials (%d): they need the right to manage saved objects and security rules", status)
	case status == http.StatusNotFound:
		return fmt.Errorf("kibana: has no importer at this address (404): check the address, the space, and that it is Kibana")
	case status/100 != 2:
		return fmt.Errorf("kibana: answers %d about %s", status, u.what)
	case !parsed.Get("success").Exists():
		return errors.New("kibana: the server that answers is not Kibana: check the address")
	}
	if parsed.Get("success").Bool() {
		return nil
	}
	first := parsed.Get("errors.0")
	reason := first.Get("error.type").Str + first.Get("error.message").Str
	return fmt.Errorf("kibana: did not take %d of %s, first %q: %.200s", parsed.Get("errors.#").Int(), u.what, first.Get("id").Str+first.Get("rule_id").Str, reason)
}
