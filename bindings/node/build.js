'use strict';
// Puts the addon into the package: the one AIROUTER_NODE_ADDON names, else one that is compiled against the installed C library
// of this version, which pkg-config finds, else one that is built from this repository, else one that came with the package.
// One that is there is made anew wherever it can be: it may be of yesterday's sources.
const { execFileSync } = require('node:child_process');
const { copyFileSync, existsSync, readdirSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { version } = require('./package.json');

const here = __dirname;
const wanted = path.join(here, 'airouter.node');

// What pkg-config says to a question; null where it does not know the library, or is not there.
function known(...question) {
  try {
    const output = execFileSync('pkg-config', question, { stdio: ['ignore', 'pipe', 'ignore'] });
    return output.toString().trim().split(/\s+/).filter(Boolean);
  } catch {
    return null;
  }
}

function headers() {
  const folders = [path.join(path.dirname(process.execPath), '..', 'include', 'node'), '/usr/include/node', '/usr/include/nodejs/src'];
  return folders.find((folder) => existsSync(path.join(folder, 'node_api.h')));
}

function compiled() {
  if (known('--exists', `airouter_c = ${version}`) === null || !headers()) return null;
  const folder = path.join(here, 'src');
  const sources = readdirSync(folder).filter((name) => name.endsWith('.cpp')).map((name) => path.join(folder, name));
  const [library] = known('--variable=libdir', 'airouter_c');
  const options = ['-std=c++20', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8', '-isystem', headers()];
  const flags = [...known('--cflags', 'airouter_c'), ...sources, ...known('--libs', 'airouter_c'), `-Wl,-rpath,${library}`];
  execFileSync(process.env.CXX || 'c++', [...options, ...flags, '-o', wanted], { stdio: 'inherit' });
  return wanted;
}

function built() {
  const root = path.join(here, '..', '..');
  if (!existsSync(path.join(root, 'bindings', 'node', 'CMakeLists.txt'))) return null;
  const folder = path.join(here, 'build');
  const env = { CMAKE_BUILD_PARALLEL_LEVEL: String(os.cpus().length || 1), ...process.env };
  const run = (...options) => execFileSync('cmake', options, { stdio: 'inherit', env });
  const off = ['BUILD_SERVER', 'BUILD_EXAMPLES', 'BUILD_TESTS', 'WERROR'].map((part) => `-DAIROUTER_${part}=OFF`);
  run('-S', root, '-B', folder, '-DCMAKE_BUILD_TYPE=Release', ...off);
  run('--build', folder, '--target', 'airouter_node');
  return path.join(folder, 'bindings', 'node', 'airouter.node');
}

const found = process.env.AIROUTER_NODE_ADDON || compiled() || built() || (existsSync(wanted) ? wanted : null);
if (!found)
  throw new Error('no addon: install airouter where pkg-config finds it, and node_api.h, or let AIROUTER_NODE_ADDON name one');
if (found !== wanted) copyFileSync(found, wanted);
