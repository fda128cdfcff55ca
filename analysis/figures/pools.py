"""Charts of one run's pools: queue over time, use by worker and hour, workload against capacity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.figures import style
from analysis.figures.style import Size
from analysis.figures.units import scale_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from analysis.logs import Blocks
    from sim.scenario import Scenario

HOURS_OF_DAY = 24


def plot_queue(
    log: Blocks,
    scenario: Scenario,
    role: str,
    begin: int = 0,
    end: int | None = None,
    ax: Axes | None = None,
    size: Size = "notebook",
) -> Axes:
    """How many tasks wait for a role over time, and how long the oldest has waited; shifts are shaded.

    From tick `begin` to tick `end`, else to the horizon. Draws `frames.queue` and `frames.shifts`. Raises KeyError for
    an unknown role.
    """
    from analysis.frames import queue, shifts

    rows, open_times = queue(log, scenario, role, begin, end), shifts(log, scenario, role)
    ax = style.new_axes(ax, size)
    times = rows["time"].dt.tz_localize(None)
    begins, ends = (open_times[name].dt.tz_localize(None) for name in ("begin", "end"))
    for first, last in zip(begins, ends, strict=True):
        if last > times.iloc[0] and first < times.iloc[-1]:
            ax.axvspan(
                max(first, times.iloc[0]), min(last, times.iloc[-1]), color=style.SHADE, linewidth=0, zorder=0
            )
    ax.fill_between(
        times, rows["longest"], step="post", color=style.COLOURS[5], alpha=0.5, linewidth=0, label="most"
    )
    ax.plot(
        times, rows["length"], drawstyle="steps-post", color=style.COLOURS[0], linewidth=1.1, label="mean"
    )
    ax.set_ylim(0, max(1.0, 1.08 * rows["longest"].max()))
    ax.set_xlim(times.iloc[0], times.iloc[-1])
    _oldest(ax, rows, times)
    dates(ax)
    title = f"Queue of {style.short(role)}, shifts shaded"
    return style.dress(ax, title, f"local time ({scenario.timezone})", "tasks waiting", grid="none")


def _oldest(ax: Axes, rows: pd.DataFrame, times: pd.Series) -> None:
    """The age of the oldest on a scale of its own, to the right."""
    scale = scale_of("s", rows["oldest"])
    aside = ax.twinx()
    aside.plot(
        times,
        rows["oldest"] * scale.factor,
        color=style.COLOURS[1],
        linewidth=0.9,
        linestyle="--",
        label="oldest",
    )
    aside.set_ylim(
        bottom=0, top=max(1e-9, 1.08 * rows["oldest"].max() * scale.factor) if rows["oldest"].any() else 1
    )
    aside.set_ylabel(f"age of the oldest ({scale.unit})", color=style.COLOURS[1])
    aside.spines[["top", "left"]].set_visible(False)
    aside.tick_params(labelsize="small")
    lines = [*ax.get_legend_handles_labels()[0], *aside.get_legend_handles_labels()[0]]
    ax.legend(lines, ["most at once", "mean", "age of the oldest"], frameon=False, fontsize="small", ncols=3,
              loc="upper left", bbox_to_anchor=(0, 1.0))  # fmt: skip


def dates(ax: Axes) -> None:
    """Labels a time axis with as few letters as tell the days and hours apart."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(minticks=3, maxticks=9)  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]


def plot_utilisation(
    log: Blocks, scenario: Scenario, ax: Axes | None = None, size: Size = "notebook"
) -> Axes:
    """How busy each position is in each hour of the day, as a heat map; white where it is not there.

    Mean over the days of the measured window. Draws `frames.utilisation`.
    """
    from analysis.frames import utilisation

    rows = utilisation(log, scenario)
    sums = rows.groupby(["role", "position", "hour"], sort=False)[["busy", "present"]].sum()
    table = (100 * sums["busy"] / sums["present"].where(sums["present"] > 0)).unstack("hour")
    ax = style.new_axes(ax, size, max(style.SIZES[size][1], 1.4 + 0.14 * len(table)))
    picture = ax.imshow(table, aspect="auto", cmap=style.HEAT, vmin=0, vmax=100, interpolation="nearest")
    bar = ax.figure.colorbar(picture, ax=ax, pad=0.02)
    bar.set_label("utilised (%)")
    bar.outline.set_visible(False)
    step = max(1, len(table) // 20)
    ax.set_yticks(
        range(0, len(table), step),
        [f"{style.short(str(role), 18)} {number}" for role, number in table.index[::step]],
    )
    ax.set_xticks(range(0, HOURS_OF_DAY, 3), [f"{hour}:00" for hour in range(0, HOURS_OF_DAY, 3)])
    title = "Utilisation by worker and hour, mean over the days"
    return style.dress(ax, title, f"hour of the day ({scenario.timezone})", "", grid="none")


def plot_workload(
    log: Blocks, scenario: Scenario, role: str, ax: Axes | None = None, size: Size = "notebook"
) -> Axes:
    """The work that comes to a role in each hour of the week against what it can do; red where it is more.

    Draws `frames.workload`. Raises KeyError for an unknown role.
    """
    from analysis.frames import workload

    rows = workload(log, scenario, role)
    ax = style.new_axes(ax, size)
    hours = range(len(rows))
    ax.fill_between(hours, rows["capacity"], step="post", color=style.SHADE, linewidth=0, label="capacity")
    ax.step(hours, rows["capacity"], where="post", color=style.FAINT, linewidth=0.9)
    ax.step(hours, rows["workload"], where="post", color=style.COLOURS[0], linewidth=1.2, label="workload")
    over = rows["workload"] > rows["capacity"]
    ax.fill_between(
        hours, rows["capacity"], rows["workload"], where=over, step="post", color=style.COLOURS[1], alpha=0.6,
        linewidth=0, label="more than can be done then",
    )  # fmt: skip
    ax.set_xlim(0, len(rows))
    ax.set_ylim(0, max(1e-9, 1.15 * float(rows[["workload", "capacity"]].to_numpy().max())))
    ax.set_xticks(range(0, len(rows), HOURS_OF_DAY), list(dict.fromkeys(rows["day"])))
    ax.legend(frameon=False, fontsize="small", ncols=3, loc="upper left", bbox_to_anchor=(0, 1.0))
    title = f"Workload of {style.short(role)} against its capacity"
    return style.dress(ax, title, f"hour of the week ({scenario.timezone})", "tasks at once", grid="y")
