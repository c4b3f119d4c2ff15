#!/usr/bin/env bash
# The program that the documents show in each language, beside providers that fail: it prints the same text, and ends with the
# same exit codes, in all of them. usage: smart.sh BUILD_DIR LANGUAGE [LIBRARY]
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$1
language=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

needs() { command -v "$1" > /dev/null || { echo "skipped: $1 is not installed"; exit 77; }; }

case $language in
  cpp) program=("$build/bin/examples/smart") ;;
  c) program=("$build/bin/examples/smart_c") ;;
  python)
    needs python3
    export AIROUTER_C_LIBRARY=$3 PYTHONPATH=$root/bindings/python
    program=(python3 -B "$root/examples/smart.py")
    ;;
  node)
    needs node
    [[ -f $3 ]] || { echo "skipped: node_api.h is not installed (Debian: libnode-dev), so there is no addon"; exit 77; }
    ln -s "$root/bindings/node" "$folder/airouter"
    export AIROUTER_NODE_ADDON=$3 NODE_PATH=$folder
    program=(node "$root/examples/smart.js")
    ;;
esac

# Runs it with a config, that of binding_world if it is empty. usage: run CONFIG
run() {
  output=
  code=0
  # shellcheck disable=SC2016
  output=$(timeout 60 "$build/bin/binding_world" bash -c 'config=$1; shift; exec "$@" "${config:-$AIROUTER_TEST_CONFIG}"' - \
    "$1" "${program[@]}" 2> "$folder/errors") || code=$?
}

# usage: answers TEXT
answers() {
  run ''
  if [[ $code != 0 || $output != "$1" || -s $folder/errors ]]; then
    printf '%s: wanted "%s" and exit code 0; it printed, with %s:\n%s\n' "$language" "$1" "$code" "$output$(< "$folder/errors")"
    exit 1
  fi
}

# A failure is told in one line. usage: fails CONFIG SENTENCE
fails() {
  run "$1"
  if [[ $code != 1 || $output || $(wc -l < "$folder/errors") != 1 || $(< "$folder/errors") != *"$2"* ]]; then
    printf '%s: wanted "%s" and exit code 1; it printed, with %s:\n%s\n' "$language" "$2" "$code" "$output$(< "$folder/errors")"
    exit 1
  fi
}

answers 'Grüße, wide 🌍 world.'
echo '{"providers": []}' > "$folder/empty.json"
fails "$folder/empty.json" "no provider serves the model 'smart'"
fails "$folder/missing.json" "missing.json"
