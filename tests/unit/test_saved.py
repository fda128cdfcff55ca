"""Saved results: what comes back is what was there, and nothing else is taken for it."""

from __future__ import annotations

import base64
import json
import os
import zlib
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest

import sim
from analysis.experiments import Comparison, Replications, UntilBest, compare, replicate
from analysis.experiments.loading import load
from analysis.experiments.saved import (
    SavedResultError,
    fields_document,
    fields_of,
    loaded,
    read_document,
    replications_document,
    replications_of,
    write_document,
)
from sim import Scenario, prices

SCENARIOS = Path(__file__).parents[2] / "scenarios"
SHIPPED = sorted(path.stem for path in SCENARIOS.glob("*.yaml"))
DAY = {"horizon": "1 day", "warm_up": "0 s"}


def shipped(name: str) -> Scenario:
    return sim.load(SCENARIOS / f"{name}.yaml").overlaid(DAY)


@cache
def replicated(name: str) -> Replications:
    return replicate(shipped(name), 3)


@cache
def compared() -> Comparison:
    scenario = shipped("invoice_reconciliation")
    return compare(scenario, 4, until_best=UntilBest(0.0001, most=6))


# -- results --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHIPPED)
def test_replications_come_back_as_they_were(name: str, tmp_path: Path) -> None:
    found = replicated(name)
    again = Replications.load(found.save(tmp_path / "result.json"))
    assert again.to_json_dict() == found.to_json_dict()
    assert again.summary().equals(found.summary())
    assert again.tallies == found.tallies
    assert again.logs == found.logs
    assert again.scenario.digest() == found.scenario.digest()
    assert again.scenario.tree() == found.scenario.tree()


def test_whatever_was_saved_is_loaded_by_what_its_file_says_it_is(tmp_path: Path) -> None:
    for found in (replicated("invoice_reconciliation"), compared()):
        again = load(found.save(tmp_path / "result.json"))
        assert type(again) is type(found)
        assert load(tmp_path).to_json_dict() == found.to_json_dict()
    (tmp_path / "result.json").write_text('{"format": "workforce result", "version": 1, "kind": "dance"}')
    with pytest.raises(SavedResultError, match="a saved result of dance, which this version does not read"):
        load(tmp_path)


def test_a_scenario_comes_back_with_the_arrivals_it_had_recorded(tmp_path: Path) -> None:
    for name in ("recorded_arrivals.yaml", "recorded_arrivals.csv"):
        (tmp_path / name).write_bytes((SCENARIOS / name).read_bytes())
    scenario = sim.load(tmp_path / "recorded_arrivals.yaml").overlaid(DAY)
    found = replicate(scenario, 2)
    path = found.save(tmp_path / "result.json")
    (tmp_path / "recorded_arrivals.csv").unlink()
    again = Replications.load(path)
    assert again.scenario.digest() == scenario.digest()
    assert replicate(again.scenario, 2).logs == found.logs
    assert again.save(tmp_path / "again.json").read_bytes() == path.read_bytes()


def test_missing_replications_and_drawn_inputs_are_remembered() -> None:
    found = replace(
        replicated("invoice_reconciliation"),
        lost={5: "its worker died"},
        is_interrupted=True,
        draw_inputs=True,
    )
    again = replications_of(json.loads(json.dumps(replications_document(found))))
    assert (again.lost, again.is_interrupted, again.draw_inputs) == ({5: "its worker died"}, True, True)
    assert not again.is_complete


def test_a_comparison_comes_back_as_it_was(tmp_path: Path) -> None:
    found = compared()
    again = Comparison.load(found.save(tmp_path / "result.json"))
    assert again.to_json_dict() == found.to_json_dict()
    assert again.differences().equals(found.differences())
    assert again.summary().equals(found.summary())
    assert again.decision == found.decision
    assert list(again.variants) == list(found.variants)
    assert (again.search, again.warm_up, again.rule) == (found.search, found.warm_up, found.rule)


def test_a_comparison_with_drawn_inputs_comes_back_as_it_was(tmp_path: Path) -> None:
    ranges = {"workers.clerk.review.catch_rate": {"distribution": "uniform", "low": 0.7, "high": 0.95}}
    found = compare(shipped("invoice_reconciliation").overlaid({"uncertain": ranges}), 3)
    again = Comparison.load(found.save(tmp_path / "result.json"))
    assert again.drawn is not None
    assert again.to_json_dict() == found.to_json_dict()
    assert again.base.scenario.uncertain == found.base.scenario.uncertain


def test_equal_results_are_equal_bytes(tmp_path: Path) -> None:
    name = "invoice_reconciliation"
    first, second = (replicate(shipped(name), 3).save(tmp_path / file) for file in ("a.json", "b.json"))
    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes().isascii()
    assert sorted(os.listdir(tmp_path)) == ["a.json", "b.json"]


def test_a_scenario_whose_prices_have_changed_comes_back_with_those_of_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = replicated("invoice_reconciliation")
    document = replications_document(found)
    listed = prices.list_price

    def doubled(*model: str | None) -> prices.ListPrice:
        price = listed(*model)
        assert price is not None
        return replace(price, input=price.input * 2)

    monkeypatch.setattr(prices, "list_price", doubled)
    again = replications_of(document)
    assert again.scenario.digest() == document["scenario"]["digest"]
    assert shipped("invoice_reconciliation").digest() != document["scenario"]["digest"]
    document["scenario"]["digest"] = "0" * 64
    with pytest.raises(ValueError, match="means something else in this version"):
        replications_of(document)


# -- files ----------------------------------------------------------------------------------------------


def test_any_result_class_is_saved_by_the_hints_of_its_fields(tmp_path: Path) -> None:
    path = write_document(tmp_path / "x.json", "search", fields_document(compared().search))
    search = compared().search
    assert search is not None
    assert loaded(path, "search", partial(fields_of, type(search))) == search


def edited(content: bytes, change: str) -> bytes:
    """A saved file after something happened to it."""
    saved = json.loads(content)
    match change:
        case "cut short":
            return content[: len(content) // 2]
        case "empty":
            return b""
        case "not JSON":
            return b"a: 1\n"
        case "deep":
            return b"[" * 100_000
        case "another file":
            return b'{"seed": 7}'
        case "a number edited":
            saved["document"]["seed"] = 8
        case "newer":
            saved["version"] = 2
        case "another kind":
            saved["kind"] = "sweep"
        case "no document":
            saved["document"] = []
    return json.dumps(saved).encode()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("cut short", "is not a saved result, or was cut short"),
        ("empty", "is not a saved result, or was cut short"),
        ("not JSON", "is not a saved result, or was cut short"),
        ("deep", "is not a saved result, or was cut short"),
        ("another file", "is not a saved result"),
        ("a number edited", "is not as it was written; it was edited or damaged"),
        ("newer", "has form 2, this version reads form 1"),
        ("another kind", "is a saved result of sweep, not of replications"),
        ("no document", "is not as it was written"),
    ],
)
def test_a_file_that_is_not_as_it_was_written_is_refused_with_one_message(
    change: str, message: str, tmp_path: Path
) -> None:
    path = replicated("invoice_reconciliation").save(tmp_path / "result.json")
    path.write_bytes(edited(path.read_bytes(), change))
    with pytest.raises(SavedResultError, match=message) as caught:
        Replications.load(path)
    assert str(caught.value).startswith(f"{path} ")
    assert "\n" not in str(caught.value)


def broken_document(change: str) -> dict[str, Any]:
    """A document with the right digest and the wrong content."""
    document = replications_document(replicated("recorded_arrivals"))
    scenario = document["scenario"]
    match change:
        case "no seed":
            del document["seed"]
        case "a tally less":
            document["tallies"].pop()
        case "a tally of something":
            document["tallies"][0] = base64.b64encode(zlib.compress(b"[1]")).decode()
        case "a tally cut short":
            whole = zlib.compress(b"[" + b"1" * 10_000 + b"]")
            document["tallies"][0] = base64.b64encode(whole[:-10]).decode()
        case "no base64":
            document["tallies"][0] = "*"
        case "a log":
            document["logs"][0][0] = "zero"
        case "a scenario":
            scenario["tree"]["horizon"] = "never"
        case "a list of inputs":
            scenario["inputs"] = []
        case "an input outside":
            scenario["inputs"] = {"../x.csv": base64.b64encode(zlib.compress(b"")).decode()}
        case "no input":
            scenario["inputs"] = {}
    return document


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("no seed", "no 'seed'"),
        ("a tally less", "2 tallies of 3 logs"),
        ("a tally of something", "expected 8 values, got 1"),
        ("a tally cut short", "cut short"),
        ("no base64", "a tally cannot be unpacked"),
        ("a log", "expected int, got str"),
        ("a scenario", "horizon: "),
        ("a list of inputs", "has no attribute"),
        ("an input outside", "is not a file below the scenario"),
        ("no input", "no such file"),
    ],
)
def test_a_document_of_another_form_is_refused_with_one_message(
    change: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = write_document(tmp_path / "result.json", "replications", broken_document(change))
    with pytest.raises(SavedResultError, match="cannot be read as a result of replications: .*" + message):
        Replications.load(path)
    assert os.listdir(tmp_path) == ["result.json"]


def test_a_document_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_document(tmp_path / "x.json", "k", {"a": 1})
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_document(path, "k", {"a": float("nan")})

    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="full"):
        write_document(path, "k", {"a": 2})
    assert os.listdir(tmp_path) == ["x.json"]
    assert read_document(path, "k") == {"a": 1}


def test_a_file_that_is_not_there_is_an_ordinary_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Replications.load(tmp_path / "nothing.json")
