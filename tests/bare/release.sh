#!/usr/bin/env bash
# The oldest or the newest release that the README names: what it brings is what the README says, and the project builds and
# passes its tests there. On a machine of that very release the other tests are the proof, and only versions are looked at.
# usage: release.sh oldest|newest
# The machine, its packages and what was built stay in build/bare, so that only the first time is long.
set -euo pipefail
source "$(dirname "$0")/machine.sh"
case "${1:-}" in
  oldest) suite=bookworm column=2 ;;
  newest) suite=trixie column=3 ;;
  *) sed -n '4s/^# //p' "$0" >&2; exit 2 ;;
esac
# Long enough for one slow core.
install_seconds=900
build_seconds=2400
test_seconds=600

# Holds versions, `NAME VERSION` a line, to the README's table, to the second number. usage: compare VERSIONS
compare() {
  local name version claimed failed=0
  while read -r name version; do
    claimed=$(sed -nE '/^\| tested with/,/^$/p' "$project/README.md" | awk -F ' *\\| *' -v name="$name" -v column="$column" \
      '$2 == name { print $(column + 1) }')
    if [[ -z $claimed ]]; then
      echo "README.md says nothing of $name, which is $version here"
      failed=1
    elif [[ $version != "$claimed" && $version != "$claimed".* ]]; then
      echo "README.md says $name $claimed, and the compiler finds $version"
      failed=1
    fi
  done <<< "$1"
  return $failed
}

if [[ $(. /etc/os-release && echo "${VERSION_CODENAME:-}") == "$suite" ]]; then
  command -v pkg-config > /dev/null || skip "what the build needs is not installed"
  versions=$("$project/tests/bare/versions.sh")
  echo "This machine is $suite: $(tr '\n' ';' <<< "$versions")"
  compare "$versions"
  exit
fi

[[ ${AIROUTER_TEST_BARE:-ON} == ON ]] || skip "this machine is not $suite, and AIROUTER_TEST_BARE is off"
require_machines
lock "$suite" release
machine=$cache/$suite/release
loans="$project:/project:ro $cache/ccache:/root/.cache/ccache"

# usage: quietly SECONDS COMMAND [ARGUMENT...]     shows its output only if it fails
quietly() {
  local seconds=$1 log=$cache/$suite/release.log
  shift
  if ! enter "$machine" "$seconds" "$loans" "$@" > "$log" 2>&1; then
    grep -E 'error:|warning:|FAILED' "$log" | head -n 20 || true
    tail -n 30 "$log"
    echo "failed on $suite: $*"
    return 1
  fi
}

# Packages are installed once, and again when the list of them changes.
packages=$(cksum < "$project/.ci/packages")
if [[ ! -f $machine/packages || $(< "$machine/packages") != "$packages" ]]; then
  require_mirror "$suite"
  make_machine "$suite" "$machine"
  quietly "$install_seconds" /project/.ci/install-packages build test
  quietly "$install_seconds" apt-get -q install -y --no-install-recommends ccache
  echo "$packages" > "$machine/packages"
fi

versions=$(enter "$machine" 60 "$loans" /project/tests/bare/versions.sh)
echo "On $suite: $(tr '\n' ';' <<< "$versions")"
compare "$versions"

quietly "$build_seconds" cmake -S /project -B /build -G Ninja -DAIROUTER_BUILD_EXAMPLES=OFF -DAIROUTER_WERROR=ON \
  -DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O1
quietly "$build_seconds" cmake --build /build --parallel "$(nproc)" --target airouterd unit_tests integration_tests fuzz_replay
enter "$machine" "$test_seconds" "$loans" ctest --test-dir /build --output-on-failure --no-tests=error --parallel "$(nproc)" \
  -R '^(unit|fuzz.replay|integration\..*)$'
