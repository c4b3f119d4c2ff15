// Which names clients may ask for, and who answers them.
import {get, part, post, put, query, remove} from './api.js';
import {busyWhile, button, fill, h, refill} from './dom.js';
import {confirmed, field, form, namesIn, openDialog, textInput} from './dialog.js';
import {badge, percent} from './format.js';
import {leaveForm, listPage} from './list-page.js';
import {live, on} from './live.js';
import {fetchRequests} from './requests.js';
import {card, complain, go, pageHead, say} from './shell.js';
import {deleteSlowly} from './undo.js';
import {skippedText} from './waterfall.js';
import {t} from './words.js';

function explanation({candidates, skipped}) {
  const sum = candidates.reduce((total, one) => total + one.share, 0);
  return [
    candidates.length === 0
      ? h('p', badge('failed', t('routes.nobody')))
      : h(
          'ul',
          {class: 'rows'},
          candidates.map((one) =>
            h(
              'li',
              {class: 'share-row'},
              h('span', {class: 'wrap'}, h('strong', one.provider), ' ', h('code', one.model)),
              h('span', percent(one.share, sum)),
              h('div', {class: 'share'}, h('i', {style: {width: `${(one.share / sum) * 100}%`}})),
            ),
          ),
        ),
    skipped.length > 0 &&
      h(
        'p',
        {class: 'note wrap'},
        `${t('waterfall.skipped')} ${skipped.map((one) => `${skippedText(one)} ${one.model ?? ''}`.trim()).join(', ')}`,
      ),
  ];
}

// Only the router knows what patterns and models of providers answer to. What is switched off does not serve.
async function whoServes(name) {
  const {candidates, skipped} = await get(`api/route/explain${query({model: name})}`);
  return [...candidates, ...skipped.filter((one) => one.reason !== 'off')];
}

// Names that no route serves are known from the requests that failed for it.
async function unserved() {
  const requests = await fetchRequests({limit: 500, result: 'failed', status: 404});
  const counts = new Map();
  for (const one of requests) counts.set(one.model, (counts.get(one.model) ?? 0) + 1);
  const most = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 20);
  const isServed = await Promise.all(most.map(([name]) => whoServes(name).then(({length}) => length > 0)));
  return most.filter((_, index) => !isServed[index]);
}

export function open(values) {
  let map = {},
    asked = values.explain ?? '';
  const list = h('div'),
    answer = h('div', {role: 'status'}),
    missing = h('div');
  const model = textInput(asked, {'list': 'route-names', 'aria-label': t('routes.model')});
  const names = h('datalist', {id: 'route-names'});
  const ask = h('button', {type: 'submit'}, t('routes.explain'));
  const element = h(
    'div',
    pageHead(
      t('nav.routes'),
      button(t('routes.new'), () => go('routes', {new: 1}), {'class': 'primary', 'data-key': 'n'}),
    ),
    list,
    h(
      'div',
      {class: 'pair'},
      card(
        t('routes.who'),
        h(
          'form',
          {
            class: 'line',
            onsubmit: (event) => {
              event.preventDefault();
              go('routes', {explain: model.value.trim()});
              explain(model.value.trim());
            },
          },
          model,
          names,
          ask,
        ),
        answer,
      ),
      card(t('routes.unserved'), missing),
    ),
  );

  async function explain(name) {
    asked = name;
    if (!name) return fill(answer, h('p', {class: 'note'}, t('routes.explain_hint')));
    return busyWhile(ask, async () => {
      try {
        refill(answer, explanation(await get(`api/route/explain${query({model: name})}`)));
      } catch (error) {
        fill(answer, h('p', {class: 'error wrap'}, error.message));
      }
    });
  }

  async function refresh() {
    ({model_map: map} = await get('api/model-map'));
    if (!element.isConnected) return;
    fill(
      names,
      Object.keys(map).map((name) => h('option', {value: name})),
    );
    draw();
    if (asked) explain(asked);
    const rows = await unserved();
    fill(
      missing,
      rows.length === 0
        ? h('p', {class: 'note'}, t('routes.all_served'))
        : h(
            'ul',
            {class: 'rows'},
            rows.map(([name, count]) =>
              h(
                'li',
                {class: 'line between'},
                h('code', {class: 'wrap'}, name),
                h(
                  'span',
                  {class: 'line'},
                  h('span', {class: 'note'}, `× ${count}`),
                  button(t('routes.map_it'), () => go('routes', {new: 1, name}), {'aria-label': t('routes.map_name', {name})}),
                ),
              ),
            ),
          ),
    );
  }
  const reload = () => refresh().catch(complain);

  async function startDeleting(name) {
    const models = map[name];
    const providers = (await get('api/providers')).providers.filter((one) => one.enabled && one.supported_models.includes(name));
    const effect = providers.length
      ? t('routes.delete_falls_back', {name, providers: providers.map((one) => one.name).join(', ')})
      : t('routes.delete_effect', {name});
    if (!(await confirmed(t('routes.delete_title', {name}), effect, t('action.delete')))) return;
    deleteSlowly(t('routes.deleted', {name}), {
      now: () => remove(`api/model-map/${part(name)}`),
      later: () => undefined,
      back: () => post('api/model-map', {unified_name: name, actual_models: models}),
      changed: reload,
    });
  }

  function draw() {
    // By name, so that one that is brought back or renamed is where one looks for it.
    const entries = Object.entries(map).sort(([a], [b]) => a.localeCompare(b));
    if (entries.length === 0)
      return refill(
        list,
        h('div', {class: 'card empty'}, h('p', t('routes.none')), h('p', {class: 'note'}, t('routes.none_hint'))),
      );
    return refill(
      list,
      h(
        'section',
        {class: 'card'},
        h(
          'ul',
          {class: 'rows'},
          entries.map(([name, models]) =>
            h(
              'li',
              {class: 'route-row'},
              h('code', {class: 'wrap strong'}, name),
              h(
                'ol',
                {'class': 'chips', 'aria-label': t('routes.order')},
                models.map((one) => h('li', {class: 'chip'}, h('code', {class: 'wrap'}, one))),
              ),
              h(
                'span',
                {class: 'line end'},
                button(
                  t('routes.explain'),
                  () => {
                    model.value = name;
                    go('routes', {explain: name});
                    explain(name);
                    model.scrollIntoView({block: 'center'});
                  },
                  {'aria-label': t('routes.explain_name', {name})},
                ),
                button(t('action.edit'), () => go('routes', {edit: name}), {'aria-label': t('routes.edit_name', {name})}),
                button(t('action.delete'), () => startDeleting(name).catch(complain), {
                  'class': 'danger',
                  'aria-label': t('routes.delete_name', {name}),
                }),
              ),
            ),
          ),
        ),
      ),
    );
  }

  function showForm(next) {
    if (!next.new && !Object.hasOwn(map, next.edit ?? '')) return;
    const old = next.new ? '' : next.edit;
    const name = field(
      'unified_name',
      t('routes.name'),
      textInput(old || (next.name ?? ''), {autofocus: true}),
      t('routes.name_hint'),
    );
    const models = field(
      'actual_models',
      t('routes.models'),
      h('textarea', {rows: 5, spellcheck: 'false', value: (map[old] ?? []).join('\n')}),
      t('routes.models_hint'),
    );
    const save = async () => {
      const to = name.control.value.trim(),
        actual = namesIn(models.control.value, map[old]);
      if (to === old) await put(`api/model-map/${part(old)}`, actual);
      // In one step, so that nobody asks for neither name, and nothing that others did is undone.
      else await post('api/model-map', {unified_name: to, actual_models: actual, replaces: old || undefined});
      say(t('routes.saved', {name: to}));
      dialog.close();
      reload();
    };
    const dialog = openDialog(
      old ? t('routes.edit_name', {name: old}) : t('routes.new'),
      form([name, models], save, {close: () => dialog.close()}),
      {onclose: leaveForm('routes', () => ({explain: asked}))},
    );
  }

  // Others may have changed it.
  async function follow() {
    const {model_map: now} = await get('api/model-map');
    if (JSON.stringify(now) === JSON.stringify(map) || document.querySelector('dialog[open]')) return;
    await refresh();
  }

  let eventSeen = live.system?.logs.newest_event;
  const off = on('system', () => {
    const {newest_event: event} = live.system.logs;
    if (event !== eventSeen) follow().catch(() => {});
    eventSeen = event;
    if (asked && ask.getAttribute('aria-busy') !== 'true') explain(asked);
  });
  explain(asked);
  return listPage({
    element,
    list,
    values,
    refresh,
    showForm,
    off,
    go(next) {
      if (next.explain && next.explain !== asked) {
        model.value = next.explain;
        explain(next.explain);
      }
      showForm(next);
    },
  });
}
