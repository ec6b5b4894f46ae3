// Package mototest gives tests the S3 and SQS of moto, a server of others that behaves as Amazon's.
package mototest

import (
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/idwatch/idwatch/agent/fetchtest"
)

const (
	version    = "5.2.5"
	startLimit = time.Minute
)

// Server is a running moto.
type Server struct {
	Address string // host and port
	S3      *s3.Client
	SQS     *sqs.Client
}

var installed = sync.OnceValues(install)

// Start starts a server that ends with the test. Where moto is not there and cannot be installed, the test is skipped.
func Start(t testing.TB) *Server {
	t.Helper()
	if testing.Short() {
		t.Skip("needs moto")
	}
	program, err := installed()
	if err != nil {
		t.Skipf("needs moto: %v", err)
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	_, port, _ := net.SplitHostPort(address)
	server := exec.Command(program, "-H", "127.0.0.1", "-p", port)
	server.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	await(t, address)
	config := aws.Config{
		Region: "eu-central-1", BaseEndpoint: aws.String("http://" + address), Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}
	return &Server{Address: address, S3: s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true }), SQS: sqs.NewFromConfig(config)}
}

func await(t testing.TB, address string) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	late := time.After(startLimit)
	for {
		if c, err := net.Dial("tcp", address); err == nil {
			_ = c.Close()
			return
		}
		select {
		case <-tick.C:
		case <-late:
			t.Fatal("moto does not answer")
		}
	}
}

// install returns the program, which pip fetches into a folder outside the repository the first time.
func install() (string, error) {
	return fetchtest.Once("moto-"+version, "bin/moto_server", func(home string) error {
		for _, step := range [][]string{
			{"python3", "-m", "venv", "--clear", home},
			{filepath.Join(home, "bin", "pip"), "install", "-q", "--disable-pip-version-check", "moto[server,s3,sqs]==" + version},
		} {
			if out, err := exec.Command(step[0], step[1:]...).CombinedOutput(); err != nil {
				return fmt.Errorf("%s: %w: %.300s", step[0], err, out)
			}
		}
		return nil
	})
}

// Here is where the server's buckets lie.
func Here() *types.CreateBucketConfiguration {
	return &types.CreateBucketConfiguration{LocationConstraint: "eu-central-1"}
}
