"""XES: valid by the rules of the standard, the tasks of the log and nothing else, to the digit."""

from __future__ import annotations

import io
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
import xmlschema

from analysis.metrics import tally
from sim.calendars import local_time

from .cases import NAMES, case

SCHEMA = Path(__file__).with_name("xes.xsd")
SPACE = "{http://www.xes-standard.org/}"
STANDARD = {
    "concept": {"name"}, "lifecycle": {"model", "transition"}, "org": {"resource", "role"}, "time": {"timestamp"},
    "cost": {"total", "currency"},
}  # fmt: skip
"""Attributes of the standard's extensions that are used."""
TRANSITIONS = {"start", "complete", "pi_abort"}
"""Of the standard's life cycle."""
Values = dict[str, str]


@cache
def document(name: str) -> ElementTree.Element:
    return ElementTree.fromstring(case(name).exported("xes"))


def values(element: ElementTree.Element) -> Values:
    """The attributes of a log, a trace or an event."""
    return {part.attrib["key"]: part.attrib["value"] for part in element if "key" in part.attrib}


def traces(name: str) -> dict[str, tuple[Values, list[Values]]]:
    """Attributes and events of each trace, by its name."""
    found = {}
    for trace in document(name).iter(f"{SPACE}trace"):
        own = values(trace)
        found[own["concept:name"]] = own, [values(event) for event in trace.iter(f"{SPACE}event")]
    return found


def thinned(content: bytes, step: int) -> bytes:
    """The document with each `step`-th of its traces."""
    head, *found = content.split(b"<trace>\n")
    end = b"</log>\n"
    assert found[-1].endswith(end)
    found[-1] = found[-1].removesuffix(end)
    return b"<trace>\n".join([head, *found[::step]]) + end


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("step", [10, pytest.param(1, marks=pytest.mark.ci)])
def test_the_document_is_valid_by_the_rules_of_the_standard(step: int, name: str) -> None:
    schema = xmlschema.XMLSchema(str(SCHEMA))
    schema.validate(io.BytesIO(thinned(case(name).exported("xes"), step)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'<trace>\n<string key="concept:name"', b"<trace>\n<string"),
        (b'<boolean key="measured" value="true"', b'<boolean key="measured" value="yes"'),
        (b"+01:00", b"+1"),
        (b"<event>\n", b"<event><event></event>"),
        (b'xes.version="1849.2016"', b'xes.version="1849-2016"'),
        (b"</log>", b'<classifier name="late" keys="x"/></log>'),
    ],
)
def test_the_schema_of_these_tests_refuses_what_is_wrong(old: bytes, new: bytes) -> None:
    content = thinned(case("clocks_change").exported("xes"), 40)
    broken = content.replace(old, new, 1)
    assert broken != content
    assert not xmlschema.XMLSchema(str(SCHEMA)).is_valid(io.BytesIO(broken))


@pytest.mark.parametrize("name", NAMES)
def test_keys_are_of_declared_extensions_and_globals_are_everywhere(name: str) -> None:
    log = document(name)
    prefixes = {part.attrib["prefix"] for part in log.iter(f"{SPACE}extension")}
    assert prefixes == set(STANDARD)
    for part in log.iter():
        keys = [own.attrib["key"] for own in part if "key" in own.attrib]
        assert len(keys) == len(set(keys))
    used = {part.attrib["key"] for part in log.iter() if ":" in part.attrib.get("key", "")}
    assert all(key.partition(":")[2] in STANDARD[key.partition(":")[0]] for key in used)
    declared = {part.attrib["scope"]: set(values(part)) for part in log.iter(f"{SPACE}global")}
    for part in log.iter(f"{SPACE}classifier"):
        assert set(part.attrib["keys"].split()) <= declared["event"]
    for own, events in traces(name).values():
        assert declared["trace"] <= set(own)
        assert all(declared["event"] <= set(event) for event in events)
        assert {event["lifecycle:transition"] for event in events} <= TRANSITIONS


@pytest.mark.parametrize("name", NAMES)
def test_traces_events_and_costs_are_those_of_the_log(name: str) -> None:
    found = case(name)
    rows = found.rows_of_tasks
    told = traces(name)
    assert set(told) == set(rows["trace_id"])
    counts = Counter(event["lifecycle:transition"] for _, events in told.values() for event in events)
    assert counts["start"] == int(rows["started"].notna().sum())
    assert counts["complete"] + counts["pi_abort"] == len(rows)
    assert counts["pi_abort"] == int((rows["action"] == "unfinished").sum())
    of_events = sum(Decimal(event.get("cost:total", 0)) for _, events in told.values() for event in events)
    of_traces = sum(Decimal(own["cost:total"]) for own, _ in told.values())
    assert of_events * 10**9 == of_traces * 10**9 == found.costs()
    assert {own["cost:currency"] for own, _ in told.values()} == {found.scenario.currency}


@pytest.mark.parametrize("name", NAMES)
def test_events_are_in_the_order_of_time_and_busy_times_those_of_the_log(name: str) -> None:
    busy: Counter[str] = Counter()
    for _, events in traces(name).values():
        times = [datetime.fromisoformat(event["time:timestamp"]) for event in events]
        assert times == sorted(times)
        for event, time in zip(events, times, strict=True):
            if "org:resource" in event:
                sign = -1 if event["lifecycle:transition"] == "start" else 1
                ticks = (time - datetime(1970, 1, 1, tzinfo=time.tzinfo)) // timedelta(microseconds=1)
                busy[event["org:resource"]] += sign * ticks
                offset = time.utcoffset()
                assert offset is not None
                busy[event["org:resource"]] -= sign * (offset // timedelta(microseconds=1))
    assert busy == Counter(case(name).busy())


@pytest.mark.parametrize("name", NAMES)
def test_outcomes_of_measured_tasks_are_those_of_the_metrics(name: str) -> None:
    found = case(name)
    whole = tally(found.scenario, found.log).cohort
    ends = Counter(own["outcome"] for own, _ in traces(name).values() if own["measured"] == "true")
    assert ends == Counter(
        delivered_right=whole.right, delivered_wrong=whole.delivered - whole.right, failed=whole.failed,
        unfinished=whole.unfinished,
    )  # fmt: skip
    if name == "reopened":
        assert whole.corrected > 0


def test_a_start_and_its_completion_have_one_name_worker_and_role() -> None:
    found = case("clocks_change")
    own, events = traces("clocks_change")["mail-0"]
    rows = found.events[found.events["trace_id"] == "mail-0"]
    assert own["type"] == "mail"
    assert Decimal(own["value"]) == Decimal(int(rows["value"].iloc[0])) / 100
    assert [event["concept:name"] for event in events[:3]] == ["arrived", "attempted work", "attempted work"]
    start, complete = events[1:3]
    assert (start["lifecycle:transition"], complete["lifecycle:transition"]) == ("start", "complete")
    for event in (start, complete):
        assert (event["org:resource"], event["org:role"]) == ("agent 1", "agent")
    row = rows.iloc[1]
    for text, tick in ((start["time:timestamp"], row["started"]), (start["queued"], row["queued"])):
        local = local_time(int(tick), found.scenario.start, found.scenario.timezone)
        assert text == local.isoformat(timespec="microseconds")


def test_hostile_text_is_text() -> None:
    found = case("clocks_change")
    assert values(document("clocks_change"))["concept:name"] == found.scenario.name
    tags = {part.tag.removeprefix(SPACE) for part in document("clocks_change").iter()}
    assert tags <= {
        "log",
        "extension",
        "global",
        "classifier",
        "trace",
        "event",
        "string",
        "date",
        "int",
        "float",
        "boolean",
    }


@pytest.mark.filterwarnings("ignore:::pm4py")
def test_a_process_mining_library_opens_it(tmp_path: Path) -> None:
    pm4py = pytest.importorskip("pm4py", reason="its licence keeps it out of the project's dependencies")
    path = tmp_path / "log.xes"
    path.write_bytes(case("clocks_change").exported("xes"))
    assert len(pm4py.read_xes(str(path))["case:concept:name"].unique()) == len(traces("clocks_change"))
