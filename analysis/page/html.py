"""The page as one file of HTML that asks nobody for anything: style, script and pictures inside, texts escaped."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from itertools import count, groupby

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from analysis.page.model import Block, Figure, PageDocument, Table
from analysis.page.svg import inline
from analysis.page.texts import harmless

TEMPLATES = "templates"
SCRIPTS = ("sort.js", "wide.js")
POLICY = (
    "default-src 'none'; script-src '{script}'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)
"""Nothing is fetched, and only the script below runs; pictures carry their style in attributes."""
BROKEN = re.compile(
    r"(?<=\d) (?=%)|(?<=[<>]) (?=\d)|\b(?<=[A-Z]{3}) (?=[\d.-])|(?<=\d) (?=(?:a month|per 1,000|h|min|s|days?)\b)"
)
"""Spaces within an amount: before the unit of a number, and after a currency."""


def html_page(document: PageDocument) -> str:
    """The document as a page; the same document gives the same bytes."""
    script = "\n".join(map(_file, SCRIPTS))
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    numbers = count(1)
    return (
        _environment()
        .get_template("page.html")
        .render(
            document=document,
            policy=POLICY.format(script=f"sha256-{digest}"),
            style=Markup(_file("style.css")),
            script=Markup(script),
            groups=_groups,
            kind_of=kind_of,
            drawn=lambda figure: _drawn(figure, f"picture{next(numbers)}-"),
            notes=_notes,
            whole=unbroken,
        )
    )


def kind_of(block: Block) -> str:
    """Name of a block's kind, for the template."""
    return type(block).__name__.lower()


def unbroken(text: str) -> str:
    """A sentence in which amounts stay on one line."""
    return BROKEN.sub("\N{NO-BREAK SPACE}", harmless(text))


def _drawn(figure: Figure, prefix: str) -> Markup:
    """The picture, one for screens and for paper; every text in it is escaped as it is written out."""
    return Markup(inline(figure.svg("report"), prefix, figure.title, figure.description))


def _groups(blocks: Sequence[Block]) -> Iterator[tuple[bool, list[Block]]]:
    """Blocks in order, neighbouring pictures together."""
    for is_figure, part in groupby(blocks, lambda block: isinstance(block, Figure)):
        yield is_figure, list(part)


def _notes(table: Table) -> dict[str, int]:
    """Number of each footnote."""
    return {note: number for number, note in enumerate(table.footnotes, 1)}


def _shown(value: object) -> object:
    """What an expression of the template comes to, before it is escaped."""
    return harmless(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _file(name: str) -> str:
    """A file of the package that goes into the page as it is."""
    place = resources.files("analysis.page") / TEMPLATES / name
    return place.read_text(encoding="utf-8").strip()


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("analysis.page", TEMPLATES), autoescape=True, undefined=StrictUndefined, finalize=_shown,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
