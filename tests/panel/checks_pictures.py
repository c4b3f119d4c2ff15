"""The pictures of the documents: made in every run, so that what they show works; kept where `--pictures` says."""

import json
import math
import pathlib
import random
import re
import struct
import time
import zlib

from checks import check, expect, settle, show, wait_for
from checks_looks import colours
from world import Gateway, logged, logged_event, usual_config


def history(now):
    """A day of some hundred requests, with two hours in which one provider was out."""
    chance = random.Random(7)
    records = []
    for hour in range(23, -1, -1):
        begun = now - (hour + 1) * 3600
        is_out = hour in (6, 7)
        count = int(60 + 45 * math.sin((20 - hour) / 24 * 2 * math.pi)) + chance.randrange(12)
        if is_out:
            records.append(logged_event(begun + 1))
        for number in range(count):
            when = begun + 2 + (number + chance.random() * 0.9) * 3590 / count
            model = chance.choices(("gpt-4", "gpt-3.5-turbo", "qwen2.5:7b"), (5, 3, 1))[0]
            took = chance.lognormvariate(-0.5, 0.4)
            if chance.random() < (0.04 if is_out else 0.006):
                records.append(logged(when, "failed", "always-limited", ("Alone",), 0.3))
            elif is_out or chance.random() < 0.03:
                records.append(logged(when, "rescued", model, ("Site_A", "Site_B"), took + 0.4))
            else:
                records.append(logged(when, "ok", model, (chance.choice(("Site_A", "Site_A", "Site_C", "Site_B")),), took))
    return records


def is_blank(file):
    """Whether hardly anything is in a PNG: rows of one colour are all alike once they are unpacked."""
    data, at, packed = file.read_bytes(), 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IDAT":
            packed += data[at + 8:at + 8 + length]
        at += length + 12
    pixels = zlib.decompress(packed)
    return len({pixels[i:i + 64] for i in range(0, len(pixels), 64)}) < 1000


PICTURES = pathlib.Path(__file__).resolve().parents[2] / "docs" / "pictures"
UNITS = "ms|s|min|h|%|KB|毫秒|秒|分钟|小时"


def words_of(browser):
    """The lines of the page, each once, without what is different in every run: ids, days and numbers."""
    text = re.sub(r"\breq_\w+|\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\b|星期.|周.", "#", browser.text("body"))
    text = re.sub(rf"\d[\d.,:/]*(?: ?(?:{UNITS})(?![a-zA-Z]))?", "#", text)
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def compare(shown, kept):
    """Fonts differ between machines, so words and colours are compared, not pixels: what is in the documents must still be what one sees."""
    hint = "renew the pictures: tests/panel/panel.sh build --pictures docs/pictures pictures"
    for name, lines in shown.items():
        different = sorted(set(lines) ^ set(kept.get(name, [])))
        print(f"    {len(different)} of {len(lines)} lines differ in {name}, of 5", flush=True)
        expect(len(different) <= 5, f"docs/pictures/{name} shows what is no more: {different[:12]}; {hint}")


@check
def pictures_show_something(world):
    """the waterfall, the overview of a day, the playground and a phone, for the README and the documents, which show the same"""
    folder = pathlib.Path(world.pictures)
    folder.mkdir(parents=True, exist_ok=True)
    gateway = Gateway(world.program, usual_config(world.providers))
    try:
        key = gateway.call("POST", "/api/keys", {"name": "laptop"})[1]["key"]
        gateway.remember(history(time.time()))
        # At a pace that can be seen.
        world.providers.delays = {"limited": 0.34, "broken": 0.9, "ok": 0.31}
        world.providers.word_time = 0.24
        for model, is_fresh in (("gpt-3.5-turbo", False), ("always-limited", False), ("gpt-4", True)):
            if is_fresh:
                gateway.call("POST", "/api/admin/reset-all", {})
            gateway.ask(model, stream=True, key=key)

        shown = {"colours": [f"{name} {tone}" for tones in colours() for name, tone in tones.items()]}

        def take(browser, name):
            settle(browser)
            shown[name] = words_of(browser)
            browser.screenshot(folder / name)
            expect(not is_blank(folder / name), f"{folder / name} is blank")

        with world.browser(gateway, where="#/requests") as browser:
            browser.click("tr:has(.badge.rescued) .opener")
            take(browser, "waterfall.png")
            show(browser, "#/overview?range=24h")
            wait_for(lambda: browser.run("return document.querySelectorAll('svg rect').length") > 24, 5, "the hours")
            take(browser, "overview.png")
            show(browser, "#/playground?model=gpt-4")
            gateway.call("POST", "/api/admin/reset-all", {})
            browser.type("[name=prompt]", "Say hello.")
            browser.click("text:Send")
            browser.wait_text("Done after", "main")
            browser.wait_text("Site_B answered", "main")
            expect("Hello from here." in browser.text(), "the answer is there")
            take(browser, "playground.png")
        with world.browser(gateway, where="#/requests?status=rescued", language="zh", dark=True, width=390) as browser:
            browser.click("tr:has(.badge.rescued) .opener")
            take(browser, "phone.png")
        folder.joinpath("shown.json").write_text(json.dumps(shown, indent=1, ensure_ascii=False) + "\n")
        if folder.resolve() != PICTURES:
            compare(shown, json.loads(PICTURES.joinpath("shown.json").read_text()))
    finally:
        world.providers.delays, world.providers.word_time = {"slow": 0.5}, 0.0
        gateway.close()
