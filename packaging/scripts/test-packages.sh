#!/usr/bin/env bash
# test-packages.sh: makes the packages twice and compares them, judges the unit, and takes the deb through its life on a fresh Debian
# root: install, run as its user on a Vault log, upgrade, remove, purge. Needs root. The Debian root is kept in a cache folder.
set -euo pipefail
cd "$(dirname "$0")/../.."
packaging/scripts/need.sh go cc debootstrap systemd-analyze rpm
[ "$(id -u)" = 0 ] || { echo "the deb can only be installed by root" >&2; exit 1; }
cache=${XDG_CACHE_HOME:-$HOME/.cache}/idwatch/debian
work=$(mktemp -d)
pid=
finish() {
	[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null || true
	rm -rf "$work"
}
trap finish EXIT

fail() { echo "FAIL: $*" >&2; exit 1; }
ok() { echo "ok: $*"; }
# within SECONDS COMMAND…: tries a command again until it succeeds.
within() {
	local until=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$until" ] || return 1
		sleep 0.2
	done
}

echo "== two builds"
DIST=$work/one RELEASE=0.1.0 packaging/scripts/packages.sh >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
DIST=$work/two RELEASE=0.1.0 packaging/scripts/packages.sh >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
cmp "$work/one/SHA256SUMS" "$work/two/SHA256SUMS" || fail "two builds differ"
ok "bit-identical: $(wc -l <"$work/one/SHA256SUMS") files"
DIST=$work/next RELEASE=0.2.0 packaging/scripts/packages.sh >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }

echo "== unit"
mkdir -p "$work/unit"
sed "s|^ExecStart=/usr/bin/idwatch|ExecStart=$PWD/bin/idwatch|" packaging/systemd/idwatch.service >"$work/unit/idwatch.service"
systemd-analyze verify --man=no "$work/unit/idwatch.service" || fail "the unit is not well formed"
exposure=$(systemd-analyze security --offline=true --no-pager packaging/systemd/idwatch.service | sed -n 's/.*Overall exposure level.*: \([0-9.]*\).*/\1/p')
awk -v e="$exposure" 'BEGIN { exit !(e > 0 && e < 2) }' || fail "exposure is $exposure, want below 2"
ok "exposure $exposure"

echo "== rpm"
rpm -qp --info --list "$work"/one/*.rpm >"$work/rpm" 2>/dev/null || fail "rpm cannot read it"
for path in /usr/bin/idwatch /usr/lib/idwatch/out_idwatch.so /usr/lib/systemd/system/idwatch.service /etc/idwatch/idwatch.yaml; do
	grep -qx "$path" "$work/rpm" || fail "the rpm has no $path"
done
rpm -K --nosignature "$work"/one/*.rpm >/dev/null || fail "the rpm's digests are wrong"
ok "$(rpm -qp "$work"/one/*.rpm 2>/dev/null)"

echo "== deb on a fresh Debian"
if [ ! -e "$cache/done" ]; then
	rm -rf "$cache"
	mkdir -p "$cache"
	debootstrap --variant=minbase bookworm "$cache/root" >"$work/log" 2>&1 || { tail -5 "$work/log" >&2; fail "debootstrap"; }
	touch "$cache/done"
fi
root=$work/root
cp -a "$cache/root" "$root"
cp "$work"/one/*.deb "$root/first.deb"
cp "$work"/next/*.deb "$root/next.deb"
inside() { chroot "$root" "$@"; }
as_idwatch() { chroot --userspec=idwatch:idwatch "$root" "$@"; }

inside dpkg -i /first.deb >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "install"; }
inside id idwatch >/dev/null || fail "no user"
[ "$(inside stat -c '%a %U' /var/lib/idwatch)" = "700 idwatch" ] || fail "data directory: $(inside stat -c '%a %U' /var/lib/idwatch)"
[ ! -e "$root/etc/rc2.d/S01idwatch" ] || fail "starts by itself"
inside idwatch version | grep -q 0.1.0 || fail "version"
ok "installed"

mkdir -p "$root/var/log/vault"
log=$root/var/log/vault/audit.log
# entry ID TIME: somebody switches an audit device off.
entry() {
	printf '{"time":"%s","type":"response","auth":{"accessor":"hmac-sha256:0b","display_name":"ldap-oskar","policies":["admin"],"entity_id":"e-7"},"request":{"id":"%s","operation":"delete","mount_type":"system","path":"sys/audit/file","remote_address":"203.0.113.5"},"response":{}}\n' "$2" "$1"
}
# start: what the unit's ExecStart says, as its user.
start() {
	read -ra command < <(sed -n 's/^ExecStart=//p' "$root/usr/lib/systemd/system/idwatch.service")
	(exec chroot --userspec=idwatch:idwatch "$root" "${command[@]}") >>"$root/agent.log" 2>&1 &
	pid=$!
}
stop() {
	kill -TERM "$pid"
	wait "$pid" || fail "ended with $?: $(tail -3 "$root/agent.log")"
	pid=
}
alerts() { cat "$root"/var/lib/idwatch/out/logs-idwatch.alert-* 2>/dev/null | grep -c "\"kind\":\"alert\"" || true; }
has_alerts() { [ "$(alerts)" -ge "$1" ]; }
delivered() { as_idwatch idwatch status --config /etc/idwatch/idwatch.yaml --json >"$work/status" 2>/dev/null; grep -q "\"delivered\": *$1\b" "$work/status"; }

entry first 2026-09-20T20:00:00Z >"$log"
start
within 30 has_alerts 1 || fail "no alert: $(cat "$root/agent.log")"
within 30 delivered 1 || fail "status does not say so: $(cat "$work/status")"
as_idwatch idwatch status --config /etc/idwatch/idwatch.yaml >"$work/status" || fail "not healthy: $(cat "$work/status")"
grep -qi alert "$work/status" || fail "status shows no alert: $(cat "$work/status")"
ok "started as its user, read a Vault log, raised an alert, healthy"

inside dpkg -i /next.deb >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "upgrade"; }
stop
inside idwatch version | grep -q 0.2.0 || fail "not upgraded"
entry second 2026-09-24T20:00:00Z >>"$log"
start
within 30 has_alerts 2 || fail "no second alert: $(cat "$root/agent.log")"
within 30 delivered 2 || fail "counters were lost at the upgrade: $(cat "$work/status")"
stop
[ "$(alerts)" = 2 ] || fail "$(alerts) alerts, want 2: something was read twice"
ok "upgraded, state kept"

inside dpkg -r idwatch >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "remove"; }
[ ! -e "$root/usr/bin/idwatch" ] && [ -d "$root/var/lib/idwatch" ] && [ -e "$root/etc/idwatch/idwatch.yaml" ] || fail "remove took too much or too little"
inside dpkg -P idwatch >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "purge"; }
[ ! -e "$root/var/lib/idwatch" ] && [ ! -e "$root/etc/idwatch" ] || fail "purge left something"
ok "removed, purged"
