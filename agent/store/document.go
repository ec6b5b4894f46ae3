package store

import "time"

// Document is what people read of an alert's document.
type Document struct {
	Time  time.Time `json:"@timestamp"`
	Event struct {
		ID       string  `json:"id"`
		Kind     string  `json:"kind"`
		Action   string  `json:"action"`
		Reason   string  `json:"reason"`
		Severity int     `json:"severity"`
		Score    float64 `json:"risk_score"`
	} `json:"event"`
	Rule struct {
		ID          string `json:"id"`
		Name        string `json:"name"`
		Description string `json:"description"`
		Reference   string `json:"reference"`
	} `json:"rule"`
	Threat struct {
		Technique struct {
			ID           []string `json:"id"`
			Subtechnique struct {
				ID []string `json:"id"`
			} `json:"subtechnique"`
		} `json:"technique"`
	} `json:"threat"`
	Source struct {
		IP  string `json:"ip"`
		Geo struct {
			City    string `json:"city_name"`
			Country string `json:"country_name"`
		} `json:"geo"`
		AS struct {
			Organization struct {
				Name string `json:"name"`
			} `json:"organization"`
		} `json:"as"`
	} `json:"source"`
	Own struct {
		Covers    []string `json:"covers"`
		Revision  int      `json:"revision"`
		Withdrawn bool     `json:"withdrawn"`
		Folded    string   `json:"folded_into"`
		Identity  struct {
			ID         string   `json:"id"`
			Kind       string   `json:"kind"`
			Names      []string `json:"names"`
			Owner      string   `json:"owner"`
			Function   string   `json:"function"`
			Escalation []string `json:"escalation"`
			Unowned    bool     `json:"unowned"`
			Privileged bool     `json:"privileged"`
			ThirdParty bool     `json:"third_party"`
		} `json:"identity"`
		Score struct {
			Parts []Part `json:"parts"`
		} `json:"score"`
		Evidence  []Evidence `json:"evidence"`
		Context   []string   `json:"context"`
		Gaps      []string   `json:"gaps"`
		Standards struct {
			NHI []string `json:"owasp_nhi"`
			CSF []string `json:"nist_csf"`
			RMF []string `json:"nist_ai_rmf"`
		} `json:"standards"`
		Counterfactual string `json:"counterfactual"`
	} `json:"idwatch"`
}

// Part is a part of a score.
type Part struct {
	Name   string `json:"name"`
	Points int    `json:"points"`
	Reason string `json:"reason"`
}

// Evidence is one record of an alert's chain.
type Evidence struct {
	ID      string    `json:"id"`
	Index   string    `json:"index"`
	Time    time.Time `json:"timestamp"`
	Dataset string    `json:"dataset"`
	Action  string    `json:"action"`
	Summary string    `json:"summary"`
}
