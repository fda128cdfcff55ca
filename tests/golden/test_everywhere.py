"""The same digests on every Python at hand, hash seed, time zone, and with processor features switched off."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ["-m", "tests.golden.digests"]
STORED = json.loads(Path(__file__).with_name("digests.json").read_text(encoding="utf-8"))["digests"]
PYTHONS = ("python3.11", "python3.12", "python3.13", "python3.14")


def digests_of(python: str, arguments: list[str], **environment: str) -> dict[str, str]:
    """What the script prints in a process of its own."""
    done = subprocess.run(
        [python, *SCRIPT, *arguments],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT), **environment}, capture_output=True, text=True,
        timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    assert found
    return found


@pytest.mark.parametrize(
    ("seed", "zone"),
    [("0", "UTC"), ("1", "Asia/Kolkata"), pytest.param("2", "America/St_Johns", marks=pytest.mark.ci)],
)
def test_hash_seed_and_time_zone_change_no_digest(seed: str, zone: str) -> None:
    found = digests_of(sys.executable, ["invoice_reconciliation"], PYTHONHASHSEED=seed, TZ=zone)
    assert all(STORED[name] == digest for name, digest in found.items())


@pytest.mark.ci
@pytest.mark.parametrize(
    "environment",
    [
        {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2,-AVX2_Usable,-FMA_Usable"},
        {"NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3"},
        {"NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512CD AVX512_SKX"},
    ],
    ids=["libm-without-fma", "numpy-without-avx2", "numpy-without-avx512"],
)
def test_processor_features_change_no_digest(environment: dict[str, str]) -> None:
    environment = {**environment, "PYTHONWARNINGS": "ignore"}
    assert digests_of(sys.executable, [], **environment) == STORED


@pytest.mark.ci
@pytest.mark.parametrize("name", PYTHONS)
def test_another_python_changes_no_digest(name: str, tmp_path: Path) -> None:
    python = _python(name)
    if python is None:
        pytest.skip(f"no {name} on this machine")
    if name == f"python3.{sys.version_info.minor}":
        pytest.skip("the Python that runs the tests")
    subprocess.run([python, "-m", "venv", str(tmp_path / "venv")], check=True, capture_output=True)
    inside = str(tmp_path / "venv" / "bin" / "python")
    installed = subprocess.run(
        [inside, "-m", "pip", "install", "--quiet", str(ROOT)], capture_output=True, text=True
    )
    assert installed.returncode == 0, installed.stderr
    assert digests_of(inside, []) == STORED


def _python(name: str) -> str | None:
    """The interpreter itself: a shim on the path may point at a version that is not switched on."""
    candidates = [shutil.which(name), *map(str, Path.home().glob(f".pyenv/versions/{name[6:]}.*/bin/{name}"))]
    for candidate in candidates:
        if candidate and subprocess.run([candidate, "--version"], capture_output=True).returncode == 0:
            return candidate
    return None
