// What is shown where a page cannot be.
import {button, h} from './dom.js';
import {t} from './words.js';

// The server was updated, or is away: what this page still needs has another name by now.
export const outdated = () => ({
  element: h(
    'div',
    {class: 'card empty', role: 'alert'},
    h('h1', t('notice.outdated')),
    h('p', {class: 'note'}, t('notice.outdated_hint')),
    button(t('notice.reload'), () => location.reload(), {class: 'primary'}),
  ),
});
