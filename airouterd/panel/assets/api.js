// Calls of the administration API. Paths are relative, so that the panel works below any prefix.
import {language} from './words.js';

// Several servers may be behind one proxy, each below a path of its own.
export const tokenKey = location.pathname === '/admin/' ? 'airouter.token' : `airouter.token ${location.pathname}`;

// What went wrong: the server's own words, and its complaints by field. Status 0: nobody answered.
export class ApiError extends Error {
  constructor(status, body, fallback) {
    super(body?.detail ?? body?.error?.message ?? fallback);
    this.status = status;
    this.code = body?.code ?? body?.error?.code ?? '';
    this.problems = Array.isArray(body?.problems) ? body.problems : [];
  }
}

export const token = () => localStorage.getItem(tokenKey) ?? '';
export function setToken(value) {
  if (value) localStorage.setItem(tokenKey, value);
  else localStorage.removeItem(tokenKey);
}

// The link from the console brings the token; nobody must see it in the address or in the history.
export function takeTokenFromAddress() {
  const match = /^#token=([^&]+)/.exec(location.hash);
  if (!match) return;
  try {
    setToken(decodeURIComponent(match[1]));
  } catch {
    setToken(match[1]);
  }
  history.replaceState(null, '', '#/overview');
}

// The token does not open the door. A right one is never told that it was tried too often.
export const isRefusal = (error) => error.status === 401 || error.code === 'too_many_tries';

// What no token holds, no header can carry: without it the server says what it says to strangers.
export const bearer = (text) => (/^[\x21-\x7e]+$/.test(text) ? {authorization: `Bearer ${text}`} : {});

let onRefused = () => {};
export function whenRefused(handler) {
  onRefused = handler;
}

async function failure(response) {
  let body = null;
  try {
    body = await response.json();
  } catch {
    /* Not ours: a proxy's page, say. */
  }
  return new ApiError(response.status, body, `${response.status} ${response.statusText}`);
}

// The raw response of a call that went well. Throws ApiError.
export async function call(method, path, {body, headers = {}, signal, isLogin} = {}) {
  const used = token();
  const all = {'accept-language': language(), ...headers, ...(isLogin ? {} : bearer(used))};
  if (body !== undefined) all['content-type'] = 'application/json';
  let response;
  try {
    response = await fetch(`../${path}`, {
      method,
      headers: all,
      signal,
      cache: 'no-store',
      credentials: 'omit',
      // What is deleted is deleted, also if the tab is closed meanwhile.
      keepalive: method === 'DELETE',
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, null, 'offline');
  }
  if (response.ok) return response;
  const error = await failure(response);
  // The answer to a token of before says nothing about the one that was entered since.
  if (isRefusal(error) && !isLogin && used === token()) onRefused(error);
  throw error;
}

const json = async (...request) => (await call(...request)).json();

export const get = (path, options) => json('GET', path, options);
export const post = (path, body) => json('POST', path, {body: body ?? {}});
export const put = (path, body) => json('PUT', path, {body});
export const remove = (path) => json('DELETE', path);
export const logIn = (password) => json('POST', 'api/login', {body: {password}, isLogin: true});

export const part = encodeURIComponent;

export function query(values) {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return given.length ? `?${new URLSearchParams(given)}` : '';
}

// The events of a stream, one by one: `{id, event, data}`, data as text. `heard` is told of every piece.
export async function* events(response, heard = () => {}) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const {done, value} = await reader.read();
    if (done) return;
    heard();
    const lines = (rest + value).split(/\r?\n\r?\n/);
    rest = lines.pop();
    for (const text of lines) {
      const event = {id: '', event: 'message', data: ''};
      for (const line of text.split(/\r?\n/)) {
        const [, name, content] = /^(\w+): ?(.*)$/.exec(line) ?? [];
        if (name === 'data') event.data += (event.data ? '\n' : '') + content;
        else if (name === 'id' || name === 'event') event[name] = content;
      }
      if (event.data || event.event !== 'message') yield event;
    }
  }
}
