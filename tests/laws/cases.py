"""Scenarios in which everything that a log can tell happens."""

from __future__ import annotations

from typing import Any

from sim import Scenario

TREE: dict[str, Any] = {
    "version": 1,
    "name": "Two kinds of work",
    "start": "2026-03-25",
    "timezone": "Europe/Berlin",
    "warm_up": "1 day",
    "horizon": "6 days",
    "seed": 3,
    "currency": "EUR",
    "calendars": {
        "office": {"days": "Mon-Fri", "hours": "08:00-17:00"},
        "shop": {"days": "Mon-Sun", "hours": "09:00-20:00"},
    },
    "tasks": {
        "claim": {
            "arrivals": {"process": "poisson", "rate": "9 / h", "during": "shop"},
            "value": {"distribution": "lognormal", "median": 200, "p95": 2000},
            "input_tokens": {"distribution": "lognormal", "mean": 3000, "cv": 0.5},
            "output_tokens": {"distribution": "lognormal", "mean": 400, "cv": 0.5},
            "sla": "4 h of office",
            "damage_if_wrong": 80.5,
        },
        "letter": {
            "arrivals": {"process": "poisson", "rate": "5 / h"},
            "input_tokens": {"distribution": "constant", "value": 900},
            "output_tokens": {"distribution": "constant", "value": 200},
            "sla": "30 min",
            "priority": 3,
        },
    },
    "workers": {
        "reader": {
            "kind": "agent",
            "positions": 2,
            "concurrency": 3,
            "model": "some-model",
            "provider": "somebody",
            "price": {"input": 1, "output": 5},
            "tool_cost": 0.002,
            "work_time": {"distribution": "lognormal", "mean": "8 min", "cv": 0.6},
            "success": {"mean": 0.8, "spread": 1.0},
            "failures": {"transient": 0.15, "deterministic": 0.03, "judgment": 0.04, "governance": 0.02},
            "retries": {"limit": 1},
            "spin_up": "26 h",
        },
        "clerk": {
            "kind": "human",
            "positions": 3,
            "calendar": "office",
            "wage": "34 / h",
            "work_time": {"distribution": "lognormal", "mean": "14 min", "cv": 0.7},
            "review_time": {"distribution": "lognormal", "mean": "5 min", "cv": 0.5},
            "success": 0.9,
            "review": {"catch_rate": 0.8, "false_reject": 0.1},
        },
        "checker": {
            "kind": "human",
            "positions": 2,
            "calendar": "shop",
            "wage": "41 / h",
            "work_time": {"distribution": "constant", "value": "20 min"},
            "review_time": {"distribution": "lognormal", "mean": "4 min", "cv": 0.5},
        },
    },
    "topology": {
        "kind": "escalation", "agent": "reader", "human": "clerk", "threshold": 0.85, "value_limit": 600
    },
    "fixed_costs": {"licences": "700 / month", "hosting": "99.5 per month"},
}  # fmt: skip
BASE = Scenario.from_tree(TREE)
CASES = {
    **BASE.topologies(),
    "guardian that rejects": BASE.overlaid(
        {"topology": {"kind": "guardian", "revise_share": 0.4, "max_revisions": 1}}
    ),
    "cut off": BASE.overlaid({"drain_limit": "0 s", "topology": {"kind": "guardian", "revise_share": 0.5}}),
    "work through the night": BASE.overlaid(
        {"workers": {"clerk": {"work_time": {"distribution": "constant", "value": "40 h"}}}}
    ),
    "two roles of people": BASE.overlaid({"topology": {"kind": "guardian", "reviewer": "checker"}}),
    "no calendar": BASE.overlaid({"topology": {"kind": "human_only"}, "tasks": {"letter": {"sla": None}}}),
}  # fmt: skip
