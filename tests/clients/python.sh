#!/usr/bin/env bash
# Drives airouterd with OpenAI's client library for Python. usage: python.sh BUILD_DIR
# It is installed once, into BUILD_DIR/clients/python.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
folder=$build/clients/python

skip() { echo "skipped: $*"; exit 77; }

command -v python3 > /dev/null || skip "python3 is not installed"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || skip "python3 is older than 3.10"
python3 -c 'import ensurepip, venv' 2> /dev/null || skip "python3-venv is not installed"

mkdir -p "$folder"
if ! cmp -s "$here/python/requirements.txt" "$folder/installed"; then
  rm -rf "$folder/venv"
  python3 -m venv "$folder/venv"
  "$folder/venv/bin/pip" install --quiet --disable-pip-version-check --retries 1 --timeout 60 --only-binary :all: \
    -r "$here/python/requirements.txt" > "$folder/pip.log" 2>&1 || skip "PyPI cannot be reached, or has no packages for this machine; see $folder/pip.log"
  cp "$here/python/requirements.txt" "$folder/installed"
fi
exec "$folder/venv/bin/python" -B "$here/python/run.py" "$build/bin/client_world" "$build/bin/airouterd"
