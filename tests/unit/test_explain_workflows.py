"""What `explain` says of workflows: the drawing, the stages, the risk, the parameters of what is new."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import sim
from analysis.explain import explain, explain_json
from analysis.explain.flow import flow_lines
from sim.overlay import overlaid
from sim.scenario import Scenario
from tests.unit.test_forecast_chains import CHAIN
from tests.unit.test_forecast_workflows import CASES, scenario_of


def chain(*patches: dict[str, Any]) -> Scenario:
    """The chain of five with overlays."""
    tree = CHAIN
    for patch in patches:
        tree = overlaid(tree, patch)
    return Scenario.from_tree(tree)


def two_stages(first: dict[str, Any], second: dict[str, Any], **patch: Any) -> Scenario:
    """A workflow of two stages."""
    task = {"arrivals": CHAIN["tasks"]["task"]["arrivals"], "stages": {"draft": first, "send": second}}
    return Scenario.from_tree(overlaid({**CHAIN, "tasks": {"task": task}}, patch))


def flat(scenario: Scenario) -> str:
    """The page with its lines put together."""
    return " ".join(explain(scenario).split())


def rows(scenario: Scenario) -> dict[str, tuple[str, str]]:
    """Value and origin by path."""
    sections = explain_json(scenario)["parameters"].values()
    return {row["path"]: (row["value"], row["from"]) for section in sections for row in section}


def test_stages_are_drawn_with_their_steps_below() -> None:
    drawn = two_stages(
        {"next": {"draft": 0.25, "send": 0.75}, "max_passes": 4},
        {"approval": {"gate": "all", "reviewer": "person"}, "on": {"by_person": "draft"}},
    )
    assert explain_json(drawn)["flow"] == [
        "arrives --> 1",
        "1  draft: autonomous",
        "   1.1  agent attempts",
        "        |-- output ----------------------------> done",
        "        '-- visible failure, no retry left ----> failed",
        "   done, 25.0 % -------------------------------> 1 draft (at most 4 times)",
        "   done, 75.0 % -------------------------------> 2 send",
        "2  send: autonomous",
        "   2.1  agent attempts",
        "        |-- output ----------------------------> 2.3",
        "        '-- visible failure, no retry left ----> failed",
        "   2.2  person does the task, with the draft if there is one",
        "        '-- done ------------------------------> done",
        "   2.3  person reviews (at most 2 revisions)",
        "        |-- approved --------------------------> done",
        "        |-- rejected --------------------------> 2.2",
        "        '-- sent back -------------------------> 2.1",
        "   done by a person ---------------------------> 1 draft (at most 4 times)",
        "   done ---------------------------------------> delivered",
    ]


def test_branches_and_their_join_are_drawn() -> None:
    fork = {"first": {"parallel": ["second", "third"], "join": "fourth"}}
    lines = explain_json(chain({"tasks": {"task": {"stages": fork}}}))["flow"]
    assert "   done, side by side -------------------------> 2 second, 3 third" in lines
    assert "   when all of these are done -----------------> 4 fourth" in lines


def test_checks_moves_and_ladders_are_told_in_words() -> None:
    moves = {"judgment": [{"move": "richer_context", "chance": 0.6, "limit": 2}, "person"]}
    ladder = {"own": 1, "peers": 2, "peer": "helper"}
    helper = {**CHAIN["workers"]["agent"], "model": "helper-model"}
    drawn = chain(
        {"workers": {"agent": {"recovery": moves}, "helper": helper}},
        {"topology": {"kind": "escalation", "threshold": 0.8, "value_limit": 500, "ladder": ladder}},
        {"validator": {"sensitivity": 0.7, "correlation": 0.2}, "verification": {"detects": 0.5}},
    )
    lines = " ".join(" ".join(explain_json(drawn)["flow"]).split())
    assert "judgment failure: richer context (2 times, 60.0 %), then person" in lines
    assert "theta >= 0.8 and value <= USD 500 ?" in lines
    assert "|-- before that once itself ---" in lines
    assert "'-- before that 2 times a peer ---" in lines
    assert "a check validates: sees 70.0 % of errors, blind to 20.0 %, passes 95.0 %" in lines
    assert "a look at the ground truth: finds 50.0 % of errors" in lines


def test_questions_and_guards_have_their_arrows() -> None:
    asks = {"probability": 0.6, "asks": "helper", "time": "10 s"}
    helper = {**CHAIN["workers"]["agent"], "model": "helper-model"}
    drawn = two_stages(
        {}, {"topology": {"kind": "human_only", "human": "person"}},
        workers={"agent": {"clarification": asks}, "helper": helper},
        guards={"person": "person", "trace_budget": {"money": 1, "then": "fail"}},
    )  # fmt: skip
    lines = explain_json(drawn)["flow"]
    assert lines[1:16] == [
        "1  draft: autonomous",
        "   1.1  agent attempts",
        "        |-- output ----------------------------> done",
        "        |-- visible failure, no retry left ----> failed",
        "        |-- asks, 60.0 % ----------------------> 1.3",
        "        '-- stopped by a guard ----------------> 1.2 or failed",
        "   1.2  person does the task, with the draft if there is one",
        "        '-- done ------------------------------> done",
        "   1.3  helper answers a question",
        "        |-- asks back, 60.0 % -----------------> 1.4",
        "        |-- nobody asks any more --------------> 1.1",
        "        '-- stopped by a guard ----------------> 1.2 or failed",
        "   1.4  agent answers a question",
        "        |-- asks back, 60.0 % -----------------> 1.3",
        "        |-- nobody asks any more --------------> 1.1",
    ]


def test_without_guards_nothing_is_stopped() -> None:
    assert "stopped by a guard" not in flat(chain())


def test_what_a_validator_flags_where_nobody_takes_it_is_said_to_fail() -> None:
    validator = {"sensitivity": 0.7}
    alone = two_stages({"validator": validator}, {})
    assert "what the validator flags fails, for lack of a person to send it to: task.draft;" in flat(alone)
    unsure = {"kind": "escalation", "agent": "agent", "human": "person", "threshold": 0.8}
    assert "flags fails" not in flat(two_stages({"validator": validator, "topology": unsure}, {}))


def test_a_task_type_of_one_stage_is_called_by_its_name() -> None:
    task = {"arrivals": CHAIN["tasks"]["task"]["arrivals"], "discovery": {"by": "person", "delay": "1 h"}}
    told = explain(Scenario.from_tree({**CHAIN, "tasks": {"task": task}}))
    assert re.search(r"^task +autonomous ", told, re.MULTILINE)


def test_task_types_that_go_their_own_ways_are_drawn_apart() -> None:
    other = {
        "arrivals": CHAIN["tasks"]["task"]["arrivals"],
        "topology": {"kind": "human_only", "human": "person"},
    }
    lines = explain_json(chain({"tasks": {"other": other}}))["flow"]
    assert lines[:3] == ["task", "  arrives --> 1", "  1  first: autonomous"]
    assert lines[-4:] == [
        "other",
        "  arrives --> 1",
        "  1  person does the task",
        "     '-- done ------------------------------> delivered",
    ]


def test_the_table_of_stages_says_how_each_fails_and_what_it_costs() -> None:
    table = explain(chain()).partition("\nStage ")[2].splitlines()
    assert table[1].split() == [
        "first",
        "autonomous",
        "1.00",
        "1.00",
        "5.0",
        "%",
        "0.00200",
        "0.500",
        "agent",
    ]
    assert "passes and cost (USD) per task, tries per pass, P_i given right input;" in table


@pytest.mark.mechanism("RT-13")
def test_the_risk_is_told_once_where_stages_share_nothing() -> None:
    assert "Cascade risk 22.6 % of tasks have a failed agent stage (analytic, no gates)" in flat(chain())


@pytest.mark.mechanism("RT-14")
def test_the_risk_is_told_twice_where_stages_share_hardness() -> None:
    shared = chain({"workers": {"agent": {"success": {"mean": 0.95, "spread": 1}}}})
    told = "22.6 % if stages fail independently, 21.7 % with the hardness they share (analytic, no gates)"
    assert told in flat(shared)


def test_guards_are_told_with_their_limits() -> None:
    guards = {
        "max_hops": 3,
        "trace_budget": {"money": 2},
        "budgets": {"day": {"money": 100, "period": "1 day", "then": "stop"}},
        "breaker": {"failures": 0.5, "calls": 10},
        "kill_switch": {"error_rate": 0.2, "resume_after": "1 h"},
    }
    text = flat(chain({"guards": guards}))
    assert "- hops: at most 3 between agents" in text
    assert "- budget of a task: USD 2.00, then to a person" in text
    assert "- budget day: USD 100 every 1 day, then failed; alerts at 60.0 %, 90.0 %" in text
    assert "- breaker by role: open for 5 min when 50.0 % of 10 calls failed" in text
    assert "- kill switch: errors 20.0 %, then to a person, back after 1 h" in text
    assert "the forecast leaves out: trips of budgets, breakers and the kill switch" in text


@pytest.mark.mechanism("MR-20")
def test_what_is_written_of_policies_stages_and_moves_is_shown_with_its_origin() -> None:
    found = rows(
        chain(
            {"hand_off": {"context_loss": 0.05}, "guards": {"max_hops": 4}},
            {"tasks": {"task": {"stages": {"second": {"harder_by": 1}}}}},
            {"workers": {"agent": {"recovery": {"transient": [{"move": "other_tool", "time": "5 s"}]}}}},
        )
    )
    assert found["hand_off.context_loss"] == ("0.05", "your file")
    assert found["guards.max_hops"] == ("4", "your file")
    assert found["tasks.task.stages.second.harder_by"] == ("1", "your file")
    assert found["workers.agent.recovery.transient"] == ("other tool (5 s)", "your file")
    assert "workers.agent.recovery.governance" not in found
    assert "workers.agent.sandbox" not in found


@pytest.mark.parametrize("case", CASES)
def test_every_mechanism_fits_the_page_and_json(case: str) -> None:
    scenario = scenario_of(CASES[case])
    assert max(map(len, explain(scenario).splitlines())) <= 80
    told = json.loads(json.dumps(explain_json(scenario), allow_nan=False))
    assert [stage["stage"] for stage in told["forecast"]["stages"]] == list(scenario.stages("task"))
    assert [row for row in rows(scenario).items() if row[1][0] and not row[1][1]] == []


def test_a_router_without_a_value_limit_has_no_way_for_values_above_it() -> None:
    scenarios = Path(__file__).parents[2] / "scenarios"
    cascade = sim.load(scenarios / "cascade_support.yaml")
    ways = "\n".join(flow_lines(cascade))
    assert "no: theta below" in ways
    assert "value above" not in ways
    limited = sim.load(scenarios / "invoice_reconciliation.yaml")
    assert "value above" in "\n".join(flow_lines(limited))
