// The panel's words in the reader's language. Only that language's dictionaries are loaded, the second one when it is needed.

let words = {};
let current = 'en';

export const languages = {en: 'English', zh: '中文'};

function preferred() {
  const kept = localStorage.getItem('airouter.language');
  if (kept in languages) return kept;
  return navigator.languages.some((tag) => tag.toLowerCase().startsWith('zh')) ? 'zh' : 'en';
}

async function load(language) {
  words = (language === 'zh' ? await import('./words-zh.js') : await import('./words-en.js')).default;
  current = language;
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
}

// The words of the pages that one does not see first.
export async function loadMoreWords() {
  const more = current === 'zh' ? await import('./words-zh-more.js') : await import('./words-en-more.js');
  words = {...words, ...more.default};
}

export const loadWords = () => load(preferred());
export const language = () => current;

export async function setLanguage(next) {
  localStorage.setItem('airouter.language', next);
  await load(next);
}

// `{name}` in a text stands for a value. "one|many" is chosen by `values.n`. A key without words shows itself.
export function t(key, values = {}) {
  let text = words[key] ?? key;
  if (text.includes('|') && 'n' in values) {
    const [one, many] = text.split('|');
    text = Number(values.n) === 1 ? one : many;
  }
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

export const hasWords = (key) => key in words;

// What a state, result or reason of the server is called; the server's own word where we have none.
export const named = (group, word) => (hasWords(`${group}.${word}`) ? t(`${group}.${word}`) : String(word ?? ''));

// The server's English for what an attempt did to health, e.g. "model cooling 60 s".
export function effectText(effect) {
  if (!effect || current !== 'zh') return effect ?? '';
  return effect
    .replace(/\bmodel\b/g, '模型')
    .replace(/\bprovider\b/g, '服务商')
    .replace(/\bcooling\b/g, '冷却')
    .replace(/\bdisabled until reset\b/g, '失效，直至重置')
    .replace(/(\d) ?s\b/g, '$1 秒')
    .replace(/(\d) ?min\b/g, '$1 分钟');
}
