"""The plan: a scenario, seed and replication compiled to the numbers that the engine reads."""

from sim.plan.compiled import FinalStep, Plan, PoolPlan, TypePlan, WorkStep, compile_plan

__all__ = ["FinalStep", "Plan", "PoolPlan", "TypePlan", "WorkStep", "compile_plan"]
