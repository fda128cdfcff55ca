"""The engine: a plan in, rows out. The only importer of SimPy."""

from sim.engine.engine import Engine, Ending

__all__ = ["Ending", "Engine"]
