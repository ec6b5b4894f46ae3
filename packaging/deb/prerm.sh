#!/bin/sh
# Before removing. At an upgrade ("upgrade" for deb, 1 for rpm) the service runs on and is restarted afterwards.
set -e

case "$1" in
remove | 0)
	if [ -d /run/systemd/system ]; then
		systemctl --no-reload disable --now idwatch.service
	fi
	;;
esac
