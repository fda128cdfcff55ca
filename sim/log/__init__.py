"""The event log: one row per finished activity, packed in blocks, streamed as Arrow, closed as Parquet."""

from sim.log.columns import COLUMNS, NULL, SCHEMA_VERSION, Block, Column
from sim.log.digest import LogDigest
from sim.log.log import Log
from sim.log.writer import LogWriter, NullWriter, Sink

__all__ = [
    "COLUMNS", "NULL", "SCHEMA_VERSION", "Block", "Column", "Log", "LogDigest", "LogWriter", "NullWriter", "Sink",
]  # fmt: skip
