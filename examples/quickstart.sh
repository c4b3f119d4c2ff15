#!/usr/bin/env bash
# From a fresh clone to a running demonstration: installs packages, builds, starts `airouterd demo`.
# usage: examples/quickstart.sh [--once] [options of `airouterd demo`]
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build

quietly() {  # runs a command; shows its output only if it fails
  if ! "$@" > "$build/quickstart.log" 2>&1; then
    tail -n 60 "$build/quickstart.log" >&2
    echo "failed: $*" >&2
    exit 1
  fi
}

echo "1/3 Packages: installing those that are missing"
"$root/.ci/install-packages" build

echo "2/3 Build: into $build (a few minutes the first time)"
mkdir -p "$build"
fresh=()
[[ -f $build/CMakeCache.txt ]] || fresh=(-G Ninja -DAIROUTER_BUILD_TESTS=OFF -DAIROUTER_BUILD_EXAMPLES=OFF
  -DAIROUTER_WERROR=OFF)
quietly cmake -S "$root" -B "$build" "${fresh[@]}"
quietly cmake --build "$build" --target airouterd --parallel "$(nproc)"

echo "3/3 Demonstration: airouterd demo $*"
exec "$build/bin/airouterd" demo "$@"
