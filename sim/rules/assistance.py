"""Assistance rules: how much help shortens a person's work."""


def helped(ticks: int, assist_factor: float, draft_help: float) -> int:
    """Ticks of work that takes its time divided by each factor, rounded after each (rows TP-01, HI-10)."""
    if assist_factor != 1.0:
        ticks = round(ticks / assist_factor)
    return round(ticks / draft_help) if draft_help != 1.0 else ticks
