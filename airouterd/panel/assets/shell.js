// The frame around every page: navigation, the notice that the connection is lost, and short messages.
import {token} from './api.js';
import {button, fill, h, icon} from './dom.js';
import {live} from './live.js';
import {language, languages, setLanguage, t} from './words.js';

export const pageNames = ['overview', 'requests', 'providers', 'routes', 'keys', 'playground', 'settings'];

// Every state of a page has an address.
export function addressOf(name, values = {}) {
  const search = new URLSearchParams(Object.entries(values).filter(([, value]) => value));
  return `#/${name}${search.size ? `?${search}` : ''}`;
}

export function go(name, values) {
  location.hash = addressOf(name, values);
}

export const linkTo = (name, values, ...content) => h('a', {href: addressOf(name, values)}, content);

export function setTheme(theme) {
  if (theme) localStorage.setItem('airouter.theme', theme);
  else localStorage.removeItem('airouter.theme');
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

const isDark = () =>
  (document.documentElement.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';

async function switchLanguage(redraw) {
  await setLanguage(language() === 'zh' ? 'en' : 'zh');
  redraw();
}

function navigation(more) {
  const entries = pageNames.map((name) =>
    h('li', {class: `at-${name}`}, h('a', {href: `#/${name}`}, icon(name), h('span', t(`nav.${name}`)))),
  );
  entries.push(h('li', {class: 'at-more'}, more));
  return h('nav', {'aria-label': t('nav.label')}, h('ul', entries));
}

// The pages that have no room of their own on a phone.
function openMore(tools) {
  const dialog = h(
    'dialog',
    {'class': 'sheet', 'aria-label': t('nav.more')},
    h(
      'ul',
      ['routes', 'playground', 'settings'].map((name) =>
        h('li', h('a', {href: `#/${name}`, onclick: () => dialog.close()}, icon(name), h('span', t(`nav.${name}`)))),
      ),
    ),
    h(
      'div',
      {class: 'line'},
      tools(),
      button(t('action.close'), () => dialog.close()),
    ),
  );
  dialog.addEventListener('close', () => dialog.remove());
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
}

const openHelp = async () => (await import('./shortcuts.js')).openHelp();

export function buildShell({redraw, logOut}) {
  const tools = () => [
    button(languages[language() === 'zh' ? 'en' : 'zh'], () => switchLanguage(redraw), {
      lang: language() === 'zh' ? 'en' : 'zh-CN',
    }),
    button(t('theme.label'), () => setTheme(isDark() ? 'light' : 'dark')),
    button('?', openHelp, {'aria-label': t('help.title')}),
    token() && button(t('login.out'), logOut),
  ];
  const more = button([icon('more'), h('span', t('nav.more'))], () => openMore(tools), {'aria-haspopup': 'dialog'});
  const version = h('span', {class: 'note'});
  const main = h('main', {id: 'main', tabindex: '-1'});
  const bar = h('div', {class: 'link-bar', role: 'alert'});
  const nav = navigation(more);
  const element = h(
    'div',
    {class: 'frame'},
    button(t('nav.skip'), () => main.focus(), {class: 'skip'}),
    h('header', {class: 'side'}, h('p', {class: 'brand'}, 'airouterd ', version), nav, h('div', {class: 'tools'}, tools())),
    h('div', {class: 'body'}, bar, main),
    h('div', {class: 'toasts', role: 'status'}),
  );

  const shell = {
    element,
    main,
    nav,
    setLink(isOnline) {
      bar.classList.toggle('is-shown', !isOnline);
      fill(bar, !isOnline && [h('strong', t('link.lost')), ' ', t('link.retrying')]);
    },
    setSystem(system) {
      version.textContent = system.version ?? '';
    },
  };
  if (live.system) shell.setSystem(live.system);
  if (!live.isOnline) shell.setLink(false);
  return shell;
}

export function showPage(shell, name, page) {
  for (const link of shell.nav.querySelectorAll('a')) {
    if (link.getAttribute('href') === `#/${name}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  document.title = `${t(`nav.${name}`)} · airouterd`;
  for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close();
  fill(shell.main, page.element);
  window.scrollTo(0, 0);
  page.shown?.();
}

// A page's head: its name, and what can be done there.
export function pageHead(title, ...actions) {
  return h('div', {class: 'head'}, h('h1', title), h('div', {class: 'line'}, actions));
}

// A short message at the edge; with `undo`, for ten seconds, a way back.
export function say(text, {undo, tone = 'ok'} = {}) {
  const toasts = document.querySelector('dialog[open] .toasts') ?? document.querySelector('.frame > .toasts');
  const toast = h(
    'div',
    {class: `toast ${tone}`},
    h('span', text),
    undo &&
      button(
        t('action.undo'),
        () => {
          toast.remove();
          undo();
        },
        {'data-key': 'u', 'aria-keyshortcuts': 'u'},
      ),
    undo && h('kbd', {'class': 'from-600', 'aria-hidden': 'true'}, 'u'),
    button('✕', () => toast.remove(), {'class': 'quiet', 'aria-label': t('action.close')}),
  );
  toasts?.append(toast);
  setTimeout(() => toast.remove(), undo ? 10_000 : 5000);
  return toast;
}

// Who is refused is asked for a token instead.
export const complain = (error) => error.status !== 401 && say(errorText(error), {tone: 'failed'});
// What is loaded on a click only may have another name since the server was updated.
export function cannotLoad(error) {
  console.warn(String(error));
  say(t('state.failed_to_load'), {tone: 'failed'});
}
export const errorText = (error) => (error.status === 0 ? t('link.lost') : error.message);

// Shows the work's result where `place` is: loading, then what it builds, or why not and a way to try again.
export async function load(place, work) {
  if (!place.hasChildNodes()) fill(place, h('p', {class: 'empty', role: 'status'}, t('state.loading')));
  try {
    fill(place, await work());
  } catch (error) {
    if (error.status === 401) return;
    if (!(error.status >= 0)) console.error(error);
    fill(
      place,
      h(
        'div',
        {class: 'empty', role: 'alert'},
        h('p', t('state.failed_to_load')),
        h('p', {class: 'note'}, errorText(error)),
        button(t('action.retry'), () => {
          fill(place);
          load(place, work);
        }),
      ),
    );
  }
}

export const card = (title, ...content) => h('section', {class: 'card'}, title && h('h2', title), content);
export const stat = (label, value, unit) =>
  h('div', {class: 'card stat'}, h('dt', label), h('dd', value, unit && h('span', {class: 'note'}, ` ${unit}`)));
