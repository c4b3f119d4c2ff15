'use strict';
// Puts the addon into the package: the one AIROUTER_NODE_ADDON names, else one that is built from this repository.
const { execFileSync } = require('node:child_process');
const { copyFileSync, existsSync } = require('node:fs');
const path = require('node:path');

const here = __dirname;
const wanted = path.join(here, 'airouter.node');

function built() {
  const root = path.join(here, '..', '..');
  if (!existsSync(path.join(root, 'bindings', 'node', 'CMakeLists.txt')))
    throw new Error('not within a clone of airouter: let AIROUTER_NODE_ADDON name an airouter.node that is built');
  const folder = path.join(here, 'build');
  const run = (...options) => execFileSync('cmake', options, { stdio: 'inherit' });
  const off = ['SERVER', 'EXAMPLES', 'TESTS'].map((part) => `-DAIROUTER_BUILD_${part}=OFF`);
  run('-S', root, '-B', folder, '-DCMAKE_BUILD_TYPE=Release', ...off);
  run('--build', folder, '--target', 'airouter_node', '--parallel');
  return path.join(folder, 'bindings', 'node', 'airouter.node');
}

const named = process.env.AIROUTER_NODE_ADDON;
if (named || !existsSync(wanted)) copyFileSync(named || built(), wanted);
