"""The documents say what is there: columns of the log, names in it, links, code that runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.log.arrow import EXTRA
from sim.log.columns import ACTIONS, COLUMNS, NEXT, OUTCOMES, REASONS, STATUSES
from sim.recorded import COLUMNS as RECORDED
from sim.topology import KINDS

FOLDER = Path(__file__).parents[2] / "docs"
PAGES = sorted(FOLDER.glob("*.md"))
LOG = (FOLDER / "log.md").read_text(encoding="utf-8")


def listed(name: str) -> list[str]:
    """The values that docs/log.md lists for a column."""
    line = next(line for line in LOG.splitlines() if line.startswith(f"| `{name}` | `"))
    return re.findall(r"`(\w+)`", line)[1:]


def test_every_column_of_the_log_is_described_as_the_code_describes_it() -> None:
    rows = [line for line in LOG.splitlines() if re.match(r"\| `\w+` \| (integer|name) \|", line)]
    assert rows == [
        f"| `{column.name}` | {column.kind} | {column.unit} | {column.meaning} | "
        f"{'yes' if column.is_nullable else 'no'} |"
        for column in COLUMNS
    ]
    assert all(f"`{name}`" in LOG for name in EXTRA)


@pytest.mark.parametrize(
    ("column", "names"),
    [("action", ACTIONS), ("next", NEXT), ("status", STATUSES), ("outcome", OUTCOMES), ("reason", REASONS)],
)
def test_every_name_in_the_log_is_listed(column: str, names: tuple[str, ...]) -> None:
    assert listed(column) == list(names)


def test_the_columns_of_recorded_arrivals_are_listed() -> None:
    text = (FOLDER / "concepts.md").read_text(encoding="utf-8")
    listed_columns = re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`[^|]+) \|", text, re.MULTILINE)))
    assert listed_columns == ["t_s", "time_column", *RECORDED]


def test_every_topology_has_its_section() -> None:
    text = (FOLDER / "topologies.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## (\w+_?\w*)$", text, re.MULTILINE)
    assert sections == [*KINDS, "cascade", "custom", "Ladder"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    headings = [line.lstrip("# ").lower().replace(" ", "-") for line in text.splitlines() if line[:1] == "#"]
    for target in re.findall(r"\]\(([^)]+)\)", text):
        file = target.partition("#")[0]
        assert (FOLDER / file).is_file() if file else target[1:] in headings, target


def test_the_code_on_the_log_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"```python\n(.*?)```", LOG, re.DOTALL)
    (tmp_path / "scenarios").symlink_to(FOLDER.parent / "scenarios")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "docs/log.md", "exec"), names)
    assert len(blocks) == 2
    assert (tmp_path / "events.parquet").is_file()
