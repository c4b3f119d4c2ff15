"""What every check has: a browser that is logged in, and words for what it found."""

import contextlib
import os
import pathlib

from browser import Browser, BrowserError, wait_for
from world import Gateway, usual_config

ALL = []


class Failure(Exception):
    pass


class Skipped(Exception):
    """What cannot be checked here, and why."""


def check(function):
    """Registers a check; its first line of documentation says what holds."""
    ALL.append(function)
    return function


def figure(function):
    """A check of the time that something takes: nothing else of ours may run beside it."""
    function.is_figure = True
    return check(function)


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
        self.patience = 1.0

    def within(self, limit, value, what):
        """For times, which take as much longer as others have the processors, up to twice."""
        print(f"    {value:.4g} {what}, of {limit} (just now {limit * self.patience:.4g})", flush=True)
        expect(value <= limit * self.patience, f"{value:.4g} {what} instead of {limit}")

    @contextlib.contextmanager
    def gateway(self, config=None, **options):
        """An airouterd of its own, with the usual providers where nothing else is said."""
        gateway = Gateway(self.program, usual_config(self.providers) if config is None else config, **options)
        try:
            yield gateway
        finally:
            gateway.close()

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
    settle(browser)


def show(browser, where):
    """Another page of the panel, without loading it anew."""
    browser.run("location.hash = arguments[0]", where)
    settle(browser)


# Calls back once the page that the address names is there, with what it loads, and nothing changed for two frames: then with
# nothing, else, when the time is over, with what it waits for.
SETTLE = """
const [seconds, done] = arguments;
const begun = performance.now();
let frames = 0;
const observer = new MutationObserver(() => { frames = 0; });
observer.observe(document, {childList: true, subtree: true, attributes: true, characterData: true});
const links = () => [...document.querySelectorAll('nav a')].map((one) => one.getAttribute('href'));
const named = () => links().includes(location.hash.split('?')[0]) ? location.hash.split('?')[0] : '#/overview';
const missing = () => {
  if (document.readyState !== 'complete') return 'the document';
  if (!document.querySelector('h1')) return 'a heading';
  const link = document.querySelector('nav a[aria-current]');
  if (document.querySelector('nav') && link?.getAttribute('href') !== named()) return named();
  if (named() === '#/requests' && !document.querySelector('.requests tbody tr, .empty')) return 'the list of requests';
  return document.querySelector('.empty[role=status], [aria-busy=true]')?.outerHTML ?? '';
};
const look = () => {
  const what = missing();
  frames = what ? 0 : frames + 1;
  const isLate = performance.now() - begun > seconds * 1000;
  if (frames <= 2 && !isLate) return requestAnimationFrame(look);
  observer.disconnect();
  return done(frames > 2 ? '' : what || 'changes to end');
};
requestAnimationFrame(look);
"""


def settle(browser):
    """Until nothing is being loaded and nothing moves."""
    missing = browser.run_async(SETTLE, 15)
    if missing:
        raise BrowserError(f"waited 15 s for {missing} at {browser.hash()}")


def shorten_undo(browser):
    """The ten seconds, and no other time, in which a deletion can be taken back last one; until the page is loaded anew."""
    browser.run("const real = window.setTimeout; window.setTimeout = (work, time, ...rest) => real(work, time === 10_000 ? 1000 : time, ...rest)")


REQUESTS = ":not(.event)"


def rows_of(browser, kind=""):
    """How many rows the list shows: requests and events, or one kind of them."""
    return browser.run("return document.querySelectorAll('.requests > tbody > tr:not(.detail)' + arguments[0]).length", kind)


def wait_rows(browser, count, what, kind=""):
    wait_for(lambda: rows_of(browser, kind) == count, 5, lambda: f"{count} rows, {what}, instead of {rows_of(browser, kind)}")


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
    while browser.has("dialog"):
        browser.press("Escape")
        settle(browser)


RUN_AXE = """
const done = arguments[arguments.length - 1];
if (typeof axe === 'undefined') return done(null);
axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations']})
  .then(({violations}) => done(violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`)),
        (error) => done([String(error)]));
"""


def accessibility_faults(world, browser):
    if not world.axe:
        return []
    faults = browser.run_async(RUN_AXE)
    if faults is None:
        browser.run(world.axe + "; return true")
        faults = browser.run_async(RUN_AXE)
    return faults


__all__ = ["ALL", "REQUESTS", "BrowserError", "Failure", "Moment", "Skipped", "World", "accessibility_faults", "check", "close_dialogs", "expect", "expect_equal",
           "figure", "rows_of", "settle", "shorten_undo", "show", "visit", "wait_for", "wait_rows"]
