// How providers stand, as /stats tells it: a badge with a countdown, and the way to reset.
import {part, post} from './api.js';
import {countDown} from './countdown.js';
import {busyWhile, button, h} from './dom.js';
import {badge, seconds} from './format.js';
import {live, refreshSystem} from './live.js';
import {complain, say} from './shell.js';
import {named, t} from './words.js';

export const conditions = () => live.system?.providers?.providers ?? {};
export const modelConditions = () => live.system?.providers?.models ?? {};

// When what cools is tried again. The server rounds up to whole seconds and tells them every few: the earliest moment that these
// allow is kept, so that no second comes twice.
const ends = new Map();
function endOf(name, left) {
  const end = live.systemAt + left * 1000,
    known = ends.get(name);
  if (!(Math.abs(end - known) < 2000 && known < end)) ends.set(name, end);
  return ends.get(name);
}

function coolingBadge(name, left, text) {
  const element = badge('cooling', text);
  if (left > 0 && left < Infinity)
    countDown(element.lastChild, (endOf(name, left) - Date.now()) / 1000, (place, rest) => {
      const now = [text, seconds(rest)].filter(Boolean).join(' ');
      if (place.textContent !== now) place.textContent = now;
    });
  return element;
}

export function modelBadge(provider, model) {
  const name = `${provider}:${model}`;
  const condition = modelConditions()[name];
  if (!condition || condition.status === 'healthy') return null;
  const left = condition.cooldown_remaining_s;
  return condition.status === 'cooling' && left > 0 ? coolingBadge(name, left, '') : badge(condition.status);
}

// Which of a provider's models is back first.
const soonest = (provider) =>
  Math.min(
    ...Object.entries(modelConditions())
      .filter(([name]) => name.startsWith(`${provider}:`))
      .map(([, one]) => one.cooldown_remaining_s || Infinity),
  );

// A provider whose models cool is up, with something to say.
export function stateBadge(name) {
  const condition = conditions()[name];
  if (!condition) return badge('off', t('state.unknown'));
  if (condition.status === 'cooling') return coolingBadge(name, condition.cooldown_remaining_s, t('state.cooling'));
  return condition.status === 'healthy' && condition.models_cooling > 0
    ? coolingBadge(`${name}:`, soonest(name), t('state.models_cooling', {n: condition.models_cooling}))
    : badge(condition.status);
}

export const reasonText = (condition) =>
  [named('kind', condition?.cooldown_reason), condition?.last_error].filter(Boolean).join(' · ');

export const canReset = (condition) =>
  Boolean(condition) &&
  (['cooling', 'probing', 'permanently_disabled'].includes(condition.status) || condition.models_cooling > 0);

export function resetButton(name, properties = {}) {
  const element = button(
    t('action.reset'),
    () =>
      busyWhile(element, async () => {
        try {
          await post(`api/admin/reset/${part(name)}`);
          say(t('provider.was_reset', {name}));
          refreshSystem();
        } catch (error) {
          complain(error);
        }
      }),
    {'aria-label': t('provider.reset', {name}), ...properties},
  );
  return element;
}

export function resetAllButton() {
  const element = button(t('action.reset_all'), () =>
    busyWhile(element, async () => {
      try {
        await post('api/admin/reset-all');
        say(t('provider.all_reset'));
        refreshSystem();
      } catch (error) {
        complain(error);
      }
    }),
  );
  return h('span', element);
}

// The demonstration's own: makes a provider fail for a minute.
export function tripButton(name) {
  const element = button(
    t('demo.trip'),
    () =>
      busyWhile(element, async () => {
        try {
          const {model} = await post(`api/demo/trip/${part(name)}`);
          say(t('demo.tripped', {name}), {tone: 'rescued'});
          // Somebody must ask, or nobody notices.
          await post('api/playground', {model, messages: [{role: 'user', content: 'Hi'}]});
          refreshSystem();
        } catch (error) {
          complain(error);
        }
      }),
    {'aria-label': t('demo.trip_name', {name})},
  );
  return element;
}
