# The gateways of other ecosystems, at pinned versions, installed under $kept once. Sourced by run.sh.
# shellcheck shell=bash disable=SC2154

portkey_version=1.15.2 hono_version=4.9.7 hono_server_version=1.14.0
litellm_version=1.80.0

# Streams fail behind newer versions of @hono/node-server (https://github.com/Portkey-AI/gateway/issues/1389), so what
# it is made of is pinned, too.
find_portkey() {
  local folder=$kept/portkey complete=$kept/portkey/complete-$portkey_version-$hono_version-$hono_server_version
  if ! command -v node > /dev/null || ! command -v npm > /dev/null; then
    skipped[portkey]="node or npm is not installed"
    return 0
  fi
  [[ ! -e $complete ]] || return 0
  rm -rf "$folder"
  mkdir -p "$folder"
  cat > "$folder/package.json" << END
{ "private": true, "dependencies": { "@portkey-ai/gateway": "$portkey_version" },
  "overrides": { "@hono/node-server": "$hono_server_version", "hono": "$hono_version" } }
END
  echo "Installing @portkey-ai/gateway $portkey_version from npm into $folder"
  if (cd "$folder" && timeout 300 npm install --no-audit --no-fund --ignore-scripts) > "$work/npm.log" 2>&1; then
    touch "$complete"
  else
    skipped[portkey]="npm could not install it: $(grep -m 1 -i err "$work/npm.log" || echo 'no answer in 300 s')"
  fi
}

configure_portkey() {
  name=portkey
  set_ports portkey
  peer_headers[portkey]="x-portkey-provider: openai
x-portkey-custom-host: http://127.0.0.1:${peer_port[direct]}/v1"
  command=(env NODE_ENV=production node "$kept/portkey/node_modules/@portkey-ai/gateway/build/start-server.js"
    --port="${peer_port[portkey]}" --headless)
}

find_litellm() {
  local folder=$kept/litellm
  if ! python3 -c 'import venv, ensurepip' 2> /dev/null; then
    skipped[litellm]="python3 with venv is not installed"
    return 0
  fi
  [[ ! -e $folder/complete-$litellm_version ]] || return 0
  rm -rf "$folder"
  echo "Installing litellm[proxy] $litellm_version from PyPI into $folder, half a gigabyte"
  if python3 -m venv "$folder" > "$work/pip.log" 2>&1 && timeout 900 "$folder/bin/pip" install --quiet \
    --disable-pip-version-check "litellm[proxy]==$litellm_version" >> "$work/pip.log" 2>&1; then
    touch "$folder/complete-$litellm_version"
  else
    skipped[litellm]="pip could not install it: $(grep -m 1 ERROR "$work/pip.log" || echo 'no answer in 900 s')"
  fi
}

configure_litellm() {
  local model
  name=litellm
  set_ports litellm
  {
    echo "model_list:"
    for model in plain stream-10x30; do
      echo "  - model_name: $model"
      echo "    litellm_params: {model: openai/$model, api_base: \"http://127.0.0.1:${peer_port[direct]}/v1\", api_key: sk-benchmark-upstream}"
    done
  } > "$work/litellm.yaml"
  command=(env LITELLM_LOCAL_MODEL_COST_MAP=True "$kept/litellm/bin/litellm" --host 127.0.0.1
    --port "${peer_port[litellm]}" --config "$work/litellm.yaml" --telemetry False)
}
