#!/usr/bin/env bash
# The Python binding from its folder, with the distribution's python3 alone. usage: python.sh BUILD_DIR LIBRARY [TEST...]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
command -v python3 > /dev/null || { echo "skipped: python3 is not installed"; exit 77; }
python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))' || { echo "skipped: python3 is older than 3.9"; exit 77; }
export PYTHONPATH=$here/../../bindings/python AIROUTER_C_LIBRARY=$2
exec "$1/bin/binding_world" python3 -B "$here/python_test.py" --quiet "${@:3}"
