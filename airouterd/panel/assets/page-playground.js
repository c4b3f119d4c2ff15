// One prompt through the real engine: the answer as it streams, and beside it who was tried.
import {call, events, get} from './api.js';
import {button, fill, h, refill} from './dom.js';
import {field, textInput} from './dialog.js';
import {number} from './format.js';
import {newest, requestOf, fetchRequest, watchRequests} from './requests.js';
import {card, errorText, pageHead} from './shell.js';
import {waterfall} from './waterfall.js';
import {t} from './words.js';

// Kept while the panel is open: going elsewhere and coming back loses nothing.
const kept = {model: '', prompt: '', answer: '', id: ''};

const textOf = (value) => {
  const choice = value.choices?.[0];
  return choice?.delta?.content ?? choice?.message?.content ?? choice?.delta?.reasoning_content ?? '';
};

async function knownModels() {
  const [{providers}, {model_map: map}] = await Promise.all([get('api/providers'), get('api/model-map')]);
  return [
    ...new Set([...Object.keys(map), ...providers.filter((one) => one.enabled).flatMap((one) => one.supported_models)]),
  ].filter((name) => !name.includes('*'));
}

export function open(values) {
  const model = field(
    'model',
    t('playground.model'),
    textInput(values.model ?? kept.model, {list: 'playground-models', required: true}),
  );
  const prompt = field('prompt', t('playground.prompt'), h('textarea', {rows: 5, value: kept.prompt}));
  const names = h('datalist', {id: 'playground-models'});
  const output = h(
    'pre',
    {'class': 'answer', 'tabindex': '0', 'role': 'region', 'aria-label': t('playground.answer')},
    kept.answer,
  );
  const status = h('p', {class: 'note', role: 'status'}),
    chart = h('div', h('p', {class: 'note'}, t('playground.empty')));
  const send = h('button', {type: 'submit', class: 'primary'}, t('playground.send'));
  const stop = button(t('playground.stop'), () => running?.abort(), {hidden: true});
  let running = null,
    sentAt = 0,
    isStreamed = true;
  const stream = h('input', {type: 'checkbox', checked: true});

  function drawChart() {
    // The server's clock is not ours: the newest of the panel's own is the one that was just sent.
    const own =
      requestOf(kept.id) ?? (running ? newest().find((one) => one.key_id === 'panel' && !seenBefore.has(one.id)) : undefined);
    if (!own) return;
    kept.id = own.id;
    refill(chart, waterfall(own));
  }
  let seenBefore = new Set();

  async function read(response) {
    if (!isStreamed) {
      const answer = await response.json();
      output.textContent = textOf(answer) || JSON.stringify(answer, null, 2);
      return answer.usage;
    }
    let usage = null;
    for await (const {data} of events(response)) {
      if (data === '[DONE]') break;
      let value;
      try {
        value = JSON.parse(data);
      } catch {
        continue;
      }
      if (value.error) throw new Error(value.error.message);
      output.append(textOf(value));
      output.scrollTop = output.scrollHeight;
      usage = value.usage ?? usage;
    }
    return usage;
  }

  async function run() {
    if (!model.control.value.trim()) return model.complain(t('playground.no_model'));
    model.complain('');
    running = new AbortController();
    isStreamed = stream.checked;
    seenBefore = new Set(newest().map((one) => one.id));
    Object.assign(kept, {model: model.control.value.trim(), prompt: prompt.control.value, answer: '', id: ''});
    fill(output);
    fill(chart, h('p', {class: 'note'}, t('waterfall.waiting')));
    status.textContent = t('playground.running');
    send.hidden = true;
    stop.hidden = false;
    sentAt = performance.now();
    try {
      const body = {model: kept.model, messages: [{role: 'user', content: kept.prompt || 'Hi'}], stream: isStreamed};
      const response = await call('POST', 'api/playground', {body, signal: running.signal});
      kept.id = response.headers.get('x-request-id') ?? '';
      const usage = await read(response);
      const time = number(Math.round(performance.now() - sentAt));
      status.textContent = usage
        ? t('playground.done_tokens', {time, n: number(usage.completion_tokens)})
        : t('playground.done', {time});
    } catch (error) {
      status.textContent = running.signal.aborted ? t('playground.stopped') : errorText(error);
    }
    kept.answer = output.textContent;
    drawChart();
    if (kept.id) fetchRequest(kept.id).then(drawChart, () => {});
    running = null;
    send.hidden = false;
    stop.hidden = true;
    send.focus();
    return undefined;
  }

  const off = watchRequests(drawChart);
  knownModels().then(
    (list) => {
      fill(
        names,
        list.map((name) => h('option', {value: name})),
      );
      model.control.value ||= list[0] ?? '';
    },
    () => {},
  );
  drawChart();
  const form = h(
    'form',
    {
      novalidate: true,
      onsubmit: (event) => {
        event.preventDefault();
        if (!running) run();
      },
    },
    model.element,
    names,
    prompt.element,
    h(
      'div',
      {class: 'line between'},
      h('label', {class: 'check'}, stream, t('playground.stream')),
      h('span', {class: 'line'}, stop, send),
    ),
  );
  prompt.control.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  return {
    element: h(
      'div',
      pageHead(t('nav.playground')),
      h(
        'div',
        {class: 'pair wide-right'},
        card('', form, h('h2', t('playground.answer')), output, status),
        card(t('waterfall.title'), chart),
      ),
    ),
    leave() {
      off();
      running?.abort();
    },
  };
}
