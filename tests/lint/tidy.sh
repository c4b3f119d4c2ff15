#!/usr/bin/env bash
# clang-tidy, by the rules of .clang-tidy, over the library, the daemon and the examples. usage: tidy.sh BUILD_DIR
# Each release knows other checks by the same names, so one is for all: 14.
# A file that was fine is not looked at again, in no clone of the user's, until it, any header, or the rules change.
set -euo pipefail
cd "$(dirname "$0")/../.."
tool=$(command -v clang-tidy-14 || command -v clang-tidy) || { echo "skipped: clang-tidy is not installed"; exit 77; }
release=$("$tool" --version | sed -nE 's/.*version ([0-9]+)\..*/\1/p')
[[ $release == 14 ]] || { echo "skipped: this is clang-tidy $release, and .clang-tidy is for 14"; exit 77; }
export tool
build=$1
export stamps=${XDG_CACHE_HOME:-${HOME:-$build}/.cache}/airouter/tidy
mkdir -p "$stamps" 2> /dev/null || { stamps=$build/tidy; mkdir -p "$stamps"; }
find "$stamps" -type f -mtime +30 -delete

headers=$({ "$tool" --version; cat .clang-tidy; find libairouter airouterd bindings -name '*.h' | sort | xargs cat; } | sha256sum | cut -c1-16)

check() {  # build folder, stamp of the headers, file
  local stamp output result=0
  stamp=$stamps/$2-$(sha256sum "$3" | cut -c1-16)
  [[ -e $stamp ]] && return 0
  output=$("$tool" -p "$1" --quiet --warnings-as-errors='*' "$3" 2>&1) || result=$?
  if (( result == 0 )); then touch "$stamp"; return 0; fi
  grep -vE 'warnings? (generated|treated)|Suppressed|Use -header-filter' <<< "$output" || true
  return 1
}
export -f check

find libairouter/src libairouter/testing airouterd/src bindings examples -name '*.cpp' | sort |
  xargs -P "$(nproc)" -I {} bash -c 'check "$@"' - "$build" "$headers" {}
