"""Tables of stated confidence: what agents said, and how often they were right."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from analysis.frames.rows import cohort_arrivals, columns_of, tasks_of
from analysis.logs import Blocks
from sim.log.columns import NULL
from sim.quantities import BILLION
from sim.scenario import Scenario

BINS = 10
"""Bands of stated confidence, of equal width."""
NORMAL = 1.959963984540054
"""Quantile of the standard normal distribution for an interval of 95 %."""


def confidences(log: Blocks, scenario: Scenario, role: str | None = None) -> pd.DataFrame:
    """One row per first attempt that stated a confidence: `type`, `stage`, `role`, `stated`, `right` (0 or 1).

    Of cohort tasks; of one role, or of all agents. `right` is the attempt's own work, whatever it was given. An output
    whose schema was invalid is left out: the log calls it wrong for its form, and whether the work behind it was right,
    which is what was stated, it does not say. The form fails whether the work is right or not, so this bends nothing.
    """
    about = ("type", "task", "stage", "role", "action", "attempt", "outcome", "tick")
    rows = columns_of(log, *about, "theta_raw", "is_right", "own_right")
    keys = tasks_of(rows)
    right = np.where(rows["own_right"] == NULL, rows["is_right"], rows["own_right"])
    kept = (rows["action"] == "attempted") & (rows["attempt"] == 1) & (rows["outcome"] != "invalid")
    kept &= (
        np.isin(keys, keys[cohort_arrivals(rows, scenario)]) & (rows["theta_raw"] != NULL) & (right != NULL)
    )
    if role is not None:
        kept &= rows["role"] == role
    found = {name: rows[name][kept] for name in ("type", "stage", "role")}
    return pd.DataFrame({**found, "stated": rows["theta_raw"][kept] / BILLION, "right": right[kept]})


def calibration(log: Blocks, scenario: Scenario, role: str | None = None, bins: int = BINS) -> pd.DataFrame:
    """One row per band of stated confidence: `low`, `high`, `count`, `stated` and `right` (means), `right_low`,
    `right_high` (Wilson's 95 % interval, 1927).

    Bands are of equal width; an empty one is left out. `attrs` holds `ece`, the expected calibration error: the mean
    distance of the two, weighted by counts (Naeini, Cooper and Hauskrecht 2015); and `auroc`, the probability that a
    right attempt states more than a wrong one (ties count half), NaN where only one kind occurs.
    """
    rows = confidences(log, scenario, role)
    band = np.minimum((rows["stated"] * bins).astype(int), bins - 1)
    parts = rows.groupby(band)[["stated", "right"]]
    means, counts = parts.mean(), parts.size()
    places = means.index.to_numpy(dtype=np.int64)
    frame = pd.DataFrame(
        {
            "low": places / bins,
            "high": (places + 1) / bins,
            "count": counts.to_numpy(dtype=np.int64),
            "stated": means["stated"].to_numpy(),
            "right": means["right"].to_numpy(),
        }
    )
    ends = [wilson(share, count) for share, count in zip(frame["right"], frame["count"], strict=True)]
    frame["right_low"], frame["right_high"] = [low for low, _ in ends], [high for _, high in ends]
    distance = (frame["stated"] - frame["right"]).abs() * frame["count"]
    frame.attrs["ece"] = float(distance.sum() / len(rows)) if len(rows) else float("nan")
    frame.attrs["auroc"] = auroc(rows["stated"].to_numpy(), rows["right"].to_numpy())
    return frame


def wilson(share: float, count: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share that was seen in so many cases."""
    square = NORMAL * NORMAL
    centre = share + square / (2 * count)
    reach = NORMAL * math.sqrt(share * (1 - share) / count + square / (4 * count * count))
    scale = 1 + square / count
    return max((centre - reach) / scale, 0.0), min((centre + reach) / scale, 1.0)


def auroc(stated: np.ndarray, right: np.ndarray) -> float:
    """The area under the receiver's curve, from the ranks of what was stated (Mann and Whitney 1947)."""
    positive = int(np.count_nonzero(right == 1))
    negative = len(right) - positive
    if not positive or not negative:
        return float("nan")
    ranks = pd.Series(stated).rank(method="average").to_numpy()
    above = float(ranks[right == 1].sum()) - positive * (positive + 1) / 2
    return above / (positive * negative)
