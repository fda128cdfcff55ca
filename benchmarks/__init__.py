"""Benchmarks: the simulator beside text-book SimPy models of the same three workloads."""
