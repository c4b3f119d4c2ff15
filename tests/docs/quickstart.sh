#!/usr/bin/env bash
# The quick start on a machine that has everything: it ends well, shows who was tried, and leaves nothing running.
# usage: quickstart.sh BUILD_DIR
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
[[ $(cd "$1" && pwd) == "$root/build" ]] || { echo "skipped: the quick start builds in build/, which is not this build"; exit 77; }
cd /
for time in first second; do
  output=$(timeout 500 "$root/examples/quickstart.sh" --once --lang en 2>&1) || { echo "$output"; exit 1; }
  for text in 'Who was tried' 'Steady_Local' 'answered'; do
    [[ $output == *"$text"* ]] || { printf 'the %s time, "%s" is missing:\n%s\n' "$time" "$text" "$output"; exit 1; }
  done
done
