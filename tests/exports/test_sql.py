"""The code on the page about exports runs, its SQL in SQLite and in DuckDB, and is right."""

from __future__ import annotations

import io
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from .cases import SCENARIOS, case

PAGE = (Path(__file__).parents[2] / "docs" / "exports.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
Ask = Callable[[str], list[tuple[Any, ...]]]


def in_sqlite(folder: Path) -> Ask:
    """Queries over the exported file, loaded into SQLite."""
    frame = pd.read_parquet(io.BytesIO(case("clocks_change").exported("parquet")))
    for name in frame.select_dtypes(["datetimetz", "category"]).columns:
        frame[name] = frame[name].astype(object).where(frame[name].notna(), None)
        frame[name] = frame[name].map(str, na_action="ignore")
    connection = sqlite3.connect(folder / "events.sqlite")
    frame.to_sql("events", connection, index=False)
    return lambda query: connection.execute(query).fetchall()


def in_duckdb(folder: Path) -> Ask:
    """Queries over the exported file in DuckDB."""
    path = folder / "invoices.parquet"
    path.write_bytes(case("clocks_change").exported("parquet"))
    connection = duckdb.connect()
    connection.execute(f"CREATE VIEW events AS SELECT * FROM '{path}'")
    return lambda query: list(connection.execute(query).fetchall())


@pytest.fixture(params=[in_sqlite, in_duckdb], ids=["sqlite", "duckdb"])
def ask(request: pytest.FixtureRequest, tmp_path: Path) -> Ask:
    found: Ask = request.param(tmp_path)
    return found


def test_every_query_on_the_page_gives_rows(ask: Ask) -> None:
    assert len(QUERIES) == 7
    for query in QUERIES:
        assert ask(query), query


def test_queries_add_up_to_what_the_log_says(ask: Ask) -> None:
    found = case("clocks_change")
    costs, reasons, waits, busy, longest, ways, deliveries = (ask(query) for query in QUERIES)
    assert sum(row[2] for row in costs) == pytest.approx(found.costs() / 1e9, abs=0.011)
    events = found.events
    escalated = events[(events["action"] == "attempted") & (events["next"] == "execute")]
    assert {row[0]: row[1] for row in reasons} == escalated["reason"].value_counts().loc[
        lambda n: n > 0
    ].to_dict()
    assert sum(row[1] for row in waits) == int(events["started"].notna().sum())
    assert {f"{row[0]} {int(row[1])}": row[3] for row in busy} == {
        who: pytest.approx(ticks / 3600e6, abs=0.0051) for who, ticks in found.busy().items()
    }
    spans = found.rows_of_tasks.groupby("trace_id")["ended"].agg(lambda ticks: ticks.max() - ticks.min())
    assert longest[0][1] == pytest.approx(spans.max() / 3600e6, abs=0.0051)
    assert sum(row[2] for row in ways) == len(found.rows_of_tasks) - events["trace_id"].nunique()
    delivered = events[events["next"] == "deliver"]
    assert sum(row[1] for row in deliveries) == len(delivered)
    assert sum(row[2] for row in deliveries) == int((delivered["is_right"] == 0).sum())


def test_the_python_on_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scenarios").symlink_to(SCENARIOS)
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(code, "docs/exports.md", "exec"), {})
    assert (tmp_path / "invoices.xes").read_bytes().endswith(b"</log>\n")
