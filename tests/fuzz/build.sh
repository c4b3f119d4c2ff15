#!/usr/bin/env bash
# Builds the fuzzers into a folder, quietly unless that fails. usage: build.sh FOLDER
# Exits with 77 and says why where clang or its libFuzzer is missing.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$1
mkdir -p "$build"
log=$build/build.log
# Where ccache is there, clones in different folders share what they compile.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1

command -v clang++ > /dev/null || { echo "skipped: clang++ is not installed"; exit 77; }
probe='extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }'
if ! clang++ -x c++ -fsanitize=fuzzer,address,undefined -o "$build/probe" - <<< "$probe" > "$log" 2>&1; then
  echo "skipped: clang++ comes without libFuzzer; in Debian it is in libclang-rt-dev"
  exit 77
fi
generator=()
[[ -f $build/CMakeCache.txt ]] || generator=(-G Ninja)
if ! cmake -S "$root/tests/fuzz" -B "$build" "${generator[@]}" -DCMAKE_CXX_COMPILER=clang++ > "$log" 2>&1 ||
  ! cmake --build "$build" --parallel "$(nproc)" >> "$log" 2>&1; then
  tail -n 30 "$log"
  echo "the fuzzers do not build; all of the output is in $log"
  exit 1
fi
