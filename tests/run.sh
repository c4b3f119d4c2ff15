#!/usr/bin/env bash
# Installs what the tests need, builds, and runs every test. The last line says how many passed and failed.
# usage: tests/run.sh [--quick]      --quick leaves out the builds with sanitizers
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build
jobs=$(nproc)
with_sanitizers=yes
case "${1:-}" in
  '') ;;
  --quick) with_sanitizers=no ;;
  *) sed -n '3s/^# //p' "$0" >&2; exit 2 ;;
esac
unset CMAKE_BUILD_TYPE CXXFLAGS LDFLAGS DESTDIR || true
# Where ccache is there, clones in different folders share what they compile.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
passed=0
failed=0

say() { printf '\n== %s\n' "$*"; }

# Configures and builds into a folder, quietly unless it fails. usage: build_in FOLDER "TARGET..." [CMAKE OPTION...]
build_in() {
  local folder=$1 targets=$2 log=$1/build.log
  shift 2
  mkdir -p "$folder"
  local generator=()
  [[ -f $folder/CMakeCache.txt ]] || generator=(-G Ninja)
  # shellcheck disable=SC2086
  if cmake -S "$root" -B "$folder" "${generator[@]}" -DAIROUTER_BUILD_TESTS=ON "$@" > "$log" 2>&1 &&
    cmake --build "$folder" --parallel "$jobs" ${targets:+--target $targets} >> "$log" 2>&1; then
    return 0
  fi
  grep -nE 'error|Error|FAILED' "$log" | head -n 20 || true
  tail -n 30 "$log"
  echo "the build failed; all of its output is in $log"
  return 1
}

# Adds up what ctest wrote down: the test cases of programs that count them, else one per test.
count_results() {
  local log=$1/Testing/Temporary/LastTest.log
  read -r more_passed more_failed < <(awk '
    /^[0-9]+\/[0-9]+ Test(ing)?: / { cases = bad = 0 }
    match($0, /^All tests passed \([0-9]+ assertions? in [0-9]+ test cases?\)/) { split($0, word, " "); cases = word[7] }
    /^test cases: / { cases = bad = 0
      for (i = 1; i <= NF; ++i) { if ($(i + 1) ~ /^passed/) cases = $i; if ($(i + 1) ~ /^failed/) bad = $i } }
    /^Test Passed\./ { passed += cases ? cases : 1 }
    /^Test Failed\./ || /^Test Not Run\./ { passed += cases; failed += bad ? bad : 1 }
    END { print passed + 0, failed + 0 }' "$log" 2> /dev/null || echo "0 0")
  passed=$((passed + ${more_passed:-0}))
  failed=$((failed + ${more_failed:-0}))
}

# usage: run_tests FOLDER [CTEST OPTION...]
run_tests() {
  local folder=$1 failed_before=$failed result=0
  shift
  rm -f "$folder/Testing/Temporary/LastTest.log"
  (cd "$folder" && ctest --output-on-failure --no-tests=error --parallel "$jobs" --timeout 900 "$@") || result=$?
  count_results "$folder"
  if (( result != 0 && failed == failed_before )); then failed=$((failed + 1)); fi
}

# A build with sanitizers and the tests that run under it. usage: sanitized NAME FOLDER SANITIZERS "TARGETS" TESTS
# Reports go to files, since those of a daemon that a test has started are seen by nobody: each of them fails the run.
sanitized() {
  local reports=$2/reports report
  say "$1"
  rm -rf "$reports"
  mkdir -p "$reports"
  export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1:detect_leaks=1:log_path=$reports/address
  export UBSAN_OPTIONS=print_stacktrace=1:log_path=$reports/undefined
  export TSAN_OPTIONS=second_deadlock_stack=1:log_path=$reports/thread
  if build_in "$2" "$4" -DAIROUTER_SANITIZE="$3" -DAIROUTER_WERROR=OFF -DAIROUTER_BUILD_EXAMPLES=OFF \
    -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O1 -g1"; then
    run_tests "$2" -R "$5"
  else
    failed=$((failed + 1))
  fi
  for report in "$reports"/*; do
    [[ -s $report ]] || continue
    echo "a sanitizer reports, in $report:"
    head -n 60 "$report"
    failed=$((failed + 1))
  done
}

# No test may leave a program of ours running.
check_leftovers() {
  local process program
  for process in /proc/[0-9]*; do
    program=$(readlink "$process/exe" 2> /dev/null) || continue
    [[ $program == "$root"/build*/* ]] || continue
    echo "still running, ended now: ${process#/proc/} $program"
    kill -KILL "${process#/proc/}" 2> /dev/null || true
    failed=$((failed + 1))
  done
}

say "packages"
"$root/.ci/install-packages" build test optional

say "build"
if build_in "$build" "" -DAIROUTER_BUILD_SERVER=ON -DAIROUTER_BUILD_EXAMPLES=ON -DAIROUTER_WERROR=ON; then
  say "tests"
  run_tests "$build"
else
  failed=$((failed + 1))
  with_sanitizers=no
fi

if [[ $with_sanitizers == yes ]]; then
  sanitized "unit tests, integration tests and fuzz seeds with AddressSanitizer and UndefinedBehaviorSanitizer" \
    "$root/build-asan" address,undefined "unit_tests integration_tests fuzz_replay airouterd" '^(unit|fuzz.replay|integration\..*)$'
  sanitized "unit and integration tests with ThreadSanitizer" \
    "$root/build-tsan" thread "unit_tests integration_tests airouterd" '^(unit|integration\..*)$'
fi

check_leftovers
printf '\n%d passed, %d failed\n' "$passed" "$failed"
exit $(( failed > 0 ))
