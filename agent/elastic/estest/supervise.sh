# Runs one Elasticsearch for as long as somebody holds the lock, and removes all of it afterwards.
# Arguments: folder of the instance, lock of its users, note that says where it is, id of the user to run as or nothing.
base=$1 lock=$2 note=$3 user=$4
patience=15 # seconds without users: the next test binary may still be in the compiler

exec 9<>"$lock"
if [ -n "$user" ]; then
	setpriv --reuid "$user" --regid "$user" --clear-groups bin/elasticsearch 9>&- &
else
	bin/elasticsearch 9>&- &
fi
server=$!

idle=0
while [ "$idle" -lt "$patience" ] && kill -0 "$server" 2>/dev/null; do
	sleep 1
	if flock --nonblock --exclusive 9; then
		idle=$((idle + 1))
		[ "$idle" -ge "$patience" ] || flock --unlock 9
	else
		idle=0
	fi
done

# Unless the server died by itself the lock is still held here: nobody can find a server that is about to stop.
grep -q "$base/" "$note" 2>/dev/null && rm -f "$note"
kill "$server" 2>/dev/null
wait "$server"
cd / && rm -rf "$base"
