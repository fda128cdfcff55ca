"""The verb sweep: what --vary takes, what is printed and written, and how it ends."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from analysis.cli import main
from analysis.cli.varying import parse_vary
from analysis.experiments.axes import Between, Listed
from sim import ScenarioError
from tests.cli.ended import Command, Ended
from tests.tiny import DECIDED

THRESHOLD = "topology.threshold"


@pytest.fixture
def sweep(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs the verb with one job in a folder that holds tiny.yaml."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(DECIDED, encoding="utf-8")

    def command(*arguments: str) -> Ended:
        with pytest.raises(SystemExit) as ended:
            main(("sweep", "tiny.yaml", *arguments, "-j", "1"))
        return Ended(int(ended.value.code or 0), *capsys.readouterr())

    return command


# -- what --vary says --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a=0.6,0.7, 0.8", [0.6, 0.7, 0.8]),
        ("a=4:10:2", [4, 6, 8, 10]),
        ("a=4:6", [4, 5, 6]),
        ("a=10:4:-3", [10, 7, 4]),
        ("a=0.1:0.35:0.1", [0.1, 0.2, 0.3]),
        ("a=0.6:0.9:0.1", [0.6, 0.7, 0.8, 0.9]),
        ("a=5:15:5 min", ["5 min", "10 min", "15 min"]),
        ("a=60 s:120 s:30 s", ["60 s", "90 s", "120 s"]),
        ("a=10:20:5 %", ["10 %", "15 %", "20 %"]),
        ("a=3000:1000:-1000 / month", ["3000 / month", "2000 / month", "1000 / month"]),
        ("a=1,4:6,9", [1, 4, 5, 6, 9]),
        ("a=true,false", [True, False]),
        ("variant=as written,=sum", ["as written", "=sum"]),
        ("hours=08:00-17:00,09:00-18:00", ["08:00-17:00", "09:00-18:00"]),
        ('a="1,5",x', ["1,5", "x"]),
        ("a={mean: 1 s, cv: 0.5},[1, 2]", [{"mean": "1 s", "cv": 0.5}, [1, 2]]),
    ],
)
def test_a_list_of_values_is_typed_as_in_a_scenario(text: str, values: list[object]) -> None:
    (axis,) = parse_vary([text])
    assert isinstance(axis, Listed)
    assert [row[0] for row in axis.rows] == values
    assert [type(row[0]) for row in axis.rows] == [type(value) for value in values]


def test_paths_in_lock_step_take_their_values_side_by_side() -> None:
    (axis,) = parse_vary(["w.a.model=small,large & w.a.success.mean=0.80,0.95"])
    assert axis == Listed(("w.a.model", "w.a.success.mean"), (("small", 0.8), ("large", 0.95)))


@pytest.mark.parametrize(
    ("text", "axis"),
    [
        ("a=0.5..0.9", Between("a", 0.5, 0.9)),
        ("a = 4 .. 8", Between("a", 4, 8)),
        ("a=30 s..5 min", Between("a", "30 s", "5 min")),
        ("a=0.001..1 log", Between("a", 0.001, 1, is_log=True)),
    ],
)
def test_two_dots_make_a_range(text: str, axis: Between) -> None:
    assert parse_vary([text]) == [axis]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a", "E0105: not path=values: 'a'"),
        ("=1", "E0105: not path=values"),
        ("a=", "E0203 a: an empty list of values"),
        ("a=1,,2", "E0208 a: a value is missing in '1,,2'"),
        ("a=10:4", "E0203 a: an empty list of values: 10:4 never comes to its end"),
        ("a=1:9:0", "E0203 a: an empty list of values: 1:9:0 never"),
        ("a=0:1:0.00001", "E0413 a: 0:1:0.00001 is more than 10,000 values"),
        ("a=[1", "E0105 a: the [ opened here is never closed"),
        ("a=~", "E0208 a: no value"),
        ("a=5..1", "E0204 a: a range goes from a smaller number to a larger"),
        ("a=x..y", "E0204 a: a range has two numbers of one unit"),
        ("a=1,2 & b=3", "E0203 a: paths in lock step need equally many values, got 2 of a, 1 of b"),
    ],
)
def test_what_cannot_be_read_names_its_vary_and_code(text: str, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_vary(["fine=1", text])
    (fault,) = caught.value.faults
    assert str(fault).startswith(f"--vary number 2: {message}")


# -- the command -------------------------------------------------------------------------------------------------


@pytest.mark.mechanism("MR-09")
def test_every_point_is_on_the_page_and_the_last_line_is_the_folder(sweep: Command) -> None:
    ended = sweep("--vary", f"{THRESHOLD}=0.5,0.85,0.95", "--vary", "workers.clerk.positions=2:3", "-n", "2")
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert lines[0] == "Tiny · 6 points on the same draws · 2 replications of 12 h · seed 1"
    assert max(map(len, lines)) <= 80
    assert all(
        f"  {threshold} · {clerks}" in ended.out for threshold in (0.5, 0.85, 0.95) for clerks in (2, 3)
    )
    folder = Path(lines[-1])
    assert folder.parent == Path("runs")
    assert folder.name.startswith("tiny-sweep-")
    names = {file.name for file in folder.iterdir()}
    assert {
        "manifest.json",
        "sweep.json",
        "summary.csv",
        "points.csv",
        "replications.csv",
        "result.json",
    } <= names
    with open(folder / "replications.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6 * 2
    assert [(row[THRESHOLD], row["workers.clerk.positions"], row["replication"]) for row in rows[:3]] == [
        ("0.5", "2", "0"), ("0.5", "2", "1"), ("0.5", "3", "0"),
    ]  # fmt: skip


def test_the_same_command_leaves_the_same_bytes(sweep: Command) -> None:
    for folder in ("one", "two"):
        assert sweep("--vary", f"{THRESHOLD}=0.5,0.8", "-n", "2", "--out", folder).code == 0
    for file in Path("one").iterdir():
        if file.is_file() and file.name != "manifest.json":
            assert file.read_bytes() == (Path("two") / file.name).read_bytes(), file.name


def test_json_is_one_document(sweep: Command) -> None:
    ended = sweep("--vary", "variant=as written,=sum", "-n", "2", "--json")
    document = json.loads(ended.out)
    assert document["paths"] == ["variant"]
    assert [row["variant"] for row in document["standings"]] == ["as written", "=sum"]
    assert document["baseline"] == {"point": {"variant": "as written"}, "is_as_written": True}
    with open(Path(document["folder"]) / "points.csv", encoding="utf-8", newline="") as file:
        assert [row["variant"] for row in csv.DictReader(file)] == ["as written", "'=sum"]


def test_quiet_leaves_the_answer_and_the_folder(sweep: Command) -> None:
    ended = sweep("--vary", f"{THRESHOLD}=0.5,0.8", "-n", "2", "-q", "--out", "here")
    assert ended.out.lstrip().startswith("Cost per success with damage is least at topology.threshold = ")
    assert ended.out.endswith("\n\nhere\n")
    assert "replications of" not in ended.out


def test_columns_and_the_rule_can_be_chosen(sweep: Command) -> None:
    ended = sweep(
        "--vary", f"{THRESHOLD}=0.5,0.8", "-n", "2", "--metrics", "cpst,escalation_share",
        "--minimise", "cpst", "--subject-to", "escape_share<=0.5",
    )  # fmt: skip
    assert "minimise cpst, subject to escape_share <= 0.5" in ended.out
    assert "sent to a" in ended.out
    assert "delivered" not in ended.out


def test_ranges_are_drawn_and_a_seed_gives_the_same_points(sweep: Command) -> None:
    arguments = ("--vary", f"{THRESHOLD}=0.5..0.9", "--points", "3", "-n", "1", "--json")
    one, again, other = sweep(*arguments), sweep(*arguments), sweep(*arguments, "--seed", "9")
    points = [[row[THRESHOLD] for row in json.loads(ended.out)["standings"]] for ended in (one, again, other)]
    assert len(points[0]) == 3
    assert points[0] == points[1] != points[2]


def test_a_point_that_comes_twice_is_simulated_once_with_a_warning(sweep: Command) -> None:
    ended = sweep("--vary", f"{THRESHOLD}=0.5,0.8,0.5", "-n", "1")
    assert ended.code == 0
    assert "warning: 1 point came before; each is simulated once" in ended.err
    assert "2 points on the same draws" in ended.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--vary", f"{THRESHOLD}=0.8,1.5"),
            "--vary number 1 (topology.threshold=1.5): E0211 topology.threshold",
        ),
        (("--vary", "topology.treshold=0.8"), "E0107 topology.treshold: unknown key"),
        (("--vary", f"{THRESHOLD}=0.8", "--vary", "workers.clerk.positions=1,two"), "--vary number 2 ("),
        (("--vary", f"{THRESHOLD}=0.8", "--vary", f"{THRESHOLD}=0.9"), "topology.threshold is varied twice"),
        (("--vary", f"{THRESHOLD}="), "--vary number 1: E0203 topology.threshold: an empty list of values"),
        (("--vary", "variant=sum"), "E0209 variant: no variant sum"),
        (
            ("--vary", f"{THRESHOLD}=0.5..0.9", "--design", "grid"),
            "a range goes with the designs random and sobol",
        ),
        (("--vary", f"{THRESHOLD}=0.5,0.9", "--points", "4"), "a number of points"),
        (("--vary", f"{THRESHOLD}=0.8", "--metrics", "cost"), "no metric cost"),
        (("--vary", f"{THRESHOLD}=0.8", "--minimise", "sla_share"), "cannot be minimised"),
        (("--vary", f"{THRESHOLD}=0.8", "--set", "topology.treshold=1"), "--set number 1"),
        (("--vary", f"{THRESHOLD}=0.8", "--engine", "dask"), "--address"),
        ((), "Missing option '--vary'"),
    ],
)
def test_a_mistake_ends_with_2_before_any_run_and_leaves_nothing(
    sweep: Command, arguments: tuple[str, ...], message: str
) -> None:
    ended = sweep(*arguments)
    assert ended.code == 2
    assert message in " ".join(ended.err.split())
    assert ended.out == ""
    assert [file.name for file in Path().iterdir()] == ["tiny.yaml"]
