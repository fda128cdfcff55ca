"""Blocks as Arrow record batches: streamed to a file while a run goes on, closed as Parquet."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc
import pyarrow.parquet as pq

from sim.log.columns import COLUMNS, NULL, SCHEMA_VERSION, Block, Column, Integers

NAMES = {column.name for column in COLUMNS if column.kind == "name"}
"""Columns of names."""
EXTRA = ("trace_id", "parent_trace_id", "details")
"""Columns for readers, beside the table: the trace id as text, and columns of later mechanisms."""


PARQUET: dict[str, Any] = {
    "compression": "zstd",
    "compression_level": 1,
    "use_dictionary": sorted(NAMES),
    "column_encoding": {column.name: "DELTA_BINARY_PACKED" for column in COLUMNS if column.kind == "integer"},
    "write_statistics": ["seq", "tick", "type", "task"],
}
"""Measured on the W2 log: a third of the time of the library's defaults, and smaller. Statistics stand where a
reader would skip row groups by them."""
BLOCKS_OF_A_GROUP = 8
"""Blocks in one row group of a Parquet file: what is held at once while it is written."""
INTEGERS = {8: (np.int8, pa.int8()), 32: (np.int32, pa.int32()), 64: (np.int64, pa.int64())}
"""Integers in a file by their bits."""


def schema(names: dict[str, tuple[str, ...]]) -> pa.Schema:
    """Arrow schema of the log, with unit and meaning of each column and the names by code in its metadata."""
    fields = [
        pa.field(
            column.name,
            _form_of(column, names),
            nullable=column.is_nullable,
            metadata={"unit": column.unit, "meaning": column.meaning},
        )
        for column in COLUMNS
    ]
    fields += [
        pa.field("trace_id", pa.string(), metadata={"meaning": "task type and index: the story of one task"}),
        pa.field("parent_trace_id", pa.string(), metadata={"meaning": "the trace this one came from"}),
        pa.field("details", pa.string(), metadata={"meaning": "canonical JSON of what has no column"}),
    ]
    return pa.schema(
        fields, {"schema_version": str(SCHEMA_VERSION), "names": json.dumps(names, sort_keys=True)}
    )


def _form_of(column: Column, names: dict[str, tuple[str, ...]]) -> Any:
    """Type of a column in a file."""
    if column.kind == "name":
        return pa.dictionary(INTEGERS[_bits_of(names.get(column.name, ()))][1], pa.string())
    return INTEGERS[column.bits][1]


def _bits_of(names: tuple[str, ...]) -> int:
    """Bits that a code of these names needs."""
    return 8 if len(names) < 128 else 32


def to_batch(block: Block, form: pa.Schema) -> pa.RecordBatch:
    """The block as a record batch."""
    arrays = []
    for place, column in enumerate(COLUMNS):
        values = block[column.name]
        if values is block.nothing:
            arrays.append(pa.nulls(len(block), form.field(place).type))
        elif column.kind == "name":
            names = block.names[column.name]
            arrays.append(pa.DictionaryArray.from_arrays(_array(values, _bits_of(names)), _texts(names)))
        else:
            arrays.append(_array(values, column.bits))
    types = arrays[[column.name for column in COLUMNS].index("type")]
    index = arrays[[column.name for column in COLUMNS].index("task")]
    arrays.append(
        pc.binary_join_element_wise(types.cast(pa.string()), index.cast(pa.string()), _texts(("-",))[0])
    )
    arrays += [pa.nulls(len(block), pa.string()), pa.nulls(len(block), pa.string())]
    return pa.RecordBatch.from_arrays(arrays, schema=form)


def _array(values: Integers, bits: int) -> Any:
    """The values as an Arrow array, NULL as null; `pa.array` would import pandas for it."""
    kind, form = INTEGERS[bits]
    is_null = values < 0
    validity = pa.py_buffer(np.packbits(~is_null, bitorder="little")) if is_null.any() else None
    return pa.Array.from_buffers(
        form, len(values), [validity, pa.py_buffer(np.ascontiguousarray(values, kind))]
    )


@lru_cache(maxsize=256)
def _texts(names: tuple[str, ...]) -> Any:
    """The names as an Arrow array."""
    encoded = [name.encode() for name in names]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    return pa.StringArray.from_buffers(len(names), pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded)))


def from_batch(batch: pa.RecordBatch, names: dict[str, tuple[str, ...]]) -> Block:
    """The record batch as a block."""
    columns = {}
    for column in COLUMNS:
        array = batch.column(column.name)
        if column.kind == "name":
            array = _codes(array, names[column.name])
        values = array.fill_null(NULL) if array.null_count else array
        columns[column.name] = values.to_numpy(zero_copy_only=False).astype(np.int64)
    return Block(columns, names)


def _codes(array: Any, names: tuple[str, ...]) -> Any:
    """Codes into `names`, whatever dictionary a reader chose."""
    own = array.dictionary.to_pylist()
    if tuple(own) == names:
        return array.indices
    place = np.array([names.index(name) for name in own] or [0], dtype=np.int64)
    indices = array.indices
    taken = place[indices.fill_null(0).to_numpy(zero_copy_only=False)]
    return pa.array(taken, mask=np.asarray(indices.is_null()))


class ArrowFile:
    """A sink that streams blocks to `<path>.stream` and turns them into a Parquet file at `path` when it closes.

    A stream that was cut short can still be read up to the cut; a Parquet file could not.
    """

    def __init__(self, path: Path, names: dict[str, tuple[str, ...]]) -> None:
        """Begins the stream; raises OSError when the folder cannot be written."""
        self.path, self.stream = path, path.with_name(path.name + ".stream")
        self._form = schema(names)
        self._names = names
        self._file: Any = pa.ipc.new_stream(os.fspath(self.stream), self._form)

    def add(self, block: Block) -> None:
        """Appends a block."""
        self._file.write_batch(to_batch(block, self._form))

    def close(self) -> None:
        """Writes the Parquet file, makes it durable under its name and removes the stream."""
        self._file.close()
        temporary = self.path.with_name(self.path.name + ".partial")
        stream = pa.OSFile(os.fspath(self.stream))  # read, not mapped: what is mapped counts as memory
        with pq.ParquetWriter(temporary, self._form, **PARQUET) as parquet, stream as source:
            for batches in _grouped(pa.ipc.open_stream(source), BLOCKS_OF_A_GROUP):
                parquet.write_table(pa.Table.from_batches(batches, self._form))
        replace_durably(temporary, self.path)
        self.stream.unlink()


def _grouped(batches: Any, size: int) -> Iterator[list[pa.RecordBatch]]:
    group: list[pa.RecordBatch] = []
    for batch in batches:
        group.append(batch)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group


def replace_durably(temporary: Path, path: Path) -> None:
    """Gives a finished file its name, so that a crash leaves either none or the whole."""
    with open(temporary, "rb") as file:
        os.fsync(file.fileno())
    os.replace(temporary, path)


def read_blocks(path: Path) -> Iterator[Block]:
    """The blocks of a Parquet log, a row group at a time."""
    file = pq.ParquetFile(path, read_dictionary=sorted(NAMES))
    names = names_of(file.schema_arrow)
    for group in range(file.num_row_groups):
        table = file.read_row_group(group).unify_dictionaries()
        for batch in table.combine_chunks().to_batches():
            yield from_batch(batch, names)


def names_of(form: pa.Schema) -> dict[str, tuple[str, ...]]:
    """The names by code that a schema carries."""
    return {column: tuple(names) for column, names in json.loads(form.metadata[b"names"]).items()}
