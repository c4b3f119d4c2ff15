"""Changes that people make to providers, routes, keys and settings, and what takes them back."""

import json
import pathlib
import time

from checks import check, expect, expect_equal, settle, shorten_undo, show, wait_for
from world import Gateway, logged_event, provider, usual_config


def names_of(gateway, path, member, name="name"):
    return [one[name] for one in gateway.call("GET", path)[1][member]]


def focus(browser, label, tabs=60):
    """Tab by tab to what is called so: no mouse."""
    for _ in range(tabs):
        browser.press("Tab")
        if browser.run("const one = document.activeElement; return one.getAttribute('aria-label') ?? one.textContent.trim()") == label:
            return
    expect(False, f"{label} cannot be reached with Tab")


@check
def a_provider_is_copied_switched_and_removed(world):
    """a duplicate needs the key again; off takes no requests; removed can be undone, and is gone otherwise"""
    with world.gateway() as gateway:
        with world.browser(gateway, where="#/providers") as browser:
            browser.click("text:Duplicate Site_B")
            browser.find("dialog [name=name]")
            expect_equal(browser.run("return document.querySelector('dialog [name=name]').value"), "Site_B-2", "the name that is offered")
            expect_equal(browser.run("return document.querySelector('dialog [name=api_key]').value"), "", "the key of a copy")
            browser.type("dialog [name=api_key]", "sk-another-0123456789")
            browser.click("text:Save")
            browser.wait_gone("dialog")
            expect("Site_B-2" in names_of(gateway, "/api/providers", "providers"), "the copy is there")
            browser.click("text:Switch off Site_B-2")
            browser.click("text:Switch on Site_B-2")
            wait_for(lambda: gateway.call("GET", "/api/providers/Site_B-2")[1]["enabled"], 5, "the provider to be on")
            browser.click("text:Remove Site_B-2")
            browser.wait_text("Other providers serve its models", "dialog")
            browser.click("dialog .danger")
            wait_for(lambda: not gateway.call("GET", "/api/providers/Site_B-2")[1]["enabled"], 5, "the provider to be off at once")
            browser.click("text:Undo")
            wait_for(lambda: gateway.call("GET", "/api/providers/Site_B-2")[1]["enabled"], 5, "the provider to be back")
            shorten_undo(browser)
            browser.click("text:Remove Alone")
            browser.wait_text("Nobody else serves always-limited", "dialog")
            browser.click("dialog .danger")
            wait_for(lambda: "Alone" not in names_of(gateway, "/api/providers", "providers"), 5, "the provider to be gone")


@check
def a_route_is_renamed_deleted_and_brought_back(world):
    """at its old place; what deleting does is said before; names are missing only where nobody serves them"""
    config = usual_config(world.providers)
    config["providers"].append(provider("Pattern", world.providers.url("ok"), ["claude-*"]))
    config["model_map"] = {"last": ["gpt-4-turbo"], "gpt-4": ["gpt-4-0613", "gpt-4"], "first": ["gpt-4-turbo"]}
    routes = lambda: gateway.call("GET", "/api/model-map")[1]["model_map"]
    shown = "return [...document.querySelectorAll('.route-row > code')].map((one) => one.textContent)"
    with world.gateway(config) as gateway:
        gateway.ask("nobody-has-this")
        gateway.ask("claude-x")
        with world.browser(gateway, where="#/routes") as browser:
            browser.wait_text("nobody-has-this", "main")
            expect("claude-x" not in browser.text(), "what a pattern serves is served")
            browser.click("text:Edit gpt-4")
            browser.type("dialog [name=unified_name]", "renamed")
            browser.click("text:Save")
            browser.wait_gone("dialog")
            expect_equal(sorted(routes()), ["first", "last", "renamed"], "the names after one was changed")
            browser.click("text:Edit renamed")
            browser.type("dialog [name=unified_name]", "gpt-4")
            browser.click("text:Save")
            browser.wait_gone("dialog")
            browser.click("text:Delete first")
            browser.wait_text("get an error", "dialog")
            browser.press("Escape")
            browser.wait_gone("dialog")
            expect_equal(sorted(routes()), ["first", "gpt-4", "last"], "the names after nothing was deleted")
            browser.click("text:Delete gpt-4")
            browser.wait_text("from Site_C", "dialog")
            browser.click("dialog .danger")
            wait_for(lambda: sorted(routes()) == ["first", "last"], 5, "the name to be gone")
            wait_for(lambda: browser.run(shown) == ["first", "last"], 5, "the name to be gone from the page")
            browser.click("text:Undo")
            wait_for(lambda: browser.run(shown) == ["first", "gpt-4", "last"], 5, "the name to be back at its place")
            expect_equal(routes()["gpt-4"], ["gpt-4-0613", "gpt-4"], "its models")
            browser.click("text:Map nobody-has-this")
            browser.type("dialog [name=actual_models]", "gpt-4-turbo")
            browser.click("text:Save")
            browser.wait_gone("dialog")
            browser.wait_text("Every name that was asked for is served", "main")
            expect_equal(gateway.ask("nobody-has-this"), 200, "a request by the new name")


@check
def a_key_is_renamed_and_limited(world):
    """what was entered is what holds"""
    with world.gateway() as gateway:
        key = gateway.call("POST", "/api/keys", {"name": "laptop"})[1]["key"]
        with world.browser(gateway, where="#/keys") as browser:
            browser.click("text:Edit laptop")
            browser.type("dialog [name=name]", "desk")
            browser.type("dialog [name=rate_limit]", "7")
            browser.type("dialog [name=models]", "gpt-4, gpt-3.5-turbo")
            browser.click("text:Save")
            browser.wait_gone("dialog")
            browser.wait_text("desk", "main")
            saved = gateway.call("GET", "/api/keys")[1]["keys"][0]
            expect_equal([saved["name"], saved["rate_limit"], saved["models"]], ["desk", 7, ["gpt-4", "gpt-3.5-turbo"]], "the key")
            expect_equal([gateway.ask("gpt-4", key=key), gateway.ask("gpt-4-turbo", key=key)], [200, 404], "requests with it")


@check
def settings_are_read_again_and_exported(world):
    """a file that was changed holds after a reload, a broken one is refused with its line; the export has no secret"""
    gateway = Gateway(world.program, usual_config(world.providers))
    file = pathlib.Path(gateway.folder.name, "config.json")
    try:
        with world.browser(gateway, where="#/settings") as browser:
            browser.allowed = ["400 api/admin/reload-config"]
            unnamed = browser.run("return [...document.querySelectorAll('main label')].map((one) => one.textContent).filter((text) => text.includes(' · '))")
            expect_equal(unnamed, [], "settings without a name")
            config = json.loads(file.read_text())
            file.write_text(json.dumps({**config, "max_retries": 4}))
            browser.click("text:Reload the file")
            wait_for(lambda: gateway.call("GET", "/api/config")[1]["config"]["max_retries"] == 4, 5, "the value of the file")
            wait_for(lambda: browser.run("return document.querySelector('[name=\"/max_retries\"]')?.value") == "4", 5, "the value in the form")
            file.write_text("{\n  broken")
            browser.click("text:Reload the file")
            browser.wait_text("Not reloaded", "main")
            expect_equal(gateway.call("GET", "/api/config")[1]["config"]["max_retries"], 4, "the setting that runs")
            browser.run("URL.createObjectURL = (blob) => { window.exported = blob.text(); return '#'; }; HTMLAnchorElement.prototype.click = () => {}; URL.revokeObjectURL = () => {}")
            browser.click("text:Export")
            text = browser.run_async("window.exported.then(arguments[0])")
            expect(json.loads(text)["max_retries"] == 4 and "sk-secret" not in text, f"the export: {text[:300]}")
    finally:
        gateway.close()


@check
def the_theme_is_kept(world):
    """switched in the frame or in the settings, it holds after the page is loaded again"""
    ground = "return getComputedStyle(document.body).backgroundColor"
    with world.gateway() as gateway:
        with world.browser(gateway) as browser:
            light = browser.run(ground)
            browser.click("text:Theme")
            dark = browser.run(ground)
            expect(light != dark, f"both themes have the ground {light}")
            browser.run("location.reload()")
            settle(browser)
            expect_equal(browser.run(ground), dark, "the ground after a reload")
            show(browser, "#/settings")
            browser.run("const one = document.querySelector('[name=theme]'); one.value = ''; one.dispatchEvent(new Event('change'))")
            expect_equal(browser.run(ground), light, "the ground as the system has it")


@check
def tests_say_what_they_cost(world):
    """the number of real requests stands there before they are switched on; one tab does it, with locks and without"""
    config = {"providers": [provider("One", world.providers.url("ok"), ["gpt-4", "gpt-4o-mini", "claude-*"]),
                            provider("Two", world.providers.url("ok"), ["o3-mini"]), provider("Off", world.providers.url("ok"), ["x"], enabled=False)]}
    with world.gateway(config) as gateway:
        for source in ("0", "delete Navigator.prototype.locks"):
            with world.browser(None, gateway.origin) as browser:
                browser.allowed = ["401 api/*"]
                browser.cdp("Page.addScriptToEvaluateOnNewDocument", source=source)
                browser.go("about:blank")
                browser.go(gateway.page(f"#token={gateway.token}"))
                browser.find("nav")
                show(browser, "#/providers")
                browser.wait_text("3 real requests a minute", ".autotest")
                browser.click(".autotest input")
                browser.wait_text("sends 3 real requests", ".autotest")
                first = browser.windows()[0]
                browser.new_tab()
                browser.cdp("Page.addScriptToEvaluateOnNewDocument", source=source)
                browser.go(gateway.page("#/providers"))
                browser.click(".autotest input")
                browser.wait_text("Another tab does it already", ".autotest")
                expect(not browser.run("return document.querySelector('.autotest input').checked"), "the second tab does not test")
                second = browser.call("GET", "/window")
                browser.switch(first)
                browser.click(".autotest input")
                browser.wait_text("while this tab is open", ".autotest")
                browser.switch(second)
                browser.click(".autotest input")
                browser.wait_text("sends 3 real requests", ".autotest")


@check
def a_failed_request_by_keyboard(world):
    """from the overview to who was tried, and back; and a reset without a mouse"""
    config = {"providers": [provider("Refuses", world.providers.url("refused"), ["gpt-4"])]}
    with world.gateway(config) as gateway:
        gateway.ask("gpt-4")
        with world.browser(gateway) as browser:
            browser.press("g", "r")
            browser.find(".opener")
            browser.press("j")
            wait_for(lambda: browser.run("return document.activeElement.matches('.opener')"), 5, "the row to have the focus")
            browser.press("Enter")
            browser.wait_text("bad key", ".detail")
            browser.press("Enter")
            browser.wait_gone(".detail")
            browser.press("g", "o")
            browser.wait_text("No provider can answer", "main")
            focus(browser, "Reset all")
            browser.press("Enter")
            wait_for(lambda: gateway.call("GET", "/stats")[1]["providers"]["Refuses"]["status"] == "healthy", 5, "the reset")


@check
def the_focus_comes_back_from_dialogs(world):
    """to what opened them, by Escape and by their own buttons; to the page where that is gone"""
    active = "const one = document.activeElement; return one.getAttribute('aria-label') ?? one.id ?? one.tagName"
    with world.gateway() as gateway:
        gateway.call("POST", "/api/keys", {"name": "laptop"})
        with world.browser(gateway) as browser:
            for where, opener in (("#/providers", "Edit Site_A"), ("#/providers", "Duplicate Site_A"), ("#/providers", "Remove Site_A"), ("#/routes", "Edit gpt-4"),
                                  ("#/routes", "Delete gpt-4"), ("#/keys", "Edit laptop"), ("#/keys", "Delete laptop"), ("#/keys", "Keyboard shortcuts")):
                for way in ("Escape", "Cancel"):
                    show(browser, where)
                    focus(browser, opener)
                    browser.press("Enter")
                    browser.find("dialog")
                    # The list is drawn anew meanwhile.
                    gateway.ask("gpt-4")
                    gateway.call("POST", "/api/admin/reset-all", {})
                    if way == "Escape" or not browser.has("text:Cancel"):
                        browser.press("Escape")
                    else:
                        browser.click("text:Cancel")
                    browser.wait_gone("dialog")
                    settle(browser)
                    expect_equal(browser.run(active), opener, f"{where}: the focus after {way}")
            show(browser, "#/routes")
            browser.click("text:Delete gpt-4")
            browser.click("dialog .danger")
            browser.wait_gone("dialog")
            browser.wait_gone("text:Delete gpt-4")
            expect_equal(browser.run(active), "main", "the focus when what opened the dialog is gone")


@check
def routes_and_providers_by_keyboard(world):
    """a name is mapped, explained and deleted, a provider is tested and switched off, the theme and a prompt: no mouse"""
    with world.gateway() as gateway:
        with world.browser(gateway) as browser:
            browser.press("g", "m")
            browser.wait_text("Routes", "main h1")
            settle(browser)
            browser.press("n")
            browser.find("dialog [name=unified_name]")
            browser.write("mine")
            browser.press("Tab")
            browser.write("gpt-4-turbo")
            focus(browser, "Save", 6)
            browser.press("Enter")
            browser.wait_gone("dialog")
            wait_for(lambda: "mine" in gateway.call("GET", "/api/model-map")[1]["model_map"], 5, "the name")
            focus(browser, "Explain mine")
            browser.press("Enter")
            browser.wait_text("Site_B", "main [role=status]")
            browser.press("g", "p")
            browser.wait_text("Test all", "main")
            settle(browser)
            focus(browser, "Test Site_B")
            browser.press("Enter")
            browser.wait_text("2 tested, 0 failed")
            focus(browser, "Switch off Site_B")
            browser.press("Enter")
            wait_for(lambda: not gateway.call("GET", "/api/providers/Site_B")[1]["enabled"], 5, "the provider to be off")
            focus(browser, "Switch on Site_B", 200)
            browser.press("Enter")
            wait_for(lambda: gateway.call("GET", "/api/providers/Site_B")[1]["enabled"], 5, "the provider to be on")
            browser.press("g", "t")
            browser.find("[name=prompt]")
            for _ in range(60):
                browser.press("Tab")
                if browser.run("return document.activeElement.name") == "model":
                    break
            browser.press("Control+a")
            browser.write("mine")
            browser.press("Tab")
            browser.write("Hi")
            browser.press("Control+Enter")
            browser.wait_text("Done after", "main")
            expect_equal(gateway.call("GET", "/api/requests?limit=1")[1]["requests"][0]["model"], "mine", "the model that was asked")


# Gives one event of the log a sentence in Chinese, as the server does for its own.
TRANSLATED = """
const real = window.fetch;
window.fetch = async (...request) => {
  const response = await real(...request);
  if (!String(request[0]).includes('api/logs?')) return response;
  const answer = await response.json();
  for (const one of answer.logs) if (one.message === 'the disk is full') one.message_zh = '磁盘已满';
  return new Response(JSON.stringify(answer));
};
"""


@check
def complaints_come_in_the_readers_language(world):
    """what the server says about a field, and what happened to the system, is Chinese in a Chinese panel"""
    with world.gateway() as gateway:
        gateway.remember([logged_event(time.time() - 9, message="the disk is full", error="ENOSPC"),
                          logged_event(time.time() - 8, message="only English", error="a reason")])
        with world.browser(gateway, where="#/keys?new=1", language="zh") as browser:
            browser.allowed = ["400 api/keys"]
            browser.type("dialog [name=name]", "x" * 300)
            browser.click("dialog [type=submit]")
            said = wait_for(lambda: browser.text("dialog .field .error"), 5, "the complaint")
            expect(any("\u4e00" <= letter <= "\u9fff" for letter in said), f"the complaint: {said}")
            browser.run(TRANSLATED)
            show(browser, "#/requests?type=system")
            browser.wait_gone("dialog")
            browser.wait_text("磁盘已满", "main")
            text = browser.text("main")
            expect("disk is full" not in text and "ENOSPC" not in text, f"the event in both languages: {text}")
            expect("only English · a reason" in text, f"the event in one language: {text}")
