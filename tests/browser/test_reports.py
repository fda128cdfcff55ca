"""Pages in a real browser: nothing is fetched, nothing fails, tables sort, and they fit screens, phones and paper."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from tests.browser.conftest import KINDS, Browser

pytestmark = pytest.mark.ci
COLUMN = """
const table = document.querySelectorAll("table")[arguments[0]];
return Array.from(table.tBodies[0].rows).map((row) => row.cells[arguments[1]].querySelector("span").textContent);
"""
NUMBERS = """
const table = document.querySelectorAll("table")[arguments[0]];
return Array.from(table.tBodies[0].rows).map((row) => row.cells[arguments[1]].dataset.sort)
  .filter((text) => text !== "").map(Number);
"""
WIDE = """
const done = arguments[0];
requestAnimationFrame(() => requestAnimationFrame(() => done(
  Array.from(document.querySelectorAll(".scroll")).map((region) => {
    region.scrollLeft = 1000;
    return {
      overflows: region.scrollWidth > region.clientWidth + 1,
      says: getComputedStyle(region.parentElement.querySelector(".more")).display !== "none",
      left: Math.round(region.getBoundingClientRect().left),
      name: Math.round(region.querySelector("tbody th").getBoundingClientRect().left),
    };
  }))));
"""
"""Of each table: whether it is wider than its place, whether it says so, and where its names are when scrolled."""
SHEET = (703, 1047)
"""Width and height of what is printed on a sheet of A4, in pixels of 1/96 inch."""


@pytest.mark.parametrize("kind", KINDS)
def test_the_console_stays_silent_and_no_request_leaves_the_page(
    browser: Browser, pages: dict[str, Path], kind: str
) -> None:
    for name in ("browser", "performance"):
        browser.driver.get_log(name)  # what came before is read and gone
    browser.command("Network.enable")
    browser.open(pages[kind], 1280)
    browser.value("document.querySelector('thead button').click()")
    assert browser.driver.get_log("browser") == []
    events = [json.loads(entry["message"])["message"] for entry in browser.driver.get_log("performance")]
    own = pages[kind].as_uri()
    asked = [  # by this page: a browser that has just begun may still be loading a page of its own
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent" and event["params"]["documentURL"] == own
    ]
    assert own in asked
    assert [url for url in asked if url != own and not url.startswith("data:")] == []
    assert browser.value("return performance.getEntriesByType('resource').map((one) => one.name)") == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_table_sorts_up_down_and_back(browser: Browser, pages: dict[str, Path], kind: str) -> None:
    browser.open(pages[kind], 1280)
    sizes = browser.value(
        "return Array.from(document.querySelectorAll('table')).map((t) => t.tBodies[0].rows.length)"
    )
    for table, size in enumerate(sizes):
        if size < 2:
            continue
        written = browser.value(COLUMN, table, 1)
        head = f"document.querySelectorAll('table')[{table}].tHead.rows[0].cells[1]"
        for state, sign in (("ascending", 1), ("descending", -1)):
            browser.value(f"{head}.querySelector('button').click()")
            assert browser.value(f"return {head}.getAttribute('aria-sort')") == state
            numbers = browser.value(NUMBERS, table, 1)
            assert numbers == sorted(numbers, key=lambda value: sign * value)
        browser.value(f"{head}.querySelector('button').click()")
        assert browser.value(f"return {head}.getAttribute('aria-sort')") == "none"
        assert browser.value(COLUMN, table, 1) == written


def test_a_table_sorts_by_the_keyboard(browser: Browser, pages: dict[str, Path]) -> None:
    from selenium.webdriver.common.keys import Keys

    browser.open(pages["compare"], 1280)
    button = browser.driver.find_elements("css selector", "thead button")[1]
    button.send_keys(Keys.ENTER)
    assert browser.value("return arguments[0].parentElement.getAttribute('aria-sort')", button) == "ascending"
    button.send_keys(Keys.SPACE)
    assert (
        browser.value("return arguments[0].parentElement.getAttribute('aria-sort')", button) == "descending"
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 375])
def test_the_page_fits_screen_and_phone(
    browser: Browser, pages: dict[str, Path], tmp_path: Path, kind: str, scheme: str, width: int
) -> None:
    browser.open(pages[kind], width, scheme)
    assert browser.value("return document.documentElement.scrollWidth") <= width
    taken = browser.screenshot(tmp_path / "page.png").read_bytes()
    assert struct.unpack(">I", taken[16:20])[0] == width


@pytest.mark.parametrize("kind", KINDS)
def test_on_a_phone_wide_tables_say_that_there_is_more_and_keep_the_names_of_their_rows(
    browser: Browser, pages: dict[str, Path], kind: str
) -> None:
    browser.open(pages[kind], 375)
    found = browser.driver.execute_async_script(WIDE)
    assert any(part["overflows"] for part in found)
    for part in found:
        assert part["says"] == part["overflows"]
        assert part["name"] == part["left"]


@pytest.mark.parametrize("kind", KINDS)
def test_text_has_contrast_in_light_and_in_dark(browser: Browser, pages: dict[str, Path], kind: str) -> None:
    for scheme in ("light", "dark"):
        browser.open(pages[kind], 1280, scheme)
        for selector in ("p.facts", "p.answer", "td small", "thead th", ".remark"):
            ink, paper = (
                browser.value(f"return getComputedStyle(document.querySelector('{place}')).{name}")
                for place, name in ((selector, "color"), ("body", "backgroundColor"))
            )
            assert contrast(ink, paper) >= 4.5, (scheme, selector)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours such as `rgb(29, 35, 42)` (WCAG 2)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """The relative luminance of a colour (WCAG 2)."""
    parts = [int(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("kind", KINDS)
def test_answer_decision_pictures_queues_and_errors_print_on_two_sheets(
    browser: Browser, pages: dict[str, Path], kind: str
) -> None:
    width, height = SHEET
    browser.open(pages[kind], width, media="print")
    end = browser.value("return document.getElementById('errors').getBoundingClientRect().bottom + scrollY")
    assert end <= 2 * height
    assert browser.value("return document.documentElement.scrollWidth") <= width
