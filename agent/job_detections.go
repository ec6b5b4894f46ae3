package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/idwatch/idwatch/detections"
)

// layer is a layer of the ATT&CK Navigator, format 4.5.
// https://github.com/mitre-attack/attack-navigator/blob/master/layers/spec/v4.5/layerformat.md
type layer struct {
	Name        string         `json:"name"`
	Versions    layerVersions  `json:"versions"`
	Domain      string         `json:"domain"`
	Description string         `json:"description"`
	Techniques  []layerEntry   `json:"techniques"`
	Gradient    layerGradient  `json:"gradient"`
	Filters     layerPlatforms `json:"filters"`
}

type layerVersions struct {
	Attack    string `json:"attack"`
	Navigator string `json:"navigator"`
	Layer     string `json:"layer"`
}

// layerEntry is a technique with its number of detections.
type layerEntry struct {
	ID       string `json:"techniqueID"`
	Score    int    `json:"score"`
	Comment  string `json:"comment"`
	Enabled  bool   `json:"enabled"`
	ShowSubs bool   `json:"showSubtechniques"`
}

type layerGradient struct {
	Colors []string `json:"colors"`
	Min    int      `json:"minValue"`
	Max    int      `json:"maxValue"`
}

type layerPlatforms struct {
	Platforms []string `json:"platforms"`
}

// layerOf counts for each technique the detections of it. Techniques have the names of the layer's version of ATT&CK.
func layerOf(all []detections.Description) layer {
	rules := map[string][]string{}
	for _, d := range all {
		for _, technique := range d.Attack {
			technique = detections.TechniqueBefore(technique)
			rules[technique] = append(rules[technique], d.ID)
		}
	}
	l := layer{
		Name:        "idwatch",
		Versions:    layerVersions{"17", "5.1.0", "4.5"},
		Domain:      "enterprise-attack",
		Description: fmt.Sprintf("%d detections of identity abuse; the score of a technique is how many of them are about it", len(all)),
		Gradient:    layerGradient{Colors: []string{"#e8f1fb", "#1f6fc4"}, Min: 0},
		Filters:     layerPlatforms{[]string{"Identity Provider", "IaaS", "SaaS", "Office Suite"}},
		Techniques:  []layerEntry{},
	}
	for _, technique := range slices.Sorted(maps.Keys(rules)) {
		ids := rules[technique]
		l.Techniques = append(l.Techniques, layerEntry{technique, len(ids), strings.Join(ids, ", "), true, strings.Contains(technique, ".")})
		l.Gradient.Max = max(l.Gradient.Max, len(ids))
	}
	return l
}
