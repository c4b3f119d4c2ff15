// What the list of requests is narrowed to. The filter is part of the address.
import {button, h} from './dom.js';
import {resultOf} from './format.js';
import {t} from './words.js';

const choices = {
  level: ['info', 'warning', 'error'],
  type: ['request', 'response', 'error', 'system'],
  status: ['running', 'ok', 'rescued', 'failed', 'cancelled'],
};
const texts = ['provider', 'model', 'key', 'q'];
const names = [...Object.keys(choices), ...texts];

// The log's words for how a request stands.
const levels = {rescued: 'warning', failed: 'error'};
const types = {running: 'request', failed: 'error'};

const holds = (text, part) =>
  String(text ?? '')
    .toLowerCase()
    .includes(part.toLowerCase());

const eventMatches = (filter, event) =>
  (!filter.level || event.level === filter.level) &&
  (!filter.type || filter.type === 'system') &&
  !filter.status &&
  (!filter.provider || event.provider === filter.provider) &&
  (!filter.model || holds(event.model, filter.model)) &&
  !filter.key &&
  (!filter.q || holds(JSON.stringify(event), filter.q));

export function matches(filter, item, keyName) {
  if (item.event) return eventMatches(filter, item.event);
  const state = resultOf(item);
  return (
    (!filter.status || state === filter.status) &&
    (!filter.level || (levels[state] ?? 'info') === filter.level) &&
    (!filter.type || (types[state] ?? 'response') === filter.type) &&
    (!filter.provider || item.attempts.some((one) => one.provider === filter.provider)) &&
    (!filter.model || holds(item.model, filter.model) || item.attempts.some((one) => holds(one.model, filter.model))) &&
    (!filter.key || holds(item.key_id, filter.key) || holds(keyName, filter.key)) &&
    (!filter.q || holds(JSON.stringify(item), filter.q))
  );
}

// Whether what matches may lie far back.
export const isSet = (filter) => names.some((name) => filter[name]);

// What of the filter the server can do itself, so that less is sent: it never leaves out what matches here.
export const asked = (filter) => ({provider: filter.provider, result: filter.status === 'running' ? '' : filter.status});

// The same for events of the system; null if none of them can match.
export const askedEvents = (filter) =>
  filter.status || filter.key || !['system', '', undefined].includes(filter.type)
    ? null
    : {level: filter.level, provider: filter.provider};

export function filterBar(filter, change) {
  const controls = {};
  let timer = 0;
  const read = () => Object.fromEntries(names.map((name) => [name, controls[name].value.trim()]));
  let typedIn = null;
  const tell = () => {
    clearTimeout(timer);
    change(read());
  };
  const soon = ({target}) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      change(read(), typedIn === target);
      typedIn = target;
    }, 300);
  };

  for (const [name, values] of Object.entries(choices)) {
    controls[name] = h(
      'select',
      {onchange: tell, value: filter[name] ?? ''},
      h('option', {value: ''}, t('filter.any')),
      values.map((value) => h('option', {value}, t(name === 'status' ? `state.${value}` : `${name}.${value}`))),
    );
  }
  for (const name of texts)
    controls[name] = h('input', {
      type: name === 'q' ? 'search' : 'text',
      value: filter[name] ?? '',
      oninput: soon,
      onblur: () => {
        typedIn = null;
      },
      autocomplete: 'off',
      spellcheck: 'false',
    });
  const known = h('datalist', {id: 'known-providers'});
  controls.provider.setAttribute('list', known.id);
  controls.q.setAttribute('aria-keyshortcuts', '/');
  const field = (name) => h('label', {class: 'field'}, h('span', t(`filter.${name}`)), controls[name]);
  const rest = h(
    'details',
    {class: 'filters'},
    h('summary', t('filter.more')),
    h(
      'div',
      {class: 'fields'},
      field('level'),
      field('type'),
      field('provider'),
      field('model'),
      field('key'),
      button(t('filter.reset'), () => change({})),
    ),
  );
  rest.open = ['level', 'type', 'provider', 'model', 'key'].some((name) => filter[name]);

  return {
    element: h('div', {class: 'filter-bar', role: 'search'}, field('q'), field('status'), rest, known),
    focus: () => controls.q.focus(),
    offer(providers) {
      if (known.childElementCount !== providers.length)
        known.replaceChildren(...providers.map((name) => h('option', {value: name})));
    },
    set(next) {
      for (const name of names) if (document.activeElement !== controls[name]) controls[name].value = next[name] ?? '';
    },
  };
}
