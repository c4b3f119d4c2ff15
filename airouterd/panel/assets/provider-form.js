// A provider's fields. The key that is stored is never shown; an empty field keeps it.
import {part, post, put} from './api.js';
import {busyWhile, button, h} from './dom.js';
import {changes, checkbox, field, form, namesIn, numberInput, openDialog, textInput} from './dialog.js';
import {complain, say} from './shell.js';
import {t} from './words.js';

export function openProviderForm(provider, {isNew, saved, closed, taken = []}) {
  const keyIsReference = /^(env|file):/.test(provider.api_key ?? '');
  const name = field(
    'name',
    t('provider.name'),
    textInput(isNew ? freeName(provider.name, taken) : provider.name, {readonly: !isNew}),
  );
  const url = field('base_url', t('provider.base_url'), textInput(provider.base_url, {inputmode: 'url', autofocus: true}));
  const key = field(
    'api_key',
    t('provider.api_key'),
    h('input', {
      type: 'password',
      autocomplete: 'new-password',
      placeholder: isNew && !keyIsReference ? '' : provider.api_key,
      value: keyIsReference ? provider.api_key : '',
    }),
    t(isNew ? 'provider.key_new' : 'provider.key_keeps'),
  );
  const weight = field(
    'weight',
    t('provider.weight'),
    numberInput(provider.weight, {min: 1, max: 1_000_000}),
    t('provider.weight_hint'),
  );
  const timeout = field(
    'timeout',
    t('provider.timeout_s'),
    numberInput(provider.timeout, {min: 0.1, step: 'any'}),
    t('provider.timeout_hint'),
  );
  const models = field(
    'supported_models',
    t('provider.models'),
    h('textarea', {rows: 5, spellcheck: 'false', value: provider.supported_models.join('\n')}),
    t('provider.models_hint'),
  );
  // A copy cannot take along what is masked.
  const isMasked = isNew && provider.proxy?.includes('***@');
  const proxy = field(
    'proxy',
    t('provider.proxy'),
    textInput(isMasked ? '' : (provider.proxy ?? '')),
    isMasked && t('provider.proxy_new'),
  );
  const enabled = checkbox(provider.enabled);
  const fields = [name, url, key, weight, timeout, models, proxy];

  const list = button(t('provider.list_models'), () =>
    busyWhile(list, async () => {
      try {
        const answer = await post('api/providers/probe', {base_url: url.control.value.trim(), api_key: key.control.value.trim()});
        models.control.value = answer.models.join('\n');
        url.control.value = answer.normalized_url;
      } catch (error) {
        complain(error);
      }
    }),
  );
  models.element.append(list);

  const read = () => ({
    base_url: url.control.value.trim(),
    supported_models: namesIn(models.control.value, provider.supported_models),
    enabled: enabled.checked,
    proxy: proxy.control.value.trim(),
    weight: weight.control.value ? Number(weight.control.value) : undefined,
    timeout: timeout.control.value ? Number(timeout.control.value) : isNew ? undefined : null,
  });
  const before = read();

  const save = async () => {
    const api_key = key.control.value.trim();
    if (isNew) await post('api/providers', {...read(), name: name.control.value.trim(), api_key});
    else await put(`api/providers/${part(provider.name)}`, {...changes(before, read()), ...(api_key && {api_key})});
    say(t('provider.saved', {name: name.control.value}));
    dialog.close();
    saved();
  };
  const dialog = openDialog(
    isNew ? t('provider.duplicate_title', provider) : t('provider.edit_title', provider),
    form(fields, save, {close: () => dialog.close(), more: [h('label', {class: 'check'}, enabled, t('provider.enabled'))]}),
    {onclose: closed, wide: true},
  );
}

function freeName(name, taken) {
  const base = name.replace(/-\d+$/, '');
  let next = 2;
  while (taken.includes(`${base}-${next}`)) ++next;
  return `${base}-${next}`;
}
