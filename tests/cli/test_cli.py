"""The command line: exit codes, what goes to which stream, and nothing written when something is wrong."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.cli import VERBS, main
from sim import load, simulate
from tests.cli.ended import Command, Ended
from tests.tiny import TINY

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def workforce(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs the command in a folder that holds tiny.yaml."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(TINY, encoding="utf-8")

    def command(*arguments: str) -> Ended:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        return Ended(int(ended.value.code or 0), *capsys.readouterr())

    return command


def apart(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the command as a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", "from analysis.cli import main; main()", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(PROJECT), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def files_in(folder: Path) -> list[str]:
    """Names of all files below a folder."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


# -- start and help ---------------------------------------------------------------------------------


@pytest.mark.mechanism("MR-18")
def test_help_lists_every_verb_and_exit_code(workforce: Command) -> None:
    ended = workforce("--help")
    assert (ended.code, ended.err) == (0, "")
    assert all(re.search(rf"^  {verb} ", ended.out, re.MULTILINE) for verb in VERBS)
    assert "4 a replay" in " ".join(ended.out.split())


def test_version_is_that_of_the_package(workforce: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda package: f"7.8.9 of {package}")
    assert workforce("--version") == Ended(0, "workforce 7.8.9 of hybrid-workforce-simulator\n", "")


def test_version_of_a_source_tree_is_unknown(workforce: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.version", _raising(PackageNotFoundError()))
    assert workforce("--version") == Ended(0, "workforce unknown\n", "")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str, workforce: Command) -> None:
    ended = workforce(verb, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"Usage: workforce {verb}")
    assert "--debug" in ended.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("frobnicate",),
        ("--frob",),
        ("validate",),
        ("run",),
        ("run", "tiny.yaml", "--frob"),
        ("run", "tiny.yaml", "-n", "0"),
        ("run", "tiny.yaml", "-n", "many"),
        ("run", "tiny.yaml", "--seed", "-1"),
        ("run", "tiny.yaml", "--seed", str(2**63)),
        ("run", "tiny.yaml", "--fail-on", "cpst"),
        ("run", "tiny.yaml", "--fail-on", "frob>5"),
        ("trace", "runs/x"),
        ("replay",),
    ],
)
def test_wrong_usage_ends_with_2_and_one_message_on_stderr(
    arguments: tuple[str, ...], workforce: Command, tmp_path: Path
) -> None:
    ended = workforce(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert "Error: " in ended.err
    assert "Traceback" not in ended.err
    assert files_in(tmp_path) == ["tiny.yaml"]


HEAVY = ["pandas", "pyarrow", "scipy", "matplotlib", "rich"]
STARTS = {
    "--help": ["numpy", "pydantic", "ruamel", "simpy", *HEAVY],
    "run --help": ["numpy", "pydantic", "ruamel", "simpy", *HEAVY],
    "validate tiny.yaml": HEAVY,
    "schema": HEAVY,
}


@pytest.mark.parametrize(("typed", "unwanted"), STARTS.items())
def test_what_is_slow_to_import_is_not_imported(typed: str, unwanted: list[str], tmp_path: Path) -> None:
    (tmp_path / "tiny.yaml").write_text(TINY)
    script = (
        "import sys\nfrom analysis.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        f"found = [name for name in {unwanted} if name in sys.modules]\n"
        "sys.exit(', '.join(found) or 0)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, *typed.split()],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")


# -- before a run -----------------------------------------------------------------------------------


def test_init_writes_a_scenario_that_validates_and_never_overwrites(
    workforce: Command, tmp_path: Path
) -> None:
    ended = workforce("init", "mine.yaml")
    assert (ended.code, ended.out) == (0, "mine.yaml\n")
    assert workforce("validate", "mine.yaml").code == 0
    (tmp_path / "mine.yaml").write_text("mine")
    again = workforce("init", "mine.yaml")
    assert (again.code, again.out) == (3, "")
    assert "mine.yaml exists and was left as it is" in again.err
    assert (tmp_path / "mine.yaml").read_text() == "mine"


def test_init_into_a_folder_that_is_missing_is_a_file_failure(workforce: Command) -> None:
    ended = workforce("init", "nowhere/mine.yaml")
    assert ended == Ended(3, "", "error: no folder nowhere\n")


def test_init_does_not_take_a_stream_for_a_file(workforce: Command, tmp_path: Path) -> None:
    ended = workforce("init", "-")
    assert (ended.code, ended.out) == (2, "")
    assert "a scenario is written to a file, not to -" in ended.err
    assert files_in(tmp_path) == ["tiny.yaml"]


def test_help_of_init_names_the_file_that_it_writes(workforce: Command, tmp_path: Path) -> None:
    written = workforce("init").out.strip()
    assert files_in(tmp_path) == sorted([written, "tiny.yaml"])
    assert f"FILE is {written} in this folder" in workforce("init", "--help").out


def test_validate_says_what_a_good_file_holds(workforce: Command) -> None:
    ended = workforce("validate", "tiny.yaml")
    assert ended == Ended(0, "tiny.yaml: ok, Tiny, escalation, 240 tasks expected, 0 variants\n", "")


def test_validate_shows_every_fault_of_every_file_with_its_line(workforce: Command, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(
        TINY.replace("name: Tiny", "name: Tiny\ntopolgy: {}").replace("12 h", "12")
    )
    ended = workforce("validate", "bad.yaml", "missing.yaml", "tiny.yaml")
    assert ended.code == 2
    assert ended.out.startswith("tiny.yaml: ok")
    assert "bad.yaml:4:1: E0107 topolgy: unknown key" in ended.err
    assert "    4 | topolgy: {}\n      | ^^^^^^^\n" in ended.err
    assert "bad.yaml:5:10: E0210 horizon: a duration needs a unit, got 12" in ended.err
    assert "missing.yaml: E0101" in ended.err
    assert ended.err.endswith("3 errors\n")


UNKNOWN_METRICS = "decide: {minimise: cpts, subject_to: [cpst <= 5, sla_shar >= 0.9]}\n"
"""Two names that are nearly those of metrics, and one that is."""


@pytest.mark.parametrize("verb", ["validate", "run"])
def test_metrics_to_decide_by_that_do_not_exist_are_faults(
    verb: str, workforce: Command, tmp_path: Path
) -> None:
    (tmp_path / "odd.yaml").write_text("# a comment\n" + UNKNOWN_METRICS + TINY)
    ended = workforce(verb, "odd.yaml")
    assert (ended.code, ended.out) == (2, "")
    assert "odd.yaml:2:20: E0311 decide.minimise: no metric cpts; did you mean cpst?\n" in ended.err
    message = "odd.yaml:2:50: E0311 decide.subject_to[1]: no metric sla_shar; did you mean sla_share?\n"
    assert message in ended.err
    assert files_in(tmp_path) == ["odd.yaml", "tiny.yaml"]


def test_validate_warns_about_what_may_not_be_meant(workforce: Command, tmp_path: Path) -> None:
    calendar = 'calendars: {office: {days: Mon-Fri, hours: "08:00-17:00", off: [1999-01-01]}}\n'
    (tmp_path / "odd.yaml").write_text(TINY + calendar)
    ended = workforce("validate", "odd.yaml")
    assert ended.code == 0
    assert ended.err.startswith(
        "odd.yaml: warning calendars.office: 1999-01-01 under off lies outside the run"
    )


def test_schema_is_one_json_document(workforce: Command) -> None:
    ended = workforce("schema")
    assert (ended.code, ended.err) == (0, "")
    assert json.loads(ended.out)["title"] == "Hybrid workforce scenario"


def test_explain_shows_values_with_their_source_as_a_page_and_as_json(workforce: Command) -> None:
    page = workforce("explain", "tiny.yaml")
    assert (page.code, page.err) == (0, "")
    assert "agent" in page.out
    document = workforce("explain", "tiny.yaml", "--json")
    assert document.code == 0
    assert isinstance(json.loads(document.out), dict)


def test_explain_takes_other_values_as_run_does(workforce: Command) -> None:
    ended = workforce("explain", "tiny.yaml", "--set", "workers.clerk.positions=3")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out != workforce("explain", "tiny.yaml").out
    assert workforce("explain", "tiny.yaml", "--set", "workers.clerk.positions=no").code == 2


# -- run --------------------------------------------------------------------------------------------


@pytest.mark.mechanism("MR-18")
def test_run_shows_a_page_and_ends_with_the_folder(workforce: Command, tmp_path: Path) -> None:
    ended = workforce("run", "tiny.yaml", "-n", "2")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("Tiny")
    folder = ended.out.splitlines()[-1]
    assert re.fullmatch(r"runs/tiny-[0-9a-f]{6}", folder)
    expected = [
        "kpis.json", "manifest.json", "replications.parquet", "result.json", "scenario.resolved.yaml",
        "stated/scenario.yaml",
    ]  # fmt: skip
    assert files_in(tmp_path / folder) == expected


def test_json_is_exactly_one_document(workforce: Command) -> None:
    ended = workforce("run", "tiny.yaml", "-n", "2", "--json")
    document = json.loads(ended.out)
    assert (ended.code, ended.err) == (0, "")
    assert document["metrics"]["cpst"]["unit"] == "USD"
    assert json.loads(Path(document["folder"], "kpis.json").read_text())["metrics"] == document["metrics"]


def test_quiet_prints_the_folder_alone_and_verbose_speaks_on_stderr(workforce: Command) -> None:
    quiet = workforce("run", "tiny.yaml", "-n", "1", "-q", "--out", "here")
    assert quiet == Ended(0, "here\n", "")
    loud = workforce("run", "tiny.yaml", "-n", "1", "-q", "-v", "--out", "here")
    assert loud.out == "here\n"
    assert loud.err.startswith("Tiny: 1 replication, seed 1, into here\n")


@pytest.mark.parametrize(
    ("options", "is_kept"), [(("-n", "1"), True), (("-n", "2"), False), (("-n", "2", "--events"), True)]
)
def test_the_log_is_kept_for_one_replication_or_on_request(
    options: tuple[str, ...], is_kept: bool, workforce: Command
) -> None:
    assert workforce("run", "tiny.yaml", "-q", "--out", "here", *options).code == 0
    assert Path("here/events.parquet").exists() is is_kept


def test_set_values_are_typed_recorded_and_change_the_run(workforce: Command) -> None:
    settings = (
        "--set",
        "workers.clerk.positions=3",
        "--set",
        "tasks.mail.value={distribution: constant, value: 5.50}",
    )
    assert workforce("run", "tiny.yaml", "-n", "1", "-q", "--out", "here", *settings, "--seed", "5").code == 0
    manifest = json.loads(Path("here/manifest.json").read_text())
    assert manifest["overrides"] == {
        "workers.clerk.positions": "3",
        "tasks.mail.value": "{distribution: constant, value: 5.50}",
    }
    resolved = load("here/scenario.resolved.yaml")
    assert (resolved.workers["clerk"].positions, resolved.seed, manifest["seed"]) == (3, 5, 5)
    assert resolved.tasks["mail"].value.mean_value() == 5.5


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["seed=3", "workers.clerk.positions=nan"], "--set number 2: E0201 workers.clerk.positions: "),
        (["seed=3", "workers.clerk.positions=.nan"], "--set number 2: E0201 workers.clerk.positions: "),
        (["workers.clerk.positons=8"], "--set number 1: E0107 workers.clerk.positons: unknown key"),
        (["horizon=8"], "--set number 1: E0210 horizon: a duration needs a unit, got 8"),
        (["horizon"], "--set number 1: E0105: not path=value: 'horizon'"),
        (["=8"], "--set number 1: E0105: not path=value"),
        (["a..b=8"], "--set number 1: E0105: not path=value"),
        (["seed=3", "seed=4"], "--set number 2: E0111 seed: set twice; seed was set before"),
        (
            ["workers={}", "workers.clerk.positions=4"],
            "--set number 2: E0111 workers.clerk.positions: set twice",
        ),
        (["name={a: "], "--set number 1: E0105 name: "),
        (["name=x\nseed: 2"], "--set number 1: E0105 name: the value is not on one line"),
        (
            ["workers.clark.positions=3"],
            "--set number 1: E0305 workers.clark: no role clark among workers; did",
        ),
        (["seed=3", "tasks.mial.sla=8 h"], "--set number 2: E0303 tasks.mial: no task type mial among tasks"),
        (
            ["seed=3", "decide.minimise=cpts"],
            "--set number 2: E0311 decide.minimise: no metric cpts; did you",
        ),
        (["decide={minimise: cpst, subject_to: [x > 1]}"], "--set number 1: E0311 decide.subject_to[0]: no"),
        (["name=!!python/name:os.system"], "--set number 1: E0113 name: tags"),
    ],
)
def test_a_wrong_set_value_is_named_by_its_number(
    settings: list[str], message: str, workforce: Command, tmp_path: Path
) -> None:
    ended = workforce("run", "tiny.yaml", *(part for setting in settings for part in ("--set", setting)))
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
    assert re.search(r"^\d+ errors?, nothing was run$", ended.err, re.MULTILINE)
    assert files_in(tmp_path) == ["tiny.yaml"]


def test_an_invalid_scenario_runs_nothing_and_writes_nothing(workforce: Command, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(
        TINY.replace("catch", "").replace("20 / h", "20").replace("12 h", "12")
    )
    ended = workforce("run", "bad.yaml", "--out", "here")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.endswith("2 errors, nothing was run\n")
    assert files_in(tmp_path) == ["bad.yaml", "tiny.yaml"]


@pytest.mark.parametrize(
    ("gates", "code", "message"),
    [
        (["cpst>0.000001"], 1, "gate cpst>0.000001 is met: cpst is "),
        (["cpst > 100000", "success_share >= 1 %"], 1, "gate success_share >= 1 % is met"),
        (["cpst>100000"], 0, ""),
        (["sla_share<50%"], 1, "gate sla_share<50% is met: sla_share is undefined"),
    ],
)
def test_a_gate_that_is_met_ends_with_1_and_still_leaves_the_run(
    gates: list[str], code: int, message: str, workforce: Command
) -> None:
    options = [part for gate in gates for part in ("--fail-on", gate)]
    ended = workforce("run", "tiny.yaml", "-n", "1", "-q", "--out", "here", *options)
    assert (ended.code, ended.out) == (code, "here\n")
    assert message in ended.err
    assert Path("here/manifest.json").exists()


def test_a_gate_on_no_metric_says_which_was_meant(workforce: Command) -> None:
    ended = workforce("run", "tiny.yaml", "--fail-on", "cpts>5")
    assert ended.code == 2
    assert "--fail-on: no metric cpts; did you mean cpst?" in ended.err


def test_a_folder_that_is_not_ours_is_left_alone(workforce: Command, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("mine")
    ended = workforce("run", "tiny.yaml", "--out", "notes")
    assert (ended.code, ended.out) == (3, "")
    assert ended.err == "error: notes holds files that are not a run's; choose another --out\n"
    assert files_in(tmp_path) == ["notes/mine.txt", "tiny.yaml"]


def test_a_place_that_cannot_be_written_is_known_before_the_work(
    workforce: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysis.experiments.replicate", _raising(AssertionError("work was done")))
    ended = workforce("run", "tiny.yaml", "-n", "1", "--out", "tiny.yaml/here")
    assert (ended.code, ended.out) == (3, "")
    assert ended.err.startswith("error: tiny.yaml/here cannot be made: ")
    assert files_in(tmp_path) == ["tiny.yaml"]


def test_a_replication_stopped_by_a_limit_ends_with_1_and_all_of_them_with_3(
    workforce: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(limit: int) -> int:
        monkeypatch.setattr("sim.engine.journey.MOST_IN_SYSTEM", limit)
        logs = [simulate(load("tiny.yaml"), replication=number, log="folded") for number in range(4)]
        return sum(log.status == "partial" for log in logs)

    count = next(count for count in map(stopped, range(6, 40)) if count < 4)
    assert count > 0
    some = workforce("run", "tiny.yaml", "-n", "4", "-q", "--out", "some")
    assert some.code == 1
    assert some.err.count("was stopped: more than ") == count
    manifest = json.loads(Path("some/manifest.json").read_text())
    assert (manifest["status"], len(manifest["stopped_by"])) == ("partial", count)
    monkeypatch.setattr("sim.engine.journey.MOST_IN_SYSTEM", 1)
    assert workforce("run", "tiny.yaml", "-n", "2", "-q", "--out", "all").code == 3


def test_an_interrupted_run_keeps_what_was_finished_and_ends_with_130(
    workforce: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    replicating = import_module("analysis.experiments.replicate")
    whole = replicating.replicate_one

    def interrupted(scenario: Any, seed: int, replication: int, keep: Any = None) -> Any:
        if replication == 2:
            raise KeyboardInterrupt
        return whole(scenario, seed, replication, keep)

    monkeypatch.setattr(replicating, "replicate_one", interrupted)
    ended = workforce("run", "tiny.yaml", "-n", "4", "-q", "--out", "some")
    assert ended.code == 130
    assert (
        ended.err.strip()
        == "interrupted after 2 replications; the folder holds these, and --resume continues"
    )
    manifest = json.loads(Path("some/manifest.json").read_text())
    assert (manifest["status"], manifest["replications"]) == ("partial", 2)
    monkeypatch.setattr(replicating, "replicate_one", whole)
    assert workforce("replay", "some").code == 0


def _raising(error: BaseException) -> Callable[..., Any]:
    def replicate(*_: Any, **__: Any) -> None:
        raise error

    return replicate


def test_an_interrupted_run_ends_with_130_and_leaves_nothing(
    workforce: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysis.experiments.replicate", _raising(KeyboardInterrupt()))
    ended = workforce("run", "tiny.yaml")
    assert ended.code == 130
    assert ended.err.strip() == "interrupted, nothing was written"
    assert files_in(tmp_path) == ["tiny.yaml"]


@pytest.mark.parametrize(
    "typed", [("--debug", "run", "tiny.yaml"), ("run", "tiny.yaml", "--debug"), ("run", "tiny.yaml")]
)
def test_a_defect_of_ours_ends_with_3_and_a_traceback_on_request_only(
    typed: tuple[str, ...], workforce: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysis.experiments.replicate", _raising(ZeroDivisionError("no tasks")))
    ended = workforce(*typed)
    assert (ended.code, ended.out) == (3, "")
    assert "internal error: ZeroDivisionError: no tasks" in ended.err
    assert ("Traceback" in ended.err) is ("--debug" in typed)


# -- a run's folder ---------------------------------------------------------------------------------


@pytest.fixture
def folder(workforce: Command, tmp_path: Path) -> Path:
    """A run of two replications with its log."""
    assert workforce("run", "tiny.yaml", "-n", "2", "--events", "-q", "--out", "here").code == 0
    return tmp_path / "here"


@pytest.mark.mechanism("MA-02")
def test_trace_tells_one_task(folder: Path, workforce: Command) -> None:
    ended = workforce("trace", "here", "mail-3")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("mail-3 · value USD ")
    other = workforce("trace", "here", "mail-3", "--replication", "1")
    assert other.code == 0
    assert other.out != ended.out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("here", "mail-99999"), 2, "error: no task mail-99999 in this log; it has mail-0 to mail-"),
        (("here", "99999"), 2, "error: not a task: '99999'"),
        (("here", "mail-3", "--replication", "2"), 3, "error: the run has replications 0 to 1, got 2"),
        (("nowhere", "mail-3"), 2, "Error: there is no folder nowhere; did you mean here?\n"),
        (("tiny.yaml", "mail-3"), 2, "Error: tiny.yaml is a scenario, not a folder of results; run it first"),
    ],
)
def test_trace_of_what_is_not_there(
    arguments: tuple[str, ...], code: int, message: str, folder: Path, workforce: Command
) -> None:
    ended = workforce("trace", *arguments)
    assert (ended.code, ended.out) == (code, "")
    assert ended.err.startswith(message)


@pytest.mark.parametrize("damage", ["cut", "missing", "of another run"])
def test_trace_tells_nothing_from_a_log_that_is_not_as_the_run_left_it(
    damage: str, folder: Path, workforce: Command
) -> None:
    events = folder / "events.parquet"
    if damage == "cut":
        events.write_bytes(events.read_bytes()[:1000])
    elif damage == "missing":
        events.unlink()
    else:
        workforce("run", "tiny.yaml", "-n", "2", "--seed", "8", "--events", "-q", "--out", "other")
        (folder.parent / "other" / "events.parquet").replace(events)
    message = "error: events.parquet of this run is damaged or not its own; replay here shows more\n"
    assert workforce("trace", "here", "mail-3") == Ended(3, "", message)
    assert workforce("trace", "here", "mail-3", "--replication", "1").code == 0


@pytest.mark.mechanism("MR-11")
def test_replay_of_an_untouched_run_ends_with_0(folder: Path, workforce: Command) -> None:
    ended = workforce("replay", "here")
    assert ended == Ended(0, "same: 2 replications, every log and file as the run left them\n", "")


@pytest.mark.mechanism("MR-11")
def test_replay_of_a_changed_log_ends_with_4_and_names_the_row(folder: Path, workforce: Command) -> None:
    table = pq.read_table(folder / "events.parquet")
    values = table.column("ended").to_pylist()
    values[7] += 1
    field = table.schema.get_field_index("ended")
    pq.write_table(
        table.set_column(field, table.schema.field(field), pa.array(values)), folder / "events.parquet"
    )
    ended = workforce("replay", "here")
    assert ended.code == 4
    assert f"row 7, column ended: stored {values[7]}, now {values[7] - 1}" in ended.out
    assert "events.parquet was changed since the run" in ended.out


def test_replay_of_a_changed_scenario_ends_with_4(folder: Path, workforce: Command) -> None:
    resolved = folder / "scenario.resolved.yaml"
    resolved.write_text(resolved.read_text().replace("positions: 2", "positions: 1"))
    ended = workforce("replay", "here")
    assert ended.code == 4
    assert "the first difference of replication 0 is in row " in ended.out


def test_replay_of_what_is_no_run_ends_with_2(workforce: Command, tmp_path: Path) -> None:
    ended = workforce("replay", ".")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("Error: . is not a folder of results: it has no manifest.json")
    assert files_in(tmp_path) == ["tiny.yaml"]


# -- the same bytes everywhere ----------------------------------------------------------------------

EVERYWHERE = [(hash_seed, zone) for hash_seed in "012" for zone in ("UTC", "Asia/Kolkata")]


def _folder_made_under(hash_seed: str, zone: str, place: Path) -> dict[str, bytes]:
    place.mkdir()
    (place / "tiny.yaml").write_text(TINY)
    options = ("-n", "2", "--events", "-q", "--out", "run")
    ended = apart("run", "tiny.yaml", *options, folder=place, PYTHONHASHSEED=hash_seed, TZ=zone)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "run\n", "")
    return {name: (place / "run" / name).read_bytes() for name in files_in(place / "run")}


def test_a_run_leaves_the_same_bytes_under_another_hash_seed_and_time_zone(tmp_path: Path) -> None:
    one = _folder_made_under(*EVERYWHERE[0], tmp_path / "one")
    assert one == _folder_made_under(*EVERYWHERE[-1], tmp_path / "other")
    assert "events.parquet" in one


@pytest.mark.ci
def test_a_run_leaves_the_same_bytes_everywhere(tmp_path: Path) -> None:
    made = [_folder_made_under(*place, tmp_path / str(number)) for number, place in enumerate(EVERYWHERE)]
    assert all(files == made[0] for files in made)


# -- streams ----------------------------------------------------------------------------------------


def test_a_reader_that_goes_away_is_no_fault(tmp_path: Path) -> None:
    script = "from analysis.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", script, "schema"],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"{\n"
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


def test_progress_is_drawn_on_a_terminal_without_colour_when_asked(tmp_path: Path) -> None:
    (tmp_path / "tiny.yaml").write_text(TINY)
    terminal, side = pty.openpty()
    command = "from analysis.cli import main; main()"
    arguments = ("run", "tiny.yaml", "-n", "3", "--json", "--out", "here")
    ended = subprocess.run(
        [sys.executable, "-c", command, *arguments],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PROJECT), "TERM": "xterm", "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=side,
        check=False,
    )
    os.close(side)
    drawn = os.read(terminal, 100_000).decode()
    os.close(terminal)
    assert ended.returncode == 0
    assert json.loads(ended.stdout)["folder"] == "here"
    assert "simulating" in drawn
    assert "3/3" in drawn
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", drawn)
