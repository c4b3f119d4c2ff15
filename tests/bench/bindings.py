"""What an event of a stream costs in process through the Python package. Prints "NAME ROUND VALUE" lines, of the median event.
usage: bindings.py PORT ROUNDS EVENTS RATE"""

import statistics
import sys
import time

import airouter


def main(port: int, rounds: int, events: int, rate: int) -> None:
    provider = {"name": "bench", "base_url": f"http://127.0.0.1:{port}/v1", "api_key": "k", "supported_models": ["*"]}
    with airouter.Router({"providers": [provider]}) as router:
        for number in range(rounds + 1):
            # Written as the provider of the benchmark, which only looks for names, wants it.
            request = f'{{"model":"stream-{rate}x{events}","stream":true,"messages":[]}}'
            costs = []
            characters = 0
            before = time.thread_time_ns()
            for chunk in router.stream(request):
                characters += len(chunk.text)
                now = time.thread_time_ns()
                costs.append(now - before)
                before = now
            assert len(costs) >= events / 2 and characters > 0
            if number > 0:
                print(f"cpu_us_per_event.python {number} {statistics.median(costs) / 1000:.4f}", flush=True)


main(*map(int, sys.argv[1:]))
