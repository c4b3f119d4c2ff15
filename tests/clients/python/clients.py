"""OpenAI's library for Python as two clients, one that blocks and one that is awaited.

Both have the same functions, which give an Answer or raise; `told` says what an application learns of an error.
"""

import asyncio
import threading
from dataclasses import dataclass, field

import openai


@dataclass
class Answer:
    text: str = ""
    calls: list = field(default_factory=list)  # (name, arguments)
    finish: str | None = None

    def add(self, chunk, on_text):
        """Puts together the pieces of a stream, as every application does."""
        if not chunk.choices:
            return
        choice = chunk.choices[0]
        self.finish = choice.finish_reason or self.finish
        for piece in choice.delta.tool_calls or []:
            if piece.index == len(self.calls):
                self.calls.append(("", ""))
            name, arguments = self.calls[piece.index]
            self.calls[piece.index] = (name + (piece.function.name or ""), arguments + (piece.function.arguments or ""))
        if choice.delta.content:
            self.text += choice.delta.content
            on_text(choice.delta.content)


def told(error):
    return {
        "type": type(error).__name__,
        "status": getattr(error, "status_code", None),
        "code": getattr(error, "code", None),
        "message": str(error),
    }


def _answer_of(completion):
    choice = completion.choices[0]
    calls = [(call.function.name, call.function.arguments) for call in choice.message.tool_calls or []]
    return Answer(choice.message.content or "", calls, choice.finish_reason)


def _body(model, tools):
    body = {"model": model, "messages": [{"role": "user", "content": "Hi"}]}
    if tools:
        functions = [{"name": name, "parameters": schema} for name, schema in tools.items()]
        body["tools"] = [{"type": "function", "function": function} for function in functions]
    return body


def _streamed(model, tools):
    return _body(model, tools) | {"stream": True, "stream_options": {"include_usage": True}}


class Blocking:
    name = f"openai-python {openai.__version__}"

    def __init__(self, gateway, retries=0, headers=None):
        self._openai = openai.OpenAI(api_key="any", base_url=gateway, max_retries=retries, default_headers=headers)

    def plain(self, model, tools=None, on_text=None):
        return _answer_of(self._openai.chat.completions.create(**_body(model, tools)))

    def stream(self, model, tools=None, on_text=lambda text: None):
        answer = Answer()
        for chunk in self._openai.chat.completions.create(**_streamed(model, tools)):
            answer.add(chunk, on_text)
        return answer

    def helper(self, model, tools=None, on_text=None):
        with self._openai.chat.completions.stream(**_body(model, tools)) as stream:
            return _answer_of(stream.get_final_completion())

    def models(self):
        ids = [model.id for model in self._openai.models.list()]
        assert self._openai.models.retrieve(ids[0]).id == ids[0]
        return ids

    def leave(self, model, asks, when):
        """Leaves while nothing has come, by a short timeout; or in the middle, by closing or dropping the stream."""
        if when == "waiting":
            impatient = self._openai.with_options(timeout=1)
            body = _streamed(model, None) if asks == "stream" else _body(model, None)
            try:
                impatient.chat.completions.create(**body)
            except openai.APITimeoutError:
                return
            raise AssertionError("no timeout")
        if when == "reading":
            stream = self._openai.chat.completions.create(**_streamed(model, None))
            for _ in range(3):
                next(stream)
            stream.close()
            return
        with self._openai.chat.completions.create(**_streamed(model, None)) as stream:
            for _ in stream:
                break


class Awaited:
    name = f"openai-python {openai.__version__} async"

    def __init__(self, gateway, retries=0, headers=None):
        self._options = dict(api_key="any", base_url=gateway, max_retries=retries, default_headers=headers)

    def _run(self, ask):
        async def run():
            async with openai.AsyncOpenAI(**self._options) as client:
                return await ask(client)

        return asyncio.run(run())

    def plain(self, model, tools=None, on_text=None):
        async def ask(client):
            return _answer_of(await client.chat.completions.create(**_body(model, tools)))

        return self._run(ask)

    def stream(self, model, tools=None, on_text=lambda text: None):
        async def ask(client):
            answer = Answer()
            async for chunk in await client.chat.completions.create(**_streamed(model, tools)):
                answer.add(chunk, on_text)
            return answer

        return self._run(ask)

    def helper(self, model, tools=None, on_text=None):
        async def ask(client):
            async with client.chat.completions.stream(**_body(model, tools)) as stream:
                return _answer_of(await stream.get_final_completion())

        return self._run(ask)

    def models(self):
        async def ask(client):
            return [model.id async for model in client.models.list()]

        return self._run(ask)

    def leave(self, model, asks, when):
        """Leaves by cancelling its task, while nothing has come or in the middle; or by breaking off the loop."""
        left = threading.Event()

        async def cancelled(task):
            task.cancel()
            try:
                await task
            except asyncio.CancelledError:
                left.set()

        async def wait(client):
            body = _streamed(model, None) if asks == "stream" else _body(model, None)
            task = asyncio.create_task(client.chat.completions.create(**body))
            await asyncio.sleep(1)
            await cancelled(task)

        async def read_on(client):
            begun = asyncio.Event()

            async def reading():
                count = 0
                async for _ in await client.chat.completions.create(**_streamed(model, None)):
                    count += 1
                    if count == 3:
                        begun.set()

            task = asyncio.create_task(reading())
            await asyncio.wait_for(begun.wait(), 10)
            await cancelled(task)

        async def read(client):
            async with await client.chat.completions.create(**_streamed(model, None)) as stream:
                async for _ in stream:
                    left.set()
                    break

        self._run({"waiting": wait, "reading": read_on, "break": read}[when])
        assert left.is_set()
