#!/usr/bin/env bash
# clang-format has nothing to change. `format.sh --fix` changes it.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v clang-format > /dev/null || { echo "skipped: clang-format is not installed"; exit 77; }
mapfile -t files < <(find libairouter airouterd examples tests \( -name '*.h' -o -name '*.cpp' \) -not -path '*/build*/*' | sort)
if [[ ${1:-} == --fix ]]; then exec clang-format -i "${files[@]}"; fi
clang-format --dry-run --Werror "${files[@]}"
