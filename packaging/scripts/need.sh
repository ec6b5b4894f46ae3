#!/usr/bin/env bash
# need.sh TOOL...: makes sure that the tools are there. On Debian and as root what is missing is installed; elsewhere one line says
# what to install. Go is never installed: Debian's is too old.
set -euo pipefail

declare -A packages=([make]="make" [cc]="gcc libc6-dev" [java]="openjdk-17-jre-headless" [mvn]="maven" [debootstrap]="debootstrap" [systemd-analyze]="systemd" [rpm]="rpm" [chromium]="chromium fonts-liberation" [npm]="npm" [openssl]="openssl" [python]="python3 python3-venv")

present() {
	case $1 in
	cc) echo 'int main(void){return 0;}' | "${CC:-cc}" -x c -o /dev/null - 2>/dev/null ;;
	python) python3 -c "import ensurepip, venv" 2>/dev/null ;;
	go) "${GO:-go}" version >/dev/null 2>&1 ;;
	*) command -v "$1" >/dev/null ;;
	esac
}

missing=()
for tool in "$@"; do
	present "$tool" || missing+=("$tool")
done
[ ${#missing[@]} -gt 0 ] || exit 0

install=()
for tool in "${missing[@]}"; do
	if [ "$tool" = go ]; then
		echo "go is missing: install $(sed -n 's/^go /Go /p' go.mod) or newer from https://go.dev/dl/" >&2
		exit 1
	fi
	read -ra names <<<"${packages[$tool]}"
	install+=("${names[@]}")
done

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
	echo "missing: ${missing[*]} (on Debian: apt-get install ${install[*]})" >&2
	exit 1
fi
echo "installing ${install[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
{ apt-get update -q && apt-get install -q -y --no-install-recommends "${install[@]}"; } >/dev/null || {
	echo "cannot install: ${install[*]} (apt-get failed)" >&2
	exit 1
}
