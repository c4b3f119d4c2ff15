// Dialogs and the forms in them. The browser's own <dialog> keeps the focus inside; it goes back to where it came from.
import {button, busyWhile, fill, h, named, nameOf} from './dom.js';
import {errorText} from './shell.js';
import {t} from './words.js';

let count = 0;

// Shows a dialog; returns it. `onclose` is called once it is gone.
export function openDialog(title, content, {onclose = () => {}, wide = false} = {}) {
  const from = document.activeElement ?? document.body;
  const name = nameOf(from);
  const id = `dialog-${++count}`;
  const dialog = h(
    'dialog',
    {'aria-labelledby': id, 'class': wide ? 'wide' : ''},
    h('h2', {id}, title),
    content,
    h('div', {class: 'toasts', role: 'status'}),
  );
  dialog.addEventListener('close', () => {
    dialog.remove();
    onclose();
    const back = from.isConnected ? from : named(document, name);
    (back ?? document.getElementById('main'))?.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

// Asks before something is lost; `effect` says what. Resolves to whether to go on.
export function confirmed(title, effect, action) {
  return new Promise((resolve) => {
    let isSure = false;
    const dialog = openDialog(
      title,
      [
        h('p', effect),
        h(
          'div',
          {class: 'line end'},
          button(t('action.cancel'), () => dialog.close(), {autofocus: true}),
          button(
            action,
            () => {
              isSure = true;
              dialog.close();
            },
            {class: 'danger'},
          ),
        ),
      ],
      {onclose: () => resolve(isSure)},
    );
  });
}

// A labelled control with a place for its error. `control` is an input, select or textarea.
export function field(name, label, control, hint) {
  const id = `field-${++count}`;
  control.id = id;
  control.name = name;
  const error = h('p', {class: 'error', id: `${id}-error`});
  const note = hint && h('p', {class: 'note', id: `${id}-hint`}, hint);
  control.setAttribute('aria-describedby', `${note ? `${id}-hint ` : ''}${id}-error`);
  return {
    name,
    control,
    element: h('div', {class: 'field'}, h('label', {for: id}, label), control, note, error),
    complain(text) {
      error.textContent = text;
      if (text) control.setAttribute('aria-invalid', 'true');
      else control.removeAttribute('aria-invalid');
    },
  };
}

export const textInput = (value = '', more = {}) =>
  h('input', {type: 'text', value, autocomplete: 'off', spellcheck: 'false', ...more});
export const numberInput = (value, more = {}) => h('input', {type: 'number', value: value ?? '', ...more});
export const checkbox = (value) => h('input', {type: 'checkbox', checked: value});

// Names that are entered one a line; commas part them, too, but for those of a name that was there before.
export const namesIn = (text, before = []) =>
  text.split('\n').flatMap((line) => (before.includes(line) ? [line] : line.split(',').map((one) => one.trim()))).filter(Boolean);

// What of some values is not as it was.
export const changes = (before, now) =>
  Object.fromEntries(Object.entries(now).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name])));

// Where a complaint belongs, and what it says there: "weight", "models/3", "/providers/0/weight".
function placed({field, where, message}, fields) {
  const names = String(field || where || '').split('/');
  const owner = [field, names[0], names.at(-1)].map((name) => fields.find((one) => one.name === name)).find(Boolean);
  const isEntry = owner?.name === names[0] && /^\d+$/.test(names[1]);
  return [owner, isEntry ? t('form.entry', {n: Number(names[1]) + 1, message}) : message];
}

// The server's complaints go to their fields, in its own words; the rest above the buttons.
export function showProblems(error, fields, place) {
  const rest = [];
  const told = new Map(fields.map((one) => [one, []]));
  for (const problem of error.problems ?? []) {
    const [owner, text] = placed(problem, fields);
    (told.get(owner) ?? rest).push(text);
  }
  for (const [one, texts] of told) one.complain(texts.join('\n'));
  if (!error.problems?.length || rest.length > 0) fill(place, rest.length > 0 ? rest.join('\n') : errorText(error));
  fields.find((one) => one.control.getAttribute('aria-invalid'))?.control.focus();
}

// A form with its buttons. `save` throws ApiError to keep it open. `content`: the fields' elements, where they do not simply
// stand below each other.
export function form(
  fields,
  save,
  {action = t('action.save'), close, more = [], content = fields.map((one) => one.element)} = {},
) {
  const problem = h('p', {class: 'error', role: 'alert'});
  const submit = h('button', {type: 'submit', class: 'primary'}, action);
  return h(
    'form',
    {
      novalidate: true,
      onsubmit: (event) => {
        event.preventDefault();
        fill(problem);
        for (const one of fields) one.complain('');
        busyWhile(submit, () => save().catch((error) => showProblems(error, fields, problem)));
      },
    },
    content,
    more,
    problem,
    h('div', {class: 'line end'}, close && button(t('action.cancel'), close), submit),
  );
}
