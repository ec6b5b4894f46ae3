# make            build bin/idwatch (agent and tools) and bin/out_idwatch.so (Fluent Bit plugin)
# make test       everything that has to hold: format, vet, staticcheck, govulncheck, all tests; says what was skipped
# make lint       the part of it that reads the code only
# make race       the tests once more with the race detector
# make fuzz       every fuzz target for FUZZTIME (30s) each
# make scenarios  every scenario in a hundred orders of arrival
# make mutate     mistakes made in ten detections: do the scenarios find them?
# make torture    the oracle test at full length, days offline, and a soak of an hour (SOAK=3600)
# make bench      all benchmarks; with CROWD=1 also a million identities, 40,000,000 records
# make demo       records in, documents out, in demo-out/ (or to ES_URL)
# make console    the demo's records in the console, in a browser on this machine
# make screenshots   the pictures of the console in docs/img
# make packages   deb, rpm, tar.gz, SBOM and checksums, in dist/
# make test-packages   makes them twice, and takes the deb through its life on a fresh Debian (as root)
# make geoip      writes testdata/geoip/*.mmdb again
# make clean

GO       ?= go
FUZZTIME ?= 30s
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
RELEASE  ?= 0.1.0
COMMIT   ?= $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)

# Packages below testdata are not in "./...", as Go leaves folders of that name out.
PACKAGES = ./... $(addprefix ./,$(sort $(dir $(wildcard testdata/*/*.go testdata/*/*/*.go))))

# No network or user lookups through the C library: inside Fluent Bit its stack would be too small for them.
TAGS  = -tags netgo,osusergo
# A position-independent agent shares all that is compiled with the plugin: half the time of a first build. exe is a static program,
# for packages and containers.
AGENT_MODE ?= pie
FLAGS = $(TAGS) -trimpath -buildvcs=false -ldflags '-s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT)'

export GO FUZZTIME PACKAGES RELEASE

.PHONY: build agent plugin test lint race fuzz scenarios mutate bench demo console screenshots packages test-packages geoip clean

build: agent plugin

agent:
	@packaging/scripts/need.sh go
	CGO_ENABLED=0 $(GO) build $(FLAGS) -buildmode=$(AGENT_MODE) -o bin/idwatch ./agent

plugin:
	@packaging/scripts/need.sh go cc
	CGO_ENABLED=1 $(GO) build $(FLAGS) -buildmode=c-shared -o bin/out_idwatch.so ./plugin
	@rm -f bin/out_idwatch.h

test: build lint
	@packaging/scripts/need.sh go cc java mvn python chromium npm openssl
	@packaging/scripts/skipped.py $(GO) test $(TAGS) -timeout 15m -json $(PACKAGES)

lint:
	@packaging/scripts/need.sh go
	@packaging/scripts/lint.sh

race: build
	@packaging/scripts/need.sh go cc java mvn python chromium npm openssl
	$(GO) test $(TAGS) -race -timeout 30m $(PACKAGES)

fuzz:
	@packaging/scripts/need.sh go
	@packaging/scripts/fuzz.sh

scenarios:
	@packaging/scripts/need.sh go
	IDWATCH_RUNS=100 $(GO) test $(TAGS) -count=1 -timeout 60m -run 'TestScenarios|TestRandomStreams' ./detections

mutate:
	@packaging/scripts/need.sh go
	IDWATCH_MUTATE=1 $(GO) test $(TAGS) -count=1 -v -timeout 60m -run '^TestMutations$$' ./detections

# Records of the oracle test, and kills of agent and plugin each, records of the week offline, seconds of the soak.
RECORDS ?= 200000
KILLS   ?= 50
OFFLINE ?= 6000000
SOAK    ?= 3600

torture: build
	@packaging/scripts/need.sh go cc java mvn
	IDWATCH_TORTURE_RECORDS=$(RECORDS) IDWATCH_TORTURE_KILLS=$(KILLS) IDWATCH_TORTURE_OFFLINE=$(OFFLINE) \
	IDWATCH_TORTURE_SOAK=$(SOAK) IDWATCH_TORTURE_SOAK_CSV=$(CURDIR)/docs/soak.csv \
		$(GO) test $(TAGS) -v -count 1 -timeout 12h ./agent/torture
	packaging/scripts/plot.py docs/soak.csv docs/soak.svg 'rss_mib=memory of the process, MiB' 'heap_mib=heap, MiB' goroutines=goroutines 'files=open files'

bench:
	@packaging/scripts/need.sh go
	IDWATCH_TORTURE_CROWD=$(CROWD) $(GO) test $(TAGS) -run '^$$' -bench . -benchmem -timeout 6h $(PACKAGES)

demo: build
	@packaging/scripts/demo.sh

console: agent
	@packaging/scripts/console.sh

screenshots:
	@packaging/scripts/need.sh go chromium
	mkdir -p docs/img
	SCREENSHOTS=$(CURDIR)/docs/img $(GO) test $(TAGS) -count=1 -run TestInChromium/pictures ./agent/console

packages:
	@packaging/scripts/packages.sh

test-packages:
	@packaging/scripts/test-packages.sh

geoip:
	$(GO) run ./testdata/geoip/generate

clean:
	rm -rf bin dist demo-out
