// The client libraries under test. Each has a name and
//   connect({gateway, retries, headers}), which gives
//     plain({model, tools, signal})                          a plain answer
//     stream({model, tools, signal, on_text, leave})         a streamed one; `leave`: leaves it after the first piece
//     helper({model})                                        where there is a more convenient way to stream
//     models()                                               where there is one; ids
//   stays_when_left, waits_for_limits                       what cannot be helped from outside
//   told(error)                                            what an application learns: {type, status, code, message}
// Answers are {text, calls: [[name, arguments]], finish}; a failure is an exception.

import { readFileSync } from 'node:fs';
import { ai_client } from './ai.js';
import { langchain_client } from './langchain.js';
import { openai_client } from './openai.js';

const clients = [
  ['openai6', async () => openai_client((await import('openai6')).default)],
  ['openai7', async () => openai_client((await import('openai7')).default)],
  ['ai6', async () => ai_client(await import('ai6'), await import('openai-compatible2'))],
  ['ai7', async () => ai_client(await import('ai7'), await import('openai-compatible3'))],
  ['@langchain/openai', async () => langchain_client(await import('@langchain/openai'))],
];

function package_of(folder) {
  return JSON.parse(readFileSync(new URL(`node_modules/${folder}/package.json`, import.meta.url)));
}

// Loads them one after the other: {name, client}, or {name, skipped} for one that this node is too old for.
export async function* loaded_clients() {
  for (const [folder, load] of clients) {
    const { name, version, engines } = package_of(folder);
    try {
      yield { name: `${name} ${version}`, client: await load() };
    } catch (error) {
      const major = Number(process.versions.node.split('.')[0]);
      const wanted = Number(/\d+/.exec(engines?.node ?? '0')[0]);
      if (major >= wanted) throw error;
      yield { name: `${name} ${version}`, skipped: `it wants node ${wanted}, this is ${major}` };
    }
  }
}
