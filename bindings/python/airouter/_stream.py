"""A call on its way."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import deque
from concurrent.futures import Executor
from ctypes import string_at
from types import TracebackType
from typing import Any, AsyncIterator, Callable, Deque, Iterator, List, Optional, Type

from ._native import COMMITTED, DATA, END, FAILED, IDLE, ErrorSlot, bytes_of, lib, quick
from ._types import Chunk, Error, Head, Summary, Uncopied

_next = lib.airouter_call_next  # looked up once: it runs for each event

# How long a call into the library may last: signal handlers, Ctrl-C among them, run between two.
_TICK_MS = 100

# A thread that reads for a loop waits this long for an event that the loop waits for, and a tick for more. It reads this much
# ahead at the most.
_WAITING_MS = 500
_AHEAD_MAX, _AHEAD_BYTES_MAX = 256, 1024 * 1024


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
        self._known_head, self._known_summary = b"", bytes_of(lib.airouter_call_summary(call))
        # Letting go of the GIL takes longer than looking at an event, but a whole answer may be big.
        of_event = quick if json.loads(self._known_summary)["stream"] else lib
        self._data, self._text = of_event.airouter_call_data, of_event.airouter_call_text
        # Of async readers. A thread reads what comes for a loop that waits, which takes it from here.
        self._ahead: Deque[Chunk] = deque()
        self._is_reading = False  # set by the loop, taken back by the thread
        self._waiting: List[asyncio.Future[None]] = []

    @property
    def head(self) -> Optional[Head]:
        """Who answers; None before the first chunk."""
        self._look()
        head: Optional[Head] = json.loads(self._known_head) if self._known_head else None
        return head

    @property
    def summary(self) -> Summary:
        """Who was tried, and what came of it, so far; while a thread or task waits for what comes, as of a moment before."""
        self._look()
        summary: Summary = json.loads(self._known_summary)
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

    async def aclose(self) -> None:
        """The same, for contextlib.aclosing."""
        self.close()

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
            while not self._ahead or self._call is None:
                if not self._is_reading:
                    chunk = self._step(0)  # what is there already costs no change of threads
                    if chunk is not None:
                        return chunk
                    if self._is_over:
                        raise StopAsyncIteration
                    self._start_reading()
                came = asyncio.get_running_loop().create_future()
                self._waiting.append(came)
                if self._is_reading and not self._ahead:  # else the thread may not have seen who waits
                    await came
            return self._ahead.popleft()
        except (asyncio.CancelledError, KeyboardInterrupt):
            self.cancel()
            raise

    def _start_reading(self) -> None:
        self._is_reading = True
        try:
            self._executor().submit(self._read_ahead)
        except BaseException:
            self._is_reading = False
            raise

    def _read_ahead(self) -> None:
        """Reads for a loop that waits, and on while it comes back for more."""
        leave_at, size = time.monotonic() + _WAITING_MS / 1000, 0
        try:
            while len(self._ahead) < _AHEAD_MAX and size < _AHEAD_BYTES_MAX and time.monotonic() < leave_at:
                with self._lock:
                    chunk = self._drive(_WAITING_MS if self._waiting else _TICK_MS)
                    if chunk is None:
                        break
                    size = len(chunk.data) if not self._ahead else size + len(chunk.data)
                    self._ahead.append(chunk)
                if self._waiting:
                    self._wake()
                    leave_at = time.monotonic() + _TICK_MS / 1000
        except Error:
            pass  # told again to whoever asks next
        finally:
            self._is_reading = False
            self._wake()

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, []
        for came in waiting:
            try:
                came.get_loop().call_soon_threadsafe(_set, came)
            except RuntimeError:
                pass  # the loop is closed

    def _step(self, at_most_ms: int) -> Optional[Chunk]:
        """What came, or None: nothing yet, or _is_over."""
        with self._lock:
            return self._ahead.popleft() if self._ahead and self._call is not None else self._drive(at_most_ms)

    def _drive(self, at_most_ms: int) -> Optional[Chunk]:
        """The same of the library, with _lock."""
        while self._call is not None:
            event = _next(self._call, at_most_ms, self._errors.out)
            if event == DATA:
                data, text = self._data(self._call), self._text(self._call)
                return Chunk(string_at(data.bytes, data.length), string_at(text.bytes, text.length).decode("utf-8", "replace"))
            if event == IDLE and at_most_ms == 0:
                return None
            self._learn(self._call)
            if event == IDLE:
                return None
            if event == COMMITTED:
                continue
            self._is_over = True
            if event == FAILED:
                raise self._errors.taken()
            assert event == END
            return None
        self._is_over = True
        return None

    def _learn(self, call: int) -> None:
        """Asks the library for what may be asked while it works, with _lock."""
        self._known_head = bytes_of(lib.airouter_call_head(call))
        self._known_summary = bytes_of(lib.airouter_call_summary(call))

    def _look(self) -> None:
        """The same, unless somebody is at work, for whom nobody waits here."""
        if self._call is None:
            raise ValueError("the stream is closed")
        if self._lock.acquire(blocking=False):
            try:
                if self._call is not None:
                    self._learn(self._call)
            finally:
                self._lock.release()

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


def _set(came: asyncio.Future[None]) -> None:
    if not came.done():
        came.set_result(None)
