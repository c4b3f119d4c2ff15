"""Runs the checks of the panel in a real browser.

usage: run.py AIROUTERD [--figures | --no-figures] [--axe FILE] [--pictures FOLDER] [--web-root FOLDER] [NAME...]
NAME: only checks whose name holds it; --figures: only those of times, which want a quiet machine; --pictures: where they go instead of the build's panel/pictures; --web-root: of the panel in that folder, not of the one in the program
"""

import argparse
import os
import signal
import sys
import time
import traceback
from collections import Counter

import checks
import checks_details
import checks_door
import checks_edits
import checks_first_load
import checks_follow
import checks_forms
import checks_list
import checks_live
import checks_looks
import checks_pages
import checks_pictures
import checks_states
import checks_tasks
from browser import BrowserError, Driver
from world import Gateway, Providers

SUITES = (checks_looks, checks_pages, checks_states, checks_tasks, checks_edits, checks_list, checks_live, checks_details, checks_door, checks_follow, checks_forms, checks_first_load, checks_pictures)


def patience():
    """How much slower than a quiet one this machine may be just now: others may have the processors. A quiet one gets no slack, none more than as much again."""
    load = os.getloadavg()[0] / (os.cpu_count() or 1)
    return min(2.0, 1.0 + max(0.0, load - 0.75) * 2)


def result_of(world, one):
    """Runs a check and prints what came of it: ok, skipped or FAILED. One broken check does not hide the others."""
    world.patience = patience()
    begun = time.monotonic()
    try:
        one(world)
        print(f"ok      {one.__name__} ({time.monotonic() - begun:.1f} s)", flush=True)
        return "ok"
    except checks.Skipped as reason:
        print(f"skipped: {one.__name__}: {reason}", flush=True)
        return "skipped"
    except (checks.Failure, BrowserError) as error:
        print(f"FAILED  {one.__name__}: {one.__doc__}\n  {error}", flush=True)
    except Exception:
        print(f"FAILED  {one.__name__}: {one.__doc__}", flush=True)
        traceback.print_exc(file=sys.stdout)
    return "FAILED"


def run(world, chosen):
    """A check that fails is run once more at the end: a browser on a busy machine can be slow beyond all patience."""
    results = {one: result_of(world, one) for one in chosen}
    again = [one for one, result in results.items() if result == "FAILED"]
    if again:
        print(f"once more: {len(again)}", flush=True)
    results.update({one: result_of(world, one) for one in again})
    count = Counter(results.values())
    print(f"{count['ok']} passed, {count['FAILED']} failed" + (f", {count['skipped']} skipped" if count["skipped"] else ""))
    if count["FAILED"] or not chosen:
        return 1
    return 0 if count["ok"] else 77


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--axe")
    parser.add_argument("--pictures")
    parser.add_argument("--web-root")
    parser.add_argument("--figures", action=argparse.BooleanOptionalAction)
    parser.add_argument("names", nargs="*")
    options = parser.parse_intermixed_args()
    chosen = [one for one in checks.ALL if (not options.names or any(name in one.__name__ for name in options.names))
              and options.figures in (None, hasattr(one, "is_figure"))]
    if options.web_root:
        Gateway.always = ["--web-root", os.path.abspath(options.web_root)]
    # Who ends this ends what it started, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    driver, providers = Driver(), Providers()
    try:
        program = os.path.abspath(options.program)
        pictures = options.pictures or os.path.join(os.path.dirname(program), "..", "panel", "pictures")
        world = checks.World(program, driver, providers, options.axe, pictures)
        return run(world, chosen)
    finally:
        providers.close()
        driver.close()


if __name__ == "__main__":
    sys.exit(main())
