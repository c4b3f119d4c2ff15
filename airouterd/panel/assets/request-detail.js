// What a row of the requests opens to: its attempts on a time axis, and what it is called.
import {copyText} from './copy.js';
import {button, h} from './dom.js';
import {number} from './format.js';
import {waterfall} from './waterfall.js';
import {t} from './words.js';

export function detail(request) {
  return h(
    'td',
    {colspan: 8},
    waterfall(request),
    request.usage &&
      h(
        'p',
        {class: 'note'},
        t('requests.tokens', {input: number(request.usage.input_tokens), output: number(request.usage.output_tokens)}),
      ),
    h(
      'div',
      {class: 'line'},
      h('code', {class: 'wrap'}, request.id),
      button(t('requests.copy_id'), () => copyText(request.id)),
      request.client_ip && h('span', {class: 'note'}, t('requests.from', {address: request.client_ip})),
    ),
  );
}
