"""Workflows: what is expected of a task type with stages, policies, recovery or effects.

Two walks, one in the other: `passing` follows a task through the step table of one stage on a grid of hardness;
`graph` follows it from stage to stage at each value of the part of hardness that all stages share.

    needs     who varies with hardness, which values are dear
    grid      the nodes of hardness at a stage
    skills    how agents and people do there
    token     what the walk must know of a task, and what is counted
    passing   one pass through a stage
    attempts  an attempt with its failures and its output
    recovery  what follows a visible failure
    checks    routes, validators, reviews, verifications, people
    graph     from stage to stage
    risk      cascade failure risk, with stages independent and with the hardness they share
    costs     minutes, tokens and money of what was counted
    whole     the forecast of one task type
"""

from analysis.forecast.workflow.risk import Risk
from analysis.forecast.workflow.whole import WorkflowForecast, workflow_forecast

__all__ = ["Risk", "WorkflowForecast", "workflow_forecast"]
