// Elements from plain calls. Text only ever becomes a text node, so that no name or answer of a provider can become markup.

const svgNamespace = 'http://www.w3.org/2000/svg';

function set(element, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
  else if (name === 'style') for (const [key, text] of Object.entries(value)) element.style.setProperty(key, text);
  else if (name === 'value' || name === 'checked' || name === 'selected') element[name] = value;
  else element.setAttribute(name, value === true ? '' : String(value));
}

// What is not seen, or turns what follows around, is shown by its number; some scripts join their letters by such.
const legible = (text) =>
  text.replace(
    /(?![\t\n\r\u200c\u200d])[\p{Cc}\p{Cf}]/gu,
    (one) => `\\u${one.codePointAt(0).toString(16).padStart(4, '0')}`,
  );

export function append(parent, ...children) {
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    parent.append(child instanceof Node ? child : document.createTextNode(legible(String(child))));
  }
  return parent;
}

function build(element, rest) {
  const [first, ...others] = rest;
  const hasProperties = first && typeof first === 'object' && !(first instanceof Node) && !Array.isArray(first);
  append(element, hasProperties ? others : rest);
  // After the children: a select takes its value from its options.
  if (hasProperties) for (const [name, value] of Object.entries(first)) set(element, name, value);
  return element;
}

// h('p', {class: 'note'}, 'text', child): properties are optional; `on…` are listeners, `style` is an object.
export const h = (name, ...rest) => build(document.createElement(name), rest);
export const s = (name, ...rest) => build(document.createElementNS(svgNamespace, name), rest);

export function fill(element, ...children) {
  element.replaceChildren();
  return append(element, children);
}

// What is pressed must be there when it is let go, or the click is lost.
let isPressed = false;
const waiting = new Map();
document.addEventListener(
  'pointerdown',
  () => {
    isPressed = true;
  },
  true,
);
for (const end of ['pointerup', 'pointercancel']) {
  document.addEventListener(
    end,
    () =>
      setTimeout(() => {
        isPressed = false;
        for (const [element, children] of waiting) refill(element, ...children);
        waiting.clear();
      }),
    true,
  );
}

export const nameOf = (element) =>
  element.getAttribute('aria-label') ?? element.getAttribute('href') ?? element.textContent;
// What is called so now, where a place was filled anew.
export const named = (root, name) =>
  [...root.querySelectorAll('a, button, summary')].find((one) => nameOf(one) === name);

// As fill, for what changes by itself: the focus stays where it is, or goes to the page where that is gone.
export function refill(element, ...children) {
  if (isPressed) return waiting.set(element, children);
  const active = document.activeElement;
  const name = element.contains(active) && active !== element ? nameOf(active) : null;
  fill(element, ...children);
  if (name !== null) (named(element, name) ?? document.getElementById('main'))?.focus({preventScroll: true});
  return element;
}

export const hidden = (...children) => h('span', {class: 'unseen'}, children);

// 16 × 16 outlines; they say nothing that the text beside them does not.
const outlines = {
  overview: 'M2 2h5v6H2zM9 2h5v3H9zM9 7h5v7H9zM2 10h5v4H2z',
  requests: 'M2 4h12M2 8h8M2 12h10',
  providers: 'M2 3h12v4H2zM2 9h12v4H2zM4.500 5h.01M4.500 11h.01',
  routes: 'M2 4h3l5 8h4M2 12h3l1.500-2.400M9 5.900L10 4h4M12 2l2 2-2 2M12 10l2 2-2 2',
  keys: 'M6.500 9.500a3 3 0 1 1-1-1zM6.500 8.500L13 2M10 5l2 2M12 3l1.500 1.500',
  playground: 'M3 2.500l10 5.500-10 5.500z',
  settings: 'M2 4h7M13 4h1M2 12h1M7 12h7M9 4a2 2 0 1 0 4 0a2 2 0 1 0-4 0M3 12a2 2 0 1 0 4 0a2 2 0 1 0-4 0',
  more: 'M3 8h.01M8 8h.01M13 8h.01',
  open: 'M6 3.500l4.500 4.500L6 12.500',
};
export const icon = (name) =>
  s('svg', {'class': 'icon', 'viewBox': '0 0 16 16', 'aria-hidden': 'true'}, s('path', {d: outlines[name]}));

export function button(label, onclick, properties = {}) {
  return h('button', {type: 'button', onclick, ...properties}, label);
}

// Runs the work with the button busy, so that a second click does not do it twice.
export function busyWhile(element, work) {
  if (element.getAttribute('aria-busy') === 'true') return undefined;
  element.setAttribute('aria-busy', 'true');
  return Promise.resolve(work()).finally(() => element.removeAttribute('aria-busy'));
}

// What may be wider than its place, and can be moved by keys, too.
export const scroller = (label, ...content) =>
  h('div', {'class': 'scroll', 'tabindex': '0', 'role': 'region', 'aria-label': label}, content);

// `rows` are lists of cells; the first cell of a row is its heading.
export function table(caption, heads, rows, properties = {}) {
  return h(
    'table',
    properties,
    h('caption', {class: 'unseen'}, caption),
    h(
      'thead',
      h(
        'tr',
        heads.map((head) => h('th', {scope: 'col'}, head)),
      ),
    ),
    h(
      'tbody',
      rows.map((cells) =>
        h(
          'tr',
          cells.map((cell, index) => (index === 0 ? h('th', {scope: 'row'}, cell) : h('td', cell))),
        ),
      ),
    ),
  );
}
