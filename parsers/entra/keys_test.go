package entra

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/idwatch/idwatch/parsers/record"
)

func TestAppendName(t *testing.T) {
	tests := []struct{ key, snake, kept string }{
		{"userPrincipalName", "user_principal_name", "userPrincipalName"},
		{"ipAddress", "ip_address", "ipAddress"},
		{"IPAddress", "ipaddress", "IPAddress"},
		{"AADTenantId", "aadtenant_id", "AADTenantId"},
		{"isCAEToken", "is_caetoken", "isCAEToken"},
		{"RequestSequence", "request_sequence", "RequestSequence"},
		{"riskEventTypes_v2", "risk_event_types_v2", "riskEventTypes_v2"},
		{"oauth2PermissionGrant", "oauth2permission_grant", "oauth2PermissionGrant"},
		{"CreatedDateTime", "created_date_time", "CreatedDateTime"},
		{"__UDI_RequiredFields_TenantId", "__udi_required_fields_tenant_id", "__UDI_RequiredFields_TenantId"},
		{"a.bC", "a_b_c", "a_bC"},
		{"", "_", "_"},
		{" ", "_", "_"},
		{"..", "_", "_"},
		{" . ", "_", "_"},
		{"\t", "_", "_"},
		{"\u2003", "_", "_"},
		{"a\x00b", "a_b", "a_b"},
		{`a"b\c`, "a_b_c", "a_b_c"},
		{"GrößeÄ", "größeä", "GrößeÄ"},
		{strings.Repeat("x", 300), strings.Repeat("x", 256), strings.Repeat("x", 256)},
	}
	for _, test := range tests {
		text, _ := json.Marshal(map[string]int{test.key: 1})
		var r record.Record
		if err := r.Parse(text); err != nil {
			t.Fatal(err)
		}
		for snake, want := range map[bool]string{true: test.snake, false: test.kept} {
			if got, _ := appendName(nil, r.Root().First(), snake); string(got) != want {
				t.Errorf("%q, snake %v: got %q, want %q", test.key, snake, got, want)
			}
		}
	}
}

// TestTables checks that every row is found under each of its names, and that no two rows write the same one.
func TestTables(t *testing.T) {
	tables := []*table{signInRoot, signInProperties, signInInner, statusMembers, deviceMembers, agentMembers, managedMembers,
		auditRoot, auditProperties, initiators, detailMembers, riskRoot, riskProperties, graphRoot, graphProperties,
		activityRoot, identityMembers}
	for _, table := range tables {
		names := map[string]bool{}
		for i := range table.rows {
			r := &table.rows[i]
			if got := table.find([]byte(r.from)); got != r {
				t.Errorf("%s is not found", r.from)
			}
			if r.as != taken && names[r.to] {
				t.Errorf("%s is written by two rows", r.to)
			}
			names[r.to] = r.as != taken || names[r.to]
		}
	}
}

// TestEqualNames: whatever the keys, an object never has a name twice, and the key that can give no other name stays.
func TestEqualNames(t *testing.T) {
	var few, many strings.Builder
	few.WriteString(`{"New_Field":1,"newField":2,"NewField":3,"a.b":4,"a_b":5`)
	many.WriteString(few.String())
	for i := range 300 {
		fmt.Fprintf(&many, `,"Key%d":%d,"key%d":%d,"KEY.%d":0,"KEY_%d":0`, i%200+i/200*1000, i, i%150, i, i, i)
	}
	for _, text := range []string{few.String() + "}", many.String() + "}"} {
		var r record.Record
		if err := r.Parse([]byte(text)); err != nil {
			t.Fatal(err)
		}
		k := walk{snake: true, prune: true}
		if !k.value(r.Root()) || !k.Cleaned {
			t.Error("an object with equal names was not cleaned")
		}
		var again record.Record
		if err := again.Parse(k.B); err != nil || again.Mended() {
			t.Fatalf("names are still equal, or %v", err)
		}
		if got := again.Root().Get("new_field").Scalar(); got != "2" {
			t.Errorf("got %q, want 2, whose key is the vendor's spelling", got)
		}
		if got := again.Root().Get("a_b").Scalar(); got != "4" {
			t.Errorf("got %q, want 4, the first of two", got)
		}
	}
}
