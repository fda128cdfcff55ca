"""The documents for people: pictures are what the command draws, commands and code do what they say."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest
from ruamel.yaml import YAML

import sim
from analysis import figures
from analysis.cli import VERBS, main, workforce
from analysis.explain.flow import flow_lines
from analysis.figures import style
from analysis.gallery import EXPERIMENTS, PICTURES, Experiment, gallery_text
from analysis.gallery.experiments import answer_of
from analysis.report.compare import compare_report
from analysis.report.solve import solve_report

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
INVOICES = ROOT / "scenarios" / "invoice_reconciliation.yaml"
PAGES = ("README", "concepts", "faq", "gallery", "recipes", "topologies")
QUICK = ("log", "invoices", "loop")
"""Experiments of one replication."""


def blocks(page: str, kind: str) -> list[str]:
    """The code blocks of one kind on a page."""
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    return [body for name, body in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S) if name == kind]


def commands(page: str) -> list[str]:
    """The commands of this project on a page, those over several lines joined."""
    lines = "\n".join(blocks(page, "")).replace("\\\n", " ").splitlines()
    return [" ".join(line.split()) for line in lines if line.startswith("workforce ")]


def anchors(page: Path) -> set[str]:
    """The headings of a page as links name them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def tree(text: str) -> Any:
    return YAML(typ="safe").load(text)


def marked(experiment: Experiment) -> Any:
    marks = () if experiment.name in QUICK else (pytest.mark.ci,)
    return pytest.param(experiment, marks=marks, id=experiment.name)


@pytest.mark.parametrize("experiment", [marked(experiment) for experiment in EXPERIMENTS])
def test_a_picture_is_what_the_command_draws(experiment: Experiment) -> None:
    """Made anew by `python -m analysis.gallery`."""
    for picture in (picture for picture in PICTURES if picture.of == experiment.name):
        drawn = picture.svg()
        assert drawn == picture.svg()
        assert (DOCS / "images" / f"{picture.name}.svg").read_text(encoding="utf-8") == drawn, picture.name


def test_the_page_is_what_the_command_writes() -> None:
    """Made anew by `python -m analysis.gallery`."""
    assert (DOCS / "gallery.md").read_text(encoding="utf-8") == gallery_text()


def test_every_chart_has_one_picture_and_no_picture_is_left_over() -> None:
    assert sorted(f"plot_{picture.name}" for picture in PICTURES) == sorted(figures.__all__)
    assert {path.stem for path in (DOCS / "images").iterdir()} == {picture.name for picture in PICTURES}


def test_every_picture_says_what_it_shows() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in DOCS.glob("*.md"))
    shown = re.findall(r"!\[(.*?)\]\(images/(\w+)\.svg\)", text)
    assert {name for _, name in shown} == {picture.name for picture in PICTURES}
    assert all(len(alternative) > 30 and alternative.endswith(".") for alternative, _ in shown)


def code_of(experiment: Experiment) -> list[str]:
    """The code blocks below the question of an experiment: what makes its answer, then a line for each picture."""
    section = gallery_text().split(f"## {experiment.question}\n")[1].split("\n## ")[0]
    return re.findall(r"```python\n(.*?)```", section, re.S)


@pytest.mark.parametrize("name", QUICK)
def test_the_code_on_the_page_draws_the_picture(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (experiment,) = (one for one in EXPERIMENTS if one.name == name)
    first, *lines = code_of(experiment)
    names: dict[str, Any] = {}
    exec(f"import analysis, sim\n{first}", names)
    for line, picture in zip(lines, [one for one in PICTURES if one.of == name], strict=True):
        drawn = eval(line.replace(")\n", ", size='report')"), names)
        assert style.svg(drawn.get_figure(root=True)) == picture.svg()


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda experiment: experiment.name)
def test_the_code_on_the_page_asks_what_the_picture_is_drawn_from(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    asked: list[tuple[Any, dict[str, Any]]] = []
    recorder = SimpleNamespace(**{experiment.verb: lambda of, **arguments: asked.append((of, arguments))})
    recorder.load = sim.load
    exec(code_of(experiment)[0], {"analysis": recorder, "sim": recorder})
    ((subject, arguments),) = asked
    assert arguments == experiment.arguments
    wanted = sim.load(f"scenarios/{experiment.scenario}.yaml", experiment.values)
    assert subject == (wanted.topologies(*experiment.topologies) if experiment.topologies else wanted)


@pytest.mark.parametrize("page", PAGES)
def test_every_command_on_the_page_is_one_that_there_is(page: str) -> None:
    for command in commands(page):
        verb, *arguments = shlex.split(command)[1:]
        assert verb in VERBS, command
        if "FILE" in arguments or "RUN" in arguments:
            continue
        made = workforce.get_command(click.Context(workforce), verb)
        assert made is not None
        made.make_parser(click.Context(made)).parse_args(arguments)
        files = [argument for argument in arguments if argument.endswith(".yaml")]
        assert [file for file in files if not (ROOT / file).is_file()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_heading_that_is_linked_exists(page: str) -> None:
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    for file, heading in re.findall(r"\]\(([\w./]*)#([^)]+)\)", text):
        assert heading in anchors(DOCS / (file or f"{page}.md")), (file, heading)


@pytest.mark.parametrize(
    "word",
    [
        "scenario", "task", "task type", "stage", "role", "position", "worker", "model", "provider", "topology", "flow",
        "step", "token", "attempt", "confidence", "escalate", "exception queue", "quarantine queue", "review",
        "deliver", "escape", "defect", "ledger", "guard", "trace", "replication", "run", "experiment", "cpst", "cfr",
    ],
)  # fmt: skip
def test_every_word_of_the_project_is_explained(word: str) -> None:
    text = (DOCS / "concepts.md").read_text(encoding="utf-8")
    explained = ", ".join(re.findall(r"^\*\*(.+?)\.\*\*", text, re.M)).lower()
    assert re.search(rf"\b{word}\b", explained)


def cheap() -> Iterator[str]:
    """Commands of the recipes that take a moment, in the order in which they stand there."""
    for command in commands("recipes"):
        if command.split()[1] in ("validate", "explain", "trace", "export") or "runs/invoices" in command:
            yield command


def test_the_cheap_recipes_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    monkeypatch.chdir(tmp_path)
    done = list(cheap())
    for command in done:
        with pytest.raises(SystemExit) as ended:
            main(shlex.split(command)[1:])
        assert ended.value.code == 0, command
    assert len(done) >= 7
    assert (tmp_path / "invoices.parquet").is_file()


def test_the_yaml_of_the_recipes_is_valid() -> None:
    scenario = sim.load(INVOICES)
    for text in blocks("recipes", "yaml"):
        assert scenario.overlaid(tree(text)) != scenario


def asks_little(text: str) -> bool:
    """Whether the code runs in a moment: a break-even is one experiment after the other."""
    return "breakeven(" not in text


RECIPES = [
    pytest.param(text, marks=() if asks_little(text) else pytest.mark.ci, id=str(number))
    for number, text in enumerate(blocks("recipes", "python"))
]


def claimed(text: str) -> str:
    """What the code prints as its comments have it, a line each; a story is the one that the README tells."""
    if "print(tell(" in text:
        (story,) = (shown for shown in blocks("../README", "") if shown.startswith("invoice-3218"))
        return story
    return "".join(f"{line}\n" for line in re.findall(r"^print\(.+\)  # (.+)$", text, re.M))


@pytest.mark.parametrize("text", RECIPES)
def test_the_code_of_the_recipes_prints_what_it_says(
    text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from matplotlib import pyplot

    monkeypatch.chdir(ROOT)
    exec(compile(text, "docs/recipes.md", "exec"), {})
    pyplot.close("all")
    assert capsys.readouterr().out == claimed(text)


def test_one_recipe_says_who_is_chosen() -> None:
    texts = blocks("recipes", "python")
    assert [claimed(text) for text in texts if ".decision.winner" in text] == ["guardian\n"]
    assert [claimed(text) for text in texts].count("guardian\n") == 1


@pytest.mark.parametrize("kind", ["human_only", "copilot", "guardian", "escalation", "autonomous"])
def test_the_flow_of_a_topology_is_what_explain_draws(kind: str) -> None:
    drawn = flow_lines(sim.load(INVOICES).overlaid({"topology": {"kind": kind}}))
    text = (DOCS / "topologies.md").read_text(encoding="utf-8")
    section = text[text.index(f"## {kind}\n") :].split("\n## ")[0]
    assert "```\n" + "\n".join(drawn) + "\n```" in section
    if kind == "escalation":
        assert "\n".join(drawn) + "\n" in blocks("concepts", "")


def test_the_flows_of_cascade_and_custom_are_what_explain_draws() -> None:
    (custom,) = (tree(text) for text in blocks("topologies", "yaml") if "kind: custom" in text)
    cascade = sim.load(ROOT / "scenarios" / "cascade_support.yaml")
    for scenario in (cascade, sim.load(INVOICES).overlaid(custom)):
        assert "\n".join(flow_lines(scenario)) + "\n" in blocks("topologies", "")


@pytest.mark.ci
def test_the_comparison_of_topologies_is_what_the_command_prints() -> None:
    report = compare_report(answer_of("topologies")[0])
    shown = [text.rstrip("\n") for text in blocks("topologies", "") if "EUR" in text and "-->" not in text]
    assert len(shown) == 2
    assert all(text in report for text in shown)


@pytest.mark.ci
def test_the_least_staff_is_what_the_command_finds() -> None:
    import analysis

    solved = analysis.solve(
        sim.load(INVOICES), "workers.clerk.positions", ["sla_share>=0.95"], replications=10
    )
    (shown,) = (text.rstrip("\n") for text in blocks("recipes", "") if "is the least" in text)
    assert shown in solve_report(solved)
