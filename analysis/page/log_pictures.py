"""Pictures of one run's log: queue, use, workload, cycle times, calibration, spending, one task."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.format import count, duration, money, share, significant
from analysis.metrics import queues
from analysis.page.model import Figure
from analysis.page.pictures import picture
from sim.quantities import SECOND

if TYPE_CHECKING:
    from analysis.experiments import Replications
    from analysis.logs import Blocks
    from sim.scenario import Scenario

WEEK_HOURS = 168


def busiest_role(result: Replications) -> str | None:
    """The role of people, or else of agents, whose time is used most; None where nobody was on shift."""
    rows = [row for row in queues(result.tallies) if isinstance(row["utilisation"], float)]
    people = [row for row in rows if row["kind"] == "human" and row["waits"]]
    ranked = sorted(people or rows, key=lambda row: -float(row["utilisation"] or 0.0))
    return str(ranked[0]["role"]) if ranked else None


def pool_pictures(log: Blocks, result: Replications) -> list[Figure]:
    """Queue and workload of the busiest role."""
    role = busiest_role(result)
    if role is None:
        return []
    scenario = result.scenario
    return [_queue(log, scenario, role), _workload(log, scenario, role)]


def _queue(log: Blocks, scenario: Scenario, role: str) -> Figure:
    from analysis.figures import plot_queue
    from analysis.frames import queue

    rows = queue(log, scenario, role, scenario.warm_up)
    most, oldest = int(rows["longest"].max()), float(rows["oldest"].max())
    told = (
        f"Over the measured time {significant(float(rows['length'].mean()))} tasks wait for {role} on average and "
        f"{count(most)} at most; the oldest has waited up to {duration(oldest * SECOND)}."
    )
    return picture(
        f"Queue of {role} in the first replication", told, plot_queue, log, scenario, role, scenario.warm_up
    )


def _workload(log: Blocks, scenario: Scenario, role: str) -> Figure:
    from analysis.figures import plot_workload
    from analysis.frames import workload

    rows = workload(log, scenario, role)
    worst = rows.iloc[int(rows["workload"].to_numpy().argmax())]
    above = int((rows["workload"] > rows["capacity"]).sum())
    told = (
        f"The most work comes on {worst['day']} at {int(worst['hour']):02}:00: {significant(float(worst['workload']))} "
        f"slots' worth; in {above} of {WEEK_HOURS} hours of the week more comes than {role} can do at once."
    )
    return picture(
        f"Work that comes to {role} against its capacity", told, plot_workload, log, scenario, role
    )


def use_picture(log: Blocks, scenario: Scenario) -> Figure:
    """How busy each position is."""
    from analysis.figures import plot_utilisation
    from analysis.frames import utilisation

    rows = utilisation(log, scenario)
    sums = rows.groupby("role", sort=False)[["busy", "present"]].sum()
    parts = [
        f"{role} {share(float(row['busy'] / row['present'])) if row['present'] else 'never there'}"
        for role, row in sums.iterrows()
    ]
    told = f"How busy each position is by hour of the day; over the week: {', '.join(parts)}."
    return picture("How busy each position is", told, plot_utilisation, log, scenario)


def time_picture(log: Blocks, scenario: Scenario) -> Figure:
    """How long tasks take."""
    from analysis.figures import plot_cycle_times
    from analysis.frames import cycle_times

    seconds = cycle_times(log, scenario)["seconds"]
    parts = [
        f"{name} {duration(float(seconds.quantile(part, interpolation='higher')) * SECOND)}"
        for name, part in (("median", 0.5), ("90 %", 0.9), ("99 %", 0.99))
        if len(seconds)
    ]
    told = f"{count(len(seconds))} tasks of the first replication: {', '.join(parts) or 'none ended'}."
    return picture("How long tasks take, from arrival to end", told, plot_cycle_times, log, scenario)


def spending_picture(log: Blocks, scenario: Scenario) -> Figure:
    """What was spent by when."""
    from analysis.figures import plot_ledger
    from analysis.frames import ledger

    rows = ledger(log, scenario)
    ends = rows.groupby("line", sort=False)["total"].last()
    parts = [f"{line} {money(float(total), scenario.currency)}" for line, total in ends.items()]
    told = f"Spent by the end of the first replication: {', '.join(parts) or 'nothing'}."
    return picture("The ledger over time", told, plot_ledger, log, scenario)


def calibration_picture(log: Blocks, scenario: Scenario) -> Figure | None:
    """Whether agents are as right as they say; None where none stated a confidence."""
    from analysis.figures import plot_calibration
    from analysis.frames import calibration

    rows = calibration(log, scenario)
    if rows.empty:
        return None
    stated = float((rows["stated"] * rows["count"]).sum() / rows["count"].sum())
    right = float((rows["right"] * rows["count"]).sum() / rows["count"].sum())
    told = (
        f"{count(int(rows['count'].sum()))} first attempts: right {share(right)}, stated {share(stated)} on average; "
        f"expected calibration error {significant(rows.attrs['ece'])}, AUROC {significant(rows.attrs['auroc'])}."
    )
    return picture("Are agents as right as they say?", told, plot_calibration, log, scenario)


def trace_picture(log: Blocks, scenario: Scenario) -> Figure | None:
    """The way of the task that took longest of those with a cycle time below the 99 % quantile; None without tasks."""
    from analysis.figures import plot_trace
    from analysis.frames import cycle_times, trace

    rows = cycle_times(log, scenario)
    if rows.empty:
        return None
    usual = rows[rows["seconds"] <= rows["seconds"].quantile(0.99, interpolation="higher")]
    longest = usual.iloc[int(usual["seconds"].to_numpy().argmax())]
    task = f"{longest['type']}-{longest['task']}"
    stays = trace(log, scenario, task)
    parts = [f"{who} {doing}" for who, doing in zip(stays["who"], stays["doing"], strict=True)]
    took = duration(float(longest["seconds"]) * SECOND)
    told = f"{task}, longer than 99 % of tasks, took {took}: {', '.join(parts)}."
    return picture("One task that took long", told, plot_trace, log, scenario, task)
