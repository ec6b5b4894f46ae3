// Package kafkatest gives tests a real Kafka: one node that is broker and controller.
package kafkatest

import (
	_ "embed" // pom.xml
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/idwatch/idwatch/agent/elastic/estest"
	"github.com/idwatch/idwatch/agent/fetchtest"
)

const (
	version    = "4.1.0"
	startLimit = 3 * time.Minute
	// Password belongs to the user that Event Hubs have.
	Password = "Endpoint=sb://acme.servicebus.example/;SharedAccessKey=0123456789"
)

//go:embed pom.xml
var pom []byte

const configuration = `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:%[1]d
controller.listener.names=CONTROLLER
listeners=CONTROLLER://127.0.0.1:%[1]d,PLAIN://127.0.0.1:%[2]d,SECURE://127.0.0.1:%[3]d
advertised.listeners=PLAIN://127.0.0.1:%[2]d,SECURE://127.0.0.1:%[3]d
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAIN:PLAINTEXT,SECURE:SASL_SSL
inter.broker.listener.name=PLAIN
sasl.enabled.mechanisms=PLAIN
listener.name.secure.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_$ConnectionString="%[4]s";
ssl.keystore.type=PEM
ssl.keystore.location=%[5]s/server.pem
log.dirs=%[5]s/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
num.partitions=3
auto.create.topics.enable=true
log.cleaner.enable=false
`

// Broker is a Kafka that keeps its data and its addresses over restarts.
type Broker struct {
	Plain  string // address that asks for nothing
	Secure string // address with TLS and a password
	CAFile string

	t      testing.TB
	dir    string
	libs   string
	server *exec.Cmd
}

var libraries = sync.OnceValues(fetch)

// Start starts a broker that ends with the test. Where Java or Maven are not there, the test is skipped.
func Start(t testing.TB) *Broker {
	t.Helper()
	if testing.Short() {
		t.Skip("needs Kafka")
	}
	libs, err := libraries()
	if err != nil {
		t.Skipf("needs Kafka: %v", err)
	}
	b := &Broker{t: t, dir: t.TempDir(), libs: libs}
	b.configure()
	if out, err := b.java("kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qg", "-c", b.path("server.properties")).CombinedOutput(); err != nil {
		t.Fatalf("format: %v: %s", err, out)
	}
	t.Cleanup(b.Stop)
	b.Up()
	return b
}

func (b *Broker) path(name string) string { return filepath.Join(b.dir, name) }

// configure finds ports and writes what the broker reads.
func (b *Broker) configure() {
	b.t.Helper()
	var ports [3]int
	for i := range ports {
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			b.t.Fatal(err)
		}
		defer l.Close()
		ports[i] = l.Addr().(*net.TCPAddr).Port
	}
	authority, err := estest.NewAuthority()
	if err != nil {
		b.t.Fatal(err)
	}
	certificate, key, err := authority.Issue()
	if err != nil {
		b.t.Fatal(err)
	}
	b.Plain, b.Secure, b.CAFile = fmt.Sprintf("127.0.0.1:%d", ports[1]), fmt.Sprintf("127.0.0.1:%d", ports[2]), b.path("ca.pem")
	for name, content := range map[string][]byte{
		"ca.pem": authority.PEM, "server.pem": append(key, certificate...), "log4j2.properties": []byte("rootLogger.level=off\n"),
		"server.properties": fmt.Appendf(nil, configuration, ports[0], ports[1], ports[2], Password, b.dir),
	} {
		if err := os.WriteFile(b.path(name), content, 0o600); err != nil {
			b.t.Fatal(err)
		}
	}
}

func (b *Broker) java(arguments ...string) *exec.Cmd {
	return exec.Command("java", append([]string{
		"-Xmx384m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dlog4j2.configurationFile=" + b.path("log4j2.properties"), "-cp", filepath.Join(b.libs, "*"),
	}, arguments...)...)
}

// Up starts the broker and returns when it answers.
func (b *Broker) Up() {
	b.t.Helper()
	b.server = b.java("kafka.Kafka", b.path("server.properties"))
	log, err := os.Create(b.path("log"))
	if err != nil {
		b.t.Fatal(err)
	}
	defer log.Close()
	b.server.Stdout, b.server.Stderr = log, log
	b.server.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := b.server.Start(); err != nil {
		b.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func(server *exec.Cmd) {
		_ = server.Wait()
		close(ended)
	}(b.server)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	late := time.After(startLimit)
	for {
		if c, err := net.Dial("tcp", b.Plain); err == nil {
			_ = c.Close()
			return
		}
		select {
		case <-tick.C:
		case <-ended:
			text, _ := os.ReadFile(b.path("log"))
			b.t.Fatalf("broker ended: %.2000s", text)
		case <-late:
			b.t.Fatal("broker does not answer")
		}
	}
}

// Stop ends the broker at once. Its data stays.
func (b *Broker) Stop() {
	_ = b.server.Process.Kill()
	for { // until the port is free, or the next start would fail
		if c, err := net.Dial("tcp", b.Plain); err != nil {
			return
		} else {
			_ = c.Close()
		}
	}
}

// fetch returns the folder of the broker's libraries, which Maven fetches the first time.
func fetch() (string, error) {
	for _, command := range []string{"java", "mvn"} {
		if _, err := exec.LookPath(command); err != nil {
			return "", fmt.Errorf("%s is missing", command)
		}
	}
	return fetchtest.Once("kafka-"+version, "libs", func(home string) error {
		part := filepath.Join(home, "fetch")
		if err := errors.Join(os.RemoveAll(part), os.WriteFile(filepath.Join(home, "pom.xml"), pom, 0o644)); err != nil {
			return err
		}
		maven := exec.Command("mvn", "-B", "-q", "dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory="+part)
		maven.Dir = home
		if out, err := maven.CombinedOutput(); err != nil {
			return fmt.Errorf("fetch Kafka: %w: %.300s", err, out)
		}
		return os.Rename(part, filepath.Join(home, "libs"))
	})
}
