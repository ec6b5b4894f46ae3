package console

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/idwatch/idwatch/agent/store"
	"github.com/idwatch/idwatch/parsers/ecs"
)

const (
	queryMost    = 400 // bytes of a query
	wordsMost    = 10
	searchFor    = 3 * time.Second
	foundPerPage = 50
	formTime     = "2006-01-02T15:04" // as <input type="datetime-local"> writes it
)

// searchView is the page of a search.
type searchView struct {
	Query, Dataset, From, Until, Outcome string

	Asked    bool
	Datasets []string
	Results  []recordView
	Found    *store.Found
	Older    string
	Window   store.Window
	Without  bool // no records are kept on this machine
}

// recordView is a record in a list.
type recordView struct {
	At                          time.Time
	Dataset, Action, Who, From  string
	Country, Outcome, Activity  string
	ID, Address, Document, Text string
}

// viewRecord reads from a record's document what a list shows.
func viewRecord(r *store.Record) recordView {
	m := gjson.GetManyBytes(r.Doc.Body, "event.action", "event.outcome", "source.ip", "source.geo.country_iso_code", "user.name", "user.email", "service.name",
		"related.user.0", "idwatch.identity.id", "idwatch.activity")
	v := recordView{At: r.At, Dataset: r.Dataset, ID: r.Doc.ID, Action: m[0].String(), Outcome: m[1].String(), From: m[2].String(), Country: m[3].String(), Activity: m[9].String()}
	for _, name := range m[4:9] {
		if v.Who = name.String(); v.Who != "" {
			break
		}
	}
	v.Address = recordAddress(r.Dataset, r.At, r.Doc.ID)
	return v
}

// recordAddress is the address of a record's page.
func recordAddress(dataset string, at time.Time, id string) string {
	return "/record?" + url.Values{"dataset": {dataset}, "at": {strconv.FormatInt(at.UnixMilli(), 10)}, "id": {id}}.Encode()
}

func (c *Console) searchPage(r *http.Request) (*page, error) {
	q := r.URL.Query()
	v := &searchView{Query: strings.TrimSpace(q.Get("q")), Dataset: q.Get("dataset"), From: q.Get("from"), Until: q.Get("until"), Outcome: q.Get("outcome")}
	p := &page{Name: "search", Title: "Search", Body: v, Query: v.Query}
	if c.Store == nil {
		v.Without = true
		return p, nil
	}
	for _, s := range c.Sources() {
		v.Datasets = append(v.Datasets, s.Dataset)
	}
	var err error
	if v.Window, err = c.Store.Window(); err != nil {
		return nil, err
	}
	if v.Asked = len(q) > 0; !v.Asked {
		return p, nil
	}
	search, err := v.read(q)
	if err != nil {
		return nil, err
	}
	search.Make = c.Make
	found, err := c.find(r, search)
	if err != nil {
		return nil, err
	}
	v.Found = found
	for i := range found.Records {
		v.Results = append(v.Results, viewRecord(&found.Records[i]))
	}
	if !found.Whole {
		q.Set("before", strconv.FormatInt(found.Back.UnixMilli(), 10))
		v.Older = "/search?" + q.Encode()
	}
	return p, nil
}

// read makes a search of an address: words, and fields as action:ConsoleLogin.
func (v *searchView) read(q url.Values) (s store.Search, err error) {
	if len(v.Query) > queryMost {
		return s, failed{http.StatusBadRequest, "The query is longer than 400 bytes."}
	}
	s = store.Search{Dataset: v.Dataset, Limit: foundPerPage}
	wanted := map[string]string{}
	if v.Outcome != "" {
		wanted["outcome"] = v.Outcome
	}
	for word := range strings.FieldsSeq(v.Query) {
		field, value, isField := strings.Cut(word, ":")
		switch {
		case isField && value != "" && (field == "action" || field == "outcome" || field == "activity" || field == "ip"):
			wanted[field] = value
			if field == "ip" {
				s.Words = append(s.Words, value) // addresses stand in records as they are
			}
		case isField && value != "" && field == "dataset":
			s.Dataset = value
		default:
			s.Words = append(s.Words, word)
		}
	}
	if len(s.Words) > wordsMost {
		return s, failed{http.StatusBadRequest, "The query has more than ten words."}
	}
	if len(wanted) > 0 {
		s.Keep = func(doc *ecs.Doc) bool { return fits(doc, wanted) }
	}
	for _, bound := range []struct {
		text string
		time *time.Time
	}{{v.From, &s.From}, {v.Until, &s.Until}} {
		if bound.text == "" {
			continue
		}
		if *bound.time, err = time.Parse(formTime, bound.text); err != nil {
			return s, failed{http.StatusBadRequest, "The times are wanted as 2026-09-01T08:00, in UTC."}
		}
	}
	if before, err := strconv.ParseInt(q.Get("before"), 10, 64); err == nil {
		s.Until = time.UnixMilli(before)
	}
	return s, nil
}

// fits reports whether a document has the fields wanted.
func fits(doc *ecs.Doc, wanted map[string]string) bool {
	for field, want := range wanted {
		switch field {
		case "ip":
			if gjson.GetBytes(doc.Body, "source.ip").String() != want && !gjson.GetBytes(doc.Body, `related.ip.#(=="`+plainAddress(want)+`")`).Exists() {
				return false
			}
		case "activity":
			if !strings.EqualFold(gjson.GetBytes(doc.Body, "idwatch.activity").String(), want) {
				return false
			}
		default:
			if !strings.EqualFold(gjson.GetBytes(doc.Body, "event."+field).String(), want) {
				return false
			}
		}
	}
	return true
}

// plainAddress drops from an address what no address has, as it goes into a query of gjson.
func plainAddress(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("0123456789abcdefABCDEF.:", r) {
			return r
		}
		return -1
	}, text)
}

// find searches the window. Searches cost: there are never more than a few at a time.
func (c *Console) find(r *http.Request, s store.Search) (*store.Found, error) {
	select {
	case c.searching <- struct{}{}:
		defer func() { <-c.searching }()
	case <-r.Context().Done():
		return nil, failed{http.StatusServiceUnavailable, "Other searches are running. Try again in a moment."}
	}
	c.Store.Flush()
	ctx, stop := context.WithTimeout(r.Context(), searchFor)
	defer stop()
	return c.Store.Find(ctx, s)
}

// recordPage shows one record: its document, and the record as it came.
func (c *Console) recordPage(r *http.Request) (*page, error) {
	q := r.URL.Query()
	millis, err := strconv.ParseInt(q.Get("at"), 10, 64)
	if err != nil || c.Store == nil || len(q.Get("id")) > 100 {
		return nil, failed{http.StatusNotFound, "There is no such record on this machine."}
	}
	at := time.UnixMilli(millis)
	search := store.Search{Dataset: q.Get("dataset"), From: at, Until: at.Add(time.Millisecond), Limit: 1, Make: c.Make}
	search.Keep = func(doc *ecs.Doc) bool { return doc.ID == q.Get("id") }
	found, err := c.find(r, search)
	if err != nil {
		return nil, err
	}
	if len(found.Records) == 0 {
		return nil, failed{http.StatusNotFound, "The record has left the window of this machine, or came before it."}
	}
	record := &found.Records[0]
	v := viewRecord(record)
	v.Document, v.Text = indented(record.Doc.Body), indented(record.Text)
	return &page{Name: "record", Title: "Record " + v.ID, Body: v}, nil
}

// indented is JSON for a person to read, or the text as it is.
func indented(text []byte) string {
	var b bytes.Buffer
	if json.Indent(&b, text, "", "  ") != nil {
		return string(text)
	}
	return b.String()
}
