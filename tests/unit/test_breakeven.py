"""Break-even: crossings of known curves, closed forms of known scenarios, and what the page says."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sim
from analysis.experiments.breakeven import breakeven
from analysis.experiments.crossover import Breakeven
from analysis.experiments.saved import SavedResultError
from analysis.experiments.search.crossings import Crossing, Reading, crossings, next_place, stretches
from analysis.experiments.search.pair import variant_of
from analysis.experiments.search.staffing import least_staffing
from analysis.report.breakeven import answer, breakeven_report, place_text
from sim import ScenarioError
from sim.quantities import DAY, HOUR, MINUTE

DAMAGE = "tasks.mail.damage_if_wrong"
EVERY = "tasks.mail.arrivals.every"
BASE = sim.loads(
    """
version: 1
name: Mail
horizon: 1 day
tasks:
  mail:
    arrivals: {process: deterministic, every: 6 min}
    damage_if_wrong: 20
workers:
  agent:
    kind: agent
    positions: 50
    model: none
    price: {input: 0, output: 0}
    tool_cost: 1
    work_time: 2 min
    success: {mean: 0.8, spread: 1.0}
  clerk:
    {kind: human, positions: 50, wage: 30 / h, work_time: 6 min, success: 0.98, review: {catch_rate: 0.4}}
topology: {kind: human_only, human: clerk, agent: agent}
variants:
  agents: {topology: {kind: autonomous}}
  licensed: {topology: {kind: autonomous}, fixed_costs: {licence: 500 / month}}
  more clerks: {workers: {clerk: {positions: 60}}}
"""
)
PAIR = ("as written", "agents")
STAFFED_ALIKE = ("human_only", "guardian")


# -- crossings of known curves -------------------------------------------------------------------------


def found_on(
    curve: Callable[[float], float], half: Callable[[float], float], first: list[float], *, tolerance: float = 0.01,
    is_whole: bool = False,
) -> tuple[tuple[Crossing, ...], int]:  # fmt: skip
    """The crossings of a curve with an interval of this half-width, and how many places were looked at."""

    def reading(at: float) -> Reading:
        return Reading(at, curve(at), curve(at) - half(at), curve(at) + half(at))

    places = list(first)
    while (wanted := next_place([reading(at) for at in sorted(places)], tolerance, is_whole)) is not None:
        assert wanted not in places
        places.append(wanted)
        assert len(places) < 80
    return crossings([reading(at) for at in sorted(places)], is_whole), len(places)


def test_a_straight_line_is_solved_exactly_with_the_interval_that_inverts_the_test() -> None:
    (only,), places = found_on(lambda x: 2 * x - 7, lambda x: 0.5, [0, 5, 10])
    assert only.at == pytest.approx(3.5, abs=1e-9)
    assert (only.low, only.high) == (pytest.approx(3.25, abs=0.01), pytest.approx(3.75, abs=0.01))
    assert only.sign_before == -1
    assert places <= 12


def test_every_crossing_of_a_wave_is_named() -> None:
    found, _ = found_on(math.sin, lambda x: 0.01, [1.0, 4.0, 7.0, 10.0])
    assert [part.at for part in found] == [pytest.approx(k * math.pi, abs=0.01) for k in (1, 2, 3)]
    assert [part.sign_before for part in found] == [1, -1, 1]


@settings(max_examples=80, deadline=None)
@given(st.floats(0.5, 9.5), st.sampled_from([0.2, 1.0, 3.0, 5.0]), st.sampled_from([-1, 1]))
def test_curves_that_bend_are_solved_to_the_tolerance(root: float, power: float, sign: int) -> None:
    def curve(x: float) -> float:
        return sign * math.copysign(abs(x - root) ** power, x - root)

    (only,), _ = found_on(curve, lambda x: 0.0, [0, 2.5, 5, 7.5, 10])
    assert only.at == pytest.approx(root, abs=0.011)


def test_whole_numbers_are_bracketed_by_neighbours() -> None:
    (only,), places = found_on(lambda x: 5.5 - x, lambda x: 0.1, [1, 20, 40], is_whole=True)
    assert (only.at, only.low, only.high) == (6, 5, 6)
    assert places <= 12


def test_an_interval_that_never_becomes_sure_is_open() -> None:
    (only,), _ = found_on(lambda x: x - 2, lambda x: 1 + x, [0, 5, 10])
    assert (only.low, only.high) == (pytest.approx(0.5, abs=0.1), None)


SURE = (Reading(0, 3, 2, 4), Reading(1, 2, 1, 3), Reading(3, 2, 1, 3), Reading(4, 3, 2, 4))


def valley(depth: float, low: float, high: float) -> tuple[Reading, ...]:
    """Differences that are surely above 0 but for the one in the middle."""
    return (*SURE[:2], Reading(2, depth, low, high), *SURE[2:])


def test_a_dip_that_is_not_sure_ends_where_the_difference_is_sure_again() -> None:
    readings = valley(-0.2, -1, 0.6)
    found = crossings(readings, False)
    assert [(part.low, part.high) for part in found] == [(1.5, 2.5), (1.5, 2.5)]
    assert [part.is_sure for part in stretches(readings, found)] == [True, False, True]


def test_a_dip_that_is_sure_has_a_crossing_on_either_side() -> None:
    readings = valley(-2, -3, -1)
    found = crossings(readings, False)
    assert [(part.at, part.low, part.high) for part in found] == [(1.5, 1.25, 1.75), (2.5, 2.25, 2.75)]
    assert [(part.sign, part.is_sure) for part in stretches(readings, found)] == [
        (1, True),
        (-1, True),
        (1, True),
    ]


def test_a_line_without_a_crossing_has_no_stretches() -> None:
    assert stretches(SURE, crossings(SURE, False)) == ()


def test_a_stretch_without_any_difference_is_one_crossing_in_its_middle() -> None:
    (only,), _ = found_on(lambda x: max(x - 6, 0) + min(x - 4, 0), lambda x: 0.0, [0, 5, 10])
    assert only.at == pytest.approx(5, abs=0.6)
    assert only.low == pytest.approx(4, abs=0.7)
    assert only.high == pytest.approx(6, abs=0.7)


def test_no_change_of_sign_is_no_crossing_and_nothing_more_is_looked_at() -> None:
    assert found_on(lambda x: x * x, lambda x: 0.1, [0, 5, 10]) == ((), 3)


# -- scenarios whose break-even is known ---------------------------------------------------------------


@pytest.mark.mechanism("BE-18")
def test_the_break_even_volume_is_the_fixed_cost_over_the_saving_per_task() -> None:
    long = BASE.with_values({"horizon": "150 days", "workers.agent.success": 1, "workers.clerk.success": 1})
    pair = ("as written", "licensed")
    found = breakeven(long, pair, EVERY, "1 h", "8 h", metric="cost_per_task", replications=2)
    (crossing,) = found.crossings
    volume = 500 / (30 / 10 - 1)  # a month, by a saving of 3 for people's time less 1 for the agent's tools
    assert 30 * DAY / crossing.at == pytest.approx(volume, rel=0.005)
    assert found.better(crossing.sign_before) == "licensed"
    assert crossing.low == pytest.approx(crossing.at, rel=0.01)
    assert "as written has the lower cost per task from tasks.mail.arrivals.every = 2 h 5" in flat(
        answer(found)
    )


@cache
def by_damage() -> Breakeven:
    """The same people at work, so cost per success with damage is linear in the damage."""
    return breakeven(BASE, STAFFED_ALIKE, DAMAGE, 0, 80, replications=10)


def test_the_break_even_damage_follows_from_the_runs_themselves() -> None:
    found = by_damage()
    (crossing,) = found.crossings
    first, last = found.readings[0], found.readings[-1]
    slope = (last.value - first.value) / (last.at - first.at)
    assert crossing.at == pytest.approx(first.at - first.value / slope, rel=1e-6)
    assert found.better(crossing.sign_before) == "guardian"
    assert crossing.low is not None
    assert crossing.high is not None
    assert crossing.low < crossing.at < crossing.high
    for reading in found.readings:
        assert reading.low is not None
        assert reading.high is not None
        is_within = reading.low <= 0 <= reading.high
        assert is_within == (crossing.low <= reading.at <= crossing.high) or (
            min(abs(reading.at - crossing.low), abs(reading.at - crossing.high)) < 0.5
        )


def test_a_price_is_varied_in_its_unit() -> None:
    found = breakeven(
        BASE, PAIR, "workers.clerk.wage", "1 / h", "60 / h", metric="cost_per_task", replications=2
    )
    (crossing,) = found.crossings
    assert crossing.at == pytest.approx(10, rel=1e-6)  # 6 minutes of it are as dear as the agent's tools
    assert (
        "agents has the lower cost per task from workers.clerk.wage = USD 10.0 [10.0, 10.0] / h on"
        in flat(answer(found))
    )


def test_a_duration_crosses_where_the_time_is_as_dear_as_the_tools() -> None:
    found = breakeven(
        BASE, PAIR, "workers.clerk.work_time", "30 s", "10 min", metric="cost_per_task", replications=2
    )
    assert found.crossings[0].at == pytest.approx(2 * MINUTE, rel=1e-6)
    assert "= 2 min" in flat(answer(found))


def test_whole_numbers_give_the_first_on_the_other_side_and_the_one_before_it() -> None:
    found = breakeven(
        BASE.with_values({EVERY: "1 min", "workers.clerk.work_time": "1 s", "workers.clerk.wage": "25 / h"}),
        PAIR, "workers.clerk.positions", 1, 40, metric="cost_per_month_paid", replications=2,
    )  # fmt: skip
    (crossing,) = found.crossings
    assert found.is_whole
    assert (crossing.at, crossing.low, crossing.high) == (3, 2, 3)  # 60 tools an hour are 2.4 wages
    assert "agents has the lower monthly cost, hours paid from workers.clerk.positions = 3 [2, 3] on" in flat(
        answer(found)
    )


def test_whole_numbers_on_the_command_line_are_no_whole_numbers_where_money_is_meant() -> None:
    found = breakeven(BASE, PAIR, "workers.agent.tool_cost", 1, 12, metric="cost_per_task", replications=2)
    assert not found.is_whole
    assert found.crossings[0].at == pytest.approx(3, rel=1e-6)


def test_a_value_that_only_one_variant_has_is_varied_in_that_one() -> None:
    found = breakeven(
        BASE,
        ("as written", "escalation"),
        "topology.threshold",
        0.5,
        0.9,
        metric="cost_per_task",
        replications=3,
    )
    assert len({point.one.scenario.digest() for point in found.points}) == 1
    assert len({point.other.scenario.digest() for point in found.points}) == len(found.points)


def test_when_one_is_better_everywhere_it_says_by_how_much() -> None:
    found = breakeven(
        BASE, PAIR, "workers.clerk.wage", "20 / h", "60 / h", metric="cost_per_task", replications=2
    )
    assert found.crossings == ()
    assert found.is_sure_everywhere
    assert flat(answer(found)).startswith("agents has the lower cost per task in the whole range of")
    assert "by at least USD 1.00 (at USD 20.0 / h)" in flat(answer(found))
    assert "a crossing between two of them may be missed" in breakeven_report(found)


def test_a_value_that_changes_no_result_is_named() -> None:
    found = breakeven(BASE, PAIR, "workers.clerk.review_time", "1 min", "9 min", replications=2)
    assert "Nothing of it depends on workers.clerk.review_time." in flat(breakeven_report(found).splitlines())


def test_more_is_better_where_the_metric_says_so() -> None:
    found = breakeven(BASE, PAIR, "workers.clerk.success", 0.5, 0.99, metric="success_share", replications=10)
    assert found.better(found.crossings[0].sign_before) == "agents"
    assert "as written has more right, of all tasks from workers.clerk.success = 0.8" in flat(answer(found))


# -- people who are staffed, or idle -------------------------------------------------------------------

FEW = BASE.with_values({"workers.clerk.positions": 20, "tasks.mail.sla": "1 h", "horizon": "12 h"})
STAFF_TO = ("sla_share >= 0.9",)
FREQUENT = "tasks.mail.arrivals.every"


@cache
def staffed() -> Breakeven:
    """People and agents, each with the least people for the six minutes between letters that are written."""
    pair = ("as written", "guardian")
    return breakeven(
        FEW, pair, FREQUENT, "2 min", "12 min", metric="cpst", points=2, tolerance=0.5, replications=2,
        staff_to=STAFF_TO,
    )  # fmt: skip


def test_each_variant_is_staffed_as_it_is_written_and_so_along_the_path() -> None:
    found = staffed()
    assert found.staffing is not None
    alone = {name: least_staffing(variant_of(FEW, name), STAFF_TO, 2) for name in found.between}
    for name, results in found.along().items():
        assert dict(found.staffing[name].positions) == alone[name].positions
        assert {result.scenario.workers["clerk"].positions for result in results} == {
            alone[name].positions["clerk"]
        }
    assert alone["as written"].positions["clerk"] < 20
    page = flat(breakeven_report(found).splitlines())
    assert (
        "Staffed with the least people for at least 90 % within SLA, with the file as it is written and so"
        in page
    )
    assert "people are idle" not in page.lower()


def test_staffed_people_count_by_their_paid_hours_whoever_has_how_many() -> None:
    found = staffed()
    assert (found.stated, found.metric.name) == ("cpst", "cpst_loaded")
    page = breakeven_report(found)
    assert "ranked on loaded cost per success: each is staffed for itself" in flat(page.splitlines())


def test_where_the_staffed_people_are_too_few_is_said() -> None:
    results = staffed().along()["as written"]
    shares = [result.estimate("sla_share").value for result in results]
    missed = sum(value is not None and value < 0.9 for value in shares)
    assert 0 < missed < len(results)
    page = flat(breakeven_report(staffed()).splitlines())
    assert (
        f"At {missed} of {len(results)} values as written does not keep to at least 90 % within SLA." in page
    )


def test_a_staffed_break_even_comes_back_from_its_file(tmp_path: Path) -> None:
    again = Breakeven.load(staffed().save(tmp_path / "result.json"))
    assert again.to_json_dict() == staffed().to_json_dict()
    assert breakeven_report(again) == breakeven_report(staffed())
    assert [part.digest() for part in scenarios_of(again)] == [
        part.digest() for part in scenarios_of(staffed())
    ]


def scenarios_of(found: Breakeven) -> list[sim.Scenario]:
    return [result.scenario for result in found.results().values()]


def test_the_number_of_people_is_not_varied_and_searched_for_at_once() -> None:
    path = "workers.clerk.positions"
    with pytest.raises(ValueError, match=r"is what staffing to .* finds for as written"):
        breakeven(FEW, PAIR, path, 1, 9, replications=1, staff_to=STAFF_TO)
    with pytest.raises(KeyError, match="beauty"):
        breakeven(FEW, PAIR, DAMAGE, 1, 9, replications=1, staff_to=["beauty >= 1"])


def test_idle_people_are_named_once_for_both_with_what_staffs_them() -> None:
    found = breakeven(FEW, PAIR, DAMAGE, 0, 40, points=2, tolerance=0.5, replications=2)
    page = flat(breakeven_report(found).splitlines())
    assert found.stated == "cpst_with_damage"
    assert "ranked on loaded cost per success with damage: staffing differs, so idle hours count" in page
    assert (
        "People are idle most of the time (clerk 5.0 % used in as written), and idle hours count: workforce "
        "breakeven FILE --staff-to 'sla_share>=0.95' first finds the least people of each variant." in page
    )


def test_idle_people_are_no_matter_where_the_path_is_how_many_there_are() -> None:
    found = breakeven(FEW, PAIR, "workers.clerk.positions", 9, 20, points=2, tolerance=0.5, replications=1)
    assert "are idle" not in breakeven_report(found)


def test_people_who_are_busy_at_one_value_are_not_called_idle() -> None:
    found = breakeven(
        FEW, PAIR, "workers.clerk.work_time", "6 min", "110 min", points=2, tolerance=0.5, replications=1,
        metric="cost_per_task",
    )  # fmt: skip
    assert "are idle" not in breakeven_report(found)
    assert "ranked on" not in breakeven_report(found)


# -- what is refused, kept and shown -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("between", "vary", "ends", "wrong"),
    [
        (("as written", "agnets"), DAMAGE, (0, 9), "did you mean agents"),
        (("agents", "agents"), DAMAGE, (0, 9), "two different variants"),
        (("agents",), DAMAGE, (0, 9), "two different variants"),
        (PAIR, DAMAGE, (9, 0), "from a smaller number to a larger")
        if False
        else (PAIR, DAMAGE, (5, 5), "smaller"),
        (PAIR, DAMAGE, (0, "9 min"), "numbers of one unit"),
        (PAIR, DAMAGE, ("low", "high"), "numbers of one unit"),
        (("as written", "more clerks"), "workers.agent.tool_cost", (1, 9), "changes nothing"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    between: tuple[str, ...], vary: str, ends: tuple[object, object], wrong: str
) -> None:
    with pytest.raises((ValueError, ScenarioError), match=wrong):
        breakeven(BASE, between, vary, *ends, replications=1)


def test_a_value_that_no_variant_takes_is_refused_before_anything_is_simulated() -> None:
    with pytest.raises(ScenarioError, match="E0211"):
        breakeven(BASE, PAIR, "workers.clerk.success", 0.5, 1.5)
    with pytest.raises(KeyError):
        breakeven(BASE, PAIR, DAMAGE, 0, 9, metric="beauty")


def test_a_break_even_comes_back_from_its_file(tmp_path: Path) -> None:
    path = by_damage().save(tmp_path / "result.json")
    again = Breakeven.load(path)
    assert again.to_json_dict() == by_damage().to_json_dict()
    assert [point.other.scenario.digest() for point in again.points] == [
        point.other.scenario.digest() for point in by_damage().points
    ]
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(SavedResultError):
        Breakeven.load(path)


def test_the_same_call_gives_the_same_points_and_a_list_is_begun_with() -> None:
    again = breakeven(BASE, STAFFED_ALIKE, DAMAGE, 0, 80, replications=10)
    assert again.to_json_dict() == by_damage().to_json_dict()
    listed = breakeven(BASE, PAIR, DAMAGE, values=[40, 0, 7], metric="cost_per_task", replications=1)
    assert [point.value for point in listed.points] == [0, 7, 40]


def test_a_listed_value_that_is_no_whole_number_is_refused_and_not_rounded() -> None:
    with pytest.raises(ScenarioError, match=r"2\.5"):
        breakeven(BASE, PAIR, "workers.agent.positions", values=[1, 2.5, 4], replications=1)


def test_the_page_begins_with_the_answer_and_fits() -> None:
    page = breakeven_report(by_damage())
    assert "human_only has the lower cost per success with damage from tasks.mail.damage_if_wrong =" in flat(
        page.splitlines()
    )
    assert max(map(len, page.splitlines())) <= 80
    assert json.dumps(by_damage().to_json_dict(), allow_nan=False)
    assert len(by_damage().to_frame()) == 2 * 10 * len(by_damage().points)
    assert "<td>" in by_damage()._repr_html_()


def told(readings: tuple[Reading, ...]) -> str:
    """What is said of differences that are given instead of simulated."""
    points = tuple(replace(by_damage().points[0], at=part.at, value=part.at) for part in readings)
    found = replace(by_damage(), between=("people", "agents"), vary="x", points=points)
    vars(found)["readings"] = readings
    return flat(answer(found))


@pytest.mark.parametrize(
    ("readings", "sentences"),
    [
        (
            valley(-2, -3, -1),
            "The lower cost per success with damage has agents below x = 1.50 [1.25, 1.75], then people below 2.50 "
            "[2.25, 2.75], then agents.",
        ),
        (
            valley(-0.2, -1, 0.6),
            "The lower cost per success with damage has agents below x = 1.91 [1.50, 2.50], then people below 2.09 "
            "[1.50, 2.50], then agents. Between 1.91 and 2.09 people is nowhere surely the better: agents may be, "
            "there too.",
        ),
        (
            (Reading(0, -1, -2, 0.5), *valley(-2, -3, -1)[1:4], Reading(4, -1, -3, 1)),
            "The lower cost per success with damage has people below x = 0.333 [<0, 0.667], then agents below 1.50 "
            "[1.25, 1.75], then people below 2.50 [2.25, 2.75], then agents below 3.67 [3.25, >4.00], then people. "
            "Below 0.333 people is nowhere surely the better: agents may be, there too. "
            "From 3.67 on people is nowhere surely the better: agents may be, there too.",
        ),
    ],
    ids=["sure", "one unsure dip", "unsure at both ends"],
)
def test_several_crossings_are_told_by_stretches(readings: tuple[Reading, ...], sentences: str) -> None:
    assert told(readings) == sentences


def test_the_table_names_both_variants_and_cuts_no_name() -> None:
    page = breakeven_report(by_damage())
    assert "human_only" in page.split("better")[0]
    assert "human_only minus" in page
    names = ("everybody reads everything twice, slowly", "a_long_name_without_any_spaces_at_all")
    long = replace(by_damage(), between=names, vary="tasks.mail.a_very_long_last_part_of_the_path")
    lines = breakeven_report(long).splitlines()
    assert max(map(len, lines)) <= 80
    assert "…" not in "".join(lines)
    better = [line[65:].strip() for line in lines if len(line) > 65]
    assert "a_long_name_without_any_spaces_at_all" in "".join(better).replace(" ", "")


def test_places_are_written_as_people_write_them() -> None:
    assert place_text(2 * HOUR + 5 * MINUTE, "duration") == "2 h 05 min"
    assert place_text(12.5, "h") == "12.5 / h"
    assert place_text(0.953, "") == "0.953"


def flat(lines: list[str]) -> str:
    """The paragraphs in one line each."""
    return re.sub(r"\s+", " ", " ".join(lines)).strip()
