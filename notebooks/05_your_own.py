# %% [markdown]
# # 05 Your own data, your own topology, your own metric
#
# **Question.** You have a file of what really came in one morning, a way of working that is none of the presets, and a
# promise of your own: *documents worth more than 2,000 are done within ten minutes*. Can your team keep it?

# %%
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from IPython.display import Markdown

import analysis
import sim
from analysis import estimates
from analysis.format import interval, money, share
from analysis.metrics import Metric, Tally

SCENARIOS = Path("..") / "scenarios"

# %% [markdown]
# ## Your data in
#
# Most systems export a time and an amount per document. Here is such an export; put `pd.read_csv("your.csv")` in its
# place. The simulator wants seconds since the start of the run in `t_s`, in rising order, and, if you have them,
# `value`, `input_tokens`, `output_tokens`.

# %%
shipped = pd.read_csv(SCENARIOS / "recorded_arrivals.csv")
export = pd.DataFrame(
    {
        "received": pd.Timestamp("2026-03-02") + pd.to_timedelta(shipped["t_s"], unit="s"),
        "amount": shipped["value"],
    }
)
export.head(3)

# %%
midnight = export["received"].min().normalize()
arrivals = pd.DataFrame(
    {
        "t_s": (export["received"] - midnight).dt.total_seconds().round(3),
        "value": export["amount"],
    }
).sort_values("t_s")

# %% [markdown]
# ## Your topology
#
# A topology of your own is a table of steps: who attempts, what routes, who reviews, who executes, and where each
# result leads. Here a reader drafts; what is dear or unsure is audited by a checker; what is rejected is done anew.

# %%
TEXT = """
version: 1
name: Documents of one morning
start: 2026-03-02
timezone: America/Sao_Paulo
horizon: 1 day
seed: 3
currency: BRL
exchange: {USD: 5.45}

calendars:
  day: {days: Mon-Fri, hours: "08:00-18:00"}

tasks:
  document:
    arrivals: {process: recorded, file: arrivals.csv}
    input_tokens: {distribution: lognormal, mean: 2400, cv: 0.7}
    output_tokens: {distribution: lognormal, mean: 340, cv: 0.5}
    sla: 30 min
    damage_if_wrong: 40

workers:
  reader:
    kind: agent
    concurrency: 2
    model: claude-haiku-4-5
    work_time: {distribution: lognormal, mean: 9 s, cv: 0.5}
    success: {mean: 0.92, spread: 1.3}
    confidence: {auroc: 0.8, mean_stated: 0.94}
    failures: {transient: 3 %, judgment: 1 %}
  checker:
    kind: human
    positions: 2
    calendar: day
    wage: 38 / h
    work_time: {distribution: lognormal, mean: 6 min, cv: 0.6}
    review_time: {distribution: lognormal, mean: 2 min, cv: 0.6}
    review: {catch_rate: 0.85, false_reject: 0.03}

topology:
  kind: custom
  human: checker
  steps:
    draft:  {attempt: reader, output: look, failed: again}
    look:   {route: {threshold: 0.85, value_limit: 2000}, confident: deliver, unsure: audit}
    audit:  {review: checker, revised: draft, rejected: again}
    again:   {execute: checker}
"""

# %% [markdown]
# Files that a scenario names are read once, when it is loaded: the folder may go away afterwards. In your project, keep
# the CSV beside the YAML file and say `sim.load("yours.yaml")`. A mistake is named with its line and column.

# %%
with TemporaryDirectory() as folder:
    arrivals.to_csv(Path(folder) / "arrivals.csv", index=False)
    team = sim.loads(TEXT, folder)

two = analysis.replicate(team, replications=20)
two.queues()[["role", "utilisation", "wait_mean", "wait_longest"]].round(2)

# %% [markdown]
# Arrivals and values are the recorded ones in every replication; minutes, success and confidence are drawn anew.

# %%
log = sim.simulate(team)
HOUR = 3_600_000_000
ax = analysis.plot_queue(log, team, "checker", begin=8 * HOUR, end=15 * HOUR)

# %% [markdown]
# ## Your metric, from the log
#
# The log has one row per finished activity. Any question about it is a function from the log to two whole numbers: how
# many, of how many. Ticks are microseconds, values are in cents.

# %%
DEAR = 2_000 * 100
PROMISE = 10 * 60 * 1_000_000


def dear_in_time(log: sim.Log) -> tuple[int, int]:
    """Dear documents delivered within the promised time, and all dear documents."""
    events = log.events()
    arrived = events[events["action"] == "arrived"].set_index("trace_id")
    dear = arrived[arrived["value"] > DEAR]
    delivered = events[events["next"] == "deliver"].groupby("trace_id")["tick"].max()
    taken = delivered.reindex(dear.index) - dear["tick"]
    return int((taken <= PROMISE).sum()), len(dear)


# %% [markdown]
# One pair per replication, and the interval over replications follows: total over total, with the jackknife.


# %%
def over_replications(scenario: sim.Scenario, replications: int = 20) -> list[tuple[int, int]]:
    """The metric of every replication."""
    return [dear_in_time(sim.simulate(scenario, replication=number)) for number in range(replications)]


three_checkers = team.with_values({"workers.checker.positions": 3})
with_two, with_three = over_replications(team), over_replications(three_checkers)
kept, kept_by_three = estimates.ratio(with_two), estimates.ratio(with_three)
gain = estimates.paired_difference(with_three, with_two)

# %% [markdown]
# ## Your metric, from the tally
#
# A `Metric` divides two numbers of a replication's tally. It needs no log, so it is quick for thousands of
# replications, and it goes wherever the name of a metric does: `.estimate` of replications, comparisons and sweeps.
# This one is the pay for each document that a person had in hand.


# %%
def pay(tally: Tally) -> int:
    """What the people on shift are paid, in billionths of the currency."""
    return sum(role.paid for role in tally.people)


def handled(tally: Tally) -> int:
    """Pieces of work that people began: reviews and executions."""
    return sum(sum(role.runs) for role in tally.people)


pay_per_piece = Metric(
    "pay_per_piece", "currency", "lower", "paid hours x wage / pieces of people's work",
    lambda tally: pay(tally), lambda tally: handled(tally) * 1_000_000_000,
)  # fmt: skip
cost = two.estimate(pay_per_piece)

# %% [markdown]
# ## Answer

# %%
pd.DataFrame(
    {
        "promise kept": [share(kept.value), share(kept_by_three.value)],
        "95 % interval": [
            interval(kept.low, kept.high, "%"),
            interval(kept_by_three.low, kept_by_three.high, "%"),
        ],
    },
    index=["two checkers", "three checkers"],
)

# %%
Markdown(
    f"With two checkers the promise is kept for **{share(kept.value)}** {interval(kept.low, kept.high, '%')} of the "
    f"dear documents, with three for **{share(kept_by_three.value)}**: {100 * gain.value:+.1f} "
    f"{interval(100 * gain.low, 100 * gain.high)} points on the same documents. Each piece of work that two checkers "
    f"have in hand costs {money(cost.value, team.currency)} {interval(cost.low, cost.high)} of their paid time."
)

# %% [markdown]
# ## Now yours
#
# - `export`: your file. Its times must not go back; a column `type` tells task types apart.
# - `TEXT`: your steps and workers. `workforce explain yours.yaml` draws the flow and says what each value rests on.
# - `dear_in_time`: your promise. Whatever you count, return whole numbers: how many, of how many.
# - To use it in a comparison, apply it to every variant with the same replications and take
#   `estimates.paired_difference`.
