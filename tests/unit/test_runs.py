"""Run folders: whole or not there, the same bytes for the same run, and enough to do the run again."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.runs import (
    RunFolderError,
    RunRecord,
    check_target,
    read_run,
    replay,
    run_name,
    verify,
    write_run,
)
from analysis.runs.differences import first_difference
from analysis.runs.yaml_text import yaml_text
from sim import Scenario, load, loads, simulate
from sim.draws import STREAM_VERSION
from sim.reader import read_text
from tests.tiny import TINY

SCENARIOS = Path(__file__).parents[2] / "scenarios"


def recorded_run(scenario: Scenario, seed: int = 7, replications: int = 2) -> RunRecord:
    """A finished run of a scenario, with made-up figures."""
    logs = [simulate(scenario, seed, number, log="folded") for number in range(replications)]
    table = pd.DataFrame({"replication": range(replications), "cpst": [0.5] * replications})
    digests = tuple(log.digest for log in logs)
    return RunRecord(scenario, seed, digests, {"cpst": {"mean": 0.5, "unit": "USD"}}, table, {}, {"a.b": "8"})


def with_log(record: RunRecord, folder: Path) -> RunRecord:
    """The record with a kept log, which writing it will move."""
    log = simulate(record.scenario, record.seed, 0, out=folder / "kept.parquet")
    return replace(record, events=log.path)


@pytest.fixture(scope="module")
def record() -> RunRecord:
    return recorded_run(loads(TINY))


@pytest.fixture(scope="module")
def pristine(record: RunRecord, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    return write_run(with_log(record, folder), folder / "tiny")


@pytest.fixture
def folder(pristine: Path, tmp_path: Path) -> Path:
    """A copy of a run folder that a test may change."""
    return Path(shutil.copytree(pristine, tmp_path / "tiny"))


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Content of every file of a folder, by name."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


# -- the folder ------------------------------------------------------------------------------------


@pytest.mark.mechanism("MR-11")
def test_the_manifest_holds_what_it_takes_to_repeat_the_run(folder: Path, record: RunRecord) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["scenario_hash"] == record.scenario.digest()
    assert (manifest["seed"], manifest["replications"], manifest["status"]) == (7, 2, "complete")
    assert manifest["log_digests"] == list(record.log_digests)
    assert manifest["stream_version"] == STREAM_VERSION
    assert manifest["overrides"] == {"a.b": "8"}
    assert manifest["prices"]["agent"]["model"] == "claude-haiku-4-5"
    assert {"python", "numpy", "simpy", "tzdata", "prices"} <= set(manifest["versions"])
    assert set(manifest["files"]) == set(bytes_of(folder)) - {"manifest.json"}


def test_two_identical_runs_leave_identical_bytes(record: RunRecord, pristine: Path, tmp_path: Path) -> None:
    again = write_run(with_log(recorded_run(loads(TINY)), tmp_path), tmp_path / "elsewhere")
    assert bytes_of(again) == bytes_of(pristine)


def test_a_second_run_takes_the_place_of_the_same_run(record: RunRecord, folder: Path) -> None:
    before = bytes_of(folder)
    (folder / "kpis.json").write_text("{}")
    write_run(with_log(record, folder.parent), folder)
    assert bytes_of(folder) == before
    assert os.listdir(folder.parent) == ["tiny"]


def test_nothing_names_the_time_or_the_machine(folder: Path) -> None:
    for name, content in bytes_of(folder).items():
        assert str(folder.parent).encode() not in content, name
        assert os.uname().nodename.encode() not in content, name
    assert b"pandas" not in (folder / "replications.parquet").read_bytes()


def test_figures_that_are_no_numbers_are_refused_and_leave_nothing(record: RunRecord, tmp_path: Path) -> None:
    broken = RunRecord(record.scenario, 7, record.log_digests, {"cpst": float("nan")}, record.table)
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_run(broken, tmp_path / "run")
    assert os.listdir(tmp_path) == []


def test_an_interrupted_run_is_partial_and_says_how_far_it_came(record: RunRecord, tmp_path: Path) -> None:
    manifest = read_run(write_run(replace(record, planned=5), tmp_path / "run")).manifest
    assert manifest.status == "partial"
    assert manifest.stopped_by == {"run": "interrupted after 2 of 5 replications"}
    assert manifest.identity != record.identity


def test_a_stopped_replication_makes_the_run_partial(record: RunRecord, tmp_path: Path) -> None:
    stopped = RunRecord(record.scenario, 7, record.log_digests, {}, record.table, {1: "too many tasks"})
    manifest = read_run(write_run(stopped, tmp_path / "run")).manifest
    assert (manifest.status, manifest.stopped_by) == ("partial", {"1": "too many tasks"})


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Invoice reconciliation", "invoice_reconciliation-abcdef"),
        ("../../etc/passwd", "etc_passwd-abcdef"),
        ("\N{GRINNING FACE}", "run-abcdef"),
        ("CON", "con-abcdef"),
        ("x" * 300, "x" * 60 + "-abcdef"),
    ],
)
def test_a_folder_name_is_safe_whatever_the_scenario_is_called(title: str, name: str) -> None:
    assert run_name(title, "abcdef0123") == name


# -- what is never touched -------------------------------------------------------------------------


def _notes(target: Path) -> None:
    target.mkdir()
    (target / "notes.txt").write_text("mine")


def _a_file(target: Path) -> None:
    target.write_text("mine")


def _a_link(target: Path) -> None:
    target.symlink_to(target.parent)


def _another_manifest(target: Path) -> None:
    target.mkdir()
    (target / "manifest.json").write_text('{"format": "something else"}')


@pytest.mark.parametrize("make", [_notes, _a_file, _a_link, _another_manifest])
def test_what_is_not_a_run_is_never_touched(
    make: Callable[[Path], None], record: RunRecord, tmp_path: Path
) -> None:
    target = tmp_path / "run"
    make(target)
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(RunFolderError):
        write_run(record, target)
    assert sorted(os.listdir(tmp_path)) == before
    if target.is_dir() and not target.is_symlink():
        assert "mine" in (target / "notes.txt").read_text() if make is _notes else True


def test_another_run_and_files_beside_a_run_are_never_replaced(folder: Path, record: RunRecord) -> None:
    with pytest.raises(RunFolderError, match=r"holds another run \(Tiny, seed 7, 2 replications\)"):
        check_target(folder, "0" * 64)
    (folder / "chart.png").write_bytes(b"")
    with pytest.raises(RunFolderError, match=r"also holds chart\.png"):
        write_run(record, folder)
    assert (folder / "chart.png").exists()


def test_an_empty_folder_is_filled(
    record: RunRecord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("run", "here"):
        (tmp_path / name).mkdir()
    assert verify(write_run(record, tmp_path / "run")) == ()
    monkeypatch.chdir(tmp_path / "here")
    write_run(record, Path("."))
    assert verify(tmp_path / "here") == ()
    assert sorted(os.listdir(tmp_path)) == ["here", "run"]


# -- reading and checking --------------------------------------------------------------------------


def test_the_folder_gives_back_figures_table_and_log(folder: Path, record: RunRecord) -> None:
    run = read_run(folder)
    assert run.kpis() == record.kpis
    pd.testing.assert_frame_equal(run.replications(), record.table)
    kept = pd.concat([pd.DataFrame(block.columns) for block in run.log().blocks()])
    assert len(kept) == simulate(record.scenario, 7, log="folded").rows


def test_a_log_that_was_not_kept_is_simulated_again(folder: Path) -> None:
    run = read_run(folder)
    fresh = simulate(run.scenario, 7, 1)
    assert first_difference(run.log(1).blocks(), fresh.blocks()) is None
    with pytest.raises(RunFolderError, match="replications 0 to 1, got 2"):
        run.log(2)


def test_verify_names_every_file_that_is_not_as_it_was(folder: Path) -> None:
    assert verify(folder) == ()
    with open(folder / "kpis.json", "ab") as file:
        file.write(b" ")
    (folder / "replications.parquet").unlink()
    (folder / "more.txt").write_text("")
    assert verify(folder) == (
        "kpis.json was changed since the run",
        "more.txt is not of the run",
        "replications.parquet is missing",
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "is not a run folder: it has no manifest.json"),
        ("{", "cannot be read"),
        ('{"format": "workforce run", "schema_version": 99}', "cannot be read: schema_version"),
    ],
)
def test_a_folder_that_is_no_run_of_this_version_is_refused(
    text: str | None, message: str, tmp_path: Path
) -> None:
    if text is not None:
        (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(RunFolderError, match=message):
        read_run(tmp_path)


# -- replay ----------------------------------------------------------------------------------------


@pytest.mark.mechanism("MR-11")
def test_a_run_replays_from_its_folder_alone(folder: Path) -> None:
    done: list[tuple[int, int]] = []
    outcome = replay(folder, lambda *progress: done.append(progress))
    assert outcome.is_same
    assert outcome.sentences() == []
    assert done == [(1, 2), (2, 2)]


def _change_events(folder: Path, column: str, place: int, change: Callable[[Any], Any]) -> int:
    """Changes one value of the kept log; the number of its row."""
    table = pq.read_table(folder / "events.parquet")
    values = table.column(column).to_pylist()
    row = [number for number, value in enumerate(values) if value is not None][place]
    values[row] = change(values[row])
    field = table.schema.get_field_index(column)
    changed = table.set_column(
        field, table.schema.field(field), pa.array(values, table.schema.field(field).type)
    )
    pq.write_table(changed, folder / "events.parquet")
    return row


@pytest.mark.parametrize(
    ("column", "change"),
    [("theta", lambda value: value + 1), ("outcome", lambda value: "wrong" if value == "right" else "right")],
)
def test_a_changed_value_of_the_log_is_found_at_its_row(
    column: str, change: Callable[[Any], Any], folder: Path
) -> None:
    row = _change_events(folder, column, 5, change)
    outcome = replay(folder)
    assert outcome.changed == ("events.parquet was changed since the run",)
    assert outcome.first is not None
    assert (outcome.first.seq, outcome.first.column) == (row, column)
    assert change(_value(outcome.first.new)) == _value(outcome.first.stored)


def _value(text: str) -> Any:
    return int(text) if text.isdigit() else text


def test_a_shorter_log_is_found_at_its_end(folder: Path) -> None:
    table = pq.read_table(folder / "events.parquet")
    pq.write_table(table.slice(0, 100), folder / "events.parquet")
    first = replay(folder).first
    assert str(first) == "row 100: stored the log has ended, now a row"


def test_a_changed_scenario_is_found_and_the_first_row_named(folder: Path) -> None:
    resolved = folder / "scenario.resolved.yaml"
    resolved.write_text(resolved.read_text().replace("mean: 2 min", "mean: 3 min"))
    outcome = replay(folder)
    assert outcome.differing == (0, 1)
    assert outcome.first is not None
    assert outcome.first.column == "tick"
    assert outcome.sentences()[0] == "scenario.resolved.yaml was changed since the run"


def test_a_broken_file_of_a_run_is_named_without_a_crash(folder: Path) -> None:
    (folder / "events.parquet").write_bytes(b"PAR1 broken")
    assert replay(folder).sentences() == ["events.parquet was changed since the run"]
    (folder / "scenario.resolved.yaml").write_text("version: 1\n")
    outcome = replay(folder)
    assert not outcome.is_same
    assert "scenario.resolved.yaml was changed since the run" in outcome.changed


def test_a_run_of_other_draws_is_refused_with_the_version(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "stream_version": 999}))
    with pytest.raises(RunFolderError, match="draws of version 999"):
        replay(folder)


# -- the resolved scenario -------------------------------------------------------------------------


@pytest.mark.parametrize("file", sorted(SCENARIOS.glob("*.yaml")), ids=lambda file: file.stem)
def test_a_resolved_scenario_is_the_same_scenario(file: Path) -> None:
    base = load(file)
    for scenario in (base, *map(base.variant, base.variants)):
        text = yaml_text(scenario.resolved())
        again = loads(text, file.parent)
        assert again.digest() == scenario.digest()
        assert yaml_text(again.resolved()) == text


def test_recorded_inputs_are_copied_and_read_from_the_copy(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "mon day.csv").write_text("t_s,value\n10,5\n400,900\n500,20\n")
    text = TINY.replace("{process: poisson, rate: 20 / h}", "{process: recorded, file: data/mon day.csv}")
    record = recorded_run(
        loads(text.replace("    value: {distribution: lognormal, median: 100, p95: 900}\n", ""), tmp_path)
    )
    folder = write_run(record, tmp_path / "out" / "run")
    shutil.rmtree(tmp_path / "data")
    assert (folder / "inputs" / "1-mon_day.csv").read_text().startswith("t_s,value")
    assert replay(folder).is_same


AWKWARD = [
    "plain", "two words", "", " ", "no", "null", "true", "1.5", "0", "10:00", "2026-01-05", "- a", "a: b",
    "a #b", 'quo"ted', "back\\slash", "umlaut ä", "\N{GRINNING FACE}", "line\u2028separator", "%", "& x",
    "*x", "1e5", ".inf", "[a]",
]  # fmt: skip


@pytest.mark.parametrize("text", AWKWARD)
def test_text_reads_back_as_the_same_text(text: str) -> None:
    tree = {"key": text, "nested": {"list": [text, {"in": text}]}}
    assert read_text(yaml_text(tree)).tree == tree


@pytest.mark.parametrize("number", [0, -3, 10**15, 0.5, 1e-7, 1e22, 0.1 + 0.2])
def test_numbers_read_back_as_the_same_numbers(number: float) -> None:
    tree = read_text(yaml_text({"key": number, "flag": True, "nothing": None})).tree
    assert type(number)(tree["key"]) == number
    assert tree["flag"] is True
    assert tree["nothing"] is None


@pytest.mark.parametrize("value", [float("nan"), {1}, b"x"])
def test_what_a_scenario_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"holds no|not JSON compliant"):
        yaml_text({"key": value})
