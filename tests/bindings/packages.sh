#!/usr/bin/env bash
# The packages as their registries' clients install them: pip and its types, npm and its types; with nothing that names a
# library, which pkg-config finds where it is installed; and from a clone, where none is. What needs a registry that is out of
# reach is left out, and said.
# usage: packages.sh BUILD_DIR
set -euo pipefail
unset AIROUTER_C_LIBRARY AIROUTER_NODE_ADDON PYTHONPATH NODE_PATH LD_LIBRARY_PATH
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

# Outside of a clone, and where no library is installed, an installation says what to do. usage: is_told OUTPUT COMMAND...
is_told() {
  local output
  if output=$(PKG_CONFIG_LIBDIR=/nowhere "${@:2}" 2>&1) || [[ $output != *"$1"* ]]; then
    printf '%s\nit did not say: %s\n' "$output" "$1"
    return 1
  fi
}

install_library() {
  rm -rf "$folder/prefix"
  quietly cmake --install "$build" --prefix "$folder/prefix"
  PKG_CONFIG_PATH=$(dirname "$(find "$folder/prefix" -name airouter_c.pc)")
  export PKG_CONFIG_PATH
}

# A clone, of what an installation from one needs. Where it builds is kept between runs, so that only the first one compiles
# everything. usage: make_clone LANGUAGE
make_clone() {
  rm -rf "$folder/clone-$1"
  mkdir -p "$folder/clone-$1" "$folder/built-$1"
  cp -a "$root/CMakeLists.txt" "$root/libairouter" "$root/bindings" "$folder/clone-$1"
  clone=$folder/clone-$1/bindings/$1
  rm -rf "$clone/build" "$clone/airouter.node"
  ln -s "$folder/built-$1" "$clone/build"
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
  local install=("$venv/bin/pip" install --quiet --disable-pip-version-check --force-reinstall --no-deps --no-build-isolation)
  (unset PKG_CONFIG_PATH && is_told "let AIROUTER_C_LIBRARY name one" "${install[@]}" "$folder/python")
  quietly "${install[@]}" "$folder/python"
  (cd "$folder" && quietly "$build/bin/binding_world" "$venv/bin/python" -B "$tests/python_test.py" --quiet)
  make_clone python
  PKG_CONFIG_LIBDIR=/nowhere PKG_CONFIG_PATH='' quietly "${install[@]}" "$clone"
  (cd "$folder" && quietly "$build/bin/binding_world" "$venv/bin/python" -B "$tests/python_test.py" --quiet Calls)
  (cd "$folder" && quietly "$venv/bin/mypy" --strict --cache-dir "$folder/mypy" -p airouter && quietly "$venv/bin/mypy" \
    --strict --cache-dir "$folder/mypy" "$tests/typed_use.py")
}

node_answers() {
  local output
  output=$("$build/bin/binding_world" bash -c "exec node '$folder/node/smart.js' \"\$AIROUTER_TEST_CONFIG\"")
  [[ $output == 'Grüße, wide 🌍 world.' ]] || { echo "the installed package printed: $output"; return 1; }
}

check_node() {
  command -v npm > /dev/null || { missing+=("npm is not installed"); return; }
  [[ -f $build/bindings/node/airouter.node ]] || { missing+=("node_api.h is not installed"); return; }
  local npm=(npm --no-audit --no-fund --fetch-retries=1 --fetch-timeout=60000 --prefix) output types=$folder/typescript
  rm -rf "$folder/node" "$folder/node-source"
  mkdir -p "$folder/node" "$types"
  # A copy, since installing leaves the addon in the folder.
  cp -r "$root/bindings/node" "$folder/node-source"
  rm -rf "$folder/node-source/build" "$folder/node-source/airouter.node"
  local install=("${npm[@]}" "$folder/node" install --install-links --foreground-scripts "$folder/node-source")
  (unset PKG_CONFIG_PATH && is_told "let AIROUTER_NODE_ADDON name one" "${install[@]}")
  quietly "${install[@]}"
  cp "$root/examples/smart.js" "$tests/typed_use.ts" "$folder/node"
  node_answers
  # An addon that was left there is not taken for one of these sources.
  make_clone node
  echo "of yesterday" > "$clone/airouter.node"
  rm -rf "$folder/node/node_modules"
  PKG_CONFIG_LIBDIR=/nowhere PKG_CONFIG_PATH='' quietly "${npm[@]}" "$folder/node" install --no-save --no-install-links \
    --foreground-scripts "$clone"
  node_answers
  if [[ ! -x $types/node_modules/.bin/tsc ]] &&
    ! "${npm[@]}" "$types" install typescript@5 @types/node@18 > "$folder/npm.log" 2>&1; then
    missing+=("the npm registry cannot be reached")
    return
  fi
  (cd "$folder/node" && quietly "$types/node_modules/.bin/tsc" --noEmit --strict --target es2022 --module node16 \
    --moduleResolution node16 --typeRoots "$types/node_modules/@types" typed_use.ts)
}

command -v pkg-config > /dev/null || { echo "skipped: pkg-config is not installed"; exit 77; }
install_library
check_python
check_node
if (( ${#missing[@]} > 0 )); then
  printf -v reasons '%s; ' "${missing[@]}"
  echo "skipped: ${reasons%; }"
  exit 77
fi
