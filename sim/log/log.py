"""The finished log of one replication."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.log.columns import Block

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Log:
    """What happened in one replication: rows in blocks, and how the run ended.

    `status` is "complete", or "partial" with the reason in `stopped_by`. A log is equal to another when their
    digests are.
    """

    seed: int
    replication: int
    digest: str
    rows: int
    task_count: int
    """Tasks that arrived, measured or not."""
    event_count: int
    """Events the engine scheduled."""
    ended: int
    """Tick at which the run ended."""
    status: str = "complete"
    stopped_by: str = ""
    path: Path | None = None
    """The Parquet file, when the log was written to one."""
    _blocks: tuple[Block, ...] = field(default=(), repr=False)

    def blocks(self) -> Iterator[Block]:
        """The rows, in order, in blocks."""
        if self.path is None:
            yield from self._blocks
            return
        from sim.log.arrow import read_blocks

        yield from read_blocks(self.path)

    def to_arrow(self) -> Any:
        """The rows as one pyarrow Table."""
        import pyarrow as pa

        from sim.log.arrow import schema, to_batch

        blocks = list(self.blocks())
        form = schema(blocks[0].names if blocks else {})
        return pa.Table.from_batches([to_batch(block, form) for block in blocks], form)

    def events(self) -> pd.DataFrame:
        """The rows as a DataFrame: ticks in microseconds, costs in nano-units, thetas in billionths."""
        frame: pd.DataFrame = self.to_arrow().to_pandas()
        return frame

    def save(self, path: Path | str) -> Log:
        """Writes the rows as Parquet; the log that reads from there."""
        from dataclasses import replace

        from sim.log.arrow import ArrowFile

        blocks = list(self.blocks())
        file = ArrowFile(Path(path), blocks[0].names if blocks else {})
        for block in blocks:
            file.add(block)
        file.close()
        return replace(self, path=Path(path), _blocks=())
