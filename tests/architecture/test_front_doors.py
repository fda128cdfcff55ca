"""The public names are exactly these."""

from __future__ import annotations

import sim


def test_names_of_sim() -> None:
    assert sim.__all__ == [
        "InvariantError", "Log", "Scenario", "ScenarioError", "WorkforceError", "load", "loads",
        "simulate",
    ]  # fmt: skip


def test_every_public_name_of_sim_can_be_had() -> None:
    assert all(getattr(sim, name) is not None for name in sim.__all__)


def test_every_public_name_of_analysis_can_be_had() -> None:
    import analysis

    assert len(analysis.__all__) < 20
    assert all(getattr(analysis, name) is not None for name in analysis.__all__)


def test_completion_offers_the_public_names_and_the_charts() -> None:
    import analysis

    assert dir(sim) == sorted(sim.__all__)
    assert {*analysis.__all__, "plot_frontier", "plot_breakeven"} <= set(dir(analysis))
