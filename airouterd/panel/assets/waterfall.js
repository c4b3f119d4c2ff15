// Who was tried, when, for how long, what each did to health, and who was skipped and why.
import {h, scroller, table} from './dom.js';
import {attemptState, attemptWord, badge, dash, duration, milliseconds, seconds} from './format.js';
import {effectText, named, t} from './words.js';

// The step of a time axis with at most six ticks.
export function tickStep(total) {
  const power = 10 ** Math.floor(Math.log10(Math.max(total, 1) / 6));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => total / step <= 6) ?? power * 10;
}

const share = (value, total) => `${Math.min(100, Math.max(0, (value / total) * 100)).toFixed(2)}%`;

function bar(attempt, total) {
  const state = attemptState(attempt);
  const element = h('i', {
    class: `bar ${state}`,
    style: {left: share(attempt.start_ms, total), width: share(attempt.total_ms, total)},
  });
  // The first part of a good one is waiting for its first output.
  if (state === 'ok' && attempt.first_output_ms > 0)
    element.append(h('i', {class: 'wait', style: {width: share(attempt.first_output_ms, Math.max(attempt.total_ms, 1))}}));
  return element;
}

function track(attempt, total) {
  const step = tickStep(total);
  const ticks = [];
  for (let at = 0; at <= total; at += step) ticks.push(h('i', {class: 'grid', style: {left: share(at, total)}}));
  return h('div', {'class': 'track', 'aria-hidden': 'true'}, ticks, bar(attempt, total));
}

// Attempts that are told without their end have at least begun.
const totalOf = (request) => Math.max(request.total_ms ?? 0, ...request.attempts.map((one) => one.start_ms + one.total_ms), 1);

function axis(total) {
  const step = tickStep(total);
  const labels = [];
  for (let at = 0; at < total - step / 2; at += step)
    labels.push(h('span', {style: {left: share(at, total)}}, at === 0 ? '0' : duration(at)));
  return h(
    'div',
    {'class': 'attempt axis', 'aria-hidden': 'true'},
    h('div', {class: 'who'}),
    h('div', {class: 'track'}, labels),
    h('div', {class: 'what'}),
  );
}

const notes = (attempt) =>
  [attempt.last_resort && t('waterfall.last_resort'), attempt.probe && t('waterfall.probe')].filter(Boolean);

function row(attempt, total) {
  const effect = effectText(attempt.effect);
  return h(
    'li',
    {class: 'attempt'},
    h('div', {class: 'who'}, h('strong', attempt.provider), ' ', h('code', attempt.model)),
    track(attempt, total),
    h(
      'div',
      {class: 'what'},
      badge(attemptState(attempt), attemptWord(attempt)),
      ' ',
      h('span', {class: 'nowrap'}, duration(attempt.total_ms)),
      attempt.detail && h('div', {class: 'note'}, attempt.detail),
      notes(attempt).map((note) => h('div', {class: 'note'}, note)),
      effect && h('div', {class: 'note'}, `→ ${effect}`),
    ),
  );
}

export function skippedText(skipped) {
  const until = skipped.until_s > 0 ? ` ${seconds(skipped.until_s)}` : '';
  return `${skipped.provider} (${named('reason', skipped.reason)}${until})`;
}

function twin(request) {
  return h(
    'details',
    h('summary', t('chart.table')),
    scroller(
      t('waterfall.title'),
      table(
        t('waterfall.title'),
        ['provider', 'model', 'outcome', 'start', 'first_output', 'total', 'effect'].map((head) => t(`waterfall.${head}`)),
        request.attempts.map((one) => [
          one.provider,
          one.model,
          `${attemptWord(one)} ${one.detail ?? ''}`.trim(),
          milliseconds(one.start_ms),
          milliseconds(one.first_output_ms ?? NaN),
          milliseconds(one.total_ms),
          effectText(one.effect) || dash,
        ]),
      ),
    ),
  );
}

function summarise(request) {
  const failed = request.attempts.filter((one) => attemptState(one) === 'failed').length;
  const answered = request.attempts.find((one) => attemptState(one) === 'ok');
  if (!request.result) return t('waterfall.running', {n: failed});
  return answered
    ? t('waterfall.answered', {n: failed, provider: answered.provider})
    : t('waterfall.unanswered', {n: request.attempts.length});
}

export function waterfall(request) {
  const total = totalOf(request);
  return h(
    'div',
    {class: 'waterfall'},
    h('p', {class: 'unseen'}, summarise(request)),
    request.attempts.length > 0
      ? [
          axis(total),
          h(
            'ol',
            request.attempts.map((one) => row(one, total)),
          ),
        ]
      : h('p', {class: 'note'}, request.result ? t('waterfall.nobody') : t('waterfall.waiting')),
    request.attempts.length > 0 && !request.result && h('p', {class: 'note'}, t('waterfall.waiting')),
    request.skipped?.length > 0 &&
      h('p', {class: 'note wrap'}, `${t('waterfall.skipped')} ${request.skipped.map(skippedText).join(', ')}`),
    request.attempts.length > 0 && twin(request),
  );
}
