"""Whether what is shown follows what happens, whoever does it, and however much of it there is."""

import contextlib
import threading
import time

from checks import check, expect, expect_equal, show, wait_for
from world import Gateway, logged, provider, usual_config

BADGES = "return [...document.querySelectorAll('.provider-row')].map((one) => one.innerText.replace(/\\s+/g, ' '))"


@contextlib.contextmanager
def asked_all_the_time(gateway, model, pause):
    """Two clients that never stop."""
    is_over = threading.Event()

    def ask():
        while not is_over.wait(pause):
            gateway.ask(model)

    clients = [threading.Thread(target=ask) for _ in range(2)]
    for one in clients:
        one.start()
    try:
        yield
    finally:
        is_over.set()
        for one in clients:
            one.join()


@check
def states_follow_while_requests_fail_steadily(world):
    """a provider that cools shows it within seconds, however often others fail meanwhile"""
    config = {"providers": [provider("Picky", world.providers.url("picky"), ["picky"]), provider("Limited", world.providers.url("limited"), ["m"])]}
    gateway = Gateway(world.program, config)
    try:
        with world.browser(gateway) as browser, asked_all_the_time(gateway, "picky", 0.12):
            time.sleep(1)
            gateway.ask("m")
            wait_for(lambda: any("ooling" in row for row in browser.run(BADGES)), 3, "the state")
    finally:
        gateway.close()


@check
def what_ran_when_the_server_was_killed_is_not_shown_as_running(world):
    """its row goes once the server is back and does not know it"""
    config = usual_config(world.providers)
    config["providers"][2]["base_url"] = world.providers.url("slow")
    gateway = Gateway(world.program, config)
    world.providers.delays["slow"] = 20

    def ask():
        with contextlib.suppress(OSError):
            gateway.ask()

    try:
        with world.browser(gateway, where="#/requests") as browser:
            browser.allowed = ["ERR_* api/*", "ERR_* health"]
            threading.Thread(target=ask, daemon=True).start()
            browser.find(".requests .badge.running", 5)
            wait_for(lambda: browser.run("return document.querySelectorAll('.dots .mark.failed').length") == 2, 5, "the attempts that failed")
            gateway.kill()
            browser.find(".link-bar.is-shown")
            gateway.start()
            browser.wait_gone(".link-bar.is-shown")
            browser.wait_gone(".requests .badge.running", 5)
    finally:
        world.providers.delays["slow"] = 0.5
        gateway.close()


@check
def what_happens_to_the_system_is_seen_at_once(world):
    """a config that is saved elsewhere is a row within seconds, though no health changes"""
    gateway = Gateway(world.program, usual_config(world.providers))
    try:
        with world.browser(gateway, where="#/requests?type=system") as browser:
            for count in (1, 2):
                expect_equal(gateway.call("PUT", "/api/config", {"max_retries": count})[0], 200, "the change")
                wait_for(lambda: browser.text().count("settings changed") == count, 6, "the row")
    finally:
        gateway.close()


@check
def redrawing_leaves_nothing_behind(world):
    """while something counts down, and all is drawn anew again and again, the page does not grow"""
    config = {"providers": [provider("Picky", world.providers.url("picky"), ["picky"]), provider("Gone", "http://127.0.0.1:9/v1", ["m"])]}
    gateway = Gateway(world.program, config)

    def nodes(browser):
        browser.cdp("HeapProfiler.collectGarbage")
        return browser.cdp("Memory.getDOMCounters")["nodes"]

    try:
        for _ in range(3):
            gateway.ask("m")
        with world.browser(gateway) as browser:
            wait_for(lambda: any("Cooling" in row for row in browser.run(BADGES)), 5, "the countdown")
            with asked_all_the_time(gateway, "picky", 0.3):
                time.sleep(3)
                before = nodes(browser)
                time.sleep(9)
                after = nodes(browser)
            print(f"    {before} nodes, then {after}")
            expect(after < before + 400, f"{before} nodes, and {after} nine seconds later")
    finally:
        gateway.close()


@check
def every_state_has_an_address_and_one_step(world):
    """a search typed letter by letter is one step back; adding a provider has an address, and going back closes it"""
    gateway = Gateway(world.program, {})
    try:
        with world.browser(gateway, where="#/requests") as browser:
            steps = browser.run("return history.length")
            browser.click("input[type=search]")
            for letter in "gpt-3":
                browser.press(letter)
                time.sleep(0.4)
            wait_for(lambda: browser.hash() == "#/requests?q=gpt-3", 3, "the address of the search")
            expect_equal(browser.run("return history.length") - steps, 1, "steps of one search")
            browser.run("history.back()")
            wait_for(lambda: browser.hash() == "#/requests", 3, "the step back")
            for where in ("#/overview", "#/providers"):
                show(browser, where)
                browser.click("[data-key=n]")
                browser.find("dialog textarea")
                expect_equal(browser.hash(), f"{where}?add=1", "the address")
                browser.run("history.back()")
                browser.wait_gone("dialog")
                expect_equal(browser.hash(), where, "the address after going back")
                show(browser, f"{where}?add=1")
                browser.find("dialog textarea")
                browser.press("Escape")
                browser.wait_gone("dialog")
                wait_for(lambda: browser.hash() == where, 3, "the address once it is closed")
    finally:
        gateway.close()


@check
def older_requests_are_offered_where_there_are_some(world):
    """not in a log that is shown whole, with a filter or without"""
    gateway = Gateway(world.program, usual_config(world.providers))
    try:
        for _ in range(3):
            gateway.ask("gpt-3.5-turbo")
        with world.browser(gateway) as browser:
            for query in ("", "?status=ok", "?type=system"):
                show(browser, f"#/requests{query}")
                browser.wait_gone("text:Older requests", 3)
        gateway.remember([logged(time.time() + number / 1000, took=0.001) for number in range(150)])
        with world.browser(gateway) as browser:
            for query, pages in (("", 2), ("?status=ok", 1), ("?q=gpt-4", 1)):
                show(browser, f"#/requests{query}")
                browser.find("text:Older requests")
                for _ in range(pages):
                    browser.click("text:Older requests", 3)
                    time.sleep(0.5)
                expect(not browser.has("text:Older requests"), f"older ones after {pages} pages, {query}")
    finally:
        gateway.close()
