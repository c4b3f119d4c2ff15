"""The router."""

from __future__ import annotations

import json
import os
import threading
from concurrent.futures import Executor, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Callable, List, Mapping, Optional, Type, Union
from weakref import WeakSet

from ._native import ErrorSlot, c_options, c_text, lib, taken_json
from ._stream import Stream
from ._types import HealthReport, Plan, Request, Response, Uncopied

# As many async streams may wait at a time; the library's own bound for started calls is the same.
_THREADS_MAX = 256

Config = Union[str, bytes, Mapping[str, Any]]


def _config_text(config: Config) -> bytes:
    if isinstance(config, bytes):
        return config
    return (config if isinstance(config, str) else json.dumps(config)).encode()


class Router(Uncopied):
    """Sends calls to providers. Thread-safe. Close it, or use it in a `with` block, which ends what runs."""

    def __init__(self, config: Config) -> None:
        """`config` as in docs/configuration.md: JSON text, or a mapping. Raises airouter.Error, invalid_config."""
        text, errors = _config_text(config), ErrorSlot()
        self._take(lib.airouter_router_create(text, len(text), errors.out), errors)

    @classmethod
    def from_file(cls, path: Union[str, bytes, os.PathLike[str]]) -> Router:
        """A router from a config file. Raises airouter.Error, invalid_config, with every problem in the message."""
        router, errors = cls.__new__(cls), ErrorSlot()
        router._take(lib.airouter_router_from_file(c_text(os.fsdecode(path)), errors.out), errors)
        return router

    def _take(self, handle: Optional[int], errors: ErrorSlot) -> None:
        self._router: Optional[int] = None
        if not handle:
            raise errors.taken()
        self._router = handle  # guarded by _lock
        self._lock = threading.RLock()  # a signal handler may take it within its own thread
        self._threads: Optional[ThreadPoolExecutor] = None  # guarded by _lock; of async streams that wait
        self._streams: WeakSet[Stream] = WeakSet()  # guarded by _lock; to be cancelled at the end

    def call(
        self, request: Request, *, headers: Optional[Mapping[str, str]] = None, timeout: Optional[float] = None
    ) -> Response:
        """The whole answer, blocking. `timeout` is in seconds, of all attempts together; of `headers`, those on the library's
        short list reach a provider. Raises airouter.Error."""
        with self._open(_request_text(request), headers, timeout) as stream:
            return _response(stream, list(stream))

    async def acall(
        self, request: Request, *, headers: Optional[Mapping[str, str]] = None, timeout: Optional[float] = None
    ) -> Response:
        """The same for asyncio; cancelling the task cancels the call."""
        async with self._open(_request_text(request), headers, timeout) as stream:
            return _response(stream, [chunk async for chunk in stream])

    def stream(
        self, request: Request, *, headers: Optional[Mapping[str, str]] = None, timeout: Optional[float] = None
    ) -> Stream:
        """What comes as it comes, to iterate over, also asynchronously. A mapping gets "stream": true; text is sent as it
        is. Nothing is sent before the first step."""
        if not isinstance(request, (str, bytes)):
            request = {**request, "stream": True}
        return self._open(_request_text(request), headers, timeout)

    def explain(self, model: str) -> Plan:
        """A dry run: who would answer now, with what share, and why the others would not."""
        errors = ErrorSlot()
        plan: Plan = taken_json(self._asked(lib.airouter_router_explain, c_text(model), errors.out), errors)
        return plan

    def health(self) -> List[HealthReport]:
        """Every provider, and every model that is not healthy."""
        errors = ErrorSlot()
        reports: List[HealthReport] = taken_json(self._asked(lib.airouter_router_health, errors.out), errors)
        return reports

    def models(self) -> List[str]:
        """What may be asked for: names of the model map, and models of enabled providers that are not disabled."""
        errors = ErrorSlot()
        names: List[str] = taken_json(self._asked(lib.airouter_router_models, errors.out), errors)
        return names

    def reset_health(self, provider: str, model: str = "") -> None:
        """Forgets the failures of a provider, or of one of its models."""
        errors = ErrorSlot()
        if self._asked(lib.airouter_router_reset_health, c_text(provider), c_text(model), errors.out) != 0:
            raise errors.taken()

    def reload(self, config: Config) -> None:
        """Swaps the config; running calls keep theirs. Raises airouter.Error and changes nothing if it is wrong."""
        text, errors = _config_text(config), ErrorSlot()
        if self._asked(lib.airouter_router_reload, text, len(text), errors.out) != 0:
            raise errors.taken()

    def close(self) -> None:
        """Cancels the calls and streams that run: who waits for them gets the error `cancelled`. Everything else raises ValueError
        from then on. Does nothing the second time."""
        with self._lock:
            router, self._router = self._router, None
            threads, self._threads = self._threads, None
            streams = list(self._streams)
        if router is None:
            return
        for stream in streams:
            stream.cancel()
        lib.airouter_router_free(router)
        if threads is not None:
            threads.shutdown(wait=False)

    def _asked(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """What the library answers, at once: nothing here waits for a provider. The router is not freed meanwhile."""
        with self._lock:
            if self._router is None:
                raise ValueError("the router is closed")
            return function(self._router, *arguments)

    def _open(self, request: bytes, headers: Optional[Mapping[str, str]], timeout: Optional[float]) -> Stream:
        errors = ErrorSlot()
        options = c_options(headers, timeout)
        with self._lock:
            call = self._asked(lib.airouter_call_open, request, len(request), options, errors.out)
            if not call:
                raise errors.taken()
            stream = Stream(call, self._executor)
            self._streams.add(stream)
        return stream

    def _executor(self) -> Executor:
        with self._lock:
            if self._router is None:
                raise ValueError("the router is closed")
            if self._threads is None:
                self._threads = ThreadPoolExecutor(_THREADS_MAX, thread_name_prefix="airouter")
            return self._threads

    def __enter__(self) -> Router:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_router", None) is not None:
            self.close()


def _request_text(request: Request) -> bytes:
    if isinstance(request, bytes):
        return request
    return (request if isinstance(request, str) else json.dumps(request)).encode()


def _response(stream: Stream, chunks: Any) -> Response:
    head = stream.head
    assert head is not None
    body = b"".join(chunk.data for chunk in chunks)
    return Response(head, body, "".join(chunk.text for chunk in chunks), stream.summary)
