"""What happens while one looks: rows as they start, a server that is gone, many tabs, a prefix, a burst."""

import subprocess
import sys
import threading
import time

from checks import check, expect, expect_equal, settle, show, wait_for
from world import Gateway, Prefix, usual_config

ROWS = "return [...document.querySelectorAll('.requests > tbody > tr:not(.event):not(.detail)')].length"


@check
def a_request_is_seen_while_it_runs(world):
    """its row is there soon after it starts, its attempts as they end, and nothing that is read moves"""
    config = usual_config(world.providers)
    config["providers"][2]["base_url"] = world.providers.url("slow")
    gateway = Gateway(world.program, config)
    try:
        with world.browser(gateway, where="#/requests") as browser:
            begun = time.monotonic()
            asking = threading.Thread(target=gateway.ask)
            asking.start()
            wait_for(lambda: browser.run(ROWS) == 1, 5, "the row")
            late = time.monotonic() - begun
            expect(browser.has(".badge.running"), "the row says that it runs")
            asking.join()
            browser.find(".badge.rescued", 3)
            expect(late <= 0.5 * world.patience, f"the row came after {late * 1000:.0f} ms")
            print(f"    a row after {late * 1000:.0f} ms")
            browser.click(".opener")
            before = browser.run("return document.querySelector('.detail').getBoundingClientRect().top")
            for _ in range(3):
                gateway.ask("gpt-3.5-turbo")
            browser.wait_text("3 new requests", "main")
            expect_equal(browser.run(ROWS), 1, "rows while one is read")
            moved = browser.run("return document.querySelector('.detail').getBoundingClientRect().top") - before
            shown = browser.run("return document.querySelector('.fresh').getBoundingClientRect().height > 0")
            expect(shown and abs(moved) < 1, f"what is read moved by {moved} pixels")
            browser.click("text:3 new requests")
            wait_for(lambda: browser.run(ROWS) == 4, 3, "the new rows")
    finally:
        gateway.close()


@check
def a_server_that_is_gone_is_missed_and_found_again(world):
    """the bar shows within 3 s, goes within 5 s of the server's return, and no row is lost"""
    gateway = Gateway(world.program, usual_config(world.providers))
    try:
        with world.browser(gateway, where="#/requests") as browser:
            browser.allowed = ["api/", "health", "ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE"]
            for _ in range(3):
                gateway.ask("gpt-3.5-turbo")
            wait_for(lambda: browser.run(ROWS) == 3, 5, "three rows")
            gateway.kill()
            begun = time.monotonic()
            browser.find(".link-bar.is-shown", 10)
            missed = time.monotonic() - begun
            expect(missed <= 3 * world.patience, f"missed after {missed:.1f} s")
            time.sleep(2)
            gateway.start()
            begun = time.monotonic()
            for _ in range(2):
                gateway.ask("gpt-3.5-turbo")
            browser.wait_gone(".link-bar.is-shown", 15)
            found = time.monotonic() - begun
            expect(found <= 5 * world.patience, f"found after {found:.1f} s")
            wait_for(lambda: browser.run(ROWS) == 5, 5, "five rows")
            gateway.ask("gpt-3.5-turbo")
            wait_for(lambda: browser.run(ROWS) == 6, 5, "the live row after it")
            print(f"    missed after {missed:.1f} s, found after {found:.1f} s")
    finally:
        gateway.close()


@check
def a_server_that_is_silent_is_missed(world):
    """a stopped process answers nothing and closes nothing: the bar shows all the same"""
    gateway = Gateway(world.program, usual_config(world.providers))
    try:
        with world.browser(gateway) as browser:
            browser.allowed = ["api/", "health"]
            gateway.process.send_signal(19)
            begun = time.monotonic()
            browser.find(".link-bar.is-shown", 10)
            missed = time.monotonic() - begun
            gateway.process.send_signal(18)
            expect(missed <= 3 * world.patience + 0.3, f"missed after {missed:.1f} s")
            browser.wait_gone(".link-bar.is-shown", 8)
    finally:
        gateway.close()


def share_one_connection(world, count, prepare):
    gateway = Gateway(world.program, usual_config(world.providers))
    try:
        with world.browser(None, gateway.origin) as browser:
            browser.allowed = ["api/admin/system-stats", "401"]
            prepare(browser)
            browser.go("about:blank")
            browser.go(gateway.page(f"#token={gateway.token}"))
            browser.find("nav")
            show(browser, "#/requests")
            tabs = browser.windows()
            for _ in range(count - 1):
                begun = time.monotonic()
                tabs.append(browser.new_tab())
                prepare(browser)
                browser.go(gateway.page("#/requests"))
                browser.find("h1")
                settle(browser)
                took = time.monotonic() - begun
                expect(took <= 2 * world.patience, f"tab {len(tabs)} took {took:.1f} s")
            time.sleep(1)
            gateway.ask("gpt-3.5-turbo")
            for tab in tabs:
                browser.switch(tab)
                wait_for(lambda: browser.run(ROWS) == 1, 5, "the row in every tab")
            time.sleep(0.5)
            browser.collect()
            streams = [one for one in browser.requests if one["url"].endswith("/stream")]
            expect(len(streams) >= 1, "the tabs are connected")
            expect_equal(sum(not one["is_over"] for one in streams), 1, f"connections, of {len(streams)} that were made")
    finally:
        gateway.close()


@check
def eight_tabs_share_one_connection(world):
    """each of them opens quickly, one of them is connected, all of them are live"""
    share_one_connection(world, 8, lambda browser: None)


@check
def tabs_share_one_connection_on_plain_http(world):
    """browsers have locks on https and on localhost only: elsewhere tabs agree by a note"""
    share_one_connection(world, 3, lambda browser: browser.cdp("Page.addScriptToEvaluateOnNewDocument", source="delete Navigator.prototype.locks"))


@check
def it_works_below_a_prefix(world):
    """behind a proxy under /llm/: pages, live rows, and the address that a client is told"""
    gateway = Gateway(world.program, usual_config(world.providers))
    proxy = Prefix(gateway.port)
    try:
        with world.browser(None, proxy.origin + "/llm") as browser:
            browser.allowed = ["api/admin/system-stats", "401"]
            browser.go(f"{proxy.origin}/llm/admin#token={gateway.token}")
            browser.find("nav")
            expect_equal(browser.run("return location.pathname"), "/llm/admin/", "the address")
            show(browser, "#/requests")
            gateway.ask()
            browser.find(".opener", 5)
            for where in ("#/providers", "#/routes", "#/keys", "#/playground", "#/settings"):
                show(browser, where)
                browser.find("h1")
            show(browser, "#/keys?new=1")
            browser.type("dialog [name=name]", "x")
            browser.click("text:Create")
            browser.wait_text(f"{proxy.origin}/llm/v1", "dialog")
    finally:
        proxy.close()
        gateway.close()


LOAD = """
import http.client, sys, time
port, seconds, rate = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
connection = http.client.HTTPConnection('127.0.0.1', port, timeout=30)
body = b'{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"Hi"}]}'
begun, sent = time.monotonic(), 0
while time.monotonic() - begun < seconds:
    connection.request('POST', '/v1/chat/completions', body, {'content-type': 'application/json'})
    connection.getresponse().read()
    sent += 1
    time.sleep(max(0, begun + sent / rate - time.monotonic()))
print(sent)
"""

WATCH = """
window.longest = 0; window.longTasks = 0; window.mostRows = 0;
new PerformanceObserver((list) => { for (const one of list.getEntries()) { ++window.longTasks; window.longest = Math.max(window.longest, one.duration); } })
  .observe({type: 'longtask'});
setInterval(() => { window.mostRows = Math.max(window.mostRows, document.querySelectorAll('tbody tr').length); }, 100);
"""


@check
def a_burst_leaves_the_page_at_ease(world):
    """two hundred requests a second for ten seconds: no more than 100 rows, and the page is never busy for long"""
    gateway = Gateway(world.program, usual_config(world.providers))
    try:
        with world.browser(gateway, where="#/requests") as browser:
            browser.run(WATCH)
            clients = [subprocess.Popen([sys.executable, "-c", LOAD, str(gateway.port), "10", "20"], stdout=subprocess.PIPE) for _ in range(10)]
            sent = sum(int(one.communicate()[0]) for one in clients)
            time.sleep(1)
            rows, longest, tasks = browser.run("return [window.mostRows, window.longest, window.longTasks]")
            print(f"    {sent / 10:.0f} requests/s: at most {rows} rows, {tasks} long tasks, the longest {longest:.0f} ms")
            expect(sent >= 500, f"only {sent} requests were sent")
            expect(1 <= rows <= 101, f"{rows} rows")
            expect(longest <= 50 * world.patience, f"a task took {longest:.0f} ms")
            total = gateway.call("GET", "/stats")[1]["requests"]["total"]
            show(browser, "#/overview")
            wait_for(lambda: browser.text(".stats").split("\n")[1].replace(",", "") == str(total), 5, "the overview's count")
    finally:
        gateway.close()
