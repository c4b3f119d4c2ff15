"""Model calls routed to whichever provider works, inside a Python program.

    with airouter.Router.from_file("config.json") as router:
        for chunk in router.stream({"model": "smart", "messages": [{"role": "user", "content": "Hi"}]}):
            print(chunk.text, end="", flush=True)
"""

from ._router import Router
from ._stream import Stream
from ._types import (
    Attempt,
    Candidate,
    Chunk,
    Error,
    Head,
    HealthReport,
    Plan,
    Request,
    Response,
    Skipped,
    Summary,
    Usage,
)
from ._native import version

__version__ = version()
__all__ = [
    "Attempt",
    "Candidate",
    "Chunk",
    "Error",
    "Head",
    "HealthReport",
    "Plan",
    "Request",
    "Response",
    "Router",
    "Skipped",
    "Stream",
    "Summary",
    "Usage",
]
