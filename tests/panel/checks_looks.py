"""Colours that can be told apart, words in both languages."""

import itertools
import pathlib
import re

from checks import check, expect, expect_equal

PANEL = pathlib.Path(__file__).resolve().parents[2] / "airouterd" / "panel" / "assets"

# What people without one kind of cone see, in linear RGB: Machado, Oliveira, Fernandes 2009, severity 1.
VISION = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def linear(text):
    text = text.lstrip("#")
    text = "".join(one * 2 for one in text) if len(text) == 3 else text
    values = [int(text[i:i + 2], 16) / 255 for i in (0, 2, 4)]
    return [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in values]


def times(matrix, vector):
    return [sum(a * b for a, b in zip(row, vector)) for row in matrix]


def oklab(rgb):
    lms = times(((0.4122214708, 0.5363325363, 0.0514459929), (0.2119034982, 0.6806995451, 0.1073969566), (0.0883024619, 0.2817188376, 0.6299787005)), rgb)
    roots = [max(value, 0) ** (1 / 3) for value in lms]
    return times(((0.2104542553, 0.7936177850, -0.0040720468), (1.9779984951, -2.4285922050, 0.4505937099), (0.0259040371, 0.7827717662, -0.8086757660)), roots)


def luminance(text):
    return sum(a * b for a, b in zip((0.2126, 0.7152, 0.0722), linear(text)))


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def colours():
    css = (PANEL / "panel.css").read_text()
    found = re.findall(r"--([\w-]+): light-dark\((#\w+), (#\w+)\);", css)
    return [{name: values[theme] for name, *values in found} for theme in (0, 1)]


@check
def states_can_be_told_apart(_world):
    """every pair of status colours differs, as fills and as marks, whatever kind of cone is missing; every text can be read"""
    states = ("ok", "rescued", "failed", "off")
    for theme, tones in zip(("light", "dark"), colours()):
        for (vision, matrix), kind in itertools.product(VISION.items(), ("", "-text")):
            seen = {name: oklab([min(max(value, 0), 1) for value in times(matrix, linear(tones[name + kind]))]) for name in states}
            for one, other in itertools.combinations(seen, 2):
                distance = sum((a - b) ** 2 for a, b in zip(seen[one], seen[other])) ** 0.5
                expect(distance >= 0.10, f"{theme}, {vision}: {one}{kind} and {other}{kind} are {distance:.3f} apart")
        for text, ground in [("text", "page"), ("text", "card"), ("muted", "page"), ("muted", "card"), ("muted", "sunken"), ("accent", "card"), ("on-accent", "accent"),
                             *((f"{name}-text", ground) for name in states for ground in (f"{name}-tint", "card", "sunken"))]:
            expect(contrast(tones[text], tones[ground]) >= 4.5, f"{theme}: {text} on {ground}: {contrast(tones[text], tones[ground]):.2f}")
        for shape, ground in [("edge", "card"), ("ok", "card"), ("rescued", "card"), ("failed", "card"), ("off", "card")]:
            expect(contrast(tones[shape], tones[ground]) >= 3, f"{theme}: {shape} on {ground}: {contrast(tones[shape], tones[ground]):.2f}")


@check
def both_languages_have_the_same_words(_world):
    """the dictionaries have the same keys with the same values in them, and the code names no other"""
    words = {}
    for language in ("en", "zh"):
        text = "".join((PANEL / f"words-{language}{part}.js").read_text() for part in ("", "-more"))
        words[language] = {key: value for key, _, value in re.findall(r"^\s*'([^']+)':\s*(['\"])(.*)\2,$", text, re.M)}
    expect_equal(sorted(words["en"]), sorted(words["zh"]), "keys")
    expect(len(words["en"]) > 300, f"only {len(words['en'])} words were found")
    for key, text in words["en"].items():
        inside = [set(re.findall(r"\{(\w+)\}", one)) for one in (text, words["zh"][key])]
        expect(inside[1] <= inside[0], f"{key}: {inside}")
    named = set()
    for file in PANEL.glob("*.js"):
        if not file.name.startswith("words-"):
            named |= set(re.findall(r"\bt\(\s*'([^']+)'", file.read_text()))
    expect_equal(sorted(named - set(words["en"])), [], "words that are missing")


@check
def the_panel_keeps_to_its_means(_world):
    """no markup from strings, no inline style or handler, no path from the root, no other host"""
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc|setAttribute\('style'|https?://(?!www\.w3\.org|\$|\)|\[)[a-z]"
    for file in sorted(PANEL.glob("*.js")):
        for number, line in enumerate(file.read_text().splitlines(), 1):
            code = line.split("//")[0] if not line.strip().startswith("//") else ""
            expect(not re.search(forbidden, code), f"{file.name}:{number}: {line.strip()}")
