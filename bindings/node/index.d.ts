/// <reference types="node" />

/** A chat completion's JSON: text, which is kept as it is, or what JSON.stringify takes. */
export type Request = string | Uint8Array | { model: string; [key: string]: unknown };

export interface Options {
  /**
   * Ends the call when it is aborted; what waits is rejected with its reason. A stream that is over or collected leaves no
   * listener on it.
   */
  signal?: AbortSignal;
  /** Only those on the library's short list reach a provider. */
  headers?: Record<string, string>;
  /** Milliseconds, of all attempts together. */
  timeout?: number;
}

/** Who answered. */
export interface Head {
  status: number;
  provider: string;
  model: string;
  attempts: number;
  headers: Record<string, string>;
}

export interface Skipped {
  provider: string;
  /** Empty: the whole provider. */
  model: string;
  reason: 'off' | 'disabled' | 'cooling' | 'probing' | 'already_tried' | 'retry_budget';
  until_s: number;
}

export interface Attempt {
  provider: string;
  model: string;
  http_status: number;
  /** "none": this one answered. */
  failure: string;
  started_us: number;
  first_output_us: number;
  total_us: number;
  detail: string;
  effect: string;
  last_resort: boolean;
  probe: boolean;
}

export interface Summary {
  id: number;
  model: string;
  stream: boolean;
  attempts: Attempt[];
  skipped: Skipped[];
  usage: { input_tokens: number; output_tokens: number } | null;
  total_us: number;
}

/** What came at one time: whole events, or a plain body; and the text in it. */
export interface Chunk {
  data: string;
  text: string;
}

export interface Response {
  head: Head;
  body: string;
  text: string;
  summary: Summary;
  json(): any;
}

/**
 * A call on its way. Nothing is sent before the first next(). It rejects with an AirouterError where the answer fails, also
 * after some of it has come. Where several wait for next(), who asked first gets what comes first. Leaving a `for await` loop
 * cancels it, and nothing more comes; so does, sooner or later, dropping it.
 */
export interface Stream extends AsyncIterableIterator<Chunk> {
  /** null before the first chunk. */
  readonly head: Head | null;
  /** null before the end. */
  readonly summary: Summary | null;
  /** What has come is still handed out; then next() rejects once, with `cancelled`, unless the end has come, too. */
  cancel(): void;
}

export interface Plan {
  candidates: { provider: string; model: string; share: number }[];
  skipped: Skipped[];
}

export interface HealthReport {
  provider: string;
  /** Empty: the whole provider. */
  model: string;
  state: 'healthy' | 'cooling' | 'probing' | 'disabled';
  cause: string;
  left_ms: number;
  failures: number;
}

export class AirouterError extends Error {
  private constructor();
  /** Such as "all_providers_failed", "stream_broken", "cancelled". */
  readonly code: string;
  /** What an HTTP front end should answer. */
  readonly httpStatus: number;
  /** Seconds, where trying again makes sense. */
  readonly retryAfter: number | null;
  /** OpenAI's error object, or the provider's own. */
  readonly body: any;
}

/**
 * Sends calls to providers. Streams keep it until they are over. close() cancels what runs; a router that is collected is
 * closed, too.
 */
export class Router {
  /** JSON as in docs/configuration.md. Throws an AirouterError, invalid_config. */
  constructor(config: string | Uint8Array | object);
  /** From a config file. Throws an AirouterError, invalid_config, with every problem in the message. */
  static fromFile(path: string): Router;
  /** The whole answer. */
  call(request: Request, options?: Options): Promise<Response>;
  /** What comes as it comes. An object gets `stream: true`; text is sent as it is. */
  stream(request: Request, options?: Options): Stream;
  /** A dry run: who would answer now, with what share, and why the others would not. */
  explain(model: string): Plan;
  /** Every provider, and every model that is not healthy. */
  health(): HealthReport[];
  /** What may be asked for: names of the model map, and models of enabled providers that are not disabled. */
  models(): string[];
  /** Forgets the failures of a provider, or of one of its models. */
  resetHealth(provider: string, model?: string): void;
  /** Swaps the config; running calls keep theirs. Throws and changes nothing if it is wrong. */
  reload(config: string | Uint8Array | object): void;
  /** Cancels what runs; everything else throws from then on. Does nothing the second time. */
  close(): void;
}

export const version: string;
