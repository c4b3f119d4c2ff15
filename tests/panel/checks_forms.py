"""What forms send, and where they say what the server does not take."""

import json
import pathlib
import time

from checks import check, expect, expect_equal, show, wait_for
from world import Gateway, logged, provider, usual_config

# What is said at each field that is marked, and what below them all.
COMPLAINTS = """
const said = (one) => document.getElementById(one.getAttribute('aria-describedby').split(' ').at(-1)).textContent;
const dialog = document.querySelector('dialog[open]');
if (!dialog || dialog.querySelector('[aria-busy=true]')) return null;
return [Object.fromEntries([...dialog.querySelectorAll('[aria-invalid=true]')].map((one) => [one.name, said(one)])),
        dialog.querySelector('form > .error').textContent];
"""

LONG = "x" * 600


def refused(browser, gateway, where, entered, path, body, method="POST"):
    """Sends a form; what it says must be the server's own words for the same, each at its field. Returns whose fields they were."""
    show(browser, "#/none")
    show(browser, where)
    browser.find("dialog form")
    for name, text in entered.items():
        browser.run("document.querySelector(`dialog [name=${arguments[0]}]`).value = arguments[1]", name, text)
    browser.click("dialog [type=submit]")
    status, answer = gateway.call(method, path, body)
    expect_equal(status, 400, f"{method} {path} {body}")
    marked, rest = wait_for(lambda: (found := browser.run(COMPLAINTS)) and (found[0] or found[1]) and found, 5, f"complaints at {where}")
    for problem in answer["problems"]:
        field = problem["field"].split("/")[0]
        expect(problem["message"] in marked.get(field, ""), f"{where}: {problem} is not said at its field: {marked}, below: {rest!r}")
    expect_equal(rest, "", f"{where}: what is said below")
    expect_equal(browser.run("return document.activeElement.getAttribute('aria-invalid')"), "true", f"{where}: the focus is at a complaint")
    return sorted(marked)


@check
def every_complaint_is_said_at_its_field(world):
    """in the server's words, also of entries of lists, of a name that is changed, and several at once"""
    gateway = Gateway(world.program, usual_config(world.providers))
    key = gateway.call("POST", "/api/keys", {"name": "laptop"})[1]["info"]["key_id"]
    both = {"unified_name": "", "actual_models": ["gpt-4", LONG], "replaces": "gpt-4"}
    try:
        with world.browser(gateway) as browser:
            browser.allowed = ["400 api/model-map*", "400 api/providers*", "400 api/keys*"]
            look = lambda *what, **more: refused(browser, gateway, *what, **more)
            edit = ("#/routes?edit=gpt-4", {"actual_models": f"gpt-4\n{LONG}"}, "/api/model-map/gpt-4", ["gpt-4", LONG])
            expect_equal(look(*edit, method="PUT"), ["actual_models"], "a route's models")
            expect("Entry 2" in browser.text("dialog"), "which entry it is")
            for name in ("", LONG):
                expect_equal(look("#/routes?edit=gpt-4", {"unified_name": name}, "/api/model-map", {**both, "unified_name": name, "actual_models": ["gpt-4"]}),
                             ["unified_name"], "a route's new name")
            expect_equal(look("#/routes?edit=gpt-4", {"unified_name": "", "actual_models": f"gpt-4\n{LONG}"}, "/api/model-map", both),
                         ["actual_models", "unified_name"], "both")
            expect_equal(look("#/routes?new=1", {"unified_name": "new"}, "/api/model-map", {"unified_name": "new", "actual_models": []}),
                         ["actual_models"], "a new route without models")
            site = {"supported_models": ["gpt-4", LONG], "weight": 0, "base_url": "nonsense"}
            expect_equal(look("#/providers?edit=Site_A", {"supported_models": f"gpt-4\n{LONG}", "weight": 0, "base_url": "nonsense"},
                              "/api/providers/Site_A", site, method="PUT"), ["api_key", "base_url", "supported_models", "weight"], "a provider")
            expect_equal(look("#/keys?new=1", {"name": "k", "models": f"a\n{LONG}"}, "/api/keys", {"name": "k", "models": ["a", LONG]}), ["models"], "a key's models")
            expect_equal(look(f"#/keys?edit={key}", {"name": "", "rate_limit": -1}, f"/api/keys/{key}", {"name": "", "rate_limit": -1}, method="PUT"),
                         ["name", "rate_limit"], "a key's name and limit")
    finally:
        gateway.close()


@check
def what_was_not_changed_stays_as_it_is(world):
    """names with blanks, commas and markup survive a change of something else; of a list, what is added is added"""
    hostile = ["my model", "a,b", "\"><svg onload=alert(3)>", "plain"]
    config = {"providers": [provider("P", world.providers.url("ok"), hostile)], "model_map": {"r, s": ["a,b", "my model"]}}
    gateway = Gateway(world.program, config)
    file = pathlib.Path(gateway.folder.name, "config.json")
    try:
        key = {"name": "k", "models": hostile, "expires_at": 4102444800.5}
        key_id = gateway.call("POST", "/api/keys", key)[1]["info"]["key_id"]

        def save(where, name, text):
            show(browser, where)
            browser.type(f"dialog [name={name}]", text)
            browser.click("dialog [type=submit]")
            browser.wait_gone("dialog")

        with world.browser(gateway) as browser:
            before = json.loads(file.read_text())
            save("#/providers?edit=P", "weight", "7")
            before["providers"][0]["weight"] = 7
            expect_equal(json.loads(file.read_text()), before, "the config after the weight was changed")
            show(browser, "#/providers?edit=P")
            browser.run("const box = document.querySelector('dialog [name=supported_models]'); box.value = box.value + '\\nc, d e'")
            browser.click("dialog [type=submit]")
            browser.wait_gone("dialog")
            expect_equal(json.loads(file.read_text())["providers"][0]["supported_models"], [*hostile, "c", "d e"], "the models, and two more")
            save("#/routes?edit=r%2C+s", "unified_name", "t")
            expect_equal(gateway.call("GET", "/api/model-map")[1]["model_map"], {"t": ["a,b", "my model"]}, "the route, renamed")
            save(f"#/keys?edit={key_id}", "name", "other")
            saved = gateway.call("GET", f"/api/keys/{key_id}")[1]
            expect_equal([saved["name"], saved["models"], saved["expires_at"]], ["other", hostile, key["expires_at"]], "the key")
    finally:
        gateway.close()


@check
def a_copy_takes_no_masked_secret_along(world):
    """the proxy of a provider whose password is masked is asked for again"""
    gateway = Gateway(world.program, {"providers": [provider("P", world.providers.url("ok"), ["m"], proxy="http://me:secret@127.0.0.1:9")]})
    try:
        with world.browser(gateway, where="#/providers?copy=P") as browser:
            browser.find("dialog form")
            expect_equal(browser.run("return document.querySelector('dialog [name=proxy]').value"), "", "the proxy of a copy")
            browser.wait_text("Its password is not copied", "dialog")
            browser.press("Escape")
            browser.wait_gone("dialog")
            show(browser, "#/providers?edit=P")
            browser.find("dialog form")
            expect("***" in browser.run("return document.querySelector('dialog [name=proxy]').value"), "the proxy, masked")
            browser.type("dialog [name=weight]", "3")
            browser.click("dialog [type=submit]")
            browser.wait_gone("dialog")
            expect("me:secret@" in pathlib.Path(gateway.folder.name, "config.json").read_text(), "the password is kept")
    finally:
        gateway.close()


@check
def routes_that_others_make_are_seen_and_kept(world):
    """the list follows what another tab does, and renaming one loses none"""
    gateway = Gateway(world.program, usual_config(world.providers))
    shown = "return [...document.querySelectorAll('.route-row > code')].map((one) => one.textContent)"
    other = lambda name: gateway.call("POST", "/api/model-map", {"unified_name": name, "actual_models": ["gpt-4-turbo"]})
    try:
        with world.browser(gateway, where="#/routes") as browser:
            for name in ("made-elsewhere", "made-later"):
                other(name)
                wait_for(lambda: name in browser.run(shown), 6, "the other's route")
            browser.click("text:Edit gpt-4")
            browser.type("dialog [name=unified_name]", "renamed")
            other("at-the-same-time")
            browser.click("dialog [type=submit]")
            browser.wait_gone("dialog")
            expect_equal(sorted(gateway.call("GET", "/api/model-map")[1]["model_map"]), ["at-the-same-time", "made-elsewhere", "made-later", "renamed"], "the names")
    finally:
        gateway.close()


@check
def names_asked_for_in_vain_are_known_for_long(world):
    """also when hundreds of other requests came after"""
    gateway = Gateway(world.program, usual_config(world.providers))
    try:
        gateway.ask("nobody-has-this")
        gateway.remember([logged(time.time() + number / 1000, took=0.001) for number in range(600)])
        with world.browser(gateway, where="#/routes") as browser:
            browser.wait_text("nobody-has-this", "main")
    finally:
        gateway.close()


@check
def a_provider_that_fails_its_first_test_gets_no_requests(world):
    """it is kept switched off; its key can be changed, or it can be removed, where one is told"""
    gateway = Gateway(world.program, {})
    saved = lambda: [(one["name"], one["base_url"].split("/")[3], one["enabled"]) for one in gateway.call("GET", "/api/providers")[1]["providers"]]
    try:
        with world.browser(gateway, where="#/overview?add=1") as browser:

            def enter(kind):
                browser.find("dialog textarea")
                browser.run("document.querySelector('dialog textarea').select()")
                browser.paste(f"{world.providers.url(kind)} sk-pasted-0123456789abcdef")
                browser.click("text:Next")
                browser.click("text:Save and test")

            enter("refused")
            browser.wait_text("switched off", "dialog")
            name = saved()[0][0]
            expect_equal(saved(), [(name, "refused", False)], "the provider that failed")
            browser.click("text:Change address or key")
            enter("ok")
            browser.wait_text("Passed: gpt-4", "dialog")
            expect_equal(saved(), [(name, "ok", True)], "the provider with another address")
            expect_equal(gateway.ask("gpt-4"), 200, "a request")
            browser.press("Escape")
            show(browser, "#/providers?add=1")
            enter("refused")
            browser.click("text:Remove")
            browser.wait_gone("dialog")
            expect_equal(saved(), [(name, "ok", True)], "the providers after one was removed")
            show(browser, "#/providers?add=1")
            enter("refused")
            browser.click("text:Use it all the same")
            browser.find("dialog pre")
            expect_equal([one[2] for one in saved()], [True, True], "both are on")
    finally:
        gateway.close()
