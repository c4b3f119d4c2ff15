// Runs every check with every client library and prints a table. usage: run.js CLIENT_WORLD AIROUTERD [NAME]
// NAME: only libraries whose name begins so. The exit code is 0 if nothing failed.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Checks } from './checks.js';
import { loaded_clients } from './clients.js';

const [world_program, airouterd, only = ''] = process.argv.slice(2);
const counts = { passed: 0, failed: 0, skipped: 0 };
const elsewhere = { headers: { 'X-Forwarded-For': '203.0.113.7' } }; // such a client needs a key

// What is asked by name: [check, method, options].
const refusals = [
  ['models', 'models'],
  ['wrong-key', 'refused', { model: 'plain', ...elsewhere, wanted: 'error invalid_api_key' }],
  ['unknown-model', 'refused', { model: 'nobody-has-it', wanted: 'error model_not_found' }],
];
const retries = [
  ['retry', { wanted: 'whole', attempts_max: 4 }],
  ['retry-stream', { asks: 'stream', wanted: 'whole', attempts_max: 4 }],
  ['down', { wanted: 'error no_provider_available', attempts_max: 6, seconds_max: 40 }],
  ['limited', { wanted: 'error no_provider_available', attempts_max: 3 }],
  ['keys', { wanted: 'error no_provider_available', attempts_max: 3 }],
].map(([model, options]) => [model, 'retried', { model, asks: 'plain', seconds_max: 15, ...options }]);
const departures = [
  ['abort-plain', { asks: 'plain', when: 'waiting' }],
  ['abort-silent-stream', { asks: 'stream', when: 'waiting' }],
  ['abort-stream', { asks: 'stream', when: 'reading' }],
  ['leave-stream', { asks: 'stream', when: 'break' }],
].map(([model, options]) => [model, 'leaves', { model, ...options }]);

async function start_world() {
  const process = spawn(world_program, [airouterd], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: process.stdout }), 'line');
  return { ...JSON.parse(line), end: () => process.stdin.end() };
}

function report(name, check, { wanted, seen }, health, begin) {
  const passed = seen === wanted;
  counts[passed ? 'passed' : 'failed'] += 1;
  const complaint = `${seen}; wanted: ${wanted}; ${health}`;
  const columns = [passed ? 'ok    ' : 'FAILED', name.padEnd(26), check.padEnd(28)];
  console.log(...columns, `${(Date.now() - begin).toString().padStart(6)} ms `, passed ? seen : complaint);
}

async function run_check(name, checks, [check, method, options]) {
  const begin = Date.now();
  const late = new Promise((resolve) => {
    setTimeout(resolve, 60_000, { wanted: 'an end', seen: 'hangs' }).unref();
  });
  const done = checks[method](options).catch((error) => ({ wanted: 'no error of the test', seen: error.stack }));
  const result = await Promise.race([done, late]);
  const health = result.seen === result.wanted ? '' : await checks.health(options?.model);
  report(name, check, result, health, begin);
}

async function run_client({ name, client }) {
  const world = await start_world();
  const checks = new Checks(client, world);
  const offered = Object.keys(checks.connect());
  const run = (list) => Promise.all(list.map((check) => run_check(name, checks, check)));
  const can_leave = departures.filter(([, , { when }]) => !(when === 'break' && client.stays_when_left));
  const can_retry = retries.filter(([check]) => !(check === 'limited' && client.waits_for_limits));
  const scenarios = world.scenarios
    .filter(({ asks }) => offered.includes(asks.split(' ')[0]))
    .map((scenario) => [scenario.model, 'scenario', scenario]);
  // Third attempts are rationed while many calls fail at once: whoever is owed one asks alone.
  const is_owed_a_third = ([, , { expect, attempts }]) => expect === 'whole' && attempts > 2;
  await run(refusals.filter(([check]) => check !== 'models' || offered.includes(check)));
  for (const scenario of scenarios.filter(is_owed_a_third)) await run([scenario]);
  const done = run(can_retry); // which mostly sleep
  await run(scenarios.filter((scenario) => !is_owed_a_third(scenario)));
  await run(can_leave);
  return { done: done.then(world.end) };
}

// What nobody catches would end an application.
process.on('unhandledRejection', (error) => {
  counts.failed += 1;
  console.log('FAILED an error that nobody could catch:', error);
});

const slow = [];
for await (const loaded of loaded_clients()) {
  if (!loaded.name.startsWith(only)) continue;
  if (loaded.skipped) {
    counts.skipped += 1;
    console.log('skipped', `${loaded.name}: ${loaded.skipped}`);
  } else {
    slow.push((await run_client(loaded)).done);
  }
}
await Promise.all(slow);
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} libraries skipped`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
