package config

import (
	"strings"
	"testing"
)

// TestBadInput has one line that does not belong, and the one line that a person reads about it.
func TestBadInput(t *testing.T) {
	types := strings.Join(inputNames(), ", ")
	const es = "outputs:\n  elasticsearch:\n    url: https://es:9200\n"
	for _, c := range []struct{ name, text, want string }{
		{"misspelt key", "data_dir: /d\ninputs:\n  - tpye: file\n    path: /x\n", "3: inputs[0].tpye: unknown key (did you mean type?)"},
		{"key at the wrong level", "ca_file: /x\n", "1: ca_file: unknown key (did you mean outputs.elasticsearch.ca_file?)"},
		{"beginning of a key", es + "    api_key: hunter2\n", "4: outputs.elasticsearch.api_key: unknown key (did you mean api_key_file?)"},
		{"unknown key", "zzz: 1\n", "1: zzz: unknown key"},
		{"key twice", "lateness: 1m\nlateness: 2m\n", "2: lateness: is there twice, first in line 1"},
		{"key that is no word", "true: b\n", "1: has a key that is not a plain word"},
		{"number for text", "data_dir: 7\n", "1: data_dir: want text, got a number (put it in quotes)"},
		{"list for text", "data_dir: [a]\n", "1: data_dir: want text, got a list"},
		{"text for a mapping", "\noutputs: file\n", "2: outputs: want a mapping of keys, got text"},
		{"list for a mapping", "[]\n", "1: want a mapping of keys, got a list"},
		{"mapping for a number", "cache:\n  identities: {a: 1}\n", "2: cache.identities: want one value, got a mapping"},
		{"no value", "data_dir:\n", "1: data_dir: has no value"},
		{"empty value", "data_dir: ''\n", "1: data_dir: is empty"},
		{"yes for true", es + "    preserve_original: yes\n", "4: outputs.elasticsearch.preserve_original: want true or false"},
		{"fraction for a number", "cache: {identities: 1.5}\n", "1: cache.identities: want a whole number"},
		{"size without sense", "queue: {max_bytes: 4 gigs}\n", "1: queue.max_bytes: want a size such as 256MiB or 4GiB"},
		{"size beyond an int64", "spool: {max_bytes: 99999999TiB}\n", "1: spool.max_bytes: want a size such as 256MiB or 4GiB"},
		{"size too small", "queue: {max_bytes: 1}\n", "1: queue.max_bytes: is too small (at least 4MiB)"},
		{"duration without unit", "lateness: 900\n", "1: lateness: want a duration such as 15m or 7d"},
		{"duration below zero", "lateness: -15m\n", "1: lateness: want a duration such as 15m or 7d"},
		{"duration too large", "lateness: 8d\n", "1: lateness: is too large (at most 7d)"},
		{"word not in the list", "source: otka\n", "1: source: unknown value (did you mean okta?)"},
		{"control character", `data_dir: "a\nb"`, "1: data_dir: has a line break or another control character in it"},
		{"variable not set", "data_dir: /x/${NONE}\n", "1: data_dir: environment variable NONE is not set"},
		{"variable left open", "data_dir: /x/${NONE\n", "1: data_dir: has ${ without } (write $${ for ${ itself)"},
		{"variable without a name", "data_dir: /x/${}\n", "1: data_dir: has a bad variable name between ${ and }"},
		{"delivery of vendors' records", "inputs:\n  - {type: stdin, source: okta, deliver: true, data_streams: [logs-a-b]}\n", "2: inputs[0].deliver: needs source: ecs"},
		{"delivery to anywhere", "inputs:\n  - {type: stdin, source: ecs, deliver: true}\n", "2: inputs[0].deliver: needs data_streams: those that documents may go to"},
		{"streams for nothing", "inputs:\n  - {type: stdin, source: ecs, data_streams: [logs-a-b]}\n", "2: inputs[0].data_streams: needs deliver: true"},
		{"a stream out of form", "inputs:\n  - {type: stdin, source: ecs, deliver: true, data_streams: [okta]}\n", "2: inputs[0].data_streams[0]: want logs-<dataset>-<namespace> in lower-case letters, digits, _ and ."},
		{"a stream of ours", "inputs:\n  - {type: stdin, source: ecs, deliver: true, data_streams: [logs-idwatch.alert-default]}\n", "2: inputs[0].data_streams[0]: is idwatch's own"},
		{"anchor", "data_dir: &a /x\n", "1: data_dir: want text, got a YAML anchor or alias, which are not supported here"},
		{"tag", "data_dir: !!str x\n", "1: data_dir: want text, got a YAML tag, which are not supported here"},
		{"merge", "x: &x {a: b}\noutputs:\n  <<: *x\n", "1: x: unknown key\nidwatch.yaml:3: outputs: has a key that is not a plain word"},
		{"two documents", "data_dir: /d\n---\ndata_dir: /e\n", "3: has more than one YAML document"},
		{"not YAML", "data_dir: /d\nrules: [hunter2\n", "2: is not YAML: sequence end token ']' not found"},
		{"input without type", "inputs:\n  - path: /x\n", "2: inputs[0].type: is missing (one of " + types + ")"},
		{"input of no type", "inputs:\n  - type: flie\n", "2: inputs[0].type: unknown type (did you mean file?)"},
		{"input that is text", "inputs: [/var/log/x]\n", "1: inputs[0]: want a mapping with the key type, got text"},
		{"inputs that are a mapping", "inputs: {type: stdin}\n", "1: inputs: want a list of inputs, got a mapping"},
		{"file input without path", "inputs:\n  - type: stdin\n  - type: file\n", "3: inputs[1].path: is missing"},
		{"file input with an empty path", "inputs:\n  - {type: file, path: [a, '']}\n", "2: inputs[0].path[1]: is empty"},
		{"key of another input", "inputs:\n  - {type: stdin, from: end}\n", "2: inputs[0].from: unknown key"},
		{"open to all without TLS", "inputs:\n  - {type: http, listen: ':80'}\n", "2: inputs[0].listen: beyond this machine needs cert_file and key_file" +
			", or insecure: true if others may read along and put records in"},
		{"open to all without token", "inputs:\n  - {type: http, listen: '10.0.0.1:80', cert_file: /c, key_file: /k}\n", "2: inputs[0].listen: beyond this machine needs token_file or client_ca_file" +
			", or insecure: true if others may read along and put records in"},
		{"certificate without key", "inputs:\n  - {type: http, listen: 'localhost:80', cert_file: /c}\n", "2: inputs[0].cert_file: cert_file and key_file belong together"},
		{"no network", "inputs:\n  - {type: http, listen: 'localhost:80', clients: [10.0.0.1]}\n", "2: inputs[0].clients[0]: want a network such as 10.0.0.0/8"},
		{"no address", "inputs:\n  - {type: http, listen: localhost}\n", "2: inputs[0].listen: want address:port"},
		{"Okta in plain text", "inputs:\n  - {type: okta, url: 'http://acme.okta.com', token_file: /t}\n", "2: inputs[0].url: want https: the credentials would be readable on their way"},
		{"Okta without credentials", "inputs:\n  - {type: okta, url: 'https://acme.okta.com'}\n", "2: inputs[0].url: needs token_file, or client_id and private_key_file"},
		{"password in plain text", "inputs:\n  - {type: kafka, brokers: 'k:9092', topics: t, tls: false, username: $ConnectionString, password_file: /p}\n",
			"2: inputs[0].tls: is off: the password would be readable on its way"},
		{"standard input twice", "inputs:\n  - type: stdin\n  - type: stdin\n", "3: inputs[1].type: standard input is an input already"},
		{"cluster without address", "outputs:\n  elasticsearch:\n    namespace: x\n", "2: outputs.elasticsearch.url: is missing"},
		{"cluster with nothing", "outputs:\n  elasticsearch:\n", "2: outputs.elasticsearch.url: is missing"},
		{"address without scheme", "outputs: {elasticsearch: {url: 'es:9200'}}\n", "1: outputs.elasticsearch.url: want an address such as https://host:9200"},
		{"password in an address", "outputs:\n  elasticsearch:\n    url:\n      - https://a:9200\n      - https://joe:hunter2@b:9200\n",
			"5: outputs.elasticsearch.url[1]: has credentials in it: use username and password_file, or api_key_file"},
		{"no addresses", "outputs: {elasticsearch: {url: []}}\n", "1: outputs.elasticsearch.url: is an empty list"},
		{"namespace with a dash", es + "    namespace: a-b\n", "4: outputs.elasticsearch.namespace: may have lower-case letters, digits, _ and . only"},
		{"two credentials", es + "    username: joe\n    password_file: /p\n    api_key_file: /k\n", "4: outputs.elasticsearch.username: excludes api_key_file: name one of the two"},
		{"user without password", es + "    username: joe\n", "4: outputs.elasticsearch.username: needs password_file"},
		{"password without user", es + "    password_file: /p\n", "4: outputs.elasticsearch.password_file: needs username"},
		{"namespace of the wrong output", es + "  file: {namespace: x}\n", "4: outputs.file.namespace: belongs to outputs.elasticsearch when both outputs are named"},
		{"console for everybody", "console: {listen: '0.0.0.0:8642'}\n", "1: console.listen: want a loopback address, such as 127.0.0.1, or cert_file, key_file and token_file beside it"},
		{"console without port", "console: {listen: localhost}\n", "1: console.listen: want address:port, or off"},
		{"console without its key", "console: {listen: '0.0.0.0:8642', cert_file: /c, token_file: /t}\n",
			"1: console.listen: want a loopback address, such as 127.0.0.1, or cert_file, key_file and token_file beside it\nidwatch.yaml:1: console.cert_file: needs key_file"},
		{"target without address", "escalation: {targets: [{name: a}]}\n", "1: escalation.targets[0]: needs url or url_file"},
		{"target with a misspelt key", "escalation:\n  targets:\n    - {name: a, url: 'https://h'}\n    - {name: b, urll: 'https://h'}\n",
			"4: escalation.targets[1].urll: unknown key (did you mean url?)"},
		{"webhook that others can read", "escalation: {targets: [{name: a, url: 'http://h.example/hunter2'}]}\n", "1: escalation.targets[0].url: has to be https, but on this machine"},
		{"nobody of that name", "escalation: {default: [b], targets: [{name: a, url: 'https://h'}]}\n", "1: escalation.default[0]: names no target"},
		{"targets that are no list", "escalation: {targets: {name: a}}\n", "1: escalation.targets: want a list, got a mapping"},
		{"folder of windows without keys", "windows: {dir: /d}\n", "1: windows.dir: needs keys: nothing that is dropped there could be believed"},
		{"several at once", "lateness: x\nrulez: y\nqueue: {max_bytes: z}\n", "1: lateness: want a duration such as 15m or 7d\n" +
			"idwatch.yaml:2: rulez: unknown key (did you mean rules?)\nidwatch.yaml:3: queue.max_bytes: want a size such as 256MiB or 4GiB"},
		{"brackets too deep", "\n" + strings.Repeat("[", 200_000), "2: is nested too deeply"},
		{"lists too deep", strings.Repeat("- ", 100_000), "1: is nested too deeply"},
		{"too large", strings.Repeat("#\n", 200_000), "1: is larger than 256KiB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := parse("idwatch.yaml", []byte(c.text), testEnv(nil))
			if want := "idwatch.yaml:" + c.want; err == nil || err.Error() != want {
				t.Errorf("got  %v\nwant %v", err, want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error shows a secret: %v", err)
			}
		})
	}
}

func TestManyErrorsAreCut(t *testing.T) {
	_, err := Parse("f", []byte(strings.Repeat("'?': 1\n", 50)))
	if err == nil || strings.Count(err.Error(), "\n") != 20 || !strings.HasSuffix(err.Error(), "\nf: and 30 more") {
		t.Errorf("got %v", err)
	}
}
