package enrich

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ua-parser/uap-go/uaparser"
)

var agentSamples = []struct{ name, text string }{
	{"browser", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.6099.71 Safari/537.36"},
	{"phone", "Mozilla/5.0 (Linux; Android 9; vivo 1814 Build/PPR1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/86.0.4240.99 Mobile Safari/537.36"},
	{"cli", "aws-cli/2.15.1 md/awscrt#0.19.19 ua/2.0 os/linux#6.1.0 md/arch#x86_64 lang/python#3.11.6 cfg/retry-mode#standard md/command#sts.get-caller-identity"},
	{"boto3", "Boto3/1.28.2 Python/3.11.4 Linux/6.1.0-9-amd64 Botocore/1.31.2"},
	{"unknown", "ec2.amazonaws.com"},
	{"longest", strings.Repeat("a Bot ", agentBytes/6)}, // as bad as we know how to make it
}

func BenchmarkAgentHit(b *testing.B) {
	agents := NewUserAgents(10)
	agents.Parse(agentSamples[0].text)
	b.ReportAllocs()
	for b.Loop() {
		agents.Parse(agentSamples[0].text)
	}
}

func BenchmarkAgentMiss(b *testing.B) {
	for _, sample := range agentSamples {
		b.Run(sample.name, func(b *testing.B) {
			b.ReportAllocs()
			describe(sample.text) // compiles
			for b.Loop() {
				describe(sample.text)
			}
		})
	}
}

// BenchmarkAgentFlood parses user agents of which each is new.
func BenchmarkAgentFlood(b *testing.B) {
	agents := NewUserAgents(DefaultAgents)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		agents.Parse(fmt.Sprintf("scan%d/%d.0 (x%d)", i, i%10, i))
	}
}

// BenchmarkRules is what the first user agent costs.
func BenchmarkRules(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := readRules(uaparser.DefinitionYaml); err != nil {
			b.Fatal(err)
		}
	}
}
