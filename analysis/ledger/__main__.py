"""Writes every page that is generated from the models."""

from analysis.ledger.pages import pages

for path, text in pages().items():
    path.write_text(text, encoding="utf-8", newline="\n")
