"""The page asks nobody for anything, names every picture in words, and is the same bytes each time."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from pathlib import Path

import pytest

from analysis.experiments import compare
from analysis.page import Source, html_page, page_of
from analysis.page.html import unbroken
from tests.page.examples import RESULTS, document, kept_log, made, parsed, scenario, source, undrawn_page

KINDS = list(RESULTS)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The page of every kind of result, and that of a run with its log."""
    log = kept_log(tmp_path_factory.mktemp("log"))
    found = {kind: html_page(document(kind)) for kind in KINDS}
    return found | {"run with log": html_page(page_of(source("run", log)))}


def test_a_page_fetches_nothing(pages: dict[str, str]) -> None:
    for page in pages.values():
        seen = parsed(page)
        links = [
            value for _, name, value in seen.attributes if name in ("href", "src", "srcset", "action", "data")
        ]
        assert all(link.startswith(("#", "data:image/png;base64,")) or link == "data:," for link in links)
        assert "http" not in re.sub(r"http-equiv", "", page)
        assert not re.search(r"url\((?!#)|@import", page)


def test_only_the_script_of_the_page_may_run(pages: dict[str, str]) -> None:
    for page in pages.values():
        seen = parsed(page)
        policy = next(
            value for tag, name, value in seen.attributes if tag == "meta" and "default-src" in value
        )
        assert policy.startswith("default-src 'none';")
        (script,) = seen.scripts
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"script-src 'sha256-{digest}'" in policy
        assert not [name for _, name, _ in seen.attributes if name.startswith("on")]


def test_every_picture_says_in_words_what_it_shows(pages: dict[str, str]) -> None:
    assert all(parsed(page).described for page in pages.values())
    for page in pages.values():
        seen = parsed(page)
        pictures = [names for tag, names in seen.tags if tag == "svg"]
        assert all(names == ("aria-labelledby", "role", "viewbox") for names in pictures)
        assert len(seen.described) == len(pictures)
        assert all(re.search(r"\d", text) for text in seen.described)


def test_no_name_is_given_twice_and_every_reference_leads_somewhere(pages: dict[str, str]) -> None:
    for page in pages.values():
        seen = parsed(page)
        names = [value for _, name, value in seen.attributes if name == "id"]
        assert len(names) == len(set(names))
        asked = [
            part for _, name, value in seen.attributes if name == "aria-labelledby" for part in value.split()
        ]
        asked += [value[1:] for _, name, value in seen.attributes if name == "href" and value.startswith("#")]
        asked += re.findall(r"url\(#([^)]*)\)", page)
        assert set(asked) <= set(names)


def test_the_same_results_give_the_same_bytes(pages: dict[str, str]) -> None:
    assert html_page(page_of(source("compare"))) == pages["compare"]


def test_the_answer_comes_first(pages: dict[str, str]) -> None:
    for kind in KINDS:
        page = pages[kind]
        assert page.index('class="answer"') < page.index("<table")
        assert page.index('class="answer"') < page.index("<h2")


def test_a_path_may_go_on_in_another_line_after_a_dot_and_stays_whole_when_it_is_copied() -> None:
    page = undrawn_page("sensitivity")
    assert "<span>workers.<wbr>clerk.<wbr>positions</span>" in page
    seen = parsed(page)
    assert "workers.clerk.positions" in {row[0] for table in seen.tables for row in table}
    assert not re.search("[\u00ad\u200b]", page)


def test_headings_are_in_order_and_tables_have_headed_columns_and_rows(pages: dict[str, str]) -> None:
    for page in pages.values():
        levels = [int(tag[1]) for tag, _ in parsed(page).tags if tag in ("h1", "h2", "h3")]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
        assert 'scope="col"' in page
        assert 'scope="row"' in page


@pytest.mark.ci
def test_the_page_of_five_topologies_and_thirty_replications_is_small() -> None:
    kinds = ("human_only", "copilot", "guardian", "escalation", "autonomous")
    found = compare(scenario().topologies(*kinds), 30)
    page = html_page(page_of(Source(found, made("compare"))))
    assert len(page.encode()) < 1_500_000


def test_a_run_with_its_log_shows_queues_and_single_tasks(pages: dict[str, str], tmp_path: Path) -> None:
    plain, full = (parsed(pages[name]).described for name in ("run", "run with log"))
    assert len(full) > len(plain)
    assert any("the oldest has waited up to" in text for text in full)
    assert any("longer than 99 % of tasks" in text for text in full)


def test_amounts_stay_on_one_line() -> None:
    told = unbroken(
        "That is EUR 78,800 a month, 99.9 % within 8 h, 9.10 per 1,000; topology.kind = guardian."
    )
    assert told.replace("\N{NO-BREAK SPACE}", "_") == (
        "That is EUR_78,800_a month, 99.9_% within 8_h, 9.10_per 1,000; topology.kind = guardian."
    )


def test_every_table_has_a_place_for_the_sign_that_there_is_more(pages: dict[str, str]) -> None:
    for page in pages.values():
        assert page.count('<p class="more" aria-hidden="true">') == page.count("<table ")
