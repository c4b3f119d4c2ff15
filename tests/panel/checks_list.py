"""The list of requests: what it shows, what it leaves out, and how far back it goes."""

import time

from checks import check, expect, expect_equal, rows_of, settle, show, wait_for, wait_rows
from world import Gateway, logged, logged_event, usual_config


@check
def filters_narrow_requests_and_events(world):
    """level, type, provider, model, key, result and text, alone and together; they are part of the address"""
    with world.gateway() as gateway:
        key = gateway.call("POST", "/api/keys", {"name": "laptop"})[1]["key"]
        gateway.ask("gpt-4", key=key)
        gateway.ask("gpt-3.5-turbo", key=key)
        gateway.ask("always-limited", key=key)
        events = gateway.call("GET", "/api/logs?log_type=system&limit=1000")[1]["logs"]
        by = lambda member, value: sum(one.get(member) == value for one in events)
        expect(by("provider", "Site_A") > 0 and by("level", "warning") > 0, f"events to look for: {events}")
        with world.browser(gateway, where="#/requests") as browser:
            for query, wanted in (("", 3 + len(events)), ("level=warning", 1 + by("level", "warning")), ("level=error", 1 + by("level", "error")),
                                  ("level=info", 1 + by("level", "info")), ("type=system", len(events)), ("type=response", 2), ("type=error", 1),
                                  ("provider=Site_A", 1 + by("provider", "Site_A")), ("provider=Site_A&type=system", by("provider", "Site_A")),
                                  ("status=rescued", 1), ("key=lap", 3), ("key=nobody", 0), ("model=always", 1 + by("model", "always-limited")),
                                  ("q=gpt-3.5", 1), ("status=ok&key=laptop&model=gpt-3.5", 1)):
                show(browser, f"#/requests?{query}")
                wait_rows(browser, wanted, query or "without a filter")
            show(browser, "#/requests")
            browser.click("summary")
            browser.run("const box = [...document.querySelectorAll('.filter-bar select')].at(-1); box.value = 'system'; box.dispatchEvent(new Event('change'))")
            wait_rows(browser, len(events), "of the system, by the form")
            expect_equal(browser.hash(), "#/requests?type=system", "the address")
            browser.click("text:Clear filters")
            wait_rows(browser, 3 + len(events), "without a filter again")


@check
def pause_and_clear_hold_what_is_shown(world):
    """paused, nothing comes; cleared, only what comes after it is shown, whatever the browser's clock says"""
    with world.gateway() as gateway:
        gateway.ask("gpt-3.5-turbo")
        with world.browser(gateway, where="#/requests") as browser:
            wait_rows(browser, 1, "at first")
            browser.click("text:Pause")
            gateway.ask("gpt-3.5-turbo")
            browser.find("text:1 new request")
            expect_equal(rows_of(browser), 1, "rows while it is paused")
            browser.click("text:Resume")
            wait_rows(browser, 2, "resumed")
            for hours in (-3, 3):
                browser.run("const real = Date.now.bind(Date); Date.now = () => real() + arguments[0] * 3600e3", hours)
                browser.click("text:Clear view")
                wait_rows(browser, 0, "cleared")
                gateway.ask("gpt-3.5-turbo")
                wait_rows(browser, 1, "after it was cleared")
            browser.run("location.reload()")
            settle(browser)
            wait_rows(browser, 4, "loaded again")


@check
def a_pointer_that_rests_holds_nothing_back(world):
    """it reads rows only where it moves"""
    with world.gateway() as gateway:
        gateway.ask("gpt-3.5-turbo")
        with world.browser(gateway, where="#/requests") as browser:
            wait_rows(browser, 1, "at first")
            x, y = browser.run("const box = document.querySelector('tbody tr').getBoundingClientRect(); return [box.x + 60, box.y + box.height / 2]")
            browser.cdp("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
            gateway.ask("gpt-3.5-turbo")
            browser.find("text:1 new request")
            browser.cdp("Input.dispatchMouseEvent", type="mouseMoved", x=5, y=5)
            gateway.ask("gpt-3.5-turbo")
            wait_rows(browser, 3, "after the pointer left")
            show(browser, "#/settings")
            browser.cdp("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
            show(browser, "#/requests")
            wait_rows(browser, 3, "with the pointer over them")
            gateway.ask("gpt-3.5-turbo")
            wait_rows(browser, 4, "below a pointer that rests")


@check
def older_pages_reach_the_beginning(world):
    """requests and events of a long log, page by page: each once, none left out"""
    gateway = Gateway(world.program, usual_config(world.providers))
    begun = time.time() - 3600
    gateway.remember([logged(begun + number * 2, took=3) for number in range(250)] + [logged_event(begun + number * 2 + 1) for number in range(130)])
    try:
        with world.browser(gateway, where="#/requests") as browser:
            for query, wanted in (("", 380), ("?type=system", 130), ("?level=warning", 130), ("?status=ok", 250)):
                show(browser, f"#/requests{query}")
                browser.find(".requests tbody tr")
                settle(browser)
                seen, pages = set(), 0
                while True:
                    keys = browser.run("return [...document.querySelectorAll('.requests > tbody > tr')].map((row) => row.dataset.id)")
                    expect(len(keys) <= 100, f"{len(keys)} rows")
                    seen |= set(keys)
                    pages += 1
                    if not browser.has("text:Older requests") or pages > 8:
                        break
                    browser.click("text:Older requests")
                    wait_for(lambda: browser.run("return document.querySelector('.requests > tbody > tr')?.dataset.id") != keys[0] or
                             not browser.has("text:Older requests"), 5, "the page before")
                expect_equal(len(seen), wanted, f"rows of {query or 'all'} on {pages} pages")
    finally:
        gateway.close()


@check
def a_long_gap_is_caught_up(world):
    """three hundred requests while the server could not be heard: the page knows them all, and shows a hundred"""
    with world.gateway() as gateway:
        gateway.ask("gpt-3.5-turbo")
        with world.browser(gateway, where="#/requests") as browser:
            wait_rows(browser, 1, "at first")
            browser.click("text:Pause")
            browser.allowed = ["ERR_* api/*", "ERR_* health"]
            browser.cdp("Network.enable")
            browser.cdp("Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=-1, uploadThroughput=-1)
            gateway.kill()
            browser.find(".link-bar.is-shown")
            gateway.remember([logged(time.time() + number / 1000, took=0.001) for number in range(300)])
            browser.cdp("Network.emulateNetworkConditions", offline=False, latency=0, downloadThroughput=-1, uploadThroughput=-1)
            browser.wait_gone(".link-bar.is-shown")
            browser.find("text:300 new requests")
            browser.click("text:Resume")
            wait_rows(browser, 100, "resumed")
