// The config in effect, where each value comes from, and what of it can be changed here; then how this panel looks.
import {get, post, put} from './api.js';
import {busyWhile, button, fill, h} from './dom.js';
import {checkbox, field, form, numberInput, textInput} from './dialog.js';
import {seconds} from './format.js';
import {live} from './live.js';
import {card, load, pageHead, say, setTheme} from './shell.js';
import {hasWords, language, languages, setLanguage, t} from './words.js';

// In this order; what is not named stands under the last one.
const groups = [
  ['retries', /^\/(max_retries|request_timeout|timeouts\/|stream_keepalive|commit_after|rewrite_response_model)/],
  ['cooldown', /^\/(cooldown|exponential_backoff)\//],
  ['log', /^\/log\//],
  ['access', /^\/(client_auth|allowed_|trusted_|public_url|admin\/)/],
  ['server', /./],
];

const readOnly = /^\/admin\//;
const choices = {'/client_auth': ['auto', 'required', 'any']};

const valueAt = (config, pointer) =>
  pointer
    .split('/')
    .slice(1)
    .reduce((value, name) => value?.[name], config);

// {"/log/keep_days": 7} as {"log": {"keep_days": 7}}.
function nested(changes) {
  const patch = {};
  for (const [pointer, value] of Object.entries(changes)) {
    const names = pointer.split('/').slice(1);
    const last = names.pop();
    let place = patch;
    for (const name of names) place = place[name] ??= {};
    place[last] = value;
  }
  return patch;
}

// A control for a value of that kind, and how to read it back.
function control(pointer, value) {
  if (readOnly.test(pointer)) return {input: textInput(value ?? '', {readonly: true}), read: () => value};
  if (choices[pointer]) {
    const input = h(
      'select',
      {value},
      choices[pointer].map((one) => h('option', {value: one}, one)),
    );
    return {input, read: () => input.value};
  }
  if (typeof value === 'boolean') {
    const input = checkbox(value);
    return {input, read: () => input.checked};
  }
  if (typeof value === 'number') {
    const input = numberInput(value, {step: 'any', min: 0});
    return {input, read: () => (input.value === '' ? null : Number(input.value))};
  }
  if (Array.isArray(value)) {
    const input = textInput(value.join(', '));
    return {input, read: () => input.value.split(/[\s,]+/).filter(Boolean)};
  }
  const input = textInput(value ?? '');
  return {input, read: () => input.value.trim()};
}

const labelOf = (pointer) => (hasWords(`setting.${pointer}`) ? t(`setting.${pointer}`) : pointer.slice(1).replace('/', ' · '));

function settingRow(pointer, answer) {
  const value = valueAt(answer.config, pointer);
  const {input, read} = control(pointer, value);
  const notes = [
    t(`source.${answer.sources[pointer]}`),
    answer.after_restart?.includes(pointer) && t('settings.after_restart'),
  ].filter(Boolean);
  const one = field(pointer, labelOf(pointer), input, notes.join(' · '));
  return {...one, pointer, read, value};
}

// The server names a setting by its pointer, with or without the first slash.
function pointed(error, rows) {
  for (const problem of error.problems ?? []) {
    const named = [problem.where, problem.field].filter(Boolean).map((text) => (text.startsWith('/') ? text : `/${text}`));
    problem.field = rows.find(({pointer}) => named.some((text) => `${text}/`.startsWith(`${pointer}/`)))?.pointer ?? '';
    problem.where = '';
  }
  return error;
}

function configForm(answer, reload) {
  const left = new Set(Object.keys(answer.sources));
  const rows = [];
  const sections = groups.map(([group, pattern]) => {
    const own = [...left]
      .filter((pointer) => pattern.test(pointer))
      .map((pointer) => {
        left.delete(pointer);
        return settingRow(pointer, answer);
      });
    rows.push(...own);
    return h(
      'fieldset',
      h('legend', t(`settings.${group}`)),
      h(
        'div',
        {class: 'fields'},
        own.map((row) => row.element),
      ),
    );
  });
  const save = async () => {
    const changes = Object.fromEntries(
      rows
        .filter((row) => JSON.stringify(row.read()) !== JSON.stringify(row.value) && !readOnly.test(row.pointer))
        .map((row) => [row.pointer, row.read()]),
    );
    if (Object.keys(changes).length === 0) return say(t('settings.unchanged'));
    try {
      say((await put('api/config', nested(changes))).message);
      return reload();
    } catch (error) {
      throw pointed(error, rows);
    }
  };
  return form(rows, save, {content: sections});
}

function saveAs(name, value) {
  const blob = new Blob([`${JSON.stringify(value, null, 2)}\n`], {type: 'application/json'});
  const link = h('a', {href: URL.createObjectURL(blob), download: name});
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// The token opens it, which a plain link would not carry.
async function saveDescription() {
  try {
    saveAs('openapi.json', await get('openapi.json'));
  } catch (error) {
    say(error.message, {tone: 'failed'});
  }
}

function appearance() {
  const theme = h(
    'select',
    {value: document.documentElement.dataset.theme ?? ''},
    ['', 'light', 'dark'].map((value) => h('option', {value}, t(`theme.${value || 'system'}`))),
  );
  theme.addEventListener('change', () => setTheme(theme.value));
  const words = h(
    'select',
    {value: language()},
    Object.entries(languages).map(([value, name]) => h('option', {value, lang: value}, name)),
  );
  words.addEventListener('change', async () => {
    await setLanguage(words.value);
    window.location.reload();
  });
  return card(
    t('settings.appearance'),
    h(
      'div',
      {class: 'fields'},
      field('language', t('settings.language'), words).element,
      field('theme', t('theme.label'), theme).element,
    ),
  );
}

function about(path) {
  const {version, uptime_s: uptime} = live.system ?? {};
  const pair = (label, value) => [h('dt', label), h('dd', {class: 'wrap'}, value)];
  return card(
    t('settings.about'),
    h(
      'dl',
      {class: 'facts'},
      pair('airouterd', version ?? ''),
      Number.isFinite(uptime) && pair(t('settings.uptime'), seconds(uptime)),
      pair(t('settings.file'), path ? h('code', path) : t('settings.no_file')),
      pair('API', button('openapi.json', saveDescription)),
    ),
  );
}

export function open() {
  const place = h('div');
  let answer = null;
  const reread = button(t('settings.reload'), () =>
    busyWhile(reread, async () => {
      fill(problems);
      try {
        say((await post('api/admin/reload-config')).message);
        show();
      } catch (error) {
        fill(
          problems,
          h(
            'div',
            {class: 'banner', role: 'alert'},
            h('strong', t('settings.not_reloaded')),
            error.problems.length > 0
              ? h(
                  'ul',
                  error.problems.map((one) =>
                    h('li', {class: 'wrap'}, `${one.line ? `${one.line}:${one.column} ` : ''}${one.where ?? ''} ${one.message}`),
                  ),
                )
              : h('span', error.message),
          ),
        );
      }
    }),
  );
  const problems = h('div');
  const save = button(t('settings.export'), () => answer && saveAs('airouter-config.json', answer.config));
  const element = h('div', pageHead(t('nav.settings'), reread, save), problems, place);

  function show() {
    fill(place);
    load(place, async () => {
      answer = await get('api/config');
      const config = configForm(answer, show);
      return [card(t('settings.config'), config), h('div', {class: 'pair'}, appearance(), about(answer.path))];
    });
  }
  show();
  return {element};
}
