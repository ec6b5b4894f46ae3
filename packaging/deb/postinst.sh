#!/bin/sh
# After installing or upgrading, as deb and rpm both run it.
set -e

if ! getent passwd idwatch >/dev/null; then
	if command -v systemd-sysusers >/dev/null; then
		systemd-sysusers /usr/lib/sysusers.d/idwatch.conf
	else
		useradd --system --user-group --home-dir /var/lib/idwatch --no-create-home --shell /usr/sbin/nologin idwatch
	fi
fi
if [ ! -d /var/lib/idwatch ]; then
	install -d -m 0700 -o idwatch -g idwatch /var/lib/idwatch
fi

# Not started by itself: it has to be told first what to read.
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
	systemctl try-restart idwatch.service
fi
