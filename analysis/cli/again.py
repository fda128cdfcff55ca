"""The command that makes the results in a folder again, from the folder alone."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analysis.runs import Manifest


def again_beside(folder: Path) -> Path:
    """Where the same results go when they are made again, so that nothing takes the place of the first."""
    named = folder if folder.name not in ("", "..") else folder.resolve()
    return named.with_name(f"{named.name}-again")


def repeated(folder: Path, manifest: Manifest, out: Path) -> str:
    """The command that does it again, from the folder alone: the same question about the scenarios as stated."""
    from analysis.runs.asked import REPLICATIONS, typed
    from analysis.runs.write import EVENTS

    options = dict(manifest.options)
    count = options.pop(REPLICATIONS, manifest.replications)
    if EVENTS in manifest.files and count > 1:
        options["--events"] = True
    named = shlex.join(str(folder / name) for name in asked_about(manifest))
    plain = f"workforce {manifest.kind} {named} -n {count} --seed {manifest.seed}"
    return " ".join(filter(None, [plain, typed(options), typed({"--out": out})]))


def asked_about(manifest: Manifest) -> tuple[str, ...]:
    """The files that the command to repeat reads."""
    from analysis.runs.contents import RESOLVED

    return manifest.stated or (RESOLVED,)
