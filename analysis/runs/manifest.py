"""The manifest of a run folder: what made the run, and what every file must be."""

from __future__ import annotations

import json
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from sim import prices
from sim.scenario import Scenario
from sim.workers import AgentRole

RUN: Literal["workforce run"] = "workforce run"
EXPERIMENT: Literal["workforce experiment"] = "workforce experiment"
"""Marks the folder of several scenarios' replications, or of many points of one."""
PACKAGES = ("hybrid-workforce-simulator", "numpy", "pandas", "pyarrow", "pydantic", "simpy", "tzdata")
"""Packages whose version a run depends on."""


class Manifest(BaseModel):
    """What `manifest.json` says."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True)

    format: Literal["workforce run", "workforce experiment"] = RUN
    """Marks the folder as that of a run, or of an experiment."""
    kind: str = "run"
    """The verb that made it."""
    schema_version: Literal[1] = 1
    """Version of the folder's form."""
    log_schema_version: int
    """Version of the rows of the log."""
    stream_version: int
    """Version of all draws; another version gives other results."""
    identity: str
    """What tells this run from others: scenario, seed, replications and draws."""
    scenario: str
    """Name of the scenario."""
    scenario_hash: str
    """SHA-256 of everything in it that can change a result."""
    seed: int
    """Seed of the run."""
    replications: int
    """Number of replications that were finished."""
    overrides: dict[str, str]
    """Values given beside the scenario's file, by path, as they were typed."""
    options: dict[str, Any] = {}
    """What else was asked for, by the name of its option; the replications where another number came of it."""
    stated: tuple[str, ...] = ()
    """Files of the scenarios as they were asked about, in their order: the same again follows from them."""
    prices: dict[str, dict[str, str]]
    """Prices per million tokens by role, and where they are from."""
    versions: dict[str, str]
    """Versions of what the run was made with."""
    status: Literal["complete", "partial"]
    """`partial` when a limit stopped a replication or the run was interrupted."""
    stopped_by: dict[str, str]
    """Why, by replication, or for the whole `run`."""
    log_digests: tuple[str, ...]
    """Digest of the log of each replication, in order; those of an experiment are in its result."""
    files: dict[str, str]
    """SHA-256 of every other file, by name."""

    def text(self) -> str:
        """The file's text."""
        return json_text(self.model_dump(mode="json"))


def json_text(value: Any) -> str:
    """JSON in one form: sorted keys, two spaces, no NaN or infinity (ValueError)."""
    return json.dumps(value, sort_keys=True, indent=2, allow_nan=False, ensure_ascii=False) + "\n"


def versions() -> dict[str, str]:
    """Versions of what a run is made with; the price catalogue and the time zone data included."""
    found = {name: _version(name) for name in PACKAGES}
    return {**found, "python": platform.python_version(), "prices": prices.catalogue_version()}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def resolved_prices(scenario: Scenario) -> dict[str, dict[str, str]]:
    """The price of each agent role at work, with its model, provider and source."""
    found = {}
    for role in scenario.priced_roles():
        agent, price = scenario.workers[role], scenario.price(role)
        assert isinstance(agent, AgentRole)
        found[role] = {
            "model": agent.model, "provider": price.provider, "source": price.source,
            "input": f"{price.input.normalize():f}", "output": f"{price.output.normalize():f}",
        }  # fmt: skip
    return found
