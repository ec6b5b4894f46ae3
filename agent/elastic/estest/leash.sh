# Kills the server of one test and removes all of it once the test has let go of standard input, in whatever way.
# Argument: folder of the instance.
cat >/dev/null
if read -r server 2>/dev/null <"$1/pid"; then
	kill -s KILL -- "-$server" 2>/dev/null
fi
cd / || exit
for _ in 1 2 3 4 5 6 7 8 9 10; do
	rm -rf "$1" 2>/dev/null && break
	sleep 0.5 # it may still be writing
done
