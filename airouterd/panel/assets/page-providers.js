// Who answers: every provider with its state, its models and its last tests; add, edit, duplicate, switch, test, reset, remove.
import {get, part, post, put, remove} from './api.js';
import {autoTest} from './auto-test.js';
import {busyWhile, button, h, refill} from './dom.js';
import {ago, badge, dash, milliseconds, number} from './format.js';
import {live, on, refreshSystem} from './live.js';
import {leaveForm, listPage} from './list-page.js';
import {canReset, conditions, modelBadge, reasonText, resetButton, stateBadge, tripButton} from './provider-state.js';
import {cannotLoad, complain, go, pageHead, say} from './shell.js';
import {t} from './words.js';

const modelsShown = 12;

function testLine(result) {
  return h(
    'li',
    badge(result.success ? 'ok' : 'failed', result.success ? `${milliseconds(result.latency_ms)} ms` : t('state.failed')),
    ' ',
    h('code', {class: 'wrap'}, result.model),
    h('span', {class: 'note wrap'}, ` ${ago(result.tested_at)}${result.error ? ` · ${result.error}` : ''}`),
  );
}

function modelChip(provider, model) {
  return h('li', {class: 'chip'}, h('code', {class: 'wrap'}, model), ' ', modelBadge(provider.name, model));
}

// What nobody serves any more without this provider.
function onlyServedBy(provider, providers) {
  const others = providers.filter((one) => one.enabled && one.name !== provider.name);
  return provider.enabled
    ? provider.supported_models.filter(
        (model) =>
          !others.some((one) => one.supported_models.includes(model) || one.supported_models.some((name) => name.includes('*'))),
      )
    : [];
}

export function open(values) {
  let providers = [];
  const list = h('div', {class: 'cards'});
  const add = button(t('provider.add'), () => go('providers', {add: 1}), {'class': 'primary', 'data-key': 'n'});
  const testAll = button(t('provider.test_all'), () => busyWhile(testAll, () => runTest('api/providers/test-all')));
  const auto = autoTest(
    () => providers,
    (path) => runTest(path, true),
  );
  const element = h('div', pageHead(t('nav.providers'), testAll, add), auto.element, list);

  async function refresh() {
    ({providers} = await get('api/providers'));
    if (element.isConnected) draw();
  }
  const reload = () => {
    refresh().catch(complain);
    refreshSystem();
  };

  const startAdding = (closed) =>
    busyWhile(add, () =>
      import('./wizard.js').then(
        ({openWizard}) =>
          openWizard(() => {
            closed();
            reload();
          }),
        cannotLoad,
      ),
    );

  async function runTest(path, isQuiet = false) {
    try {
      const {results} = await post(path);
      const failed = results.filter((one) => !one.success).length;
      if (!isQuiet) say(t('provider.tested', {n: results.length, failed}), {tone: failed ? 'failed' : 'ok'});
      await refresh();
      refreshSystem();
    } catch (error) {
      complain(error);
    }
  }

  async function change(provider, fields, text) {
    try {
      await put(`api/providers/${part(provider.name)}`, fields);
      say(text);
      reload();
    } catch (error) {
      complain(error);
    }
  }

  async function startRemoving(provider) {
    const [{confirmed}, {deleteSlowly}] = await Promise.all([import('./dialog.js'), import('./undo.js')]);
    const lost = onlyServedBy(provider, providers);
    const effect =
      lost.length > 0
        ? t('provider.remove_loses', {models: lost.slice(0, 5).join(', ') + (lost.length > 5 ? ' …' : '')})
        : t('provider.remove_effect');
    if (!(await confirmed(t('provider.remove_title', {name: provider.name}), effect, t('action.remove')))) return;
    const path = `api/providers/${part(provider.name)}`;
    deleteSlowly(t('provider.removed', {name: provider.name}), {
      now: () => put(path, {enabled: false}),
      later: () => remove(path),
      back: () => put(path, {enabled: provider.enabled}),
      changed: reload,
    });
  }

  function actions(provider) {
    const test = button(t('action.test'), () => busyWhile(test, () => runTest(`api/providers/${part(provider.name)}/test`)), {
      'aria-label': t('provider.test_name', provider),
    });
    const labelled = (action, handler, properties = {}) =>
      button(t(`action.${action}`), handler, {'aria-label': t(`provider.${action}_name`, provider), ...properties});
    return h(
      'div',
      {class: 'line'},
      test,
      labelled('edit', () => go('providers', {edit: provider.name})),
      labelled('duplicate', () => go('providers', {copy: provider.name})),
      labelled(provider.enabled ? 'switch_off' : 'switch_on', () =>
        change(provider, {enabled: !provider.enabled}, t(provider.enabled ? 'provider.is_off' : 'provider.is_on', provider)),
      ),
      labelled('remove', () => startRemoving(provider).catch(cannotLoad), {class: 'danger'}),
      live.system?.demo && conditions()[provider.name]?.status === 'healthy' && tripButton(provider.name),
    );
  }

  function facts(provider, condition) {
    const pair = (label, value) => [h('dt', label), h('dd', {class: 'wrap'}, value)];
    return h(
      'dl',
      {class: 'facts'},
      pair(t('provider.base_url'), h('code', provider.base_url)),
      pair(t('provider.api_key'), h('code', provider.api_key || dash)),
      pair(t('provider.weight'), number(provider.weight)),
      provider.timeout && pair(t('provider.timeout'), `${provider.timeout} ${t('unit.s')}`),
      provider.proxy && pair(t('provider.proxy'), provider.proxy),
      condition &&
        pair(
          t('provider.attempts'),
          condition.total_requests > 0 ? `${number(condition.total_requests)} · ${condition.success_rate}` : dash,
        ),
    );
  }

  function cardOf(provider) {
    const condition = conditions()[provider.name];
    const more = provider.supported_models.length - modelsShown;
    return h(
      'article',
      {'class': 'card', 'aria-label': provider.name, 'id': `provider-${provider.name}`},
      h(
        'div',
        {class: 'card-head'},
        h('h2', {class: 'wrap'}, provider.name),
        h(
          'span',
          {class: 'line'},
          provider.enabled ? stateBadge(provider.name) : badge('off'),
          canReset(condition) && resetButton(provider.name),
        ),
      ),
      condition &&
        condition.status !== 'healthy' &&
        condition.status !== 'off' &&
        h('p', {class: 'note wrap'}, reasonText(condition)),
      facts(provider, condition),
      h(
        'ul',
        {'class': 'chips', 'aria-label': t('provider.models')},
        provider.supported_models.slice(0, modelsShown).map((model) => modelChip(provider, model)),
        more > 0 && h('li', {class: 'chip'}, t('provider.more', {n: more})),
      ),
      provider.test_results?.length > 0 &&
        h(
          'details',
          {open: provider.test_results.length < 4},
          h('summary', t('provider.tests', {n: provider.test_results.length})),
          h('ul', {class: 'rows small'}, provider.test_results.map(testLine)),
        ),
      actions(provider),
    );
  }

  function draw() {
    auto.draw();
    if (providers.length === 0)
      return refill(
        list,
        h('div', {class: 'card empty'}, h('p', t('wizard.none_yet')), h('p', {class: 'note'}, t('wizard.invitation'))),
      );
    return refill(list, providers.map(cardOf));
  }

  // Forms are part of the address: /providers?edit=NAME.
  function showForm(next) {
    const known = providers.find((one) => one.name === (next.edit ?? next.copy));
    const closed = leaveForm('providers');
    const edit = (values) =>
      busyWhile(list, () =>
        import('./provider-form.js').then(
          ({openProviderForm}) => openProviderForm(known, {saved: reload, closed, ...values}),
          cannotLoad,
        ),
      );
    if (next.add) startAdding(closed);
    else if (known && next.edit) edit({isNew: false});
    else if (known) edit({isNew: true, taken: providers.map((one) => one.name)});
    else if (next.show) document.getElementById(`provider-${next.show}`)?.scrollIntoView({block: 'center'});
  }

  let drawn = '';
  const off = on('system', () => {
    const now = JSON.stringify([live.system.providers.providers, live.system.providers.models]);
    if (now === drawn) return;
    // Names that we do not show were added elsewhere.
    const isOther = Object.keys(live.system.providers.providers).join('\n') !== providers.map((one) => one.name).join('\n');
    drawn = now;
    if (isOther) refresh().catch(() => {});
    else if (providers.length > 0) draw();
  });
  return listPage({element, list, values, refresh, showForm, off});
}
