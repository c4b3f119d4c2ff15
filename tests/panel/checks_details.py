"""What is said beside the main thing: for how long, since when, under which name; and that there is room for it."""

import pathlib
import re
import shutil
import time

from checks import check, close_dialogs, expect, expect_equal, show, visit, wait_for
from checks_pages import COMBINATIONS, look
from world import Gateway, logged, provider, usual_config


SECONDS = """
const [selectors, time, done] = arguments, seen = selectors.map(() => []);
const look = setInterval(() => selectors.forEach((selector, index) => {
  const left = Number(/(\\d+) s/.exec(document.querySelector(selector)?.textContent)?.[1] ?? NaN);
  if (seen[index].at(-1) !== left) seen[index].push(left);
}), 20);
setTimeout(() => (clearInterval(look), done(seen)), time);
"""


@check
def what_cools_says_for_how_long(world):
    """second by second, at a model, at the provider on the overview and at a provider that is out as a whole: none twice, none left out"""
    gateway = Gateway(world.program, usual_config(world.providers) | {"cooldown": {"network_error": 40}})
    gateway.call("POST", "/api/providers", provider("Dead", "http://127.0.0.1:9/v1", ["dead"]))
    places = (("#/providers", [".chip .badge.rescued"]), ("#/overview", [".provider-row .badge.rescued", ".provider-row:last-child .badge.rescued"]))
    try:
        with world.browser(gateway) as browser:
            gateway.ask("gpt-4")
            gateway.ask("dead")
            for where, badges in places:
                show(browser, where)
                for badge in badges:
                    browser.find(badge)
                # Longer than until the server is asked again.
                for badge, seen in zip(badges, browser.run_async(SECONDS, badges, 5000)):
                    expect(len(seen) >= 5 and seen == list(range(seen[0], seen[-1] - 1, -1)), f"{where} {badge}: {seen}")
    finally:
        gateway.close()


LONG = {"provider": "N" * 100, "model": "model-" + "x" * 94, "route": "route" + "y" * 95, "key": "k" * 100}

# What is wider than its place: cut off, or to be found by scrolling sideways only.
CUT = """
return [...(document.querySelector('dialog[open]') ?? document.querySelector('.body')).querySelectorAll('*')].filter((one) => {
  const style = getComputedStyle(one);
  if (style.display === 'inline' || one.matches('.unseen, .unseen *, details .scroll, details .scroll *, input, textarea, select, svg *') || one.clientWidth === 0) return false;
  return one.scrollWidth - one.clientWidth > (style.overflowX === 'visible' ? 4 : 0) || one.getBoundingClientRect().right > innerWidth;
}).map((one) => `${one.tagName} ${one.className} ${one.scrollWidth - one.clientWidth}`).slice(0, 5);
"""


@check
def long_names_have_room(world):
    """a hundred letters without a gap: nothing is cut off or sticks out, at any width; the opener of a row is within reach"""
    config = {"providers": [provider(LONG["provider"], world.providers.url("limited"), [LONG["model"]]),
                            provider("Off" + "f" * 97, world.providers.url("ok"), [LONG["model"]], enabled=False)],
              "model_map": {LONG["route"]: [LONG["model"]]}}
    gateway = Gateway(world.program, config)
    try:
        key = gateway.call("POST", "/api/keys", {"name": LONG["key"], "models": [LONG["route"], LONG["model"]]})[1]["key"]
        key_id = gateway.call("GET", "/api/keys")[1]["keys"][0]["key_id"]
        for model in (LONG["route"], LONG["model"]):
            gateway.ask(model, key=key)
        for width in (360, 768, 1280):
            with world.browser(gateway, width=width) as browser:
                for where in ("#/overview", "#/requests", "#/providers", "#/routes", f"#/routes?explain={LONG['route']}", "#/keys", "#/playground"):
                    show(browser, where)
                    if where == "#/overview":
                        browser.run("document.querySelectorAll('summary').forEach((one) => one.click())")
                    if where == "#/requests":
                        for opener in range(browser.run("return document.querySelectorAll('.opener').length")):
                            browser.run("document.querySelectorAll('.opener')[arguments[0]].click()", opener)
                            expect(not browser.run(CUT), f"{width} {where}, row {opener}: {browser.run(CUT)}")
                    expect(not browser.run(CUT), f"{width} {where}: {browser.run(CUT)}")
                for where, edited, action in (("keys", key_id, f"Delete {LONG['key']}"), ("routes", LONG["route"], f"Delete {LONG['route']}"),
                                              ("providers", LONG["provider"], f"Remove {LONG['provider']}")):
                    show(browser, f"#/{where}?edit={edited}")
                    browser.find("dialog")
                    expect(not browser.run(CUT), f"{width} {where}: a form: {browser.run(CUT)}")
                    close_dialogs(browser)
                    browser.click(f"text:{action}")
                    browser.find("dialog")
                    expect(not browser.run(CUT), f"{width} {where}: a question: {browser.run(CUT)}")
                    close_dialogs(browser)
    finally:
        gateway.close()


@check
def names_cannot_turn_themselves_around(world):
    """characters that are not seen, or that turn what follows, are shown by their numbers"""
    gateway = Gateway(world.program, {"providers": [provider("a\u202egpj.exe", world.providers.url("ok"), ["b\u200bc"])]})
    try:
        with world.browser(gateway, where="#/providers") as browser:
            browser.wait_text("a\\u202egpj.exe", "main")
            browser.wait_text("b\\u200bc", "main")
            browser.click("text:Edit a\u202egpj.exe")
            browser.find("dialog [name=supported_models]")
            expect_equal(browser.run("return document.querySelector('dialog [name=supported_models]').value"), "b\u200bc", "what is edited")
    finally:
        gateway.close()


@check
def what_is_of_another_day_says_so(world):
    """rows of today have a time, older ones their day, too; a share that is small is not nothing"""
    gateway = Gateway(world.program, usual_config(world.providers))
    now = time.time()
    try:
        gateway.remember([logged(now - 3 * 86400), *(logged(now - 60 + number / 100, took=0.001) for number in range(1500)), logged(now - 1, model="seldom", took=0.001)])
        oldest = gateway.call("GET", "/api/requests?before=" + str(int((now - 86400) * 1e6)))[1]["requests"][0]["id"]
        with world.browser(gateway, where=f"#/requests?open={oldest}") as browser:
            browser.find(".requests .detail")
            times = browser.run("return [...document.querySelectorAll('.requests td.time')].map((one) => one.innerText)")
            expect(len(times) > 20 and all(re.fullmatch(r"[\d:]{8}", one) for one in times[:-1]), f"times of today: {times}")
            expect(re.fullmatch(r"\d+ \w+ \d{4} [\d:]{8}", times[-1]), f"the time of another day: {times[-1]}")
            show(browser, "#/overview?range=24h")
            browser.wait_text("1 · < 0.1%", "main")
    finally:
        gateway.close()


@check
def the_strips_are_a_table_too(world):
    """every hour of every provider in numbers, and their sums in words"""
    gateway = Gateway(world.program, usual_config(world.providers))
    try:
        gateway.ask("gpt-4")
        gateway.ask("gpt-3.5-turbo")
        with world.browser(gateway) as browser:
            health = "section:has(.provider-row)"
            browser.wait_text("Attempts: 2 answered, 2 failed.", health)
            browser.click(f"{health} summary")
            rows = browser.run("return [...document.querySelectorAll('section:has(.provider-row) tr')].map((row) => [...row.cells].map((cell) => cell.textContent))")
            expect_equal(rows[0], ["Hour", "Site_A", "Site_C", "Site_B", "Local", "Alone"], "heads")
            expect_equal([len(rows), [row[1:] for row in rows[1:] if set(row[1:]) != {"–"}]], [25, [["0 / 1", "0 / 1", "2 / 0", "–", "–"]]], "hours")
            expect("No requests yet" not in browser.text(), "the charts do not deny what is counted")
            gateway.ask("gpt-3.5-turbo")
            browser.wait_text("3 / 0", health)
    finally:
        gateway.close()


@check
def a_log_that_cannot_be_written_is_told(world):
    """a banner on the overview for as long as it lasts, with the number of records that are lost"""
    gateway = Gateway(world.program, usual_config(world.providers))
    folder = pathlib.Path(gateway.folder.name, "data", "logs")
    try:
        with world.browser(gateway) as browser:
            expect(not browser.has(".banner"), "nothing is told while all is well")
            shutil.rmtree(folder, ignore_errors=True)
            folder.write_text("no folder")
            gateway.ask("gpt-3.5-turbo")
            browser.wait_text("The log cannot be written", ".banner", 15)
            browser.wait_text("1 record is lost", ".banner", 15)
            folder.unlink()
            browser.wait_gone(".banner", 20)
    finally:
        gateway.close()


@check
def undo_is_one_key(world):
    """what was deleted is back after a `u`, wherever the focus is"""
    gateway = Gateway(world.program, usual_config(world.providers))
    routes = lambda: gateway.call("GET", "/api/model-map")[1]["model_map"]
    try:
        with world.browser(gateway, where="#/routes") as browser:
            browser.click("text:Delete gpt-4")
            browser.click("dialog .danger")
            browser.find("text:Undo")
            expect_equal(routes(), {}, "the names")
            browser.press("u")
            wait_for(lambda: "gpt-4" in routes(), 5, "the name to be back")
            browser.wait_gone(".toast")
            browser.press("?")
            browser.wait_text("Undo", "dialog")
    finally:
        gateway.close()


@check
def keys_can_be_turned_off(world):
    """in the help, for whoever speaks to the machine; the help itself is then a button, and they can be turned on there"""
    gateway = Gateway(world.program, usual_config(world.providers))
    try:
        with world.browser(gateway) as browser:
            browser.press("?")
            browser.click("dialog input[type=checkbox]")
            close_dialogs(browser)
            for _ in range(2):
                browser.press("g", "p", "?")
                time.sleep(0.5)
                expect(browser.run("return location.hash") in ("", "#/overview"), "the page stays")
                expect(not browser.has("dialog"), "no help by its key")
                visit(browser, gateway.page("#/overview"))
            browser.click("[aria-label='Keyboard shortcuts']")
            browser.click("dialog input[type=checkbox]")
            close_dialogs(browser)
            browser.press("g", "p")
            wait_for(lambda: browser.run("return location.hash") == "#/providers", 5, "the page of providers")
    finally:
        gateway.close()


@check
def what_is_said_covers_nothing_for_good(world):
    """the last thing of a page can be brought above a message"""
    with world.gateway() as gateway, world.browser(gateway, where="#/providers") as browser:
        browser.resize(1280, 400)
        browser.click("[aria-label^='Switch off']")
        browser.find(".toast")
        browser.run("scrollTo(0, document.documentElement.scrollHeight)")
        below = browser.run("""
            const last = [...document.querySelectorAll('main button')].filter((one) => one.checkVisibility()).at(-1).getBoundingClientRect();
            return last.bottom - document.querySelector('.toast').getBoundingClientRect().top;""")
        expect(below <= 0, f"the last button is {below} px under the message")


BROKEN = """
const lines = (one) => new Set([...one.getClientRects()].map((box) => Math.round(box.top))).size;
const texts = [...document.querySelectorAll('.provider-row a, button, .badge span')].filter((one) => one.checkVisibility());
return texts.filter((one) => {
  const range = document.createRange();
  range.selectNodeContents(one);
  return lines(range) > 1 && !one.querySelector('svg');
}).map((one) => one.textContent);
"""


@check
def the_demonstration_has_room(world):
    """its names, states and buttons stand on one line each, in every language, theme and width, also once one was tripped; a strip's cells can be seen"""
    gateway = Gateway(world.program, command=["demo"], arguments=["--admin-auth", "none"])
    try:
        gateway.ask("demo")
        for language, theme, width in COMBINATIONS:
            with world.browser(gateway, language=language, dark=theme == "dark", width=width) as browser:
                for where in ("#/providers", "#/overview"):
                    show(browser, where)
                    expect_equal(browser.run(BROKEN), [], f"{language} {width} {where}: what breaks")
                look(world, browser, f"{language} {theme} {width} {where}")
                expect(browser.run("return document.querySelector('.strip i').getBoundingClientRect().width") >= 3.5, f"{width}: a cell of a strip")
        with world.browser(gateway, width=360) as browser:
            browser.click("text:Trip for 60 s: Spare_Local")
            browser.find(".toast")
            look(world, browser, "360 tripped")
            expect_equal(browser.run(BROKEN), [], "what breaks once one was tripped")
    finally:
        gateway.close()


@check
def a_phone_leaves_nothing_out(world):
    """what has no column on a narrow screen stands below the name: of a key its limit, its counts, its last use and its models"""
    gateway = Gateway(world.program, usual_config(world.providers))
    try:
        key = gateway.call("POST", "/api/keys", {"name": "laptop", "rate_limit": 7, "models": ["gpt-4"]})[1]["key"]
        gateway.ask("gpt-4", key=key)
        for width in (360, 768, 1280):
            with world.browser(gateway, where="#/keys", width=width) as browser:
                browser.wait_text("laptop", "main")
                words = re.sub(r"[:\s]+", " ", browser.text("table"))
                for part in (r"Per minute.* 7\b", r"Today.* 1\b", r"In all.* 1\b", r"Last used.* ago\b", r"Models.* gpt-4\b"):
                    expect(re.search(part, words), f"{width}: {part} in {words}")
                show(browser, "#/requests")
                browser.find(".opener")
                expect(re.search(r"\d\d:\d\d:\d\d", browser.text(".requests")), f"{width}: the time of a request")
    finally:
        gateway.close()


@check
def the_way_in_speaks_to_people(world):
    """it names what it wants and where that is, not how programs send it; the label says what the choice says"""
    gateway = Gateway(world.program, {})
    try:
        for language, token, password in (("en", "Admin token", "Password"), ("zh", "管理令牌", "密码")):
            with world.browser(None, gateway.origin, language=language) as browser:
                browser.allowed = ["401 api/*"]
                browser.wait_text("airouterd admin-url", "main")
                expect(not re.search("Bearer|POST|/api/", browser.text()), f"the page: {browser.text()}")
                label = "return document.querySelector('input[type=password]').labels[0].textContent"
                expect_equal(browser.run(label), token, "the label")
                browser.run("const one = document.querySelector('select'); one.value = 'password'; one.dispatchEvent(new Event('change'))")
                expect_equal(browser.run(label), password, "the label of a password")
                expect("admin-url" not in browser.text(), "a password has no link")
    finally:
        gateway.close()
