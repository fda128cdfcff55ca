"""A tiny scenario, results of every kind made from it, and what a page looks like to a parser."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from analysis.experiments import Comparison, Replications, compare, replicate
from analysis.experiments.breakeven import breakeven
from analysis.experiments.crossover import Breakeven
from analysis.experiments.sensitivity import sensitivity
from analysis.experiments.solution import Solution
from analysis.experiments.solve import solve
from analysis.experiments.sweep import Sweep, sweep
from analysis.logs import SavedLog
from analysis.page import Made, PageDocument, Source, html_page, page_of
from analysis.page.model import Block, Figure
from sim import Scenario, loads, simulate

TINY = """
version: 1
name: Tiny
description: a day of mail
horizon: 12 h
tasks:
  mail:
    label: Letters
    description: what comes by mail
    arrivals: {process: poisson, rate: 20 / h}
    value: {distribution: lognormal, median: 100, p95: 900}
    sla: 4 h
    damage_if_wrong: 20
workers:
  agent:
    kind: agent
    label: Sorter
    description: sorts letters
    model: claude-haiku-4-5
    work_time: {distribution: exponential, mean: 2 min}
    success: {mean: 0.9, spread: 1.0}
    confidence: {self_knowledge: 1.5, overconfidence: 0.4}
    failures: {transient: 10 %}
  clerk: {kind: human, positions: 2, wage: 34 / h, work_time: {distribution: exponential, mean: 5 min}}
topology: {kind: escalation, agent: agent, human: clerk, threshold: 0.85, value_limit: 500}
decide: {minimise: cpst_with_damage, subject_to: [sla_share >= 0.5]}
variants:
  guarded: {topology: {kind: guardian}}
"""
VOID = frozenset({"meta", "link", "br", "wbr"})


@cache
def scenario() -> Scenario:
    return loads(TINY)


@cache
def ran() -> Replications:
    return replicate(scenario(), 3)


@cache
def compared() -> Comparison:
    return compare(scenario(), 3)


@cache
def swept() -> Sweep:
    return sweep(scenario(), {"topology.threshold": [0.6, 0.9]}, 2)


@cache
def solved() -> Solution:
    return solve(scenario(), {"workers.clerk.positions": [1, 2]}, ["sla_share >= 0.5"], replications=2)


@cache
def broken_even() -> Breakeven:
    return breakeven(
        scenario(), ("as written", "guarded"), "topology.threshold", 0.6, 0.9, points=2, replications=2
    )


@cache
def weighed(method: str = "one_at_a_time") -> object:
    ranges = {"topology.threshold": (0.6, 0.9), "workers.clerk.positions": (1, 3)}
    return sensitivity(scenario(), ranges, "cpst", method, replications=2, points=8)  # type: ignore[arg-type]


RESULTS = {
    "run": ran, "compare": compared, "sweep": swept, "solve": solved, "breakeven": broken_even, "sensitivity": weighed,
    "sobol": lambda: weighed("sobol"),
}  # fmt: skip
"""A result of every kind, made when it is called for."""


def made(kind: str = "run", **changes: object) -> Made:
    facts: dict[str, object] = {
        "kind": kind, "command": f"workforce {kind} scenario.resolved.yaml -n 3 --seed 1", "seed": 1, "replications": 3,
        "identity": "1f", "scenario_hash": "2e", "stream_version": 1, "log_digests": ("3d",),
        "versions": {"hybrid-workforce-simulator": "0.1.0", "numpy": "2.0"}, "files": {"kpis.json": "4c"},
    }  # fmt: skip
    return Made(**facts | changes)  # type: ignore[arg-type]


def source(kind: str, log: Path | None = None) -> Source:
    """What a folder of that kind would hold; with a log if there is one."""
    kept = None if log is None else SavedLog(log)
    return Source(RESULTS[kind](), made(kind), kept)  # type: ignore[operator]


@cache
def document(kind: str) -> PageDocument:
    return page_of(source(kind))


def redrawn(given: PageDocument, svg: str) -> PageDocument:
    """The document with one drawing in place of all its charts, which take longer to draw."""

    def drawn(block: Block) -> Block:
        return replace(block, svg=lambda size: svg) if isinstance(block, Figure) else block

    sections = tuple(replace(part, blocks=tuple(map(drawn, part.blocks))) for part in given.sections)
    return replace(given, sections=sections)


@cache
def undrawn_page(kind: str) -> str:
    """The page of that kind without its charts, but with what they say."""
    return html_page(redrawn(document(kind), '<svg viewBox="0 0 1 1"/>'))


def kept_log(folder: Path) -> Path:
    """The log of the first replication, in a file."""
    path = simulate(scenario(), 1, 0, out=folder / "events.parquet").path
    assert path is not None
    return path


@dataclass
class Seen(HTMLParser):
    """What a parser sees of a page: structure, tables, texts."""

    tags: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    """Every element with the names of its attributes."""
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    """Every attribute as element, name and value."""
    scripts: list[str] = field(default_factory=list)
    tables: list[list[list[str]]] = field(default_factory=list)
    """The cells of each table, row by row."""
    described: list[str] = field(default_factory=list)
    """The words of the pictures."""
    texts: list[str] = field(default_factory=list)
    """What is read outside of pictures, in order."""
    declared: list[str] = field(default_factory=list)
    """Comments, declarations and instructions."""
    path: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(sorted(name for name, _ in attrs))))
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in ("td", "th"):
            self.tables[-1][-1].append("")
        if tag not in VOID:
            self.path.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.path.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.path.pop() == tag, f"{tag} is closed where another element is open"

    def handle_data(self, data: str) -> None:
        if "script" in self.path:
            self.scripts.append(data)
        elif "desc" in self.path:
            self.described.append(data)
        elif "svg" not in self.path and "style" not in self.path:
            if {"td", "th"} & set(self.path) and not {"em", "sup"} & set(self.path):
                self.tables[-1][-1][-1] += data
            self.texts += [" ".join(data.split())] if data.strip() else []

    def handle_comment(self, data: str) -> None:
        self.declared.append(data)

    def handle_pi(self, data: str) -> None:
        self.declared.append(data)

    def unknown_decl(self, data: str) -> None:
        self.declared.append(data)


def parsed(page: str) -> Seen:
    """A page as a parser sees it."""
    seen = Seen()
    seen.feed(page)
    seen.close()
    assert not seen.path
    return seen
