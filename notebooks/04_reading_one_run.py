# %% [markdown]
# # 04 Reading one run: queues, bottleneck, traces
#
# **Question.** A lender's agent assesses loans, and underwriters decide what it is unsure of and what is large. Most
# applicants have their answer in minutes, some wait for days. Why, and what would help them?

# %%
from pathlib import Path

from IPython.display import Code, Markdown

import analysis
import sim
from analysis import frames
from analysis.format import duration, interval, share
from analysis.story import tell
from sim.quantities import SECOND

scenario = sim.load(Path("..") / "scenarios" / "loan_underwriting.yaml", {"horizon": "4 weeks"})

# %% [markdown]
# ## One run
#
# A run is one history: the same seed gives the same log, row by row. Everything below is read from this log.

# %%
log = sim.simulate(scenario)
Markdown(f"{log.task_count:,} applications, {log.rows:,} rows in the log, digest `{log.digest[:12]}`")

# %%
ax = analysis.plot_cycle_times(log, scenario)

# %% [markdown]
# Two groups: what the agent decides alone, and what goes through a queue. Which queue is it?
#
# ## Where do they wait?

# %%
run = analysis.replicate(scenario, replications=1)  # the same history as above, folded into numbers
run.queues()[["role", "utilisation", "queue_length", "wait_mean", "wait_longest"]].round(2)

# %%
ROLE = run.queues().sort_values("wait_mean").iloc[-1]["role"]
WEEK = 7 * 24 * 3600 * SECOND
ax = analysis.plot_queue(log, scenario, ROLE, begin=2 * WEEK, end=3 * WEEK)

# %% [markdown]
# Shifts are shaded. What is not done when they end stays for the night, and on a Friday for the weekend.
#
# ## Is it the amount of work, or the hours?

# %%
ax = analysis.plot_workload(log, scenario, ROLE)

# %%
ax = analysis.plot_utilisation(log, scenario)

# %% [markdown]
# ## One application's story
#
# The one that took longest of all that were delivered, told from the log.

# %%
times = frames.cycle_times(log, scenario).query("end == 'delivered'").sort_values("seconds")
slowest = times.iloc[-1]
trace = f"{slowest['type']}-{slowest['task']}"
Code(tell(scenario, log, trace), language="text")

# %%
ax = analysis.plot_trace(log, scenario, trace)

# %% [markdown]
# ## What would help?
#
# One run says why; to say what helps takes replications. Three ideas on the same applications: another underwriter, the
# same people one hour later, and no common lunch break (an hour more to pay for).

# %%
LATER = {"calendars": {"desk": {"hours": ["09:00-13:00", "14:00-18:00"]}}}
TURNS = {"calendars": {"desk": {"hours": "08:00-17:00"}}}
ideas = {
    "as written": scenario,
    "one more underwriter": scenario.with_values({"workers.underwriter.positions": 5}),
    "an hour later": scenario.overlaid(LATER),
    "no common lunch": scenario.overlaid(TURNS),
}
tried = analysis.compare(ideas, replications=10, minimise="wait_people_mean", subject_to=[])

# %%
ax = analysis.plot_comparison(tried, "wait_people_mean")

# %% [markdown]
# ## Answer


# %%
def answer() -> str:
    """The bottleneck, the reason, and what helps, in words."""
    people = run.queues().set_index("role").loc[ROLE]
    asked = frames.workload(log, scenario, ROLE).query("capacity > 0")
    too_much = (asked["workload"] > asked["capacity"]).mean()
    gains = tried.differences().query("metric == 'wait_people_mean'").sort_values("value")
    cost = tried.differences().query("metric == 'cost_per_month_paid'").set_index("variant")["value"]
    lines = [
        f"- {row['variant']}: {row['value'] / 3600:+.2f} h {interval(row['low'] / 3600, row['high'] / 3600)}, "
        f"for {scenario.currency} {cost[row['variant']]:+,.0f} a month"
        for _, row in gains.iterrows()
    ]
    return (
        f"Applications wait for the **{ROLE}**, {share(people['utilisation'])} busy: "
        f"{duration(people['wait_mean'] * SECOND)} on average, {duration(people['wait_longest'] * SECOND)} at worst. "
        f"In {share(too_much)} of the hours on shift more work comes in than can be done. "
        f"The slowest application ({trace}) took {duration(slowest['seconds'] * SECOND)}.\n\n"
        "What each idea changes in the mean wait for a person, on the same applications, with the interval that covers "
        "all of them together, and what it costs:\n\n" + "\n".join(lines)
    )


Markdown(answer())

# %% [markdown]
# ## Now yours
#
# - From the shell: `workforce run FILE --out DIR`, then `workforce trace DIR TASK` tells any task's story.
# - `log.events()` is a DataFrame with one row per finished activity; `docs/log.md` explains each column.
# - Look at another role or another stretch: `plot_queue(log, scenario, role, begin, end)`, in ticks (microseconds since
#   the start of the run).
