"""The log as Parquet for SQL and data frames: names, zoned times, amounts as numbers."""

from __future__ import annotations

from typing import Any, BinaryIO

import numpy as np

from analysis.exports.columns import ExportColumn, export_columns, trace_ids, values_of
from analysis.logs import Blocks
from sim.calendars.zones import load_zone, time_zero
from sim.log.columns import NULL, Block
from sim.scenario import Scenario

ROWS_OF_A_GROUP = 65_536
"""Rows in one row group: what is held at once."""


def write_parquet(log: Blocks, scenario: Scenario, file: BinaryIO) -> None:
    """Writes every row of the log with the columns of the other exports, each with its type and its meaning.

    Times are instants shown in the scenario's zone, amounts and shares doubles, names dictionaries.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = export_columns(scenario)
    zone = load_zone(scenario.timezone)
    zero = round(time_zero(scenario.start, zone).timestamp()) * 1_000_000
    form = pa.schema([_field(column, scenario.timezone) for column in columns])
    held: list[Any] = []
    with pq.ParquetWriter(file, form, compression="zstd") as parquet:
        for block in log.blocks():
            arrays = [_array(block, column, form.field(column.name).type, zero) for column in columns]
            held.append(pa.RecordBatch.from_arrays(arrays, schema=form))
            if sum(map(len, held)) >= ROWS_OF_A_GROUP:
                parquet.write_table(pa.Table.from_batches(held, form))
                held = []
        if held:
            parquet.write_table(pa.Table.from_batches(held, form))


def _field(column: ExportColumn, zone: str) -> Any:
    """Name, type and meaning of a column."""
    import pyarrow as pa

    forms = {
        "name": pa.dictionary(pa.int32(), pa.string()), "trace": pa.string(), "time": pa.timestamp("us", zone),
        "number": pa.int64(), "decimal": pa.float64(), "flag": pa.bool_(),
    }  # fmt: skip
    return pa.field(column.name, forms[column.form], metadata={"meaning": column.meaning})


def _array(block: Block, column: ExportColumn, form: Any, zero: int) -> Any:
    """The cells of a column as an Arrow array."""
    import pyarrow as pa

    values = values_of(block, column)
    is_null = values == NULL
    match column.form:
        case "name":
            codes = pa.array(values.astype(np.int32), mask=is_null)
            return pa.DictionaryArray.from_arrays(codes, pa.array(block.names[column.source], pa.string()))
        case "trace":
            return pa.array([text or None for text in trace_ids(block)], pa.string())
        case "time":
            return pa.array(values + zero, pa.int64(), mask=is_null).cast(form)
        case "decimal":
            return pa.array(values / 10**column.digits, form, mask=is_null)
        case _:
            return pa.array(values, pa.int64(), mask=is_null).cast(form)
