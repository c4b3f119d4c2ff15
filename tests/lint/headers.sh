#!/usr/bin/env bash
# Every header compiles alone; public ones with strict warnings and, where it is there, with clang, too.
# usage: headers.sh CXX
set -euo pipefail
cd "$(dirname "$0")/../.."
cxx=${1:-c++}
flags=(-std=c++20 -fsyntax-only -x c++ -Ilibairouter/include -Ilibairouter/testing)
strict=(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
httplib=$(pkg-config --cflags cpp-httplib 2>/dev/null || true)
failed=0

compile() {  # compiler, header, flags...
  local compiler=$1 header=$2; shift 2
  if ! echo "#include \"$PWD/$header\"" | "$compiler" "${flags[@]}" "$@" - 2> /tmp/airouter-header.$$; then
    echo "$header does not compile alone with $compiler:"
    head -n 5 /tmp/airouter-header.$$
    failed=1
  fi
}

for header in libairouter/include/airouter/*.h libairouter/testing/airouter/*.h; do
  compile "$cxx" "$header" "${strict[@]}"
  if command -v clang++ > /dev/null; then compile clang++ "$header" "${strict[@]}"; fi
done
# What public headers reach, however far: the standard library and each other.
for header in libairouter/include/airouter/*.h libairouter/testing/airouter/*.h; do
  others=$(echo "#include \"$PWD/$header\"" | "$cxx" "${flags[@]}" -M - |
    grep -oE '[^ ]*/(rapidjson|fmt|curl|openssl|CLI)/[^ ]*|[^ ]*httplib[^ ]*' || true)
  if [[ -n $others ]]; then
    echo "$header reaches $others"
    failed=1
  fi
done

# The C interface is C, and C++.
header=bindings/c/include/airouter.h
for compiler in "${CC:-cc}" clang; do
  command -v "$compiler" > /dev/null || continue
  if ! echo "#include \"$PWD/$header\"" | "$compiler" -std=c11 -pedantic -Wall -Wextra -Wconversion -Wshadow -Werror \
    -fsyntax-only -x c - 2> /tmp/airouter-header.$$; then
    echo "$header does not compile alone with $compiler:"
    head -n 5 /tmp/airouter-header.$$
    failed=1
  fi
done
compile "$cxx" "$header" "${strict[@]}"
if command -v clang++ > /dev/null; then compile clang++ "$header" "${strict[@]}"; fi

while read -r header; do
  # shellcheck disable=SC2086
  compile "$cxx" "$header" -Ilibairouter/src -Iairouterd/src -Ibindings/c/include -Itests $httplib
done < <(find libairouter/src airouterd/src bindings/c/src tests/support -name '*.h' | sort)
rm -f /tmp/airouter-header.$$
exit $failed
