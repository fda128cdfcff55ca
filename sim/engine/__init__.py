"""The engine: a plan in, rows out. The only importer of SimPy."""

from sim.engine.engine import Ending, Engine

__all__ = ["Ending", "Engine"]
