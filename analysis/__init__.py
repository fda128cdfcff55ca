"""Event logs and scenarios in, answers out."""
