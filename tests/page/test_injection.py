"""Texts of users change nothing in the structure of a page, in any of its forms."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache, lru_cache

import pytest
from markdown_it import MarkdownIt
from matplotlib.figure import Figure as Drawing

from analysis.experiments import Comparison
from analysis.figures import style
from analysis.page import PageDocument, Source, html_page, json_document, markdown_page, page_of
from analysis.page.texts import harmless
from sim import Scenario
from tests.page.examples import compared, made, parsed, ran, redrawn, scenario
from tests.page.payloads import PAYLOADS

BENIGN = "benign text"
CONTROL = re.compile("[\x00-\x1f\x7f]")


def renamed(text: str) -> Scenario:
    """The scenario with the text in every place that is for display."""
    line = CONTROL.sub(" ", text)[:400]
    shown = {"label": line, "description": line}
    patch = {
        "name": line,
        "description": line,
        "tasks": {"mail": shown},
        "workers": {"agent": shown, "clerk": shown},
    }
    return scenario().overlaid(patch)


def poisoned(text: str, kind: str = "compare") -> Source:
    """A result with the text in the names of scenario and variants, and wherever a manifest has text."""
    facts = made(
        kind, command=f"workforce {kind} {text}", overrides={text: text}, partial={text: text}, identity=text,
        scenario_hash=text, log_digests=(text,), versions={text: text, "numpy": text}, files={text: text},
        prices={text: dict.fromkeys(("model", "provider", "source", "input", "output"), text)},
    )  # fmt: skip
    if kind == "run":
        return Source(replace(ran(), scenario=renamed(text)), facts)
    one, other = (replace(variant, scenario=renamed(text)) for variant in compared().variants.values())
    return Source(Comparison({text: one, f"{text}2": other}, text, compared().rule, None), facts)


@lru_cache(maxsize=4)
def document(text: str, kind: str) -> PageDocument:
    """The page of such a result, which the tests of a text share."""
    return page_of(poisoned(text, kind))


@pytest.fixture(scope="module", params=PAYLOADS, ids=range(len(PAYLOADS)))
def payload(request: pytest.FixtureRequest) -> str:
    """Each text in turn: of the whole module, so that the tests of one text follow one another."""
    text: str = request.param
    return text


@cache
def drawing_of(text: str) -> str:
    """A drawing with the text in its title, on its axes and in its legend."""
    axes = Drawing(figsize=(2, 2)).subplots()
    axes.plot([0, 1], [0, 1], label=style.short(f"x{text}"), gid=text)
    axes.set_title(style.plain(text))
    axes.set_xticks([0.5], [style.short(text)])
    axes.legend()
    figure = axes.get_figure(root=True)
    assert figure is not None
    return style.svg(figure)


@cache
def structure(text: str, kind: str) -> tuple[object, ...]:
    """Elements with their attributes in order, what else a parser meets, and what scripts there are."""
    seen = parsed(html_page(redrawn(document(text, kind), drawing_of(text))))
    drawn = {"path", "defs", "use"}  # a long text may need another hyphen or dash: its shape is not structure
    return [tag for tag in seen.tags if tag[0] not in drawn], seen.declared[1:], seen.scripts


@pytest.mark.parametrize("kind", ["run", "compare"])
def test_a_text_changes_nothing_in_the_structure_of_the_page(payload: str, kind: str) -> None:
    assert structure(payload, kind) == structure(BENIGN, kind)


def test_a_text_changes_nothing_in_the_structure_of_markdown(payload: str) -> None:
    assert markdown_structure(payload) == markdown_structure(BENIGN)


@cache
def markdown_structure(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """Every block, and of what runs of text it consists."""
    page = markdown_page(document(text, "compare"))
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(page)
    return [
        (token.type, tuple(child.type for child in token.children or () if child.type != "text"))
        for token in tokens
    ]


def test_json_keeps_the_text_and_holds_nothing_that_a_page_would_run(payload: str) -> None:
    page = document(payload, "compare")
    text = json_document(page)
    assert not re.search("[<>&\u2028\u2029\x1b\x00]", text)
    assert json.loads(text)["title"] == harmless(page.title)


def test_there_are_sixty_texts_and_every_one_is_read_as_it_is() -> None:
    assert len(set(PAYLOADS)) >= 60
    for payload in PAYLOADS[::15]:
        page = document(payload, "compare")
        read = parsed(html_page(redrawn(page, drawing_of(payload)))).texts
        assert " ".join(harmless(page.title).split()) in read


@pytest.mark.ci
@pytest.mark.parametrize("payload", PAYLOADS[::3])
def test_a_text_changes_nothing_in_the_charts_either(payload: str) -> None:
    elements = set(parsed(html_page(page_of(poisoned(payload)))).tags)
    assert elements == set(parsed(html_page(page_of(poisoned(BENIGN)))).tags)
