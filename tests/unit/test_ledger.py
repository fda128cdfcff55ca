"""The ledger of parameters: complete, every default with its provenance, its pages up to date."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analysis.ledger import Parameter, assumptions, pages, parameters
from analysis.ledger.metrics_page import metrics_text
from analysis.metrics import METRICS
from sim.scenario import Scenario

ROWS = {(row.part, row.key): row for row in parameters()}


@pytest.mark.mechanism("MR-20")
def test_every_default_has_a_provenance() -> None:
    missing = [(row.part, row.key) for row in assumptions() if not row.provenance]
    assert missing == []
    assert len(assumptions()) > 40


@pytest.mark.parametrize("path", sorted(pages()), ids=lambda path: path.name)
def test_a_generated_page_is_up_to_date(path: Path) -> None:
    """Made anew by `python -m analysis.ledger`."""
    assert path.read_text(encoding="utf-8") == pages()[path]


def test_every_metric_is_described_with_its_unit_and_direction() -> None:
    text = metrics_text()
    rows = [
        line.split(" | ") for line in text.splitlines() if line.startswith("| `") and line.count("|") == 6
    ]
    assert [(row[0][3:-1], row[1]) for row in rows] == [(metric.name, metric.unit) for metric in METRICS]
    assert "| `sla_share` | share | higher is better | cohort tasks delivered within" in text
    assert "such passes | playbook 4.2 |" in text


def test_every_row_that_a_metric_rests_on_is_listed_as_built() -> None:
    built = (Path(__file__).parents[2] / "docs" / "mechanisms.md").read_text(encoding="utf-8")
    rows = {row for metric in METRICS for row in re.findall(r"[A-Z]{2}-\d\d", metric.source)}
    assert len(rows) > 5
    assert {row for row in rows if f"| {row} |" not in built} == set()


def test_every_key_of_a_scenario_is_listed() -> None:
    assert [row.key for row in parameters() if row.part == "Scenario"] == list(Scenario.model_fields)


def test_every_key_says_what_it_means() -> None:
    assert [row for row in parameters() if not row.meaning.endswith((".", ")", "day", "`"))] == []


@pytest.mark.parametrize(
    ("part", "key", "form", "default", "bounds"),
    [
        ("Scenario", "seed", "whole number", "1", "from 0 to 9223372036854775807"),
        ("Scenario", "drain_limit", "duration", "4 weeks", ""),
        ("Scenario", "exchange", "mapping to number", "-", "above 0 to 1e+06, at most 200 entries"),
        ("Retries", "growth", "number", "2", "from 1 to 100"),
        ("Retries", "first_wait", "duration", "2 s", ""),
        ("Escalation", "threshold", "share", "0.85", "from 0 to 1"),
        ("Escalation", "value_limit", "amount of money", "-", "from 0 to 1e+12"),
        ("Confidence measured", "auroc", "number", "", "from 0.5 below 1"),
        ("Human role", "wage", "wage", "", ""),
        ("Human role", "calendar", "id", "-", "at most 64 characters"),
        ("Agent role", "confidence", None, "typical", ""),
        ("Task type", "value", "amount of money, or a [distribution](#constant)", "0", ""),
        ("Success beta", "beta", "list of number", "", "from 0.05 to 1000"),
    ],
)
def test_a_key_is_described_as_a_scenario_writes_it(
    part: str, key: str, form: str | None, default: str, bounds: str
) -> None:
    row: Parameter = ROWS[part, key]
    assert (row.default, row.bounds) == (default, bounds)
    assert form is None or row.form == form
