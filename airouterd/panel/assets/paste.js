// Finds an address and a key in what people have at hand: a curl command, "URL key", "key URL", lines of an .env file, or just
// an address. Pure.

const addressPattern = /https?:\/\/[^\s'"\\,;<>]+/i;
const endings = /\/(chat\/completions|completions|models|embeddings|responses)\/?$/i;
const keyNames =
  /(?:authorization['"]?\s*[:=]\s*['"]?\s*bearer\s+|x-api-key['"]?\s*[:=]\s*['"]?|api[-_]?key['"]?\s*[:=]\s*['"]?)([^\s'"\\,;]+)/i;
const likelyKey =
  /(?:^|[\s'"=:,;])((?:sk|pk|gsk|key|xai|or|nvapi|hf|AIza)[-_A-Za-z0-9.]{6,}|[A-Za-z0-9][A-Za-z0-9_.-]{19,})(?=$|[\s'",;\\])/;

export function readPaste(text) {
  const address = addressPattern.exec(text)?.[0] ?? bareAddress(text);
  const rest = address ? text.replace(address, ' ') : text;
  return {base_url: address ? withoutEnding(address) : '', api_key: keyNames.exec(rest)?.[1] ?? likelyKey.exec(rest)?.[1] ?? ''};
}

// "api.site.com/v1" without a scheme; on this machine it is http.
function bareAddress(text) {
  const word = /(?:^|\s)((?:localhost|[\w-]+(?:\.[\w-]+)+)(?::\d+)?(?:\/\S*)?)(?=\s|$)/i.exec(text)?.[1];
  if (!word) return '';
  return `${/^(localhost|127\.)/.test(word) ? 'http' : 'https'}://${word}`;
}

function withoutEnding(address) {
  const [path] = address.split(/[?#]/);
  return path.replace(endings, '').replace(/\/+$/, '');
}

// A name from the address: "https://api.site-a.com/v1" is site-a.
export function nameFor(address, taken) {
  let host = '';
  try {
    host = new URL(address).hostname;
  } catch {
    return '';
  }
  const labels = host.split('.');
  const isNumber = /^[\d.:[\]]+$/.test(host);
  const base =
    isNumber || labels.length === 1
      ? host.replace(/[^\w.-]/g, '')
      : labels.at(-2).length <= 3 && labels.length > 2
        ? labels.at(-3)
        : labels.at(-2);
  let name = base;
  for (let next = 2; taken.includes(name); ++next) name = `${base}-${next}`;
  return name;
}
