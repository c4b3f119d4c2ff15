// The checks of one client library. Each gives what was seen, which must be what was wanted.

import { setTimeout as sleep } from 'node:timers/promises';

const tools = {
  weather: { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } } },
  clock: { type: 'object', properties: { zone: { type: 'string' } } },
};

// A client in its world: `world` is what client_world says of itself.
export class Checks {
  constructor(client, world) {
    this.client = client;
    this.world = world;
  }

  connect(more = {}) {
    return this.client.connect({ gateway: this.world.gateway, ...more });
  }

  // {attempts, open}: what the providers of a model have seen.
  async state(model) {
    return (await fetch(`${this.world.control}/${model}`)).json();
  }

  // What the gateway thinks of a model's providers: for those who read of a failure.
  async health(model) {
    const stats = await (await fetch(new URL('/stats', this.world.gateway))).json();
    const entries = Object.entries({ ...stats.providers, ...stats.models });
    return entries
      .filter(([name, { status }]) => name.startsWith(`${model}-`) && status !== 'healthy')
      .map(([name, { cooldown_reason }]) => `${name}: ${cooldown_reason}`)
      .join(', ');
  }

  // "whole", "error CODE", or what is wrong with the answer. `received` are the pieces that came before it.
  answer_of({ text, calls, finish }, asks, received) {
    const with_tools = asks.endsWith('tools');
    const said = with_tools ? calls.map((call) => call.join(' ')).join('\n') : text;
    const whole = with_tools ? this.world.calls : this.world.text;
    if (said !== whole) return `SILENT HALF: ${JSON.stringify(said)}`;
    if (received && received !== text) return `pieces that do not make the answer: ${JSON.stringify(received)}`;
    return finish === undefined ? 'no finish reason' : 'whole';
  }

  // Libraries that tell no code tell the message, by which the application knows the error.
  error_of(error, wanted, received = '') {
    const { type, status, code, message } = this.client.told(error);
    if (!this.world.text.startsWith(received)) return `made-up text: ${JSON.stringify(received)}`;
    const known = wanted && code === undefined && message?.includes(this.world.messages[wanted]);
    return `error ${known ? wanted : (code ?? `without code: ${type} ${status} ${message}`)}`;
  }

  async scenario({ model, asks, expect, attempts }) {
    let received = '';
    let seen;
    try {
      const answer = await this.connect()[asks.split(' ')[0]]({
        model,
        tools: asks.endsWith('tools') ? tools : undefined,
        on_text: (text) => (received += text),
      });
      seen = this.answer_of(answer, asks, received);
    } catch (error) {
      seen = this.error_of(error, expect, received);
    }
    const { attempts: seen_attempts } = await this.state(model);
    return {
      wanted: `${expect === 'whole' ? 'whole' : `error ${expect}`} after ${attempts} attempts`,
      seen: `${seen} after ${seen_attempts} attempts`,
    };
  }

  async models() {
    const ids = await this.connect().models();
    return { wanted: [...this.world.models].sort().join(' '), seen: [...ids].sort().join(' ') };
  }

  async refused({ model, headers, wanted }) {
    let seen = 'not refused';
    try {
      await this.connect({ headers }).plain({ model });
    } catch (error) {
      seen = this.error_of(error, wanted.replace(/^error /, ''));
    }
    return { wanted, seen };
  }

  // With the retries that libraries make by themselves: what comes of them, whether they are over soon, and whether
  // they spare the providers.
  async retried({ model, asks, wanted, attempts_max, seconds_max }) {
    const begin = Date.now();
    let seen;
    try {
      seen = this.answer_of(await this.connect({ retries: 2 })[asks]({ model }), asks);
    } catch (error) {
      seen = this.error_of(error, wanted.replace(/^error /, ''));
      // Those who do not retry have the first answer, the others the last.
      if (seen === 'error all_providers_failed') seen = 'error no_provider_available';
    }
    const seconds = (Date.now() - begin) / 1000;
    if (seconds > seconds_max) seen += `, but only after ${seconds} s`;
    const { attempts } = await this.state(model);
    if (attempts > attempts_max) seen += `, but with ${attempts} attempts`;
    return { wanted, seen };
  }

  // The client leaves; the upstream must be closed within a second. `when`: "waiting", by its signal while nothing has
  // come; "reading", by its signal in the middle; "break", by leaving the loop.
  async leaves({ model, asks, when }) {
    const controller = new AbortController();
    let pieces = 0;
    const ending = this.connect()
      [asks]({
        model,
        signal: controller.signal,
        leave: when === 'break',
        on_text: () => ++pieces === 3 && when === 'reading' && controller.abort(),
      })
      .then(
        () => 'left', // some libraries end the loop quietly for the application that aborts
        () => 'left',
      );
    if (when === 'waiting') {
      await this.until(model, ({ attempts }) => attempts === 2, 5000);
      controller.abort();
    }
    const end = await ending;
    const { attempts } = await this.state(model);
    const pieces_min = { waiting: 0, reading: 3, break: 1 }[when];
    const begin = `${attempts} attempts, ${pieces >= pieces_min ? 'enough' : `only ${pieces}`} pieces`;
    const milliseconds = await this.until(model, ({ open }) => open === 0, 3000);
    return {
      wanted: '2 attempts, enough pieces, left, upstream closed within a second',
      seen: `${begin}, ${end}, upstream closed ${milliseconds <= 1000 ? 'within a second' : `after ${milliseconds} ms`}`,
    };
  }

  // How long it took until `holds` did.
  async until(model, holds, patience) {
    const begin = Date.now();
    while (!holds(await this.state(model))) {
      if (Date.now() - begin > patience) return Infinity;
      await sleep(5);
    }
    return Date.now() - begin;
  }
}
