"""The page of the gallery: each picture with what it shows, how to read it and the code that draws it."""

from __future__ import annotations

from analysis.gallery.experiments import EXPERIMENTS, Experiment
from analysis.gallery.pictures import PICTURES, Picture

HEAD = """# Gallery

Generated with its pictures from shipped scenarios (`python -m analysis.gallery`); do not edit.

A chart is a function `analysis.plot_...` that draws one tidy table of `analysis.frames`, which its help names:
`frames.frontier(topologies)` has the numbers of `analysis.plot_frontier(topologies)`. It draws on the `ax` you give, or
makes one, and gives it back. `size` is `"notebook"`, `"report"` (as on this page) or `"print"`. Intervals are of 95 %.
Every code block below follows on

```python
import analysis
import sim
```
"""


def gallery_text() -> str:
    """The page `docs/gallery.md`."""
    return "\n".join([HEAD, *(_section(experiment) for experiment in EXPERIMENTS)])


def _section(experiment: Experiment) -> str:
    file = f"{experiment.scenario}.yaml"
    shown = [picture for picture in PICTURES if picture.of == experiment.name]
    lines = [
        f"## {experiment.question}", "", f"From [{file}](../scenarios/{file}):", "",
        *_block(experiment.code()), *(line for picture in shown for line in _picture(picture)),
    ]  # fmt: skip
    return "\n".join(lines)


def _picture(picture: Picture) -> list[str]:
    return [
        f"### {picture.name.replace('_', ' ').capitalize()}", "",
        f"![{picture.alternative}](images/{picture.name}.svg)", "", picture.reading, "", *_block(picture.code()),
    ]  # fmt: skip


def _block(code: str) -> list[str]:
    return ["```python", code, "```", ""]
