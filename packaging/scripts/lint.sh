#!/usr/bin/env bash
# lint.sh: format, go vet, staticcheck and, where its database can be reached, govulncheck, over $PACKAGES.
set -euo pipefail
read -ra packages <<<"$PACKAGES"

echo "== gofmt"
unformatted=$(find . -name '*.go' -not -path './demo-out/*' -print0 | xargs -0 "$("$GO" env GOROOT)/bin/gofmt" -l)
if [ -n "$unformatted" ]; then
	echo "not formatted, run gofmt -w:" $unformatted >&2
	exit 1
fi

echo "== go vet"
"$GO" vet "${packages[@]}"

echo "== staticcheck"
"$GO" tool staticcheck "${packages[@]}"

echo "== govulncheck"
status=0
found=$("$GO" tool govulncheck "${packages[@]}" 2>&1) || status=$?
case $found in
*"fetching vulnerabilities"*) echo "left out: its database cannot be reached from here (GOVULNDB names another one)" ;;
*)
	[ "$status" = 0 ] || { echo "$found" >&2; exit "$status"; }
	echo "nothing found"
	;;
esac
