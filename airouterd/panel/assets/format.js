// Numbers, times and states as people read them.
import {h} from './dom.js';
import {language, named, t} from './words.js';

const locale = () => (language() === 'zh' ? 'zh-CN' : 'en-GB');
export const dash = '–';

export const number = (value) => (Number.isFinite(value) ? value.toLocaleString(locale()) : dash);

export function short(value) {
  if (!Number.isFinite(value)) return dash;
  if (value < 10_000) return number(value);
  const [unit, name] = value < 1e6 ? [1e3, 'k'] : value < 1e9 ? [1e6, 'M'] : [1e9, 'G'];
  return (value / unit).toFixed(value / unit < 100 ? 1 : 0) + name;
}

export function percent(part, whole) {
  if (!(whole > 0)) return dash;
  const tenths = Math.floor((part / whole) * 1000);
  return part > 0 && tenths === 0 ? '< 0.1%' : `${(tenths / 10).toFixed(part === whole ? 0 : 1)}%`;
}

export const milliseconds = (value) => (Number.isFinite(value) ? number(Math.round(value)) : dash);

// A number that comes as milliseconds, with its unit; minutes and hours where they say more.
export function duration(value) {
  if (!Number.isFinite(value)) return dash;
  return value < 60_000 ? `${milliseconds(value)} ms` : seconds(value / 1000);
}

export function seconds(value) {
  const whole = Math.max(0, Math.ceil(value));
  const [unit, size] = whole < 120 ? ['s', 1] : whole < 7200 ? ['min', 60] : whole < 172_800 ? ['h', 3600] : ['d', 86_400];
  return `${Math.floor(whole / size)} ${t(`unit.${unit}`)}`;
}

// Unix seconds.
// The day is said where it is not today.
export function moment(time) {
  const at = new Date(time * 1000);
  const clock = at.toLocaleTimeString('en-GB');
  return at.toDateString() === new Date().toDateString()
    ? clock
    : `${at.toLocaleDateString(locale(), {dateStyle: 'medium'})} ${clock}`;
}
export const ago = (time) => (time ? t('time.ago', {time: seconds(Date.now() / 1000 - time)}) : t('time.never'));

// Every state and result has a shape, a tone and a word: colour alone tells nothing.
const shapes = {ok: '●', rescued: '◐', failed: '✕', off: '○', running: '◌'};
const tones = {
  ok: 'ok',
  healthy: 'ok',
  rescued: 'rescued',
  cooling: 'rescued',
  probing: 'rescued',
  failed: 'failed',
  permanently_disabled: 'failed',
  disabled: 'failed',
  off: 'off',
  cancelled: 'off',
  running: 'running',
};
export const toneOf = (state) => tones[state] ?? 'off';
export const shapeOf = (state) => shapes[toneOf(state)];

export function mark(state) {
  return h('span', {'class': `mark ${toneOf(state)}`, 'aria-hidden': 'true'}, shapeOf(state));
}

export function badge(state, text = named('state', state)) {
  return h('span', {class: `badge ${toneOf(state)}`}, mark(state), h('span', text));
}

// A request that goes on has no result yet.
export const resultOf = (request) => request.result ?? 'running';

export const attemptState = (attempt) =>
  !attempt.kind || attempt.kind === 'none' ? 'ok' : attempt.kind === 'cancelled' ? 'off' : 'failed';

// What a person calls the failure: the status if the provider gave one, else the kind.
export const attemptWord = (attempt) =>
  attempt.status && attempt.status !== 200
    ? String(attempt.status)
    : attemptState(attempt) === 'ok'
      ? String(attempt.status || 200)
      : named('kind', attempt.kind);
