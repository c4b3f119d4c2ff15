#!/usr/bin/env bash
# Prints what the compiler finds here, a line each: NAME VERSION. usage: versions.sh [CXX]
set -euo pipefail
cxx=${1:-c++}
read -ra flags <<< "$(pkg-config --cflags cpp-httplib libcurl openssl fmt)"

# Prints the values of macros that a header defines, separated by dots. usage: macros HEADER MACRO...
macros() {
  local header=$1 macro
  shift
  {
    echo "#include <$header>"
    printf 'airouter_version'
    for macro in "$@"; do printf ' %s' "$macro"; done
    echo
  } | "$cxx" -std=c++20 "${flags[@]}" -E -P -x c++ - 2> /dev/null |
    sed -nE 's/^airouter_version +//p' | tr -d '"' | tr ' ' '.'
}

catch2_header=catch2/catch.hpp
if echo '#include <catch2/catch_version_macros.hpp>' | "$cxx" -E -x c++ - > /dev/null 2>&1; then
  catch2_header=catch2/catch_version_macros.hpp
fi
fmt=$(macros fmt/core.h FMT_VERSION)

echo "g++ $(g++ -dumpfullversion)"
echo "cmake $(cmake --version | sed -nE '1s/.* ([0-9.]+).*/\1/p')"
echo "libcurl $(macros curl/curlver.h LIBCURL_VERSION)"
echo "OpenSSL $(macros openssl/opensslv.h OPENSSL_VERSION_STR)"
echo "zlib $(macros zlib.h ZLIB_VERSION)"
echo "RapidJSON $(macros rapidjson/rapidjson.h RAPIDJSON_MAJOR_VERSION RAPIDJSON_MINOR_VERSION RAPIDJSON_PATCH_VERSION)"
echo "fmt $((fmt / 10000)).$((fmt / 100 % 100)).$((fmt % 100))"
echo "cpp-httplib $(macros httplib.h CPPHTTPLIB_VERSION)"
echo "CLI11 $(macros CLI/Version.hpp CLI11_VERSION)"
echo "Catch2 $(macros "$catch2_header" CATCH_VERSION_MAJOR CATCH_VERSION_MINOR CATCH_VERSION_PATCH)"
