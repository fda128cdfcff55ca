"""Guards: limits on hops, spending and failing; each trip is a row, and the bound holds."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from sim.run import simulate
from tests.statistics.family import Look, statistical

from .builders import BILLION, MINUTE, Frame, endings, events
from .chains import CALL_COST, COUNT, chain, path_of, spent, story

UNIT = CALL_COST / BILLION
"""What one call costs, in the currency."""


def changes(frame: Frame, guard: str) -> list[str]:
    """Reasons of the rows on which a guard changed its state."""
    rows = frame[(frame.action == "guard_changed") & (frame.guard == guard)]
    return list(rows.reason)


# -- hops -------------------------------------------------------------------------------------------------------


def asking(probability: float) -> dict[str, Any]:
    """Two agents who ask each other."""
    rule = {
        "probability": probability,
        "asks": "adviser",
        "time": "5 s",
        "input_tokens": 100,
        "output_tokens": 100,
    }
    return {"writer": {"clarification": rule}, "adviser": {}}


@pytest.mark.mechanism("HX-01")
@pytest.mark.mechanism("D18")
@pytest.mark.parametrize(("topology", "end"), [("escalation", "execute"), ("autonomous", "fail")])
@pytest.mark.parametrize("limit", [0, 1, 5])
def test_the_hop_after_the_last_one_is_refused_and_the_task_goes_to_a_person_or_fails(
    topology: str, end: str, limit: int
) -> None:
    frame = story(
        chain(1, topology=topology, agents=asking(1), guards={"max_hops": limit}, count=50), count=50
    )
    assert frame.hop.max() == limit
    stopped = frame[frame.reason == "hop_limit"]
    assert len(stopped) == 50
    assert set(stopped.next) == {end}
    assert set(stopped.guard) == {"hops"}
    assert set(stopped.hop) == {limit}
    assert set(stopped.agent_failed) == {1}


@pytest.mark.mechanism("HX-01")
@pytest.mark.mechanism("RT-19")
def test_questions_in_circles_stay_below_the_limit_and_without_one_their_cost_has_a_long_tail() -> None:
    roles = asking(0.75)
    limited, free = (story(chain(1, agents=roles, guards={"max_hops": hops})) for hops in (5, 1000))
    assert limited.hop.max() == 5
    hops = free.groupby("task").hop.max()
    assert hops.max() > 15
    assert set(limited[limited.reason == "hop_limit"].task) == set(hops.index[hops > 5])
    assert spent(free).max() > 2 * spent(limited).max()
    calm = story(chain(1, agents=asking(0)))
    assert calm.hop.max() == 0
    assert (calm.action != "clarified").all()


@pytest.mark.mechanism("RT-19")
@pytest.mark.parametrize("share", [0.0, 0.4, 0.8])
@statistical
def test_after_each_attempt_and_each_answer_somebody_asks_again_at_the_rate(look: Look, share: float) -> None:
    frame = story(chain(1, agents=asking(share), guards={"max_hops": 1000}), seed=look.seed)
    called = frame[frame.action.isin(["attempted", "clarified"]) & (frame.attempt < 20)]
    look.share((called.reason == "clarification").sum(), len(called), share)
    answered = frame[frame.action == "clarified"]
    assert set(answered.output_tokens) <= {100}
    assert set(answered.role) <= {"adviser", "writer"}


@pytest.mark.mechanism("D17")
def test_passing_on_counts_as_a_hop_only_when_asked_and_only_from_agent_to_agent() -> None:
    seven = {f"s{number}": {} for number in range(1, 8)}
    free = story(chain(seven, count=20), count=20)
    assert set(free.hop.dropna()) == {0}
    guards = {"count_stage_handoffs": True}
    counted = story(chain(seven, count=20, guards=guards), count=20)
    assert set(endings(counted).reason) == {"hop_limit"}
    assert set(endings(counted).stage) == {"s6"}
    assert set(endings(counted).guard) == {"hops"}
    person = {"topology": {"kind": "human_only", "human": "clerk"}}
    mixed = story(chain({**seven, "s2": person, "s6": person}, count=20, guards=guards), count=20)
    assert set(endings(mixed).next) == {"deliver"}
    assert set(endings(mixed).hop) == {2}
    taken = story(chain(seven, topology="escalation", count=20, guards=guards), count=20)
    assert set(taken[taken.stage == "s7"].action) == {"executed"}


@pytest.mark.mechanism("D17")
def test_retries_and_escalations_are_no_hops() -> None:
    writer = {"failures": {"transient": 0.5}}
    frame = story(chain(2, topology="escalation", agents={"writer": writer}))
    assert set(frame.hop.dropna()) == {0}


# -- budgets of a trace -----------------------------------------------------------------------------------------


@pytest.mark.mechanism("BE-05")
@pytest.mark.mechanism("D19")
@pytest.mark.parametrize("is_strict", [False, True])
@pytest.mark.parametrize("limit", [{"money": 0.011}, {"tokens": 6000}])
def test_no_trace_exceeds_its_budget_by_more_than_a_call_and_a_strict_one_never(
    is_strict: bool, limit: dict[str, Any]
) -> None:
    task = {"output_tokens": {"distribution": "lognormal", "mean": 600, "cv": 1.5}}
    budget = {**limit, "strict": is_strict}
    frame = story(chain(5, task=task, guards={"trace_budget": budget}))
    calls = frame[frame.action == "attempted"]
    tokens = calls.input_tokens + calls.output_tokens
    used = spent(frame) if "money" in limit else tokens.groupby(calls.task).sum()
    bound = 0.011 * BILLION if "money" in limit else 6000
    dearest = (calls.inference if "money" in limit else tokens).groupby(calls.task).max()
    over = (used - bound).clip(lower=0)
    assert (over < dearest.reindex(over.index, fill_value=1)).all()
    assert over.gt(0).any() != is_strict
    stopped = frame[frame.reason == "trace_budget"]
    assert 0 < len(stopped) < COUNT
    assert set(stopped.action) == {"refused"}
    assert set(stopped.guard) == {"trace_budget"}
    assert stopped[["inference", "tools"]].to_numpy().sum() == 0


@pytest.mark.mechanism("BE-05")
@pytest.mark.mechanism("D19")
@pytest.mark.parametrize("rule", [{"role": "judge"}, {"cost": 0.002}], ids=["validator", "fixed check"])
def test_a_budget_refuses_calls_and_counts_fixed_checks(rule: dict[str, Any]) -> None:
    """Each of three stages costs a call and a check; a fixed check is no call, so it follows the call it checks."""
    for calls in range(7):
        guards = {"trace_budget": {"money": calls * UNIT, "strict": True}}
        of = chain(3, agents={"writer": {"success": 1}, "judge": {}}, guards=guards, count=5,
                   validator={**rule, "specificity": 1})  # fmt: skip
        frame = story(of, count=5)
        made = calls if "role" in rule else calls + calls % 2
        assert set(spent(frame)) == {made * CALL_COST}
        assert set(endings(frame).next) == {"deliver" if made == 6 else "fail"}


@pytest.mark.mechanism("D18")
@pytest.mark.parametrize(
    ("topology", "guards", "end"),
    [
        ("escalation", {}, "execute"),
        ("escalation", {"then": "fail"}, "fail"),
        ("autonomous", {}, "fail"),
        ("autonomous", {"person": "clerk"}, "execute"),
    ],
)
def test_what_a_budget_stops_goes_to_the_person_there_is_else_fails(
    topology: str, guards: dict[str, Any], end: str
) -> None:
    then = {"then": guards["then"]} if "then" in guards else {}
    person = {"person": guards["person"]} if "person" in guards else {}
    written = {"trace_budget": {"money": UNIT, **then}, **person}
    frame = story(chain(2, topology={"kind": topology} | ({"threshold": 0} if topology == "escalation" else {}),
                        guards=written, count=50), count=50)  # fmt: skip
    assert set(frame[frame.action == "refused"].next) == {end}
    assert set(path_of(frame)) == {f"arrived attempted refused{' executed' if end == 'execute' else ''}"}


# -- budgets of a period ----------------------------------------------------------------------------------------


def period_spending(frame: Frame, period: int) -> Frame:
    """Nano-units of models and tools by the period in which a call ended."""
    return (frame.inference + frame.tools).groupby(frame.tick // period).sum()


@pytest.mark.mechanism("BE-06")
@pytest.mark.parametrize("is_strict", [False, True])
@pytest.mark.parametrize(("then", "end"), [("stop", "fail"), ("person", "execute")])
def test_what_is_spent_in_a_period_stays_within_its_budget_and_alerts_and_trips_are_rows(
    is_strict: bool, then: str, end: str
) -> None:
    money = 50.5 * UNIT
    task = {"output_tokens": {"distribution": "lognormal", "mean": 200, "cv": 1}}
    rule = {"money": money, "period": "2 min", "strict": is_strict, "then": then}
    frame = events(
        chain(
            1,
            task=task,
            topology={"kind": "escalation", "threshold": 0},
            guards={"budgets": {"models": rule}},
        )
    )
    used = period_spending(frame, 2 * MINUTE)
    dearest = frame.inference.max()
    assert (used <= money * BILLION + (0 if is_strict else 10 * dearest)).all()
    assert (used > 0.9 * money * BILLION).iloc[:-1].all()
    periods = frame[frame.guard == "budget.models"].groupby(frame.tick // (2 * MINUTE))
    seen = periods.apply(lambda rows: " ".join(rows[rows.action == "guard_changed"].reason))
    full = seen.iloc[:8]
    assert set(full.str.removeprefix("period_began ")) <= {"alert alert tripped", "alert tripped alert"}
    assert full.str.startswith("period_began").tolist() == [False] + [True] * 7
    refused = frame[frame.reason == "period_budget"]
    assert set(refused.next) == {end}
    assert set(refused.guard) == {"budget.models"}
    assert (refused.tick >= frame[frame.reason == "tripped"].tick.min()).all()


@pytest.mark.mechanism("BE-06")
def test_a_budget_of_some_roles_stops_no_other_and_one_that_is_never_reached_changes_nothing() -> None:
    stages = {"s1": {}, "s2": {"agent": "other"}}
    roles = {"other": {}}
    rule = {"money": 10 * UNIT, "period": "1 h", "roles": ["other"], "then": "stop"}
    frame = story(chain(stages, agents=roles, guards={"budgets": {"few": rule}}))
    assert len(frame[(frame.action == "attempted") & (frame.stage == "s1")]) == COUNT
    assert len(frame[(frame.action == "attempted") & (frame.stage == "s2")]) == 10
    ample = {"guards": {"budgets": {"ample": {"money": 1000, "period": "1 h"}}}}
    columns = ["tick", "task", "action", "reason", "next", "inference"]
    assert story(chain(stages, agents=roles, **ample))[columns].equals(
        story(chain(stages, agents=roles))[columns]
    )


@pytest.mark.mechanism("BE-14")
def test_from_its_level_on_arriving_tasks_get_the_cheaper_role_and_no_task_changes_its_role() -> None:
    roles = {"writer": {"work_time": "90 s"}, "cheap": {"price": {"input": 0.1, "output": 0.5}}}
    rule = {"money": 400 * UNIT, "period": "10 min", "then": "downgrade", "downgrade_at": 0.5,
            "downgrade": {"writer": "cheap"}}  # fmt: skip
    verification = {"detects": 1, "then": "again"}
    of = chain(2, agents=roles, guards={"budgets": {"models": rule}}, verification=verification)
    whole = events(of)
    frame = whole[whole.task < COUNT]
    tried = frame[frame.action == "attempted"]
    assert (tried.groupby("task").role.nunique() == 1).all()
    assert set(endings(frame).next) == {"deliver"}
    switched = whole[whole.reason == "downgraded"].tick
    arrived = frame[frame.action == "arrived"].set_index("task").tick
    role = tried.groupby("task").role.first()
    first = arrived < switched.min()
    assert set(role[first[first].index]) == {"writer"}
    period = arrived // (10 * MINUTE)
    later = arrived[(arrived >= switched.min()) & (period == 0)]
    assert set(role[later.index]) == {"cheap"}
    assert set(role[arrived.index[(period == 1)][:20]]) == {"writer"}
    paid = tried.groupby("role").inference.agg(set).to_dict()
    assert paid == {"writer": {CALL_COST}, "cheap": {CALL_COST // 10}}


# -- circuit breakers -------------------------------------------------------------------------------------------


@pytest.mark.mechanism("HX-01")
def test_a_breaker_opens_refuses_tries_again_and_closes_and_each_change_is_a_row() -> None:
    rule = {"failures": 0.5, "calls": 10, "open_for": "2 min", "trials": 2}
    writer = {"failures": {"transient": 0.45}, "retries": 0}
    frame = events(chain(1, agents={"writer": writer}, guards={"breaker": rule}, count=3000))
    rows = frame[frame.action == "guard_changed"]
    assert set(rows.guard) == {"breaker.writer"}
    told = list(rows.reason)
    follows = {"opened": {"half_opened"}, "half_opened": {"opened", "closed"}, "closed": {"opened"}}
    assert told[0] == "opened"
    assert all(after in follows[before] for before, after in pairwise(told))
    assert {"closed", "half_opened"} <= set(told)
    calls = frame[frame.action.isin(["attempted", "refused"])]
    for number in range(len(rows) - 1):
        begins, ends = rows.tick.iloc[number], rows.tick.iloc[number + 1]
        started = calls[(calls.action == "attempted") & (calls.started > begins) & (calls.started < ends)]
        if told[number] == "opened":
            assert len(started) == 0
            assert ends - begins >= 2 * MINUTE
        if told[number] == "half_opened":
            assert len(started) <= 2
    refused = frame[frame.reason == "circuit_open"]
    assert set(refused.guard) == {"breaker.writer"}
    assert set(refused.next) == {"fail"}


@pytest.mark.mechanism("HX-01")
@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_breaker_at_its_limits_never_opens_or_lets_only_trials_through(share: float) -> None:
    rule = {"failures": 1, "calls": 10, "open_for": "2 min"}
    writer = {"failures": {"transient": share}, "retries": 0}
    frame = events(chain(1, agents={"writer": writer}, guards={"breaker": rule}))
    told = changes(frame, "breaker.writer")
    if share == 0.0:
        assert told == []
        return
    assert told[::2] == ["opened"] * len(told[::2])
    assert set(told[1::2]) == {"half_opened"}
    opened = frame[frame.reason == "opened"].tick.min()
    trials = frame[(frame.action == "attempted") & (frame.started > opened)].started
    assert (trials.diff().dropna() >= 2 * MINUTE).all()


def test_a_breaker_of_a_model_or_provider_covers_every_role_on_it() -> None:
    stages = {"s1": {"agent": "sick"}, "s2": {}}
    sick = {"failures": {"transient": 1}, "retries": 0}
    for among, stops in (("role", False), ("model", True), ("provider", True)):
        rule = {"failures": 1, "calls": 5, "among": among, "open_for": "1 h"}
        stages["s1"] = {"agent": "sick", "on": {"failed": "s2"}}
        frame = story(chain(stages, agents={"sick": sick}, guards={"breaker": rule}))
        refused = frame[frame.reason == "circuit_open"]
        assert ("s2" in set(refused.stage)) == stops


# -- off --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "guards",
    [
        {"trace_budget": {"money": 1000}},
        {"budgets": {"year": {"money": 1000, "period": "365 d"}}},
        {"breaker": {"failures": 1, "calls": 1_000_000}},
        {"kill_switch": {"cost": 1000}},
        {"max_hops": 1000},
        {"person": "clerk"},
    ],
)
def test_a_guard_that_nothing_reaches_leaves_the_log_as_it_is(guards: dict[str, Any]) -> None:
    writer = {"success": {"mean": 0.8, "spread": 1.0}, "failures": {"transient": 0.3, "judgment": 0.05}}
    plain, guarded = (chain(3, agents={"writer": writer}, **rest) for rest in ({}, {"guards": guards}))
    if "person" in guards:
        assert path_of(story(guarded)).equals(path_of(story(plain)))
        return
    assert simulate(guarded).digest == simulate(plain).digest
