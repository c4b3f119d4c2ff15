#!/usr/bin/env bash
# Drives the panel of airouterd in Debian's chromium. usage: panel.sh BUILD_DIR [NAME...]
# NAME: only checks whose name holds it. axe-core, which looks for what people with disabilities stumble over, comes from the npm
# registry once, into BUILD_DIR/panel; without it the other checks run. Pictures for the documents: panel.sh BUILD_DIR --pictures docs/pictures pictures
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
shift
folder=$build/panel

skip() { echo "skipped: $*"; exit 77; }

command -v python3 > /dev/null || skip "python3 is not installed"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || skip "python3 is older than 3.10"
command -v chromedriver > /dev/null || skip "chromium-driver is not installed"
command -v chromium > /dev/null || command -v chromium-browser > /dev/null || skip "chromium is not installed"

mkdir -p "$folder"
if ! cmp -s "$here/package-lock.json" "$folder/package-lock.json" || [[ ! -f $folder/node_modules/axe-core/axe.min.js ]]; then
  if command -v npm > /dev/null; then
    cp "$here/package.json" "$here/package-lock.json" "$folder/"
    (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --fetch-retries=1) > "$folder/npm.log" 2>&1 || rm -f "$folder/package-lock.json"
  fi
fi
exec python3 -B "$here/run.py" "$build/bin/airouterd" --axe "$folder/node_modules/axe-core/axe.min.js" "$@"
