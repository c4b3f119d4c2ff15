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
skipped=()

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

# Adds up what ctest wrote down: the test cases of programs that count them, else one per test. A skipped test, which ctest
# calls passed there, is none: it is named at the end, with its reason, and so is a test case that says it could not be.
count_results() {
  local said=$1/ctest.log log=$1/Testing/Temporary/LastTest.log reason
  touch "$said" "$log"
  while read -r reason; do skipped+=("$reason"); done < <(awk '
    NR == FNR { if (/\*\*\*Skipped/) { sub(/^.*Test +#[0-9]+: /, ""); sub(/[ .]*\*\*\*.*/, ""); is_skipped[$0] = 1 }; next }
    /^[0-9]+\/[0-9]+ Test: / { name = $3 }
    sub(/^ *skipped: /, "") && !told[name $0]++ {
      if (!(name in is_skipped)) print name ": " $0
      else if (is_skipped[name]) { print name ": " $0; is_skipped[name] = 0 } }
    END { for (name in is_skipped) if (is_skipped[name]) print name }' "$said" "$log")
  read -r more_passed more_failed < <(awk '
    NR == FNR { if (/\*\*\*Skipped/) --passed; next }
    /^[0-9]+\/[0-9]+ Test(ing)?: / { cases = bad = 0 }
    match($0, /^All tests passed \([0-9]+ assertions? in [0-9]+ test cases?\)/) { split($0, word, " "); cases = word[7] }
    /^test cases: / { cases = bad = 0
      for (i = 1; i <= NF; ++i) { if ($(i + 1) ~ /^passed/) cases = $i; if ($(i + 1) ~ /^failed/) bad = $i } }
    /^Test Passed\./ { passed += cases ? cases : 1 }
    /^Test Failed\./ || /^Test Not Run\./ { passed += cases; failed += bad ? bad : 1 }
    END { print passed + 0, failed + 0 }' "$said" "$log")
  passed=$((passed + ${more_passed:-0}))
  failed=$((failed + ${more_failed:-0}))
}

# usage: run_tests FOLDER [CTEST OPTION...]
run_tests() {
  local folder=$1 failed_before=$failed result=0
  shift
  rm -f "$folder/Testing/Temporary/LastTest.log"
  (cd "$folder" && ctest --output-on-failure --no-tests=error --parallel "$jobs" --timeout 900 \
    --output-log ctest.log "$@") || result=$?
  count_results "$folder"
  if (( result != 0 && failed == failed_before )); then failed=$((failed + 1)); fi
}

# Tests that watch the clock mostly wait. What is wanted later begins meanwhile, with what they leave of the processors, and
# is ended with them: it goes on from where it was when its turn comes. usage: begin_ahead COMMAND [ARGUMENT...]
ahead=
begin_ahead() {
  set -m
  (
    chrt --idle --pid 0 "$BASHPID" || renice -n 19 -p "$BASHPID"
    "$@"
  ) > "$build/ahead.log" 2>&1 &
  ahead=$!
  set +m
}
end_ahead() {
  [[ -n $ahead ]] || return 0
  kill -TERM -- "-$ahead" 2> /dev/null || true
  wait "$ahead" 2> /dev/null || true
  ahead=
}
trap end_ahead EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# usage: build_sanitized FOLDER SANITIZERS "TARGETS"
build_sanitized() {
  build_in "$1" "$3" -DAIROUTER_SANITIZE="$2" -DAIROUTER_WERROR=OFF -DAIROUTER_BUILD_EXAMPLES=ON \
    -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O1 -g1"
}

# Runs tests of such a build. Reports go to files, since those of a daemon that a test has started are seen by nobody:
# each of them fails the run. usage: run_sanitized FOLDER TESTS
run_sanitized() {
  local reports=$1/reports report
  rm -rf "$reports"
  mkdir -p "$reports"
  export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1:detect_leaks=1:log_path=$reports/address
  export UBSAN_OPTIONS=print_stacktrace=1:log_path=$reports/undefined
  export TSAN_OPTIONS=second_deadlock_stack=1:suppressions=$root/tests/support/tsan_suppressions.txt:log_path=$reports/thread
  run_tests "$1" -R "$2"
  for report in "$reports"/*; do
    [[ -s $report ]] || continue
    echo "a sanitizer reports, in $report:"
    head -n 60 "$report"
    failed=$((failed + 1))
  done
}

sanitized_targets="unit_tests integration_tests airouterd c_test binding_world"
build_with_address_sanitizer() {
  build_sanitized "$root/build-asan" address,undefined "$sanitized_targets fuzz_replay example_smart_c"
}
build_with_thread_sanitizer() { build_sanitized "$root/build-tsan" thread "$sanitized_targets"; }

# The second build is made while the tests of the first wait.
test_with_sanitizers() {
  local second first_built=yes second_built=yes
  say "build with AddressSanitizer and UndefinedBehaviorSanitizer"
  build_with_address_sanitizer || first_built=no
  (renice -n 19 -p $BASHPID && build_with_thread_sanitizer) > "$build/tsan-build.out" 2>&1 &
  second=$!
  if [[ $first_built == yes ]]; then
    say "unit tests, integration tests, C and fuzz seeds with AddressSanitizer and UndefinedBehaviorSanitizer"
    run_sanitized "$root/build-asan" '^(unit|fuzz.replay|integration\..*|bindings\.c|docs\.smart_c)$'
  else
    failed=$((failed + 1))
  fi
  say "unit and integration tests with ThreadSanitizer"
  wait "$second" || second_built=no
  if [[ $second_built == yes ]]; then
    begin_ahead "$root/tests/lint/tidy.sh" "$build"
    run_sanitized "$root/build-tsan" '^(unit|integration\..*|bindings\.c)$'
    end_ahead
  else
    cat "$build/tsan-build.out"
    failed=$((failed + 1))
  fi
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
"$root/.ci/install-packages" build test optional clients bindings panel

say "build"
if build_in "$build" "" -DAIROUTER_BUILD_SERVER=ON -DAIROUTER_BUILD_EXAMPLES=ON -DAIROUTER_WERROR=ON; then
  say "tests that watch the clock"
  [[ $with_sanitizers == no ]] || begin_ahead build_with_address_sanitizer
  run_tests "$build" -L integration
  [[ $with_sanitizers == no ]] || end_ahead
  say "tests"
  run_tests "$build" -LE integration -E '^lint\.tidy$'
  [[ $with_sanitizers == no ]] || test_with_sanitizers
  say "the lint that takes minutes the first time"
  run_tests "$build" -R '^lint\.tidy$'
else
  failed=$((failed + 1))
fi

check_leftovers
(( ${#skipped[@]} == 0 )) || printf '\nskipped: %s' "${skipped[@]}"
printf '\n%d passed, %d failed\n' "$passed" "$failed"
exit $(( failed > 0 ))
