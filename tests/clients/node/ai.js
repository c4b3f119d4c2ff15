// Vercel's AI SDK with its provider for OpenAI-compatible servers, as a client: see clients.js for what a client is.

const calls_of = (calls) => calls.map((call) => [call.toolName, JSON.stringify(call.input)]);

export function ai_client({ generateText, streamText, jsonSchema, tool }, { createOpenAICompatible }) {
  const declared = (tools) =>
    tools &&
    Object.fromEntries(Object.keys(tools).map((key) => [key, tool({ inputSchema: jsonSchema(tools[key]) })]));

  return {
    // It reads on when nobody listens any more; only its signal stops it.
    stays_when_left: true,

    connect: ({ gateway, retries = 0, headers }) => {
      const provider = createOpenAICompatible({
        name: 'airouter',
        apiKey: 'any',
        baseURL: gateway,
        headers,
        includeUsage: true,
      });
      const options = ({ model, tools, signal }) => ({
        model: provider(model),
        prompt: 'Hi',
        maxRetries: retries,
        abortSignal: signal,
        ...(tools && { tools: declared(tools) }),
      });
      return {
        async plain(request) {
          const result = await generateText(options(request));
          return { text: result.text, calls: calls_of(result.toolCalls), finish: result.finishReason };
        },

        async stream({ on_text, ...request }) {
          const result = streamText({ ...options(request), onError: () => {} });
          const calls = [];
          let text = '';
          let finish;
          for await (const part of result.fullStream) {
            if (part.type === 'error') throw part.error;
            if (part.type === 'abort') throw new DOMException('aborted', 'AbortError');
            if (part.type === 'finish') finish = part.finishReason;
            if (part.type === 'tool-call') calls.push(part);
            if (part.type !== 'text-delta') continue;
            text += part.text;
            on_text?.(part.text);
          }
          return { text, calls: calls_of(calls), finish };
        },

        // What most applications read: it throws only if the stream is cut, not if it merely holds an error. What the
        // error was is told beside it.
        async helper(request) {
          let told;
          const result = streamText({ ...options(request), onError: ({ error }) => (told ??= error) });
          let text = '';
          try {
            for await (const piece of result.textStream) text += piece;
          } catch (cut) {
            throw told ?? cut;
          }
          return { text, calls: [], finish: await result.finishReason };
        },
      };
    },

    // An error inside a stream comes as its bare message; after retries the last error is wrapped.
    told: (error) => {
      if (typeof error === 'string') return { type: 'error part', message: error };
      const cause = error.lastError ?? error;
      const body = cause.data?.error ?? {};
      return {
        type: cause.name,
        status: cause.statusCode,
        code: body.code,
        message: cause.message,
      };
    },
  };
}
