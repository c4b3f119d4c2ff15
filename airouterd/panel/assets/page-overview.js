// Is it working? Counts, hours, providers and models, all of them live. Without a provider, the way to the first one.
import {get} from './api.js';
import {hourChart, labelOf, speedChart} from './chart.js';
import {busyWhile, button, fill, h, refill, scroller, table} from './dom.js';
import {badge, dash, mark, milliseconds, number, percent, short} from './format.js';
import {live, on, refreshSystem} from './live.js';
import {canReset, conditions, reasonText, resetAllButton, resetButton, stateBadge, tripButton} from './provider-state.js';
import {cannotLoad, card, errorText, go, linkTo, pageHead, stat} from './shell.js';
import {loadMoreWords, t} from './words.js';

// Fewer say nothing about how slow the slowest twentieth is.
const samplesMin = 20;

const legend = () => ['ok', 'rescued', 'failed'].map((kind) => h('span', mark(kind), ` ${t(`state.${kind}`)}`));
const speedLegend = () => [h('span', h('i', {class: 'key-p50'}), ' p50'), h('span', h('i', {class: 'key-p95'}), ' p95')];

function statCards(totals) {
  const stats = live.system?.providers,
    keys = live.system?.api_keys;
  const answered = totals.ok + totals.rescued;
  const speeds =
    answered >= samplesMin && Number.isFinite(totals.first_output_p50_ms)
      ? [[milliseconds(totals.first_output_p50_ms), ' / ', milliseconds(totals.first_output_p95_ms)], 'ms']
      : [h('span', {class: 'small'}, t('overview.too_few', {n: samplesMin}))];
  return [
    stat(t('overview.requests'), short(totals.requests)),
    stat(t('overview.success'), percent(answered, answered + totals.failed)),
    stat(t('overview.rescued'), short(totals.rescued)),
    stat(t('overview.providers_up'), stats ? `${stats.available_providers}/${stats.total_providers}` : '–'),
    stat(t('overview.keys'), keys ? `${keys.enabled_keys}/${keys.total_keys}` : '–'),
    stat(t('overview.tokens'), Number.isFinite(totals.tokens_in) ? short(totals.tokens_in + totals.tokens_out) : '–'),
    stat(t('overview.first_output'), ...speeds),
  ];
}

// Only what does not mend itself.
function banner() {
  const stats = live.system?.providers,
    log = live.system?.logs;
  if (!stats) return null;
  const broken = Object.entries(stats.providers).filter(([, condition]) => condition.status === 'permanently_disabled');
  const nobody = stats.total_providers > 0 && stats.available_providers === 0;
  const lost =
    log?.is_healthy === false &&
    h(
      'div',
      {class: 'banner', role: 'alert'},
      h('strong', t('overview.log_lost')),
      h('span', t('overview.log_hint', {n: log.lost_records})),
    );
  if (broken.length === 0 && !nobody) return lost;
  return [
    lost,
    h(
      'div',
      {class: 'banner', role: 'alert'},
      h('strong', nobody ? t('overview.nobody_up') : t('overview.attention', {n: broken.length})),
      broken.slice(0, 4).map(([name, condition]) => h('span', {class: 'wrap'}, `${name} · ${reasonText(condition)}`)),
      resetAllButton(),
    ),
  ];
}

const cellState = ({ok, failed}) => (ok + failed === 0 ? 'none' : failed === 0 ? 'ok' : ok === 0 ? 'failed' : 'rescued');

const total = (providers, kind) => providers.flatMap(({cells = []}) => cells).reduce((sum, cell) => sum + cell[kind], 0);
const stripText = (providers) =>
  t('overview.strip', {ok: number(total(providers, 'ok')), failed: number(total(providers, 'failed'))});

// The strips as numbers: attempts that were answered, and that failed.
const stripTable = ({providers, hours}) =>
  table(
    t('overview.health'),
    [t('chart.hour'), ...providers.map(({name}) => h('span', {class: 'wrap'}, name))],
    hours.map((hour, index) => [
      labelOf(hour),
      ...providers.map(({cells}) => {
        const {ok = 0, failed = 0} = cells?.[index] ?? {};
        return ok + failed > 0 ? `${number(ok)} / ${number(failed)}` : dash;
      }),
    ]),
  );

function providerRows(providers) {
  const known = conditions();
  return h(
    'ul',
    {class: 'rows'},
    providers.map((provider) => {
      const condition = known[provider.name];
      return h(
        'li',
        {class: 'provider-row'},
        h('strong', {class: 'wrap'}, linkTo('providers', {show: provider.name}, provider.name)),
        h(
          'div',
          {'class': 'strip', 'role': 'img', 'aria-label': stripText([provider])},
          provider.cells?.map((cell) => h('i', {class: cellState(cell)})),
        ),
        h(
          'span',
          {class: 'line'},
          condition ? stateBadge(provider.name) : badge(provider.state),
          canReset(condition) && resetButton(provider.name),
          live.system?.demo && condition?.status === 'healthy' && tripButton(provider.name),
        ),
      );
    }),
  );
}

function modelRows(models) {
  const sum = models.reduce((total, model) => total + model.requests, 0);
  if (sum === 0) return h('p', {class: 'empty'}, t('chart.empty'));
  return h(
    'ul',
    {class: 'rows'},
    [...models]
      .sort((a, b) => b.requests - a.requests)
      .slice(0, 8)
      .map((model) =>
        h(
          'li',
          {class: 'share-row'},
          h('code', {class: 'wrap'}, model.name),
          h('span', `${number(model.requests)} · ${percent(model.requests, sum)}`),
          h('div', {class: 'share'}, h('i', {style: {width: `${(model.requests / sum) * 100}%`}})),
        ),
      ),
  );
}

// Stands here while there is no provider. What asks for one comes when it is wanted.
const wizardCard = () =>
  h(
    'section',
    {class: 'card empty'},
    h('h2', t('wizard.none_yet')),
    h('p', t('wizard.invitation')),
    button(t('wizard.title'), () => go('overview', {add: 1}), {'class': 'primary', 'data-key': 'n'}),
  );

const startAdding = (place) =>
  busyWhile(place, async () => {
    const [{openWizard}, {leaveForm}] = await Promise.all([import('./wizard.js'), import('./list-page.js'), loadMoreWords()]);
    const leave = leaveForm('overview');
    openWizard(() => {
      leave();
      refreshSystem();
    });
  })?.catch(cannotLoad);

export function open(values) {
  let range = values.range === '24h' ? '24h' : 'today';
  let overview = null,
    timer = 0,
    askedAt = 0,
    isLeft = false;
  const element = h('div');
  const notice = h('div'),
    state = h('div'),
    stats = h('dl', {class: 'stats'}),
    providers = h('div'),
    models = h('div'),
    sums = h('p', {class: 'legend'}),
    cells = scroller(t('overview.health'));
  const twin = h('details', {ontoggle: () => redraw()}, h('summary', t('chart.table')), cells);
  const hours = hourChart(legend),
    speeds = speedChart(speedLegend);
  const toggle = h('div', {'class': 'toggle', 'role': 'group', 'aria-label': t('overview.range')});

  function drawToggle() {
    fill(
      toggle,
      ['today', '24h'].map((value) =>
        button(t(`overview.${value}`), () => go('overview', {range: value === '24h' ? value : ''}), {
          'aria-pressed': String(range === value),
        }),
      ),
    );
  }

  // What is the same stays: focus, open tables and what is being read are kept.
  const drawn = new Map();
  function draw(place, key, build) {
    const text = JSON.stringify(key);
    if (drawn.get(place) === text) return;
    drawn.set(place, text);
    refill(place, build());
  }

  function redraw() {
    const system = live.system?.providers;
    if (!overview) return;
    draw(
      notice,
      system && [
        system.available_providers,
        live.system.logs?.is_healthy,
        live.system.logs?.lost_records,
        Object.entries(system.providers).map(([name, one]) => [name, one.status, one.last_error]),
      ],
      banner,
    );
    fill(stats, statCards(overview.totals));
    hours.update(overview.hours);
    speeds.update(
      overview.hours.map((hour) => (hour.ok + hour.rescued >= samplesMin ? hour : {...hour, p50_ms: null, p95_ms: null})),
    );
    draw(providers, [overview.providers, system?.providers], () => providerRows(overview.providers));
    draw(models, overview.models, () => modelRows(overview.models));
    const text = stripText(overview.providers);
    if (sums.textContent !== text) sums.textContent = text;
    if (twin.open) draw(cells, [overview.providers, overview.hours], () => stripTable(overview));
  }

  function showFrame() {
    if (live.system?.providers.total_providers === 0) return fill(element, pageHead(t('nav.overview')), wizardCard());
    drawToggle();
    return fill(
      element,
      pageHead(t('nav.overview'), toggle),
      notice,
      state,
      stats,
      h('div', {class: 'pair'}, hours.element, speeds.element),
      h('div', {class: 'pair'}, card(t('overview.health'), providers, sums, twin), card(t('overview.share'), models)),
    );
  }

  async function ask() {
    timer = 0;
    askedAt = Date.now();
    try {
      overview = await get(`api/overview?range=${range}`);
      if (isLeft) return;
      fill(state);
      redraw();
      painted();
    } catch (error) {
      if (overview || isLeft || error.status === 401) return;
      fill(
        state,
        h(
          'div',
          {class: 'card empty', role: 'alert'},
          h('p', t('state.failed_to_load')),
          h('p', {class: 'note'}, errorText(error)),
          button(t('action.retry'), ask),
        ),
      );
    }
  }

  // For whoever wants to know how long the first look takes.
  let painted = () => {
    painted = () => {};
    requestAnimationFrame(() => setTimeout(() => performance.mark('overview')));
  };

  // Busy servers are asked once a second at most.
  const askSoon = () => {
    timer ||= setTimeout(ask, Math.max(100, askedAt + 1000 - Date.now()));
  };

  let wasEmpty = live.system?.providers.total_providers === 0;
  const listening = [
    on('events', (list) => {
      if (list.some((one) => one.event === 'end')) askSoon();
    }),
    on('resync', ({isFirst}) => {
      if (!isFirst) askSoon();
    }),
    on('system', () => {
      const isEmpty = live.system.providers.total_providers === 0;
      if (isEmpty !== wasEmpty && !document.querySelector('dialog[open]')) {
        wasEmpty = isEmpty;
        showFrame();
      }
      // Others may have added or removed some.
      if (overview && Object.keys(live.system.providers.providers).length !== overview.providers.length) askSoon();
      redraw();
    }),
  ];
  // Midnight, and requests that others counted.
  const slow = setInterval(askSoon, 30_000);
  fill(state, h('div', {class: 'card empty', role: 'status'}, t('state.loading')));
  showFrame();
  ask();

  return {
    element,
    go(next) {
      for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close();
      range = next.range === '24h' ? '24h' : 'today';
      drawToggle();
      ask();
      if (next.add) startAdding(element);
    },
    shown() {
      if (values.add) startAdding(element);
    },
    leave() {
      isLeft = true;
      clearInterval(slow);
      clearTimeout(timer);
      for (const off of listening) off();
    },
  };
}
