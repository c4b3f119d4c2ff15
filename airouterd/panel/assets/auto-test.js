// Tests every provider once a minute while a panel is open: in one tab only, off until it is asked for, and honest about what
// it costs.
import {h} from './dom.js';
import {t} from './words.js';

const period = 60_000;
const name = `airouter.autotest ${location.pathname}`;
let timer = 0;
let release = null;
let run = () => {};
let drawNow = () => {};

function begin() {
  clearInterval(timer);
  timer = setInterval(() => run('api/providers/test-all?auto=1'), period);
}

function end() {
  clearInterval(timer);
  timer = 0;
}

function stop() {
  end();
  release?.();
  release = null;
}

// Resolves to false if another tab does it.
async function start() {
  if (!navigator.locks) {
    const {makeLease} = await import('./lease.js');
    const lease = makeLease(name, (isOurs) => {
      if (isOurs) begin();
      else stop();
      drawNow();
    });
    if (!lease.take()) return false;
    lease.keep();
    release = lease.drop;
    return true;
  }
  return new Promise((resolve) => {
    navigator.locks.request(name, {ifAvailable: true}, (lock) => {
      if (!lock) return resolve(false);
      begin();
      resolve(true);
      return new Promise((free) => {
        release = free;
      });
    });
  });
}

// What each round costs: a model that a `*` stands for cannot be tested.
const costOf = (providers) =>
  providers
    .filter((one) => one.enabled)
    .reduce((sum, one) => sum + one.supported_models.filter((model) => !model.includes('*')).length, 0);

// `providersNow` are known once `draw` is called.
export function autoTest(providersNow, test) {
  run = test;
  const note = h('span', {class: 'note', role: 'status'});
  const box = h('input', {type: 'checkbox', checked: timer !== 0});
  const draw = () => {
    box.checked = timer !== 0;
    const text = t(timer ? 'autotest.on' : 'autotest.off', {n: costOf(providersNow())});
    if (note.textContent !== text) note.textContent = text;
  };
  drawNow = draw;
  box.addEventListener('change', async () => {
    const isRefused = box.checked && !(await start());
    if (!box.checked) stop();
    draw();
    if (isRefused) note.textContent = t('autotest.elsewhere');
  });
  return {element: h('div', {class: 'line autotest'}, h('label', {class: 'check'}, box, t('autotest.label')), note), draw};
}
