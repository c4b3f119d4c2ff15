"""A browser to drive: Debian's chromium through chromedriver, which speaks W3C WebDriver over HTTP."""

import base64
import fnmatch
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "Tab": "\ue004", "Space": " ", "Control": "\ue009", "Shift": "\ue008",
        "ArrowDown": "\ue015"}


class BrowserError(Exception):
    pass


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, seconds=10, what="a condition"):
    """The condition's first true value."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise BrowserError(f"waited {seconds} s for {what() if callable(what) else what}")
        time.sleep(0.03)


class Driver:
    """chromedriver, ended with everything it started; and its windows that nobody uses just now, which are quicker than new ones."""

    def __init__(self):
        self.port = free_port()
        self.idle = {}
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)
        self.folder = tempfile.mkdtemp(prefix="airouter-panel-")
        self.process = subprocess.Popen(["chromedriver", f"--port={self.port}", "--log-level=SEVERE"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
                                        env=dict(os.environ, TMPDIR=self.folder, HOME=self.folder))
        wait_for(lambda: self._is_ready(), 20, "chromedriver")

    def _is_ready(self):
        try:
            return self.call("GET", "/status")["ready"]
        except OSError:
            return False

    def call(self, method, path, body=None):
        try:
            self.connection.request(method, path, None if body is None else json.dumps(body), {"content-type": "application/json"})
            value = json.load(self.connection.getresponse())["value"]
        except (OSError, http.client.HTTPException):
            self.connection.close()
            raise
        if isinstance(value, dict) and "error" in value and "stacktrace" in value:
            raise BrowserError(f"{value['error']}: {value['message'].splitlines()[0]}")
        return value

    def close(self):
        try:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(10)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)


class Browser:
    """One window with an empty profile, and everything it complained about."""

    def __init__(self, driver, width=1280, height=860, language="en", dark=False):
        self.driver = driver
        self.language = language
        self.path = driver.idle.pop(language, None) or self._start()
        self.origins, self.allowed, self.complaints, self.requests = set(), [], [], []
        self.forget()
        self.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
                                                         {"name": "prefers-reduced-motion", "value": "reduce"}])
        self.resize(width, height)

    def _start(self):
        language = self.language
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
                     "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
                     "--no-proxy-server", "--disable-dev-shm-usage", f"--lang={language}", f"--accept-lang={language}",
                     "--force-device-scale-factor=1"]
        options = {"args": arguments, "prefs": {"intl.accept_languages": language}}
        binary = shutil.which("chromium") or shutil.which("chromium-browser")
        if binary:
            options["binary"] = binary
        value = self.driver.call("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": options, "unhandledPromptBehavior": "accept",
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}}})
        return f"/session/{value['sessionId']}"

    def call(self, method, path, body=None):
        return self.driver.call(method, self.path + path, body)

    def cdp(self, command, **parameters):
        return self.call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def close(self):
        """Leaves an empty tab, as in an empty profile; what is not empty then is not used again."""
        try:
            tabs = self.windows()
            empty = self.new_tab()
            for tab in tabs:
                self.switch(tab)
                self.call("DELETE", "/window")
            self.switch(empty)
            self.cdp("Browser.resetPermissions")
            self.cdp("Network.clearBrowserCache")
            for origin in self.origins:
                self.cdp("Storage.clearDataForOrigin", origin=origin, storageTypes="all")
            self.driver.idle[self.language] = self.path
        except BrowserError:
            self.call("DELETE", "")

    def resize(self, width, height=860):
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def go(self, url):
        self.origins.add("/".join(url.split("/")[:3]))
        self.call("POST", "/url", {"url": url})

    def run(self, script, *arguments):
        return self.call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def run_async(self, script, *arguments):
        return self.call("POST", "/execute/async", {"script": script, "args": list(arguments)})

    def find(self, selector, seconds=10):
        """The first visible element that matches; `text:Save` takes a button or link by what it is called."""
        return wait_for(lambda: self.run(FIND, selector), seconds, lambda: f"{selector} at {self.hash()}")

    def has(self, selector):
        return bool(self.run(FIND, selector))

    def wait_gone(self, selector, seconds=10):
        wait_for(lambda: not self.has(selector), seconds, f"{selector} to be gone")

    def click(self, selector, seconds=10):
        element = self.find(selector, seconds)[ELEMENT]
        end = time.monotonic() + seconds
        while True:
            try:
                return self.call("POST", f"/element/{element}/click", {})
            except BrowserError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)
                element = self.find(selector, seconds)[ELEMENT]
                # On a phone the bar at the edge may be above it; a person would scroll.
                self.run("arguments[0].scrollIntoView({block: 'center'})", {ELEMENT: element})

    def type(self, selector, text):
        element = self.find(selector)[ELEMENT]
        self.call("POST", f"/element/{element}/clear", {})
        self.call("POST", f"/element/{element}/value", {"text": text})

    def press(self, *keys):
        """To whatever has the focus. `Control+a` holds the first while the second is pressed."""
        actions = []
        for key in keys:
            parts = [KEYS.get(part, part) for part in (key.split("+") if len(key) > 1 else [key])]
            actions += [{"type": "keyDown", "value": part} for part in parts]
            actions += [{"type": "keyUp", "value": part} for part in reversed(parts)]
        self.call("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def write(self, text):
        self.press(*text)

    def paste(self, text):
        """What a paste does: the text arrives at once, as input."""
        self.cdp("Input.insertText", text=text)

    def text(self, selector="main"):
        return self.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector)

    def hash(self):
        return self.run("return location.hash")

    def wait_text(self, text, selector="body", seconds=10):
        wait_for(lambda: text in self.text(selector), seconds,
                 lambda: f"{text!r} in {selector} at {self.hash()}: {self.text(selector)[:300]!r}")

    def screenshot(self, path, full=False):
        options = {"captureBeyondViewport": True} if full else {}
        data = self.cdp("Page.captureScreenshot", format="png", **options)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def windows(self):
        return self.call("GET", "/window/handles")

    def switch(self, handle):
        self.call("POST", "/window", {"handle": handle})

    def new_tab(self):
        handle = self.call("POST", "/window/new", {"type": "tab"})["handle"]
        self.switch(handle)
        return handle

    def collect(self):
        """Reads what the browser wrote down: complaints of the console, and every request with its answer."""
        for entry in self.call("POST", "/se/log", {"type": "browser"}):
            if entry["level"] in ("SEVERE", "WARNING"):
                self.complaints.append(f"console: {entry['message']}")
        for entry in self.call("POST", "/se/log", {"type": "performance"}):
            message = json.loads(entry["message"])["message"]
            self._note(message["method"], message["params"])

    def _note(self, method, parameters):
        if method == "Network.requestWillBeSent":
            self.requests.append({"url": parameters["request"]["url"], "id": parameters["requestId"], "bytes": 0, "status": 0, "is_over": False})
        elif method == "Network.responseReceived":
            for one in self._requests_of(parameters["requestId"]):
                one["status"] = parameters["response"]["status"]
                one["bytes"] = max(one["bytes"], parameters["response"].get("encodedDataLength", 0))
        elif method in ("Network.loadingFinished", "Network.loadingFailed"):
            for one in self._requests_of(parameters["requestId"]):
                one["bytes"] = parameters.get("encodedDataLength", one["bytes"])
                one["is_over"] = True

    def _requests_of(self, request_id):
        return [one for one in self.requests if one["id"] == request_id]

    def forget(self):
        self.collect()
        self.complaints, self.requests = [], []

    def faults(self, origin):
        """What a page must not do: complain, ask other hosts, get answers of 4xx or 5xx that no test arranged. `allowed` says which
        are arranged, by status or error and path: `401 api/keys`, `ERR_CONNECTION_REFUSED api/*`."""
        self.collect()
        found = [known(one) for one in self.complaints]
        for one in self.requests:
            if not one["url"].startswith((origin, "data:", "blob:", "about:", "chrome:")):
                found.append(f"foreign host: {one['url']}")
            if one["status"] >= 400:
                found.append(f"{one['status']} {path_of(one['url'])}")
        return sorted({one for one in found if not any(fnmatch.fnmatchcase(one, pattern) for pattern in self.allowed)})


def path_of(url):
    return urllib.parse.urlsplit(url).path.lstrip("/")


def known(complaint):
    """What the console says of a request that failed, in fewer words; anything else as it is."""
    found = re.match(r"console: (http\S+) .*?(?:status of (\d+)|net::(ERR_\w+))", complaint)
    return f"{found[2] or found[3]} {path_of(found[1])}" if found else complaint


FIND = """
const kind = arguments[0].split(':')[0];
const name = arguments[0].slice(kind.length + 1);
const isShown = (one) => one.checkVisibility({visibilityProperty: true}) && one.getClientRects().length > 0;
const top = document.querySelector('dialog[open]') ?? document;
if (kind !== 'text') return [top, ...top.querySelectorAll('*')].find((one) => one.matches?.(arguments[0]) && isShown(one)) ?? null;
const called = (one) => [one.getAttribute('aria-label'), one.textContent.trim(), one.innerText?.trim()];
return [...top.querySelectorAll('button, a, summary, label')].find((one) => called(one).includes(name) && isShown(one)) ?? null;
"""
