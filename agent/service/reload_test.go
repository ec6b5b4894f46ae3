package service

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
)

// cityDatabase says that 192.0.2.0/24 is a city.
func cityDatabase(t *testing.T, city string) string {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: "test-City", RecordSize: 24, IncludeReservedNetworks: true})
	if err != nil {
		t.Fatal(err)
	}
	_, network, err := net.ParseCIDR("192.0.2.0/24")
	if err != nil {
		t.Fatal(err)
	}
	place := mmdbtype.Map{"city": mmdbtype.Map{"names": mmdbtype.Map{"en": mmdbtype.String(city)}}}
	if err := tree.Insert(network, place); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if _, err := tree.WriteTo(&file); err != nil {
		t.Fatal(err)
	}
	return file.String()
}

// cities are the cities of the sign-ins, in order.
func (h house) cities() (names []string) {
	for _, doc := range h.documents()["logs-okta.system-default"] {
		names = append(names, doc.Get("source.geo.city_name").Str)
	}
	return names
}

func TestDatabasesAreReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		path := h.write("city.mmdb", cityDatabase(t, "Berlin"))
		s := h.open(h.config("geoip: {city: " + path + "}"))
		h.put(s, oktaFrom("192.0.2.1", 1))

		h.write("city.mmdb", cityDatabase(t, "Potsdam"))
		if err := s.Reload(); err != nil {
			t.Errorf("Reload: %v", err)
		}
		h.put(s, oktaFrom("192.0.2.1", 2))

		h.write("city.mmdb", "no database")
		if err := s.Reload(); err == nil || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") {
			t.Errorf("Reload of a damaged file: got %v, want one line that names it", err)
		}
		h.put(s, oktaFrom("192.0.2.1", 3))

		h.write("city.mmdb", cityDatabase(t, "Riga"))
		<-time.After(refreshEvery + time.Second) // nobody tells the service
		synctest.Wait()
		h.put(s, oktaFrom("192.0.2.1", 4))
		h.close(s)
		if got, want := fmt.Sprint(h.cities()), "[Berlin Potsdam Potsdam Riga]"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// rootKey is a record that raises an alert at the usual threshold: the root of an account makes itself a key.
func rootKey(n int) string {
	return fmt.Sprintf(`{"eventVersion":"1.08","userIdentity":{"type":"Root","principalId":"%[1]d","arn":"arn:aws:iam::%[1]d:root","accountId":"%[1]d"},`+
		`"eventTime":"2026-09-01T08:00:00Z","eventSource":"iam.amazonaws.com","eventName":"CreateAccessKey","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.7",`+
		`"responseElements":{"accessKey":{"accessKeyId":"AKIAEXAMPLE%[1]d"}},"eventID":"e-%[1]d","recipientAccountId":"%[1]d"}`, 111122223300+n)
}

func TestContext(t *testing.T) {
	h := newHouse(t)
	path := h.write("context.yaml", "alert_threshold: 100\n")
	s := h.open(h.config("context: " + path))
	h.put(s, rootKey(1)) // below the threshold of this house

	h.write("context.yaml", "alert_threshold: 50\n")
	if err := s.Reload(); err != nil {
		t.Errorf("Reload: %v", err)
	}
	h.put(s, rootKey(2))

	h.write("context.yaml", "learning: {days: 1}\nalert_treshold: 100\n")
	want := path + ":2: alert_treshold: unknown key (did you mean alert_threshold?)"
	if err := s.Reload(); err == nil || err.Error() != want {
		t.Errorf("Reload of a bad file: got %v, want %s", err, want)
	}
	h.put(s, rootKey(3)) // the old one stays
	h.close(s)

	accounts := map[string]string{}
	for _, kind := range []string{"signal", "alert"} {
		for _, doc := range h.documents()["logs-idwatch."+kind+"-default"] {
			accounts[doc.Get("cloud.account.id").Str] += kind + " "
		}
	}
	for n, want := range map[int]string{1: "signal ", 2: "alert ", 3: "alert "} {
		if got := accounts[fmt.Sprint(111122223300+n)]; !strings.Contains(got, want) || n == 1 && strings.Contains(got, "alert") {
			t.Errorf("record %d: got %q, want %q", n, got, want)
		}
	}
}

func TestBadContextIsRefused(t *testing.T) {
	h := newHouse(t)
	path := h.write("context.yaml", "identities:\n- id: shop\n  kind: humna\n")
	want := path + ":3: identities[0].kind: unknown value (did you mean human?)"
	if _, err := Open(h.config("context: "+path), slog.New(slog.DiscardHandler)); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
