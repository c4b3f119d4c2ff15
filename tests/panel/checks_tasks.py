"""What people come for, by mouse and by keyboard, with the number of clicks that it may take; and that the figures are true."""

import subprocess
import time

from checks import check, expect, expect_equal, figure, settle, shorten_undo, show, wait_for, wait_rows
from world import provider


class Clicks:
    """Clicks through a browser, counting."""

    def __init__(self, browser):
        self.browser, self.count = browser, 0

    def __call__(self, selector):
        self.count += 1
        self.browser.click(selector)


@check
def the_first_provider_takes_four_clicks_and_a_paste(world):
    """an empty server asks for a paste, lists models, saves, tests, and says what a client needs"""
    with world.gateway({}) as gateway:
        with world.browser(gateway) as browser:
            click = Clicks(browser)
            click("text:Add provider")
            browser.find("dialog textarea")
            browser.paste(f"curl {world.providers.url('ok')}/chat/completions -H 'Authorization: Bearer sk-pasted-0123456789abcdef' -d '{{}}'")
            click("text:Next")
            browser.wait_text("3 models found", "dialog")
            click("text:Save and test")
            browser.wait_text("Passed: gpt-4", "dialog")
            browser.wait_text(f"Base URL: {gateway.origin}/v1", "dialog")
            click("dialog .primary")
            browser.wait_gone("dialog")
            expect(click.count <= 4, f"{click.count} clicks")
            browser.find(".provider-row")
            saved = gateway.call("GET", "/api/providers")[1]["providers"]
            expect_equal([len(saved), saved[0]["supported_models"]], [1, ["gpt-4", "gpt-4o-mini", "o3-mini"]], "what is saved")
            expect_equal(gateway.ask("gpt-4"), 200, "a request")


@check
def the_first_provider_by_keyboard(world):
    """log in, add a provider and find a request without a mouse"""
    with world.gateway({}) as gateway:
        with world.browser(None, gateway.origin) as browser:
            browser.allowed = ["401 api/*"]
            browser.write(gateway.token)
            browser.press("Enter")
            browser.find("nav")
            browser.wait_text("No provider yet", "main")
            browser.press("n")
            browser.find("dialog textarea")
            browser.paste(f"{world.providers.url('ok')} sk-pasted-0123456789abcdef")
            for _ in range(6):
                browser.press("Tab")
                if browser.run("return document.activeElement.textContent") == "Next":
                    break
            browser.press("Enter")
            browser.wait_text("3 models found", "dialog")
            browser.press("Enter")
            browser.wait_text("Passed: gpt-4", "dialog")
            browser.press("Enter")
            browser.wait_gone("dialog")
            expect_equal(gateway.ask("gpt-4"), 200, "a request")
            browser.press("g", "r")
            browser.find(".opener")
            browser.press("j")
            browser.press("Enter")
            browser.find(".waterfall .bar")
            expect("open=req_" in browser.hash(), f"the open row is part of the address: {browser.hash()}")
            browser.press("g", "k")
            browser.wait_text("No keys yet", "main")
            browser.press("n")
            browser.find("dialog [name=name]")
            browser.write("laptop")
            browser.press("Enter")
            browser.wait_text("Base URL", "dialog")
            browser.cdp("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
            browser.press("Enter")
            browser.wait_text("Copied", "dialog")
            copied = browser.run_async("navigator.clipboard.readText().then(arguments[0], (error) => arguments[0](String(error)))")
            key = next((line.split()[-1] for line in copied.splitlines() if line.startswith("API Key")), copied)
            expect_equal(gateway.call("GET", "/v1/models", key=key)[0], 200, "the key that was copied")
            browser.press("Escape")
            browser.wait_gone("dialog")
            browser.wait_text("1 of 1 enabled", "main")


@check
def a_failed_request_is_three_clicks_away(world):
    """from the overview to who was tried, and why"""
    with world.gateway() as gateway:
        gateway.ask("always-limited")
        gateway.ask("gpt-4")
        with world.browser(gateway) as browser:
            click = Clicks(browser)
            click("text:Requests")
            browser.find(".opener")
            click("tr:has(.badge.failed) .opener")
            browser.wait_text("Rate limit reached", ".detail")
            expect(click.count <= 3, f"{click.count} clicks")
            browser.cdp("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
            browser.run("navigator.clipboard.writeText = () => Promise.reject(new Error('plain http has none'))")
            click("text:Copy request id")
            browser.wait_text("Copied")
            copied = browser.run_async("navigator.clipboard.readText().then(arguments[0], (error) => arguments[0](String(error)))")
            expect(copied.startswith("req_"), f"what was copied: {copied}")
            browser.run("document.execCommand = () => false")
            browser.click("text:Copy request id")
            browser.find("dialog textarea")
            expect_equal(browser.run("return document.querySelector('dialog textarea').value"), copied, "what is shown to be copied by hand")
            browser.press("Escape")
            browser.wait_gone("dialog")
            show(browser, "#/requests?status=rescued")
            browser.click(".opener")
            text = browser.text(".detail")
            for part in ("Site_A", "429", "→ model cooling 30 s", "Site_C", "500", "Site_B", "200", "Not tried: Local (off)"):
                expect(part in text, f"the waterfall says {part}: {text}")
            hatched = browser.run("return [...document.querySelectorAll('.waterfall .bar')].map((one) => getComputedStyle(one).backgroundImage.includes('gradient'))")
            expect_equal(hatched, [True, True, False], "failures are hatched")
            browser.run("history.back()")
            settle(browser)
            expect("rescued" not in browser.hash(), "the filter is a step of the history")


@check
def a_key_is_handed_over_in_four_clicks(world):
    """made, and its address, key and models in the clipboard; switched off; deleted with a way back"""
    with world.gateway() as gateway:
        with world.browser(gateway) as browser:
            browser.cdp("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
            click = Clicks(browser)
            click("text:Keys")
            click("text:New key")
            browser.find("dialog [name=name]")
            browser.write("laptop")
            click("text:Create")
            click("text:Copy all")
            expect(click.count <= 4, f"{click.count} clicks")
            browser.wait_text("Copied", "dialog")
            copied = browser.run_async("navigator.clipboard.readText().then(arguments[0], (error) => arguments[0](String(error)))")
            expect(f"Base URL: {gateway.origin}/v1" in copied and "gpt-4" in copied, copied)
            key = next(line.split()[-1] for line in copied.splitlines() if line.startswith("API Key"))
            expect_equal(gateway.call("GET", "/v1/models", key=key)[0], 200, "the key")
            browser.press("Escape")
            browser.click("text:Disable laptop")
            browser.wait_text("Disabled", "main")
            expect_equal(gateway.call("GET", "/v1/models", key=key)[0], 401, "the key, switched off")
            browser.click("text:Enable laptop")
            browser.wait_text("Enabled", "main table")
            browser.click("text:Delete laptop")
            browser.click("dialog .danger")
            browser.click("text:Undo")
            wait_for(lambda: gateway.call("GET", "/v1/models", key=key)[0] == 200, 5, "the key to be back")
            shorten_undo(browser)
            browser.click("text:Delete laptop")
            browser.click("dialog .danger")
            wait_for(lambda: gateway.call("GET", "/api/keys")[1]["keys"] == [], 5, "the key to be gone")


@check
def a_reset_is_one_click(world):
    """a provider whose key was refused is back after one click on the overview"""
    with world.gateway({"providers": [provider("Refuses", world.providers.url("refused"), ["gpt-4"])]}) as gateway:
        gateway.ask("gpt-4")
        with world.browser(gateway) as browser:
            browser.wait_text("No provider can answer", "main")
            browser.click("text:Reset all")
            wait_for(lambda: gateway.call("GET", "/stats")[1]["providers"]["Refuses"]["status"] == "healthy", 5, "the reset")
            browser.wait_gone(".banner")


@check
def mistakes_stay_at_their_field(world):
    """what the server refuses is said where it was entered, in its words, and nothing is lost"""
    with world.gateway() as gateway:
        with world.browser(gateway, where="#/providers?edit=Site_A") as browser:
            browser.allowed = ["400 api/providers/Site_A"]
            browser.type("dialog [name=base_url]", "nonsense")
            browser.type("dialog [name=weight]", "0")
            browser.click("text:Save")
            wait_for(lambda: browser.run("return document.querySelectorAll('dialog [aria-invalid=true]').length") >= 1, 5, "a complaint at a field")
            expect_equal(browser.run("return document.activeElement.getAttribute('aria-invalid')"), "true", "the focus is at the first complaint")
            expect_equal(browser.run("return document.querySelector('dialog [name=base_url]').value"), "nonsense", "what was entered")
        with world.browser(gateway, where="#/settings") as browser:
            browser.allowed = ["400 api/config"]
            browser.type("[name='/max_retries']", "99999")
            browser.click("text:Save")
            wait_for(lambda: browser.run("return document.querySelector('[name=\"/max_retries\"]').getAttribute('aria-invalid')") == "true", 5, "the complaint")
            browser.type("[name='/max_retries']", "2")
            browser.click("text:Save")
            wait_for(lambda: gateway.call("GET", "/api/config")[1]["config"]["max_retries"] == 2, 5, "the setting")


@check
def a_wrong_token_is_called_wrong(world):
    """and a right one opens the panel without leaving a trace in the address"""
    with world.gateway({}) as gateway:
        with world.browser(None, gateway.origin) as browser:
            browser.allowed = ["401 api/*"]
            browser.type("input[type=password]", "not the token")
            browser.click("main .primary")
            browser.wait_text("This token is wrong.")
            browser.type("input[type=password]", gateway.token)
            browser.click("main .primary")
            browser.find("nav")
            expect(gateway.token not in browser.run("return location.href + document.documentElement.outerHTML"), "the token is shown")
            tab, other = browser.windows()[0], browser.new_tab()
            browser.go(gateway.page("#/requests"))
            browser.find("nav")
            browser.switch(tab)
            browser.click("text:Log out")
            browser.find("input[type=password]")
            expect_equal(browser.run("return localStorage.getItem('airouter.token')"), None, "the token that is kept")
            browser.switch(other)
            browser.find("input[type=password]")
            browser.type("input[type=password]", gateway.token)
            browser.click("main .primary")
            browser.wait_text("Requests", "main h1")
            gateway.ask()
            browser.find(".opener", 5)


@check
def a_password_opens_the_panel(world):
    """where the server has one: a wrong one is told at its field, a right one opens, logging out shuts, and the next time it is asked for at once"""
    hashed = subprocess.run([world.program, "hash-password"], input="correct horse", capture_output=True, text=True, check=True).stdout.strip()
    with world.gateway({"admin": {"auth": "password", "password_hash": hashed}}) as gateway:
        with world.browser(None, gateway.origin) as browser:
            browser.allowed = ["401 api/*"]
            for number in range(2):
                expect_equal(browser.run("return document.querySelector('[name=way]').value"), "password", "what is asked for")
                if number == 0:
                    browser.type("input[type=password]", "wrong horse")
                    browser.press("Enter")
                    browser.find("[aria-invalid=true]")
                browser.type("input[type=password]", "correct horse")
                browser.press("Enter")
                browser.find("nav")
                browser.wait_text("No provider yet", "main")
                kept = browser.run("return JSON.stringify(localStorage) + location.href")
                expect("horse" not in kept, f"the password is kept: {kept}")
                browser.click("text:Log out")
                browser.find("input[type=password]")


@check
def a_door_that_is_shut_for_a_while_has_a_form(world):
    """whoever comes with an old token, after too many wrong ones, can enter another"""
    with world.gateway({}) as gateway:
        expect_equal([gateway.call("GET", "/api/keys", key="old")[0] for _ in range(6)][-1], 429, "the sixth try")
        with world.browser(None, gateway.origin) as browser:
            browser.allowed = ["401 api/*", "429 api/*"]
            browser.go(f"{gateway.origin}/admin/#token=old")
            browser.type("input[type=password]", gateway.token)
            browser.click("main .primary")
            browser.find("nav")


@check
def the_panel_tells_the_truth(world):
    """so many answered, rescued and failed requests: everybody says the same"""
    ok, rescued, failed = 5, 3, 2
    with world.gateway() as gateway:
        with world.browser(gateway) as browser:
            for _ in range(ok):
                expect_equal(gateway.ask("gpt-3.5-turbo"), 200, "a request")
            for _ in range(rescued):
                gateway.call("POST", "/api/admin/reset-all", {})
                expect_equal(gateway.ask("gpt-4"), 200, "a rescued request")
            for _ in range(failed):
                expect(gateway.ask("always-limited") >= 400, "a failed request")
            wait_for(lambda: browser.text(".stats").split("\n")[1] == "10", 10, "the overview to show 10 requests")
            words = browser.text(".stats").split("\n")
            shown = dict(zip(words[::2], words[1::2]))
            expect_equal([shown["Requests"], shown["Success rate"], shown["Saved by failover"]], ["10", "80.0%", "3"], "the overview")
            browser.wait_text("5 OK, 3 OK after failover, 2 failed", "main")
            for state, wanted in (("ok", ok), ("rescued", rescued), ("failed", failed)):
                show(browser, f"#/requests?status={state}")
                wait_rows(browser, wanted, state)
        stats = gateway.call("GET", "/stats")[1]["requests"]
        expect_equal([stats[name] for name in ("total", "ok", "rescued", "failed")], [10, ok, rescued, failed], "/stats")
        logs = gateway.call("GET", "/api/logs/stats")[1]
        expect_equal([logs[f"{name}_requests"] for name in ("total", "successful", "rescued", "failed")], [10, ok + rescued, rescued, failed], "/api/logs/stats")
        files = ["-c", f"{gateway.folder.name}/config.json", "--data", f"{gateway.folder.name}/data", "--port", str(gateway.port)]
        said = subprocess.run([world.program, "status", *files], capture_output=True, text=True, check=False).stdout
        expect(f"requests: 10 (ok {ok}, rescued {rescued}, failed {failed}, cancelled 0)" in said, f"airouterd status: {said}")


@figure
def the_demonstration_shows_a_failover_at_once(world):
    """a rescued request within ten seconds of starting; a provider that is tripped by hand is out for a minute, and others answer"""
    begun = time.monotonic()
    with world.gateway(command=["demo"], arguments=["--admin-auth", "none"]) as gateway:
        with world.browser(gateway) as browser:
            show(browser, "#/requests?status=rescued")
            browser.click(".opener")
            browser.find(".waterfall .bar.failed")
            world.within(10, time.monotonic() - begun, "s until a failover is shown")
            show(browser, "#/overview")
            browser.click("button[aria-label*=Trip][aria-label*=Steady_Local]")
            # The provider that is out is asked first by ten of eleven requests.
            for _ in range(8):
                if cooling_of(gateway, "Steady_Local", "demo-small"):
                    break
                expect_equal(gateway.ask("demo-pair"), 200, "a request")
            left = cooling_of(gateway, "Steady_Local", "demo-small")
            expect(50 < left <= 60, f"out for {left} s")
            show(browser, "#/requests?status=rescued&model=demo-pair")
            browser.click(".opener")
            browser.wait_text("Tripped by hand", ".detail")
            tried = " ".join(browser.text(".detail").split())
            expect("Steady_Local demo-small ✕ 429" in tried and "Spare_Local demo-spare ● 200" in tried, f"who was tried: {tried}")


def cooling_of(gateway, provider, model):
    """The seconds that are left, or 0."""
    return gateway.call("GET", "/stats")[1]["models"].get(f"{provider}:{model}", {}).get("cooldown_remaining_s", 0)


@check
def a_demonstration_off_a_terminal_says_how_to_see_it(world):
    """its token is in no output and in no file, so the console names what opens the panel"""
    with world.gateway(command=["demo"]) as gateway:
        expect("--admin-auth none" in gateway.said() and "token=" not in gateway.said(), f"the console: {gateway.said()}")


PASTES = [
    ("https://api.site.com/v1 sk-0123456789abcdef", "https://api.site.com/v1", "sk-0123456789abcdef"),
    ("sk-0123456789abcdef https://api.site.com/v1/", "https://api.site.com/v1", "sk-0123456789abcdef"),
    ("https://api.site.com/v1/chat/completions", "https://api.site.com/v1", ""),
    ("curl 'https://a.b/v1/chat/completions' \\\n  -H \"Authorization: Bearer abc.DEF_123\" -d '{\"model\":\"x\"}'", "https://a.b/v1", "abc.DEF_123"),
    ("OPENAI_API_KEY=gsk_0123456789\nOPENAI_BASE_URL=\"https://a.b/openai/v1\"", "https://a.b/openai/v1", "gsk_0123456789"),
    ("localhost:11434/v1", "http://localhost:11434/v1", ""),
    ("api.site.com", "https://api.site.com", ""),
    ("{\"base_url\": \"https://a.b/v1\", \"api_key\": \"k3y\"}", "https://a.b/v1", "k3y"),
    ("nothing at all", "", ""),
]

READ = """
const done = arguments[arguments.length - 1];
import(document.querySelector('script[type=module]').src.replace('main.js', 'paste.js'))
  .then(({readPaste}) => done(arguments[0].map((text) => readPaste(text))), (error) => done(String(error)));
"""


@check
def addresses_and_keys_are_found_in_what_is_pasted(world):
    """curl commands, addresses with keys in any order, lines of an environment, JSON"""
    with world.gateway({}) as gateway:
        with world.browser(gateway) as browser:
            found = browser.run_async(READ, [text for text, _, _ in PASTES])
            expect_equal([[one["base_url"], one["api_key"]] for one in found], [[address, key] for _, address, key in PASTES], "what was found")
