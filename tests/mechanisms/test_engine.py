"""Mechanism rows MR: one clock, keyed draws, the cohort, and nothing from what is off."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sim
from sim.engine.pool import Pool
from sim.overlay import overlaid
from sim.plan import WorkStep, compile_plan
from sim.plan.activities import first_visits, later_visit
from sim.rules.failures import Outcome
from sim.run import simulate
from sim.scenario import Scenario
from sim.topology import KINDS

from .builders import BASE, FAILING, HOUR, MINUTE, SECOND, cohort, endings, events, scenario

SHIPPED = Path(__file__).parents[2] / "scenarios" / "invoice_reconciliation.yaml"
BUSY = {
    "success": {"mean": 0.6, "spread": 1.0},
    "failures": FAILING,
    "schema_invalid": 0.05,
    "tool_errors": 0.05,
}
TICKING = {"arrivals": {"process": "deterministic", "every": "1 min"}, "value": 10}


@pytest.mark.mechanism("MR-01")
def test_two_runs_of_one_seed_are_identical_and_other_seeds_and_replications_differ() -> None:
    of = sim.load(SHIPPED, {"horizon": "2 weeks"})
    digests = [simulate(of, *key).digest for key in ((7, 0), (7, 0), (8, 0), (7, 1))]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


@pytest.mark.mechanism("MR-01")
@pytest.mark.parametrize("kind", KINDS)
def test_a_scenario_written_out_in_full_replays_to_the_same_log(kind: str) -> None:
    of = scenario(kind, agent=BUSY, task={"arrivals": {"process": "poisson", "rate": "7000 / h"}})
    assert (
        simulate(Scenario.from_tree(of.resolved())).digest
        == simulate(of.overlaid({})).digest
        == simulate(of).digest
    )


@pytest.mark.mechanism("D34")
@pytest.mark.parametrize("kind", ["guardian", "escalation", "copilot"])
def test_the_scalar_form_of_every_activity_gives_what_its_block_gives(kind: str) -> None:
    agent = {**BUSY, "confidence": {"self_knowledge": 1, "noise": 0.5, "hardness_seen": 0.4}}
    plan = compile_plan(scenario(kind, agent=agent), 12, 3)
    for step in plan.steps:
        if isinstance(step, WorkStep):
            block = list(zip(*first_visits(step.activity, 100, 500), strict=True))
            assert block == [later_visit(step.activity, index, 0) for index in range(100, 600)]


@pytest.mark.mechanism("D34")
def test_every_attempt_and_execution_in_the_log_can_be_computed_alone() -> None:
    of = scenario("guardian", agent=BUSY)
    frame = cohort(events(of)).query("action in ['attempted', 'executed']")
    alone = {
        step.action.name: step.activity
        for step in compile_plan(of, of.seed, 0).steps
        if isinstance(step, WorkStep)
    }
    sample = frame[frame.task % 7 == 0]
    assert sample.attempt.max() >= 3
    for row in sample.itertuples():
        facts = later_visit(
            alone["ATTEMPT" if row.action == "attempted" else "EXECUTE"], int(row.task), int(row.attempt) - 1
        )
        assert facts[0] == row.ended - row.started
        if row.action == "attempted":
            assert Outcome(facts[1]).name.lower() == row.outcome
            assert facts[2:] in ((row.theta_raw, row.theta), (-1, -1))
        else:
            assert bool(facts[1]) == bool(row.is_right)


def tied(reorder: bool) -> Scenario:
    """Three types that arrive at the same ticks for workers whose times are whole minutes."""
    tree = copy.deepcopy(BASE)
    names = ["alpha", "beta", "gamma"]
    tree["tasks"] = dict.fromkeys(reversed(names) if reorder else names, TICKING)
    tree["workers"]["extractor"] |= {"positions": 2, "concurrency": 1, "work_time": "1 min", "success": 0.5}
    tree["workers"]["clerk"] |= {"positions": 3, "work_time": "2 min", "review_time": "1 min"}
    tree["topology"]["kind"], tree["drain_limit"] = "guardian", "0 s"
    if reorder:
        tree["workers"] = dict(reversed(tree["workers"].items()))
    return Scenario.from_tree(tree)


@pytest.mark.mechanism("MR-01")
def test_ties_do_not_depend_on_the_order_of_the_text() -> None:
    assert simulate(tied(False)).digest == simulate(tied(True)).digest


@pytest.mark.mechanism("MR-01")
def test_at_one_tick_completions_come_before_arrivals_and_types_in_the_order_of_their_names() -> None:
    frame = events(tied(True))
    frame = frame[frame.type.notna() & frame.tick.le(HOUR // 2)]
    rank = frame.action.eq("arrived") * 10 + frame.type.map({"alpha": 0, "beta": 1, "gamma": 2})
    assert frame.tick.duplicated().sum() > 100
    assert rank.groupby(frame.tick).apply(lambda of: of.is_monotonic_increasing).all()


@pytest.mark.mechanism("MR-01")
def test_at_one_tick_the_lower_priority_number_comes_first() -> None:
    of = tied(False).overlaid({"tasks": {"gamma": {"priority": 1}}})
    arrived = events(of).query("action == 'arrived'")
    assert arrived.type.head(6).tolist() == ["gamma", "alpha", "beta"] * 2


@st.composite
def small_scenarios(draw: st.DrawFn) -> Scenario:
    """Scenarios of a few hundred tasks with any mixture of topology, capacity, failures and bounds."""
    share = st.sampled_from([0.0, 0.1, 0.5, 1.0])
    failures = {name: draw(share) / 2 for name in FAILING}
    agent = {
        "positions": draw(st.integers(1, 3)),
        "concurrency": draw(st.integers(1, 3)),
        "failures": failures,
        "schema_invalid": draw(share),
        "retries": draw(st.integers(0, 3)),
        "max_attempts": draw(st.integers(1, 5)),
    }
    human = {
        "positions": draw(st.integers(1, 30)),
        "review": {"catch_rate": draw(share), "false_reject": draw(share)},
    }
    if draw(st.booleans()):
        human["calendar"] = "office"
    return scenario(
        draw(st.sampled_from(KINDS)),
        task={"arrivals": {"process": "poisson", "rate": f"{draw(st.integers(1, 400))} / h"}},
        agent=agent,
        human=human,
        warm_up="20 min",
        horizon=f"{draw(st.integers(1, 11))} h",
        drain_limit=f"{draw(st.integers(0, 20))} h",
        seed=draw(st.integers(0, 1000)),
    )


@pytest.mark.mechanism("MR-13")
@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(small_scenarios())
def test_every_task_that_arrives_is_delivered_fails_or_is_unfinished_and_nothing_else_is_there(
    of: Scenario,
) -> None:
    log = simulate(of)
    frame = log.events()
    frame = frame[frame.type.notna()]
    has_ended = frame.next.isin(["deliver", "fail"]) | (frame.action == "unfinished")
    assert frame[frame.action == "arrived"].task.tolist() == list(range(log.task_count))
    assert has_ended.sum() == log.task_count
    assert (has_ended[has_ended].index == endings(frame).index).all()


@pytest.mark.mechanism("MR-14")
def test_tasks_of_the_warm_up_are_in_the_log_and_change_nothing_in_it() -> None:
    plain, warmed = (events(scenario("guardian", agent=BUSY, warm_up=wait)) for wait in ("0 s", "30 min"))
    early = [
        frame[frame.tick < HOUR].drop(columns=["parent_trace_id", "hop", "details"])
        for frame in (plain, warmed)
    ]
    assert early[0].equals(early[1])
    assert (warmed.tick[warmed.action == "arrived"] < 30 * MINUTE).sum() == 1799


@pytest.mark.mechanism("MR-14")
@pytest.mark.mechanism("D21")
def test_the_run_ends_when_the_last_task_that_arrived_in_the_window_has_ended() -> None:
    of = scenario(agent=BUSY, warm_up="10 min")
    log = simulate(of)
    frame = log.events()
    arrived = frame[frame.action == "arrived"].set_index("task").tick
    measured = arrived[(arrived >= 10 * MINUTE) & (arrived < HOUR)].index
    ends = endings(frame).set_index("task")
    assert (ends.action[measured] != "unfinished").all()
    assert ends.tick[measured].max() == log.ended
    assert (arrived >= HOUR).sum() > 100
    assert (ends.action == "unfinished").any()


@pytest.mark.mechanism("MR-14")
@pytest.mark.mechanism("D21")
@pytest.mark.parametrize("drain", ["0 s", "90 s"])
def test_at_the_drain_limit_what_is_left_is_unfinished_and_says_what_it_was_doing(drain: str) -> None:
    agent = {**BUSY, "retries": {"limit": 2, "first_wait": "2 min"}}
    log = simulate(scenario(agent=agent, human={"positions": 20}, drain_limit=drain))
    frame = log.events()
    left = frame[frame.action == "unfinished"]
    assert log.ended == HOUR + (90 * SECOND if drain == "90 s" else 0)
    assert set(left.tick) == {log.ended}
    assert set(left.reason) == {"waiting", "working", "backing_off"}
    assert (left.started.notna() == (left.reason == "working")).all()
    assert (left.queued.isna() == (left.reason == "backing_off")).all()


@pytest.mark.mechanism("D3")
@pytest.mark.mechanism("D21")
def test_work_cut_short_by_the_end_costs_what_was_worked() -> None:
    frame = events(scenario("human_only", drain_limit="0 s"))
    left = frame[(frame.action == "unfinished") & (frame.reason == "working")]
    assert len(left) > 100
    assert ((left.human_execution - (left.ended - left.started) * 34e9 / HOUR).abs() <= 0.5001).all()


@pytest.mark.mechanism("MR-13")
def test_a_run_stopped_by_a_limit_still_accounts_for_every_task(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.engine.journey.MOST_IN_SYSTEM", 40)
    log = simulate(scenario("human_only", human={"positions": 1}))
    frame = log.events()
    assert log.status == "partial"
    assert frame.reason.iloc[-1] == "limit_reached"
    assert (frame.action == "arrived").sum() == log.task_count == len(endings(frame))
    assert endings(frame).action.isin(["unfinished", "executed"]).all()


@pytest.mark.mechanism("MR-13")
@pytest.mark.parametrize(("limit", "value"), [("MOST_ROWS_AT_ONE_TICK", 16384), ("MOST_ROWS", 16384)])
def test_a_limit_on_rows_stops_a_run_with_many_open_tasks_without_an_error(
    limit: str, value: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(f"sim.engine.guard.{limit}", value)
    (tmp_path / "burst.csv").write_text("t_s\n" + "60\n" * 40_000)
    arrivals = {"process": "recorded", "file": "burst.csv"}
    tree = overlaid(BASE, {"tasks": {"invoice": {"arrivals": arrivals}}, "topology": {"kind": "human_only"}})
    log = simulate(Scenario.from_tree(tree, tmp_path))
    assert log.status == "partial"
    frame = log.events()
    assert endings(frame).action.eq("unfinished").all()
    assert (frame.action == "arrived").sum() == log.task_count


@pytest.mark.mechanism("MR-13")
@pytest.mark.parametrize("kind", KINDS)
def test_a_run_stopped_in_the_middle_of_an_event_ends_every_trace_once(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.engine.guard.MOST_ROWS", 8192)
    frame = events(scenario(kind, agent=BUSY, horizon="2 h"))
    frame = frame[frame.type.notna()].sort_values(["trace_id", "seq"])
    has_ended = frame.next.isin(["deliver", "fail"]) | (frame.action == "unfinished")
    assert has_ended.groupby(frame.trace_id).sum().eq(1).all()
    assert frame.cause_seq.equals(frame.groupby("trace_id").seq.shift().rename("cause_seq"))


def test_a_position_that_may_do_less_at_once_starts_nothing_until_it_is_below() -> None:
    pool = Pool("extractor")
    pool.is_open = True
    position = pool.add_position(3)
    assert [pool.take(tick) for tick in range(4)] == [position, position, position, None]
    pool.set_concurrency(1, 1)
    pool.release(position)
    assert pool.take(5) is None
    pool.release(position)
    pool.release(position)
    assert pool.take(6) is position
    assert pool.take(7) is None


def test_a_retired_position_finishes_and_starts_nothing_more() -> None:
    pool = Pool("extractor")
    pool.is_open = True
    first, second = pool.add_position(1), pool.add_position(1)
    assert pool.take(0) is first
    pool.retire_position(1)
    pool.release(first)
    assert pool.capacity == 1
    assert [pool.take(1), pool.take(1)] == [second, None]
