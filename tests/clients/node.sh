#!/usr/bin/env bash
# Drives airouterd with client libraries for JavaScript. usage: node.sh BUILD_DIR [NAME]
# NAME: only libraries whose name begins so. They are installed once, into BUILD_DIR/clients/node.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
folder=$build/clients/node

skip() { echo "skipped: $*"; exit 77; }

command -v node > /dev/null || skip "node is not installed"
command -v npm > /dev/null || skip "npm is not installed"
node -e 'process.exit(parseInt(process.versions.node) >= 18 ? 0 : 1)' || skip "node is older than 18"

mkdir -p "$folder"
cp "$here"/node/*.js* "$folder"
if ! cmp -s "$folder/package-lock.json" "$folder/installed"; then
  npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --fetch-retries=1 --fetch-timeout=60000 \
    > "$folder/npm.log" 2>&1 || {
    if grep -qE 'EINTEGRITY|EUSAGE|ETARGET' "$folder/npm.log"; then
      cat "$folder/npm.log"
      exit 1
    fi
    skip "the npm registry cannot be reached: $(grep -m1 -oE '(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|E[0-9]{3}|network)' "$folder/npm.log" || echo "see $folder/npm.log")"
  }
  cp "$folder/package-lock.json" "$folder/installed"
fi
cd "$folder"
exec node run.js "$build/bin/client_world" "$build/bin/airouterd" "${2:-}"
