# To be sourced: runs `airouterd demo` in the background while a test needs it, ends it by its id afterwards.

# Sets demo_address and demo_pid; its output goes to FOLDER/demo.log. usage: start_demo BUILD FOLDER
start_demo() {
  local log=$2/demo.log
  "$1/bin/airouterd" demo --port 0 --lang en > "$log" 2>&1 &
  demo_pid=$!
  for _ in $(seq 300); do
    if grep -q '^Serving on' "$log"; then
      demo_address=$(sed -nE 's/^\[CONFIG\] Address: //p' "$log")
      return 0
    fi
    kill -0 "$demo_pid" 2> /dev/null || break
    sleep 0.1
  done
  echo "the demonstration did not start:" >&2
  cat "$log" >&2
  return 1
}

stop_demo() {
  [[ -n ${demo_pid:-} ]] || return 0
  kill -TERM "$demo_pid" 2> /dev/null || true
  wait "$demo_pid" 2> /dev/null || true
  demo_pid=
}
