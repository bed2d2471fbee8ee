"""Where compiled passes are kept: a folder for each state of the engine's sources.

numba knows when the file of a function has changed, not when a function that it calls has: after an upgrade a pass could
run with an older part of itself.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

VARIABLE = "NUMBA_CACHE_DIR"


def sources_digest(folder: Path) -> str:
    """Of all sources in a folder, names and contents; 12 hexadecimal digits."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def keep_apart(folder: Path) -> None:
    """Set numba's folder, which it reads when it is first imported: within the one that is set, else beside the sources."""
    name = f"engine-{sources_digest(folder)}"
    given = os.environ.get(VARIABLE)
    if given and Path(given).name == name:
        return  # a child process: done by its parent
    os.environ[VARIABLE] = str((Path(given) if given else folder / "__pycache__") / name)
