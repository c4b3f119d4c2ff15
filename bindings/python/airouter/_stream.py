"""A call on its way."""

from __future__ import annotations

import asyncio
import json
import threading
from concurrent.futures import Executor
from ctypes import string_at
from types import TracebackType
from typing import Any, AsyncIterator, Callable, Iterator, Optional, Type

from ._native import COMMITTED, DATA, END, FAILED, IDLE, ErrorSlot, bytes_of, lib, quick
from ._types import Chunk, Head, Summary, Uncopied

# Looked up once: these run for each event.
_next, _data, _text = lib.airouter_call_next, quick.airouter_call_data, quick.airouter_call_text

# How long a call into the library may last: signal handlers, Ctrl-C among them, run between two.
_TICK_MS = 100


class Stream(Uncopied, Iterator[Chunk], AsyncIterator[Chunk]):
    """A call on its way: an iterator and an async iterator over what comes. It raises airouter.Error where the answer fails,
    also after some of it has come. Leaving a `with` block, close(), Ctrl-C and cancelling the task end it. One thread or task
    at a time iterates; cancel() and close() may come from any, and cancel() also from a signal handler."""

    def __init__(self, call: int, executor: Callable[[], Executor]) -> None:
        self._lock = threading.Lock()  # held while the library works on the call, so that it is not freed then
        # Held while the call is cancelled, so that it is not freed then either: cancelling does not wait for _lock. A signal
        # handler may take it within its own thread. _lock comes first.
        self._end_lock = threading.RLock()
        self._call: Optional[int] = call  # changed under both locks, so that either is enough to use it
        self._errors = ErrorSlot()
        self._executor = executor
        self._is_over = False

    @property
    def head(self) -> Optional[Head]:
        """Who answers; None before the first chunk."""
        head: Optional[Head] = self._asked(lib.airouter_call_head)
        return head

    @property
    def summary(self) -> Summary:
        """Who was tried, and what came of it, so far."""
        summary: Summary = self._asked(lib.airouter_call_summary)
        return summary

    def cancel(self) -> None:
        """From any thread: iterating ends soon, with the error `cancelled`."""
        with self._end_lock:
            if self._call is not None:
                lib.airouter_call_cancel(self._call)

    def close(self) -> None:
        """Cancels what still runs, and lets go of it. Does nothing the second time. Not from a signal handler, since it waits
        for the thread that iterates."""
        self.cancel()
        with self._lock, self._end_lock:
            call, self._call = self._call, None
        if call is not None:
            lib.airouter_call_free(call)

    def __iter__(self) -> Stream:
        return self

    def __next__(self) -> Chunk:
        try:
            while True:
                chunk = self._step(_TICK_MS)
                if chunk is not None:
                    return chunk
                if self._is_over:
                    raise StopIteration
        except KeyboardInterrupt:
            self.cancel()
            raise

    def __aiter__(self) -> Stream:
        return self

    async def __anext__(self) -> Chunk:
        try:
            chunk = self._step(0)  # what is there already costs no change of threads
            while chunk is None and not self._is_over:
                loop = asyncio.get_running_loop()
                chunk = await loop.run_in_executor(self._executor(), self._step, 5 * _TICK_MS)
        except (asyncio.CancelledError, KeyboardInterrupt):
            self.cancel()
            raise
        if chunk is None:
            raise StopAsyncIteration
        return chunk

    def _step(self, at_most_ms: int) -> Optional[Chunk]:
        """What came, or None: nothing yet, or _is_over."""
        with self._lock:
            if self._call is None:
                self._is_over = True
                return None
            while True:
                event = _next(self._call, at_most_ms, self._errors.out)
                if event == DATA:
                    data, text = _data(self._call), _text(self._call)
                    return Chunk(
                        string_at(data.bytes, data.length), string_at(text.bytes, text.length).decode("utf-8", "replace")
                    )
                if event == IDLE:
                    return None
                if event == COMMITTED:
                    continue
                self._is_over = True
                if event == FAILED:
                    raise self._errors.taken()
                assert event == END
                return None

    def _asked(self, function: Callable[[Optional[int]], Any]) -> Any:
        with self._lock:
            if self._call is None:
                raise ValueError("the stream is closed")
            text = bytes_of(function(self._call))
        return json.loads(text) if text else None

    def __enter__(self) -> Stream:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    async def __aenter__(self) -> Stream:
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_call", None) is not None:
            self.close()
