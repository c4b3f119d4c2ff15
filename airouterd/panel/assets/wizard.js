// A new provider in one paste: its address and key are found in it, its models listed and one of them tested, then it is saved
// and the lines a client needs are shown.
import {get, part, post, put, remove} from './api.js';
import {busyWhile, button, fill, h} from './dom.js';
import {copyText} from './copy.js';
import {field, namesIn, openDialog, showProblems, textInput} from './dialog.js';
import {badge, milliseconds} from './format.js';
import {live, refreshSystem} from './live.js';
import {nameFor, readPaste} from './paste.js';
import {complain, errorText} from './shell.js';
import {t} from './words.js';

const steps = ['paste', 'models', 'test', 'done'];

// Too many to look at one by one: nobody wants 300 models at once.
const chosenMax = 40;

function progress(now) {
  return h(
    'ol',
    {class: 'steps'},
    steps.map((step, index) =>
      h('li', {'class': index < now ? 'is-past' : '', 'aria-current': index === now ? 'step' : null}, t(`wizard.${step}`)),
    ),
  );
}

export function openWizard(done = () => {}) {
  const head = h('div'),
    body = h('div', {class: 'step'}),
    foot = h('div', {class: 'line between'});
  const dialog = openDialog(t('wizard.title'), [head, body, foot], {onclose: done});
  const found = {base_url: '', api_key: '', models: [], name: '', isSaved: false};
  const taken = Object.keys(live.system?.providers?.providers ?? {});
  const cancel = () => button(t('action.cancel'), () => dialog.close());

  function showStep(index, content, buttons) {
    fill(head, progress(index));
    fill(body, content);
    fill(foot, buttons);
    (body.querySelector('[autofocus]') ?? foot.querySelector('.primary'))?.focus();
  }

  function showPaste() {
    const box = field(
      'paste',
      t('wizard.paste_label'),
      h('textarea', {rows: 4, spellcheck: 'false', autocomplete: 'off', autofocus: true, value: found.text ?? ''}),
      t('wizard.paste_hint'),
    );
    const address = field('base_url', t('provider.base_url'), textInput(found.base_url, {inputmode: 'url'}));
    const key = field(
      'api_key',
      t('provider.api_key'),
      h('input', {type: 'password', autocomplete: 'off', value: found.api_key}),
      t('provider.api_key_hint'),
    );
    const hand = h('details', h('summary', t('wizard.by_hand')), address.element, key.element);
    const problem = h('p', {class: 'error', role: 'alert'});
    box.control.addEventListener('input', () => {
      const read = readPaste(box.control.value);
      box.complain('');
      address.control.value = read.base_url;
      key.control.value = read.api_key;
      fill(
        seen,
        read.base_url && [
          badge('ok', t('wizard.found')),
          ' ',
          h('code', {class: 'wrap'}, read.base_url),
          read.api_key && [' · ', t('wizard.key_found', {n: read.api_key.length})],
        ],
      );
    });
    const seen = h('p', {role: 'status'});
    const next = button(
      t('action.next'),
      () =>
        busyWhile(next, async () => {
          Object.assign(found, {
            text: box.control.value,
            base_url: address.control.value.trim(),
            api_key: key.control.value.trim(),
          });
          fill(problem);
          if (!found.base_url) {
            box.complain(t('wizard.no_address'));
            return box.control.focus();
          }
          try {
            const answer = await post('api/providers/probe', {base_url: found.base_url, api_key: found.api_key});
            Object.assign(found, {base_url: answer.normalized_url, models: answer.models});
            found.name ||= nameFor(found.base_url, taken);
            showModels();
          } catch (error) {
            hand.open = true;
            showProblems(error, [box, address, key], problem);
            // Some providers have no list; their models can be named by hand.
            if (error.code === 'probe_failed' && !foot.querySelector('.without'))
              foot.insertBefore(
                button(
                  t('wizard.without_list'),
                  () => {
                    found.models = [];
                    found.name ||= nameFor(found.base_url, taken);
                    showModels();
                  },
                  {class: 'without'},
                ),
                foot.lastChild,
              );
          }
          return undefined;
        }),
      {class: 'primary'},
    );
    showStep(0, [box.element, seen, hand, problem], [cancel(), next]);
  }

  function showModels() {
    const name = field('name', t('provider.name'), textInput(found.name, {readonly: found.isSaved}));
    const boxes = found.models.map((model, index) => ({model, box: h('input', {type: 'checkbox', checked: index < chosenMax})}));
    const extra = field(
      'supported_models',
      t('wizard.more_models'),
      textInput('', {placeholder: 'gpt-*, claude-3'}),
      t('provider.models_hint'),
    );
    const problem = h('p', {class: 'error', role: 'alert'});
    const setAll = (value) => {
      for (const one of boxes) one.box.checked = value;
    };
    const chosen = () => [
      ...boxes.filter((one) => one.box.checked).map((one) => one.model),
      ...namesIn(extra.control.value),
    ];
    const next = button(
      t('wizard.test_and_save'),
      () =>
        busyWhile(next, async () => {
          fill(problem);
          if (chosen().length === 0) return extra.complain(t('wizard.no_model'));
          try {
            found.name = name.control.value.trim();
            found.chosen = chosen();
            await save();
            refreshSystem();
            await showTest();
          } catch (error) {
            showProblems(error, [name, extra], problem);
          }
          return undefined;
        }),
      {class: 'primary'},
    );
    showStep(
      1,
      [
        h('p', {role: 'status'}, t('wizard.models_found', {n: found.models.length})),
        found.models.length > 1 &&
          h(
            'div',
            {class: 'line'},
            button(t('wizard.all'), () => setAll(true)),
            button(t('wizard.none'), () => setAll(false)),
          ),
        h(
          'div',
          {class: 'chips'},
          boxes.map((one) => h('label', {class: 'chip'}, one.box, h('code', {class: 'wrap'}, one.model))),
        ),
        name.element,
        found.models.length === 0 ? extra.element : h('details', h('summary', t('wizard.more_models')), extra.element),
        problem,
      ],
      [cancel(), h('span', {class: 'line'}, button(t('action.back'), showPaste), next)],
    );
  }

  const testModel = () => found.chosen.find((model) => !model.includes('*'));
  const path = () => `api/providers/${part(found.name)}`;
  const switchOn = () => put(path(), {enabled: true});

  // It gets no requests before it has passed its test.
  async function save() {
    const fields = {base_url: found.base_url, api_key: found.api_key, supported_models: found.chosen, enabled: !testModel()};
    if (found.isSaved) await put(path(), fields);
    else await post('api/providers', {name: found.name, ...fields});
    found.isSaved = true;
  }

  async function showTest() {
    showStep(2, h('p', {role: 'status'}, t('wizard.testing', {model: testModel() ?? '*'})), [h('span')]);
    let result = null;
    try {
      if (testModel())
        ({
          results: [result],
        } = await post(`${path()}/test?model=${part(testModel())}`));
      if (result?.success) await switchOn();
    } catch (error) {
      result = {success: false, error: error.message};
    }
    refreshSystem();
    if (result?.success === false) showFailed(result);
    else await showDone(result);
  }

  function showFailed(result) {
    const problem = h('p', {class: 'error', role: 'alert'});
    const attempt = (label, work, properties) => {
      const element = button(
        label,
        () => busyWhile(element, () => work().catch((error) => fill(problem, errorText(error)))),
        properties,
      );
      return element;
    };
    const drop = async () => {
      await remove(path());
      dialog.close();
    };
    const useAnyway = async () => {
      await switchOn();
      await showDone(result);
    };
    showStep(
      2,
      [
        h('p', {role: 'status'}, badge('failed', t('wizard.failed'))),
        h('p', {class: 'error wrap'}, result.error),
        h('p', t('wizard.kept_off')),
        problem,
      ],
      [
        h('span', {class: 'line'}, attempt(t('action.remove'), drop, {class: 'danger'}), attempt(t('wizard.use_anyway'), useAnyway)),
        h('span', {class: 'line'}, attempt(t('wizard.test_again'), showTest), button(t('wizard.change'), showPaste, {class: 'primary'})),
      ],
    );
  }

  async function showDone(result) {
    const model = testModel() ?? found.chosen[0];
    let hasKeys = true;
    try {
      hasKeys = (await get('api/keys')).keys.length > 0;
    } catch {
      /* Then what is said must be true either way. */
    }
    const lines = h(
      'pre',
      {'tabindex': '0', 'role': 'group', 'aria-label': t('wizard.lines')},
      clientLines(t(hasKeys ? 'wizard.a_key' : 'wizard.any_key'), model),
    );
    // From the first key on, everybody needs one: that is for a person to decide.
    const key = button(t('wizard.make_key'), () =>
      busyWhile(key, async () => {
        try {
          lines.textContent = clientLines((await post('api/keys', {name: found.name})).key, model);
          key.remove();
        } catch (error) {
          complain(error);
        }
      }),
    );
    const verdict = !result
      ? badge('off', t('wizard.not_tested'))
      : result.success
        ? badge('ok', t('wizard.passed', {model: result.model, time: milliseconds(result.latency_ms)}))
        : badge('failed', t('wizard.failed'));
    refreshSystem();
    showStep(
      3,
      [
        h('p', {role: 'status'}, verdict),
        result && !result.success && h('p', {class: 'error wrap'}, result.error),
        h('p', t(result?.success === false ? 'wizard.saved_anyway' : 'wizard.ready')),
        lines,
      ],
      [
        h(
          'span',
          {class: 'line'},
          button(t('action.copy'), () => copyText(lines.textContent)),
          key,
        ),
        h(
          'span',
          {class: 'line'},
          button(t('wizard.done'), () => dialog.close(), {class: 'primary'}),
        ),
      ],
    );
  }
  showPaste();
}

export const baseUrl = () => new URL('../v1', location.href.split('#')[0]).href;

// What a client is told: where, with what key, and what to ask for.
export const clientLines = (key, model) => [`Base URL: ${baseUrl()}`, `API Key:  ${key}`, `Model:    ${model}`].join('\n');
