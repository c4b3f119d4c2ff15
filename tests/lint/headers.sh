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
while read -r header; do
  # shellcheck disable=SC2086
  compile "$cxx" "$header" -Ilibairouter/src -Iairouterd/src -Itests $httplib
done < <(find libairouter/src airouterd/src tests/support -name '*.h' | sort)
rm -f /tmp/airouter-header.$$
exit $failed
