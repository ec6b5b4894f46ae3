package console

import (
	"fmt"
	"html/template"
	"net/url"
	"path"
	"strings"
	"time"
)

// parsePages makes a set of templates for each page, with the layout and the parts that all may use.
func parsePages() (map[string]*template.Template, error) {
	base, err := template.New("").Funcs(functions).ParseFS(files, "templates/layout.html", "templates/parts.html")
	if err != nil {
		return nil, err
	}
	entries, err := files.ReadDir("templates")
	if err != nil {
		return nil, err
	}
	pages := map[string]*template.Template{}
	for _, entry := range entries {
		name := strings.TrimSuffix(entry.Name(), ".html")
		if name == "layout" || name == "parts" {
			continue
		}
		page, err := base.Clone()
		if err != nil {
			return nil, err
		}
		if pages[name], err = page.ParseFS(files, path.Join("templates", entry.Name())); err != nil {
			return nil, err
		}
	}
	return pages, nil
}

var functions = template.FuncMap{
	"time":     timeText,
	"iso":      func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"duration": durationText,
	"bytes":    bytesText,
	"count":    countText,
	"identity": func(name string) string { return "/identity?name=" + url.QueryEscape(name) },
	"level":    level,
	"join":     strings.Join,
	"add":      func(a, b int) int { return a + b },
	"label":    func(id string) string { return strings.TrimPrefix(id, "id:") },
	"short":    short,
	"record":   recordAddress,
}

// timeText writes a time in UTC, to the second.
func timeText(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format("2006-01-02 15:04:05")
}

// durationText writes a duration in its two largest units.
func durationText(d time.Duration) string {
	d = d.Round(time.Second)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%dm %02ds", d/time.Minute, d%time.Minute/time.Second)
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh %02dm", d/time.Hour, d%time.Hour/time.Minute)
	}
	return fmt.Sprintf("%dd %02dh", d/(24*time.Hour), d%(24*time.Hour)/time.Hour)
}

func bytesText(n int64) string {
	for _, unit := range []struct {
		size int64
		name string
	}{{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if n >= unit.size {
			return fmt.Sprintf("%.1f %s", float64(n)/float64(unit.size), unit.name)
		}
	}
	return fmt.Sprintf("%d B", n)
}

// countText writes a number with commas between thousands.
func countText(n int64) string {
	text := fmt.Sprint(n)
	for at := len(text) - 3; at > 0 && text[at-1] != '-'; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// level is the word for a severity of 21, 47, 73 or 99.
func level(severity int) string {
	switch {
	case severity >= 99:
		return "critical"
	case severity >= 73:
		return "high"
	case severity >= 47:
		return "medium"
	}
	return "low"
}

// short cuts a text for a picture.
func short(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most-1]) + "…"
}
