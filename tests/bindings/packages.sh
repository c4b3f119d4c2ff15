#!/usr/bin/env bash
# The packages as their registries' clients install them: pip and its types, npm and its types. What needs a registry that is
# out of reach is left out, and said. usage: packages.sh BUILD_DIR LIBRARY ADDON
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$1
folder=$build/bindings/packages
tests=$root/tests/bindings
missing=()
mkdir -p "$folder"

quietly() {  # runs a command; shows its output only if it fails
  local output
  output=$("$@" 2>&1) || { printf '%s\nfailed: %s\n' "$output" "$*"; return 1; }
}

check_python() {
  command -v python3 > /dev/null || { missing+=("python3 is not installed"); return; }
  python3 -c 'import ensurepip, venv' 2> /dev/null || { missing+=("python3-venv is not installed"); return; }
  local venv=$folder/venv
  [[ -x $venv/bin/pip ]] || quietly python3 -m venv "$venv"
  if ! "$venv/bin/pip" install --quiet --disable-pip-version-check --retries 1 --timeout 60 setuptools wheel mypy \
    > "$folder/pip.log" 2>&1; then
    missing+=("PyPI cannot be reached")
    return
  fi
  # In a copy: building leaves its traces in the source folder.
  rm -rf "$folder/python"
  cp -r "$root/bindings/python" "$folder/python"
  AIROUTER_C_LIBRARY=$1 quietly "$venv/bin/pip" install --quiet --disable-pip-version-check --force-reinstall --no-deps \
    --no-build-isolation "$folder/python"
  (cd "$folder" && quietly "$build/bin/binding_world" "$venv/bin/python" -B "$tests/python_test.py" --quiet)
  (cd "$folder" && quietly "$venv/bin/mypy" --strict --cache-dir "$folder/mypy" -p airouter && quietly "$venv/bin/mypy" \
    --strict --cache-dir "$folder/mypy" "$tests/typed_use.py")
}

check_node() {
  command -v npm > /dev/null || { missing+=("npm is not installed"); return; }
  [[ -f $1 ]] || { missing+=("node_api.h is not installed"); return; }
  local npm=(npm --no-audit --no-fund --fetch-retries=1 --fetch-timeout=60000 --prefix) output types=$folder/typescript
  rm -rf "$folder/node" "$folder/node-source"
  mkdir -p "$folder/node" "$types"
  # A copy, since installing leaves the addon in the folder.
  cp -r "$root/bindings/node" "$folder/node-source"
  AIROUTER_NODE_ADDON=$1 quietly "${npm[@]}" "$folder/node" install --install-links --foreground-scripts "$folder/node-source"
  cp "$root/examples/smart.js" "$tests/typed_use.ts" "$folder/node"
  output=$("$build/bin/binding_world" bash -c "exec node '$folder/node/smart.js' \"\$AIROUTER_TEST_CONFIG\"")
  [[ $output == 'Grüße, wide 🌍 world.' ]] || { echo "the installed package printed: $output"; return 1; }
  if [[ ! -x $types/node_modules/.bin/tsc ]] &&
    ! "${npm[@]}" "$types" install typescript@5 @types/node@18 > "$folder/npm.log" 2>&1; then
    missing+=("the npm registry cannot be reached")
    return
  fi
  (cd "$folder/node" && quietly "$types/node_modules/.bin/tsc" --noEmit --strict --target es2022 --module node16 \
    --moduleResolution node16 --typeRoots "$types/node_modules/@types" typed_use.ts)
}

check_python "$2"
check_node "$3"
if (( ${#missing[@]} > 0 )); then
  printf -v reasons '%s; ' "${missing[@]}"
  echo "skipped: ${reasons%; }"
  exit 77
fi
