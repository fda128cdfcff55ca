"""Tallies of many replications: exact as plain JSON, small in memory, and the same in every table."""

from __future__ import annotations

import errno
import json
import pickle
from collections.abc import Mapping
from dataclasses import FrozenInstanceError, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pytest

import sim
from analysis.experiments import LogInfo, Replications, replicate, totals_of
from analysis.experiments.leverage import PER_PAID_HOUR
from analysis.experiments.results import Logs
from analysis.metrics import (
    METRICS,
    Tallies,
    Tally,
    busiest_hours,
    by_hour,
    by_stage,
    by_type,
    by_worker,
    causes,
    defect_flow,
    deliveries,
    guard_trips,
    plain_values,
    queues,
    shelf,
    tally_document,
    tally_of,
    task_failures,
    value_of,
    verdicts,
    visible_failures,
)
from analysis.metrics.saved import codec_of
from benchmarks.memory import measured
from sim import Scenario

SCENARIOS = Path(__file__).parents[2] / "scenarios"
SHIPPED = sorted(path.stem for path in SCENARIOS.glob("*.yaml"))
DAY = {"horizon": "1 day", "warm_up": "0 s"}
TABLES = (
    by_type, by_worker, queues, by_hour, busiest_hours, verdicts, by_stage, defect_flow, task_failures,
    visible_failures, guard_trips, deliveries, causes,
)  # fmt: skip
MOST_BYTES = 512
"""Bytes that one more replication of the shipped scenario may take in the process that collects them; 260 measured."""


def shipped(name: str) -> Scenario:
    return sim.load(SCENARIOS / f"{name}.yaml").overlaid(DAY)


@cache
def replicated(name: str) -> Replications:
    return replicate(shipped(name), 3)


# -- the codec ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHIPPED)
def test_every_tally_comes_back_from_plain_json_as_it_was(name: str) -> None:
    for tally in replicated(name).tallies:
        text = json.dumps(tally_document(tally), allow_nan=False)
        assert tally_of(json.loads(text)) == tally


@dataclass(frozen=True)
class Sample:
    """One field of every kind."""

    count: int
    share: float
    name: str | None
    is_on: bool
    word: Literal["a", "b"]
    counts: tuple[int, ...]
    pair: tuple[str, int]
    logs: Mapping[str, tuple[LogInfo, ...]]
    either: float | str
    last: LogInfo | None = None


def test_the_codec_goes_by_the_hints_and_keeps_numbers_and_order() -> None:
    log = LogInfo(0, "d", 1, 2, 3, 4, "partial", "\u00e9")
    logs = {"z": (log,), "a": ()}
    value = Sample(10**30, 0.1, None, True, "b", (1, -(2**70)), ("x", 2), logs, "2 %", log)
    back = value_of(Sample, json.loads(json.dumps(plain_values(value))))
    assert back == value
    assert list(back.logs) == ["z", "a"]


@pytest.mark.parametrize(
    ("hint", "document", "message"),
    [
        (int, True, "expected int, got bool"),
        (int, 1.0, "expected int, got float"),
        (float, "1", "expected float, got str"),
        (bool, 1, "expected bool, got int"),
        (tuple[int, ...], [1, None], "expected int, got NoneType"),
        (tuple[int, ...], {"0": 1}, "expected a list, got dict"),
        (tuple[str, int], ["x"], "expected 2 values, got 1"),
        (LogInfo, [0, "d"], "expected 8 values, got 2"),
        (Literal["a"], "c", "expected one of"),
        (Tally, [], "expected 8 values, got 0"),
    ],
    ids=str,
)
def test_what_does_not_have_the_form_of_the_hint_is_refused(hint: Any, document: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        codec_of(hint).value(document)


def test_a_hint_without_a_plain_form_is_named() -> None:
    with pytest.raises(TypeError, match=r"set\[int\] has no plain form"):
        codec_of(set[int])


def test_what_is_kept_of_logs_comes_back_as_it_was() -> None:
    logs = tuple(LogInfo(number, "d" * 64, 10**12, 2, 3, 4, "partial", "\u00e9") for number in range(3))
    packed = Logs.of(logs)
    assert (len(packed), packed[1], packed[1:], tuple(packed)) == (3, logs[1], logs[1:], logs)
    assert (
        packed[:1] + packed.chosen([1, 2]) == packed == Logs.of(packed) == pickle.loads(pickle.dumps(packed))
    )


# -- packed tallies -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHIPPED)
def test_packed_tallies_give_the_same_numbers_and_tables_as_the_tallies(name: str) -> None:
    packed, bare = replicated(name).tallies, tuple(replicated(name).tallies)
    for metric in METRICS:
        assert packed.totals(metric) == [
            (metric.numerator(tally), metric.denominator(tally)) for tally in bare
        ]
        assert packed.is_bound(metric) == any(map(metric.is_bound, bare))
    for table in TABLES:
        assert table(packed) == table(bare), table.__name__


def test_tables_of_replications_that_differ_in_what_showed_are_the_same_pooled() -> None:
    """Guards that trip in one replication only, ways that defects took once, quantiles that are bounds."""
    for name, changes in (
        ("runaway_loop", {"horizon": "2 h"}),
        ("review_everything", {"horizon": "3 h", "drain_limit": "0 s"}),
    ):
        found = replicate(shipped(name).overlaid(changes), 7).tallies
        for table in TABLES:
            assert table(found) == table(tuple(found)), (name, table.__name__)


def test_packed_tallies_are_a_sequence() -> None:
    packed = replicated("invoice_reconciliation").tallies
    bare = tuple(packed)
    assert isinstance(packed[1], Tally)
    assert (len(packed), packed[0], packed[-1]) == (3, bare[0], bare[2])
    assert packed[1:] == bare[1:] == packed.chosen([1, 2])
    assert packed[:1] + packed[1:] == packed == Tallies.of(bare)
    assert packed[:2] != packed
    assert packed != list(bare)
    assert pickle.loads(pickle.dumps(packed)) == packed
    assert repr(packed) == "<tallies of 3 replications>"
    with pytest.raises(ValueError, match="no tally to pool"):
        _ = Tallies().pooled


def test_replications_made_of_bare_tallies_pack_them() -> None:
    found = replicated("invoice_reconciliation")
    again = Replications(found.scenario, found.seed, tuple(found.tallies), found.logs)  # type: ignore[arg-type]
    assert isinstance(again.tallies, Tallies)
    assert again.tallies == found.tallies


def test_a_packed_replication_takes_about_two_kilobytes() -> None:
    packed = replicate(sim.load(SCENARIOS / "invoice_reconciliation.yaml"), 1).tallies.packed[0]
    assert len(packed.content) + len(packed.totals) < 2500


def test_parts_of_packed_tallies_share_what_lies_on_the_shelf() -> None:
    packed = replicated("invoice_reconciliation").tallies
    assert (
        packed[1:].packed[0]
        is packed.chosen([1]).packed[0]
        is (packed + packed).packed[4]
        is packed.packed[1]
    )


def test_a_packed_tally_travels_with_its_bytes_and_goes_on_a_shelf_where_it_arrives() -> None:
    packed, other, _ = replicated("invoice_reconciliation").tallies.packed
    sent = pickle.dumps(packed)
    assert packed.content in sent
    again = pickle.loads(sent)
    assert (again.shelf, again.number) != (packed.shelf, packed.number)
    assert (again.content, again.totals, again.tally()) == (packed.content, packed.totals, packed.tally())
    assert again == packed != other
    assert packed != packed.content
    with pytest.raises(FrozenInstanceError):
        packed.number = 0  # type: ignore[misc]


def test_replications_are_the_same_where_no_temporary_file_can_be_had(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_file(**_: object) -> None:
        raise PermissionError(errno.EACCES, "no room for temporary files")

    found = replicated("invoice_reconciliation")
    monkeypatch.setattr(shelf, "TemporaryFile", no_file)
    monkeypatch.setattr(shelf, "LARGEST", 0)  # so that a shelf that is there already is not used
    again = replicate(found.scenario, 3)
    assert (again.tallies, again.logs) == (found.tallies, found.logs)
    assert again.to_json_dict() == found.to_json_dict()


def test_a_metric_beside_the_table_is_counted_the_same_way() -> None:
    packed = replicated("invoice_reconciliation").tallies
    for _ in range(2):
        assert packed.totals(PER_PAID_HOUR) == totals_of(PER_PAID_HOUR, tuple(packed))
        assert not packed.is_bound(PER_PAID_HOUR)


@pytest.mark.ci
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_ten_thousand_replications_leave_memory_as_it_was() -> None:
    growth = measured(sim.load(SCENARIOS / "invoice_reconciliation.yaml"), 1_000, 10_000)
    assert growth.each < MOST_BYTES, str(growth)
