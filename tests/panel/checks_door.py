"""Tokens: odd ones, those of other servers behind the same proxy, and what waits when somebody logs out."""

import contextlib
import time

from checks import check, expect, visit, wait_for
from world import Gateway, Prefix, usual_config


@check
def a_token_that_cannot_be_one_is_called_wrong(world):
    """typed or in the address: the log-in form says so, and a right one opens"""
    gateway = Gateway(world.program, {})
    try:
        with world.browser(None, gateway.origin) as browser:
            browser.allowed = ["401 api/*"]
            for fragment in ("#token=%", "#token=%E4%BB%A4%E7%89%8C", "#token=a%20b%0A"):
                browser.go("about:blank")
                visit(browser, f"{gateway.origin}/admin/{fragment}")
                browser.find("main.login [role=alert]")
                browser.wait_text("This token is wrong.", "main")
                expect(not browser.has(".link-bar.is-shown"), "the server is there")
        with world.browser(None, gateway.origin, language="zh") as browser:
            browser.allowed = ["401 api/*"]
            browser.type("input[type=password]", "令牌")
            browser.click("main .primary")
            browser.wait_text("令牌错误。", "main")
            browser.run("document.querySelector('input[type=password]').value = arguments[0]", gateway.token)
            browser.click("main .primary")
            browser.find("nav")
    finally:
        gateway.close()


@check
def servers_behind_one_proxy_keep_their_tokens_apart(world):
    """who logs in to one stays logged in to the other"""
    with contextlib.ExitStack() as ended:
        first, second = Gateway(world.program, {}), Gateway(world.program, {})
        for one in (first, second):
            ended.callback(one.close)
        proxy = Prefix({"/two/": second.port, "/": first.port})
        ended.callback(proxy.close)
        browser = ended.enter_context(world.browser(None, proxy.origin))
        browser.allowed = ["401 api/*"]
        visit(browser, f"{proxy.origin}/admin/#token={first.token}")
        browser.find("nav")
        tab, other = browser.windows()[0], browser.new_tab()
        visit(browser, f"{proxy.origin}/two/admin/#token={second.token}")
        browser.find("nav")
        for one in (tab, other, tab):
            browser.switch(one)
            browser.run("location.reload()")
            browser.find("nav")
            time.sleep(0.3)
            expect(browser.has("nav") and not browser.has("input[type=password]"), "both stay logged in")


@check
def what_waits_to_be_deleted_goes_before_one_logs_out(world):
    """and nothing is complained of on the page that asks for the token"""
    gateway = Gateway(world.program, usual_config(world.providers))
    try:
        gateway.call("POST", "/api/keys", {"name": "gone"})
        with world.browser(gateway, where="#/keys") as browser:
            browser.allowed = ["401 api/*"]
            browser.click("text:Delete gone")
            browser.click("dialog .danger")
            browser.find("text:Undo")
            browser.click("text:Log out")
            browser.find("input[type=password]")
            wait_for(lambda: gateway.call("GET", "/api/keys")[1]["keys"] == [], 3, "the key to be gone")
            time.sleep(0.5)
            expect(not browser.has(".toast"), browser.text())
    finally:
        gateway.close()
