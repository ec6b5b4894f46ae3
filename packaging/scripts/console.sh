#!/usr/bin/env bash
# console.sh: three weeks of a made-up company through an agent with its console, which runs until Ctrl-C. Everything stays in
# console-out/, or in the folder that CONSOLE_OUT names.
set -euo pipefail
cd "$(dirname "$0")/../.."
GO=${GO:-go}
out=${CONSOLE_OUT:-console-out}
if [ -e "$out" ] && [ ! -e "$out/records" ]; then
	echo "$out is there and is not from here: move it away, or name another folder in CONSOLE_OUT" >&2
	exit 1
fi
rm -rf "$out"
mkdir -p "$out"
root=$(cd "$out" && pwd)
"$GO" run -buildvcs=false ./testdata/demo/generate -out "$out/records" -mixed "$out/records.ndjson"
cat >"$out/idwatch.yaml" <<END
data_dir: '$root/data'
context: '$root/records/context.yaml'
geoip: {city: '$PWD/testdata/geoip/City.mmdb', asn: '$PWD/testdata/geoip/ASN.mmdb'}
console: {listen: '${CONSOLE_LISTEN:-127.0.0.1:8642}'}
inputs: [{type: file, path: '$root/records.ndjson'}]
END
bin/idwatch run --config "$out/idwatch.yaml" 2>"$out/agent.log" &
agent=$!
trap 'kill "$agent" 2>/dev/null && wait "$agent" || true' EXIT
until address=$(bin/idwatch console --config "$out/idwatch.yaml" 2>/dev/null); do
	kill -0 "$agent" 2>/dev/null || { cat "$out/agent.log" >&2; exit 1; }
	sleep 0.2
done
until [ -n "$(find "$out/data/out" -name '*idwatch.alert*' 2>/dev/null)" ]; do
	kill -0 "$agent" 2>/dev/null || { cat "$out/agent.log" >&2; exit 1; }
	sleep 0.2
done
echo "The first alert is there, $SECONDS seconds after the start. Open"
echo "  $address"
echo "Ctrl-C ends the agent. Its configuration, log and data: $out/"
wait "$agent"
