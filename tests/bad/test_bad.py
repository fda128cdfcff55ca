"""Every bad scenario of the corpus is refused with its exact message, at once, at its line and column.

A file of the corpus starts with one line `# expect: CODE line=N col=N` for each fault. Beside it, a file
of the same name ending in `.err` holds the exact text that a reader sees. A line that ends in `# mend: TEXT`
tells what it should have been: with that text in its place (or without the line, when TEXT is empty) the
scenario loads, so the file is refused for this one reason. UPDATE_GOLDEN=1 in the environment writes the
`.err` files anew.

What is large, is not text or is no file at all is made by the test, in `MADE`.
"""

from __future__ import annotations

import ast
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.errors import Fault, ScenarioError
from sim.reader import CODES

HERE = Path(__file__).parent
CORPUS = sorted(file.relative_to(HERE) for file in HERE.glob("*/*.yaml"))
CODE = re.compile(r"E\d{4}")
EXPECT = re.compile(r"# expect: (E\d{4}) line=(\d+) col=(\d+)\n")
MEND = re.compile(r"^( *)(?:\S.*?) +# mend:(?: (.*))?\n", re.MULTILINE)
PATIENCE = 2.0 if sys.gettrace() is None else 20.0
"""Seconds of processor time that refusing one file may take; more under a tracer such as coverage."""

Expected = tuple[str, int, int]
"""Code, line, column."""


def refused(path: str | Path) -> tuple[Fault, ...]:
    """The faults of a scenario file that must not load, in good time."""
    from sim import load

    started = time.process_time()
    with pytest.raises(ScenarioError) as caught:
        load(path)
    assert time.process_time() - started < PATIENCE
    return caught.value.faults


def expected_faults(text: str) -> list[Expected]:
    """What the head of a corpus file says about it, in order of place."""
    found = [(code, int(line), int(column)) for code, line, column in EXPECT.findall(text)]
    return sorted(found, key=lambda expected: expected[1:])


@pytest.fixture(autouse=True)
def _in_the_corpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages name files relative to the corpus, wherever the tests run."""
    monkeypatch.chdir(HERE)


@pytest.mark.mechanism("MR-03")
@pytest.mark.parametrize("file", CORPUS, ids=str)
def test_a_bad_scenario_is_refused_with_its_exact_message(file: Path) -> None:
    expected = expected_faults(file.read_text(encoding="utf-8"))
    faults = refused(file.as_posix())
    assert [(fault.code, fault.line, fault.column) for fault in faults] == expected
    shown = "".join(f"{fault.with_source()}\n" for fault in faults)
    golden = file.with_suffix(".err")
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("file", [file for file in CORPUS if MEND.search((HERE / file).read_text())], ids=str)
def test_a_bad_scenario_is_refused_for_one_reason(file: Path, tmp_path: Path) -> None:
    from sim import load

    text = file.read_text(encoding="utf-8")
    mended = tmp_path / "mended.yaml"
    mended.write_text(
        MEND.sub(lambda line: line[1] + line[2] + "\n" if line[2] else "", text), encoding="utf-8"
    )
    load(mended)


def test_every_file_has_its_head_and_its_message_and_no_message_is_left_over() -> None:
    for file in CORPUS:
        assert EXPECT.match(file.read_text(encoding="utf-8")), file
    messages = sorted(message.relative_to(HERE) for message in HERE.glob("*/*.err"))
    assert messages == [file.with_suffix(".err") for file in CORPUS]


# -- bad files that are made here -------------------------------------------------------------------

GOOD = (HERE / "good.yaml").read_text(encoding="utf-8")
"""The scenario that the files of the corpus spoil."""


def encoded(text: str, encoding: str) -> Callable[[Path], Any]:
    """Writes a text in an encoding."""
    return lambda path: path.write_bytes(text.encode(encoding))


def nothing(path: Path) -> None:
    """Writes no file."""


def sparse(path: Path) -> None:
    """Writes 50 MB of NUL bytes that take no room."""
    with path.open("wb") as file:
        file.truncate(50 * 1024 * 1024)


MADE: dict[str, tuple[Callable[[Path], Any], Expected]] = {
    "missing": (nothing, ("E0101", 0, 0)),
    "folder": (Path.mkdir, ("E0101", 0, 0)),
    "pipe": (os.mkfifo, ("E0101", 0, 0)),
    "device": (lambda path: path.symlink_to("/dev/zero"), ("E0101", 0, 0)),
    "empty": (encoded("", "utf-8"), ("E0104", 1, 1)),
    "utf-16": (encoded(GOOD, "utf-16"), ("E0102", 0, 0)),
    "latin-1": (encoded(GOOD.replace("Invoices", "Bücher"), "latin-1"), ("E0102", 2, 8)),
    "nul": (encoded(GOOD.replace("Invoices", "In\0voices"), "utf-8"), ("E0103", 2, 9)),
    "bell": (encoded(GOOD.replace("Invoices", "In\avoices"), "utf-8"), ("E0103", 2, 9)),
    "carriage-returns": (encoded(GOOD.replace("8 h", "8").replace("\n", "\r"), "utf-8"), ("E0210", 8, 10)),
    "windows-line-ends": (encoded(GOOD.replace("8 h", "8").replace("\n", "\r\n"), "utf-8"), ("E0210", 8, 10)),
    "fifty-megabytes": (sparse, ("E0411", 0, 0)),
    "million-keys": (encoded("".join(f"k{n}: 1\n" for n in range(1_000_000)), "utf-8"), ("E0411", 0, 0)),
    "long-list": (encoded("a: [" + "1," * 500_000 + "]", "utf-8"), ("E0413", 1, 99_999)),
    "brackets": (encoded("a: " + "[" * 100_000, "utf-8"), ("E0412", 1, 67)),
    "braces": (encoded("a: " + "{a: " * 100_000, "utf-8"), ("E0412", 1, 256)),
    "levels": (encoded("\n".join(" " * n + "k:" for n in range(1_000)), "utf-8"), ("E0412", 65, 65)),
    "aliases": (encoded("a: &a 1\nb: [" + "*a," * 2_000 + "]", "utf-8"), ("E0415", 2, 3005)),
}
"""Name -> how to make the file, and the one fault it has."""


@pytest.mark.parametrize("name", MADE)
def test_a_bad_file_that_is_made_is_refused(name: str, tmp_path: Path) -> None:
    make, expected = MADE[name]
    path = tmp_path / f"{name}.yaml"
    make(path)
    assert [(fault.code, fault.line, fault.column) for fault in refused(path)] == [expected]


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "private.yaml"
    path.write_text(GOOD, encoding="utf-8")
    path.chmod(0)
    assert [fault.code for fault in refused(path)] == ["E0101"]


def test_the_scenario_that_the_corpus_spoils_is_good(tmp_path: Path) -> None:
    from sim import load

    assert load(HERE / "good.yaml").name == "Invoices"
    marked = tmp_path / "marked.yaml"
    marked.write_text("\ufeff" + GOOD, encoding="utf-8")
    assert load(marked).name == "Invoices"


# -- the corpus as a whole --------------------------------------------------------------------------


BEYOND_A_FILE = {
    "E0231": "a fault of the machine: tests/unit/test_time_zones.py takes the list of zones away",
    "E0298": "a net for a validator without a code: only tests/unit/test_reader_messages.py has one",
    "E0299": "a net for an error of pydantic that nobody foresaw; made in the same test",
    "E0311": "a fault of the command line, which knows the metrics: tests/cli has it",
}
"""Codes that no scenario file can reach, each with the reason."""


def codes_raised() -> set[str]:
    """Every code that stands in the source, apart from the list of codes."""
    found: set[str] = set()
    project = HERE.parent.parent
    for file in (*(project / "sim").rglob("*.py"), *(project / "analysis").rglob("*.py")):
        if file.name != "codes.py":
            tree = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            texts = [node.value for node in tree if isinstance(node, ast.Constant)]
            found.update(text for text in texts if isinstance(text, str) and CODE.fullmatch(text))
    return found


def test_every_code_that_is_raised_has_a_meaning_and_every_meaning_is_raised() -> None:
    assert codes_raised() == set(CODES)


def test_every_code_has_a_bad_file() -> None:
    reached = {expected[0] for _, expected in MADE.values()}
    for file in CORPUS:
        reached.update(code for code, _, _ in expected_faults(file.read_text(encoding="utf-8")))
    assert [code for code in CODES if code not in reached] == list(BEYOND_A_FILE)


def test_a_name_written_where_it_cannot_be_is_not_also_missing(tmp_path: Path) -> None:
    path = tmp_path / "nested.yaml"
    path.write_text(
        GOOD.replace("  clerk:", "  boss: {kind: human, wage: 1 / h, work_time: 1 h}\nclerk:"),
        encoding="utf-8",
    )
    assert [(fault.code, fault.path) for fault in refused(path)] == [("E0107", "clerk")]


@pytest.mark.parametrize("file", [file for file in CORPUS if file.parts[0] == "sizes"], ids=str)
def test_an_absurd_size_is_refused_in_less_than_a_second(file: Path) -> None:
    refused(file.as_posix())  # what refuses it is imported
    started = time.process_time()
    refused(file.as_posix())
    assert time.process_time() - started < PATIENCE / 2


def test_a_recorded_file_is_not_followed_out_of_the_folder(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside.csv", tmp_path / "inside"
    outside.write_text("t_s\n0\n", encoding="utf-8")
    inside.mkdir()
    (inside / "link.csv").symlink_to(outside)
    scenario = inside / "scenario.yaml"
    recorded = GOOD.replace("{process: poisson, rate: 60 / h}", "{process: recorded, file: link.csv}")
    scenario.write_text(recorded, encoding="utf-8")
    assert [fault.code for fault in refused(scenario)] == ["E0320"]


FORBIDDEN = (
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "subprocess.Popen",
    "socket.connect",
    "shutil.rmtree",
    "os.remove",
    "pickle.find_class",
)
"""Events of the interpreter that reading a scenario must never cause."""


def test_reading_bad_scenarios_runs_nothing_and_writes_nothing() -> None:
    seen: list[str] = []
    is_watching = True

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        is_writing = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
        if is_watching and (event in FORBIDDEN or is_writing):
            seen.append(f"{event} {arguments}")

    refused(CORPUS[0].as_posix())  # modules are loaded, and perhaps cached, before the watch begins
    sys.addaudithook(watch)  # a hook cannot be removed, only told to rest
    try:
        for file in CORPUS:
            refused(file.as_posix())
    finally:
        is_watching = False
    assert seen == []
