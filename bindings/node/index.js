'use strict';
// Model calls routed to whichever provider works, inside a node program. index.d.ts says what is here.
const native = require(process.env.AIROUTER_NODE_ADDON || './airouter.node');

const HEAD = 0, DATA = 1, DONE = 2;  // Stream::Item::Kind

class AirouterError extends Error {
  constructor(told) {
    super(told.message);
    this.name = 'AirouterError';
    this.code = told.code;
    this.httpStatus = told.http_status;
    this.retryAfter = told.retry_after_s;
    this.body = told.body;
  }
}

// What the addon throws, in this file's terms.
function asked(name, ...values) {
  try {
    return native[name](...values);
  } catch (error) {
    throw error.airouter ? new AirouterError(JSON.parse(error.airouter)) : error;
  }
}

function text(json) {
  if (typeof json === 'string') return json;
  return json instanceof Uint8Array ? Buffer.from(json).toString() : JSON.stringify(json);
}

function optionsText({ headers, timeout }) {
  if (headers === undefined && timeout === undefined) return null;
  return JSON.stringify({ headers, total_ms: timeout === undefined ? undefined : Math.max(1, Math.round(timeout)) });
}

// Streams that somebody waits for: the promise alone would not keep them. What nobody waits for or holds any longer is collected,
// and its call ends.
const awaited = new Set();

// Streams that are collected before they are over leave nothing on their signals. Nothing here keeps a signal: its listeners may
// hold the stream.
const listening = new FinalizationRegistry(({ signal, abort }) => signal.deref()?.removeEventListener('abort', abort));

class Stream {
  #router;           // a collected one would cancel the call; null once it is over
  #begin;            // starts the call; null once it has
  #signal;
  #abort = null;
  #call = null;
  #chunks = [];      // came and were not asked for yet
  #waiting = [];     // asked for and did not come yet: {resolve, reject}
  #end = null;       // how it ended: {error}
  head = null;
  summary = null;

  constructor(router, begin, signal) {
    this.#router = router;
    this.#begin = begin;
    this.#signal = signal;
  }

  next() {
    if (this.#begin) this.#start();
    if (this.#waiting.length > 0) return this.#wait();  // what has come is for those who asked before
    if (this.#chunks.length === 0 && !this.#end) this.#takeAll();
    if (this.#chunks.length > 0) return Promise.resolve({ value: this.#chunks.shift(), done: false });
    if (this.#end) return this.#ended();
    native.wait(this.#call, true);
    awaited.add(this);
    return this.#wait();
  }

  return(value) {
    this.#chunks = [];
    this.#finish(null);
    this.#end = { error: null };
    return Promise.resolve({ value, done: true });
  }

  cancel() {
    if (this.#call && !this.#end) this.#handOut();
    this.#finish(new AirouterError({
      code: 'cancelled', message: 'the caller left', http_status: 499, retry_after_s: null, body: null,
    }));
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  #start() {
    const begin = this.#begin;
    this.#begin = null;
    const signal = this.#signal;
    if (signal?.aborted) return this.#finish(signal.reason);
    const weak = new WeakRef(this);  // neither the call nor the signal keeps a stream that nobody reads
    try {
      this.#call = begin(() => weak.deref()?.#ready());
    } catch (error) {
      return this.#finish(error);
    }
    if (signal) this.#listen(() => weak.deref()?.#aborted());
  }

  #listen(abort) {
    this.#abort = abort;
    this.#signal.addEventListener('abort', abort, { once: true });
    listening.register(this, { signal: new WeakRef(this.#signal), abort }, this);
  }

  #aborted() {
    this.#chunks = [];
    this.#finish(this.#signal.reason);
  }

  // Something has come. It is left where it is until somebody asks: that is what slows a fast provider down.
  #ready() {
    if (this.#end || this.#waiting.length === 0) return;
    this.#handOut();
    if (!this.#end && this.#waiting.length === 0) this.#rest();
  }

  #handOut() {
    this.#takeAll();
    while (this.#waiting.length > 0 && this.#chunks.length > 0)
      this.#waiting.shift().resolve({ value: this.#chunks.shift(), done: false });
    if (this.#end) this.#tellTheRest();
  }

  #wait() {
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #rest() {
    awaited.delete(this);
    native.wait(this.#call, false);
  }

  #takeAll() {
    const items = native.take(this.#call);
    for (let i = 0; i < items.length; i += 3) {
      if (items[i] === HEAD) this.head = JSON.parse(items[i + 1]);
      if (items[i] === DATA) this.#chunks.push({ data: items[i + 1], text: items[i + 2] });
      if (items[i] !== DONE) continue;
      this.summary = JSON.parse(items[i + 2]);
      this.#over(items[i + 1] ? new AirouterError(JSON.parse(items[i + 1])) : null);
    }
  }

  #finish(error) {
    this.#begin = null;
    if (this.#end) return;
    if (this.#call) native.closeCall(this.#call);
    this.#over(error);
    this.#tellTheRest();
  }

  #over(error) {
    this.#end = { error };
    this.#router = null;
    awaited.delete(this);
    if (!this.#abort) return;
    this.#signal.removeEventListener('abort', this.#abort);
    listening.unregister(this);
  }

  // The error once, then nothing more, as generators do.
  #ended() {
    const { error } = this.#end;
    this.#end = { error: null };
    return error ? Promise.reject(error) : Promise.resolve({ value: undefined, done: true });
  }

  #tellTheRest() {
    for (const { resolve, reject } of this.#waiting.splice(0)) this.#ended().then(resolve, reject);
  }
}

// A handle that is there already.
class Adopted {
  constructor(handle) {
    this.handle = handle;
  }
}

class Router {
  #router;

  constructor(config) {
    this.#router = config instanceof Adopted ? config.handle : asked('create', text(config));
  }

  static fromFile(path) {
    return new Router(new Adopted(asked('fromFile', String(path))));
  }

  async call(request, options = {}) {
    const stream = this.#open(text(request), options);
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    const body = chunks.map((chunk) => chunk.data).join('');
    return {
      head: stream.head, body, text: chunks.map((chunk) => chunk.text).join(''), summary: stream.summary,
      json: () => JSON.parse(body),
    };
  }

  stream(request, options = {}) {
    const isText = typeof request === 'string' || request instanceof Uint8Array;
    return this.#open(text(isText ? request : { ...request, stream: true }), options);
  }

  #open(request, options) {
    const { signal } = options;
    if (signal != null && typeof signal.removeEventListener !== 'function')
      throw new TypeError('options.signal is no AbortSignal');
    const begin = (onReady) => asked('start', this.#router, request, optionsText(options), onReady);
    return new Stream(this, begin, signal);
  }

  explain(model) {
    return JSON.parse(asked('explain', this.#router, model));
  }

  health() {
    return JSON.parse(asked('health', this.#router));
  }

  models() {
    return JSON.parse(asked('models', this.#router));
  }

  resetHealth(provider, model = '') {
    asked('resetHealth', this.#router, provider, model);
  }

  reload(config) {
    asked('reload', this.#router, text(config));
  }

  close() {
    native.closeRouter(this.#router);
  }
}

module.exports = { Router, AirouterError, version: native.version };
