// What pages have in common that show one list and edit its entries in forms; forms are part of the address.
import {go, load} from './shell.js';

// `refresh` reads the list and draws it into `list`; `showForm` opens what the address says, if anything; `off` ends listening.
export function listPage({element, list, values, refresh, showForm, off, go: next = showForm}) {
  load(list, async () => {
    await refresh();
    setTimeout(() => showForm(values));
    return [...list.childNodes];
  });
  return {
    element,
    leave: off,
    // Who goes back leaves the form behind.
    go(values) {
      for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close();
      next(values);
    },
  };
}

// What goes back to the list once the form that the address names now is closed, unless somebody went elsewhere.
export function leaveForm(name, values = () => ({})) {
  const own = location.hash;
  return () => {
    if (location.hash === own && own.startsWith(`#/${name}?`)) go(name, values());
  };
}
