"""Saved results: one JSON file from which a result comes back as it was, without any other file.

    {"format": "workforce result", "version": 1, "kind": "compare", "sha256": "...", "document": {...}}

The document holds plain values in the order in which the result gives them, so equal results are equal bytes. Tallies
and recorded input files are compressed and written as base64. Nothing in it is ever executed or unpickled.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import secrets
import zlib
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar, get_type_hints

from pydantic import ValidationError

from analysis.experiments.results import LogInfo, Logs, Replications
from analysis.metrics import Packed, Tallies, plain_values, value_of
from analysis.metrics.saved import OWN, Codec, codec_of
from sim import Scenario, ScenarioError
from sim.errors import WorkforceError
from sim.recorded import LARGEST, Recording, read_recording

FORMAT = "workforce result"
VERSION = 1
"""Version of the form; another one is not read."""
RESULT = "result.json"
"""The whole result in the folder of a run or another experiment."""
REPLICATIONS = "replications"
"""Kind of a saved `Replications`."""
Result = TypeVar("Result")


class SavedResultError(WorkforceError):
    """A file that cannot be read as the saved result it should be."""


# -- files -------------------------------------------------------------------------------------------------------


def write_document(path: Path, kind: str, document: Mapping[str, Any]) -> Path:
    """Writes a result's plain values as the file `path`, as a whole or not at all, and returns it.

    Raises ValueError for values that JSON does not have, OSError when the file cannot be written.
    """
    text = _json(document)
    head = {"format": FORMAT, "version": VERSION, "kind": kind, "sha256": _digest(text)}
    content = f'{_json(head)[:-1]}, "document": {text}}}\n'.encode("ascii")
    place = Path(os.path.abspath(path))
    draft = place.with_name(f".{place.name}.{secrets.token_hex(4)}.partial")
    try:
        with open(draft, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, place)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    _sync(place.parent)
    return path


def _sync(folder: Path) -> None:
    """Makes the new name durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_document(path: Path, kind: str) -> dict[str, Any]:
    """The plain values that `write_document` wrote for this kind of result.

    Raises SavedResultError for any other file, also for one that was cut short or edited, OSError when it cannot be
    read.
    """
    saved = _envelope(path)
    if saved.get("kind") != kind:
        raise SavedResultError(f"{path} is a saved result of {saved.get('kind')}, not of {kind}")
    document = saved.get("document")
    if not isinstance(document, dict) or saved.get("sha256") != _digest(_json(document, allow_nan=True)):
        raise SavedResultError(f"{path} is not as it was written; it was edited or damaged")
    return document


def kind_of(path: Path) -> str:
    """What kind of result a file says it holds; raises what `read_document` does."""
    return str(_envelope(path).get("kind"))


def _envelope(path: Path) -> dict[str, Any]:
    """The document with what stands around it, of the form that this version reads."""
    content = Path(path).read_bytes()
    try:
        saved = json.loads(content.decode("ascii"))
    except (ValueError, RecursionError):
        raise SavedResultError(f"{path} is not a saved result, or was cut short") from None
    if not isinstance(saved, dict) or saved.get("format") != FORMAT:
        raise SavedResultError(f"{path} is not a saved result")
    if saved.get("version") != VERSION:
        raise SavedResultError(f"{path} has form {saved.get('version')}, this version reads form {VERSION}")
    return saved


def loaded(path: Path | str, kind: str, made: Callable[[dict[str, Any]], Result]) -> Result:
    """The result that `made` makes of a saved document.

    Raises what `read_document` does, and SavedResultError where the document is not of the form that `made` expects.
    """
    document = read_document(Path(path), kind)
    try:
        return made(document)
    except (ValueError, LookupError, TypeError, AttributeError, ScenarioError) as error:
        raise SavedResultError(f"{path} cannot be read as a result of {kind}: {_told(error)}") from error


def _told(error: Exception) -> str:
    """What is wrong, in one line."""
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    said = str(error).partition("\n")[0]
    return f"no {said}" if isinstance(error, KeyError) else said


def _json(value: Any, allow_nan: bool = False) -> str:
    """JSON in ASCII in the order of the values."""
    return json.dumps(value, allow_nan=allow_nan)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("ascii")).hexdigest()


# -- results -----------------------------------------------------------------------------------------------------


def fields_document(result: Any) -> dict[str, Any]:
    """A result class as plain values by the names of its fields, as their type hints say.

    Fields may be replications, scenarios, numbers, texts, and dataclasses, tuples and mappings of them. Raises
    TypeError for another hint.
    """
    hints = get_type_hints(type(result))
    return {
        part.name: codec_of(hints[part.name]).plain(getattr(result, part.name)) for part in fields(result)
    }


def fields_of(kind: type[Result], document: Mapping[str, Any]) -> Result:
    """The result of that class that became these plain values; for `loaded`, which says what it raises."""
    hints = get_type_hints(kind)
    names = [part.name for part in fields(kind)]  # type: ignore[arg-type]
    return kind(**{name: codec_of(hints[name]).value(document[name]) for name in names})


# -- replications ------------------------------------------------------------------------------------------------


def replications_document(result: Replications) -> dict[str, Any]:
    """Some replications as plain values."""
    return {"scenario": scenario_document(result.scenario), **bare_document(result)}


def bare_document(result: Replications) -> dict[str, Any]:
    """Replications as plain values without their scenario, where it follows from something else that is written."""
    return {
        "seed": result.seed,
        "draw_inputs": result.draw_inputs,
        "is_interrupted": result.is_interrupted,
        "lost": {str(number): reason for number, reason in result.lost.items()},
        "logs": [plain_values(log) for log in result.logs],
        "tallies": [packed.text() for packed in result.tallies.packed],
    }


def replications_of(document: Mapping[str, Any]) -> Replications:
    """The replications that became these plain values.

    Raises ValueError, LookupError, TypeError or ScenarioError when none did; `loaded` makes one error of them.
    """
    tallies = Tallies(map(Packed.from_text, document["tallies"]))
    logs = Logs.of(value_of(LogInfo, log) for log in document["logs"])
    if len(tallies) != len(logs) or not logs:
        raise ValueError(f"{len(tallies)} tallies of {len(logs)} logs")
    return Replications(
        _scenario_of(document["scenario"]), document["seed"], tallies, logs, document["is_interrupted"],
        {int(number): reason for number, reason in document["lost"].items()}, document["draw_inputs"],
    )  # fmt: skip


# -- scenarios ---------------------------------------------------------------------------------------------------


def scenario_document(scenario: Scenario) -> dict[str, Any]:
    """The scenario as it was written, as it was understood, and the recorded files that it reads."""
    return {
        "digest": scenario.digest(),
        "tree": scenario.tree(),
        "resolved": scenario.resolved(),
        "inputs": {file: _packed(recording.content) for file, recording in recordings_of(scenario).items()},
    }


def recordings_of(scenario: Scenario) -> dict[str, Recording]:
    """The recorded files of a scenario and of its variants, by the names they use."""
    found = scenario.input_files()
    for name in scenario.variants:
        try:
            found |= scenario.variant(name).input_files()
        except (ScenarioError, ValidationError):  # built in Python, where nobody has looked at its variants
            continue
    return dict(sorted(found.items()))


def _scenario_of(document: Mapping[str, Any]) -> Scenario:
    """The scenario with the same digest as before.

    As it was written, unless prices of the catalogue have changed since; then with the prices of that time.
    """
    with TemporaryDirectory() as folder:
        read = {
            file: _recording(file, _unpacked(text), Path(folder)) for file, text in document["inputs"].items()
        }
    for form in ("tree", "resolved"):
        scenario = Scenario.from_tree(document[form], read=dict(read))
        if scenario.digest() == document["digest"]:
            return scenario
    raise ValueError("its scenario means something else in this version of the package")


def _recording(file: str, content: bytes, folder: Path) -> Recording:
    """A recorded file read from its bytes."""
    copy = folder / file
    if not copy.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"{file!r} is not a file below the scenario")
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(content)
    return read_recording(folder, file)


def _packed(content: bytes) -> str:
    return base64.b64encode(zlib.compress(content)).decode("ascii")


def _unpacked(text: str) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        content = unpacker.decompress(base64.b64decode(text, validate=True), LARGEST)
    except (binascii.Error, zlib.error) as error:
        raise ValueError(f"an input file cannot be unpacked: {error}") from None
    if not unpacker.eof:
        raise ValueError("an input file is cut short, or too large")
    return content


OWN[Replications] = Codec(replications_document, replications_of)
OWN[Scenario] = Codec(scenario_document, _scenario_of)
