#!/usr/bin/env bash
# clang-format has nothing to change. `format.sh --fix` changes it.
# Each release lays code out a little differently, so one is for all: 14.
set -euo pipefail
cd "$(dirname "$0")/../.."
tool=$(command -v clang-format-14 || command -v clang-format) || { echo "skipped: clang-format is not installed"; exit 77; }
release=$("$tool" --version | sed -nE 's/.*version ([0-9]+)\..*/\1/p')
[[ $release == 14 ]] || { echo "skipped: this is clang-format $release, and the code is laid out by 14"; exit 77; }
mapfile -t files < <(find libairouter airouterd bindings examples tests \( -name '*.h' -o -name '*.cpp' -o -name '*.c' \) -not -path '*/build*/*' | sort)
if [[ ${1:-} == --fix ]]; then exec "$tool" -i "${files[@]}"; fi
"$tool" --dry-run --Werror "${files[@]}"
