package windows

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 9, 1, 20, 0, 0, 0, time.UTC)

// signer is a key pair in files.
type signer struct {
	private ed25519.PrivateKey
	public  string
}

func newSigner(t *testing.T) signer {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "pub.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return signer{private, path}
}

func (s signer) sign(t *testing.T, st Statement) []byte {
	t.Helper()
	signed, err := Sign(&st, s.private)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// register opens a register that trusts a signer.
func register(t *testing.T, file string, s signer) *Register {
	t.Helper()
	r, err := OpenRegister(Settings{File: file, Keys: []string{s.public}, Longest: 12 * time.Hour, Ahead: 7 * 24 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// statement is one that is taken.
func statement() Statement {
	return Statement{Action: Open, ID: NewID(), Issued: now, Kind: "deployment", From: now, Until: now.Add(2 * time.Hour), Identities: []string{"shop-deployer"}}
}

func TestRefusals(t *testing.T) {
	s, stranger := newSigner(t), newSigner(t)
	r := register(t, filepath.Join(t.TempDir(), "windows.json"), s)
	with := func(change func(*Statement)) []byte {
		st := statement()
		change(&st)
		return s.sign(t, st)
	}
	changed := func() []byte { // one letter of a good statement
		var g Signed
		if err := json.Unmarshal(s.sign(t, statement()), &g); err != nil {
			t.Fatal(err)
		}
		text, _ := base64.StdEncoding.DecodeString(g.Statement)
		g.Statement = base64.StdEncoding.EncodeToString([]byte(strings.Replace(string(text), "shop", "shot", 1)))
		b, _ := json.Marshal(g)
		return b
	}
	for _, c := range []struct {
		name   string
		signed []byte
		rule   string // "" is taken
	}{
		{"good", s.sign(t, statement()), ""},
		{"later today", with(func(s *Statement) { s.From, s.Until = now.Add(3*time.Hour), now.Add(4*time.Hour) }), ""},
		{"no JSON", []byte("hello"), Forged},
		{"nothing", nil, Forged},
		{"huge", make([]byte, maxSigned+1), Forged},
		{"no signature", []byte(`{"statement":"e30="}`), Forged},
		{"a stranger's", stranger.sign(t, statement()), Forged},
		{"changed on the way", changed(), Forged},
		{"over", with(func(s *Statement) { s.From, s.Until = now.Add(-10*time.Minute), now }), Expired},
		{"kept for later", with(func(s *Statement) { s.Issued = now.Add(-time.Hour); s.From = s.Issued }), Expired},
		{"too long", with(func(s *Statement) { s.Until = now.Add(13 * time.Hour) }), Improper},
		{"too far ahead", with(func(s *Statement) { s.From, s.Until = now.Add(8*24*time.Hour), now.Add(8*24*time.Hour+time.Hour) }), Improper},
		{"for what has happened", with(func(s *Statement) { s.From = now.Add(-time.Hour) }), Improper},
		{"from the future", with(func(s *Statement) { s.Issued = now.Add(time.Hour) }), Improper},
		{"for everybody", with(func(s *Statement) { s.Identities = []string{"*"} }), Improper},
		{"for nobody", with(func(s *Statement) { s.Identities = nil }), Improper},
		{"unknown kind", with(func(s *Statement) { s.Kind = "holiday" }), Improper},
		{"unknown source", with(func(s *Statement) { s.Sources = []string{"otka"} }), Improper},
		{"control characters", with(func(s *Statement) { s.Ticket = "\x1b[2J" }), Improper},
		{"short id", with(func(s *Statement) { s.ID = "x" }), Improper},
		{"closes nothing", with(func(s *Statement) { s.Action = Close }), Improper},
		{"unknown action", with(func(s *Statement) { s.Action = "widen" }), Improper},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := r.Take(c.signed, now)
			var refusal *Refusal
			switch {
			case c.rule == "" && err != nil:
				t.Errorf("got %v, want it taken", err)
			case c.rule != "" && (!errors.As(err, &refusal) || refusal.Rule != c.rule):
				t.Errorf("got %v, want %s", err, c.rule)
			}
		})
	}
	if n := len(r.Windows()); n != 2 {
		t.Errorf("got %d windows, want 2", n)
	}
}

// An id is opened once and closed once, also by a process that starts later.
func TestOnce(t *testing.T) {
	s, file := newSigner(t), filepath.Join(t.TempDir(), "windows.json")
	st := statement()
	opening := s.sign(t, st)
	closing := s.sign(t, Statement{Action: Close, ID: st.ID, Issued: now.Add(time.Hour)})
	take := func(signed []byte, at time.Time, want string) {
		t.Helper()
		_, err := register(t, file, s).Take(signed, at)
		var refusal *Refusal
		if got := ""; errors.As(err, &refusal) {
			if got = refusal.Rule; got != want {
				t.Errorf("got %v, want %q", err, want)
			}
		} else if err != nil || want != "" {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	take(opening, now, "")
	take(opening, now.Add(time.Minute), Replayed)
	take(closing, now.Add(time.Hour), "")
	take(closing, now.Add(time.Hour), Replayed)
	take(opening, now.Add(2*time.Hour), Replayed)
	all := register(t, file, s).Windows()
	if len(all) != 1 || !all[0].End().Equal(now.Add(time.Hour)) || all[0].Key != NameOf(s.private.Public().(ed25519.PublicKey)) {
		t.Errorf("got %+v, want one that ended after an hour", all)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("file: got %v, %v, want mode 0600", info.Mode(), err)
	}
	// What is long over is forgotten, but not before a record of it could still come.
	other := statement()
	other.Issued, other.From, other.Until = now.Add(40*24*time.Hour), now.Add(40*24*time.Hour), now.Add(40*24*time.Hour+time.Hour)
	take(s.sign(t, other), other.Issued, "")
	if all := register(t, file, s).Windows(); len(all) != 1 || all[0].ID != other.ID {
		t.Errorf("after 40 days: got %+v, want the new one alone", all)
	}
}

func TestDamagedRegisterIsSaid(t *testing.T) {
	s, file := newSigner(t), filepath.Join(t.TempDir(), "windows.json")
	if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenRegister(Settings{File: file, Keys: []string{s.public}}); err == nil || !strings.Contains(err.Error(), "is damaged") {
		t.Errorf("got %v", err)
	}
	if _, err := OpenRegister(Settings{File: file + "2", Keys: []string{file}}); err == nil || !strings.Contains(err.Error(), "holds no public key") {
		t.Errorf("keys: got %v", err)
	}
	if err := os.WriteFile(file, []byte(`{"windows":null}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := register(t, file, s).Take(s.sign(t, statement()), now); err != nil {
		t.Errorf("empty register: %v", err)
	}
}

// A window that cannot be kept is not taken, and can be declared again.
func TestUnsavedIsNotTaken(t *testing.T) {
	s, dir := newSigner(t), t.TempDir()
	r := register(t, filepath.Join(dir, "none", "windows.json"), s)
	signed := s.sign(t, statement())
	var refusal *Refusal
	if _, err := r.Take(signed, now); err == nil || errors.As(err, &refusal) || len(r.Windows()) != 0 {
		t.Errorf("got %v and %d windows, want a fault of ours and none", err, len(r.Windows()))
	}
	if err := os.Mkdir(filepath.Join(dir, "none"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Take(signed, now); err != nil {
		t.Errorf("once it can be kept: %v", err)
	}
}

// A file in the folder is taken once, whatever became of it, also after a crash between.
func TestDrops(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.window": "good", "b.window": "bad", "c.window.taking": "good", "d.txt": "other", "e.window": strings.Repeat("x", maxSigned+1)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var seen []string
	for range 2 {
		err := Drops(dir, func(signed []byte) error {
			seen = append(seen, string(signed))
			if string(signed) != "good" {
				return errors.New("refused")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(seen, ","); got != "good,bad,good," {
		t.Errorf("got %q, want each once, and nothing of what is too large", got)
	}
	for _, name := range []string{"a.window.taken", "b.window.refused", "c.window.taken", "d.txt", "e.window.refused"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}

// CI needs no tool of ours: openssl makes keys and signatures as the documentation says.
func TestOpenSSL(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("skipped: openssl is not installed")
	}
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	run := func(args ...string) {
		t.Helper()
		if out, err := exec.Command(openssl, args...).CombinedOutput(); err != nil {
			t.Fatalf("openssl %v: %v\n%s", args, err, out)
		}
	}
	run("genpkey", "-algorithm", "ed25519", "-out", in("key.pem"))
	run("pkey", "-in", in("key.pem"), "-pubout", "-out", in("pub.pem"))
	st := statement()
	text, err := json.Marshal(st)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(in("signed"), append([]byte(domain), text...), 0o600); err != nil {
		t.Fatal(err)
	}
	run("pkeyutl", "-sign", "-rawin", "-inkey", in("key.pem"), "-in", in("signed"), "-out", in("signature"))
	signature, err := os.ReadFile(in("signature"))
	if err != nil {
		t.Fatal(err)
	}
	b64 := base64.StdEncoding.EncodeToString
	signed, _ := json.Marshal(Signed{b64(text), b64(signature)})
	r := register(t, in("windows.json"), signer{public: in("pub.pem")})
	if _, err := r.Take(signed, now); err != nil {
		t.Errorf("signed by openssl: %v", err)
	}
	pemText, err := os.ReadFile(in("key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := ReadPrivateKey(pemText)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Take(signer{private: key}.sign(t, statement()), now); err != nil {
		t.Errorf("signed by us with openssl's key: %v", err)
	}
}

// FuzzTake: nothing but what a trusted key has signed is ever taken.
func FuzzTake(f *testing.F) {
	f.Add([]byte(`{"statement":"e30=","signature":"AAAA"}`))
	f.Add([]byte(`{}`))
	public, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	keys := []Key{{"k", public}}
	f.Fuzz(func(t *testing.T, signed []byte) {
		if st, _, refusal := open(signed, keys); refusal == nil || st != nil || refusal.Rule != Forged {
			t.Errorf("got %+v, %v, want it refused as forged", st, refusal)
		}
	})
}
