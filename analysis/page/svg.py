"""SVG inside a page: names of its own in every picture, alternative text, and nothing that is not drawn."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from analysis.page.texts import harmless

REFERENCE = re.compile(r"url\(#([^)]*)\)")
LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
COORDINATES = ("d", "x", "y", "x1", "x2", "y1", "y2", "width", "height", "points")
FONT = re.compile(r"font: (?P<rest>(?:[a-z0-9]+ )*)(?P<size>[\d.]+)px [^;]*")
"""The font of a text as matplotlib writes it; the page's own takes its place."""


def inline(svg: str, prefix: str, title: str, description: str) -> str:
    """A picture as an element of a page: ids begin with the prefix, so that those of two pictures never meet."""
    drawn = ElementTree.fromstring(harmless(svg))
    names = f"{prefix}title", f"{prefix}text"
    root = ElementTree.Element(
        "svg", {"viewBox": drawn.attrib["viewBox"], "role": "img", "aria-labelledby": " ".join(names)}
    )
    for tag, name, text in zip(("title", "desc"), names, (title, description), strict=True):
        ElementTree.SubElement(root, tag, {"id": name}).text = harmless(text)
    root.extend(_clean(child, prefix) for child in drawn if _local(child.tag) != "metadata")
    return ElementTree.tostring(root, encoding="unicode")


def _clean(element: ElementTree.Element, prefix: str) -> ElementTree.Element:
    """The element without names of spaces, its ids and references with the prefix, coordinates to 0.01 points."""
    given = {_local(name): value for name, value in element.attrib.items()}
    found = ElementTree.Element(_local(element.tag), {k: _value(k, v, prefix) for k, v in given.items()})
    found.text, found.tail = element.text, element.tail
    found.extend(_clean(child, prefix) for child in element if _local(child.tag) != "style")
    return found


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _value(name: str, value: str, prefix: str) -> str:
    if name == "id":
        return prefix + value
    if name == "href" and value.startswith("#"):
        return f"#{prefix}{value[1:]}"
    if name in COORDINATES:
        return LONG_NUMBER.sub(_rounded, value)
    if name == "style":
        value = FONT.sub(r"font: \g<rest>\g<size>px var(--font)", value)
    return REFERENCE.sub(rf"url(#{prefix}\1)", value)


def _rounded(match: re.Match[str]) -> str:
    text = f"{float(match[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
