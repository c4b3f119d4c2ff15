#!/usr/bin/env bash
# clang-tidy, by the rules of .clang-tidy, over the library and the daemon. usage: tidy.sh BUILD_DIR
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v clang-tidy > /dev/null || { echo "skipped: clang-tidy is not installed"; exit 77; }
find libairouter/src libairouter/testing airouterd/src -name '*.cpp' | sort |
  xargs -P "$(nproc)" -n 4 clang-tidy -p "$1" --quiet --warnings-as-errors='*' 2> >(grep -vE 'warnings? (generated|treated)|Suppressed|Use -header-filter' >&2 || true)
