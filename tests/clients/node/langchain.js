// LangChain's ChatOpenAI as a client: see clients.js for what a client is.

const functions = (tools) =>
  Object.keys(tools).map((name) => ({ type: 'function', function: { name, parameters: tools[name] } }));

const answer_of = (message) => ({
  text: message.text,
  calls: (message.tool_calls ?? []).map((call) => [call.name, JSON.stringify(call.args)]),
  finish: message.response_metadata.finish_reason,
});

export const langchain_client = ({ ChatOpenAI }) => ({
  // Its own retries wait out a Retry-After of up to a minute, whatever else the answer says.
  waits_for_limits: true,

  connect: ({ gateway, retries = 0, headers }) => {
    const chat = ({ model, tools }) => {
      const plain = new ChatOpenAI({
        model,
        apiKey: 'any',
        maxRetries: retries,
        configuration: { baseURL: gateway, defaultHeaders: headers },
      });
      return tools ? plain.bindTools(functions(tools)) : plain;
    };
    return {
      async plain(request) {
        return answer_of(await chat(request).invoke('Hi', { signal: request.signal }));
      },

      async stream({ on_text, leave, ...request }) {
        let whole;
        for await (const chunk of await chat(request).stream('Hi', { signal: request.signal })) {
          whole = whole === undefined ? chunk : whole.concat(chunk);
          if (!chunk.text) continue;
          on_text?.(chunk.text);
          if (leave) break;
        }
        return answer_of(whole);
      },
    };
  },

  told: (error) => ({
    type: error.constructor.name,
    status: error.status,
    code: error.code ?? undefined,
    message: error.message,
  }),
});
