"""The verb compare: what it takes, what it prints and writes, and how it ends."""

from __future__ import annotations

import csv
import json
import math
import resource
from pathlib import Path

import pytest

from analysis.cli import main
from tests.cli.ended import Command, Ended
from tests.tiny import DECIDED

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def compare(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs the verb with one job in a folder that holds tiny.yaml and other.yaml."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(DECIDED, encoding="utf-8")
    (tmp_path / "other.yaml").write_text(DECIDED.replace("positions: 2", "positions: 3"), encoding="utf-8")

    def command(*arguments: str) -> Ended:
        with pytest.raises(SystemExit) as ended:
            main(("compare", *arguments, "-j", "1"))
        return Ended(int(ended.value.code or 0), *capsys.readouterr())

    return command


@pytest.mark.mechanism("MR-04")
def test_the_variants_of_a_file_are_compared_and_the_page_ends_with_a_choice(compare: Command) -> None:
    ended = compare("tiny.yaml", "-n", "10")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("Tiny · 2 variants on the same draws · 10 replications of 12 h · seed 1\n")
    assert "minimise cpst_with_damage, subject to sla_share >= 0.5" in ended.out
    assert "Choose =sum: USD " in ended.out
    page, folder = ended.out.rsplit("\n\n", 1)
    assert page.replace("\n  ", " ").endswith("given the inputs.")
    assert folder.startswith("runs/tiny-compare-")
    assert max(map(len, ended.out.split("\n"))) <= 80


def test_the_page_is_the_same_with_two_processes(compare: Command) -> None:
    assert compare("tiny.yaml", "-n", "3").out == compare("tiny.yaml", "-n", "3", "--jobs", "2").out


def test_topologies_are_set_against_the_file_as_written(compare: Command) -> None:
    document = json.loads(
        compare("tiny.yaml", "--topologies", "guardian,escalation", "-n", "2", "--json").out
    )
    assert document["baseline"] == "escalation"
    assert list(document["scenarios"]) == ["escalation", "guardian"]
    document = json.loads(compare("tiny.yaml", "--topologies", "guardian", "-n", "2", "--json").out)
    assert [row["variant"] for row in document["standings"]] == ["as written", "guardian"]
    every = json.loads(compare("tiny.yaml", "--topologies", "all", "-n", "2", "--json").out)
    kinds = [row["variant"] for row in every["standings"]]
    assert kinds == ["human_only", "copilot", "guardian", "escalation", "autonomous"]


def test_several_files_are_compared_with_the_first(compare: Command) -> None:
    document = json.loads(compare("tiny.yaml", "other.yaml", "-n", "2", "--json").out)
    assert document["baseline"] == "tiny"
    assert [row["variant"] for row in document["standings"]] == ["tiny", "other"]
    assert document["decision"]["ranked_on"] == "cpst_loaded_with_damage"


def test_the_rule_of_the_command_line_takes_the_place_of_that_in_the_file(compare: Command) -> None:
    rule = ("--minimise", "cpst", "--subject-to", "escape_share<=50 %", "--subject-to", "sla_share >= 0.1")
    decision = json.loads(compare("tiny.yaml", *rule, "-n", "2", "--json").out)["decision"]
    assert decision["minimise"] == decision["ranked_on"] == "cpst"
    assert decision["subject_to"] == ["escape_share <= 0.5", "sla_share >= 0.1"]
    assert decision["winner"] is not None


def test_baseline_seed_and_settings_are_those_given(compare: Command) -> None:
    given = ("--baseline", "=sum", "--seed", "5", "--set", "workers.clerk.positions=3")
    document = json.loads(compare("tiny.yaml", *given, "-n", "2", "--json").out)
    assert (document["baseline"], document["seed"]) == ("=sum", 5)
    assert {row["people_on_shift"] for row in document["standings"]} == {3.0}


def test_a_search_for_the_best_goes_on_until_it_is_known_or_gives_up(compare: Command) -> None:
    search = ("--until-best", "0.000001", "-n", "2", "--most", "5")
    document = json.loads(compare("tiny.yaml", "other.yaml", *search, "--json").out)
    assert document["replications"] <= 5
    assert document["search"]["indifference"] == 0.000001
    assert json.loads(compare("tiny.yaml", "-n", "2", "--json").out)["search"] is None


def test_out_writes_the_findings_and_tables_that_no_spreadsheet_computes(
    compare: Command, tmp_path: Path
) -> None:
    ended = compare("tiny.yaml", "-n", "2", "--out", "found")
    assert ended.out.endswith("\n\nfound\n")
    assert sorted(path.name for path in (tmp_path / "found").iterdir()) == [
        "compare.json", "differences.csv", "manifest.json", "result.json", "scenario.resolved.yaml", "scenarios",
        "standings.csv", "stated", "summary.csv",
    ]  # fmt: skip
    document = json.loads((tmp_path / "found" / "compare.json").read_text(encoding="utf-8"))
    assert document["replications"] == 2
    with open(tmp_path / "found" / "summary.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["variant"] for row in rows} == {"as written", "'=sum"}
    again = compare("tiny.yaml", "-n", "2", "--out", "found")
    assert again.out == ended.out
    other = compare("tiny.yaml", "-n", "2", "--baseline", "=sum", "--out", "found")
    assert other.code == 3
    assert other.err == (
        "error: found holds another compare (Tiny, seed 1, 2 replications); choose another --out or remove it\n"
    )


def test_the_folder_has_the_name_of_the_file_and_of_what_was_asked(compare: Command, tmp_path: Path) -> None:
    first, again, other = (compare("tiny.yaml", "-n", number, "-q").out for number in ("2", "2", "3"))
    assert first == again
    folders = [page.splitlines()[-1] for page in (first, other)]
    assert sorted(folders) == sorted(f"runs/{path.name}" for path in (tmp_path / "runs").iterdir())


def test_quiet_leaves_what_to_choose(compare: Command) -> None:
    out = compare("tiny.yaml", "-n", "2", "-q").out
    assert "Difference to" not in out
    assert out.lstrip().startswith(("Choose ", "=sum meets", "as written meets"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--minimise", "cpts"), "no metric cpts; did you mean cpst"),
        (("--minimise", "throughput"), "more throughput is better"),
        (("--subject-to", "sla_shore>=1"), "no metric sla_shore; did you mean sla_share"),
        (("--subject-to", "sla_share=1"), "is not a condition; such as"),
        (("--baseline", "x"), "no variant 'x' to set the others against; there are as written, =sum"),
        (("--topologies", "guardain"), "no topology 'guardain'; there are human_only"),
        (("other.yaml", "--topologies", "guardian"), "--topologies goes with one FILE"),
        (("-n", "1"), "1 is not in the range"),
        (("--subject-to", "sla_share>=95"), "sla_share is a share, from 0 to 1 or in per cent"),
        (
            ("--set", "decide={minimise: cpst, subject_to: [sla_share >= 95]}"),
            "sla_share is a share, from 0 to 1",
        ),
        (("--sure", "0.99"), "--sure goes with --until-best"),
        (("--most", "5"), "--most goes with --until-best or --within"),
        (("tiny.yaml",), "tiny.yaml is given twice"),
        (("--engine", "dask"), "--engine dask needs the scheduler's --address"),
    ],
    ids=lambda part: part if isinstance(part, str) else " ".join(part),
)
def test_what_cannot_be_compared_is_said_before_any_work(
    compare: Command, arguments: tuple[str, ...], message: str
) -> None:
    ended = compare("tiny.yaml", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err


def test_a_topology_that_lacks_a_binding_is_refused_or_left_out_of_all(
    compare: Command, tmp_path: Path
) -> None:
    lone = DECIDED.replace(
        "{kind: escalation, agent: agent, human: clerk, value_limit: 500}", "{kind: autonomous, agent: agent}"
    )
    (tmp_path / "lone.yaml").write_text(lone.split("variants:")[0], encoding="utf-8")
    ended = compare("lone.yaml", "--topologies", "guardian", "-n", "2")
    assert ended.code == 2
    assert "guardian needs what the file does not bind: topology.guardian.human: Field required" in ended.err
    document = json.loads(compare("lone.yaml", "--topologies", "all", "-n", "2", "--json").out)
    assert [row["variant"] for row in document["standings"]] == ["autonomous"]


def test_two_currencies_are_refused(compare: Command, tmp_path: Path) -> None:
    (tmp_path / "euro.yaml").write_text(
        DECIDED.replace("name: Tiny", "name: Euro\ncurrency: EUR\nexchange: {USD: 0.92}"), encoding="utf-8"
    )
    ended = compare("tiny.yaml", "euro.yaml", "-n", "2")
    assert ended.code == 2
    assert "amounts in USD and EUR cannot be compared" in ended.err


def processor_seconds() -> float:
    """What this process and its children that have ended used: what a busy machine cannot lengthen."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return math.fsum(part.ru_utime + part.ru_stime for part in used)


@pytest.mark.ci
@pytest.mark.mechanism("MR-04")
def test_the_shipped_scenario_is_answered_within_30_seconds_of_two_processors(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(PROJECT)
    begin = processor_seconds()
    with pytest.raises(SystemExit) as ended:
        main(("compare", "scenarios/invoice_reconciliation.yaml", "--out", str(tmp_path / "found")))
    assert processor_seconds() - begin < 2 * 30
    assert ended.value.code == 0
    assert "Choose guardian: EUR" in capsys.readouterr().out
