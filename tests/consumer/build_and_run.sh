# To be sourced: builds the consumer project into FOLDER and runs its programs.
# usage: build_and_run FOLDER [CMAKE OPTION...]
build_and_run() {
  local folder=$1
  shift
  quietly cmake -S "$(dirname "${BASH_SOURCE[0]}")" -B "$folder" -G Ninja "$@"
  quietly cmake --build "$folder" --parallel "${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}"
  "$folder/consumer"
  "$folder/consumer_test"
  if [[ -x $folder/consumer_in_c ]]; then "$folder/consumer_in_c"; fi
}

quietly() {  # runs a command; shows its output only if it fails
  local output
  output=$("$@" 2>&1) || { printf '%s\nfailed: %s\n' "$output" "$*"; return 1; }
}
