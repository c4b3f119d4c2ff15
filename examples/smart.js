'use strict';
// An answer's text, streamed, from whichever provider works. The same program as smart.cpp, smart.c and smart.py.

// [stream]
const { Router } = require('airouter');

async function main(config) {
  const router = Router.fromFile(config);
  const request = { model: 'smart', messages: [{ role: 'user', content: 'Hi' }] };
  for await (const chunk of router.stream(request)) process.stdout.write(chunk.text);
}
main(process.argv[2]).catch((error) => {
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
});
// [end]
