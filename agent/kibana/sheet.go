package kibana

import (
	"embed"
	"fmt"

	"github.com/goccy/go-yaml"
)

// sheets holds what setup installs, as people read it; the README beside them says what the keys mean.
//
//go:embed dashboards/*.yaml
var sheets embed.FS

// View is a data view: the data streams that panels look into.
type View struct {
	ID    string `yaml:"id"`
	Title string `yaml:"title"` // patterns of data streams
	Name  string `yaml:"name"`
}

// Search is a saved search.
type Search struct {
	ID          string   `yaml:"id"`
	Title       string   `yaml:"title"`
	Description string   `yaml:"description"`
	View        string   `yaml:"view"`
	Query       string   `yaml:"query"` // KQL
	Columns     []string `yaml:"columns"`
}

// Dashboard is a dashboard with its panels.
type Dashboard struct {
	ID          string   `yaml:"id"`
	Title       string   `yaml:"title"`
	Description string   `yaml:"description"`
	Query       string   `yaml:"query"`    // KQL, for all panels
	Controls    []string `yaml:"controls"` // fields to choose values of
	Panels      []Panel  `yaml:"panels"`
}

// Panel is one picture of a dashboard.
type Panel struct {
	Title  string `yaml:"title"`
	Show   string `yaml:"show"` // metric, bars, lines, donut, table, search, text
	View   string `yaml:"view"`
	Query  string `yaml:"query"` // KQL, beside that of the dashboard
	Value  values `yaml:"value"`
	Over   fields `yaml:"over"` // fields, outermost first; "time" alone is the time axis
	Split  string `yaml:"split"`
	Top    int    `yaml:"top"`
	Search string `yaml:"search"` // id of the saved search that is shown
	At     [4]int `yaml:"at"`     // x, y, width, height
}

// Value is what a panel counts or computes.
type Value struct {
	Op    string // count, unique, max, average, sum, last
	Field string // "" with count
}

type (
	values []Value
	fields []string
)

// UnmarshalYAML takes one value or a list of them.
func (v *values) UnmarshalYAML(decode func(any) error) error {
	var list []any
	if err := decode(&list); err != nil {
		var one any
		if err := decode(&one); err != nil {
			return err
		}
		list = []any{one}
	}
	for _, item := range list {
		switch item := item.(type) {
		case string:
			*v = append(*v, Value{Op: item})
		case map[string]any:
			for op, field := range item {
				*v = append(*v, Value{op, fmt.Sprint(field)})
			}
		default:
			return fmt.Errorf("a value is a word or a word with a field")
		}
	}
	return nil
}

// UnmarshalYAML takes one field or a list of them.
func (f *fields) UnmarshalYAML(decode func(any) error) error {
	var list []string
	if err := decode(&list); err == nil {
		*f = list
		return nil
	}
	var one string
	if err := decode(&one); err != nil {
		return err
	}
	*f = fields{one}
	return nil
}

// dashboardNames are the sheets that are dashboards, in the order in which they are installed.
var dashboardNames = []string{"threats", "story", "machines", "sources", "quality"}

// Views lists the data views.
func Views() ([]View, error) { return read[[]View]("views") }

// Searches lists the saved searches.
func Searches() ([]Search, error) { return read[[]Search]("searches") }

// Dashboards lists the dashboards.
func Dashboards() (all []Dashboard, err error) {
	for _, name := range dashboardNames {
		d, err := read[Dashboard](name)
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
}

func read[T any](name string) (sheet T, err error) {
	text, err := sheets.ReadFile("dashboards/" + name + ".yaml")
	if err != nil {
		return sheet, fmt.Errorf("read sheet: %w", err)
	}
	if err := yaml.UnmarshalWithOptions(text, &sheet, yaml.Strict()); err != nil {
		return sheet, fmt.Errorf("read sheet %s: %w", name, err)
	}
	return sheet, nil
}
