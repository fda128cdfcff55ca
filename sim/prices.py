"""List prices of models: the only importer of the price catalogue.

The catalogue (genai-prices, MIT) ships with its data and is asked without a network. Prices are the latest that
the installed catalogue knows, not those of a date; a scenario overrides them with `price`, and a run folder keeps the
prices it used.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from importlib.metadata import version

CATALOGUE_CURRENCY = "USD"


@dataclass(frozen=True, slots=True)
class ListPrice:
    """Catalogue price of a model in US dollars per million tokens."""

    provider: str
    input: Decimal
    output: Decimal


@lru_cache(maxsize=256)
def list_price(model: str, provider: str | None) -> ListPrice | None:
    """Price of a model, or None when the catalogue does not know it; of a price in steps, the first step."""
    from datetime import UTC, datetime

    from genai_prices.data_snapshot import get_snapshot

    try:
        found, info = get_snapshot().find_provider_model(model, None, provider, None)
    except LookupError:
        return None
    prices = info.get_prices(datetime(2100, 1, 1, tzinfo=UTC))
    amounts = [getattr(amount, "base", amount) for amount in (prices.input_mtok, prices.output_mtok)]
    if None in amounts:
        return None
    return ListPrice(found.id, Decimal(str(amounts[0])), Decimal(str(amounts[1])))


def known_models() -> list[str]:
    """Names of the models in the catalogue, for "did you mean"."""
    from genai_prices.data_snapshot import get_snapshot

    return sorted({model.id for provider in get_snapshot().providers for model in provider.models})


def catalogue_version() -> str:
    """Version of the catalogue, for the manifest."""
    return f"genai-prices {version('genai-prices')}"
