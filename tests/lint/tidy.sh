#!/usr/bin/env bash
# clang-tidy, by the rules of .clang-tidy, over the library, the daemon and the examples. usage: tidy.sh BUILD_DIR
# A file that was fine is not looked at again until it, any header, or the rules change.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v clang-tidy > /dev/null || { echo "skipped: clang-tidy is not installed"; exit 77; }
build=$1
stamps=$build/tidy
mkdir -p "$stamps"

headers=$({ clang-tidy --version; cat .clang-tidy; find libairouter airouterd -name '*.h' | sort | xargs cat; } | sha256sum | cut -c1-16)

check() {  # build folder, stamp of the headers, file
  local stamp output result=0
  stamp=$1/tidy/$2-$(sha256sum "$3" | cut -c1-16)
  [[ -e $stamp ]] && return 0
  output=$(clang-tidy -p "$1" --quiet --warnings-as-errors='*' "$3" 2>&1) || result=$?
  if (( result == 0 )); then touch "$stamp"; return 0; fi
  grep -vE 'warnings? (generated|treated)|Suppressed|Use -header-filter' <<< "$output" || true
  return 1
}
export -f check

find libairouter/src libairouter/testing airouterd/src examples -name '*.cpp' | sort |
  xargs -P "$(nproc)" -I {} bash -c 'check "$@"' - "$build" "$headers" {}
