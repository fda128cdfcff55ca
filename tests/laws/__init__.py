"""Laws that hold in every run: conservation, Little, the ledger."""
