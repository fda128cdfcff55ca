# %% [markdown]
# # 01 First comparison in ten minutes
#
# **Question.** Invoices come in and have to be matched with orders. People can do it, an agent can do it, and there
# are ways in between. Who should do the work, and who should check it?
#
# You need a scenario (a YAML file), three lines of Python and ten minutes. No language model is called: an agent is a
# worker that takes time, spends tokens, is right or wrong, and says how sure it is.

# %%
from pathlib import Path

from IPython.display import Markdown

import analysis
import sim
from analysis.format import interval, money, significant

SCENARIOS = Path("..") / "scenarios"

# %% [markdown]
# ## The scenario
#
# `invoice_reconciliation.yaml` says when invoices come, what a wrong one costs, how fast and how good the agent and the
# clerks are. The second argument changes single values: here fewer invoices and one measured week, to be quick.

# %%
scenario = sim.load(
    SCENARIOS / "invoice_reconciliation.yaml",
    {
        "tasks.invoice.arrivals.rate": "20 / h",
        "warm_up": "1 day",
        "horizon": "8 days",
        "workers.clerk.positions": 4,
    },
)
Markdown(
    f"**{scenario.name}**: {scenario.expected_tasks():,.0f} invoices expected, seed {scenario.seed}, "
    f"decided by `{scenario.decide.minimise}` subject to {' and '.join(map(str, scenario.decide.subject_to))}"
)

# %% [markdown]
# ## Five topologies, the same invoices
#
# A topology says who does the work and who checks it: people alone, people with an assistant, an agent with a
# reviewer, an agent that passes on what it is unsure of, an agent alone.
#
# Each meets the same invoices, ten times over with other draws: ten replications. `staff_to` first finds how many
# clerks each of them needs to keep the service level, so that nobody pays for people who only wait.

# %%
topologies = scenario.topologies("human_only", "copilot", "guardian", "escalation", "autonomous")
result = analysis.compare(topologies, replications=10, staff_to=["sla_share >= 0.95"])
decision = result.decision

# %%
columns = ["variant", "people_needed", "objective", "objective_low", "objective_high", "failed_conditions"]
result.standings()[columns].round(2)

# %% [markdown]
# The objective is what a success costs, with the hours that people are paid for and with the damage of wrong
# deliveries. `objective_low` and `objective_high` are its 95 % interval over the replications.

# %%
ax = analysis.plot_comparison(result, decision.objective.name)

# %% [markdown]
# ## What is the money spent on?
#
# The same successes, line by line. The last part, in outline, is damage: it is not spent, it happens.

# %%
ax = analysis.plot_cost_breakdown(result)

# %% [markdown]
# ## Cheap, or safe?
#
# The share of invoices that end wrong or failed, against what a success costs, paid hours included. What lies to the
# lower left is better. A variant is hollow when another one is at least as good in both and in what it delivers.

# %%
ax = analysis.plot_frontier(result, x="cpst_loaded", y="cfr_delivered")

# %% [markdown]
# ## From what damage on does checking pay?
#
# The answer hangs on what a wrong invoice costs. `breakeven` looks for the amount at which the better of two changes.
# The line is what a guardian costs more than the agent alone, on the same invoices; the shade around the break-even is
# its interval.

# %%
staffed = scenario.with_values({"workers.clerk.positions": result.staffing["guardian"].positions["clerk"]})
turning = analysis.breakeven(
    staffed, ("guardian", "autonomous"), "tasks.invoice.damage_if_wrong", 5, 60, points=3, tolerance=0.05
)
ax = analysis.plot_breakeven(turning)

# %% [markdown]
# ## Answer


# %%
def answer() -> str:
    """What the comparison says, in words."""
    if decision.winner is None:
        return f"Nothing to choose: {decision.reason}."
    best = decision.standings[decision.winner].objective
    wrong = result.variants[decision.winner].estimate("wrong_per_1000")
    refused = [name for name, standing in decision.standings.items() if not standing.is_admitted]
    return (
        f"**Choose {decision.winner}**: {money(best.value, scenario.currency)} {interval(best.low, best.high)} per "
        f"success (people needed: {result.staffing[decision.winner].people}), and {significant(wrong.value)} "
        f"{interval(wrong.low, wrong.high)} wrong deliveries per 1,000. "
        f"Conditions not met by: {', '.join(refused) or 'none'}."
    )


def turning_point() -> str:
    """From which damage on the choice between two changes, in words."""
    if not turning.crossings:
        return "Between guardian and autonomous the choice is the same over the whole range of damage."
    at = turning.crossings[0]
    return (
        f"Between a guardian and an agent alone the choice changes where a wrong delivery costs "
        f"{money(at.at, scenario.currency)} {interval(at.low, at.high)}: below, {turning.better(at.sign_before)} is "
        f"better, above, {turning.better(-at.sign_before)}."
    )


Markdown(f"{answer()}\n\n{turning_point()}")

# %% [markdown]
# ## Now yours
#
# - Copy `scenarios/invoice_reconciliation.yaml`, put in your arrivals, wages, times and shares, and load the copy.
#   `workforce init` writes a commented file to start from; `workforce explain FILE` says where each value comes from.
# - Change what you decide by: `decide: {minimise: ..., subject_to: [...]}` in the file, or `minimise=` and
#   `subject_to=` of `compare`.
# - Take 30 replications before you show the result to anybody, and `jobs=2` or more to share the work between
#   processors.
