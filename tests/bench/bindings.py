"""What an event of a stream costs in process through the Python package, read with `for` and with `async for`, beside a stream
that C reads to its end. Streams come in turn, so that all see the same machine. Prints "NAME ROUND VALUE" lines.
usage: bindings.py PORT ROUNDS EVENTS RATE
"""

import asyncio
import ctypes
import sys
import time

import airouter
from airouter import _native


def read_in_python(router: airouter.Router, request: str) -> None:
    assert sum(len(chunk.text) for chunk in router.stream(request)) > 0


async def read_in_asyncio(router: airouter.Router, request: str) -> None:
    assert sum([len(chunk.text) async for chunk in router.stream(request)]) > 0


def read_in_c(router: airouter.Router, request: str) -> None:
    finish = _native.lib.airouter_call_finish
    finish.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p)]
    stream = router.stream(request)
    assert finish(stream._call, None) == 0
    stream.close()


def main(port: int, rounds: int, events: int, rate: int) -> None:
    provider = {"name": "bench", "base_url": f"http://127.0.0.1:{port}/v1", "api_key": "k", "supported_models": ["*"]}
    # Written as the provider of the benchmark, which only looks for names, wants it.
    request = f'{{"model":"stream-{rate}x{events}","stream":true,"messages":[]}}'
    with airouter.Router({"providers": [provider]}) as router:
        loop = asyncio.new_event_loop()
        ways = {
            "python_base": lambda: read_in_c(router, request),
            "python": lambda: read_in_python(router, request),
            "python_async": lambda: loop.run_until_complete(read_in_asyncio(router, request)),
        }
        for number in range(rounds + 1):
            for name, read in ways.items():
                before = time.process_time_ns()
                read()
                used = time.process_time_ns() - before
                if number > 0:
                    print(f"cpu_us_per_event.{name} {number} {used / 1000 / events:.4f}", flush=True)
        loop.close()


main(*map(int, sys.argv[1:]))
