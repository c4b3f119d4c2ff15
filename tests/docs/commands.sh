#!/usr/bin/env bash
# The shell commands that the documents mark as tested work. They run beside a demonstration, which stands in for the
# server that the reader has started: its port for 8000, its model for gpt-4. usage: commands.sh BUILD_DIR
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
source "$root/tests/docs/demo.sh"
build=$(cd "$1" && pwd)
folder=$(mktemp -d)
trap 'stop_demo; rm -rf "$folder"' EXIT
command -v curl > /dev/null || { echo "skipped: curl is not installed"; exit 77; }

start_demo "$build" "$folder"
ln -s "$build" "$folder/build"
ln -s "$root/airouterd" "$folder/airouterd"
count=0

# Prints the tested blocks of a document, each followed by a line "%%".
tested_blocks() {
  awk '/<!-- tested -->/ { marked = 1; next }
       /^ *```/ { if (inside) print "%%"; inside = !inside && marked && /```sh/; marked = 0; next }
       inside' "$1"
}

run_block() {
  local output
  output=$(cd "$folder" && bash -euo pipefail -c "$2" 2> "$folder/errors") || {
    printf '%s: this fails:\n%s\n%s\n' "$1" "$2" "$(cat "$folder/errors")"
    exit 1
  }
  if [[ -z $output || $output == *'"error"'* ]]; then
    printf '%s: this answers nothing or an error:\n%s\n%s\n' "$1" "$2" "$output"
    exit 1
  fi
  count=$((count + 1))
}

for document in README.md docs/getting-started.md docs/testing.md; do
  block=
  while IFS= read -r line; do
    if [[ $line == %% ]]; then
      run_block "$document" "$block"
      block=
    else
      line=${line//127.0.0.1:8000/${demo_address#http://}}
      block+=${line//gpt-4/demo}$'\n'
    fi
  done < <(cd "$root" && tested_blocks "$document")
done
if (( count < 3 )); then
  echo "only $count blocks are marked as tested"
  exit 1
fi
