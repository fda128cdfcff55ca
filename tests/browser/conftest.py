"""A browser without a window, and the pages that it opens."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from analysis.page import html_page, page_of
from tests.page.examples import kept_log, source

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

CHROMIUM, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
)  # fmt: skip
KINDS = ("run", "compare", "sweep")


@dataclass(frozen=True)
class Browser:
    """A browser with what a test asks of it."""

    driver: Chrome

    def command(self, name: str, **options: Any) -> Any:
        """A command of the protocol of Chrome's own tools."""
        return self.driver.execute_cdp_cmd(name, options)

    def open(self, page: Path, width: int, scheme: str = "light", media: str = "screen") -> None:
        """Opens a page at a width, in light or dark, for screen or print."""
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1,
                     mobile=width < 500)  # fmt: skip
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.command("Emulation.setEmulatedMedia", media=media, features=features)
        self.driver.get(page.as_uri())

    def value(self, script: str, *arguments: Any) -> Any:
        """What a function body of JavaScript returns in the page."""
        return self.driver.execute_script(script, *arguments)

    def screenshot(self, place: Path) -> Path:
        """The whole page as a picture."""
        height, width = self.value(
            "const page = document.documentElement; return [page.scrollHeight, innerWidth]"
        )
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        taken = self.command("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        place.write_bytes(base64.b64decode(taken["data"]))
        return place


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Debian's Chromium, headless, with a profile of its own."""
    if not (CHROMIUM.exists() and DRIVER.exists()):
        pytest.skip(f"needs {CHROMIUM} and {DRIVER} (Debian's packages chromium and chromium-driver)")
    webdriver = pytest.importorskip("selenium.webdriver")
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    try:
        yield Browser(driver)
    finally:
        driver.quit()


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pages of a run with its log, a comparison and a sweep, as files."""
    folder = tmp_path_factory.mktemp("pages")
    log = kept_log(folder)
    found = {}
    for kind in KINDS:
        found[kind] = folder / f"{kind}.html"
        page = html_page(page_of(source(kind, log if kind == "run" else None)))
        found[kind].write_text(page, encoding="utf-8")
    return found
