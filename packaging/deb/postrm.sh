#!/bin/sh
# After removing. Only a purge takes what was detected and not delivered; the user stays, as the owner of files elsewhere.
set -e

if [ "$1" = purge ]; then
	rm -rf /var/lib/idwatch
	rmdir --ignore-fail-on-non-empty /etc/idwatch 2>/dev/null || true
fi
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
fi
