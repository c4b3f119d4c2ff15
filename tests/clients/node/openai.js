// openai-node as a client: see clients.js for what a client is.

const functions = (tools) =>
  tools && Object.keys(tools).map((name) => ({ type: 'function', function: { name, parameters: tools[name] } }));

const calls_of = (calls) => (calls ?? []).map((call) => [call.function.name, call.function.arguments]);

// Puts together the pieces of tool calls, as every application does that streams them.
function add_pieces(calls, pieces) {
  for (const piece of pieces ?? []) {
    calls[piece.index] ??= { function: { name: '', arguments: '' } };
    calls[piece.index].function.name += piece.function?.name ?? '';
    calls[piece.index].function.arguments += piece.function?.arguments ?? '';
  }
}

export function openai_client(OpenAI) {
  return {
    connect: ({ gateway, retries = 0, headers }) => {
      const openai = new OpenAI({ apiKey: 'any', baseURL: gateway, maxRetries: retries, defaultHeaders: headers });
      const body = (model, tools) => ({
        model,
        messages: [{ role: 'user', content: 'Hi' }],
        ...(tools && { tools: functions(tools) }),
      });
      return {
        async plain({ model, tools, signal }) {
          const completion = await openai.chat.completions.create(body(model, tools), { signal });
          const { message, finish_reason } = completion.choices[0];
          return { text: message.content ?? '', calls: calls_of(message.tool_calls), finish: finish_reason };
        },

        async stream({ model, tools, signal, on_text, leave }) {
          const stream = await openai.chat.completions.create(
            { ...body(model, tools), stream: true, stream_options: { include_usage: true } },
            { signal },
          );
          const calls = [];
          let text = '';
          let finish;
          for await (const chunk of stream) {
            const choice = chunk.choices[0];
            if (!choice) continue;
            finish = choice.finish_reason ?? finish;
            add_pieces(calls, choice.delta.tool_calls);
            if (!choice.delta.content) continue;
            text += choice.delta.content;
            on_text?.(choice.delta.content);
            if (leave) break;
          }
          return { text, calls: calls_of(calls), finish };
        },

        // The helper that most examples show.
        async helper({ model }) {
          const stream = openai.chat.completions.stream(body(model));
          const completion = await stream.finalChatCompletion();
          const { message, finish_reason } = completion.choices[0];
          return { text: message.content ?? '', calls: [], finish: finish_reason };
        },

        async models() {
          const ids = [];
          for await (const model of openai.models.list()) ids.push(model.id);
          const one = await openai.models.retrieve(ids[0]);
          return one.id === ids[0] ? ids : [`retrieve gave ${one.id}`];
        },
      };
    },

    told: (error) => ({
      type: error.constructor.name,
      status: error.status,
      code: error.code ?? undefined,
      message: error.message,
    }),
  };
}
