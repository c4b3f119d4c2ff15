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

// A provider whose models cool is up, with something to say.
export function stateBadge(condition) {
  if (!condition) return badge('off', t('state.unknown'));
  const left = condition.cooldown_remaining_s;
  const isPartly = condition.status === 'healthy' && condition.models_cooling > 0;
  const element = isPartly ? badge('cooling', t('state.models_cooling', {n: condition.models_cooling})) : badge(condition.status);
  if (condition.status === 'cooling' && left > 0)
    countDown(element.lastChild, left, (place, rest) => {
      place.textContent = `${t('state.cooling')} ${seconds(rest)}`;
    });
  return element;
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
