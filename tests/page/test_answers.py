"""First sentences of pages: what to do, for people who know no metric by name."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from analysis.experiments import compare
from analysis.experiments.decision import NOBODY
from analysis.page import answers
from analysis.page.facts import facts_of
from tests.page.examples import broken_even, compared, document, made, scenario, solved, swept

NAMES = re.compile(r"[a-z]+_[a-z_]+|[<>]=?|\bCPST\b")
"""What only those read who know the command line."""


@pytest.mark.parametrize("kind", ["run", "compare", "sweep", "solve", "breakeven"])
def test_a_page_begins_without_names_of_metrics_brackets_and_signs(kind: str) -> None:
    page = document(kind)
    assert page.answer
    assert not NAMES.search(page.answer)
    if kind not in ("run", "breakeven"):  # the one has its intervals there, the other no crossing
        assert "[" not in page.answer
        assert any("[" in reason for reason in page.reasons)


def test_the_choice_is_told_with_who_works_what_it_costs_and_what_that_is_a_month() -> None:
    first, second = answers.chosen_variant(compared())
    decision = compared().decision
    assert decision.winner is not None
    cost = decision.standings[decision.winner].objective.value
    month = compared().variants[decision.winner].estimate("cost_per_month_paid").value
    assert cost is not None
    assert month is not None
    assert re.match(
        rf"Choose {decision.winner} \(an agent works, people [^)]*\): USD [\d.]+ for each task done right",
        first,
    )
    assert float(re.findall(r"USD ([\d.]+) for", first)[0]) == pytest.approx(cost, rel=5e-3)
    told = re.findall(r"Spent in a month, paid hours included: USD ([\d,]+), with 2 people on shift;", second)
    assert float(told[0].replace(",", "")) == pytest.approx(month, rel=5e-3)
    assert "keep to at least 50 % within SLA" in second


def test_where_the_objective_counts_damage_and_idle_hours_the_answer_says_so() -> None:
    apart = compare(
        {"two": scenario(), "three": scenario().overlaid({"workers": {"clerk": {"positions": 3}}})}, 2
    )
    assert "idle hours and damage of wrong deliveries included" in answers.chosen_variant(apart)[0]


def test_nobody_who_keeps_to_the_conditions_is_said_with_the_conditions() -> None:
    none = compare(scenario(), 2, subject_to=["escape_share <= 0"])
    assert none.decision.reason == NOBODY
    assert answers.chosen_variant(none) == [
        "Neither of the 2 variants keeps to at most 0 % wrong deliveries of all tasks."
    ]


def test_the_best_point_is_called_by_its_value() -> None:
    first, *_ = answers.best_point(swept())
    assert re.match(r"Best of the 2 points is threshold 0\.[69]: USD [\d.]+ for each task done right", first)


def test_what_is_enough_is_told_beside_what_is_written() -> None:
    first, second = answers.least_enough(solved())
    assert (
        first == "Enough to keep to at least 50 % within SLA: 1 position of clerk, in place of 2 as written."
    )
    spent = r"Spent in a month, paid hours included: USD [\d,]+, with one person on shift"
    assert re.fullmatch(rf"{spent}; that is USD [\d.]+ for each task done right\.", second)


def test_a_break_even_is_told_only_where_the_better_one_changes_once() -> None:
    found = broken_even()
    assert answers.turning_point(replace(found, points=found.points[:1])) == []


def test_the_facts_say_in_words_what_was_looked_for() -> None:
    facts = facts_of(scenario(), made("compare"), "2 variants", compared().decision)
    assert "least cost per success with damage" in facts
    assert "at least 50 % within SLA" in facts


def test_nobody_on_shift_is_said() -> None:
    alone = compare(
        scenario().topologies("autonomous", "guardian"),
        2,
        subject_to=["escape_share <= 0.5"],
        minimise="cpst",
    )
    assert "with nobody on shift;" in " ".join(answers.chosen_variant(alone))


def test_a_lead_that_may_be_chance_is_called_so_also_where_the_runner_up_fails_the_conditions() -> None:
    few = compare(scenario(), 2, subject_to=["escape_share <= 0.02"])
    assert few.decision.admitted == 1
    assert few.decision.margin is not None
    assert not few.decision.is_ahead
    assert answers.chosen_variant(few)[0].endswith("which may be chance.")


def test_a_lead_in_a_share_is_in_percentage_points() -> None:
    found = compare(scenario(), 3, minimise="escape_share", subject_to=[])
    assert re.search(r"less than [a-z ]+", answers.chosen_variant(found)[0])
    assert "%-points less than" in answers.chosen_variant(found)[0]


def test_who_works_is_not_told_where_a_policy_adds_approval() -> None:
    approved = scenario().overlaid({"approval": {"gate": "all"}, "topology": {"kind": "autonomous"}})
    found = compare(
        {"approved": approved, "as it is": scenario()}, 2, minimise="cpst", subject_to=["escape_share <= 1"]
    )
    assert "alone" not in " ".join(answers.chosen_variant(found))
