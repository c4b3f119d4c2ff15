// What the TypeScript compiler must accept. It is not run.
import { AirouterError, Router, type Chunk, type Head } from 'airouter';

export async function read(router: Router): Promise<string> {
  const controller = new AbortController();
  const stream = router.stream({ model: 'm', messages: [] }, { signal: controller.signal, timeout: 1500 });
  let text = '';
  for await (const chunk of stream) text += (chunk satisfies Chunk).text;
  const head: Head | null = stream.head;
  return text + (head?.provider ?? '') + (await router.call('{}', { headers: { x: 'y' } })).text;
}

export function ask(error: unknown): number | null {
  const router = new Router({ providers: [] });
  const shares: number[] = router.explain('m').candidates.map((candidate) => candidate.share);
  router.resetHealth('a');
  router.close();
  return error instanceof AirouterError ? error.retryAfter : shares.length;
}
