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
    */include/airouter/*.h) ;;
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

build_and_run "$folder/consumer" -DCMAKE_PREFIX_PATH="$prefix"
if [[ -x $prefix/bin/airouterd ]]; then "$prefix/bin/airouterd" --version; fi
