"""The plan: a scenario, seed and replication compiled to the numbers that the engine reads."""

from sim.plan.compiled import compile_plan
from sim.plan.steps import FinalStep, Plan, PoolPlan, TypePlan, WorkStep

__all__ = ["FinalStep", "Plan", "PoolPlan", "TypePlan", "WorkStep", "compile_plan"]
