"""The kill switch: it trips at the first crossing of a limit, and agents commit nothing more on their own."""

from __future__ import annotations

from typing import Any

import pytest

from .builders import BILLION, MINUTE, Frame, endings, events
from .chains import CALL_COST, chain, delivered_wrong, story

UNIT = CALL_COST / BILLION
"""What one call costs, in the currency."""


def changes(frame: Frame, guard: str) -> list[str]:
    """Reasons of the rows on which a guard changed its state."""
    rows = frame[(frame.action == "guard_changed") & (frame.guard == guard)]
    return list(rows.reason)


def autonomous_commits(frame: Frame) -> Frame:
    """Rows that deliver what an agent made and nobody approved."""
    delivers = frame[(frame.next == "deliver") & frame.action.isin(["attempted", "validated", "verified"])]
    by_person = frame[frame.action == "executed"].seq
    return delivers[~delivers.cause_seq.isin(by_person)]


TRIGGERS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("error_rate", {"error_rate": 0.5, "calls": 20}, {"validator": {"sensitivity": 1}}),
    ("rejections", {"rejections": 0.4, "calls": 20}, {"topology": "guardian"}),
    ("violations", {"violations": 0.3, "calls": 20}, {}),
    ("complaints", {"complaints": 15}, {}),
    ("cost", {"cost": 40 * UNIT}, {}),
]


def switched(limits: dict[str, Any], **rest: Any) -> Any:
    """A scenario in which every trigger of a kill switch can come true."""
    writer = {"success": 0.4, "failures": {"governance": 0.3}}
    discovery = {"by": "clerk", "delay": "2 min", "probability": 0.3}
    return chain(2, agents={"writer": writer}, task={"discovery": discovery},
                 guards={"kill_switch": limits, "person": "clerk"}, **rest)  # fmt: skip


@pytest.mark.mechanism("RO-03")
@pytest.mark.parametrize(("name", "limits", "rest"), TRIGGERS)
def test_the_switch_trips_at_the_first_crossing_and_no_autonomous_commit_follows(
    name: str, limits: dict[str, Any], rest: dict[str, Any]
) -> None:
    frame = events(switched(limits, **rest))
    assert changes(frame, "kill_switch") == ["tripped"]
    trip = frame[frame.reason == "tripped"].index[0]
    before, after = frame.loc[: trip - 1], frame.loc[trip + 1 :]
    assert len(autonomous_commits(after)) == 0
    assert set(after[after.action == "refused"].reason) == {"kill_switch"}
    assert set(after[after.guard == "kill_switch"].next) == {"execute"}
    assert (after[after.next == "deliver"].action == "executed").all() or name == "rejections"
    assert (after[after.action == "attempted"].started <= frame.tick[trip]).all()
    if name == "cost":
        total = (before.inference + before.tools).sum()
        assert total < 40 * CALL_COST <= total + (after.inference + after.tools).iloc[0]
    if name == "complaints":
        assert (before.action == "discovered").sum() == 14


@pytest.mark.mechanism("RO-03")
@pytest.mark.parametrize("then", ["person", "pause"])
@pytest.mark.parametrize("check", [{}, {"verification": {"detects": 0.5, "time": "1 min"}}])
def test_work_in_hand_when_the_switch_trips_is_not_committed_either_with_or_without_people(
    then: str, check: dict[str, Any]
) -> None:
    writer = {"work_time": "40 s"}
    for person in ({}, {"person": "clerk"}):
        switch = {"cost": 30 * UNIT, "then": then, "resume_after": "10 min"}
        guards = {"kill_switch": switch, **person}
        of = chain(1, agents={"writer": writer}, guards=guards, drain_limit="2 min", **check)
        frame = events(of)
        tripped = frame[frame.reason == "tripped"].tick.iloc[0]
        resumed = frame[frame.reason == "resumed"].tick.iloc[0]
        assert resumed - tripped == 10 * MINUTE
        off = frame[(frame.tick > tripped) & (frame.tick < resumed)]
        assert len(autonomous_commits(off)) == 0
        in_hand = off[(off.reason == "kill_switch") & (off.action != "refused")]
        expected = "attempt" if then == "pause" else "execute" if person else "fail"
        assert len(in_hand) > 0
        assert set(in_hand.next) == {expected}


@pytest.mark.mechanism("RO-03")
def test_while_agents_pause_their_work_waits_and_goes_on_when_they_resume() -> None:
    switch = {"cost": 100 * UNIT, "then": "pause", "resume_after": "30 min"}
    frame = events(chain(1, guards={"kill_switch": switch}, count=300))
    told = changes(frame, "kill_switch")
    assert told[:4] == ["tripped", "resumed"] * 2
    trip, resumed = (frame[frame.reason == reason].tick for reason in ("tripped", "resumed"))
    assert (resumed.to_numpy() - trip.to_numpy()[: len(resumed)] == 30 * MINUTE).all()
    started = frame[frame.action == "attempted"].started
    off = [(started > begin) & (started < end) for begin, end in zip(trip, resumed, strict=False)]
    assert not any(spell.any() for spell in off)
    ends = endings(frame[frame.task < 300])
    assert set(ends.next) == {"deliver"}


@pytest.mark.mechanism("RO-03")
def test_a_switch_prevents_the_loss_of_what_would_have_gone_out_wrong() -> None:
    limits = {"error_rate": 0.4, "calls": 30}
    check = {"sensitivity": 0.5, "specificity": 1}
    writer = {"success": 0.3}
    free, killed = (
        story(chain(1, agents={"writer": writer}, validator=check, guards=guards))
        for guards in ({"person": "clerk"}, {"person": "clerk", "kill_switch": limits})
    )
    assert delivered_wrong(killed).sum() < 0.2 * delivered_wrong(free).sum()
    calm = story(chain(1, agents={"writer": {"success": 1}}, validator=check, guards={"kill_switch": limits}))
    assert changes(calm, "kill_switch") == []
