#!/usr/bin/env bash
# The README's two commands, typed on a machine that has nothing: a clean clone of HEAD in Debian's minimal installation.
# usage: tests/bare/run.sh SUITE [--quick | COMMAND [ARGUMENT...]]
#   SUITE    12 or bookworm, 13 or trixie, or a newer one (forky, sid)
#   --quick  `tests/run.sh --quick`
#   COMMAND  this is run in the clone instead
# It takes as long as a first `tests/run.sh` does; AIROUTER_BARE_MINUTES (90) ends it. A machine on which something failed stays
# in build/bare/SUITE/machine until the next run.
set -euo pipefail
source "$(dirname "$0")/machine.sh"
[[ -n ${1:-} && $1 != -* ]] || { sed -nE '3,6s/^# ?//p' "$0" >&2; exit 2; }
suite=$(suite_of "$1")
shift
quick=()
if [[ ${1:-} == --quick ]]; then quick=(--quick); shift; fi
machine=$cache/$suite/machine
seconds=$(( ${AIROUTER_BARE_MINUTES:-90} * 60 ))
require_machines
git -C "$project" rev-parse --verify --quiet HEAD > /dev/null 2>&1 || skip "a clean clone needs git, and a repository of its own"
require_mirror "$suite"
lock "$suite" machine

# The commands that the README starts with. The demonstration is told to end.
readme_commands() {
  sed -n '/^## Try it/,/^## /{/^```sh/,/^```/p}' "$project/README.md" | sed -nE 's|^(\./[^ ]+).*|\1|p' |
    sed -E "s|quickstart\.sh\$|& --once|; s|tests/run\.sh\$|&${quick:+ ${quick[*]}}|"
}

# Types one line in the clone. usage: type_in COMMAND [ARGUMENT...]
type_in() {
  local begin=$SECONDS result=0
  printf '\n[%s] # %s\n' "$suite" "$*"
  # Packages that were downloaded once are lent to the machine; apt asks the mirror for nothing but its lists then.
  enter "$machine" "$seconds" "$cache/$suite/packages:/var/cache/apt/archives" \
    bash -c 'cd "$1"; shift; exec "$@"' - "$clone_in_machine" "$@" || result=$?
  printf '[%s] %s after %d s, exit code %d\n' "$suite" "$*" "$((SECONDS - begin))" "$result"
  return $result
}

make_machine "$suite" "$machine"
git clone --quiet --no-hardlinks "file://$project" "$machine$clone_in_machine"
echo "[$suite] Debian $(cat "$machine/etc/debian_version"), commit $(git -C "$project" rev-parse --short HEAD)"
if (( $# > 0 )); then
  type_in "$@"
else
  mapfile -t commands < <(readme_commands)
  (( ${#commands[@]} == 2 )) || { echo "the README does not start with two commands: ${commands[*]}"; exit 1; }
  for line in "${commands[@]}"; do
    read -ra words <<< "$line"
    type_in "${words[@]}"
  done
fi
rm -rf "$machine"
