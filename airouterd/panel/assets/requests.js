// The newest requests this tab knows, kept current by the live stream; and the pages behind them.
import {get, query} from './api.js';
import {connected, on} from './live.js';

// As many as a window shows; older ones are asked for. After a gap, more may be missing.
export const firstRows = 40;

// More than any page shows, so that a filter finds something at once.
export const keptMax = 500;

const requests = new Map();
const watchers = new Set();

// `watch(ids)` is told which requests changed.
export function watchRequests(watch) {
  watchers.add(watch);
  return () => watchers.delete(watch);
}

const tell = (ids) => {
  for (const watch of [...watchers]) watch(ids);
};

function put(request) {
  const known = requests.get(request.id);
  // What was told later knows more; an end is never taken back.
  if (known?.result && !request.result) return;
  if (known && !request.result && known.attempts.length > request.attempts.length) return;
  requests.set(request.id, request);
}

function trim() {
  if (requests.size <= keptMax) return;
  isWhole = false;
  const old = [...requests.values()].sort((a, b) => a.time - b.time).slice(0, requests.size - keptMax);
  for (const request of old) requests.delete(request.id);
}

export const newest = () => [...requests.values()].sort((a, b) => b.time - a.time || (a.id < b.id ? 1 : -1));
export const requestOf = (id) => requests.get(id);

// A list, and how far it goes back where there was no time for more.
export async function fetchRequests(values = {}) {
  const {requests: list, searched_to: searchedTo} = await get(`api/requests${query({limit: 100, ...values})}`);
  for (const one of list) if (!one.result) put(one);
  return Object.assign(list, {searchedTo});
}

export async function fetchEvents(values) {
  const {logs: list, searched_to: searchedTo} = await get(`api/logs${query({log_type: 'system', ...values})}`);
  return Object.assign(list, {searchedTo});
}

// Reads page after page, back from an id, until so many are found. `isEnd`: there are no more.
export async function readPages(fetchPage, {before, limit, count, isWanted}) {
  const found = [];
  let isEnd = false;
  for (let page = 0, from = before; page < 10 && found.length < count && !isEnd; ++page) {
    const list = await fetchPage({before: from, limit});
    found.push(...list.filter(isWanted));
    const last = list.at(-1);
    from = [list.searchedTo, last?.log_id, last?.id].find(Number.isFinite);
    isEnd = !list.searchedTo && (list.length < limit || !from);
  }
  return {found: found.slice(0, count), isEnd: isEnd && found.length <= count};
}

// Whether there still is such a request: what ran when the server was killed never ends.
export const isThere = (request) => Boolean(request.result) || requests.has(request.id);

let isCaughtUp = false,
  isWhole = false,
  merging = null;

// Merges what the server knows into what was seen here. It names all that run first: others do not run any more.
async function merge() {
  const limit = isCaughtUp ? keptMax : firstRows;
  const running = [...requests.values()].filter((one) => !one.result);
  const list = await fetchRequests({limit});
  list.forEach(put);
  const told = new Set(list.map((one) => one.id));
  const namesAllRunning = list.length < limit || list.some((one) => one.result);
  for (const {id} of running) if (namesAllRunning && !told.has(id) && !requests.get(id)?.result) requests.delete(id);
  isCaughtUp = true;
  isWhole = list.length < limit && !list.searchedTo;
  trim();
  tell(told);
}

const catchUp = () =>
  (merging ??= merge().finally(() => {
    merging = null;
  }));

// Whether there are no requests but those that are known here.
export const knowsAll = () => isWhole;

// The newest requests. What is asked for once the stream is there misses nothing: asking twice is spared.
export async function begun() {
  await connected();
  if (!isCaughtUp || merging) await catchUp();
}

export async function fetchRequest(id) {
  const request = await get(`api/requests/${encodeURIComponent(id)}`);
  put(request);
  return request;
}

on('events', (list) => {
  const changed = new Set();
  for (const {event, data} of list) {
    if (event === 'attempt') {
      const request = requests.get(data.id);
      if (!request || request.result) continue;
      request.attempts.push(data.attempt);
      changed.add(data.id);
    } else if (event === 'start' || event === 'end') {
      put(data);
      changed.add(data.id);
    }
  }
  trim();
  if (changed.size > 0) tell(changed);
});

// What is on its way was asked for before.
on('resync', async () => {
  await merging?.catch(() => {});
  catchUp().catch(() => {});
});
