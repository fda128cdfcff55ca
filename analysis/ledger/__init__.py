"""The ledger of parameters: what a scenario can say, by default what, and where each default comes from.

All of it is read from the models that check scenarios, so the pages made from it cannot drift from them.
`python -m analysis.ledger` writes `docs/reference.md`, `docs/assumptions.md`, `docs/metrics.md` and
`scenarios/scenario.schema.json` anew; tests keep the files equal to what it writes.
"""

from analysis.ledger.pages import pages
from analysis.ledger.rows import Parameter, assumptions, parameters

__all__ = ["Parameter", "assumptions", "pages", "parameters"]
