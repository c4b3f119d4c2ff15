"""What goes in and comes out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, NamedTuple, NoReturn, Optional, Tuple, Type, TypedDict, Union

# A chat completion's JSON: as text, which is kept byte for byte, or as what json.dumps takes.
Request = Union[str, bytes, Mapping[str, Any]]


class Error(Exception):
    """Why a call or a config failed. The message never holds a key or a prompt."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        super().__init__(told["message"])
        self.code: str = told["code"]  # such as "all_providers_failed", "stream_broken", "cancelled"
        self.message: str = told["message"]
        self.http_status: int = told["http_status"]  # what an HTTP front end should answer
        self.retry_after: Optional[int] = told["retry_after_s"]  # seconds, where trying again makes sense
        self.body: Any = told["body"]  # OpenAI's error object, or the provider's own
        self._told = told

    def __reduce__(self) -> Tuple[Type[Error], Tuple[Mapping[str, Any]]]:
        """Copies, and crosses to other processes, whole."""
        return Error, (self._told,)


class Uncopied:
    """What stands for something of the library's, which a second one would free once more."""

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} cannot be copied or pickled")


class Chunk(NamedTuple):
    """What came at one time: whole events, or a plain body; and the text in it."""

    data: bytes
    text: str


class Skipped(TypedDict):
    provider: str
    model: str
    reason: str
    until_s: int


class Candidate(TypedDict):
    provider: str
    model: str
    share: float


class Plan(TypedDict):
    candidates: List[Candidate]
    skipped: List[Skipped]


class HealthReport(TypedDict):
    provider: str
    model: str  # empty: the whole provider
    state: str  # healthy, cooling, probing, disabled
    cause: str
    left_ms: int
    failures: int


class Attempt(TypedDict):
    provider: str
    model: str
    http_status: int
    failure: str  # none: this one answered
    started_us: int
    first_output_us: int
    total_us: int
    detail: str
    effect: str
    last_resort: bool
    probe: bool


class Usage(TypedDict):
    input_tokens: int
    output_tokens: int


class Summary(TypedDict):
    id: int
    model: str
    stream: bool
    attempts: List[Attempt]
    skipped: List[Skipped]
    usage: Optional[Usage]
    total_us: int


class Head(TypedDict):
    """Who answered."""

    status: int
    provider: str
    model: str
    attempts: int
    headers: Dict[str, str]


@dataclass(frozen=True)
class Response:
    """A whole answer."""

    head: Head
    body: bytes
    text: str
    summary: Summary

    def json(self) -> Any:
        return json.loads(self.body)
