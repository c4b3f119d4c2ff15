#!/usr/bin/env bash
# One sentence about the machine and the programs that figures come from. usage: machine.sh [NGINX]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
model=$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)
memory=$(awk '/^MemTotal/ { printf "%.0f", $2 / 1048576 }' /proc/meminfo)
system=$(. /etc/os-release 2> /dev/null && echo "$PRETTY_NAME" || uname -s)
first_line_of() { { "$@" 2>&1 || true; } | head -n 1; }
text="$(nproc) cores of ${model:-$(uname -m)}, $memory GiB, Linux $(uname -r | cut -d- -f1), $system"
nginx=${1:-}
[[ -z $nginx ]] || text+="; nginx $(first_line_of "$nginx" -v | sed 's|.*/||')"
command -v curl-config > /dev/null && text+=", libcurl $(curl-config --version | cut -d' ' -f2)"
command -v openssl > /dev/null && text+=", $(openssl version | cut -d' ' -f1,2)"
command -v node > /dev/null && text+=", Node $(node --version)"
text+=", Portkey $(sed -n 's/^portkey_version=\([^ ]*\).*/\1/p' "$here/slow_peers.sh"), LiteLLM $(sed -n 's/^litellm_version=//p' "$here/slow_peers.sh")"
echo "$text"
