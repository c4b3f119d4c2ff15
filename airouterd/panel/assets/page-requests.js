// Why did that fail? The newest requests as they come, filtered, each with its attempts on a time axis.
import {get} from './api.js';
import {button, fill, h, icon, refill} from './dom.js';
import {attemptState, badge, dash, mark, milliseconds, moment, resultOf} from './format.js';
import {live, on} from './live.js';
import {asked, askedEvents, filterBar, isSet, matches} from './request-filter.js';
import {begun, fetchEvents, fetchRequest, fetchRequests, firstRows, isThere, keptMax, knowsAll} from './requests.js';
import {newest, readPages, requestOf, watchRequests} from './requests.js';
import {addressOf, cannotLoad, errorText, go, pageHead} from './shell.js';
import {language, named, t} from './words.js';

const rowsMax = 100,
  drawEvery = 250;

// Names of keys, for as long as the panel is open.
const keyNames = new Map();
async function learnKeyNames() {
  const {keys} = await get('api/keys');
  keyNames.set('panel', t('requests.playground'));
  for (const key of keys) keyNames.set(key.key_id, key.name);
}

const provider = (request) => request.attempts.find((one) => attemptState(one) === 'ok')?.provider ?? '—';

function dots(request) {
  const word = request.attempts.map((one) => named('state', attemptState(one))).join(', ');
  return h(
    'span',
    {'class': 'dots', 'role': 'img', 'aria-label': word || t('waterfall.waiting')},
    request.attempts.map((one) => mark(attemptState(one))),
    !request.result && mark('running'),
  );
}

function resultBadge(request) {
  const state = resultOf(request);
  const word = state === 'cancelled' && request.status === 503 ? t('state.stopped') : t(`state.${state}`);
  const element = badge(state, state === 'running' || state === 'cancelled' ? word : (request.status ?? ''));
  element.append(h('span', {class: 'unseen'}, ` ${word}`));
  return element;
}

const above = (time) => h('span', {class: 'time to-420'}, time);

function requestCells(request, isOpen, toggle) {
  const time = moment(request.time);
  return [
    h('td', {class: 'time from-420'}, time),
    h('td', {class: 'model'}, above(time), h('code', request.model), h('span', {class: 'note'}, ` → ${provider(request)}`)),
    h('td', {class: 'from-600 note wrap'}, keyNames.get(request.key_id) ?? request.key_id ?? dash),
    h('td', dots(request)),
    h('td', {class: 'number from-900'}, milliseconds(request.first_output_ms ?? NaN)),
    h('td', {class: 'number from-420'}, milliseconds(request.total_ms ?? NaN)),
    h('td', resultBadge(request)),
    h(
      'td',
      {class: 'number'},
      h(
        'button',
        {
          'type': 'button',
          'class': 'opener',
          'aria-expanded': String(isOpen),
          'aria-label': t('requests.open', {time, model: request.model}),
          'onclick': toggle,
        },
        icon('open'),
      ),
    ),
  ];
}

// What an opened row shows; loaded with the first one.
let detail = null;

const eventShapes = {error: 'failed', warning: 'rescued'};

// The server's message names what it is about, where it is about something.
function eventText({provider, model, message, message_zh: chinese, error}) {
  const isChinese = chinese && language() === 'zh';
  const subject = [provider, model].filter(Boolean).join('/');
  const text = ((isChinese ? chinese : message) ?? '').replaceAll('->', '→');
  return [text.startsWith(subject) ? '' : subject, text, !isChinese && error].filter(Boolean).join(' · ');
}

const ofRequest = (one) => ({key: one.id, time: one.time, id: one.log_id, request: one});
const ofEvent = (one) => ({key: `event ${one.id}`, time: one.timestamp, id: one.id, event: one});

function eventCells(event) {
  const time = moment(event.timestamp),
    level = badge(eventShapes[event.level] ?? 'off', t('requests.system'));
  return [
    h('td', {class: 'time from-420'}, time),
    h('td', {colspan: 7, class: 'wrap'}, above(time), level, ' ', eventText(event)),
  ];
}

export function open(values) {
  let filter = {...values},
    opened = values.open ?? '',
    isPaused = false,
    clearedAt = 0,
    timer = 0,
    drawnAt = 0,
    isNaming = false;
  let shown = [],
    older = [],
    newestEvents = [],
    reached = {},
    isPointed = false,
    drawn = new Map(),
    isFollowing = true,
    isAtEnd = null,
    knowsAllEvents = false;
  const count = h('span', {class: 'note'});
  const fresh = button(
    '',
    () => {
      isFollowing = true;
      window.scrollTo(0, 0);
      draw(true);
    },
    {class: 'fresh', hidden: true},
  );
  const body = h('tbody'),
    more = h('div', {class: 'more'}),
    empty = h('div');
  const pause = button(
    t('requests.pause'),
    () => {
      isPaused = !isPaused;
      draw(true);
    },
    {'aria-pressed': 'false'},
  );
  const clear = button(t('requests.clear'), () => {
    // The server's clock is not ours.
    clearedAt = Math.max(clearedAt, ...known().map((item) => item.time));
    older = [];
    isAtEnd = true;
    draw(true);
  });
  // What is typed letter by letter is one step of the history.
  const filters = filterBar(filter, (next, isSameStep) => {
    const values = {...next, open: opened};
    if (!isSameStep) return go('requests', values);
    history.replaceState(null, '', addressOf('requests', values));
    return apply(values);
  });

  const tableElement = h(
    'table',
    {class: 'requests'},
    h('caption', {class: 'unseen'}, t('nav.requests')),
    h(
      'thead',
      h(
        'tr',
        ...[
          ['time', 'from-420'],
          ['model'],
          ['key', 'from-600'],
          ['attempts'],
          ['first_output', 'number from-900'],
          ['total', 'number from-420'],
          ['result'],
        ].map(([head, kind]) => h('th', {scope: 'col', class: kind}, t(`requests.${head}`))),
        h('th', {scope: 'col'}, h('span', {class: 'unseen'}, t('requests.details'))),
      ),
    ),
    body,
  );
  const element = h(
    'div',
    pageHead(t('nav.requests'), count, pause, clear),
    filters.element,
    h('div', {class: 'fresh-place'}, fresh),
    h('section', {'class': 'card', 'aria-label': t('nav.requests')}, h('div', {class: 'scroll'}, tableElement), empty, more),
  );

  const isLasting = ({request}) => !request || isThere(request);
  const known = () => [...newest().map(ofRequest), ...newestEvents.map(ofEvent), ...older.filter(isLasting)];
  const isWanted = ({request, event, time}) =>
    time > clearedAt && matches(filter, request ?? {event}, keyNames.get(request?.key_id));

  // Requests and events by time; what is twice known is shown once.
  function wanted() {
    const seen = new Set();
    return known()
      .filter((item) => isWanted(item) && !seen.has(item.key) && seen.add(item.key))
      .sort((a, b) => b.time - a.time);
  }

  // New rows come in on top only while nothing there is being read. A pointer that rests where it clicked something else reads
  // nothing.
  body.addEventListener('pointermove', () => {
    isPointed = true;
  });
  body.addEventListener('pointerleave', () => {
    isPointed = false;
  });
  const isBeingRead = () => opened !== '' || window.scrollY > 80 || isPointed || body.contains(document.activeElement);

  function rowOf(item) {
    const before = drawn.get(item.key);
    const isOpen = item.key === opened;
    const text = item.event ? '' : `${resultOf(item.request)} ${item.request.attempts.length} ${isOpen} ${isOpen && detail !== null}`;
    if (before?.text === text) return before.rows;
    if (isOpen && !detail) learnDetail();
    const row = before?.rows[0] ?? h('tr', {'class': item.event ? 'event' : '', 'data-id': item.key});
    row.classList.toggle('is-open', isOpen);
    refill(row, item.event ? eventCells(item.event) : requestCells(item.request, isOpen, () => toggle(item.key)));
    const rows = [row];
    if (isOpen) {
      const below = before?.rows[1] ?? h('tr', {class: 'detail'});
      refill(below, detail?.(item.request) ?? h('td', {colspan: 8}, h('p', {class: 'empty', role: 'status'}, t('state.loading'))));
      rows.push(below);
    }
    drawn.set(item.key, {text, rows});
    return rows;
  }

  let isLearning = false;
  async function learnDetail() {
    if (isLearning) return;
    isLearning = true;
    try {
      ({detail} = await import('./request-detail.js'));
      draw();
    } catch (error) {
      cannotLoad(error);
    }
    isLearning = false;
  }

  // Puts the rows in place and leaves alone those that already are.
  function place(rows) {
    let next = body.firstChild;
    for (const row of rows) {
      if (row === next) next = next.nextSibling;
      else body.insertBefore(row, next);
    }
    while (next) {
      const gone = next;
      next = next.nextSibling;
      gone.remove();
    }
  }

  function draw(isForced = false) {
    clearTimeout(timer);
    timer = 0;
    drawnAt = performance.now();
    const list = wanted();
    if (!isNaming && list.some((item) => item.request?.key_id && !keyNames.has(item.request.key_id))) nameKeys();
    const drawnKeys = new Set(shown.map((item) => item.key));
    const news = list.filter((item) => !drawnKeys.has(item.key) && item.time >= (shown[0]?.time ?? 0));
    if (isForced || shown.length === 0 || (!isPaused && !isBeingRead())) isFollowing = true;
    else if (news.length > 0) isFollowing = false;
    if (isForced || (isFollowing && !isPaused)) {
      const limit = rowsMax - (opened ? 1 : 0);
      shown = list.slice(0, limit);
      reached = {};
      // What is open stays, however many come after it.
      const kept = opened && !shown.some((item) => item.key === opened) && list.find((item) => item.key === opened);
      if (kept) shown = [...shown.slice(0, limit - 1), kept];
    } else {
      const current = new Map(list.map((item) => [item.key, item]));
      shown = shown.map((item) => current.get(item.key) ?? item).filter(isLasting);
    }
    const waiting = isFollowing && !isPaused ? 0 : news.filter((item) => item.request).length;
    fresh.hidden = waiting === 0;
    fresh.textContent = t('requests.fresh', {n: waiting < keptMax ? waiting : `${waiting}+`});
    pause.textContent = t(isPaused ? 'requests.resume' : 'requests.pause');
    pause.setAttribute('aria-pressed', String(isPaused));
    count.textContent = t('requests.count', {n: shown.length});
    place(shown.flatMap(rowOf));
    for (const key of drawn.keys()) if (!shown.some((item) => item.key === key)) drawn.delete(key);
    fill(empty, shown.length === 0 && h('p', {class: 'empty'}, t(isSet(filter) ? 'requests.none_match' : 'requests.none')));
    tableElement.hidden = shown.length === 0;
    const isCut = list.length > 0 && list.at(-1).time < shown.at(-1)?.time;
    const hasOlder = isCut || !(isAtEnd ?? (knowsAll() && knowsAllEvents));
    fill(more, shown.length > 0 && hasOlder && button(t('requests.older'), showOlder));
  }

  // Rows are drawn with ids until the names are there.
  async function nameKeys() {
    isNaming = true;
    await learnKeyNames().catch(() => {});
    drawn = new Map();
    body.replaceChildren();
    draw();
  }

  // The first of several at once.
  const drawSoon = () => {
    timer ||= setTimeout(draw, Math.max(0, drawnAt + drawEvery - performance.now()));
  };

  function toggle(key) {
    opened = opened === key ? '' : key;
    history.replaceState(null, '', addressOf('requests', {...filter, open: opened}));
    draw();
  }

  // The page before: rows that are shown make room for older ones. Requests and events are each read on from the last one that
  // was shown.
  async function showOlder() {
    for (const kind of ['request', 'event']) {
      const ids = shown.filter((item) => item[kind] && item.id).map((item) => item.id);
      if (ids.length > 0) reached[kind] = Math.min(...ids);
    }
    try {
      const found = await findOlder(reached);
      older = found.slice(0, rowsMax);
      if (found.length > rowsMax) isAtEnd = false;
      if (older.length === 0) isAtEnd = true;
      else {
        isFollowing = false;
        isPaused = true;
        shown = older;
        window.scrollTo(0, 0);
      }
      draw();
    } catch (error) {
      fill(more, h('p', {class: 'note', role: 'alert'}, errorText(error)));
    }
  }

  async function findOlder({request, event} = {}) {
    const limit = isSet(filter) ? 500 : rowsMax;
    const read = (fetchPage, rowOfOne, values, before) =>
      values
        ? readPages((page) => fetchPage({...values, ...page}), {before, limit, count: rowsMax, isWanted: (one) => isWanted(rowOfOne(one))})
        : {found: [], isEnd: true};
    const [requests, events] = await Promise.all([
      read(fetchRequests, ofRequest, filter.type === 'system' ? null : asked(filter), request),
      read(fetchEvents, ofEvent, askedEvents(filter), event),
    ]);
    isAtEnd = requests.isEnd && events.isEnd;
    return [...requests.found.map(ofRequest), ...events.found.map(ofEvent)].sort((a, b) => b.time - a.time);
  }

  async function askForEvents() {
    try {
      newestEvents = await fetchEvents({limit: firstRows});
      knowsAllEvents = newestEvents.length < firstRows;
      drawSoon();
    } catch {
      /* The requests say that the server is away. */
    }
  }

  async function begin() {
    try {
      await begun();
      if (isSet(filter)) older = await findOlder();
      if (opened && !requestOf(opened)) older.push(ofRequest(await fetchRequest(opened)));
    } catch (error) {
      if (error.status !== 401 && error.status !== 404) fill(empty, h('p', {class: 'empty', role: 'alert'}, errorText(error)));
    }
    draw(true);
  }

  let eventSeen = live.system?.logs.newest_event;
  const listening = [
    watchRequests(drawSoon),
    on('system', () => {
      filters.offer(Object.keys(live.system.providers.providers));
      const {newest_event: event} = live.system.logs;
      if (event !== eventSeen) askForEvents();
      eventSeen = event;
    }),
  ];
  if (live.system) filters.offer(Object.keys(live.system.providers.providers));
  draw(true);
  begin();
  askForEvents();

  function apply(next) {
    const isNew = addressOf('', {...next, open: ''}) !== addressOf('', {...filter, open: ''});
    filter = {...next};
    opened = next.open ?? '';
    filters.set(filter);
    if (!isNew) return draw();
    older = [];
    isAtEnd = null;
    isPaused = false;
    return begin();
  }

  return {
    element,
    go: apply,
    leave() {
      clearTimeout(timer);
      for (const off of listening) off();
    },
  };
}
