"""CSV, JSON lines and Parquet hold every row of the log, to the digit, and nothing that another program runs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from analysis.exports import FORMATS
from analysis.exports.clock import Clock
from analysis.exports.columns import decimal_text
from analysis.exports.text import csv_text, inert, json_text, xml_text
from sim import Scenario, loads
from sim.calendars import local_time
from sim.log.columns import COST_LINES, Block
from sim.quantities import HOUR

from .cases import CLOCKS_CHANGE, NAMES, Case, case

TABLES = ("csv", "jsonl", "parquet")


def rows_of(found: Case, form: str) -> list[dict[str, Any]]:
    """The rows of an export by column; what is empty is None or not there."""
    content = found.exported(form)
    match form:
        case "csv":
            table = csv.DictReader(io.StringIO(content.decode(), newline=""), strict=True)
            return [{name: text or None for name, text in row.items()} for row in table]
        case "jsonl":
            return [json.loads(line, parse_float=Decimal) for line in content.decode().splitlines()]
    rows: list[dict[str, Any]] = pq.read_table(io.BytesIO(content)).to_pylist()
    return rows


def nano(amount: Any) -> int:
    """An amount in nano-units; doubles are rounded to them."""
    exact = Decimal(amount or 0) * 10**9
    assert isinstance(amount, float) or exact == int(exact)
    return round(exact)


@pytest.mark.parametrize("form", TABLES)
@pytest.mark.parametrize("name", NAMES)
def test_rows_traces_costs_and_busy_times_are_those_of_the_log(name: str, form: str) -> None:
    found = case(name)
    rows = rows_of(found, form)
    assert [int(row["seq"]) for row in rows] == list(range(len(found.events)))
    traces = {row["trace_id"] for row in rows if row.get("trace_id")}
    assert traces == set(found.rows_of_tasks["trace_id"])
    currency = found.scenario.currency
    assert sum(nano(row[f"cost_{currency}"]) for row in rows) == found.costs()
    lines = sum(nano(row.get(f"{line}_{currency}")) for row in rows for line in COST_LINES)
    assert lines == found.costs() > 0
    busy: dict[str, int] = {}
    for row in rows:
        if row.get("position") and row.get("started_us") is not None:
            who = f"{row['role']} {row['position']}"
            busy[who] = busy.get(who, 0) + int(row["ended_us"]) - int(row["started_us"])
    assert busy == found.busy()


@pytest.mark.parametrize("form", TABLES)
@pytest.mark.parametrize("name", NAMES)
def test_every_cell_says_what_the_log_says(name: str, form: str) -> None:
    found = case(name)
    rows = rows_of(found, form)
    for place in range(0, len(rows), max(len(rows) // 400, 1)):
        own = found.events.iloc[place]
        for column, cell in rows[place].items():
            assert_same(cell, own, column, found.scenario)


def assert_same(cell: Any, own: pd.Series, column: str, scenario: Scenario) -> None:
    """A cell of an export, against the row of the log."""
    if column.startswith("cost_"):
        assert nano(cell) == sum(int(own[line]) for line in COST_LINES if pd.notna(own[line]))
        return
    source = column.removesuffix("_us").removesuffix("_slots").removesuffix(f"_{scenario.currency}")
    value = own[source]
    if cell is None:
        assert pd.isna(value), column
    elif column.endswith("_us") or source not in ("queued", "started", "ended"):
        scales = {"value": 10**scenario.minor_digits, "theta": 10**9, "theta_raw": 10**9, "context": 10**9}
        scale = scales.get(source, 10**9 if column.endswith(scenario.currency) else 1)
        words = {"true": "1", "false": "0", True: "1", False: "0"}
        shown = words.get(cell, cell) if isinstance(cell, bool | str) else cell
        if isinstance(value, str):
            assert shown == value, column
        else:
            assert round(Decimal(shown) * scale) == int(value), column
    else:
        time = cell if isinstance(cell, datetime) else datetime.fromisoformat(cell)
        assert time == local_time(int(value), scenario.start, scenario.timezone), column
        assert time.utcoffset() == local_time(int(value), scenario.start, scenario.timezone).utcoffset()


def test_the_header_names_the_units() -> None:
    header = case("clocks_change").exported("csv").decode().split("\n", 1)[0].split(",")
    assert header[:3] == ["seq", "trace_id", "type"]
    assert {"cost_EUR", "inference_EUR", "value_EUR", "queued", "queued_us", "capacity_slots"} <= set(header)
    assert len(header) == len(set(header))
    schema = pq.read_schema(io.BytesIO(case("clocks_change").exported("parquet")))
    assert schema.names == header
    assert all(schema.field(name).metadata[b"meaning"] for name in header)


def test_columns_of_a_parquet_file_have_types() -> None:
    schema = pq.read_schema(io.BytesIO(case("clocks_change").exported("parquet")))
    types = {
        name: str(schema.field(name).type) for name in ("ended", "ended_us", "theta", "is_right", "trace_id")
    }
    assert types == {
        "ended": "timestamp[us, tz=Europe/Berlin]", "ended_us": "int64", "theta": "double", "is_right": "bool",
        "trace_id": "string",
    }  # fmt: skip
    frame = pd.read_parquet(io.BytesIO(case("clocks_change").exported("parquet")))
    assert isinstance(frame["action"].dtype, pd.CategoricalDtype)


def test_numbers_and_flags_of_json_lines_are_typed_and_nothing_empty_is_named() -> None:
    lines = case("clocks_change").exported("jsonl").decode()
    assert lines.isascii()
    row = next(json.loads(line) for line in lines.splitlines() if '"attempted"' in line)
    assert isinstance(row["is_right"], bool)
    assert isinstance(row["ended_us"], int)
    assert isinstance(row["theta"], float | int)
    assert not any(value is None or value == "" for value in row.values())
    assert "NaN" not in lines


@pytest.mark.parametrize(
    "form", ["csv", "jsonl", "parquet", "xes", "ocel"],
)  # fmt: skip
def test_the_same_log_gives_the_same_bytes(form: str) -> None:
    assert case("clocks_change").exported(form) == case("clocks_change").exported(form)


def test_times_keep_their_order_and_offset_when_the_clocks_change() -> None:
    scenario = loads(CLOCKS_CHANGE)
    clock = Clock(scenario)
    change = 50 * HOUR  # Sunday, 02:00 becomes 03:00
    assert clock.text(change - 1) == "2026-03-29T01:59:59.999999+01:00"
    assert clock.text(change) == "2026-03-29T03:00:00.000000+02:00"
    for tick in (0, 1, change + 1, 300 * 24 * HOUR, 100 * HOUR):
        local = local_time(tick, scenario.start, scenario.timezone)
        assert clock.text(tick) == local.isoformat(timespec="microseconds")


@pytest.mark.parametrize(
    ("zone", "start"),
    [
        ("Asia/Kathmandu", "2026-01-05"),
        ("Australia/Lord_Howe", "2026-04-01"),
        ("Africa/Monrovia", "1972-01-03"),
    ],
)
def test_times_of_unusual_zones_are_the_same_instants(zone: str, start: str) -> None:
    scenario = loads(CLOCKS_CHANGE.replace("Europe/Berlin", zone).replace("2026-03-27", start))
    clock = Clock(scenario)
    for tick in range(0, 10 * 24 * HOUR, 7 * HOUR + 12345):
        text = clock.text(tick)
        local = local_time(tick, scenario.start, zone)
        assert datetime.fromisoformat(text) == local.astimezone(UTC)
        assert len(text) == len("2026-01-05T09:14:02.000000+01:00")


def test_decimals_are_exact_and_short() -> None:
    assert [decimal_text(value, 9) for value in (-1, 0, 1, 10**9, 1_500_000_000)] == [
        "", "0", "0.000000001", "1", "1.5",
    ]  # fmt: skip
    assert [decimal_text(4300, 2), decimal_text(12, 0)] == ["43", "12"]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_begins_like_a_formula(begin: str) -> None:
    assert inert(f"{begin}1") == f"'{begin}1"
    (cell,) = next(csv.reader(io.StringIO(csv_text(f'{begin}cmd|"x",1'), newline="")))
    assert cell == f'\'{begin}cmd|"x",1'


def test_text_comes_back_from_json_and_xml_as_it_was() -> None:
    from xml.etree import ElementTree

    text = '<a href="x">&amp;</a>\t\n\r ]]> \u2028 \U0001f600'
    assert json.loads(f'"{json_text(text)}"') == text
    assert ElementTree.fromstring(f'<a b="{xml_text(text)}"/>').get("b") == text
    assert (
        ElementTree.fromstring(f'<a b="{xml_text("x" + chr(0) + chr(27) + chr(0xFFFE))}"/>').get("b")
        == "x\ufffd\ufffd\ufffd"
    )
    assert json_text("\ud800") == "\\ud800"
    xml_text("\ud800").encode()


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet", "xes", "ocel"])
def test_a_log_without_rows_is_a_whole_file(form: str) -> None:
    class Empty:
        def blocks(self) -> Iterator[Block]:
            return iter(())

    file = io.BytesIO()
    FORMATS[form].write(Empty(), case("clocks_change").scenario, file)
    assert file.getvalue() or form == "jsonl"
    if form == "ocel":
        assert json.loads(file.getvalue())["events"] == []
