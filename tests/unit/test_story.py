"""Stories of single tasks say what the log says, in order, with reasons, waits and costs."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.story import UnknownTraceError, UnreadableLogError, tell
from analysis.story.layout import WIDTH, joined
from analysis.story.wording import confidence_text, ordinal, value_text
from sim import Log, Scenario, load, simulate

SHIPPED = Path(__file__).parents[2] / "scenarios" / "invoice_reconciliation.yaml"
FEW_CLERKS = {"horizon": "8 days", "workers.clerk.positions": 2}

Run = tuple[Scenario, Log, pd.DataFrame]


@pytest.fixture(scope="module")
def run_of() -> Callable[[str], Run]:
    """Runs of the shipped scenario with few clerks, by topology, each made once."""
    made: dict[str, Run] = {}

    def run(kind: str) -> Run:
        if kind not in made:
            scenario = load(SHIPPED, FEW_CLERKS).topologies(kind)[kind]
            log = simulate(scenario)
            made[kind] = scenario, log, log.events()
        return made[kind]

    return run


def story_of(run: Run, **wanted: Any) -> tuple[str, pd.DataFrame]:
    """The first task with a row of these values: its story, and its rows."""
    scenario, log, events = run
    found = events
    for column, value in wanted.items():
        found = found[found[column] == value]
    trace_id = str(found["trace_id"].iloc[0])
    return tell(scenario, log, trace_id), events[events["trace_id"] == trace_id]


@pytest.fixture(scope="module")
def escalation(run_of: Callable[[str], Run]) -> Run:
    return run_of("escalation")


def test_an_output_below_the_threshold_goes_to_the_exception_queue(escalation: Run) -> None:
    story, rows = story_of(escalation, reason="low_confidence")
    theta = rows.loc[rows["reason"] == "low_confidence", "theta"].iloc[0] / 1e9
    assert f"{theta:.2f} < 0.85: to the exception queue" in story
    assert "sure to" in story


def test_a_high_value_is_named_as_the_reason(escalation: Run) -> None:
    story, rows = story_of(escalation, reason="high_value")
    value = f"EUR {rows['value'].iloc[0] / 100:,.2f}"
    assert f"value {value} is above the limit of EUR 1,000.00: to the exception queue" in " ".join(
        story.split()
    )


def test_a_wait_is_the_time_between_queue_and_start(escalation: Run) -> None:
    _, _, events = escalation
    waited = events[(events["action"] == "executed") & (events["started"] - events["queued"] > 120e6)]
    story, rows = story_of(escalation, seq=waited["seq"].iloc[0])
    row = rows[rows["action"] == "executed"].iloc[0]
    seconds = (row["started"] - row["queued"]) / 1e6
    minutes, rest = re.findall(r"started \(waited (\d+) min(?: (\d+) s)?\)", story)[-1]
    assert 60 * int(minutes) + int(rest or 0) == pytest.approx(seconds, abs=0.5)


def test_the_place_in_line_counts_who_was_there_before(escalation: Run) -> None:
    _, _, events = escalation
    clerks = events[(events["role"] == "clerk") & events["queued"].notna()]
    row = clerks[clerks["started"] - clerks["queued"] > 600e6].iloc[3]
    ahead = clerks[
        (clerks["queued"] < row["queued"])
        & ~(clerks["started"] <= row["queued"])  # still in line, or never started
    ]
    story, _ = story_of(escalation, seq=row["seq"])
    assert f"{ordinal(len(ahead) + 1)} in line" in " ".join(story.split())


def test_a_transient_failure_tells_the_wait_and_the_try(escalation: Run) -> None:
    story, rows = story_of(escalation, reason="transient_failure")
    following = rows.iloc[list(rows["reason"]).index("transient_failure") + 1]
    failed = rows[rows["reason"] == "transient_failure"].iloc[0]
    seconds = (following["queued"] - failed["ended"]) / 1e6
    text = " ".join(story.split())
    assert "(transient); waits" in text
    assert float(re.findall(r"waits ([\d.]+) s, try 2 of 3", text)[0]) == pytest.approx(seconds, abs=0.05)


def test_costs_of_the_steps_add_up_to_the_cost_of_the_task(escalation: Run) -> None:
    story, rows = story_of(escalation, reason="low_confidence")
    lines = ["inference", "tools", "human_execution", "human_review", "rework"]
    total = rows[lines].to_numpy().sum() / 1e9
    *steps, last = (
        float(amount) for amount in re.findall(r"EUR ([\d.]+)(?= *\n| ·)", story.split("\n", 1)[1])
    )
    assert last == pytest.approx(total, rel=5e-3)
    assert sum(steps) == pytest.approx(total, rel=5e-3)


def test_times_are_those_of_the_clock_on_the_wall(escalation: Run) -> None:
    scenario, log, _ = escalation
    story = tell(scenario, log, "invoice-0")
    assert story.startswith("invoice-0 · value EUR 55.64 · arrived Mon 5 Jan 2026 08:00:09\n")
    assert story.endswith(" · within 8 h · not measured")  # it came during the warm-up


def test_a_story_that_passes_midnight_names_the_day(run_of: Callable[[str], Run]) -> None:
    run = run_of("human_only")
    _, _, events = run
    slept = events[(events["action"] == "executed") & (events["started"] - events["queued"] > 86_400e6)]
    story, _ = story_of(run, seq=slept["seq"].iloc[0])
    assert re.search(r"^  Tue \d+ Jan 2026$", story, re.MULTILINE)
    assert "joined the queue of clerk" in story


@pytest.mark.mechanism("RT-15")
@pytest.mark.parametrize("reason", ["deterministic_failure", "judgment_failure"])
def test_a_failure_says_why_it_was_not_tried_again(run_of: Callable[[str], Run], reason: str) -> None:
    story, rows = story_of(run_of("autonomous"), reason=reason)
    assert "not tried again, since" in story
    assert "failed" in story.splitlines()[-1]
    assert rows["outcome"].iloc[-1] in story


@pytest.mark.mechanism("MA-17")
def test_verdicts_and_revisions_are_told_with_the_truth(run_of: Callable[[str], Run]) -> None:
    story, _ = story_of(run_of("guardian"), reason="revision_asked")
    assert "sent it back for a revision, and it was wrong" in " ".join(story.split())
    assert "revision 1 of 2: back to extractor" in story
    approved, _ = story_of(run_of("guardian"), outcome="approved", is_right=0)
    assert "approved it, though it was wrong" in approved
    assert "delivered, but wrong" in approved.splitlines()[-1]


def test_an_unfinished_task_has_a_cycle_of_more_than_it_took(run_of: Callable[[str], Run]) -> None:
    story, rows = story_of(run_of("human_only"), reason="waiting")
    assert "still waiting for clerk when the run ended" in " ".join(story.split())
    assert story.splitlines()[-1].startswith("cycle more than ")
    assert rows["action"].iloc[-1] == "unfinished"


@pytest.mark.mechanism("MA-02")
@pytest.mark.parametrize("kind", ["human_only", "copilot", "guardian", "escalation", "autonomous"])
def test_every_row_of_a_trace_is_told_and_fits_on_the_page(run_of: Callable[[str], Run], kind: str) -> None:
    scenario, log, events = run_of(kind)
    kinds = events[events["trace_id"].notna()].drop_duplicates(["action", "reason", "outcome", "is_right"])
    for trace_id in dict.fromkeys(kinds["trace_id"]):
        story = tell(scenario, log, trace_id)
        worked = events[(events["trace_id"] == trace_id) & events["started"].notna()]
        assert len(re.findall(r" started\b", story)) == len(worked), story
        assert max(map(len, story.splitlines())) <= 80, story


@pytest.mark.mechanism("MA-03")
def test_a_saved_log_tells_the_same_story(escalation: Run, tmp_path: Path) -> None:
    scenario, log, events = escalation
    log.save(tmp_path / "events.parquet")
    for trace_id in events["trace_id"].dropna().unique()[::400]:
        assert tell(scenario, tmp_path / "events.parquet", trace_id) == tell(scenario, log, trace_id)


@pytest.mark.parametrize(
    ("trace_id", "message"),
    [
        ("invoice-999999", "no task invoice-999999 in this log; it has invoice-0 to invoice-"),
        ("receipt-1", "no task receipt-1 in this log; it has tasks of type invoice"),
        ("4711", "not a task: '4711'; allowed: a task type and a number, such as invoice-4711"),
        ("invoice-04", "not a task: 'invoice-04'"),
    ],
)
def test_an_unknown_task_is_an_error_that_says_what_there_is(
    escalation: Run, trace_id: str, message: str
) -> None:
    scenario, log, _ = escalation
    with pytest.raises(UnknownTraceError, match=f"^{re.escape(message)}"):
        tell(scenario, log, trace_id)


def test_a_saved_log_that_cannot_be_read_is_named_in_plain_words(escalation: Run, tmp_path: Path) -> None:
    scenario, log, _ = escalation
    path = tmp_path / "events.parquet"
    with pytest.raises(UnreadableLogError, match=r"events\.parquet is missing$"):
        tell(scenario, path, "invoice-1")
    log.save(path)
    content = path.read_bytes()
    for broken in (b"", b"not a log", content[:-20]):
        path.write_bytes(broken)
        with pytest.raises(
            UnreadableLogError, match=r"events\.parquet cannot be read: damaged, or not a log"
        ):
            tell(scenario, path, "invoice-1")


def test_a_saved_log_of_another_scenario_is_named_in_plain_words(escalation: Run, tmp_path: Path) -> None:
    _, log, _ = escalation
    log.save(tmp_path / "events.parquet")
    other = load(SHIPPED.with_name("recorded_arrivals.yaml"))
    message = "is of another scenario: it has the type invoice, Recorded arrivals has document$"
    with pytest.raises(UnreadableLogError, match=message):
        tell(other, tmp_path / "events.parquet", "document-1")


def test_a_service_level_in_open_hours_is_told_in_hours() -> None:
    scenario = load(SHIPPED, {"horizon": "8 days", "tasks.invoice.sla": "24 h of office"})
    assert "within 24 h of office" in tell(scenario, simulate(scenario), "invoice-0").splitlines()[-1]


def test_a_footer_wider_than_the_page_goes_on_below() -> None:
    parts = ["cycle more than 3 weeks 2 days", "EUR 1,234,567", "delivered, but wrong", "not measured"]
    lines = list(joined(parts))
    assert len(lines) == 2
    assert " · ".join(lines).replace("  ", "") == " · ".join(parts)
    assert max(map(len, lines)) <= WIDTH


def test_a_confidence_never_looks_like_the_threshold_it_missed() -> None:
    assert confidence_text(849_999_999, 850_000_000) == "0.849999999"
    assert confidence_text(849_000_000, 850_000_000) == "0.849"
    assert confidence_text(850_000_000, 850_000_000) == "0.85"
    assert confidence_text(710_000_000, 850_000_000) == "0.71"
    assert [confidence_text(0), confidence_text(0, 850_000_000)] == ["0", "0"]


def test_places_and_values_read_as_people_say_them() -> None:
    assert [ordinal(number) for number in (1, 10, 11, 12, 21, 102, 113)] == [
        "first", "tenth", "11th", "12th", "21st", "102nd", "113th",
    ]  # fmt: skip
    assert value_text(43120, "EUR", 2) == "EUR 431.20"
    assert value_text(1_200, "JPY", 0) == "JPY 1,200"
