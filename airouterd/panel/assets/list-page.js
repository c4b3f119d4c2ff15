// What pages have in common that show one list and edit its entries in forms; forms are part of the address.
import {go, load} from './shell.js';

// `refresh` reads the list and draws it into `list`; `showForm` opens what the address says, if anything; `off` ends listening.
export function listPage({element, list, values, refresh, showForm, off, go: next = showForm}) {
  load(list, async () => {
    await refresh();
    setTimeout(() => showForm(values));
    return [...list.childNodes];
  });
  return {element, go: next, leave: off};
}

// Back to the list once its form is closed, unless somebody went elsewhere.
export function leaveForm(name) {
  if (location.hash.startsWith(`#/${name}?`)) go(name);
}
