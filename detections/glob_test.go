package detections

import (
	"fmt"
	"testing"
)

func TestGlob(t *testing.T) {
	for _, test := range []struct {
		pattern, name string
		want          bool
	}{
		{"repo:acme/shop:*", "repo:acme/shop:ref:refs/heads/main", true},
		{"repo:acme/shop:*", "repo:acme/shopping:x", false},
		{"arn:aws:sts::*:assumed-role/Shop-*/ci", "ARN:aws:sts::123456789012:assumed-role/shop-deployer/CI", true},
		{"*a*b", "xaxbxab", true}, {"*a*b", "xaxbxa", false}, {"a?c", "a/c", true}, {"a?c", "aéc", true}, {"a?c", "ac", false},
		{"*", "", true}, {"?", "", false}, {"", "", true}, {"", "a", false}, {"a[b]*", "a[b]c", true}, {"a[b]*", "abc", false}, {"iam:PassRole", "iam:passrole", true},
	} {
		if got := Glob(test.pattern, test.name); got != test.want {
			t.Errorf("%q and %q: got %v, want %v", test.pattern, test.name, got, test.want)
		}
	}
}

// TestKnownByPattern: whatever the prefixes, the first identity of the file counts.
func TestKnownByPattern(t *testing.T) {
	c := &Context{}
	for i, pattern := range []string{"repo:acme/shop:*", "repo:*", "*@acme.example", "repo:acme/*"} {
		c.Identities = append(c.Identities, Known{ID: fmt.Sprint(i), Names: []string{pattern}})
	}
	c.Index()
	for name, want := range map[string]string{"Repo:acme/shop:x": "0", "repo:acme/site:x": "1", "bob@ACME.example": "2", "none": ""} {
		got := ""
		if known := c.Known(name); known != nil {
			got = known.ID
		}
		if got != want {
			t.Errorf("%s: got identity %q, want %q", name, got, want)
		}
	}
}
