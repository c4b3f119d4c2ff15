// A provider's fields. The key that is stored is never shown; an empty field keeps it.
import {part, post, put} from './api.js';
import {busyWhile, button, h} from './dom.js';
import {checkbox, field, form, numberInput, openDialog, textInput} from './dialog.js';
import {complain, say} from './shell.js';
import {t} from './words.js';

const listOf = (text) => text.split(/[\s,]+/).filter(Boolean);

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
  const proxy = field('proxy', t('provider.proxy'), textInput(provider.proxy ?? ''));
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

  const save = async () => {
    const body = {
      base_url: url.control.value.trim(),
      supported_models: listOf(models.control.value),
      enabled: enabled.checked,
      proxy: proxy.control.value.trim(),
    };
    if (weight.control.value) body.weight = Number(weight.control.value);
    if (timeout.control.value) body.timeout = Number(timeout.control.value);
    else if (!isNew && provider.timeout) body.timeout = null;
    if (key.control.value.trim()) body.api_key = key.control.value.trim();
    if (isNew) await post('api/providers', {...body, name: name.control.value.trim(), api_key: body.api_key ?? ''});
    else await put(`api/providers/${part(provider.name)}`, body);
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
