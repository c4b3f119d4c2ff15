#!/usr/bin/env bash
# The library keeps nothing of its own for the whole process: no variable that can change, but for the guard of libcurl's own
# beginning, which each process has once. usage: globals.sh FILE... (archives, object files)
set -euo pipefail
command -v nm > /dev/null || { echo "skipped: nm is not installed"; exit 77; }
symbols=$(nm --demangle --format=sysv "$@" 2> /dev/null)
[[ $symbols == *airouter::Router::create* || $symbols == *airouter_router_create* ]] ||
  { echo "there is no library in $*"; exit 1; }
# Constants that the compiler puts among variables all the same, since they hold pointers to members; and the guard.
allowed='airouter::engine::\(anonymous namespace\)::table|airouter::protocol::FactsBuilder::slots'
allowed+='|(guard variable for )?airouter::make_curl_transport\(\)::initialised|DW\.ref\..*'
# What only the linker fills in is read-only when the program runs.
found=$(awk -F'|' '{ section = $NF; gsub(/ /, "", section) }
  section ~ /^\.(data|bss|tdata|tbss)(\.|$)/ && section !~ /^\.data\.rel\.ro/ { gsub(/ +$/, "", $1); print $1 }' <<< "$symbols" |
  grep -vxE "$allowed" || true)
if [[ -n $found ]]; then
  echo "the library has variables of the whole process:"
  echo "$found"
  exit 1
fi
