"""Mechanism rows CR: how sure agents say they are, and what follows."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy import stats

from sim.rules.routing import Reason, route_output
from tests.statistics.family import Data, Look, statistical

from .builders import (
    BILLION,
    FAILING,
    Frame,
    cohort,
    endings,
    events,
    first_attempts,
    outputs,
    scenario,
)

MANY = {"arrivals": {"process": "deterministic", "every": "100 ms"}}
"""36,000 tasks in the hour."""
CALIBRATION = [
    # hardness_seen, judgment, transient, spread, harder_by
    (0, 0, 0, 0, 0),
    (0, 0, 0, 1.5, 0),
    (0.5, 0, 0, 1.5, 0),
    (1, 0, 0, 1.5, 0),
    (0, 0.15, 0, 1.5, 0),
    (0.5, 0.15, 0.1, 1.5, 1.0),
    (1, 0.15, 0.1, 1.5, 0),
    (1, 0.15, 0, 0, 0),
]


def stated(agent: dict[str, Any], **options: Any) -> Frame:
    """First attempts of many tasks that left an output, without anybody who checks."""
    quick = {"work_time": "1 s", **agent}
    return outputs(
        events(scenario("autonomous", task={**MANY, **options.pop("task", {})}, agent=quick), **options)
    )[lambda frame: frame.attempt == 1]


def calibration(frame: Frame) -> tuple[Frame, Callable[[Data], float]]:
    """What was stated and what was right, and how to test it."""
    return frame[["theta_raw", "is_right"]].to_numpy(dtype=float), calibration_p_value


def calibration_p_value(data: Data) -> float:
    """p-value of the claim that in every decile of theta_raw as many outputs are right as theta_raw says."""
    theta, right = data[:, 0] / BILLION, data[:, 1]
    decile = np.argsort(np.argsort(theta, kind="stable"), kind="stable") * 10 // len(theta)
    total = 0.0
    for number in range(10):
        of = decile == number
        total += float((right[of] - theta[of]).sum() ** 2 / (theta[of] * (1 - theta[of])).sum())
    return float(stats.chi2.sf(total, 10))


@pytest.mark.mechanism("CR-02")
@pytest.mark.mechanism("D1")
@pytest.mark.parametrize(("seen", "judgment", "transient", "spread", "harder_by"), CALIBRATION)
@statistical
def test_an_unbiased_agent_is_calibrated_in_every_decile(
    look: Look, seen: float, judgment: float, transient: float, spread: float, harder_by: float
) -> None:
    agent = {
        "success": {"mean": 0.75, "spread": spread},
        "confidence": {"self_knowledge": 1.2, "hardness_seen": seen},
        "failures": {"judgment": judgment, "transient": transient},
    }
    look.compare(*calibration(stated(agent, task={"harder_by": harder_by}, seed=look.seed)))


@pytest.mark.mechanism("CR-02")
@statistical
def test_the_beta_form_is_calibrated_too(look: Look) -> None:
    agent = {"success": {"beta": [3, 1]}, "confidence": {"self_knowledge": 1.0, "hardness_seen": 0.6}}
    look.compare(*calibration(stated(agent, seed=look.seed)))


@pytest.mark.mechanism("CR-02")
@pytest.mark.parametrize("bias", [{"overconfidence": 0.5}, {"extremity": 1.6}, {"noise": 1.0}])
@statistical
def test_bias_extremity_and_noise_each_break_the_calibration(look: Look, bias: dict[str, float]) -> None:
    agent = {"success": {"mean": 0.75, "spread": 1.5}, "confidence": {"self_knowledge": 1.2, **bias}}
    look.compare(*calibration(stated(agent, seed=look.seed)), differs=True)


@pytest.mark.mechanism("CR-02")
@pytest.mark.mechanism("D33")
def test_every_output_has_a_theta_from_0_to_1_to_the_billionth() -> None:
    frame = outputs(events(scenario(agent={"tool_errors": 0.2, "schema_invalid": 0.01})))
    assert frame.theta.between(0, BILLION).all()
    assert (frame.theta % 1 == 0).all()
    assert (frame.theta % 10_000_000 != 0).mean() > 0.9


@pytest.mark.mechanism("D1")
@pytest.mark.parametrize("d", [0.0, 0.8, 2.0])
@statistical
def test_right_outputs_are_stated_surer_with_the_probability_that_self_knowledge_sets(
    look: Look, d: float
) -> None:
    agent = {"success": 0.5, "confidence": {"self_knowledge": d}}
    frame = stated(agent, seed=look.seed)
    right, wrong = (frame[frame.is_right == truth].theta_raw.to_numpy()[:8000] for truth in (1, 0))
    above = (right > wrong).sum() + (right == wrong).sum() / 2 if d else len(right) / 2
    assert d or frame.theta_raw.nunique() == 1
    look.share(int(above), len(right), stats.norm.cdf(d / np.sqrt(2)))


@pytest.mark.mechanism("D1")
@statistical
def test_a_measured_agent_states_what_was_measured(look: Look) -> None:
    agent = {
        "success": {"mean": 0.8, "spread": 1},
        "confidence": {"auroc": 0.8, "mean_stated": 0.93, "hardness_seen": 0.3},
    }
    frame = stated(agent, seed=look.seed)
    look.mean(frame.theta_raw / BILLION, 0.93)
    right, wrong = (frame[frame.is_right == truth].theta_raw.to_numpy()[:6000] for truth in (1, 0))
    look.share(int((right > wrong).sum()), len(right), 0.8)


@pytest.mark.mechanism("CR-03")
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
@statistical
def test_every_output_that_breaks_its_schema_is_wrong_has_theta_0_and_goes_to_a_person(
    look: Look, share: float
) -> None:
    frame = outputs(
        cohort(
            events(
                scenario(agent={"schema_invalid": share, "confidence": {"overconfidence": 9}}), seed=look.seed
            )
        )
    )
    invalid = frame[frame.outcome == "invalid"]
    look.share(len(invalid), len(frame), share)
    assert (invalid.theta == 0).all()
    assert (invalid.is_right == 0).all()
    assert (invalid.status == "ESCALATED").all()
    assert (frame[frame.outcome != "invalid"].theta == frame[frame.outcome != "invalid"].theta_raw).all()


@pytest.mark.mechanism("CR-04")
@pytest.mark.mechanism("RL-03")
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
@statistical
def test_an_error_in_the_logs_halves_theta_exactly_and_escalates_at_the_default_threshold(
    look: Look,
    share: float,
) -> None:
    clean, flaky = (
        outputs(
            cohort(
                events(
                    scenario(agent={"tool_errors": part, "confidence": {"overconfidence": 9}}), seed=look.seed
                )
            )
        )
        for part in (0, share)
    )
    halved = flaky[flaky.theta != flaky.theta_raw]
    look.share(len(halved), len(flaky), share)
    assert (halved.theta == halved.theta_raw // 2).all()
    assert (halved.status == "ESCALATED").all()
    assert clean.set_index("task").is_right.equals(flaky.set_index("task").is_right[clean.task])


@pytest.mark.mechanism("CR-06")
@pytest.mark.parametrize(("threshold", "status"), [(0.85, "AUTO_COMMITTED"), (0.850000001, "ESCALATED")])
def test_a_theta_of_exactly_the_threshold_commits(threshold: float, status: str) -> None:
    agent = {"success": 0.85, "confidence": {"self_knowledge": 0}}
    frame = outputs(events(scenario({"kind": "escalation", "threshold": threshold}, agent=agent)))
    assert set(frame.theta) == {850_000_000}
    assert set(frame.status) == {status}


@pytest.mark.mechanism("CR-06")
def test_a_threshold_equal_to_a_logged_theta_commits_that_output_and_one_above_escalates_it() -> None:
    theta = int(first_attempts(events(scenario())).theta.iloc[17])
    for threshold, status in ((theta, "AUTO_COMMITTED"), (theta + 1, "ESCALATED")):
        of = scenario({"kind": "escalation", "threshold": threshold / BILLION})
        assert first_attempts(events(of)).status.iloc[17] == status


@pytest.mark.mechanism("CR-06")
def test_a_lower_threshold_escalates_fewer_of_the_same_tasks() -> None:
    escalated = []
    for threshold in (0.0, 0.5, 0.7, 0.85, 0.95, 1.0):
        frame = cohort(events(scenario({"kind": "escalation", "threshold": threshold})))
        escalated.append(set(frame[frame.reason == "low_confidence"].task))
    assert all(low < high for low, high in pairwise(escalated))
    assert not escalated[0]


@pytest.mark.mechanism("CR-07")
@pytest.mark.parametrize(("value", "reason"), [(1000.00, "confident"), (1000.01, "high_value")])
def test_a_value_of_exactly_the_limit_commits_and_a_cent_more_goes_to_a_person(
    value: float, reason: str
) -> None:
    agent = {"success": 1.0, "confidence": {"overconfidence": 20}}
    of = scenario({"kind": "escalation", "value_limit": 1000}, task={"value": value}, agent=agent)
    assert set(outputs(events(of)).reason) == {reason}


@pytest.mark.mechanism("CR-07")
def test_without_a_limit_no_value_is_too_high() -> None:
    assert "high_value" not in set(events(scenario(task={"value": 900_000_000})).reason)


@pytest.mark.mechanism("CR-06")
@pytest.mark.mechanism("CR-07")
@pytest.mark.parametrize(
    ("theta", "value", "reason"),
    [
        (850_000_000, 100_000, Reason.CONFIDENT),
        (849_999_999, 100_000, Reason.LOW_CONFIDENCE),
        (BILLION, 100_001, Reason.HIGH_VALUE),
        (0, 100_001, Reason.HIGH_VALUE),
    ],
)
def test_the_router_asks_the_value_first_and_both_bounds_deliver(
    theta: int, value: int, reason: Reason
) -> None:
    assert route_output(theta, value, 850_000_000, 100_000) == reason


@pytest.mark.mechanism("CR-13")
def test_with_overconfidence_escapes_rise_and_escalations_fall_on_the_same_tasks() -> None:
    committed, escapes = [], []
    for overconfidence in (-1.0, 0.0, 0.5, 1.5, 3.0):
        agent = {"confidence": {"self_knowledge": 1.5, "overconfidence": overconfidence}}
        frame = outputs(cohort(events(scenario(agent=agent))))
        sure = frame[frame.status == "AUTO_COMMITTED"]
        committed.append(set(sure.task))
        escapes.append(set(sure[sure.is_right == 0].task))
    assert all(less < more for less, more in pairwise(committed))
    assert all(less < more for less, more in pairwise(escapes))


@pytest.mark.mechanism("CR-13")
def test_overconfidence_is_added_to_the_logit_of_the_same_statement() -> None:
    plain, sure = (
        first_attempts(
            cohort(events(scenario(agent={"confidence": {"self_knowledge": 1.5, "overconfidence": bias}})))
        ).theta_raw
        / BILLION
        for bias in (0.0, 1.0)
    )
    inner = plain.between(0.01, 0.99)
    logits = [np.log(part[inner[inner].index] / (1 - part[inner[inner].index])) for part in (plain, sure)]
    assert inner.sum() > 1000
    assert np.allclose(logits[1] - logits[0], 1.0, atol=1e-5)


@pytest.mark.mechanism("D2")
def test_confidence_changes_who_does_a_task_but_never_whether_the_agent_was_right() -> None:
    agent = {"success": {"mean": 0.7, "spread": 1}, "failures": FAILING}
    known = [
        first_attempts(cohort(events(scenario(agent={**agent, "confidence": how})))).is_right
        for how in ("typical", "overconfident", {"self_knowledge": 0}, {"noise": 2, "hardness_seen": 1})
    ]
    assert all(known[0].equals(other) for other in known[1:])


@pytest.mark.mechanism("CR-08")
def test_an_escalated_output_is_never_delivered_as_it_is() -> None:
    frame = cohort(events(scenario(agent={"success": 0.5})))
    escalated = frame[frame.status == "ESCALATED"].task
    assert set(endings(frame)[lambda end: end.task.isin(escalated)].action) == {"executed"}
