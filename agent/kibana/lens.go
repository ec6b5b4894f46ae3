package kibana

import (
	"fmt"
	"strconv"
)

const (
	layer          = "layer"
	layerReference = "indexpattern-datasource-layer-" + layer
	timeAxis       = "time"
	defaultTop     = 10
)

// columns is what a panel asks for: buckets from outer to inner, then values.
type columns struct {
	order   []string
	all     object
	buckets []string
	values  []string
}

func (c *columns) add(list *[]string, prefix string, column object) {
	id := prefix + strconv.Itoa(len(*list)+1)
	*list = append(*list, id)
	c.all[id] = column
}

// lens makes the panel's chart as Kibana's Lens keeps it.
func (p *Panel) lens() (object, error) {
	c, err := p.columns()
	if err != nil {
		return nil, err
	}
	kind, visualization, err := p.visualization(c)
	if err != nil {
		return nil, err
	}
	return object{
		"title": p.Title, "description": "", "type": "lens", "visualizationType": kind,
		"references": []reference{{idPrefix + p.View, layerReference, "index-pattern"}},
		"state": object{
			"visualization": visualization, "query": kql(p.Query), "filters": []any{},
			"datasourceStates": object{"formBased": object{"layers": object{
				layer: object{"columnOrder": c.order, "columns": c.all, "incompleteColumns": object{}},
			}}},
			"internalReferences": []any{}, "adHocDataViews": object{},
		},
	}, nil
}

// columns makes the columns of the panel's one layer. Lens wants the colour of bars before their axis.
func (p *Panel) columns() (*columns, error) {
	c := &columns{all: object{}}
	for _, v := range p.Value {
		column, err := v.column()
		if err != nil {
			return nil, err
		}
		c.add(&c.values, "value", column)
	}
	if len(c.values) == 0 {
		return nil, fmt.Errorf("has no value")
	}
	if p.Split != "" {
		c.all["split"] = p.terms(p.Split, c.values[0])
		c.order = append(c.order, "split")
	}
	for _, name := range p.Over {
		if name == timeAxis {
			c.add(&c.buckets, "over", overTime())
			continue
		}
		c.add(&c.buckets, "over", p.terms(name, c.values[0]))
	}
	c.order = append(append(c.order, c.buckets...), c.values...)
	return c, nil
}

func overTime() object {
	return object{
		"label": "@timestamp", "dataType": "date", "operationType": "date_histogram", "sourceField": "@timestamp", "isBucketed": true, "scale": "interval",
		"params": object{"interval": "auto", "includeEmptyRows": true, "dropPartials": false},
	}
}

// terms are the values of a field that have most of the panel's first value.
func (p *Panel) terms(name, by string) object {
	return object{
		"label": name, "customLabel": true, "dataType": dataType(name), "operationType": "terms", "sourceField": name, "isBucketed": true, "scale": "ordinal",
		"params": object{
			"size": p.top(), "orderBy": object{"type": "column", "columnId": by}, "orderDirection": "desc", "otherBucket": false, "missingBucket": false,
			"parentFormat": object{"id": "terms"}, "include": []any{}, "exclude": []any{}, "includeIsRegex": false, "excludeIsRegex": false,
		},
	}
}

func (p *Panel) top() int {
	if p.Top == 0 {
		return defaultTop
	}
	return p.Top
}

// numbers are the fields among those of the sheets that hold numbers.
var numbers = map[string]bool{"event.severity": true, "event.risk_score": true, "idwatch.revision": true, "idwatch.deadletter.bytes": true}

func dataType(name string) string {
	switch {
	case numbers[name]:
		return "number"
	case name == "@timestamp":
		return "date"
	}
	return "string"
}

// column makes the column of a value.
func (v Value) column() (object, error) {
	c := object{"label": v.Label(), "customLabel": true, "dataType": "number", "isBucketed": false, "scale": "ratio", "sourceField": v.Field, "params": object{"emptyAsNull": true}}
	switch v.Op {
	case "count":
		c["operationType"], c["sourceField"] = "count", "___records___"
	case "unique":
		c["operationType"] = "unique_count"
	case "max", "average", "sum":
		c["operationType"] = v.Op
	case "last":
		c["operationType"], c["dataType"], c["params"] = "max", dataType(v.Field), object{}
	default:
		return nil, fmt.Errorf("value %q is unknown", v.Op)
	}
	return c, nil
}

// Label is what a value is called in a legend or a table's head.
func (v Value) Label() string {
	switch v.Op {
	case "count":
		return "records"
	case "last":
		return "last " + v.Field
	case "unique":
		return "different " + v.Field
	}
	return v.Op + " of " + v.Field
}

// visualization makes the part of the chart that says how columns are shown.
func (p *Panel) visualization(c *columns) (kind string, state object, err error) {
	switch p.Show {
	case "metric":
		return "lnsMetric", object{"layerId": layer, "layerType": "data", "metricAccessor": c.values[0]}, nil
	case "bars", "lines":
		return "lnsXY", p.xy(c), nil
	case "donut":
		return "lnsPie", object{"shape": "donut", "layers": []object{{
			"layerId": layer, "layerType": "data", "primaryGroups": c.buckets, "metrics": c.values, "numberDisplay": "value", "categoryDisplay": "default", "legendDisplay": "default",
		}}}, nil
	case "table":
		var shown []object
		for _, id := range append(append([]string{}, c.buckets...), c.values...) {
			shown = append(shown, object{"columnId": id, "isTransposed": false})
		}
		return "lnsDatatable", object{"layerId": layer, "layerType": "data", "columns": shown}, nil
	}
	return "", nil, fmt.Errorf("show %q is unknown", p.Show)
}

// xy makes bars over time, lines over time, or lying bars over a field's values.
func (p *Panel) xy(c *columns) object {
	series := "bar_stacked"
	switch {
	case p.Show == "lines":
		series = "line"
	case len(p.Over) == 1 && p.Over[0] != timeAxis:
		series = "bar_horizontal_stacked"
	}
	one := object{"layerId": layer, "layerType": "data", "seriesType": series, "xAccessor": c.buckets[0], "accessors": c.values}
	if p.Split != "" {
		one["splitAccessor"] = "split"
	}
	return object{
		"preferredSeriesType": series, "layers": []object{one}, "legend": object{"isVisible": p.Split != "", "position": "right"},
		"valueLabels": "hide", "fittingFunction": "None", "axisTitlesVisibilitySettings": object{"x": false, "yLeft": false, "yRight": false},
	}
}
