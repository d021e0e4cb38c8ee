# Stops a server when nobody has used it for $4 seconds.
# $1 our own lock, so that there is one of us; $2 the users' lock; $3 postmaster.pid
command -v flock >/dev/null || exit 1
exec 8>"$1" 9>>"$2"
flock -n 8 || exit 0
while flock -x 9; do
	flock -u 9
	sleep "$4"
	flock -n -x 9 && break
done
# Whoever comes now waits for the users' lock until the server is down.
read -r pid <"$3" || exit 0
kill -INT "$pid" || exit 0
while kill -0 "$pid" 2>/dev/null && [ -e "$3" ]; do
	sleep 0.1
done
