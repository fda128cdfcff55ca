"""Input uncertainty: ranges over draws beside intervals of chance, and how often the choice holds."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import sim
from analysis.estimates import INSUFFICIENT, UNDEFINED, binomial_interval
from analysis.experiments.compare import compare
from analysis.experiments.comparison import Comparison
from analysis.experiments.inputs import InputDraws, InputRange, draws_wanted, input_range, middle
from analysis.experiments.inputs_choice import OverInputs
from analysis.experiments.replicate import replicate
from analysis.metrics import Metric, metric_of
from analysis.report import run_report
from analysis.report.compare import compare_report, recommended
from sim import Scenario, ScenarioError
from sim.draws import Stream
from tests.statistics.family import REPLICATIONS, Look, statistical
from tests.tiny import REVIEWED

TEXT = (
    REVIEWED.replace("positions: 4,", "positions: 4, review_time: 2 min,")
    + """\
uncertain:
  topology.threshold: [0.5, 0.8]
  workers.clerk.review.catch_rate: {distribution: uniform, low: 0.2, high: 0.99}
variants:
  guardian: {topology: {kind: guardian}}
  the same again: {}
"""
)
CATCH = "workers.clerk.review.catch_rate"
VALUE = Metric("value", "", "lower", "the case itself", lambda tally: tally, lambda tally: 1)  # type: ignore[arg-type, return-value]


def tiny(**changes: Any) -> Scenario:
    return sim.loads(TEXT).overlaid(changes) if changes else sim.loads(TEXT)


@cache
def compared() -> Comparison:
    return compare(tiny(), 12, draws=20)


def over() -> OverInputs:
    found = compared().over_inputs
    assert found is not None
    return found


# -- ranges ------------------------------------------------------------------------------------------------------


@statistical
def test_the_middle_holds_the_next_case_as_often_as_it_says(look: Look) -> None:
    stream, hits, trials = Stream(look.seed, 0, "test"), 0, 2400
    for trial in range(trials):
        values = [stream.scalar(trial, number=number) for number in range(60)]
        low, high = middle(values[:59])
        hits += low <= values[59] <= high
    look.share(hits, trials, 0.95)


def test_few_cases_give_their_whole_range() -> None:
    assert middle([3.0, 1.0, 2.0]) == (1.0, 3.0)


@statistical
def test_the_share_of_the_inputs_is_what_chance_does_not_explain(look: Look) -> None:
    def found(replication: int) -> InputRange:
        chance, inputs = (
            Stream(look.seed, replication, name).block_normals(0, 4000) for name in ("chance", "inputs")
        )
        return input_range(VALUE, chance.tolist(), (chance + 2 * inputs).tolist())

    ranges = [found(replication) for replication in range(REPLICATIONS)]
    look.mean([part.from_inputs or 0.0 for part in ranges], 4 / 5)
    look.mean([part.high or 0.0 for part in ranges], 1.959964 * math.sqrt(5))


def test_the_share_of_the_inputs_is_never_below_zero() -> None:
    wide, narrow = list(range(20)), [10 + case / 100 for case in range(20)]
    assert input_range(VALUE, wide, narrow).from_inputs == 0.0  # type: ignore[arg-type]


def test_there_is_no_range_below_ten_draws_or_where_a_case_is_undefined() -> None:
    cases = list(range(9))
    assert input_range(VALUE, cases, cases) == InputRange(None, None, None, 9, INSUFFICIENT)  # type: ignore[arg-type]
    never = Metric("never", "", "lower", "", lambda tally: 1, lambda tally: 0)
    assert input_range(never, range(20), range(20)).note == UNDEFINED  # type: ignore[arg-type]


def test_a_range_of_one_point_changes_nothing() -> None:
    scenario = tiny().overlaid({"uncertain": {CATCH: [0.8], "topology.threshold": [0.85]}})
    stated, drawn = replicate(scenario, 3), replicate(scenario, 3, draw_inputs=True)
    assert [log.digest for log in stated.logs] == [log.digest for log in drawn.logs]


def test_a_drawn_replication_is_that_of_the_drawn_scenario() -> None:
    scenario = tiny()
    drawn = replicate(scenario, 1, 7, first=4, draw_inputs=True)
    assert drawn.logs[0].digest == sim.simulate(scenario.drawn(7, 4), 7, 4).digest
    assert len(drawn.events()) == drawn.logs[0].rows


def test_draws_of_one_replication_differ_from_the_next() -> None:
    assert (
        len({values[CATCH] for values in InputDraws(*[replicate(tiny(), 4, draw_inputs=True)] * 2).values()})
        == 4
    )


def test_draws_are_as_many_as_replications_unless_told() -> None:
    named = {"": tiny()}
    assert [draws_wanted(named, draws, 30) for draws in (None, 0, 7)] == [30, 0, 7]
    assert draws_wanted({"": tiny(variants={}).drawn(1, 0)}, None, 30) == 0
    with pytest.raises(ValueError, match="nothing is uncertain"):
        draws_wanted({"": tiny().drawn(1, 0)}, 5, 30)


def test_the_interval_of_a_share_is_that_of_clopper_and_pearson() -> None:
    assert binomial_interval(83, 100) == pytest.approx((0.7418, 0.8977), abs=1e-4)
    assert binomial_interval(0, 10) == pytest.approx((0.0, 1 - 0.025**0.1))
    with pytest.raises(ValueError, match="got 3 of 2"):
        binomial_interval(3, 2)


# -- the choice --------------------------------------------------------------------------------------------------


def test_variants_share_the_draws() -> None:
    values = compared().to_json_dict()["over_inputs"]["values"]
    assert values["as written"] == values["the same again"]
    assert [draw[CATCH] for draw in values["guardian"]] == [draw[CATCH] for draw in values["as written"]]
    assert "topology.threshold" not in values["guardian"][0]


def test_the_share_of_draws_counts_those_in_which_a_variant_is_best() -> None:
    objective = compared().decision.objective
    assert objective is not None
    drawn = over().drawn
    wins = sum(
        (objective.value(one) or 0) < (objective.value(other) or 0)
        for one, other in zip(drawn["guardian"].tallies, drawn["as written"].tallies, strict=True)
    )
    assert over().best["guardian"].share == wins / 20
    assert 0 < wins < 20


def test_variants_that_tie_are_both_the_best() -> None:
    assert over().best["the same again"] == over().best["as written"]
    assert over().best["guardian"].share + over().best["as written"].share == 1.0


def test_a_draw_in_which_a_condition_fails_is_won_by_another() -> None:
    bound = compare(tiny(), 10, subject_to=["escape_share <= 0.000001"], draws=10).over_inputs
    assert bound is not None
    assert {best.share for best in bound.best.values()} == {0.0}


def test_the_share_of_draws_in_which_nothing_meets_the_conditions_is_told() -> None:
    wrong = [
        metric_of("wrong_per_1000").value(tally) or 0.0
        for variant in over().drawn.values()
        for tally in variant.tallies
    ]
    bound = f"wrong_per_1000 <= {sorted(wrong)[len(wrong) // 5]:.0f}"
    strict = compare(tiny(), 12, subject_to=[bound], draws=20)
    found = strict.over_inputs
    assert found is not None
    assert found.nobody is not None
    assert 0 < found.nobody.share < 1
    assert found.nobody.share + found.best["guardian"].share + found.best[
        "as written"
    ].share == pytest.approx(1)
    assert strict.to_json_dict()["over_inputs"]["nobody"]["share"] == found.nobody.share
    page = compare_report(strict)
    assert max(map(len, page.split("\n"))) <= 80
    assert any(line.split()[:3] == ["none", "meets", "all"] for line in page.split("\n"))
    words = " ".join(page.split())
    assert f"{100 * found.nobody.share:.0f} % [" in words
    assert "of draws over the stated ranges nothing meets the conditions" in words


def test_without_conditions_nothing_is_said_of_meeting_them() -> None:
    free = compare(tiny(), 2, subject_to=[], draws=10).over_inputs
    assert free is not None
    assert free.nobody is None


def test_the_choice_changes_where_reviewers_miss_more() -> None:
    winner = compared().decision.winner
    (change,) = (change for change in over().changes if change.path == CATCH)
    assert (change.where_best > change.elsewhere) is (winner == "guardian")
    assert over().changes[0] == change


def test_the_sentence_tells_both_kinds_of_sureness_apart() -> None:
    text = " ".join(recommended(compared()).split())
    best = over().best[compared().decision.winner or ""]
    assert f"given the inputs, {100 * best.share:.0f} % [" in text
    assert "of draws over the stated ranges" in text


def test_the_page_has_a_table_of_the_ranges_that_fits() -> None:
    page = compare_report(compared())
    assert "20 draws shared by the variants, of topology.threshold" in " ".join(page.split())
    assert max(map(len, page.splitlines())) <= 80


def test_few_draws_claim_nothing() -> None:
    found = compare(tiny(), 2, draws=2)
    assert found.over_inputs is not None
    assert found.over_inputs.best == {}
    assert "for want of 10 draws" in " ".join(recommended(found).split())


def test_without_uncertain_values_nothing_is_said_of_them() -> None:
    found = compare(tiny(), 2, draws=0)
    assert found.over_inputs is None
    assert "stated ranges" not in compare_report(found)
    assert "inputs_low" not in found.to_json_dict()["summary"][0]


def test_the_summary_has_the_second_band() -> None:
    rows = {(row["variant"], row["metric"]): row for row in compared().to_json_dict()["summary"]}
    row = rows["guardian", "wrong_per_1000"]
    spread = over().range("guardian", metric_of("wrong_per_1000"))
    assert (row["inputs_low"], row["inputs_high"], row["inputs_share"]) == (
        spread.low,
        spread.high,
        spread.from_inputs,
    )
    assert spread.from_inputs is not None
    assert spread.from_inputs > 0.5
    json.dumps(compared().to_json_dict(), allow_nan=False)


def test_a_saved_comparison_keeps_its_draws(tmp_path: Path) -> None:
    compared().save(tmp_path / "result.json")
    assert Comparison.load(tmp_path / "result.json").to_json_dict() == compared().to_json_dict()


def test_a_run_shows_the_range_beside_the_interval() -> None:
    scenario = tiny(variants={})
    inputs = InputDraws(replicate(scenario, 10), replicate(scenario, 10, draw_inputs=True))
    page = run_report(inputs.stated, inputs=inputs)
    assert "Over the stated ranges, 10 draws of topology.threshold" in page
    assert max(map(len, page.splitlines())) <= 80
    assert list(inputs.to_frame().columns)[:3] == ["topology.threshold", CATCH, "replication"]


# -- loading -----------------------------------------------------------------------------------------------------


def test_a_variant_of_a_file_may_lack_an_uncertain_value_but_not_state_one() -> None:
    with pytest.raises(ScenarioError) as caught:
        sim.loads(TEXT + "  odd: {uncertain: {topology.treshold: [0.5, 0.6]}}\n")
    (fault,) = caught.value.faults
    assert (fault.code, fault.path) == ("E0370", "variants.odd.uncertain.topology.treshold")


# -- staffing ----------------------------------------------------------------------------------------------------


def test_each_variant_gets_the_least_people_that_meet_the_condition() -> None:
    # 20 tasks an hour; about 0.4 of them take a clerk 5 minutes under escalation, all take 2 under guardian.
    found = compare(tiny(), 3, draws=0, staff_to=["sla_share >= 0.9"])
    assert found.staffing is not None
    assert all(part.is_met and part.people < 4 for part in found.staffing.values())
    assert found.staffing["as written"] == found.staffing["the same again"]
    objective = found.decision.objective
    assert objective is not None
    assert objective.name == "cpst_loaded_with_damage"
    page = " ".join(compare_report(found).split())
    assert "Staffed with the least people for at least 90 % within SLA: as written" in page
    assert "each is staffed for itself, so idle hours count" in page
    for name, part in found.staffing.items():
        assert found.variants[name].scenario.workers["clerk"].positions == part.positions["clerk"]


def test_staffing_without_a_rule_chooses_by_loaded_cost_and_its_own_condition() -> None:
    plain = Scenario.from_tree(
        {key: value for key, value in tiny().tree().items() if key not in ("decide", "uncertain")}
    )
    rule = compare(plain, 2, staff_to=["sla_share >= 0.9"]).rule
    assert rule is not None
    assert (rule.minimise, [str(part) for part in rule.subject_to]) == ("cpst_loaded", ["sla_share >= 0.9"])
