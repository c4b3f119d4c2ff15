#!/usr/bin/env bash
# The binding for node from its folder. usage: node.sh BUILD_DIR ADDON
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
command -v node > /dev/null || { echo "skipped: node is not installed"; exit 77; }
node -e 'process.exit(parseInt(process.versions.node) >= 18 ? 0 : 1)' || { echo "skipped: node is older than 18"; exit 77; }
[[ -f $2 ]] || { echo "skipped: node_api.h is not installed (Debian: libnode-dev), so there is no addon"; exit 77; }
export AIROUTER_NODE_ADDON=$2
exec "$1/bin/binding_world" node "$here/node_test.js"
