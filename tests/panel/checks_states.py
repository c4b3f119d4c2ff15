"""What is there only for a moment, or only when something is wrong, in every language, theme and width."""

import pathlib
import signal

from checks import Failure, check, close_dialogs, expect, settle, show, wait_for
from checks_pages import COMBINATIONS, busy_gateway, look
from world import Gateway, provider


class Looks:
    """Looks at one state after the other; what is wrong with one does not hide the others."""

    def __init__(self, world, combination):
        self.world, self.name, self.found = world, " ".join(map(str, combination)), []

    def __call__(self, browser, state):
        try:
            look(self.world, browser, f"{self.name} {state}")
        except Failure as failure:
            self.found.append(str(failure))


def in_each_combination(world, gateway, work):
    found = []
    for language, theme, width in COMBINATIONS:
        looks = Looks(world, (language, theme, width))
        with world.browser(gateway, language=language, dark=theme == "dark", width=width) as browser:
            work(browser, looks)
        found += looks.found
    expect(not found, "\n  ".join(found))


@check
def the_wizard_is_in_order_at_each_step(world):
    """pasted, not found, models, testing, done, failed; and the overview that has nothing to show yet"""
    gateway = Gateway(world.program, {})

    def work(browser, looks):
        browser.allowed = ["502 api/providers/probe"]
        looks(browser, "the overview without a provider")
        for where in ("requests", "providers", "routes", "keys", "playground"):
            show(browser, f"#/{where}")
            looks(browser, f"{where} with nothing in it")
        show(browser, "#/overview")
        for kind in ("ok", "refused"):
            browser.click("[data-key=n]")
            browser.find("dialog textarea")
            looks(browser, "wizard: paste")
            browser.click("dialog .primary")
            browser.find("dialog [aria-invalid=true]")
            looks(browser, "wizard: no address")
            browser.paste("http://127.0.0.1:9/v1 sk-pasted-0123456789abcdef")
            browser.click("dialog .primary")
            browser.find("dialog .without", 20)
            looks(browser, "wizard: nobody there")
            browser.run("document.querySelector('dialog textarea').select()")
            browser.paste(f"{world.providers.url(kind)} sk-pasted-0123456789abcdef")
            browser.find("dialog .badge")
            looks(browser, "wizard: found")
            browser.click("dialog .primary")
            browser.find("dialog .chips")
            looks(browser, "wizard: models")
            world.providers.delays[kind] = 1.5
            browser.click("dialog .primary")
            wait_for(lambda: not browser.has("dialog .chips"), 5, "the test")
            looks(browser, "wizard: testing")
            browser.find("dialog pre, dialog .danger", 15)
            del world.providers.delays[kind]
            looks(browser, f"wizard: done, {kind}")
            browser.press("Escape")
            browser.wait_gone("dialog")
            show(browser, "#/providers")
        for one in gateway.call("GET", "/api/providers")[1]["providers"]:
            gateway.call("DELETE", f"/api/providers/{one['name']}")

    try:
        in_each_combination(world, gateway, work)
    finally:
        world.providers.delays = {"slow": 0.5}
        gateway.close()


# As another tab that tests the providers does.
HOLD_TESTS = "navigator.locks.request(`airouter.autotest ${location.pathname}`, () => new Promise((letGo) => { window.letGo = letGo; }))"


@check
def messages_and_forms_are_in_order(world):
    """hand-over, edits, errors at fields, messages, undo, banner, a provider that is out, an answer, a request that runs"""
    gateway = busy_gateway(world)
    gateway.call("POST", "/api/providers", provider("Refuses", world.providers.url("refused"), ["refused-model"]))
    gateway.call("POST", "/api/providers", provider("Slow", world.providers.url("slow"), ["slow-model"]))
    secret = gateway.call("POST", "/api/keys", {"name": "caller"})[1]["key"]
    gateway.ask("refused-model", key=secret)
    world.providers.delays["slow"] = 4
    config = pathlib.Path(gateway.folder.name, "config.json")

    def work(browser, looks):
        browser.allowed = ["400 api/keys", "400 api/providers/Site_A", "400 api/config", "400 api/admin/reload-config", "503 api/playground"]
        browser.find(".banner")
        looks(browser, "banner")
        show(browser, "#/keys?new=1")
        browser.type("dialog [name=name]", "x" * 300)
        browser.type("dialog [name=rate_limit]", "-5")
        browser.click("dialog [type=submit]")
        browser.find("dialog [aria-invalid=true]")
        looks(browser, "key: errors")
        browser.type("dialog [name=name]", "made here")
        browser.type("dialog [name=rate_limit]", "5")
        browser.click("dialog [type=submit]")
        browser.find("dialog pre")
        looks(browser, "key: hand over")
        browser.click("dialog .primary")
        browser.find("dialog .toast")
        looks(browser, "key: copied")
        close_dialogs(browser)
        key = next(one for one in gateway.call("GET", "/api/keys")[1]["keys"] if one["name"] == "made here")
        show(browser, f"#/keys?edit={key['key_id']}")
        browser.find("dialog")
        looks(browser, "key: edit")
        close_dialogs(browser)
        browser.click("tbody tr:last-child .danger")
        browser.click("dialog .danger")
        browser.find(".toast button:not(.quiet)")
        looks(browser, "key: undo")
        browser.click(".toast button:not(.quiet)")
        wait_for(lambda: next(one["enabled"] for one in gateway.call("GET", "/api/keys")[1]["keys"] if one["key_id"] == key["key_id"]), 5, "the key to be back")
        gateway.call("DELETE", f"/api/keys/{key['key_id']}")
        show(browser, "#/routes")
        browser.click(".route-row .danger")
        browser.find("dialog .danger")
        looks(browser, "route: delete")
        close_dialogs(browser)
        show(browser, "#/routes?explain=nobody-has-this-either")
        looks(browser, "route: nobody")
        show(browser, "#/providers?edit=Site_A")
        browser.type("dialog [name=base_url]", "nonsense")
        browser.click("dialog [type=submit]")
        browser.find("dialog [aria-invalid=true]")
        looks(browser, "provider: errors")
        close_dialogs(browser)
        show(browser, "#/settings")
        browser.type("[name='/max_retries']", "99999")
        browser.click("form [type=submit]")
        browser.find("[aria-invalid=true]")
        looks(browser, "settings: errors")
        whole = config.read_text()
        config.write_text('{\n  "providers": [{"name": "A", "base_url": "nonsense", "wait": 1}]}')
        browser.click(".head button")
        browser.find("main .banner li")
        looks(browser, "settings: a file that cannot be read")
        config.write_text(whole)
        show(browser, "#/providers")
        browser.run(HOLD_TESTS)
        browser.click(".autotest input")
        wait_for(lambda: not browser.run("return document.querySelector('.autotest input').checked"), 5, "the refusal")
        looks(browser, "providers: another tab tests")
        browser.run("window.letGo()")
        browser.click(".autotest input")
        settle(browser)
        expect(browser.run("return document.querySelector('.autotest input').checked"), f"{looks.name}: the tests are on")
        looks(browser, "providers: tests are on")
        browser.click(".autotest input")
        show(browser, "#/playground?model=gpt-4")
        gateway.call("POST", "/api/admin/reset-all", {})
        browser.type("[name=prompt]", "Hi")
        browser.click("form [type=submit]")
        wait_for(lambda: "Hello" in browser.text(".answer") and browser.has(".waterfall .bar"), 10, "the answer")
        looks(browser, "playground: an answer")
        browser.type("[name=model]", "refused-model")
        browser.click("form [type=submit]")
        browser.find("main .waterfall .mark.failed, main .answer + .note:not(:empty)")
        browser.find("form [type=submit]")
        looks(browser, "playground: an error")
        show(browser, "#/playground?model=slow-model")
        browser.type("[name=model]", "slow-model")
        browser.click("form [type=submit]")
        settle(browser)
        looks(browser, "playground: running")
        browser.click("form .line button:not([type=submit])")
        browser.find("form [type=submit]")
        looks(browser, "playground: stopped")
        show(browser, "#/requests")
        gateway.ask("refused-model", key=secret)
        looks(browser, "requests: rows that came and one that ended early")
        browser.click(".head button[aria-pressed]")
        gateway.ask("gpt-3.5-turbo", key=secret)
        browser.find(".fresh")
        looks(browser, "requests: paused")
        browser.run("navigator.clipboard.writeText = () => Promise.reject(new Error('no')); document.execCommand = () => false")
        browser.click(".opener")
        browser.click(".detail .note button, .detail .line button")
        browser.find("dialog textarea")
        looks(browser, "requests: to be copied by hand")
        close_dialogs(browser)

    try:
        in_each_combination(world, gateway, work)
    finally:
        world.providers.delays = {"slow": 0.5}
        gateway.close()


@check
def what_cannot_be_loaded_is_in_order(world):
    """loading, offline, an error with a way to try again, a page whose file is gone"""
    gateway = busy_gateway(world)

    def work(browser, looks):
        browser.allowed = ["*Failed to fetch dynamically imported module: */page-playground.js*"]
        for where in ("#/keys", "#/providers", "#/routes", "#/requests", "#/settings"):
            show(browser, where)
        show(browser, "#/overview")
        gateway.process.send_signal(signal.SIGSTOP)
        try:
            browser.run("location.hash = '#/keys'")
            browser.find(".empty[role=status]")
            looks(browser, "loading")
            browser.find(".link-bar.is-shown")
            looks(browser, "offline")
        finally:
            gateway.process.send_signal(signal.SIGCONT)
        browser.wait_gone(".link-bar.is-shown")
        settle(browser)
        show(browser, "#/requests")
        browser.cdp("Network.setBlockedURLs", urls=["*api/keys*", "*api/config*", "*api/overview*", "*api/model-map*", "*page-playground*"])
        for where in ("#/keys", "#/settings", "#/routes", "#/overview"):
            browser.run("location.hash = arguments[0]", where)
            browser.find("[role=alert]:not(.link-bar)")
            looks(browser, f"{where} that fails")
        browser.run("location.hash = '#/playground'")
        browser.find("main .primary")
        looks(browser, "a page whose file is gone")
        browser.cdp("Network.setBlockedURLs", urls=[])
        browser.run("location.hash = '#/keys'")
        browser.find(".keys-table")

    try:
        in_each_combination(world, gateway, work)
    finally:
        gateway.close()
