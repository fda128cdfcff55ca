"""What was asked of an experiment: what tells it from others, and by what it differs from one that was begun."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analysis.runs.manifest import versions
from sim.draws import STREAM_VERSION
from sim.scenario import Scenario

FORMAT = "workforce unfinished experiment"
SCHEMA_VERSION = 1
"""Version of the form of an unfinished folder."""
CHOOSING = {"variants", "decide", "uncertain"}
"""Parts of a scenario that change no replication of it, but what an experiment makes of them."""
REPLICATIONS = "--replications"
"""The option under which a manifest keeps how many were asked for, where it is not how many there are."""
PACKAGE = "hybrid-workforce-simulator"


@dataclass(frozen=True)
class Asked:
    """What was asked: the same leads to the same results, whoever does the work and wherever they go."""

    kind: str
    """The verb: `run`, `compare`, `sweep`, ..."""
    scenarios: Mapping[str, Scenario]
    """What is simulated, by name; one scenario stands for all that is derived from it."""
    seed: int
    replications: int
    options: Mapping[str, Any]
    """Whatever else changes the results, as plain values by option as it is typed."""

    @property
    def title(self) -> str:
        """Name of the first scenario."""
        return next(iter(self.scenarios.values())).name

    @property
    def identity(self) -> str:
        """What tells this experiment from others: the same identity gives the same results."""
        parts = [STREAM_VERSION, self.kind, self._digests(), self.seed, self.replications, dict(self.options)]
        return _digest(json.dumps(parts, sort_keys=True, separators=(",", ":"), allow_nan=False))

    def options_when(self, replications: int) -> dict[str, Any]:
        """The options, and how many replications were asked for where another number came of it."""
        asked = {} if replications == self.replications else {REPLICATIONS: self.replications}
        return {**asked, **self.options}

    def document(self) -> dict[str, Any]:
        """All of it as plain values, with the versions that the results depend on."""
        return {
            "format": FORMAT,
            "schema_version": SCHEMA_VERSION,
            "package": versions()[PACKAGE],
            "stream_version": STREAM_VERSION,
            "kind": self.kind,
            "scenario": self.title,
            "scenarios": self._digests(),
            "seed": self.seed,
            "replications": self.replications,
            "options": json.loads(json.dumps(dict(self.options), allow_nan=False)),
        }

    def _digests(self) -> dict[str, str]:
        """What the results follow from, by scenario; a run follows from nothing that it does not simulate."""
        parts = CHOOSING if self.kind != "run" else set[str]()
        return {
            name: _digest(scenario.digest(), scenario.model_dump_json(include=parts))
            for name, scenario in self.scenarios.items()
        }


def _digest(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def difference(begun: Any, asked: Mapping[str, Any]) -> str:
    """By what the experiment that was begun is not the one that is asked for now; empty when it is.

    Both are documents of `Asked`; the first difference is told, the one that explains the others.
    """
    if not isinstance(begun, dict) or begun.get("format") != FORMAT:
        return "it does not say what was asked"
    if begun.get("schema_version") != SCHEMA_VERSION:
        return f"it has form {begun.get('schema_version')}, and this version continues form {SCHEMA_VERSION}"
    if begun.get("package") != asked["package"]:
        return (
            f"it was begun by version {begun.get('package')} of the package, and this is {asked['package']}"
        )
    if begun.get("stream_version") != asked["stream_version"]:
        return (
            f"it was begun with draws of version {begun.get('stream_version')}, not {asked['stream_version']}"
        )
    if begun.get("kind") != asked["kind"]:
        return f"it was begun by {begun.get('kind')}, and this is {asked['kind']}"
    if begun.get("seed") != asked["seed"]:
        return f"it was begun with seed {begun.get('seed')}, and this is seed {asked['seed']}"
    if begun.get("scenarios") != asked["scenarios"]:
        return (
            f"the scenario has changed since it was begun{_which(begun.get('scenarios'), asked['scenarios'])}"
        )
    if begun.get("replications") != asked["replications"]:
        return (
            f"it was begun with {begun.get('replications')} replications, and this is {asked['replications']}"
        )
    return _option(begun.get("options"), asked["options"])


def _which(begun: Any, asked: Mapping[str, str]) -> str:
    """The first scenario that is not what it was, when there are several."""
    if not isinstance(begun, dict) or len(asked) < 2:
        return ""
    names = [name for name in {**begun, **asked} if begun.get(name) != asked.get(name)]
    return f": {names[0]}" if names else " its order"


def _option(begun: Any, asked: Mapping[str, Any]) -> str:
    if not isinstance(begun, dict):
        return "it does not say which options it was begun with"
    for name in {**begun, **asked}:
        if begun.get(name) != asked.get(name):
            then, now = (
                typed({name: part[name]}) if name in part else f"no {name}" for part in (begun, asked)
            )
            return f"it was begun with {then}, and this is {now}"
    return ""


def typed(options: Mapping[str, Any]) -> str:
    """Options as they are typed."""
    parts = []
    for name, value in options.items():
        values = value if isinstance(value, list) else [value]
        parts += [name if one is True else f"{name} {shlex.quote(str(one))}" for one in values]
    return " ".join(parts)
