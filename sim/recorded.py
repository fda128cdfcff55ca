"""Recorded arrivals: times, and what else was recorded of each task, read once from CSV or Parquet."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from sim.errors import Fault, ScenarioError
from sim.quantities import LONGEST, SECOND

COLUMNS = ("value", "input_tokens", "output_tokens", "type")
"""Optional columns beside the times."""
LARGEST = 2_000_000_000
"""Bytes read of one file at most."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A recorded file. `columns` holds texts or numbers per row, as the file has them."""

    file: str
    content: bytes
    digest: str
    columns: dict[str, list[object]]

    def count_of(self, type_id: str) -> int:
        """Rows of a task type; all of them when the file has no column `type`."""
        types = self.columns.get("type")
        return len(next(iter(self.columns.values()))) if types is None else types.count(type_id)

    def rows_of(self, type_id: str, time_column: str) -> list[RecordedTask]:
        """The tasks of a type in time order; ScenarioError names the row that cannot be read."""
        if time_column not in self.columns:
            raise self._error(1, f"no column {time_column}; the file has {', '.join(self.columns)}")
        types = self.columns.get("type")
        chosen = [i for i in range(len(self.columns[time_column])) if types is None or types[i] == type_id]
        tasks = [self._task(i, time_column) for i in chosen]
        for position in range(1, len(tasks)):
            if tasks[position].tick < tasks[position - 1].tick:
                raise self._error(chosen[position] + 2, "times must not go back")
        return tasks

    def _task(self, row: int, time_column: str) -> RecordedTask:
        seconds = self._number(row, time_column)
        tick = (seconds * SECOND).to_integral_value()
        if not 0 <= tick <= LONGEST:
            raise self._error(row + 2, f"{time_column} must be between 0 s and 100 years, got {seconds}")
        return RecordedTask(
            int(tick),
            self._number(row, "value") if "value" in self.columns else None,
            self._count(row, "input_tokens") if "input_tokens" in self.columns else None,
            self._count(row, "output_tokens") if "output_tokens" in self.columns else None,
        )

    def _number(self, row: int, column: str) -> Decimal:
        value = self.columns[column][row]
        try:
            number = Decimal(str(value).strip())
        except InvalidOperation:
            number = Decimal("nan")
        if not number.is_finite() or number < 0 or number > Decimal(10) ** 15:
            raise self._error(row + 2, f"{column} must be a number of 0 or more, got {value!r}")
        return number

    def _count(self, row: int, column: str) -> int:
        number = self._number(row, column)
        if number != number.to_integral_value() or number > 10**9:
            raise self._error(row + 2, f"{column} must be a whole number up to 1e9, got {number}")
        return int(number)

    def _error(self, line: int, message: str) -> ScenarioError:
        return ScenarioError([Fault(self.file, line, 1, "E0321", "", message)])


@dataclass(frozen=True, slots=True)
class RecordedTask:
    """One recorded task: its tick, and its value and tokens where they were recorded."""

    tick: int
    value: Decimal | None
    input_tokens: int | None
    output_tokens: int | None


def read_recording(folder: Path, file: str) -> Recording:
    """The file, which must lie in the scenario's folder or below it."""
    path = (folder / file).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise _refused(file, "a recorded file lies in the scenario's folder or below it")
    if not path.is_file():
        raise _refused(file, "no such file beside the scenario")
    if path.stat().st_size > LARGEST:
        raise _refused(file, f"larger than {LARGEST} bytes")
    content = path.read_bytes()
    return Recording(file, content, hashlib.sha256(content).hexdigest(), _columns(file, content))


def _columns(file: str, content: bytes) -> dict[str, list[object]]:
    if file.endswith(".parquet"):
        return _parquet_columns(file, content)
    if not file.endswith(".csv"):
        raise _refused(file, "the format is not supported; allowed: .csv, .parquet")
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as problem:
        raise _refused(file, f"not a CSV file in UTF-8 ({problem})") from None
    rows = [row for row in rows if row]
    if len(rows) < 2:
        raise _refused(file, "no rows; the first line names the columns, then comes one line a task")
    header = rows[0]
    if len(set(header)) != len(header):
        raise _refused(file, "a column is named twice")
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(header):
            raise ScenarioError([Fault(file, number, 1, "E0321", "", f"has {len(row)} fields, the header has {len(header)}")])
    return {name: [row[k] for row in rows[1:]] for k, name in enumerate(header)}


def _parquet_columns(file: str, content: bytes) -> dict[str, list[object]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(pa.BufferReader(content))
    except (pa.ArrowInvalid, OSError) as problem:
        raise _refused(file, f"not a Parquet file ({problem})") from None
    if table.num_rows == 0:
        raise _refused(file, "no rows")
    return {name: table.column(name).to_pylist() for name in table.column_names}


def _refused(file: str, message: str) -> ScenarioError:
    return ScenarioError([Fault(file, 0, 0, "E0320", "", message)])
