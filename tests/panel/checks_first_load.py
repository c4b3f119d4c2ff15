"""What the first load of a page costs, whatever is shown there."""

import time

from checks import check, expect, visit, wait_for
from checks_pictures import history
from world import Gateway, usual_config

# A slow line carries no more in a moment, and a browser asks for no more at once.
BYTES_MAX, REQUESTS_MAX = 40 * 1024, 20


def first_load(browser, gateway, where):
    """Requests of a first visit with an empty cache, but for the heartbeat."""
    browser.run("localStorage.setItem('airouter.token', arguments[0])", gateway.token)
    browser.cdp("Network.clearBrowserCache")
    browser.forget()
    browser.go("about:blank")
    visit(browser, gateway.page(where))
    if where.startswith("#/overview"):
        wait_for(lambda: browser.has(".stats, .card.empty button"), 5, "the overview")
    time.sleep(0.3)
    browser.collect()
    return [one for one in browser.requests if not one["url"].endswith("/health") and one["url"].startswith("http")]


@check
def every_first_load_is_small(world):
    """at most 40 KB and 20 requests in both languages: without a provider, and with the requests of a day"""
    empty, busy = Gateway(world.program, {}), Gateway(world.program, usual_config(world.providers))
    try:
        busy.remember(history(time.time()))
        found = []
        for gateway, where in ((empty, "#/overview"), (busy, "#/overview"), (busy, "#/requests"), (busy, "#/providers")):
            for language in ("en", "zh"):
                with world.browser(None, gateway.origin, language=language) as browser:
                    browser.allowed = ["401 api/*"]
                    loaded = first_load(browser, gateway, where)
                    size = sum(one["bytes"] for one in loaded)
                    print(f"    {language} {where}{' (no provider)' if gateway is empty else ''}: {size} bytes, {len(loaded)} requests")
                    if size > BYTES_MAX or len(loaded) > REQUESTS_MAX:
                        parts = " ".join(f"{one['url'].split('/')[-1]}={one['bytes']}" for one in loaded)
                        found.append(f"{language} {where}: {size} bytes, {len(loaded)} requests: {parts}")
        expect(not found, "\n  ".join(found))
    finally:
        empty.close()
        busy.close()
