// Puts text into the clipboard: by the clipboard's own call, which plain http does not have; else as a selection that is
// copied; else the text is shown, selected, to be copied by hand.
import {button, h} from './dom.js';
import {say} from './shell.js';
import {t} from './words.js';

function copyBySelection(text) {
  const area = h('textarea', {'class': 'unseen', 'readonly': true, 'aria-hidden': 'true', 'value': text});
  (document.querySelector('dialog[open]') ?? document.body).append(area);
  const before = document.activeElement;
  area.select();
  let isCopied = false;
  try {
    isCopied = document.execCommand('copy');
  } catch {
    /* Not allowed: shown instead. */
  }
  area.remove();
  before?.focus();
  return isCopied;
}

function showForCopying(text) {
  const area = h('textarea', {'readonly': true, 'rows': 4, 'value': text, 'aria-label': t('copy.by_hand')});
  const dialog = h(
    'dialog',
    {'aria-label': t('copy.by_hand')},
    h('p', t('copy.by_hand')),
    area,
    h(
      'div',
      {class: 'line'},
      button(t('action.close'), () => dialog.close()),
    ),
  );
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  area.select();
}

export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    if (!copyBySelection(text)) return showForCopying(text);
  }
  say(t('copy.done'));
  return undefined;
}
