"""What a result rests on, and how to have it again: assumptions with their origin, command, versions, files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.explain.rows import CATALOGUE, DEFAULT, DERIVED, OVERRIDE, YOUR_FILE, sections
from analysis.explain.rows import Row as Explained
from analysis.format import UNDEFINED
from analysis.page import cells
from analysis.page.model import Block, Cell, Column, Command, Paragraph, Row, Section, Table

if TYPE_CHECKING:
    from analysis.page.source import Made
    from sim.scenario import Scenario

OFF = f"{DEFAULT}: off"
BESIDE = "beside the file"
"""Origin of a value that was given on the command line."""
NOT_SET = "none"
"""The value of a key that is not set."""
PARAMETER = Column("parameter", is_number=False)


def basis(
    variants: Mapping[str, Scenario], base: str, made: Made, rank: Mapping[str, int] | None = None
) -> Section:
    """Section of the assumptions: what the file says, what nobody said, and by what the variants differ.

    `rank` says which paths matter most, where that was looked at: those come first.
    """
    scenario = variants[base]
    rows = _rows(scenario, made)
    stated = [row for row in rows if row.origin in (YOUR_FILE, OVERRIDE, BESIDE)]
    others = [row for row in rows if row not in stated and row.origin not in (OFF, DERIVED)]
    blocks: list[Block] = [Paragraph(_counted(rows))]
    if rank:
        stated.sort(key=lambda row: rank.get(row.path, len(rank) + 1))
    if len(variants) > 1 and (changes := _changes(variants, base, made)):
        heads = (Column("variant", is_number=False), PARAMETER, Column("value", is_number=False))
        blocks.append(
            Table("By what the variants differ", (*heads, Column(f"in {base}", is_number=False)), changes)
        )
    blocks.append(_table("What nobody stated: assumptions, defaults, catalogue prices", others, "from"))
    blocks.append(_table("What was stated", stated, "from"))
    if named := _named(scenario):
        blocks.append(named)
    return Section("basis", "What it rests on", tuple(blocks))


def _rows(scenario: Scenario, made: Made) -> list[Explained]:
    """Every parameter that has a value."""
    set_by = dict.fromkeys(made.overrides, BESIDE)
    return [row for _, part in sections(scenario, None, set_by) for row in part if row.value and row.origin]


def _counted(rows: list[Explained]) -> str:
    kinds = Counter(_kind(row.origin) for row in rows)
    told = ", ".join(f"{number} {kind}" for kind, number in kinds.most_common())
    return f"{len(rows)} parameters: {told}."


def _kind(origin: str) -> str:
    """What sort of origin it is, in a word or two."""
    known = {
        YOUR_FILE: "from the file", OVERRIDE: "from the file", BESIDE: BESIDE, OFF: "off",
        DERIVED: "that follow from these",
    }  # fmt: skip
    if origin in known:
        return known[origin]
    if origin.startswith("assumption"):
        return "assumed"
    if origin.startswith("seed"):
        return "from published seeds"
    return "from the price catalogue" if CATALOGUE in origin or "genai" in origin else "defaults"


def _table(title: str, rows: list[Explained], head: str) -> Table:
    columns = (PARAMETER, Column("value", is_number=False), Column(head, is_number=False))
    return Table(
        title, columns, tuple(Row((cells.path(row.path), Cell(row.value), Cell(row.origin))) for row in rows)
    )


def _changes(variants: Mapping[str, Scenario], base: str, made: Made) -> tuple[Row, ...]:
    """Parameters whose value is another than in the base, by variant; those of who works there."""
    usual = _values(variants[base], made)
    idle_there = _idle(variants[base])
    found = []
    for name, scenario in variants.items():
        idle = _idle(scenario)
        for path, value in _values(scenario, made).items():
            if usual.get(path, UNDEFINED) != value and not path.startswith(idle):
                there = UNDEFINED if path.startswith(idle_there) else usual.get(path, UNDEFINED)
                found.append(Row((Cell(name), cells.path(path), Cell(value), Cell(there))))
    return tuple(found)


def _values(scenario: Scenario, made: Made) -> dict[str, str]:
    """Every value by its path, and `-` for what is not set."""
    rows = {row.path: UNDEFINED if row.value == NOT_SET else row.value for row in _rows(scenario, made)}
    return {"topology.kind": scenario.topology.kind} | rows


def _idle(scenario: Scenario) -> tuple[str, ...]:
    """How the paths of roles begin that take no part in a run."""
    at_work = scenario.roles_at_work()
    return tuple(f"workers.{role}." for role in scenario.workers if role not in at_work)


def _named(scenario: Scenario) -> Table | None:
    """What task types and roles are called, where the scenario says so."""
    parts = {
        **{f"tasks.{k}": v for k, v in scenario.tasks.items()},
        **{f"workers.{k}": v for k, v in scenario.workers.items()},
    }
    rows = tuple(
        Row((cells.path(path), Cell(part.label or "-"), Cell(part.description or "-")))
        for path, part in parts.items()
        if part.label or part.description
    )
    heads = (
        Column("part", is_number=False),
        Column("label", is_number=False),
        Column("description", is_number=False),
    )
    return Table("What the parts are called", heads, rows) if rows else None


def reproduction(made: Made) -> Section:
    """Section of how to have the same again."""
    package = made.versions.get("hybrid-workforce-simulator", "unknown")
    facts = [
        ("seed", str(made.seed)), ("replications", f"{made.replications:,}"), ("identity", made.identity),
        ("scenario hash", made.scenario_hash), ("package", f"{package}, draws of version {made.stream_version}"),
        *((f"set: {path}", value) for path, value in made.overrides.items()),
        *((f"log digest, replication {number}", digest) for number, digest in enumerate(made.log_digests) if digest),
        *((f"price of {role}", _price(price)) for role, price in made.prices.items()),
    ]  # fmt: skip
    versions = ", ".join(
        f"{name} {version}" for name, version in made.versions.items() if name != "hybrid-workforce-simulator"
    )
    blocks: list[Block] = [
        Paragraph("In the folder of these results:"), Command(made.command),
        _pairs("Manifest", "what", "value", facts), Paragraph(f"Made with {versions}."),
        _pairs("Files", "file", "SHA-256", sorted(made.files.items())),
    ]  # fmt: skip
    return Section("again", "How to reproduce it", tuple(blocks))


def _price(price: Mapping[str, str]) -> str:
    amounts = f"{price.get('input', '-')} in and {price.get('output', '-')} out per million tokens"
    return (
        f"{price.get('model', '-')} at {price.get('provider', '-')}: {amounts} ({price.get('source', '-')})"
    )


def _pairs(title: str, first: str, second: str, pairs: list[tuple[str, str]]) -> Table:
    heads = Column(first, is_number=False), Column(second, is_number=False)
    return Table(title, heads, tuple(Row((Cell(name), Cell(value))) for name, value in pairs))
