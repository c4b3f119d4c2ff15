"""What every check has: a browser that is logged in, and words for what it found."""

import contextlib
import os
import pathlib
import time

from browser import Browser, BrowserError, wait_for

ALL = []


class Failure(Exception):
    pass


def check(function):
    """Registers a check; its first line of documentation says what holds."""
    ALL.append(function)
    return function


def expect(is_true, what):
    if not is_true:
        raise Failure(what)


def expect_equal(found, wanted, what):
    if found != wanted:
        raise Failure(f"{what}: {found!r} instead of {wanted!r}")


class World:
    """What the checks share: the program, the providers, the driver, and where pictures go."""

    def __init__(self, program, driver, providers, axe, pictures):
        self.program = program
        self.driver = driver
        self.providers = providers
        self.axe = pathlib.Path(axe).read_text() if axe and os.path.exists(axe) else ""
        self.pictures = pictures

    @contextlib.contextmanager
    def browser(self, gateway=None, origin=None, where="#/overview", **options):
        """Logged in by the token of the gateway; at the end nothing may have been complained of."""
        browser = Browser(self.driver, **options)
        origin = origin or gateway.origin
        try:
            if gateway and gateway.token:
                browser.go(f"{origin}/admin/#token={gateway.token}")
                browser.find("main h1")
            if where != "#/overview" or not (gateway and gateway.token):
                visit(browser, f"{origin}/admin/{where}")
            yield browser
            faults = browser.faults(origin)
            expect(not faults, "\n  ".join(faults[:8]))
        finally:
            browser.close()


def visit(browser, url):
    browser.go(url)
    # It may be behind a dialog by then.
    wait_for(lambda: browser.run("return document.querySelector('h1') !== null"), 10, f"the page of {url}")
    settle(browser)


def show(browser, where):
    """Another page of the panel, without loading it anew."""
    browser.run("location.hash = arguments[0]", where)
    time.sleep(0.1)
    settle(browser)


def settle(browser):
    """Until nothing is being loaded."""
    busy = "return [...document.querySelectorAll('.empty[role=status]')].length + document.querySelectorAll('[aria-busy=true]').length"
    wait_for(lambda: browser.run(busy) == 0 and browser.run("return document.readyState") == "complete", 15, f"{browser.hash()} to settle")
    time.sleep(0.15)


WATCH_FOR = """
const [selector, isThere] = arguments;
window.watched = new Promise((resolve) => {
  const look = () => (document.querySelector(selector) !== null) === isThere && (observer.disconnect(), resolve(Date.now() / 1000));
  const observer = new MutationObserver(look);
  observer.observe(document, {childList: true, subtree: true, attributes: true});
  look();
});
"""


class Moment:
    """When something matches, or stops to match, in the page's own time, which is this machine's: the driver is too slow to tell."""

    def __init__(self, browser, selector, is_there=True):
        self.browser = browser
        browser.run(WATCH_FOR, selector, is_there)

    def wait(self):
        return self.browser.run_async("window.watched.then(arguments[0])")


def close_dialogs(browser):
    for _ in range(3):
        if not browser.has("dialog"):
            return
        browser.press("Escape")
        time.sleep(0.1)
    browser.wait_gone("dialog", 2)


RUN_AXE = """
const done = arguments[arguments.length - 1];
axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations']})
  .then(({violations}) => done(violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`)),
        (error) => done([String(error)]));
"""


def accessibility_faults(world, browser):
    if not world.axe:
        return []
    if not browser.run("return typeof axe !== 'undefined'"):
        browser.run(world.axe + "; return true")
    return browser.run_async(RUN_AXE)


__all__ = ["ALL", "BrowserError", "Failure", "Moment", "World", "accessibility_faults", "check", "close_dialogs", "expect", "expect_equal", "settle", "show", "visit",
           "wait_for"]
