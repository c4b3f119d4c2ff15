// Who are you? With the token from the console, or the password where the server has one.
import {ApiError, bearer, call, logIn, token} from './api.js';
import {fill, h} from './dom.js';
import {field, form} from './dialog.js';
import {languages, language, setLanguage, t} from './words.js';

async function tokenFor(text, isPassword) {
  if (isPassword) return (await logIn(text)).token;
  await call('GET', 'api/keys', {headers: bearer(text), isLogin: true});
  return text;
}

export function openLogin(refusal, done) {
  const isPassword =
    refusal.code === 'admin_password_needed' ||
    (refusal.code === 'admin_token_wrong' && localStorage.getItem('airouter.way') === 'password');
  const kind = h(
    'select',
    {value: isPassword ? 'password' : 'token'},
    h('option', {value: 'token'}, t('login.token')),
    h('option', {value: 'password'}, t('login.password')),
  );
  const secret = h('input', {type: 'password', autocomplete: 'current-password', required: true});
  const way = field('way', t('login.way'), kind);
  const entry = field('secret', t('login.token'), secret, t('login.hint'));
  const name = () => {
    entry.element.querySelector('label').textContent = t(`login.${kind.value}`);
    entry.element.querySelector('.note').hidden = kind.value === 'password';
  };
  kind.addEventListener('change', name);
  name();
  // What the server says to programs about its token is said by the form; people want to know the rest.
  const isAsking = /^admin_(token|password)_/.test(refusal.code);
  const send = async () => {
    if (!secret.value.trim()) throw new ApiError(400, {detail: '', problems: [{field: 'secret', message: t('login.empty')}]});
    try {
      const given = await tokenFor(secret.value.trim(), kind.value === 'password');
      localStorage.setItem('airouter.way', kind.value);
      done(given);
    } catch (error) {
      const text =
        error.code === 'admin_token_wrong' || error.code === 'admin_token_needed' ? t('login.wrong_token') : error.message;
      throw error.status === 0 ? error : new ApiError(error.status, {detail: text, problems: [{field: 'secret', message: text}]});
    }
  };
  const other = language() === 'zh' ? 'en' : 'zh';
  fill(
    document.body,
    h(
      'main',
      {class: 'login', id: 'main'},
      h(
        'div',
        {class: 'card'},
        h('h1', t('login.title')),
        // A link that is out of date, or a token that was changed, looks like no token at all otherwise.
        isAsking
          ? token() && h('p', {class: 'error', role: 'alert'}, t('login.wrong_token'))
          : h('p', {class: 'error', role: 'alert'}, refusal.message),
        form([way, entry], send, {action: t('login.in')}),
        h(
          'button',
          {
            type: 'button',
            class: 'quiet',
            lang: other === 'zh' ? 'zh-CN' : 'en',
            onclick: async () => {
              await setLanguage(other);
              openLogin(refusal, done);
            },
          },
          languages[other],
        ),
      ),
    ),
    h('div', {class: 'frame'}, h('div', {class: 'toasts', role: 'status'})),
  );
  document.title = `${t('login.title')} · airouterd`;
  secret.focus();
}
