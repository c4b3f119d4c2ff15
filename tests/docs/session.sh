#!/usr/bin/env bash
# The session of docs/admin-api.md, block after block in one shell, against a server that has nothing yet. A demonstration
# stands in for the provider. usage: session.sh BUILD_DIR
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
source "$root/tests/docs/demo.sh"
build=$(cd "$1" && pwd)
folder=$(mktemp -d)
server=
finish() {
  stop_demo
  if [[ -n $server ]]; then
    kill -TERM "$server" 2> /dev/null || true
    wait "$server" 2> /dev/null || true
  fi
  rm -rf "$folder"
}
trap finish EXIT
command -v curl > /dev/null || { echo "skipped: curl is not installed"; exit 77; }

start_demo "$build" "$folder"
cd "$folder"
"$build/bin/airouterd" --port 0 --lang en > server.log 2>&1 &
server=$!
for _ in $(seq 300); do
  if grep -q '^\[STARTUP\]' server.log; then break; fi
  kill -0 "$server" || { cat server.log; exit 1; }
  sleep 0.1
done
address=$(sed -nE 's/^\[CONFIG\] Address: //p' server.log)

# The blocks, a line "%%" between them.
awk '/<!-- session -->/ { marked = 1; next }
     /^```/ { if (inside) print "%%"; inside = !inside && marked && /```sh/; marked = 0; next }
     inside' "$root/docs/admin-api.md" |
  sed -e "s#http://127.0.0.1:8000#$address#g" -e "s#https://api.site-a.example#$demo_address#g" -e 's/gpt-4o/demo/g' > blocks
count=$(grep -c '^%%' blocks)
if (( count < 8 )); then echo "only $count blocks are marked"; exit 1; fi
sed 's/^%%$/echo "%%"/' blocks > session
if ! bash -euo pipefail session > output 2> errors; then
  echo "the session fails:"
  tail -n 5 output errors
  exit 1
fi

# What each block must have said.
expect() {
  if ! awk -v wanted="$1" 'BEGIN { RS = "%%\n" } NR == wanted' output | grep -- "$2" > /dev/null; then
    echo "block $1 does not say $2, but:"
    awk -v wanted="$1" 'BEGIN { RS = "%%\n" } NR == wanted' output
    exit 1
  fi
}
expect 2 '"models":\["demo",'
expect 3 '"status":"success"'
expect 3 '"success":true'
expect 4 '"provider":"Site_A"'
expect 6 'chat.completion'
expect 7 '"provider":"Site_A"'
expect 7 '"result":"ok"'
expect 7 '"successful_requests":1'
expect 8 '"healthy"'
if grep -q 'sk-your-key-at-site-a' output server.log; then echo "a provider's key was shown"; exit 1; fi
