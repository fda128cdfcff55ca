"""A release changes results only with a bump of the stream version (promise R4)."""

from __future__ import annotations

import json
import os
from pathlib import Path

from sim.draws import STREAM_VERSION
from tests.golden.digests import digests

STORED = Path(__file__).with_name("digests.json")


def test_digests_are_those_of_this_stream_version() -> None:
    current = {"stream_version": STREAM_VERSION, "digests": digests()}
    if os.environ.get("UPDATE_GOLDEN"):
        STORED.write_text(json.dumps(current, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    stored = json.loads(STORED.read_text(encoding="utf-8"))
    assert stored == current, (
        "results changed: raise STREAM_VERSION, note it in the changelog, UPDATE_GOLDEN=1"
    )
