"""The pages made from the rows: the reference, the assumptions, the metrics, the JSON schema."""

from __future__ import annotations

import json
from pathlib import Path

from analysis.ledger.markdown import table
from analysis.ledger.metrics_page import metrics_text
from analysis.ledger.rows import assumptions, of_part, parts, title
from sim.plan.activities import OF_MODEL, OF_STAGE, SHARED
from sim.rules.confidence import PRESETS
from sim.schema import json_schema

ROOT = Path(__file__).parents[2]
"""The folder of the project."""

REFERENCE_HEAD = """# Scenario reference

Generated from the models that check a scenario (`python -m analysis.ledger`); do not edit.

How values are written:

| value | written | meaning |
|---|---|---|
| duration | `90 s`, `9 min`, `8 h`, `2 days`, `1 h 30 min`, `PT8H` | always with a unit |
| rate | `60 / h`, `2.5 / min` | expected number per unit of time; with `during`, of open time |
| amount of money | `34.50` | in the scenario's `currency` |
| wage | `34 / h` | per hour, in the scenario's `currency` |
| share | `0.9` or `90 %` | 0 to 1 |
| date | `2026-01-05` | year, month, day |
| service level | `8 h`, `8 h of office` | elapsed time, or open time of a calendar |
| distribution | `9 min` or `{distribution: lognormal, mean: 9 min, cv: 0.5}` | a bare value is constant |

Ids are identities. The keys under `tasks`, `workers` and `calendars` match `[a-z][a-z0-9_]*`. The draws of a
task type or a role are keyed by its name, so **renaming a key changes the draws** and with them the results.
`label` and `description` are for display and change nothing.

A key that is not listed is an error. "required" means that it must be given, "-" that it may be left out.

## Overlays

`variants` are overlays on the scenario, checked when the file is read. `workforce compare FILE` runs all of them,
`workforce run FILE --variant NAME` one; in Python `scenario.variant("guardian")` is a scenario like any other.

- Mappings merge key by key: what an overlay does not name stays.
- A list, and a value that is no mapping, replaces what was there.
- Replaced whole are every distribution, `success`, `confidence`, `price` and `next`, and a block whose `kind` or
  `process` changes. So `success: {mean: 0.95}` over `success: {mean: 0.93, spread: 1.0}` has the default spread of
  0: write the spread again to keep it. `validate`, `explain` and `compare` name the values that a variant loses so.
- A topology of another kind keeps `agent` and `human`; the rest takes its defaults.

`--set path=value` sets a single value and leaves what stands beside it: `--set workers.bot.success.mean=0.95` keeps
the spread. A variant is laid over the file after `--set`.
"""

ASSUMPTIONS_HEAD = """# Assumptions

Generated from the models that check a scenario (`python -m analysis.ledger`); do not edit.

Results are conditional on these numbers. "assumption" means that this project chose the value and no source
states it: vary it before you rely on a result. "seed" is the playbook this project follows and "decision" a
choice explained with the row it names. What is off takes no part in a run.
"""


def reference_text() -> str:
    """The page `docs/reference.md`: every key of a scenario."""
    lines = [REFERENCE_HEAD]
    for part in parts():
        lines += [f"## {title(part)}", "", " ".join((part.__doc__ or "").split("\n\n")[0].split()), ""]
        rows: list[tuple[str, ...]] = []
        for row in of_part(part):
            default = row.default or "required"
            shown = default if default in ("required", "-") else f"`{default}`"
            rows.append((f"`{row.key}`", row.form, shown, row.bounds, row.meaning))
        lines += [*table(("key", "value", "default", "bounds", "meaning"), rows), ""]
    return "\n".join(lines)


def assumptions_text() -> str:
    """The page `docs/assumptions.md`: every default with its provenance."""
    groups: dict[str, list[tuple[str, ...]]] = {"Assumed by this project": [], "From a source": [], "Off": []}
    for row in assumptions():
        is_off, is_assumed = row.provenance == "off", row.provenance.startswith("assumption")
        group = "Off" if is_off else "Assumed by this project" if is_assumed else "From a source"
        groups[group].append((row.part, f"`{row.key}`", f"`{row.default}`", row.provenance, row.meaning))
    lines = [ASSUMPTIONS_HEAD]
    for name, rows in groups.items():
        lines += [f"## {name}", "", *table(("part", "key", "default", "provenance", "meaning"), rows), ""]
    lines += ["## Numbers that no key changes", "", *table(("number", "value", "provenance"), _fixed()), ""]
    return "\n".join(lines)


def _fixed() -> list[tuple[str, ...]]:
    """Numbers inside the model that a scenario cannot set."""
    weights = "variance of hardness"
    rows: list[tuple[str, ...]] = [
        (f"{weights} shared by all stages of a task", f"{SHARED:g}", "assumption"),
        (f"{weights} shared by the models at one stage", f"{OF_STAGE:g}", "assumption"),
        (f"{weights} shared by one model's attempts at one stage", f"{OF_MODEL:g}", "assumption"),
        ("days in a month, for costs per month", "30", "decision D20"),
    ]
    for name, preset in PRESETS.items():
        numbers = f"self_knowledge {preset.self_knowledge:g}, overconfidence {preset.overconfidence:g}"
        rows.append((f"confidence preset `{name}`", numbers, "published: LifeEval answers"))
    return rows


def schema_text() -> str:
    """The file `scenarios/scenario.schema.json`."""
    return json.dumps(json_schema(), indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def pages() -> dict[Path, str]:
    """Every generated file with its text."""
    return {
        ROOT / "docs" / "reference.md": reference_text(),
        ROOT / "docs" / "assumptions.md": assumptions_text(),
        ROOT / "docs" / "metrics.md": metrics_text(),
        ROOT / "scenarios" / "scenario.schema.json": schema_text(),
    }
