#!/usr/bin/env bash
# demo.sh: three weeks of a made-up company through both doors: Okta and Vault through the Fluent Bit plugin, in the C host that
# the tests use, Entra and CloudTrail through the agent. Everything stays in demo-out/; with ES_URL the documents go to that server
# (ES_CA_FILE, and ES_API_KEY_FILE or ES_USERNAME with ES_PASSWORD_FILE, where it asks for them).
set -euo pipefail
cd "$(dirname "$0")/../.."
packaging/scripts/need.sh go cc
GO=${GO:-go}
out=${DEMO_OUT:-demo-out}
if [ -e "$out" ] && [ ! -e "$out/records" ]; then
	echo "$out is there and is not from here: move it away, or name another folder in DEMO_OUT" >&2
	exit 1
fi
rm -rf "$out"
mkdir -p "$out"/{records,chunks,bin}
root=$(cd "$out" && pwd)

echo "== Three weeks of Kestrel Freight, in Okta, Entra, AWS and Vault"
for tool in generate chunks show; do
	"$GO" build -buildvcs=false -o "$out/bin/$tool" "./testdata/demo/$tool"
done
"$out/bin/generate" -out "$out/records"

# settings DOOR: the configuration of one door, on standard output.
settings() {
	cat <<-END
		data_dir: '$root/$1'
		context: '$root/records/context.yaml'
		geoip: {city: '$PWD/testdata/geoip/City.mmdb', asn: '$PWD/testdata/geoip/ASN.mmdb'}
		outputs:
	END
	if [ -z "${ES_URL:-}" ]; then
		echo "  file: {path: '$root/documents/$1'}"
		return
	fi
	printf '  elasticsearch:\n    url: "%s"\n' "$ES_URL"
	for key in CA_FILE API_KEY_FILE USERNAME PASSWORD_FILE; do
		variable=ES_$key
		if [ -n "${!variable:-}" ]; then printf '    %s: "%s"\n' "${key,,}" "${!variable}"; fi
	done
}

# show SOURCES …: waits for the documents of these sources, or tells about them.
show() {
	local to=(-out "$out/documents/plugin,$out/documents/agent")
	if [ -n "${ES_URL:-}" ]; then to=(-es "$ES_URL"); fi
	"$out/bin/show" -records "$out/records" "${to[@]}" -sources "$@"
}

echo "== Okta and Vault through the plugin"
settings plugin >"$out/plugin.yaml"
if [ -n "${ES_URL:-}" ]; then
	bin/idwatch setup elasticsearch --config "$out/plugin.yaml" || echo "templates not installed; going on with those that are there" >&2
fi
cc -std=gnu11 -O1 -o "$out/bin/host" plugin/hosttest/host/*.c -ldl -lpthread
"$out/bin/chunks" -out "$out/chunks" "$out/records/okta.ndjson" "$out/records/vault-audit.log"
coproc HOST { exec "$out/bin/host" bin/out_idwatch.so 2>"$out/plugin.log"; }

# say COMMAND: hands a command to the host; what it answers before its "ok" is in $answer.
say() {
	local line
	answer=
	echo "$*" >&"${HOST[1]}"
	while read -r line <&"${HOST[0]}"; do
		if [ "$line" = ok ]; then return; fi
		answer=$line
	done
	echo "the host ended; its log: $out/plugin.log" >&2
	exit 1
}

say register 5
say init demo 1 "config=$out/plugin.yaml"
for chunk in "$out"/chunks/*; do
	for _ in {1..30}; do # as Fluent Bit, which hands a chunk over again when the plugin says so
		say flush demo "$chunk"
		say wait
		read -r _ _ _ code _ <<<"$answer"
		if [ "$code" != 2 ]; then break; fi
		sleep 1
	done
	if [ "$code" != 1 ]; then
		echo "the plugin did not take $chunk; its log: $out/plugin.log" >&2
		exit 1
	fi
done
show okta,vault -quiet -pid "$HOST_PID" || { cat "$out/plugin.log" >&2; exit 1; }
say exit demo
exec {HOST[1]}>&-

echo "== Entra and CloudTrail through the agent"
{
	settings agent
	echo "inputs: [{type: file, path: ['$root/records/entra.ndjson', '$root/records/cloudtrail/*.json.gz']}]"
} >"$out/agent.yaml"
bin/idwatch run --config "$out/agent.yaml" 2>"$out/agent.log" &
agent=$!
trap 'kill "$agent" 2>/dev/null || true' EXIT
show entra,cloudtrail -quiet -pid "$agent" || { cat "$out/agent.log" >&2; exit 1; }
kill -TERM "$agent"
wait "$agent"
trap - EXIT

echo "== The detections over all of it"
bin/idwatch replay --context "$out/records/context.yaml" --geoip-city testdata/geoip/City.mmdb --geoip-asn testdata/geoip/ASN.mmdb \
	--alerts "$out/alerts.ndjson" "$out"/records/{okta.ndjson,entra.ndjson,vault-audit.log} "$out"/records/cloudtrail/* 2>"$out/replay.log" ||
	{ cat "$out/replay.log" >&2; exit 1; }

show okta,entra,cloudtrail,vault -alerts "$out/alerts.ndjson"
echo
echo "Records, configurations, alerts and logs: $out/"
echo "Documents: ${ES_URL:-$out/documents/}"
