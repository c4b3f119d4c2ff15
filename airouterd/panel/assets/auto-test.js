// Tests every provider once a minute while a panel is open: in one tab only, off until it is asked for, and honest about what
// it costs.
import {h} from './dom.js';
import {checkbox} from './dialog.js';
import {t} from './words.js';

const period = 60_000;
let timer = 0;
let release = null;
let run = () => {};

function stop() {
  clearInterval(timer);
  timer = 0;
  release?.();
  release = null;
}

// Resolves to false if another tab does it.
function start() {
  const begin = () => {
    timer = setInterval(() => run('api/providers/test-all?auto=1'), period);
    return true;
  };
  if (!navigator.locks) return Promise.resolve(begin());
  return new Promise((resolve) => {
    navigator.locks.request(`airouter.autotest ${location.pathname}`, {ifAvailable: true}, (lock) => {
      if (!lock) return resolve(false);
      resolve(begin());
      return new Promise((end) => {
        release = end;
      });
    });
  });
}

export function autoTest(providersNow, test) {
  run = test;
  const note = h('span', {class: 'note', role: 'status'});
  const box = checkbox(timer !== 0);
  const describe = () => {
    const requests = providersNow()
      .filter((one) => one.enabled)
      .reduce((sum, one) => sum + one.supported_models.filter((name) => !name.includes('*')).length, 0);
    note.textContent = t(timer ? 'autotest.on' : 'autotest.off', {n: requests});
  };
  box.addEventListener('change', async () => {
    if (box.checked && !(await start())) {
      box.checked = false;
      note.textContent = t('autotest.elsewhere');
      return;
    }
    if (!box.checked) stop();
    describe();
  });
  note.textContent = t('autotest.off_short');
  return h('div', {class: 'line autotest'}, h('label', {class: 'check'}, box, t('autotest.label')), note);
}
