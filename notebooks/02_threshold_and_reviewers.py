# %% [markdown]
# # 02 Where to put the threshold, and how many reviewers
#
# **Question.** The agent says how sure it is (theta). From a threshold on its work is delivered, below it a clerk does
# it. A low threshold lets mistakes escape, a high one fills the clerks' queue. Where should it be, and how many clerks
# does that take?

# %%
from pathlib import Path

from IPython.display import Markdown

import analysis
import sim
from analysis.format import interval, money, share
from analysis.metrics import metric_of

scenario = sim.load(
    Path("..") / "scenarios" / "invoice_reconciliation.yaml",
    {
        "tasks.invoice.arrivals.rate": "30 / h",
        "warm_up": "1 day",
        "horizon": "8 days",
        "workers.clerk.positions": 4,
        "decide": {"minimise": "cpst_with_damage", "subject_to": ["sla_share >= 0.95"]},
    },
)

# %% [markdown]
# ## Can the agent's confidence be trusted?
#
# One long run, every first attempt: how sure the agent was, and how often it was right. On the diagonal it is as right
# as it says, below it is overconfident. ECE is the mean distance from the diagonal. AUROC is the probability that a
# right output states more than a wrong one: 0.5 would make every threshold useless.

# %%
long = scenario.with_values({"horizon": "6 weeks"})
ax = analysis.plot_calibration(sim.simulate(long), long)

# %% [markdown]
# ## The trade-off
#
# Some thresholds, ten replications each, all on the same invoices. More goes to a person, less escapes, and what a
# success costs (with the damage of what escapes) has its least somewhere between.

# %%
THRESHOLDS = [0.5, 0.7, 0.85, 0.9, 0.95, 0.98, 0.99]
trade_off = analysis.sweep(scenario, {"topology.threshold": THRESHOLDS}, replications=10)

# %%
ax = analysis.plot_trade_off(trade_off)

# %%
best = trade_off.comparison.decision.winner
chosen = trade_off.points[best]["topology.threshold"]
columns = ["topology.threshold", "value", "low", "high", "difference", "difference_low", "difference_high"]
trade_off.standings()[columns].round(2)

# %% [markdown]
# `difference` is to the threshold in the file, on the same invoices; the intervals of all differences cover together.
#
# ## Threshold and people together
#
# People who wait are paid too. With the number of clerks varied beside the threshold, the objective counts paid hours.
# Hatched fields miss the service level.

# %%
both = analysis.sweep(
    scenario,
    {"topology.threshold": [0.8, 0.9, 0.95, 0.98], "workers.clerk.positions": [1, 2, 3]},
    replications=10,
)

# %%
ax = analysis.plot_heat_map(both)

# %% [markdown]
# ## Is one clerk fewer enough?
#
# `solve` looks for the least number that meets the conditions at the chosen threshold, and shows that one fewer does
# not. With `sure` it asks for more than a good average: a probability of 95 % that the condition is met.

# %%
people = analysis.solve(
    scenario.with_values({"topology.threshold": chosen}), "workers.clerk.positions", high=5, sure=0.95
)
people.summary()[["workers.clerk.positions", "passes", "sla_share", "sla_share_low", "sla_share_high"]].round(
    3
)

# %% [markdown]
# ## What is the answer most sensitive to?
#
# Three inputs that are guesses in most projects, each moved 20 % down and up while the others stay.

# %%
GUESSES = [
    "tasks.invoice.damage_if_wrong",
    "workers.extractor.confidence.self_knowledge",
    "workers.clerk.wage",
]
matters = analysis.sensitivity(people.solved, GUESSES, metrics="cpst_with_damage", replications=10)
ax = analysis.plot_sensitivity(matters)

# %% [markdown]
# ## Answer


# %%
def rival() -> str:
    """How far the second best threshold is behind, and whether that is known."""
    found = trade_off.comparison.decision
    behind = trade_off.points[found.runner_up]["topology.threshold"]
    sure = (
        "which is sure"
        if found.is_sure
        else "too little to be sure: take more replications to tell them apart"
    )
    return (
        f"The second best, {behind}, is behind by {money(found.margin.value, scenario.currency)} "
        f"{interval(found.margin.low, found.margin.high)}, {sure}."
    )


def answer() -> str:
    """Threshold, cost, escapes and clerks, in words."""
    run = trade_off.comparison.variants[best]
    cost, escaped, sent = map(run.estimate, ("cpst_with_damage", "escape_share", "escalation_share"))
    written = scenario.topology.threshold
    saved = trade_off.comparison.difference(best, metric_of("cpst_with_damage")).paired
    clerks = "more than 5" if people.best is None else people.best.values["workers.clerk.positions"]
    return (
        f"**Threshold {chosen}**: {money(cost.value, scenario.currency)} {interval(cost.low, cost.high)} per success "
        f"with damage. {share(sent.value)} go to a person, {share(escaped.value)} "
        f"{interval(escaped.low, escaped.high, '%')} escape. Against the threshold of {written} in the file the "
        f"difference is {scenario.currency} {saved.value:+.2f} {interval(saved.low, saved.high)}. {rival()}\n\n"
        f"**Clerks needed: {clerks}** for 95 % within the service level, with a probability of 95 % or more."
    )


Markdown(answer())

# %% [markdown]
# ## Now yours
#
# - Put the agent's measured figures into the scenario: `confidence: {auroc: 0.86, mean_stated: 0.95}`.
# - Under review of everything (`guardian`) the lever is not a threshold but the reviewer: vary
#   `workers.clerk.review.catch_rate`, or `workers.clerk.review_time`.
# - Vary any path of the scenario file: `{"topology.value_limit": [500, 1000, 5000]}`.
