#!/usr/bin/env bash
# fuzz.sh: runs every fuzz target of every package for $FUZZTIME. Targets are found, not listed. With FUZZ=… only those that match.
set -euo pipefail
read -ra packages <<<"$PACKAGES"

failed=0
for package in $("$GO" list "${packages[@]}"); do
	for target in $("$GO" test -list '^Fuzz' "$package" | grep '^Fuzz' | grep -E "${FUZZ:-.}" || true); do
		echo "== $package $target, $FUZZTIME"
		"$GO" test -run '^$' -fuzz "^$target\$" -fuzztime "$FUZZTIME" -fuzzminimizetime 10x "$package" || failed=1
	done
done
exit "$failed"
