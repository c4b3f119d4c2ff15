"""Runs every check with both clients of openai-python and prints a table. usage: run.py CLIENT_WORLD AIROUTERD

The exit code is 0 if nothing failed.
"""

import concurrent.futures
import json
import math
import subprocess
import sys
import time
import urllib.error
import urllib.request

import clients

TOOLS = {
    "weather": {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}},
    "clock": {"type": "object", "properties": {"zone": {"type": "string"}}},
}
ELSEWHERE = {"X-Forwarded-For": "203.0.113.7"}  # such a client needs a key


class Checks:
    """The checks of one client. Each gives what was wanted and what was seen."""

    def __init__(self, client, world):
        self.client = client
        self.world = world

    def connect(self, **options):
        return self.client(self.world["gateway"], **options)

    def state(self, model):
        """{"attempts", "open"}: what the providers of a model have seen."""
        with urllib.request.urlopen(f"{self.world['control']}/{model}", timeout=10) as answer:
            return json.load(answer)

    def answer_of(self, answer, asks, received=None):
        """"whole", or what is wrong with it. `received` are the pieces that came before it."""
        with_tools = asks.endswith("tools")
        said = "\n".join(" ".join(call) for call in answer.calls) if with_tools else answer.text
        if said != (self.world["calls"] if with_tools else self.world["text"]):
            return f"SILENT HALF: {said!r}"
        if received and received != answer.text:
            return f"pieces that do not make the answer: {received!r}"
        return "whole" if answer.finish else "no finish reason"

    def error_of(self, error, received=""):
        if not self.world["text"].startswith(received):
            return f"made-up text: {received!r}"
        told = clients.told(error)
        return f"error {told['code'] or 'without code: ' + str(told)}"

    def scenario(self, model, asks, expect, attempts):
        received = []
        try:
            ask = getattr(self.connect(), asks.split()[0])
            answer = ask(model, tools=TOOLS if asks.endswith("tools") else None, on_text=received.append)
            seen = self.answer_of(answer, asks, "".join(received))
        except Exception as error:
            seen = self.error_of(error, "".join(received))
        wanted = "whole" if expect == "whole" else f"error {expect}"
        return f"{wanted} after {attempts} attempts", f"{seen} after {self.state(model)['attempts']} attempts"

    def models(self):
        return " ".join(sorted(self.world["models"])), " ".join(sorted(self.connect().models()))

    def refused(self, model, wanted, headers=None):
        try:
            self.connect(headers=headers).plain(model)
            return wanted, "not refused"
        except Exception as error:
            return wanted, self.error_of(error)

    def retried(self, model, wanted, attempts_max, asks="plain", seconds_max=15):
        """With the retries that the library makes by itself: whether they are over soon, and spare the providers."""
        begin = time.monotonic()
        try:
            seen = self.answer_of(getattr(self.connect(retries=2), asks)(model), asks)
        except Exception as error:
            seen = self.error_of(error)
            # Those who do not retry have the first answer, the others the last.
            if seen == "error all_providers_failed":
                seen = "error no_provider_available"
        seconds = time.monotonic() - begin
        if seconds > seconds_max:
            seen += f", but only after {seconds:.1f} s"
        attempts = self.state(model)["attempts"]
        if attempts > attempts_max:
            seen += f", but with {attempts} attempts"
        return wanted, seen

    def leaves(self, model, asks, when):
        """The client leaves after the second provider was asked; the upstream must be closed within a second."""
        try:
            self.connect().leave(model, asks, when)
            end = "left"
        except Exception as error:
            end = self.error_of(error)
        begin = time.monotonic()
        seconds = 0
        while self.state(model)["open"] > 0 and seconds < 3:
            time.sleep(0.005)
            seconds = time.monotonic() - begin
        closed = "within a second" if seconds <= 1 else f"after {seconds:.1f} s"
        attempts = self.state(model)["attempts"]
        return (
            "2 attempts, left, upstream closed within a second",
            f"{attempts} attempts, {end}, upstream closed {closed}",
        )


# What is asked by name: (check, method, options).
NAMED = [
    ("models", "models", {}),
    ("wrong-key", "refused", {"model": "plain", "headers": ELSEWHERE, "wanted": "error invalid_api_key"}),
    ("unknown-model", "refused", {"model": "nobody-has-it", "wanted": "error model_not_found"}),
]
RETRIES = [
    (model, "retried", {"model": model, **options})
    for model, options in [
        ("retry", {"wanted": "whole", "attempts_max": 4}),
        ("retry-stream", {"asks": "stream", "wanted": "whole", "attempts_max": 4}),
        ("down", {"wanted": "error no_provider_available", "attempts_max": 6, "seconds_max": 40}),
        ("limited", {"wanted": "error no_provider_available", "attempts_max": 3}),
        ("keys", {"wanted": "error no_provider_available", "attempts_max": 3}),
    ]
]
DEPARTURES = [
    (model, "leaves", {"model": model, "asks": asks, "when": when})
    for model, asks, when in [
        ("abort-plain", "plain", "waiting"),
        ("abort-silent-stream", "stream", "waiting"),
        ("abort-stream", "stream", "reading"),
        ("leave-stream", "stream", "break"),
    ]
]


def run_check(checks, check, method, options):
    begin = time.monotonic()
    try:
        wanted, seen = getattr(checks, method)(**options)
    except Exception as error:
        wanted, seen = "no error of the test", repr(error)
    passed = wanted == seen
    milliseconds = math.floor((time.monotonic() - begin) * 1000)
    told = seen if passed else f"{seen}; wanted: {wanted}"
    line = f"{'ok    ' if passed else 'FAILED'} {checks.client.name:28} {check:28} {milliseconds:6} ms  {told}"
    print(line, flush=True)
    return passed


def run_client(client, programs):
    """The results of all checks of one client, in a world of its own."""
    world = subprocess.Popen(programs, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        checks = Checks(client, json.loads(world.stdout.readline()))
        scenarios = [(one["model"], "scenario", one) for one in checks.world["scenarios"]]
        with concurrent.futures.ThreadPoolExecutor(8) as pool, concurrent.futures.ThreadPoolExecutor(8) as slow_pool:
            results = [run_check(checks, *check) for check in NAMED]
            # Third attempts are rationed while many calls fail at once: whoever is owed one asks alone.
            alone = [one for one in scenarios if one[2]["expect"] == "whole" and one[2]["attempts"] > 2]
            results += [run_check(checks, *check) for check in alone]
            slow = [slow_pool.submit(run_check, checks, *check) for check in RETRIES]
            done = [pool.submit(run_check, checks, *check) for check in scenarios if check not in alone]
            results += [one.result() for one in done]
            results += [run_check(checks, *check) for check in DEPARTURES]
            return results + [one.result() for one in slow]
    finally:
        world.stdin.close()
        world.wait(timeout=30)


def main():
    results = [passed for client in (clients.Blocking, clients.Awaited) for passed in run_client(client, sys.argv[1:3])]
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return 0 if results and all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
