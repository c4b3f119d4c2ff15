// What the keyboard does, and the list of it.
import {button, h} from './dom.js';
import {go} from './shell.js';
import {loadMoreWords, t} from './words.js';

const letters = {o: 'overview', r: 'requests', p: 'providers', m: 'routes', k: 'keys', t: 'playground', s: 'settings'};
const kept = 'airouter.keys';
let isGoing = false,
  goingTimer = 0;

// A key that was pressed outside of fields and dialogs.
export function onKey(event) {
  if (isGoing && letters[event.key]) {
    isGoing = false;
    go(letters[event.key]);
  } else if (event.key === 'g') {
    isGoing = true;
    clearTimeout(goingTimer);
    goingTimer = setTimeout(() => {
      isGoing = false;
    }, 1200);
  } else if (event.key === '?') {
    openHelp();
  } else if (event.key === '/') {
    focusFilter();
  } else if (event.key === 'j' || event.key === 'k') {
    step(event.key === 'j' ? 1 : -1);
  } else if (event.key === 'n' || event.key === 'u') {
    // What can be undone: the last of it.
    [...document.querySelectorAll(`[data-key="${event.key}"]`)].at(-1)?.click();
  }
}

function focusFilter() {
  const filter = document.querySelector('input[type=search]');
  if (filter) filter.focus();
  else go('requests');
}

// From row to row of a list.
function step(by) {
  const rows = [...document.querySelectorAll('.opener')];
  if (rows.length === 0) return;
  const at = rows.indexOf(document.activeElement);
  rows[Math.min(rows.length - 1, Math.max(0, at + by))].focus();
}

export async function openHelp() {
  const {checkbox, openDialog} = await import('./dialog.js');
  await loadMoreWords().catch(() => undefined); // the server may be away
  // Who speaks to the machine, or hits keys by mistake, must be able to turn them off: WCAG 2.1.4.
  const box = checkbox(localStorage.getItem(kept) !== 'off');
  box.addEventListener('change', () => (box.checked ? localStorage.removeItem(kept) : localStorage.setItem(kept, 'off')));
  const line = (keys, text) =>
    h(
      'li',
      keys.map((key) => h('kbd', key)),
      h('span', text),
    );
  const dialog = openDialog(t('help.title'), [
    h(
      'ul',
      {class: 'keys'},
      Object.entries(letters).map(([letter, name]) => line(['g', letter], t(`nav.${name}`))),
      line(['/'], t('help.filter')),
      line(['j', 'k'], t('help.rows')),
      line(['Enter'], t('help.open')),
      line(['n'], t('help.new')),
      line(['u'], t('action.undo')),
      line(['?'], t('help.title')),
      line(['Esc'], t('action.close')),
    ),
    h(
      'div',
      {class: 'line end'},
      h('label', {class: 'line'}, box, t('help.keys')),
      button(t('action.close'), () => dialog.close(), {autofocus: true}),
    ),
  ]);
}
