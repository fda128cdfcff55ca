"""Comparisons: common draws, paired differences, the choice and what decided it, leverage, and the page."""

from __future__ import annotations

import json
import math
import re
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

import sim
from analysis import estimates
from analysis.estimates import LOWER_BOUND, paired_difference
from analysis.experiments import Replications, replicate, totals_of
from analysis.experiments.compare import compare
from analysis.experiments.comparison import Comparison
from analysis.experiments.conditions import check, parse_condition
from analysis.experiments.decision import ERRORS_FREE, NO_RULE, NOBODY, rule_of
from analysis.experiments.frontier import dominates, frontier
from analysis.experiments.until_best import UntilBest
from analysis.experiments.variants import AS_WRITTEN
from analysis.metrics import METRICS, metric_of
from analysis.report.compare import compare_report
from sim import Scenario

SCENARIOS = Path(__file__).parents[2] / "scenarios"
BASE = sim.load(SCENARIOS / "invoice_reconciliation.yaml")
DAY = {"horizon": "1 day", "warm_up": "0 s"}
TWO_TYPES = {
    "tasks": {
        "reminder": {
            "arrivals": {"process": "poisson", "rate": "20 / h", "during": "office"},
            "value": 10,
            "damage_if_wrong": 1,
            "sla": "8 h",
        }
    }
}


def short(**changes: object) -> Scenario:
    return BASE.overlaid(DAY | changes)


@cache
def variants() -> Comparison:
    """The variants of the shipped scenario over one day."""
    return compare(short(), 10)


@cache
def topologies(minimise: str = "cpst_with_damage", *subject_to: str) -> Comparison:
    kinds = ("human_only", "copilot", "guardian", "escalation", "autonomous")
    return compare(short().topologies(*kinds), 10, "escalation", minimise, subject_to)


def alike(minimise: str = "cpst_with_damage", *subject_to: str) -> Comparison:
    """Topologies with the same staff at work: ranked on what was stated."""
    found = topologies(minimise, *subject_to)
    kept = {name: variant for name, variant in found.variants.items() if name != "autonomous"}
    return Comparison(kept, "escalation", found.rule, found.human_only)


def flat(page: str) -> str:
    """The page with its paragraphs in one line each."""
    return re.sub(r"\n  (?=\S)", " ", page)


# -- the same draws for all -----------------------------------------------------------------------


@pytest.mark.mechanism("MR-04")
def test_a_scenario_is_compared_with_its_variants_on_the_same_seed_and_replications() -> None:
    found = variants()
    assert list(found.variants) == [AS_WRITTEN, "guardian", "ten clerks"]
    assert found.baseline == AS_WRITTEN
    arrived = [[tally.window.arrived for tally in variant.tallies] for variant in found.variants.values()]
    assert arrived[0] == arrived[1] == arrived[2]
    assert found.base.tallies == replicate(short(), 10).tallies


@pytest.mark.mechanism("MR-04")
def test_a_difference_is_paired_and_shown_for_every_metric_and_variant() -> None:
    found = variants()
    frame = found.differences()
    assert len(frame) == 2 * len(METRICS)
    row = frame[(frame.variant == "guardian") & (frame.metric == "cpst")].iloc[0]
    guardian, base = (
        totals_of(metric_of("cpst"), found.variants[name].tallies) for name in ("guardian", AS_WRITTEN)
    )
    directly = paired_difference(guardian, base, found.confidence)
    assert (row.value, row.low, row.high) == (directly.value, directly.low, directly.high)
    assert row.variance_bought == estimates.variance_bought(guardian, base)


def test_intervals_of_differences_cover_together() -> None:
    assert variants().confidence == pytest.approx(0.975)
    assert topologies().confidence == pytest.approx(1 - 0.05 / 4)
    one = topologies().difference("guardian", metric_of("cpst")).paired.half_width
    alone = paired_difference(
        *(
            totals_of(metric_of("cpst"), topologies().variants[name].tallies)
            for name in ("guardian", "escalation")
        )
    ).half_width
    assert one is not None
    assert alone is not None
    assert one > alone


@pytest.mark.mechanism("PF-22")
def test_identical_configurations_differ_by_exactly_0_in_every_metric() -> None:
    other = short(name="Another name", workers={"clerk": {"label": "Buchhaltung"}})
    found = compare({"one": short(), "other": other}, 3)
    differences = [found.difference("other", metric) for metric in METRICS]
    known = [
        part for part in differences if part.paired.note != LOWER_BOUND and part.paired.value is not None
    ]
    assert len(known) > 30
    assert all((part.paired.value, part.paired.low, part.paired.high) == (0.0, 0.0, 0.0) for part in known)
    assert all(part.variance_bought is None for part in known)


def test_identical_configurations_are_simulated_once() -> None:
    told: list[tuple[int, int]] = []
    same = {
        "one": short(topology={"kind": "human_only"}),
        "other": short(topology={"kind": "human_only"}, name="B"),
    }
    compare(same, 2, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]


@pytest.mark.mechanism("RO-04", "PF-22")
def test_five_deltas_stand_beside_the_baseline_each_with_an_interval() -> None:
    """Cycle time, quality, human time, the objective and the burden of correction."""
    five = ("cycle_time_mean", "wrong_per_1000", "human_minutes_per_task", "cpst", "rework_minutes_per_task")
    for name in five:
        found = variants().difference("guardian", metric_of(name)).paired
        assert found.has_interval, name
    page = compare_report(variants())
    for label in (
        "cycle time",
        "wrong / 1,000",
        "people, min / task",
        "CPST with damage",
        "rework, min / task",
    ):
        assert re.search(rf"^ +(loaded )?{label}.*\[", page, re.MULTILINE), label


@pytest.mark.mechanism("KP-10")
def test_every_difference_on_the_page_has_its_interval() -> None:
    page = compare_report(variants()).split("\n\n")
    table = next(block for block in page if block.startswith("  Difference to"))
    rows = table.split("\n")[2:]
    assert len(rows) >= 7
    assert all(len(re.findall(r"[-+]?[\d.,]+ \[-?[\d.,]+, -?[\d.,]+\]", row)) == 2 for row in rows)


def test_pairing_narrows_the_interval_between_two_thresholds() -> None:
    pair = {"0.85": short(), "0.80": short(topology={"threshold": 0.80})}
    found = compare(pair, 12).difference("0.80", metric_of("cpst_with_damage"))
    assert found.variance_bought is not None
    assert found.variance_bought > 4
    assert found.unpaired.half_width is not None
    assert found.paired.half_width is not None
    assert found.unpaired.half_width > 2 * found.paired.half_width


@pytest.mark.ci
@pytest.mark.mechanism("MR-04")
def test_pairing_pays_as_much_as_is_claimed() -> None:
    """Thresholds 0.85 and 0.80: 3 times narrower; guardian and escalation: 1.15 times, in cost per month."""
    found = compare(
        {
            "0.85": BASE,
            "0.80": BASE.overlaid({"topology": {"threshold": 0.80}}),
            "guardian": BASE.variant("guardian"),
        },
        30,
    )
    for variant, metric, times in (
        ("0.80", "cpst_with_damage", 3.0),
        ("guardian", "cost_per_month", 1.15),
        ("guardian", "cpst_loaded", 3.0),
    ):
        gap = found.difference(variant, metric_of(metric))
        assert gap.unpaired.half_width is not None
        assert gap.paired.half_width is not None
        assert gap.unpaired.half_width >= times * gap.paired.half_width, (variant, metric)


# -- the choice ---------------------------------------------------------------------------------------


@pytest.mark.mechanism("TP-06")
def test_the_decision_names_winner_runner_up_and_margin_with_interval() -> None:
    found = alike("cpst_with_damage")
    decision = found.decision
    values = {name: standing.objective.value or 0.0 for name, standing in decision.standings.items()}
    best, second = sorted(values, key=values.__getitem__)[:2]
    assert (decision.winner, decision.runner_up) == (best, second) == ("guardian", second)
    assert decision.margin is not None
    assert decision.margin.value == pytest.approx(values[second] - values[best])
    assert decision.margin.low is not None
    assert decision.margin.low > 0
    assert decision.is_sure
    chances = [standing.probability_best or 0.0 for standing in decision.standings.values()]
    assert math.fsum(chances) == pytest.approx(1.0)
    assert decision.standings["guardian"].probability_best == max(chances)


@pytest.mark.mechanism("TP-06")
def test_each_task_type_has_a_decision_of_its_own() -> None:
    found = compare(short(**TWO_TYPES).topologies("guardian", "escalation"), 10, subject_to=[])
    assert list(found.decisions_by_type) == ["invoice", "reminder"]
    assert found.decisions_by_type["invoice"].winner == "guardian"
    assert found.decisions_by_type["reminder"].winner is not None
    assert found.decisions_by_type["reminder"].margin is not None
    page = compare_report(found)
    assert "invoice alone, without platform cost: guardian, then escalation by +" in page
    assert set(found.by_type().type) == {"invoice", "reminder"}


def test_the_best_that_a_condition_refused_is_named_with_the_condition() -> None:
    decision = alike("cpst", "wrong_per_1000 <= 15", "sla_share >= 0.5").decision
    cheapest = alike("cpst", "wrong_per_1000 <= 999").decision.winner
    assert cheapest == decision.winner == "guardian"
    refused = alike("cpst", "human_minutes_per_task >= 3", "escape_share <= 0.5").decision
    assert refused.winner == "copilot"
    assert refused.refused == "guardian"
    assert [str(part.condition) for part in refused.standings["guardian"].failed] == [
        "human_minutes_per_task >= 3"
    ]
    page = compare_report(alike("cpst", "human_minutes_per_task >= 3", "escape_share <= 0.5"))
    assert "What decided: guardian would be EUR" in page
    assert "Choose copilot: EUR" in page


def test_the_cheapest_is_not_chosen_when_nothing_counts_its_errors() -> None:
    decision = alike("cpst", "sla_share >= 0.1").decision
    assert decision.winner is None
    assert decision.reason == ERRORS_FREE
    assert decision.frontier
    page = compare_report(alike("cpst", "sla_share >= 0.1"))
    assert "No winner: neither the objective nor a condition counts errors" in page
    assert "On the frontier of cost, wrong deliveries and SLA:" in page


def test_damage_as_an_objective_counts_only_where_damage_is_stated() -> None:
    free = short(tasks={"invoice": {"damage_if_wrong": 0}}, variants={}, damage={})
    assert compare({"one": free}, 2, subject_to=[]).decision.reason == ERRORS_FREE


def test_there_is_no_winner_when_nobody_meets_the_conditions_or_nothing_was_stated() -> None:
    decision = alike("cpst", "escape_share <= 0").decision
    assert (decision.winner, decision.reason) == (None, NOBODY)
    told = " ".join(compare_report(alike("cpst", "escape_share <= 0")).split())
    assert "guardian does not keep to at most 0 % wrong deliveries of all tasks (" in told
    plain = sim.Scenario.from_tree({name: part for name, part in short().tree().items() if name != "decide"})
    found = compare(plain, 2)
    assert (found.decision.winner, found.decision.reason) == (None, NO_RULE)
    assert "No winner: nothing says what to choose by" in compare_report(found)


def test_where_staffing_differs_idle_people_are_paid_in_the_objective() -> None:
    decision = variants().decision
    assert decision.objective is not None
    assert decision.objective.name == "cpst_loaded_with_damage"
    told = " ".join(compare_report(variants()).split())
    assert "ranked on loaded cost per success with damage: staffing differs" in told
    plain = topologies("cpst", "escape_share <= 0.5").decision
    assert plain.objective is not None
    assert plain.objective.name == "cpst_loaded"
    same = alike("cpst", "escape_share <= 0.5").decision
    assert same.objective is not None
    assert same.objective.name == "cpst"


def test_cost_lines_add_up_to_the_margin() -> None:
    for found in (alike(), topologies(), alike("cpst", "escape_share <= 0.5")):
        assert found.decision.margin is not None
        lines = [line.difference.value or 0.0 for line in found.cost_lines()]
        assert math.fsum(lines) == pytest.approx(found.decision.margin.value, rel=1e-9)
        assert lines == sorted(lines, key=lambda value: -abs(value))


def test_small_cost_lines_are_told_as_one_with_the_interval_of_their_sum() -> None:
    folded = 0
    for found in (alike(), topologies(), alike("cpst", "escape_share <= 0.5")):
        assert found.decision.margin is not None
        lines, told = found.cost_lines(), found.cost_lines(is_short=True)
        whole = abs(found.decision.margin.value or 0.0)
        small = [
            line.difference.value or 0.0 for line in lines if abs(line.difference.value or 0.0) < 0.01 * whole
        ]
        if len(small) < 2:
            assert told == lines
            continue
        *large, rest = told
        folded += 1
        assert large == lines[: len(large)]
        assert rest.name == "everything else"
        assert rest.difference.value == pytest.approx(math.fsum(small), rel=1e-9)
        assert rest.difference.has_interval
        assert "everything else" in compare_report(found)
    assert folded


def test_below_ten_replications_no_probability_is_given() -> None:
    found = compare(short().topologies("guardian", "escalation"), 3, subject_to=[])
    assert all(standing.probability_best is None for standing in found.decision.standings.values())
    assert not found.decision.is_sure
    assert "too few to claim anything" in compare_report(found)


# -- until the best is known --------------------------------------------------------------------------


def test_a_search_goes_on_until_one_variant_is_left_and_says_so() -> None:
    pair = {"0.85": short(), "0.80": short(topology={"threshold": 0.80})}
    found = compare(pair, 4, subject_to=[], until_best=UntilBest(0.2))
    assert found.search is not None
    assert found.search.left == (found.decision.winner,) == ("0.85",)
    assert found.replications % 4 == 0
    assert found.replications > 4
    assert found.base.tallies == replicate(short(), found.replications).tallies
    assert "0.85 is the best with 95 % confidence, given a lead of 0.200 EUR or more" in flat(
        compare_report(found)
    )


def test_a_search_that_has_to_give_up_names_who_is_left() -> None:
    pair = {"0.85": short(), "0.84": short(topology={"threshold": 0.84})}
    found = compare(pair, 4, subject_to=[], until_best=UntilBest(0.0001, most=6))
    assert found.replications == 6
    assert found.search is not None
    assert found.search.left == ("0.85", "0.84")
    page = flat(compare_report(found))
    assert "0.000100 EUR or more ended undecided after 6 replications between 0.85, 0.84." in page


def test_a_search_makes_no_more_replications_than_it_may() -> None:
    pair = {"0.85": short(), "0.84": short(topology={"threshold": 0.84})}
    assert compare(pair, 20, subject_to=[], until_best=UntilBest(0.0001, most=5)).replications == 5


def test_there_is_nothing_to_search_among_fewer_than_two_that_meet_the_conditions() -> None:
    pair = short().topologies("guardian", "escalation")
    alone = compare(pair, 2, subject_to=["escape_share <= 0.02"], until_best=UntilBest(0.01))
    assert alone.replications == 2
    assert alone.search is not None
    assert alone.search.left == ("guardian",)
    with pytest.raises(ValueError, match="above 0, got 0"):
        UntilBest(0)
    with pytest.raises(ValueError, match="2 to search for the best, got 1"):
        compare(pair, 10, until_best=UntilBest(1.0, most=1))
    with pytest.raises(ValueError, match="2 to search for the best, got 1"):
        compare(pair, 1, until_best=UntilBest(1.0))


# -- conditions and the frontier ----------------------------------------------------------------------


def test_a_condition_is_a_metric_a_sign_and_a_bound() -> None:
    condition = parse_condition(" sla_share>=95 % ")
    assert (condition.metric, condition.sign, condition.bound) == ("sla_share", ">=", 0.95)
    assert str(condition) == "sla_share >= 0.95"
    with pytest.raises(ValueError, match="is not a condition; such as"):
        parse_condition("sla_share = 0.95")
    with pytest.raises(KeyError):
        parse_condition("sla_shore >= 0.95")


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("escape_share < 0.1", True),
        ("success_share >= 0.9", True),
        ("escape_share > 0", False),
        ("escape_share <= 1", False),
        ("cfr_delivered <= 100 %", False),
        ("wrong_per_1000 < 1000", False),
        ("wrong_per_1000 < 999", True),
        ("damage_per_task <= 5000", True),
        ("success_share >= 0", False),
        ("wip < 3", False),
    ],
)
def test_a_limit_on_errors_is_from_the_side_where_errors_are(text: str, limits: bool) -> None:
    assert parse_condition(text).limits_errors is limits


def test_a_condition_is_met_by_the_estimate_and_with_a_probability() -> None:
    tallies = variants().base.tallies
    value = variants().base.estimate("wrong_per_1000").value
    met, missed = (
        check(parse_condition(f"wrong_per_1000 <= {value * part:.3f}"), tallies) for part in (1.2, 0.8)
    )
    assert (met.is_met, missed.is_met) == (True, False)
    assert met.probability is not None
    assert missed.probability is not None
    assert met.probability > 0.9 > 0.1 > missed.probability
    sure = check(parse_condition("people_on_shift <= 12"), tallies)
    assert (sure.is_met, sure.probability) == (True, 1 - 0.5**10)  # the sign test: the same in all ten


def test_an_undefined_metric_meets_no_condition() -> None:
    found = check(parse_condition("utilisation <= 1"), topologies().variants["autonomous"].tallies)
    assert (found.is_met, found.probability) == (False, None)


def test_what_unfinished_tasks_make_a_lower_bound_meets_no_upper_limit() -> None:
    scenario = short(workers={"clerk": {"positions": 1}}, topology={"kind": "human_only"}, drain_limit="1 h")
    tallies = replicate(scenario, 2).tallies
    assert not check(parse_condition("cycle_time_mean <= 1000000000"), tallies).is_met
    assert check(parse_condition("cycle_time_mean >= 1"), tallies).is_met


def test_the_frontier_holds_what_no_other_beats_in_everything() -> None:
    assert dominates([1.0, 2.0], [1.0, 3.0])
    assert not dominates([1.0, 2.0], [1.0, 2.0])
    assert not dominates([0.0, 3.0], [1.0, 2.0])
    tallies = {name: variant.tallies for name, variant in alike().variants.items()}
    efficient = frontier(tallies, metric_of("cpst"))
    assert "guardian" in efficient
    assert "human_only" not in efficient


# -- leverage -----------------------------------------------------------------------------------------


@pytest.mark.mechanism("TP-13")
def test_leverage_is_peoples_minutes_alone_over_those_of_the_variant_beside_the_band() -> None:
    found = topologies()
    frame = found.standings().set_index("variant")
    minutes = {
        name: part.estimate("human_minutes_per_success").value for name, part in found.variants.items()
    }
    for name in ("copilot", "guardian", "escalation"):
        expected = (minutes["human_only"] or 0.0) / (minutes[name] or 1.0)
        assert frame.leverage[name] == pytest.approx(expected)
        low, high = frame.playbook_from[name], frame.playbook_to[name]
        assert frame.is_in_playbook_band[name] == (low <= expected <= high)
    assert frame.leverage["human_only"] == 1.0
    assert frame.is_in_playbook_band["human_only"] is None


@pytest.mark.mechanism("TP-13")
def test_without_peoples_minutes_leverage_and_throughput_per_paid_hour_are_undefined() -> None:
    frame = topologies().standings().set_index("variant")
    assert math.isnan(frame.leverage["autonomous"])
    assert frame.is_in_playbook_band["autonomous"] is None
    row = next(
        line
        for line in compare_report(topologies()).split("\n\n")[2].split("\n")
        if line.startswith("  autonomous")
    )
    assert row.split()[3:] == ["0", "-", "-", "-", "20+"]


def test_people_alone_are_simulated_for_leverage_though_not_compared() -> None:
    found = variants()
    assert found.human_only is not None
    assert found.human_only.scenario.topology.kind == "human_only"
    assert "human_only" not in found.variants
    lonely = sim.load(SCENARIOS / "premium_lane_underwater.yaml").overlaid(
        {"variants": {}, "horizon": "2 h", "warm_up": "0 s"}
    )
    without = compare({"one": lonely}, 2)
    assert without.human_only is None
    assert without.leverage("one").estimate.value is None
    assert "no leverage" in compare_report(without)


# -- what is refused, and how it is shown -------------------------------------------------------------


def test_what_cannot_be_compared_is_refused_before_any_work() -> None:
    dollars = short(currency="USD", exchange={})
    with pytest.raises(ValueError, match="amounts in EUR and USD cannot be compared"):
        compare({"one": short(), "other": dollars}, 2)
    with pytest.raises(ValueError, match="no variant 'x' to set the others against; there are one"):
        compare({"one": short()}, 2, baseline="x")
    with pytest.raises(ValueError, match="nothing to compare"):
        compare({}, 2)
    with pytest.raises(ValueError, match="more throughput is better"):
        rule_of(short(), minimise="throughput")
    with pytest.raises(ValueError, match="a seed is from 0"):
        compare({"one": short()}, 2, seed=-1)


def test_scenarios_of_one_name_are_told_apart() -> None:
    assert list(compare([short(), short(topology={"threshold": 0.8})], 2).variants) == [
        "Invoice reconciliation",
        "Invoice reconciliation (2)",
    ]


def test_a_replication_that_was_lost_for_one_variant_is_left_out_for_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def losing(scenario: Scenario, count: int, seed: int, **rest: object) -> Replications:
        whole = replicate(scenario, count, seed)
        if scenario.topology.kind != "guardian":
            return whole
        return Replications(
            scenario, whole.seed, whole.tallies[1:], whole.logs[1:], False, {0: "its worker died"}
        )

    monkeypatch.setattr(import_module("analysis.experiments.rounds"), "replicate", losing)
    found = compare(short().topologies("guardian", "escalation"), 3)
    assert [[log.replication for log in part.logs] for part in found.variants.values()] == [[1, 2], [1, 2]]
    assert not found.is_complete
    assert "left out for every variant, since a worker died: replication 0" in compare_report(found)


def test_frames_hold_every_variant_metric_and_replication() -> None:
    found = variants()
    assert found.to_frame().shape == (30, 2 + len(METRICS))
    assert len(found.summary()) == 3 * len(METRICS)
    json.dumps(found.to_json_dict(), allow_nan=False)
    assert repr(found) == "<3 variants, 10 replications, winner: guardian>"
    assert repr(found.decision) == (
        "<decision: minimise cpst_with_damage, subject to sla_share >= 0.95, escape_share <= 0.01; "
        "chosen: guardian of 3>"
    )


def test_the_table_for_a_notebook_is_escaped() -> None:
    page = compare({"<b>one</b>": short(name="Bills & <pay>")}, 2)._repr_html_()
    assert "<b>" not in page
    assert "&lt;b&gt;one&lt;/b&gt;" in page
    assert "Bills &amp; &lt;pay&gt;" in page


def test_the_page_is_at_most_80_columns_wide_and_ends_with_what_to_do() -> None:
    for found in (variants(), topologies(), topologies("cpst", "escape_share <= 0.01")):
        page = compare_report(found)
        assert max(map(len, page.split("\n"))) <= 80
        assert page.split("\n\n")[-1].replace("\n  ", " ").endswith("given the inputs.")


def test_a_warm_up_that_is_too_short_is_noted() -> None:
    drowning = BASE.overlaid(
        {
            "topology": {"kind": "human_only"},
            "workers": {"clerk": {"positions": 7}},
            "horizon": "3 weeks",
            "warm_up": "0 s",
        }
    )
    found = compare({"one": drowning}, 3)
    assert found.warm_up is not None
    assert found.warm_up.is_too_short
    page = compare_report(found)
    assert "its warm-up (none)" in page.replace("\n      ", " ")
    assert "unstable: clerk is" in page
    assert variants().warm_up is not None
    assert "warm-up" not in compare_report(variants())
