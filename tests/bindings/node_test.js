'use strict';
// The binding for node, with providers of binding_world's on loopback.
const assert = require('node:assert');
const { execFile } = require('node:child_process');
const { getEventListeners } = require('node:events');
const { mkdtemp, rm, writeFile } = require('node:fs/promises');
const { tmpdir } = require('node:os');
const path = require('node:path');
const test = require('node:test');
const { promisify } = require('node:util');
const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');
const { Router, AirouterError } = require('../../bindings/node');

const config = process.env.AIROUTER_TEST_CONFIG;
const text = 'Grüße, wide 🌍 world.';
const ask = (model) => ({ model, messages: [{ role: 'user', content: 'Grüße' }] });
const failsWith = (code) => (error) => error instanceof AirouterError && error.code === code;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

// Collects until something is so. What a WeakRef gave is kept for that turn of the loop, and finalizers run in later ones.
async function collectUntil(isSo, what) {
  for (let i = 0; i < 200 && !isSo(); ++i) {
    await pause(5);
    collect();
    await pause(5);
  }
  assert.ok(isSo(), what);
}

// Nothing else runs in this thread meanwhile, while calls run on in theirs.
const standStill = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

// Runs a program of a file of its own, and answers what it printed. Every exit code but 0 rejects, a signal too.
async function run(program) {
  const folder = await mkdtemp(path.join(tmpdir(), 'airouter-'));
  const file = path.join(folder, 'program.js');
  try {
    await writeFile(file, program);
    return (await promisify(execFile)(process.execPath, [file], { timeout: 30_000 })).stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}

// A test with a router of its own.
function routed(name, body) {
  test(name, { timeout: 60_000 }, async () => {
    const router = Router.fromFile(config);
    try {
      await body(router);
    } finally {
      router.close();
    }
  });
}

routed('a call fails over', async (router) => {
  const response = await router.call(ask('failover'));
  assert.equal(response.text, text);
  assert.equal(response.json().choices[0].message.content, text);
  assert.equal(response.head.provider, 'failover-3');
  assert.equal(response.head.attempts, 3);
  assert.deepEqual(response.summary.attempts.map((attempt) => attempt.failure), ['server_error', 'rate_limited', 'none']);
});

routed('a request may be text', async (router) => {
  for (const request of [JSON.stringify(ask('failover')), Buffer.from(JSON.stringify(ask('failover')))])
    assert.equal((await router.call(request)).text, text);
});

routed('what fails says how', async (router) => {
  await assert.rejects(router.call(ask('rejected')), (error) => {
    assert.equal(error.httpStatus, 400);
    assert.equal(error.body.error.code, 'context_length_exceeded');
    return failsWith('request_rejected')(error);
  });
  await assert.rejects(router.call(ask('nobody-has-it')), failsWith('unknown_model'));
  await assert.rejects(router.call(ask('down')), failsWith('all_providers_failed'));
  await assert.rejects(router.call(ask('hang'), { timeout: 50 }), failsWith('timeout'));
  await assert.rejects(router.call('{'), failsWith('invalid_request'));
  await assert.rejects(router.call(ask('failover'), { headers: { name: 7 } }), failsWith('invalid_request'));
  assert.throws(() => new Router('{'), failsWith('invalid_config'));
  assert.throws(() => Router.fromFile('/nowhere/config.json'), failsWith('invalid_config'));
});

routed('a stream is an async iterator', async (router) => {
  const stream = router.stream(ask('failover'));
  assert.equal(stream.head, null);
  let got = '', data = '';
  for await (const chunk of stream) {
    got += chunk.text;
    data += chunk.data;
  }
  assert.equal(got, text);
  assert.ok(data.endsWith('data: [DONE]\n\n'));
  assert.equal(stream.head.provider, 'failover-3');
  assert.equal(stream.summary.attempts.length, 3);
  assert.deepEqual(await stream.next(), { value: undefined, done: true });
});

routed('every event arrives, also with a slow reader', async (router) => {
  let got = '', count = 0;
  for await (const chunk of router.stream(ask('many'))) {
    got += chunk.text;
    if (++count % 100 === 0) await pause(20);
  }
  assert.equal(got, 'word '.repeat(1000));
});

routed('a broken stream rejects after what came', async (router) => {
  let got = '';
  await assert.rejects(async () => {
    for await (const chunk of router.stream(ask('broken'))) got += chunk.text;
  }, failsWith('stream_broken'));
  assert.equal(got, 'word word ');
});

routed('leaving the loop cancels', async (router) => {
  const stream = router.stream(ask('slow'));
  for await (const chunk of stream) {
    assert.ok(chunk.data);
    break;
  }
  stream.cancel();
});

routed('after leaving the loop nothing more comes', async (router) => {
  const stream = router.stream(ask('slow'));
  for await (const chunk of stream) if (chunk) break;
  assert.deepEqual(await stream.next(), { value: undefined, done: true });

  const buffered = router.stream(ask('many'));
  await buffered.next();
  await pause(100);
  await buffered.next();
  assert.deepEqual(await buffered.return('left'), { value: 'left', done: true });
  assert.deepEqual(await buffered.next(), { value: undefined, done: true });

  const waiting = router.stream(ask('hang'));
  const next = waiting.next();
  await waiting.return();
  assert.deepEqual(await next, { value: undefined, done: true });
});

routed('cancelling is told once', async (router) => {
  const stream = router.stream(ask('hang'));
  setTimeout(() => stream.cancel(), 50);
  await assert.rejects(stream.next(), failsWith('cancelled'));
  assert.deepEqual(await stream.next(), { value: undefined, done: true });
});

routed('what came before cancelling is handed out: first to who waits, then to who asks, then the error once', async (router) => {
  const stream = router.stream(ask('slow'));
  const waiting = stream.next();
  standStill(1000);
  stream.cancel();
  assert.equal((await waiting).done, false);
  let count = 0;
  await assert.rejects(async () => {
    for (;;) count += (await stream.next()).value.text === 'word ' ? 1 : 0;
  }, failsWith('cancelled'));
  assert.ok(count > 0 && count < 200, `${count} words`);
  assert.deepEqual(await stream.next(), { value: undefined, done: true });
});

routed('cancelling spares an answer that has come whole', async (router) => {
  const stream = router.stream(ask('failover'));
  const waiting = stream.next();
  standStill(2500);
  stream.cancel();
  let got = (await waiting).value.text;
  for await (const chunk of stream) got += chunk.text;
  assert.equal(got, text);
  assert.equal(stream.summary.attempts.length, 3);
});

routed('streams that nobody holds any longer end: 300, where 256 may run', async (router) => {
  const { signal } = new AbortController();
  for (let i = 0; i < 300; i += 50) {
    await Promise.all(Array.from({ length: 50 }, () => router.stream(ask('slow'), { signal }).next()));
    collect();
    await pause(10);
  }
});

routed('what waits for a chunk is kept', async (router) => {
  const read = async () => {
    let got = '';
    for await (const chunk of router.stream(ask('pausing'))) got += chunk.text;
    return got;
  };
  const next = router.stream(ask('pausing')).next();
  const reading = read();
  for (let i = 0; i < 5; ++i) {
    collect();
    await pause(1);
  }
  assert.equal((await next).done, false);
  assert.equal(await reading, 'word '.repeat(4));
});

test('a router is kept by its stream', { timeout: 60_000 }, async () => {
  const open = () => Router.fromFile(config).stream(ask('pausing'));  // leaves no router in this function's frame
  const stream = open();
  let got = '';
  for await (const chunk of stream) {
    got += chunk.text;
    collect();
    await pause(10);
  }
  assert.equal(got, 'word '.repeat(4));
});

// What may become of a stream whose first chunk has come.
const fates = {
  'it is read': async (stream) => {
    for await (const chunk of stream) assert.ok(chunk.data);
    return stream;
  },
  'it is left': async (stream) => {
    await stream.return();
    return stream;
  },
  'it is cancelled': async (stream) => {
    stream.cancel();
    return stream;
  },
  'it is aborted': async (stream, controller) => {
    controller.abort();
    return stream;
  },
  'it is dropped': async () => null,
};
for (const [how, meet] of Object.entries(fates))
  test(`a router is collected that only a stream kept: ${how}`, { timeout: 60_000 }, async () => {
    const controller = new AbortController();
    const open = async () => {
      const router = Router.fromFile(config);
      const stream = router.stream(ask('pausing'), { signal: controller.signal });
      await stream.next();
      return { router: new WeakRef(router), held: await meet(stream, controller) };
    };
    const { router, held } = await open();
    await collectUntil(() => router.deref() === undefined, 'the router is still there');
    assert.equal(held?.head.status ?? 200, 200);  // the stream was held until now
  });

routed('what is no signal is refused before anything is sent', async (router) => {
  for (const signal of [{}, { aborted: false }, 'abort']) {
    assert.throws(() => router.stream(ask('failover'), { signal }), TypeError);
    await assert.rejects(router.call(ask('failover'), { signal }), TypeError);
  }
  assert.equal(router.health().filter((report) => report.state !== 'healthy').length, 0);
  assert.equal((await router.call(ask('failover'), { signal: null })).text, text);
});

routed('names hold no NUL', async (router) => {
  for (const act of [() => Router.fromFile(`${config}\0x`), () => router.explain('failover\0x'), () => router.explain(),
    () => router.resetHealth('failover-1\0x'), () => router.resetHealth('failover-1', 'failover\0x')])
    assert.throws(act, TypeError);
});

routed('a signal aborts what waits', async (router) => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 100);
  const begin = Date.now();
  await assert.rejects(router.call(ask('hang'), { signal: controller.signal }), { name: 'AbortError' });
  assert.ok(Date.now() - begin < 5000);
  await assert.rejects(router.call(ask('failover'), { signal: controller.signal }), { name: 'AbortError' });
});

routed('a signal aborts a stream that nobody reads at the moment', async (router) => {
  const controller = new AbortController();
  const stream = router.stream(ask('slow'), { signal: controller.signal });
  await stream.next();
  controller.abort(new Error('enough'));
  await assert.rejects(stream.next(), { message: 'enough' });
  assert.deepEqual(await stream.next(), { value: undefined, done: true });
});

for (const [how, meet] of Object.entries(fates))
  routed(`a stream leaves nothing on its signal: ${how}`, async (router) => {
    const controller = new AbortController();
    const listeners = () => getEventListeners(controller.signal, 'abort').length;
    const open = async () => {
      const stream = router.stream(ask('pausing'), { signal: controller.signal });
      await stream.next();
      assert.equal(listeners(), 1);
      return await meet(stream, controller);
    };
    if (await open()) assert.equal(listeners(), 0);
    else await collectUntil(() => listeners() === 0, 'the signal still has a listener');
  });

routed('a stream is collected though its signal refers to it', async (router) => {
  const open = async () => {
    const controller = new AbortController();
    const stream = router.stream(ask('slow'), { signal: controller.signal });
    controller.signal.addEventListener('abort', () => stream.cancel());
    await stream.next();
    return new WeakRef(stream);
  };
  const stream = await open();
  await collectUntil(() => stream.deref() === undefined, 'the stream is still there');
});

routed('the loop runs on while many calls wait', async (router) => {
  let ticks = 0;
  const ticking = setInterval(() => ++ticks, 10);
  const waiting = Array.from({ length: 50 }, () => router.call(ask('hang'), { timeout: 500 }));
  const results = await Promise.allSettled(waiting);
  clearInterval(ticking);
  assert.deepEqual([...new Set(results.map((result) => result.reason.code))], ['timeout']);
  assert.ok(ticks > 5);
});

routed('several ask one stream for its next chunk at the same time', async (router) => {
  const stream = router.stream(ask('failover'));
  const results = await Promise.all(Array.from({ length: 12 }, () => stream.next()));
  assert.equal(results.map((result) => result.value?.text ?? '').join(''), text);
});

routed('who asked first gets what came first, also where it came while the loop stood still', async (router) => {
  const stream = router.stream(ask('failover'));
  const asking = [stream.next()];
  standStill(1000);
  while (asking.length < 12) asking.push(stream.next());
  assert.equal((await Promise.race([asking[0], pause(5000)]))?.done, false);
  const results = await Promise.all(asking);
  assert.equal(results.map((result) => result.value?.text ?? '').join(''), text);
});

test('closing the router ends its streams', { timeout: 60_000 }, async () => {
  const router = Router.fromFile(config);
  const hanging = router.call(ask('hang'));
  const unread = router.stream(ask('many'));
  await unread.next();
  setTimeout(() => router.close(), 100);
  await assert.rejects(hanging, failsWith('cancelled'));
  router.close();
  assert.throws(() => router.models(), /closed/);
  await assert.rejects(router.call(ask('failover')), /closed/);
});

routed('explain, health, models, reload', async (router) => {
  assert.deepEqual(router.explain('failover').candidates.map((c) => c.provider), ['failover-1', 'failover-2', 'failover-3']);
  await router.call(ask('failover'));
  const state = (provider) => router.health().find((report) => report.provider === provider && report.model)?.state;
  assert.equal(state('failover-1'), 'cooling');
  router.resetHealth('failover-1');
  assert.equal(state('failover-1'), undefined);
  assert.ok(router.models().includes('many'));
  assert.throws(() => router.reload({ providers: [{ weight: 0 }] }), failsWith('invalid_config'));
  router.reload({ providers: [] });
  assert.deepEqual(router.models(), []);
});

const programs = {
  'a stream is unread': '',
  'it exits while somebody waits': 'stream.next(); setTimeout(() => process.exit(0), 200);',
  'the router is closed': 'router.close();',
};
for (const [how, ending] of Object.entries(programs))
  test(`a program ends: ${how}`, { timeout: 60_000 }, async () => {
    const output = await run(`
      const { Router } = require(${JSON.stringify(require.resolve('../../bindings/node'))});
      const router = Router.fromFile(process.env.AIROUTER_TEST_CONFIG);
      const stream = router.stream({ model: 'slow', messages: [] });
      stream.next().then(() => { console.log('one'); ${ending} });`);
    assert.equal(output, 'one\n');
  });

// Threads of calls are still at work, and each of them has a share of what wakes JavaScript, when its environment goes.
const endings = {
  end: 'read()',
  close: 'read().then((router) => router.close())',
  exit: 'read().then(() => process.exit(0))',
  worker: `isMainThread ? new Worker(__filename).on('exit', (code) => process.exit(code)) : read()`,
  terminate: `isMainThread ? new Worker(__filename).on('message', function () { this.terminate(); })
    : read().then((router) => setInterval(() => router.models(), 1000) && parentPort.postMessage('read'))`,
};
for (const [how, ending] of Object.entries(endings))
  test(`a program leaves streams unread at its end: ${how}`, { timeout: 120_000 }, async () => {
    for (const count of [2, 20])
      await run(`
        const { Router } = require(${JSON.stringify(require.resolve('../../bindings/node'))});
        const { Worker, isMainThread, parentPort } = require('node:worker_threads');
        async function read() {
          const router = Router.fromFile(process.env.AIROUTER_TEST_CONFIG);
          for (let i = 0; i < ${count}; ++i) await router.stream({ model: i % 2 ? 'many' : 'slow', messages: [] }).next();
          return router;
        }
        ${ending};`);
  });
