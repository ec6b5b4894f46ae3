package enrich

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"
	"testing"

	"github.com/ua-parser/uap-go/uaparser"
)

func TestRequiredWords(t *testing.T) {
	for _, c := range []struct{ expr, want string }{
		{`(Firefox)/(\d+)`, `[[firefox/]]`},
		{`(iPhone|iPad|iPod).*Version`, `[[ipad ipod iphone] [version]]`},
		{`(?i)spider`, `[[spider]]`},
		{`[Bb]ot[ /]x`, `[[bot x bot/x]]`},
		{`(?:Opera|Mini)?Browser`, `[[browser]]`},
		{`abc+def`, `[[def]]`},
		{`(?:abcd)+`, `[[abcd]]`},
		{`(?:abcd){0,2}`, `[]`},
		{`(?:abcd){1,2}`, `[[abcd]]`},
		{`one|x`, `[]`},
		{`foo.*|barbar[0-9]`, `[[foo barbar]]`},
		{`^ab$`, `[]`},
	} {
		re, err := syntax.Parse(c.expr, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(requiredWords(re)); got != c.want {
			t.Errorf("%s: got %s, want %s", c.expr, got, c.want)
		}
	}
}

func TestEveryExpressionCompiles(t *testing.T) {
	for _, e := range defaultRules().exprs {
		e.compiled()
	}
}

// plainRules are the rules without filter and without splitting.
var plainRules = sync.OnceValue(func() *rules {
	lists, err := readDefinitions(uaparser.DefinitionYaml)
	if err != nil {
		panic(err)
	}
	r := &rules{}
	for question, list := range lists {
		for _, d := range list {
			expr := regexp.MustCompile(d.regex())
			r.exprs = append(r.exprs, expression{d.rule(question), func() *regexp.Regexp { return expr }})
		}
	}
	r.filter = newFilter(make([][]wordSet, len(r.exprs)))
	return r
})

// FuzzFind asserts that filter and splitting change nothing but the time it takes.
func FuzzFind(f *testing.F) {
	for _, seed := range []string{
		"", "Boto3/1.28.2 Python/3.11.4 Linux/6.1.0-9-amd64 Botocore/1.31.2", "AdsBot-Google Googlebot/2.1 bingbot/2.0 spider",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.6099.71 Safari/537.36",
		"Mozilla/5.0 (Linux; Android 9; vivo 1814 Build/PPR1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/86.0.4240.99 Mobile Safari/537.36",
		"SAMSUNG-GT-S5620/1 SHP/VPP/R5 Dolfin/2.0 Nextreaming SMM-MMS/1.2.0", "app/7 CFNetwork/1 Darwin/20.1.0", "\xffſpider ☃ K",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = cut(text, agentBytes)
		if got, want := defaultRules().find(text), plainRules().find(text); got != want {
			t.Errorf("%q:\ngot  %q\nwant %q", text, got, want)
		}
		if got := describe(text); got.Name == "" || got.Device == "" || !strings.HasSuffix(string(got.JSON), ",") {
			t.Errorf("%q: incomplete answer %s", text, got.JSON)
		}
	})
}
