package kibana

import (
	"fmt"
	"strconv"
)

// object makes the dashboard with all its panels in it.
func (d *Dashboard) object() (savedObject, error) {
	var panels []object
	var references []reference
	for i := range d.Panels {
		panel, uses, err := d.Panels[i].object(strconv.Itoa(i + 1))
		if err != nil {
			return savedObject{}, fmt.Errorf("panel %q: %w", d.Panels[i].Title, err)
		}
		panels = append(panels, panel)
		references = append(references, uses...)
	}
	attributes := object{
		"title": d.Title, "description": d.Description, "version": 1,
		"timeRestore": true, "timeFrom": "now-7d", "timeTo": "now",
		"optionsJSON":           text(object{"useMargins": true, "hidePanelTitles": false, "syncColors": true, "syncCursor": true, "syncTooltips": false}),
		"panelsJSON":            text(panels),
		"kibanaSavedObjectMeta": object{"searchSourceJSON": text(object{"query": kql(d.Query), "filter": []any{}})},
	}
	if len(d.Controls) > 0 {
		group, uses := controls(d.Controls)
		attributes["controlGroupInput"] = group
		references = append(references, uses...)
	}
	return newObject("dashboard", d.ID, attributes, references), nil
}

// object makes a panel and lists what it refers to. The dashboard's reference repeats the panel's under the panel's name.
func (p *Panel) object(number string) (object, []reference, error) {
	panel := object{
		"panelIndex": number, "title": p.Title,
		"gridData": object{"x": p.At[0], "y": p.At[1], "w": p.At[2], "h": p.At[3], "i": number},
	}
	if p.Show == "search" {
		name := "panel_" + number
		panel["type"], panel["panelRefName"] = "search", name
		panel["embeddableConfig"] = object{"enhancements": object{}}
		return panel, []reference{{idPrefix + p.Search, number + ":" + name, "search"}}, nil
	}
	lens, err := p.lens()
	if err != nil {
		return nil, nil, err
	}
	panel["type"] = "lens"
	panel["embeddableConfig"] = object{"attributes": lens, "enhancements": object{}, "hidePanelTitles": false}
	return panel, []reference{{idPrefix + p.View, number + ":" + layerReference, "index-pattern"}}, nil
}

// controls make the lists above a dashboard from which values are chosen.
func controls(names []string) (group object, references []reference) {
	panels := object{}
	for i, name := range names {
		number := strconv.Itoa(i + 1)
		panels[number] = object{
			"order": i, "width": "medium", "grow": true, "type": "optionsListControl",
			"explicitInput": object{"id": number, "fieldName": name, "title": name, "searchTechnique": "wildcard", "enhancements": object{}},
		}
		references = append(references, reference{idPrefix + "events", "controlGroup_" + number + ":optionsListDataView", "index-pattern"})
	}
	return object{
		"controlStyle": "oneLine", "chainingSystem": "HIERARCHICAL", "panelsJSON": text(panels),
		"ignoreParentSettingsJSON": text(object{"ignoreFilters": false, "ignoreQuery": false, "ignoreTimerange": false, "ignoreValidations": false}),
	}, references
}
