// Charts as SVG at the width there is, each with a sentence that says the same and a table for those who want the numbers.
import {fill, h, s, scroller, table} from './dom.js';
import {short} from './format.js';
import {t} from './words.js';

const height = 150,
  left = 40,
  bottom = 18,
  top = 8;

// The next round number, with halves that are round, too.
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  const tops = [1, 1.2, 1.6, 2, 3, 4, 6, 8, 10].map((step) => step * power);
  // There is a line at the half, too.
  return tops.find((top) => top >= value && (top === 1 || top % 2 === 0)) ?? value;
}

function frame(width, max, labels) {
  const plot = {x: left, width: width - left - 4, bottom: height - bottom};
  const y = (value) => plot.bottom - (value / max) * (plot.bottom - top);
  const lines = [0, max / 2, max]
    .filter((value) => max > 1 || value !== max / 2)
    .map((value) => [
      s('line', {class: 'grid', x1: left, x2: width - 4, y1: y(value), y2: y(value)}),
      s('text', {'class': 'tick', 'x': left - 6, 'y': y(value) + 3, 'text-anchor': 'end'}, short(value)),
    ]);
  const step = plot.width / labels.length;
  const every = step > 28 ? 2 : 4;
  const hours = labels.map(
    (label, index) =>
      index % every === 0 &&
      s('text', {'class': 'tick', 'x': left + step * (index + 0.5), 'y': height - 4, 'text-anchor': 'middle'}, label),
  );
  return {y, step, base: [lines, hours], x: (index) => left + step * index};
}

// A chart that draws itself anew when its data or its width changes.
function chart(title, {draw, summarise, heads, row, legend, empty = 'chart.empty'}) {
  const picture = h('div', {class: 'chart'});
  const summary = h('p', {class: 'note'});
  const numbers = scroller(title);
  const twin = h('details', h('summary', t('chart.table')), numbers);
  let data = [],
    width = 0;
  const redraw = () => {
    if (width < 80) return;
    const drawn = draw(data, width);
    fill(
      picture,
      drawn
        ? s(
            'svg',
            {'viewBox': `0 0 ${width} ${height}`, width, height, 'role': 'img', 'aria-label': `${title}. ${summarise(data)}`},
            drawn,
          )
        : h('p', {class: 'empty'}, t(empty)),
    );
  };
  new ResizeObserver(([entry]) => {
    const now = Math.floor(entry.contentRect.width);
    if (now !== width) {
      width = now;
      redraw();
    }
  }).observe(picture);
  const element = h(
    'section',
    {class: 'card'},
    h('h2', title),
    picture,
    legend && h('p', {class: 'legend'}, legend()),
    summary,
    twin,
  );
  return {
    element,
    update(next) {
      if (JSON.stringify(next) === JSON.stringify(data)) return;
      data = next;
      redraw();
      summary.textContent = summarise(data);
      fill(numbers, table(title, heads(), data.map(row)));
    },
  };
}

export const labelOf = (hour) =>
  String(hour.hour)
    .replace(/^.*[T ](\d\d).*$/, '$1')
    .padStart(2, '0')
    .slice(-2);

const kinds = ['ok', 'rescued', 'failed'];

function drawBars(hours, width) {
  const most = Math.max(0, ...hours.map((hour) => hour.ok + hour.rescued + hour.failed));
  if (most === 0) return null;
  const {y, x, step, base} = frame(width, roundUp(most), hours.map(labelOf));
  const bars = hours.map((hour, index) => {
    let sum = 0;
    return kinds.map((kind) => {
      const from = sum;
      sum += hour[kind];
      if (hour[kind] === 0) return null;
      // A lone failure among thousands is still seen.
      const tall = Math.max(y(from) - y(sum), 2);
      const box = {x: x(index) + 1, width: Math.max(step - 2, 1), y: y(from) - tall, height: tall, rx: 1.5};
      return [s('rect', {class: `fill ${kind}`, ...box}), kind === 'failed' && s('rect', {fill: 'url(#hatch)', ...box})];
    });
  });
  return [hatch(), base, bars];
}

const hatch = () =>
  s(
    'defs',
    s(
      'pattern',
      {id: 'hatch', width: 5, height: 5, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)'},
      s('rect', {class: 'hatch', width: 2, height: 5}),
    ),
  );

export function hourChart(legend) {
  const total = (hours, kind) => hours.reduce((sum, hour) => sum + hour[kind], 0);
  return chart(t('overview.per_hour'), {
    draw: drawBars,
    legend,
    summarise: (hours) =>
      t('chart.hours', {
        ok: short(total(hours, 'ok')),
        rescued: short(total(hours, 'rescued')),
        failed: short(total(hours, 'failed')),
      }),
    heads: () => [t('chart.hour'), ...kinds.map((kind) => t(`state.${kind}`))],
    row: (hour) => [labelOf(hour), ...kinds.map((kind) => short(hour[kind]))],
  });
}

const lines = ['p50_ms', 'p95_ms'];

// Gaps stay gaps: an hour that says nothing is not a fast one.
function drawLines(hours, width) {
  const values = hours.flatMap((hour) => lines.map((line) => hour[line])).filter(Number.isFinite);
  if (values.length === 0) return null;
  const {y, x, step, base} = frame(width, roundUp(Math.max(...values)), hours.map(labelOf));
  const paths = lines.map((line) => {
    const points = hours.map((hour, index) => (Number.isFinite(hour[line]) ? [x(index) + step / 2, y(hour[line])] : null));
    const path = points.map((point, index) =>
      point ? `${points[index - 1] ? 'L' : 'M'}${point[0].toFixed(1)} ${point[1].toFixed(1)}` : '',
    );
    // A dot for each hour: one between two silent ones is seen, too.
    const dots = points.filter(Boolean).map(([cx, cy]) => s('circle', {class: `dot-${line}`, cx, cy, r: 2.2}));
    return [s('path', {class: `line-${line}`, d: path.join('')}), dots];
  });
  return [base, paths];
}

export function speedChart(legend) {
  const known = (hours) => hours.filter((hour) => Number.isFinite(hour.p50_ms)).map((hour) => hour.p50_ms);
  return chart(t('overview.speed'), {
    draw: drawLines,
    legend,
    empty: 'chart.too_few',
    summarise: (hours) =>
      known(hours).length === 0
        ? ''
        : t('chart.speeds', {
            low: short(Math.min(...known(hours))),
            high: short(Math.max(...known(hours))),
            n: known(hours).length,
          }),
    heads: () => [t('chart.hour'), 'p50 ms', 'p95 ms'],
    row: (hour) => [labelOf(hour), ...lines.map((line) => short(hour[line] ?? NaN))],
  });
}
