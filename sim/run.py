"""One replication of a scenario: the front of the simulator."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from sim.engine import Ending, Engine
from sim.log import Block, Log, LogDigest, LogWriter, NullWriter, Sink
from sim.plan import compile_plan
from sim.scenario import Scenario


class _Kept:
    """A sink that keeps the blocks."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []

    def add(self, block: Block) -> None:
        self.blocks.append(block)


def simulate(
    scenario: Scenario,
    seed: int | None = None,
    replication: int = 0,
    *,
    out: Path | str | None = None,
    log: Literal["memory", "folded", "null"] = "memory",
    folds: Sequence[Sink] = (),
) -> Log:
    """Simulates one replication and returns its log.

    `seed` replaces the scenario's. The rows are kept in memory, or written to the Parquet file `out`, or, with
    `log="folded"`, only handed to `folds` (sinks with an `add(block)`) and the digest; `log="null"` writes
    nothing at all, for measuring the engine. A limit that stops the run gives a log of status "partial".
    """
    plan = compile_plan(scenario, scenario.seed if seed is None else seed, replication)
    if log == "null":
        return _log(plan.seed, replication, Engine(plan, NullWriter()).run(), "", 0)
    digest, kept = LogDigest(), _Kept()
    sinks: list[Sink] = [digest, *folds]
    if out is None and log == "memory":
        sinks.append(kept)
    writer = LogWriter(plan, sinks)
    file = None
    if out is not None:
        from sim.log.arrow import ArrowFile

        file = ArrowFile(Path(out), writer.tables.names)
        sinks.append(file)
    ending = Engine(plan, writer).run()
    writer.close()
    if file is not None:
        file.close()
    return _log(plan.seed, replication, ending, digest.hexdigest(), writer.rows, out, tuple(kept.blocks))


def _log(
    seed: int, replication: int, ending: Ending, digest: str, rows: int,
    out: Path | str | None = None, blocks: tuple[Block, ...] = (),
) -> Log:  # fmt: skip
    return Log(
        seed=seed,
        replication=replication,
        digest=digest,
        rows=rows,
        task_count=ending.task_count,
        event_count=ending.event_count,
        ended=ending.tick,
        status="partial" if ending.stopped_by else "complete",
        stopped_by=ending.stopped_by,
        path=Path(out) if out is not None else None,
        _blocks=blocks,
    )
