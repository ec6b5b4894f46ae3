package estest

import (
	secret "crypto/rand"
	_ "embed" // supervise.sh
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// otherUser is who runs the server when root runs the tests: Elasticsearch refuses root. The id belongs to "nobody" everywhere.
const otherUser = 65534

const (
	logName    = "server.log"
	startLimit = 6 * time.Minute           // a start takes 10 seconds on an idle machine
	quick      = "-XX:TieredStopAtLevel=1" // halves the processor time of a server that does not live long
)

//go:embed supervise.sh
var supervise string

const configuration = `discovery.type: single-node
network.host: 127.0.0.1
http.port: %d
transport.port: %d
xpack.security.enabled: true
xpack.security.transport.ssl.enabled: false
xpack.security.http.ssl.enabled: true
xpack.security.http.ssl.certificate: server.pem
xpack.security.http.ssl.key: server.key
%s
`

// forAll is what the shared server has beside it: it works on a full disk, too.
const forAll = "cluster.routing.allocation.disk.threshold_enabled: false"

// instance is a server in a folder of its own, which goes when the server goes.
type instance struct {
	base string // what belongs to the tests: authority and password
	home string // the distribution, which belongs to the server
	java string
	heap string
}

// start starts a new server under its supervisor and waits until it answers.
func start(cache string) (*Server, error) {
	i, server, err := prepare(cache, "1g", forAll)
	if err != nil {
		return nil, err
	}
	if err := i.run(cache); err != nil {
		return nil, err
	}
	gone := func() bool { _, err := os.Stat(i.base); return err != nil }
	if err := i.wait(server, gone); err != nil {
		return nil, withLog(err, filepath.Join(cache, logName))
	}
	return server, nil
}

// withLog adds the end of a server's log to an error.
func withLog(err error, path string) error {
	log, _ := os.ReadFile(path)
	return fmt.Errorf("%w; its log ends with: %s", err, log[max(0, len(log)-2000):])
}

// prepare unpacks the distribution and configures it.
func prepare(cache, heap, more string) (*instance, *Server, error) {
	archive, java, err := tools(cache)
	if err != nil {
		return nil, nil, err
	}
	base, err := os.MkdirTemp("", "idwatch-elasticsearch-")
	if err != nil {
		return nil, nil, err
	}
	i := &instance{base: base, home: filepath.Join(base, "home"), java: java, heap: heap}
	if err := errors.Join(os.Chmod(base, 0o755), unpack(archive, i.home)); err != nil {
		return nil, nil, err
	}
	server, err := i.configure(more)
	return i, server, err
}

// configure writes the configuration, the certificates and the password.
func (i *instance) configure(more string) (*Server, error) {
	ports, err := freePorts()
	if err != nil {
		return nil, err
	}
	authority, err := NewAuthority()
	if err != nil {
		return nil, err
	}
	certificate, key, err := authority.Issue()
	if err != nil {
		return nil, err
	}
	server := &Server{
		URL:          fmt.Sprintf("https://127.0.0.1:%d", ports[0]),
		CAFile:       filepath.Join(i.base, "ca.pem"),
		Username:     "elastic",
		PasswordFile: filepath.Join(i.base, "password"),
	}
	config := filepath.Join(i.home, "config")
	password := secret.Text()
	err = writeAll(0o600, map[string][]byte{
		server.CAFile:       authority.PEM,
		server.PasswordFile: []byte(password + "\n"),
		filepath.Join(config, "elasticsearch.yml"): fmt.Appendf(nil, configuration, ports[0], ports[1], more),
		filepath.Join(config, "server.pem"):        certificate,
		filepath.Join(config, "server.key"):        key,
	})
	if err != nil {
		return nil, err
	}
	return server, i.setPassword(password)
}

// setPassword hands the home to its user and puts the password into the keystore.
func (i *instance) setPassword(password string) error {
	for _, dir := range []string{"data", "logs", "tmp"} {
		if err := os.MkdirAll(filepath.Join(i.home, dir), 0o755); err != nil {
			return err
		}
	}
	if err := i.handOver(); err != nil {
		return err
	}
	keystore := i.command(filepath.Join(i.home, "bin", "elasticsearch-keystore"), "add", "--stdin", "--force", "bootstrap.password")
	keystore.Stdin = strings.NewReader(password)
	keystore.SysProcAttr = asOther()
	if out, err := keystore.CombinedOutput(); err != nil {
		return fmt.Errorf("set password: %w: %s", err, out)
	}
	return nil
}

// asOther has a command run as the server's user.
func asOther() *syscall.SysProcAttr {
	if os.Geteuid() != 0 {
		return &syscall.SysProcAttr{}
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: otherUser, Gid: otherUser}}
}

func (i *instance) handOver() error {
	if os.Geteuid() != 0 {
		return nil
	}
	return filepath.WalkDir(i.home, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, otherUser, otherUser)
	})
}

// run starts the supervisor, which outlives this process.
func (i *instance) run(cache string) error {
	log, err := os.Create(filepath.Join(cache, logName))
	if err != nil {
		return err
	}
	defer log.Close()
	user := ""
	if os.Geteuid() == 0 {
		user = fmt.Sprint(otherUser)
	}
	c := i.command("sh", "-c", supervise, "supervise", i.base, filepath.Join(cache, usersLock), filepath.Join(cache, note), user)
	c.Stdout, c.Stderr = log, log
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := c.Start(); err != nil {
		return fmt.Errorf("start supervisor: %w", err)
	}
	return c.Process.Release()
}

func (i *instance) command(name string, arguments ...string) *exec.Cmd {
	c := exec.Command(name, arguments...)
	c.Dir = i.home
	memory := fmt.Sprintf("-Xms%[1]s -Xmx%[1]s %[2]s", i.heap, quick)
	c.Env = append(os.Environ(), "ES_JAVA_HOME="+i.java, "ES_JAVA_OPTS="+memory, "CLI_JAVA_OPTS="+quick, "ES_TMPDIR="+filepath.Join(i.home, "tmp"))
	return c
}

// wait returns when the server answers, or with an error when it is gone.
func (i *instance) wait(server *Server, gone func() bool) error {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	late := time.After(startLimit)
	for {
		select {
		case <-tick.C:
			if server.alive() == nil {
				return nil
			}
			if gone() {
				return errors.New("it ended at once")
			}
		case <-late:
			return fmt.Errorf("no answer after %v", startLimit)
		}
	}
}

// freePorts finds two ports that nobody listens on. They are below those that connections get, so that a server which starts again finds them
// free.
func freePorts() (ports [2]int, err error) {
	for n := range ports {
		var l net.Listener
		for range 100 {
			if l, err = net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", 12000+rand.N(18000))); err == nil {
				break
			}
		}
		if err != nil {
			return ports, err
		}
		defer l.Close()
		ports[n] = l.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}
