"""The C interface, through ctypes: every call into it releases the GIL."""

from __future__ import annotations

import ctypes
import json
import math
import os
from pathlib import Path
from typing import Any, Optional

from ._types import Error

ABI_VERSION = 1
FAILED, COMMITTED, DATA, IDLE, END = range(5)


class View(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_void_p), ("length", ctypes.c_size_t)]


class String(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_void_p), ("length", ctypes.c_size_t)]


_handle, _text, _size = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t
_error = ctypes.POINTER(ctypes.c_void_p)

_SIGNATURES = {
    "airouter_abi_version": (ctypes.c_uint32, []),
    "airouter_version": (_text, []),
    "airouter_router_create": (_handle, [_text, _size, _error]),
    "airouter_router_from_file": (_handle, [_text, _error]),
    "airouter_router_free": (None, [_handle]),
    "airouter_router_reload": (ctypes.c_int, [_handle, _text, _size, _error]),
    "airouter_router_models": (String, [_handle, _error]),
    "airouter_router_explain": (String, [_handle, _text, _error]),
    "airouter_router_health": (String, [_handle, _error]),
    "airouter_router_reset_health": (ctypes.c_int, [_handle, _text, _text, _error]),
    "airouter_call_open": (_handle, [_handle, _text, _size, _text, _error]),
    "airouter_call_next": (ctypes.c_int, [_handle, ctypes.c_int64, _error]),
    "airouter_call_data": (View, [_handle]),
    "airouter_call_text": (View, [_handle]),
    "airouter_call_head": (View, [_handle]),
    "airouter_call_summary": (View, [_handle]),
    "airouter_call_cancel": (None, [_handle]),
    "airouter_call_free": (None, [_handle]),
    "airouter_string_free": (None, [String]),
    "airouter_error_json": (View, [_handle]),
    "airouter_error_free": (None, [_handle]),
}


def _name() -> str:
    beside = Path(__file__).with_name("libairouter_c.so.1")
    return os.environ.get("AIROUTER_C_LIBRARY") or (str(beside) if beside.exists() else "libairouter_c.so.1")


def _load(library: ctypes.CDLL) -> ctypes.CDLL:
    for function, (result, arguments) in _SIGNATURES.items():
        declared = getattr(library, function)
        declared.restype, declared.argtypes = result, arguments
    found = library.airouter_abi_version()
    if found != ABI_VERSION:
        raise ImportError(f"{_name()} has ABI version {found}; this package needs {ABI_VERSION}")
    return library


lib = _load(ctypes.CDLL(_name()))

# The same, but it keeps the GIL: for what takes less time than letting it go.
quick = _load(ctypes.PyDLL(_name()))


def version() -> str:
    text: bytes = lib.airouter_version()
    return text.decode()


def bytes_of(view: View) -> bytes:
    return ctypes.string_at(view.bytes, view.length)


class ErrorSlot:
    """Where a call of the interface leaves its error. Used again and again, by one thread at a time."""

    def __init__(self) -> None:
        self._error = ctypes.c_void_p()
        self.out = ctypes.byref(self._error)

    def taken(self) -> Error:
        """The error that was left, which is freed."""
        text = bytes_of(lib.airouter_error_json(self._error))
        lib.airouter_error_free(self._error)
        self._error.value = None
        return Error(json.loads(text) if text else _NO_MEMORY)


_NO_MEMORY = {
    "code": "internal",
    "message": "memory ran out here",
    "http_status": 500,
    "retry_after_s": None,
    "body": None,
}


def taken_json(string: String, errors: ErrorSlot) -> Any:
    """What an owned string says, which is freed; or the error."""
    if not string.bytes:
        raise errors.taken()
    try:
        return json.loads(ctypes.string_at(string.bytes, string.length))
    finally:
        lib.airouter_string_free(string)


def c_text(text: str) -> bytes:
    """For parameters that end at a NUL."""
    if not isinstance(text, str):
        raise TypeError(f"a name must be a str, not {type(text).__name__}")
    encoded = text.encode()
    if b"\0" in encoded:
        raise ValueError("a NUL within a name")
    return encoded


def c_options(headers: Optional[Any], timeout: Optional[float]) -> Optional[bytes]:
    options: dict[str, Any] = {}
    if headers is not None:
        options["headers"] = dict(headers)
    if timeout is not None:
        if not isinstance(timeout, (int, float)):
            raise TypeError(f"timeout must be a number of seconds, not {type(timeout).__name__}")
        if not math.isfinite(timeout):
            raise ValueError("timeout must be a finite number of seconds, or None")
        options["total_ms"] = max(1, round(timeout * 1000))
    return json.dumps(options).encode() if options else None
