// What happens at the server, as it happens. One tab of the browser is connected and tells the others, since browsers allow
// six connections a server: the seventh tab would hang. The tab that is looked at takes the connection over.
import {call, events, get} from './api.js';

const scope = `airouter.live ${location.pathname}`;
const channel = new BroadcastChannel(scope);
const handlers = new Map();
const pause = (time) =>
  new Promise((resolve) => {
    setTimeout(resolve, time);
  });

const retryTimes = [300, 700, 1500, 3000];
// A server that says nothing is missed after the sum of the first three: less than 3 s.
const lookEvery = 300,
  silenceMax = 800,
  answerTime = 1500,
  connectTime = 400,
  statePeriod = 4000;

export const live = {system: null, systemAt: 0, isOnline: true, isLeader: false, isConnected: false};
let lastId = '';

// Kinds: `events` (a list of {event, data}), `system` (all states and counts), `link` (whether the server answers),
// `resync` (something may have been missed: ask again; `isFirst`: only what happened since the page was opened). Returns what ends the listening.
export function on(kind, handler) {
  if (!handlers.has(kind)) handlers.set(kind, new Set());
  handlers.get(kind).add(handler);
  return () => handlers.get(kind).delete(handler);
}

function take({kind, data}) {
  if (kind === 'system') Object.assign(live, {system: data, systemAt: Date.now()});
  if (kind === 'link') live.isOnline = data;
  if (kind === 'resync' || kind === 'connected') live.isConnected = true;
  if (kind === 'events' && data.at(-1)?.id) lastId = data.at(-1).id;
  for (const handler of [...(handlers.get(kind) ?? [])]) handler(data);
}

function tell(kind, data) {
  channel.postMessage({kind, data});
  take({kind, data});
}

channel.onmessage = ({data}) => {
  if (data.kind === 'ask' && live.isLeader) announce();
  else if (data.kind === 'refresh' && live.isLeader) connection?.refresh();
  else take(data);
};

function announce() {
  if (live.system) channel.postMessage({kind: 'system', data: live.system});
  channel.postMessage({kind: 'link', data: live.isOnline});
  if (live.isConnected) channel.postMessage({kind: 'connected'});
}

// Until the stream is there, if that is soon.
export async function connected() {
  let off = () => {};
  const isTold = new Promise((resolve) => {
    const offs = ['resync', 'connected'].map((kind) => on(kind, resolve));
    off = () => offs.forEach((one) => one());
  });
  if (!live.isConnected && live.isOnline) await Promise.race([isTold, pause(connectTime)]);
  off();
}

// The connection of the tab that leads.
class Connection {
  #ended = new AbortController();
  #attempt = new AbortController();
  #heardAt = performance.now();
  #batch = [];
  #stateTimer = 0;
  #stateDue = Infinity;

  start() {
    this.#stream();
    this.refresh(live.system ? statePeriod : 0);
    this.#watch();
  }

  stop() {
    this.#ended.abort();
    this.#attempt.abort();
    clearTimeout(this.#stateTimer);
  }

  #heard = () => {
    this.#heardAt = performance.now();
    if (live.isOnline || this.#ended.signal.aborted) return;
    tell('link', true);
    this.refresh();
    this.#wake();
  };

  // What is left of the connection may never end by itself.
  #lost() {
    if (!live.isOnline || this.#ended.signal.aborted) return;
    tell('link', false);
    this.#attempt.abort();
  }

  #wake = () => {};

  async #stream() {
    for (let failures = 0, isFirst = true; !this.#ended.signal.aborted;) {
      this.#attempt = new AbortController();
      try {
        const headers = lastId ? {'last-event-id': lastId} : {};
        const response = await call('GET', 'api/requests/stream', {headers, signal: this.#attempt.signal});
        failures = 0;
        this.#heard();
        tell('resync', {isFirst});
        isFirst = false;
        for await (const event of events(response, this.#heard)) this.#collect(event);
      } catch (error) {
        if (this.#ended.signal.aborted) return;
        // An answer is a sign of life, though not the one we wanted.
        if (!error.status && !this.#attempt.signal.aborted) this.#lost();
      }
      isFirst = false;
      const wait = retryTimes[Math.min(failures++, retryTimes.length - 1)];
      await Promise.race([
        pause(wait),
        new Promise((resolve) => {
          this.#wake = resolve;
        }),
      ]);
    }
  }

  // A burst is told in pieces: nobody reads faster than that.
  #collect({id, event, data}) {
    if (event === 'dropped') return tell('resync', {isFirst: false});
    let value;
    try {
      value = JSON.parse(data);
    } catch {
      return;
    }
    if (this.#batch.length === 0) setTimeout(() => tell('events', this.#batch.splice(0)), 60);
    this.#batch.push({id, event, data: value});
    // Health may have changed with it.
    if (event === 'attempt' && value.attempt?.kind !== 'none') this.refresh(250);
  }

  // Reads all states now, or soon, and then every few seconds. What is due earlier is not put off.
  refresh(delay = 0) {
    const due = performance.now() + delay;
    if (due >= this.#stateDue) return;
    this.#stateDue = due;
    clearTimeout(this.#stateTimer);
    this.#stateTimer = setTimeout(async () => {
      this.#stateDue = Infinity;
      try {
        tell('system', await get('api/admin/system-stats', {signal: this.#ended.signal}));
        this.#heard();
      } catch {
        /* The watch below tells whether anybody is there. */
      }
      if (!this.#ended.signal.aborted) this.refresh(statePeriod);
    }, delay);
  }

  // A stream with nothing to say looks like one whose server is gone.
  async #watch() {
    while (!this.#ended.signal.aborted) {
      await pause(lookEvery);
      if (performance.now() - this.#heardAt < silenceMax) continue;
      try {
        await fetch('../health', {signal: AbortSignal.timeout(answerTime), cache: 'no-store', credentials: 'omit'});
        this.#heard();
      } catch {
        this.#lost();
      }
    }
  }
}

let connection = null;

function lead() {
  connection?.stop();
  live.isLeader = true;
  connection = new Connection();
  connection.start();
}

function follow() {
  live.isLeader = false;
  connection?.stop();
  connection = null;
}

// Locks exist on https and on localhost only. A tab may hold one lock and lose it to another request of its own, so that only
// the loss of the last one it got is the end of its lead.
let held = null,
  queued = new AbortController();

async function leadByLock(steal = false) {
  queued.abort();
  queued = new AbortController();
  const mine = queued;
  try {
    await navigator.locks.request(scope, steal ? {steal} : {signal: mine.signal}, () => {
      held = mine;
      lead();
      return new Promise(() => {});
    });
  } catch {
    if (held === mine) follow();
    if (queued === mine) leadByLock();
  }
}

async function leadByLease() {
  const {makeLease} = await import('./lease.js');
  const lease = makeLease(scope, (isOurs) => (isOurs ? lead() : follow()));
  lease.take(document.visibilityState === 'visible');
  lease.keep();
  return () => lease.take(true);
}

let isStarted = false;

// `system`: the states, if they are known; null if nobody answered.
export function startLive(system) {
  take(system ? {kind: 'system', data: system} : {kind: 'link', data: false});
  if (isStarted) return reconnect();
  isStarted = true;
  let takeOver = () => leadByLock(true);
  if (navigator.locks) {
    leadByLock(document.visibilityState === 'visible');
  } else {
    takeOver = () => {};
    leadByLease().then((take) => {
      takeOver = take;
    });
  }
  channel.postMessage({kind: 'ask'});
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible' && !live.isLeader) takeOver();
  });
  return undefined;
}

// With the token that is there now.
function reconnect() {
  if (!live.isLeader) return refreshSystem();
  connection.stop();
  return lead();
}

// Nobody may look any more.
export const stopLive = () => connection?.stop();

// After a change of ours: everybody sees the new states at once.
export function refreshSystem() {
  if (connection) connection.refresh();
  else channel.postMessage({kind: 'refresh'});
}
