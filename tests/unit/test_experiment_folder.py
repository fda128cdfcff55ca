"""Folders of experiments: the same bytes for the same experiment, nothing lost, and enough to read it again."""

from __future__ import annotations

import csv
import json
import os
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import sim
from analysis.experiments import Comparison, compare
from analysis.runs import (
    ExperimentRecord,
    RunFolderError,
    read_run,
    reasons_of,
    verify,
    write_experiment,
)
from analysis.runs.contents import RESOLVED, names_below, write_scenarios, write_stated
from sim import Scenario

SCENARIOS = Path(__file__).parents[2] / "scenarios"
DAY = {"horizon": "1 day", "warm_up": "0 s"}


def recorded(**changes: object) -> Scenario:
    return sim.load(SCENARIOS / "recorded_arrivals.yaml").overlaid(DAY | changes)


@cache
def compared() -> Comparison:
    return compare(
        {"as written": recorded(), "<two> & more": recorded(workers={"checker": {"positions": 2}})}, 2
    )


def record(**changes: Any) -> ExperimentRecord:
    result = compared()
    document = result.to_json_dict()
    made = ExperimentRecord(
        "compare", result.base.scenario, result.base.seed, result.replications, document,
        {"summary": document["summary"]}, result, {"horizon": "1 day"},
        scenarios={name: variant.scenario for name, variant in result.variants.items()},
        stated={"recorded_arrivals.yaml": recorded()},
    )  # fmt: skip
    return replace(made, **changes)


def bytes_of(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_the_folder_holds_findings_tables_scenarios_inputs_and_the_whole_result(tmp_path: Path) -> None:
    folder = write_experiment(tmp_path / "found", record())
    assert sorted(bytes_of(folder)) == [
        "compare.json",
        "inputs/1-recorded_arrivals.csv",
        "manifest.json",
        "result.json",
        "scenario.resolved.yaml",
        "scenarios/1-as_written.resolved.yaml",
        "scenarios/2-two_more.resolved.yaml",
        "scenarios/inputs/1-recorded_arrivals.csv",
        "stated/recorded_arrivals.csv",
        "stated/recorded_arrivals.yaml",
        "summary.csv",
    ]
    assert json.loads((folder / "compare.json").read_text(encoding="utf-8"))["replications"] == 2
    assert Comparison.load(folder / "result.json").to_json_dict() == compared().to_json_dict()
    assert verify(folder) == ()


def test_every_scenario_of_the_folder_loads_to_the_same_experiment(tmp_path: Path) -> None:
    folder = write_experiment(tmp_path / "found", record())
    variants = compared().variants
    wanted = [variant.scenario.digest() for variant in variants.values()]
    named = sorted((folder / "scenarios").glob("*.yaml"))
    assert [sim.load(path).digest() for path in named] == wanted
    assert sim.load(folder / "scenario.resolved.yaml").digest() == wanted[0]


def test_inputs_of_the_same_name_and_other_content_stay_apart(tmp_path: Path) -> None:
    scenarios = {}
    for name, lines in (("one", 40), ("two", 30)):
        place = tmp_path / name
        place.mkdir()
        text = (SCENARIOS / "recorded_arrivals.csv").read_text(encoding="utf-8").splitlines()[:lines]
        (place / "recorded_arrivals.csv").write_text("\n".join(text) + "\n", encoding="utf-8")
        (place / "x.yaml").write_bytes((SCENARIOS / "recorded_arrivals.yaml").read_bytes())
        scenarios[name] = sim.load(place / "x.yaml")
    folder = write_experiment(tmp_path / "found", record(scenarios=scenarios))
    found = [sim.load(path).digest() for path in sorted((folder / "scenarios").glob("*.yaml"))]
    assert found == [scenario.digest() for scenario in scenarios.values()]
    assert len(list((folder / "scenarios" / "inputs").iterdir())) == 2


def test_what_is_resolved_again_has_the_same_text_and_inputs(tmp_path: Path) -> None:
    once, again = tmp_path / "once", tmp_path / "again"
    for folder, scenario in ((once, recorded), (again, lambda: sim.load(once / RESOLVED))):
        folder.mkdir()
        write_scenarios({RESOLVED: scenario()}, 7, folder)
    assert bytes_of(again) == bytes_of(once)


@pytest.mark.parametrize("file", sorted(path.name for path in SCENARIOS.glob("*.yaml")))
def test_what_was_stated_is_read_back_as_it_was_with_its_variants(file: str, tmp_path: Path) -> None:
    written = sim.load(SCENARIOS / file)
    assert write_stated({"a/b.yaml": written}, tmp_path) == ("stated/a/b.yaml",)
    found = sim.load(tmp_path / "stated" / "a" / "b.yaml")
    assert found.tree() == written.tree()
    assert found.digest_with_inputs() == written.digest_with_inputs()
    for name in written.variants:
        assert found.variant(name).digest() == written.variant(name).digest()


def test_a_recorded_file_that_is_named_by_its_whole_path_is_left_alone(tmp_path: Path) -> None:
    place = tmp_path / "recorded_arrivals.csv"
    place.write_bytes((SCENARIOS / "recorded_arrivals.csv").read_bytes())
    text = (SCENARIOS / "recorded_arrivals.yaml").read_text(encoding="utf-8")
    (tmp_path / "x.yaml").write_text(text.replace("file: recorded_arrivals.csv", f"file: {place}"))
    scenario = sim.load(tmp_path / "x.yaml")
    place.chmod(0o400)
    before = place.stat().st_mtime_ns
    write_stated({"x.yaml": scenario}, tmp_path / "stage")
    assert (place.stat().st_mtime_ns, list(tmp_path.rglob("*.csv"))) == (before, [place])


def test_files_are_named_below_the_folder_that_they_have_in_common(tmp_path: Path) -> None:
    names = [str(tmp_path / name) for name in ("x.yaml", "before/x.yaml", "before/after/y.yaml")]
    assert names_below(names) == ["x.yaml", "before/x.yaml", "before/after/y.yaml"]
    assert names_below(names[1:]) == ["x.yaml", "after/y.yaml"]
    assert names_below(names[:1]) == ["x.yaml"]


def test_two_identical_experiments_leave_identical_bytes(tmp_path: Path) -> None:
    one = bytes_of(write_experiment(tmp_path / "one", record()))
    compared.cache_clear()
    assert bytes_of(write_experiment(tmp_path / "two", record())) == one


def test_the_manifest_says_what_was_done_and_why_it_is_partial(tmp_path: Path) -> None:
    whole = json.loads((write_experiment(tmp_path / "a", record()) / "manifest.json").read_text())
    assert (whole["format"], whole["kind"], whole["status"]) == (
        "workforce experiment",
        "compare",
        "complete",
    )
    assert whole["overrides"] == {"horizon": "1 day"}
    assert whole["scenario_hash"] == compared().base.scenario.digest()
    broken = record(reasons={"replication 3": "its worker died"})
    part = json.loads((write_experiment(tmp_path / "b", broken) / "manifest.json").read_text())
    assert (part["status"], part["stopped_by"]) == ("partial", {"replication 3": "its worker died"})


def test_reasons_name_the_variant_and_the_replication() -> None:
    assert reasons_of(compared().variants) == {}
    base = compared().base
    logs = (replace(base.logs[0], stopped_by="limit of steps", status="partial"), *base.logs[1:])
    cut = replace(base, logs=logs, lost={4: "its worker died"}, is_interrupted=True)
    assert reasons_of({"a": cut}) == {
        "a, replication 0": "limit of steps",
        "replication 4": "its worker died",
        "a": "interrupted after 2 replications",
    }


def test_only_the_same_experiment_takes_the_place_of_a_folder(tmp_path: Path) -> None:
    folder = write_experiment(tmp_path / "found", record())
    before = bytes_of(folder)
    write_experiment(folder, record())
    assert bytes_of(folder) == before
    for other in (record(seed=8), record(kind="sweep"), record(identity="another question")):
        with pytest.raises(RunFolderError, match="holds another compare"):
            write_experiment(folder, other)
    assert bytes_of(folder) == before
    assert os.listdir(tmp_path) == ["found"]


def test_an_experiment_is_not_read_as_a_run(tmp_path: Path) -> None:
    folder = write_experiment(tmp_path / "found", record())
    with pytest.raises(RunFolderError, match="is the folder of a compare, not of a run"):
        read_run(folder)


def test_no_cell_of_a_table_is_computed_by_a_spreadsheet(tmp_path: Path) -> None:
    rows = [
        {"=name": "=1+1", "value": -1.5, "note": "@x"},
        {"=name": "plain", "value": [1, 2], "more": "\n=2"},
    ]
    folder = write_experiment(tmp_path / "found", record(tables={"points": rows, "nothing": []}))
    assert not (folder / "nothing.csv").exists()
    with open(folder / "points.csv", encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [
            ["'=name", "value", "note", "more"],
            ["'=1+1", "-1.5", "'@x", ""],
            ["plain", "[1, 2]", "", "'\n=2"],
        ]


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    class Unsavable:
        def save(self, path: Path) -> Path:
            path.write_text("half", encoding="utf-8")
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        write_experiment(tmp_path / "found", record(result=Unsavable()))
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_experiment(tmp_path / "found", record(document={"x": float("inf")}))
    assert os.listdir(tmp_path) == []
