#!/usr/bin/env bash
# Installs a build to a folder of its own, looks at what is there, and builds a program against it.
# usage: installed.sh BUILD_DIR
set -euo pipefail
source "$(dirname "$0")/build_and_run.sh"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
prefix=$folder/prefix

quietly cmake --install "$1" --prefix "$prefix"

# Nothing internal comes along.
failed=0
while read -r header; do
  case "$header" in
    */include/airouter/*.h | */include/airouter.h) ;;
    *) echo "installed, but not public: $header"; failed=1 ;;
  esac
done < <(find "$prefix" -name '*.h')
if grep -rnE 'airouter_options|airouter_base|Werror|httplib|sanitize' --include='*.cmake' "$prefix"; then
  echo "the installed package speaks of things that are not installed"
  failed=1
fi
if grep -rnF -e "$(cd "$1" && pwd)" -e "$(cd "$(dirname "$0")/../.." && pwd)" --include='*.cmake' "$prefix"; then
  echo "the installed package points back into the folder it was built from"
  failed=1
fi
(( failed == 0 ))

# Says which library a program brought along. usage: links_shared PROGRAM yes|no
links_shared() {
  local found=no
  [[ $(ldd "$1") != *libairouter.so.* ]] || found=yes
  [[ $found == "$2" ]] || { echo "$1 links the shared library: $found, wanted: $2"; return 1; }
}

build_and_run "$folder/static" -DCMAKE_PREFIX_PATH="$prefix"
links_shared "$folder/static/consumer" no
build_and_run "$folder/shared" -DCMAKE_PREFIX_PATH="$prefix" -DBUILD_SHARED_LIBS=ON
links_shared "$folder/shared/consumer" yes

# Without CMake, from wherever the folder was moved to.
command -v pkg-config > /dev/null || { echo "skipped: pkg-config is not installed"; exit 77; }
mv "$prefix" "$folder/elsewhere"
prefix=$folder/elsewhere
pkgconfig=$(dirname "$(find "$prefix" -name airouter.pc)")
export PKG_CONFIG_PATH=$pkgconfig
library=$(dirname "$(find "$prefix" -name 'libairouter.a')")
here=$(cd "$(dirname "$0")" && pwd)
read -ra flags <<< "$(pkg-config --cflags airouter)"
read -ra shared <<< "$(pkg-config --libs airouter)"
read -ra static <<< "$(pkg-config --libs airouter-static)"
quietly c++ -std=c++20 "${flags[@]}" "$here/main.cpp" -o "$folder/by_pkgconfig" "${shared[@]}" "-Wl,-rpath,$library"
"$folder/by_pkgconfig"
links_shared "$folder/by_pkgconfig" yes
quietly c++ -std=c++20 "${flags[@]}" "$here/main.cpp" -o "$folder/static_by_pkgconfig" "${static[@]}"
"$folder/static_by_pkgconfig"
links_shared "$folder/static_by_pkgconfig" no

# The C interface, in C.
read -ra c_flags <<< "$(pkg-config --cflags --libs airouter_c)"
cc_library=$(dirname "$(find "$prefix" -name 'libairouter_c.so')")
quietly cc -std=c11 -pedantic -Wall -Wextra -Werror "$here/main.c" -o "$folder/in_c" "${c_flags[@]}" "-Wl,-rpath,$cc_library"
"$folder/in_c"
