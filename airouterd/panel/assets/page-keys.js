// Who may call: make a key, hand it over, limit it, switch it off, delete it.
import {get, part, post, put, remove} from './api.js';
import {button, h, refill, scroller} from './dom.js';
import {changes, confirmed, field, form, namesIn, numberInput, openDialog, textInput} from './dialog.js';
import {copyText} from './copy.js';
import {ago, badge, number} from './format.js';
import {on} from './live.js';
import {leaveForm, listPage} from './list-page.js';
import {complain, go, pageHead, say} from './shell.js';
import {deleteSlowly} from './undo.js';
import {baseUrl} from './wizard.js';
import {t} from './words.js';

const modelsNamed = 20;

const isExpired = (key) => key.expires_at && key.expires_at * 1000 < Date.now();

function dateInput(time) {
  const date = time ? new Date(time * 1000) : null;
  return h('input', {
    type: 'date',
    value: date
      ? `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`
      : '',
  });
}

// The end of the day that was chosen.
const endOfDay = (text) => (text ? Math.floor(new Date(`${text}T23:59:59`).getTime() / 1000) : null);

function keyFields(key) {
  return {
    name: field('name', t('key.name'), textInput(key.name ?? '', {autofocus: true})),
    rate_limit: field('rate_limit', t('key.rate_limit'), numberInput(key.rate_limit ?? 60, {min: 0}), t('key.rate_hint')),
    models: field(
      'models',
      t('key.models'),
      h('textarea', {rows: 2, spellcheck: 'false', value: (key.models ?? []).join('\n')}),
      t('key.models_hint'),
    ),
    expires_at: field('expires_at', t('key.expires'), dateInput(key.expires_at), t('key.expires_hint')),
  };
}

const bodyOf = (fields, key) => ({
  name: fields.name.control.value.trim(),
  rate_limit: Number(fields.rate_limit.control.value || 0),
  // No list at all allows everything.
  models: fields.models.control.value.trim() ? namesIn(fields.models.control.value, key.models ?? []) : null,
  expires_at: endOfDay(fields.expires_at.control.value),
});

async function servedModels() {
  try {
    const [{providers}, {model_map: map}] = await Promise.all([get('api/providers'), get('api/model-map')]);
    const names = new Set([
      ...Object.keys(map),
      ...providers.filter((one) => one.enabled).flatMap((one) => one.supported_models),
    ]);
    return [...names].filter((name) => !name.includes('*')).sort();
  } catch {
    return [];
  }
}

// Everything that whoever gets the key needs, in one text.
async function showHandOver(answer, closed) {
  const models = answer.info.models?.length > 0 ? answer.info.models : await servedModels();
  const more = models.length > modelsNamed ? ` … (${models.length})` : '';
  const text = [
    `Base URL: ${baseUrl()}`,
    `API Key:  ${answer.key}`,
    models.length > 0 && `Models:   ${models.slice(0, modelsNamed).join(', ')}${more}`,
  ]
    .filter(Boolean)
    .join('\n');
  const dialog = openDialog(
    t('key.made', answer.info),
    [
      h('p', t('key.once')),
      h('pre', {'tabindex': '0', 'role': 'group', 'aria-label': t('key.hand_over')}, text),
      h(
        'div',
        {class: 'line between'},
        button(t('key.copy'), () => copyText(text), {class: 'primary', autofocus: true}),
        button(t('action.close'), () => dialog.close()),
      ),
    ],
    {onclose: closed},
  );
}

export function open(values) {
  let keys = [],
    today = {};
  const list = h('div'),
    summary = h('span', {class: 'note', role: 'status'});
  const element = h(
    'div',
    pageHead(
      t('nav.keys'),
      summary,
      button(t('key.new'), () => go('keys', {new: 1}), {'class': 'primary', 'data-key': 'n'}),
    ),
    list,
  );

  async function refresh() {
    const [answer, stats] = await Promise.all([get('api/keys'), get('api/logs/stats')]);
    keys = answer.keys;
    today = stats.key_usage ?? {};
    if (!element.isConnected) return;
    summary.textContent = t('key.summary', {enabled: answer.stats.enabled_keys, total: answer.stats.total_keys});
    draw();
  }
  const reload = () => refresh().catch(complain);

  async function toggle(key) {
    try {
      await put(`api/keys/${part(key.key_id)}`, {enabled: !key.enabled});
      say(t(key.enabled ? 'key.is_off' : 'key.is_on', key));
      reload();
    } catch (error) {
      complain(error);
    }
  }

  async function startDeleting(key) {
    if (!(await confirmed(t('key.delete_title', key), t('key.delete_effect', {last: ago(key.last_used)}), t('action.delete'))))
      return;
    const path = `api/keys/${part(key.key_id)}`;
    deleteSlowly(t('key.deleted', key), {
      now: () => put(path, {enabled: false}),
      later: () => remove(path),
      back: () => put(path, {enabled: key.enabled}),
      changed: reload,
    });
  }

  function row(key) {
    const labelled = (action, handler, properties = {}) =>
      button(t(`action.${action}`), handler, {'aria-label': t(`key.${action}_name`, key), ...properties});
    const rate = key.rate_limit > 0 ? number(key.rate_limit) : t('key.unlimited'),
      models = key.models?.length > 0 ? key.models.join(', ') : t('key.all_models');
    const used = number(today[key.key_id]?.requests ?? 0);
    const below = (name, value, kind) => h('span', {class: `note wrap ${kind}`}, `${t(`key.${name}`)}: ${value}`);
    return h(
      'tr',
      h(
        'th',
        {scope: 'row'},
        h('span', {class: 'wrap'}, key.name),
        h('br'),
        h('code', {class: 'note'}, key.key_id),
        below('rate', rate, 'to-900'),
        below('today', used, 'to-600'),
        below('all', number(key.total_requests), 'to-900'),
        below('last_used', ago(key.last_used), 'to-900'),
        below('models', models, 'to-900'),
      ),
      h(
        'td',
        isExpired(key)
          ? badge('failed', t('key.expired'))
          : badge(key.enabled ? 'ok' : 'off', t(key.enabled ? 'key.enabled' : 'key.disabled')),
      ),
      h('td', {class: 'number from-900'}, rate),
      h('td', {class: 'number from-600'}, used),
      h('td', {class: 'number from-900'}, number(key.total_requests)),
      h('td', {class: 'from-900 note'}, ago(key.last_used)),
      h('td', {class: 'from-900 wrap note'}, models),
      h(
        'td',
        h(
          'div',
          {class: 'line end'},
          labelled('edit', () => go('keys', {edit: key.key_id})),
          labelled(key.enabled ? 'disable' : 'enable', () => toggle(key)),
          labelled('delete', () => startDeleting(key), {class: 'danger'}),
        ),
      ),
    );
  }

  function draw() {
    if (keys.length === 0)
      return refill(list, h('div', {class: 'card empty'}, h('p', t('key.none')), h('p', {class: 'note'}, t('key.none_hint'))));
    const head = (name, kind) => h('th', {scope: 'col', class: kind}, t(`key.${name}`));
    return refill(
      list,
      h(
        'section',
        {class: 'card'},
        scroller(
          t('nav.keys'),
          h(
            'table',
            {class: 'keys-table'},
            h('caption', {class: 'unseen'}, t('nav.keys')),
            h(
              'thead',
              h(
                'tr',
                head('name'),
                head('state'),
                head('rate', 'number from-900'),
                head('today', 'number from-600'),
                head('all', 'number from-900'),
                head('last_used', 'from-900'),
                head('models', 'from-900'),
                h('th', {scope: 'col'}, h('span', {class: 'unseen'}, t('key.actions'))),
              ),
            ),
            h('tbody', keys.map(row)),
          ),
        ),
      ),
    );
  }

  function showForm(next) {
    const known = keys.find((one) => one.key_id === next.edit);
    if (!next.new && !known) return;
    const fields = keyFields(known ?? {});
    const read = () => bodyOf(fields, known ?? {});
    const before = read();
    const closed = leaveForm('keys');
    let answer = null;
    const save = async () => {
      if (known) await put(`api/keys/${part(known.key_id)}`, changes(before, read()));
      else answer = await post('api/keys', read());
      dialog.close();
      reload();
    };
    const dialog = openDialog(
      known ? t('key.edit_title', known) : t('key.new'),
      form(Object.values(fields), save, {close: () => dialog.close(), action: t(known ? 'action.save' : 'key.create')}),
      {onclose: () => (answer ? showHandOver(answer, closed) : closed())},
    );
  }

  // Counts of others: not more often than anybody reads them.
  let askedAt = Date.now();
  const off = on('events', (events) => {
    if (!events.some((one) => one.event === 'end') || Date.now() - askedAt < 2000 || document.querySelector('dialog[open]'))
      return;
    askedAt = Date.now();
    refresh().catch(() => {});
  });
  return listPage({element, list, values, refresh, showForm, off});
}
