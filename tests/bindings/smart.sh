#!/usr/bin/env bash
# The program that the documents show in each language, beside providers that fail. usage: smart.sh BUILD_DIR LANGUAGE [LIBRARY]
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

# [config file] [text wanted]
runs() {
  local output
  output=$(timeout 60 "$build/bin/binding_world" bash -c 'config=$1; shift; exec "$@" "${config:-$AIROUTER_TEST_CONFIG}"' - \
    "$1" "${program[@]}" 2>&1) || true
  [[ $output == *"$2"* ]] || { echo "$language: wanted '$2', it printed: $output"; exit 1; }
}
runs '' 'Grüße, wide 🌍 world.'
echo '{"providers": []}' > "$folder/empty.json"
runs "$folder/empty.json" "smart"
