"""The package gegravity in an environment of its own, made on first use: it needs older pandas and numpy than ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tests.benchmarks.gravity_case import COEFFICIENTS, SIGMA

ENVIRONMENT = Path(__file__).resolve().parents[2] / "var" / "bench-env"
PACKAGES = ("gegravity==0.3", "pandas==2.1.*", "numpy==1.26.*")
SCRIPT = Path(__file__).with_name("run_gegravity.py")
PATIENCE = 900


@dataclass(frozen=True)
class PeerResult:
    """Ratios to the baseline by country."""

    seconds: float
    converged: bool
    real_gdp: dict[str, float]
    price: dict[str, float]


class Peer:
    """The interpreter that has the package."""

    def __init__(self, python: Path) -> None:
        self.python = python

    @classmethod
    def prepare(cls) -> Peer | str:
        """The peer, or why there is none."""
        python = ENVIRONMENT / "bin" / "python"
        try:
            if not cls._works(python):
                print(f"  installing {', '.join(PACKAGES)} in {ENVIRONMENT.relative_to(Path.cwd())}", flush=True)
                subprocess.run(
                    [sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], check=True, capture_output=True
                )
                install = [str(python), "-m", "pip", "install", "--quiet", *PACKAGES]
                subprocess.run(install, check=True, capture_output=True, text=True, timeout=PATIENCE)
        except subprocess.CalledProcessError as error:
            lines = (error.stderr or b"").decode() if isinstance(error.stderr, bytes) else (error.stderr or "")
            return f"gegravity cannot be installed: {lines.strip().splitlines()[-1] if lines.strip() else error}"
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"gegravity cannot be installed: {error}"
        return cls(python) if cls._works(python) else "gegravity is installed but cannot be imported"

    @staticmethod
    def _works(python: Path) -> bool:
        if not python.exists():
            return False
        return subprocess.run([str(python), "-c", "import gegravity"], capture_output=True).returncode == 0

    def run(self, table: pd.DataFrame) -> PeerResult | str:
        """The counterfactual on one thread, or why there is no result."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "case.csv"
            table.to_csv(path, index=False)
            coefficients = [str(value) for value in COEFFICIENTS.values()]
            command = [str(self.python), str(SCRIPT), str(path), str(SIGMA), *coefficients]
            try:
                done = subprocess.run(
                    command, check=True, capture_output=True, text=True, timeout=PATIENCE, env=dict(os.environ)
                )
            except subprocess.CalledProcessError as error:
                return (error.stderr or "no output").strip().splitlines()[-1]
            except subprocess.TimeoutExpired:
                return f"no result after {PATIENCE} s"
        return PeerResult(**json.loads(done.stdout.splitlines()[-1]))
