#!/usr/bin/env bash
# Fails on an #include that points up or sideways. The rules are in layers.txt.
set -euo pipefail
cd "$(dirname "$0")/../.."
failed=0

# What an include line reaches: a layer of ours, a third-party package, or nothing that needs a rule.
reached_by() {
  case "$1" in
    '"'*/*) echo "${1#\"}" | cut -d/ -f1 ;;
    '"'*) echo "." ;;
    '<rapidjson/'* | '<fmt/'* | '<curl/'* | '<openssl/'* | '<CLI/'*) echo "${1#<}" | cut -d/ -f1 ;;
    '<httplib.h>') echo "httplib" ;;
    '<zlib.h>') echo "zlib" ;;
    *) echo "" ;;
  esac
}

while IFS=: read -r folder allowed; do
  [[ -z $folder || $folder == \#* ]] && continue
  depth=(); [[ $folder == airouterd/src ]] && depth=(-maxdepth 1)
  while read -r file; do
    while read -r include; do
      reached=$(reached_by "$include")
      [[ -z $reached || $reached == . || $reached == "$(basename "$folder")" ]] && continue
      if [[ " $allowed " != *" $reached "* ]]; then
        echo "$file: $include: '$folder' may not reach '$reached'"
        failed=1
      fi
    done < <(sed -nE 's/^#include +(["<][^">]+[">]).*/\1/p' "$file")
  done < <(find "$folder" "${depth[@]}" -name '*.h' -o "${depth[@]}" -name '*.cpp' | sort)
done < tests/lint/layers.txt

# Public headers reach nothing but the standard library and each other.
if grep -nE '^#include +("|<(rapidjson|fmt|curl|openssl|httplib|zlib|CLI))' libairouter/include/airouter/*.h libairouter/testing/airouter/*.h; then
  echo "a public header includes more than the standard library and <airouter/…>"
  failed=1
fi
exit $failed
