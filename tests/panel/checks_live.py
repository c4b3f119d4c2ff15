"""What happens while one looks: rows as they start, a server that is gone, many tabs, a prefix, a burst."""

import signal
import subprocess
import sys
import threading
import time

from checks import REQUESTS, Moment, check, expect, expect_equal, figure, rows_of, show, wait_for, wait_rows
from world import Gateway, Prefix, usual_config


@figure
def a_request_is_seen_while_it_runs(world):
    """its row is there soon after it starts, its attempts as they end, and nothing that is read moves"""
    config = usual_config(world.providers)
    config["providers"][2]["base_url"] = world.providers.url("slow")
    world.providers.delays["slow"] = 1.5
    gateway = Gateway(world.program, config)
    try:
        with world.browser(gateway, where="#/requests") as browser:
            row = Moment(browser, ".requests > tbody > tr .badge.running")
            asking = threading.Thread(target=gateway.ask)
            asking.start()
            shown = row.wait()
            # Two have failed, the third has not answered yet.
            wait_for(lambda: browser.run("return document.querySelectorAll('.requests > tbody > tr:has(.badge.running) .mark.failed').length") == 2, 5,
                             lambda: "two attempts: " + browser.text(".requests tbody"))
            expect(asking.is_alive(), "the request is over")
            asking.join()
            world.providers.delays["slow"] = 0.02
            browser.find(".badge.rescued", 3)
            late = shown - gateway.call("GET", "/api/requests")[1]["requests"][0]["time"]
            world.within(500, late * 1000, "ms until a row is there")
            browser.click(".opener")
            before = browser.run("return document.querySelector('.detail').getBoundingClientRect().top")
            for _ in range(3):
                gateway.ask("gpt-3.5-turbo")
            browser.wait_text("3 new requests", "main")
            expect_equal(rows_of(browser, REQUESTS), 1, "rows while one is read")
            moved = browser.run("return document.querySelector('.detail').getBoundingClientRect().top") - before
            shown = browser.run("return document.querySelector('.fresh').getBoundingClientRect().height > 0")
            expect(shown and abs(moved) < 1, f"what is read moved by {moved} pixels")
            browser.click("text:3 new requests")
            wait_rows(browser, 4, "with the new ones", REQUESTS)
    finally:
        world.providers.delays = {"slow": 0.5}
        gateway.close()


@figure
def a_server_that_is_gone_is_missed_and_found_again(world):
    """the bar shows within 3 s, goes within 5 s of the server's return, and no row is lost"""
    with world.gateway() as gateway:
        with world.browser(gateway, where="#/requests") as browser:
            browser.allowed = ["ERR_* api/*", "ERR_* health"]
            for _ in range(3):
                gateway.ask("gpt-3.5-turbo")
            wait_rows(browser, 3, "of requests", REQUESTS)
            bar = Moment(browser, ".link-bar.is-shown")
            begun = time.time()
            gateway.kill()
            missed = bar.wait() - begun
            world.within(3, missed, "s until the server is missed")
            time.sleep(2)
            bar = Moment(browser, ".link-bar.is-shown", False)
            begun = time.time()
            gateway.start()
            for _ in range(2):
                gateway.ask("gpt-3.5-turbo")
            found = bar.wait() - begun
            world.within(5, found, "s until it is found again")
            wait_rows(browser, 5, "of requests", REQUESTS)
            gateway.ask("gpt-3.5-turbo")
            wait_rows(browser, 6, "with the live one after it", REQUESTS)


@figure
def a_server_that_is_silent_is_missed(world):
    """a stopped process answers nothing and closes nothing: the bar shows all the same"""
    with world.gateway() as gateway:
        with world.browser(gateway) as browser:
            bar = Moment(browser, ".link-bar.is-shown")
            begun = time.time()
            gateway.process.send_signal(signal.SIGSTOP)
            missed = bar.wait() - begun
            time.sleep(1)
            bar = Moment(browser, ".link-bar.is-shown", False)
            begun = time.time()
            gateway.process.send_signal(signal.SIGCONT)
            found = bar.wait() - begun
            world.within(3, missed, "s until the server is missed")
            world.within(5, found, "s until it is found again")
            gateway.ask("gpt-3.5-turbo")
            show(browser, "#/requests")
            wait_rows(browser, 1, "after it", REQUESTS)


# When the list of requests, which is empty, says so.
FIRST_LIST = """
new MutationObserver((_, observer) => {
  if (!document.querySelector('.empty')) return;
  observer.disconnect();
  window.listedAt = performance.now();
}).observe(document, {childList: true, subtree: true});
"""


def share_one_connection(world, count, prepare):
    with world.gateway() as gateway:
        with world.browser(None, gateway.origin) as browser:
            browser.allowed = ["401 api/*"]
            prepare(browser)
            browser.go("about:blank")
            browser.go(gateway.page(f"#token={gateway.token}"))
            browser.find("nav")
            browser.go("about:blank")
            browser.forget()
            tabs = browser.windows()
            for nth in range(count):
                if nth > 0:
                    tabs.append(browser.new_tab())
                    prepare(browser)
                browser.cdp("Page.addScriptToEvaluateOnNewDocument", source=FIRST_LIST)
                browser.go(gateway.page("#/requests"))
                took = wait_for(lambda: browser.run("return window.listedAt"), 10, "the list") / 1000
                world.within(2, took, f"s until tab {len(tabs)} shows its list")
            time.sleep(1)
            gateway.ask("gpt-3.5-turbo")
            for tab in tabs:
                browser.switch(tab)
                wait_rows(browser, 1, "in every tab", REQUESTS)
            time.sleep(0.5)
            browser.collect()
            streams = [one for one in browser.requests if one["url"].endswith("/stream")]
            expect(len(streams) >= 1, "the tabs are connected")
            expect_equal(sum(not one["is_over"] for one in streams), 1, f"connections, of {len(streams)} that were made")


@figure
def eight_tabs_share_one_connection(world):
    """each of them opens quickly, one of them is connected, all of them are live"""
    share_one_connection(world, 8, lambda browser: None)


@figure
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
            browser.allowed = ["401 llm/api/*"]
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


# A provider and clients of its own, so that neither waits for the other's language: prints the provider's port, reads the
# gateway's, then sends at an even pace and prints how many were answered.
LOAD = """
import asyncio, os, sys
seconds, rate, clients = float(sys.argv[1]), float(sys.argv[2]), 16
answer = b'{"id":"1","object":"chat.completion","created":1,"model":"gpt-4-turbo","choices":[{"index":0,"message":{"role":"assistant","content":"Hello!"},"finish_reason":"stop"}]}'
ask = b'{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"Hi"}]}'

async def message(reader):
    head = (await reader.readuntil(b'\\r\\n\\r\\n')).lower()
    length = head.split(b'content-length:')[1].split(b'\\r\\n')[0]
    return await reader.readexactly(int(length))

async def provide(reader, writer):
    try:
        while True:
            await message(reader)
            await asyncio.sleep(0.02)
            writer.write(b'HTTP/1.1 200 OK\\r\\ncontent-type: application/json\\r\\ncontent-length: %d\\r\\n\\r\\n%s' % (len(answer), answer))
    except (asyncio.IncompleteReadError, OSError):
        writer.close()

async def main():
    server = await asyncio.start_server(provide, '127.0.0.1', 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    loop = asyncio.get_running_loop()
    port = int(await loop.run_in_executor(None, sys.stdin.readline))
    total, sent, done = int(seconds * rate), 0, 0
    begun = loop.time()

    async def client():
        nonlocal sent, done
        reader, writer = await asyncio.open_connection('127.0.0.1', port)
        while sent < total and loop.time() - begun < seconds:
            number, sent = sent, sent + 1
            await asyncio.sleep(max(0, begun + number / rate - loop.time()))
            writer.write(b'POST /v1/chat/completions HTTP/1.1\\r\\nhost: 127.0.0.1\\r\\ncontent-type: application/json\\r\\ncontent-length: %d\\r\\n\\r\\n%s' % (len(ask), ask))
            await message(reader)
            done += 1
        writer.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    print(done, flush=True)
    os._exit(0)

asyncio.run(main())
"""

WATCH = """
window.longest = 0; window.longTasks = 0; window.mostRows = 0;
new PerformanceObserver((list) => { for (const one of list.getEntries()) { ++window.longTasks; window.longest = Math.max(window.longest, one.duration); } })
  .observe({type: 'longtask'});
setInterval(() => { window.mostRows = Math.max(window.mostRows, document.querySelectorAll('tbody tr').length); }, 100);
"""


@figure
def a_burst_leaves_the_page_at_ease(world):
    """two hundred requests a second for ten seconds: no more than 100 rows, and the page is never busy for long"""
    for _ in range(2):
        sent = burst(world)
        if sent >= 1800:
            return
        print(f"    only {sent} of 2000 requests could be sent in the time", flush=True)
    expect(False, "the machine is too busy to send a burst")


def burst(world):
    config = usual_config(world.providers)
    load = subprocess.Popen([sys.executable, "-c", LOAD, "10", "200"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    config["providers"][2]["base_url"] = f"http://127.0.0.1:{load.stdout.readline().strip()}/v1"
    gateway = Gateway(world.program, config)
    try:
        with world.browser(gateway, where="#/requests") as browser:
            browser.run(WATCH)
            sent = int(load.communicate(f"{gateway.port}\n", timeout=60)[0])
            time.sleep(1)
            rows, longest, tasks = browser.run("return [window.mostRows, window.longest, window.longTasks]")
            print(f"    {sent / 10:.0f} requests/s: at most {rows} rows, {tasks} long tasks")
            if sent < 1800:
                return sent
            expect(1 <= rows <= 100, f"{rows} rows")
            world.within(50, longest, "ms that the longest task takes")
            total = gateway.call("GET", "/stats")[1]["requests"]["total"]
            show(browser, "#/overview")
            wait_for(lambda: browser.text(".stats").split("\n")[1].replace(",", "") == str(total), 5, "the overview's count")
            return sent
    finally:
        load.kill()
        load.wait()
        gateway.close()
