// Starts the panel: words, theme, who may see it; then shows the page that the address names.
import {get, isRefusal, setToken, tokenKey, takeTokenFromAddress, whenRefused} from './api.js';
import {on, startLive, stopLive} from './live.js';
import {buildShell, pageNames, showPage} from './shell.js';
import {loadMoreWords, loadWords} from './words.js';

let shell = null;
let mounted = {name: '', page: null};
let turn = 0;
let isLive = false;

const theme = localStorage.getItem('airouter.theme');
if (theme) document.documentElement.dataset.theme = theme;

export function place() {
  const [name, search = ''] = location.hash.replace(/^#\/?/, '').split('?');
  return {name: pageNames.includes(name) ? name : 'overview', values: Object.fromEntries(new URLSearchParams(search))};
}

async function show() {
  const {name, values} = place();
  if (mounted.name === name && mounted.page?.go) return mounted.page.go(values);
  const mine = ++turn;
  let page;
  try {
    if (!['overview', 'requests'].includes(name)) await loadMoreWords();
    const module = await import(`./page-${name}.js`);
    if (mine !== turn) return undefined;
    mounted.page?.leave?.();
    mounted = {name, page: null};
    page = module.open(values);
  } catch (error) {
    // After an update of the server its files have other names.
    console.warn(String(error));
    const {outdated} = await import('./notice.js');
    page = outdated();
  }
  mounted = {name, page};
  showPage(shell, name, page);
  return undefined;
}

async function showLogin(refusal) {
  ++turn;
  mounted.page?.leave?.();
  mounted = {name: '', page: null};
  const {openLogin} = await import('./login.js');
  openLogin(refusal, (token) => {
    setToken(token);
    start();
  });
}

// Another tab may log out and in again before the first answer is there: the last start counts.
let starts = 0;
async function start() {
  const mine = ++starts;
  document.body.replaceChildren();
  shell = buildShell({
    redraw: start,
    logOut: () => {
      // What still waits is sent with the token that there is.
      window.dispatchEvent(new Event('logout'));
      setToken('');
      stopLive();
      isLive = false;
      start();
    },
  });
  document.body.append(shell.element);
  mounted.page?.leave?.();
  mounted = {name: '', page: null};
  if (!isLive) {
    let system = null;
    try {
      system = await get('api/admin/system-stats');
    } catch (error) {
      if (isRefusal(error)) return;
    }
    if (mine !== starts) return;
    isLive = true;
    startLive(system);
  }
  await show();
}

// Several calls may be refused at once; one form is enough.
whenRefused((error) => {
  stopLive();
  isLive = false;
  if (shell?.element.isConnected) showLogin(error);
});
// Another tab has logged in or out.
window.addEventListener('storage', (event) => {
  if (event.key !== tokenKey) return;
  isLive = false;
  start();
});
takeTokenFromAddress();
await loadWords();
// What keys do is learnt with the first of them; all wait for the same promise, so that they come in order.
let shortcuts = null;
document.addEventListener('keydown', (event) => {
  const isTyping = event.target.closest?.('input, textarea, select, dialog');
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  if (localStorage.getItem('airouter.keys') === 'off') return; // by the help's switch
  // A browser's own search would take it before we know.
  if (event.key === '/') event.preventDefault();
  shortcuts ??= import('./shortcuts.js');
  shortcuts.then(
    ({onKey}) => onKey(event),
    () => {
      shortcuts = null;
    },
  );
});
window.addEventListener('hashchange', () => {
  if (location.hash.startsWith('#token=')) {
    takeTokenFromAddress();
    start();
  } else if (shell?.element.isConnected) {
    show();
  }
});
on('link', (isOnline) => shell?.setLink(isOnline));
on('system', (system) => shell?.setSystem(system));
await start();
