"""Reads settings from environment variables and finds the geometry libraries of the installed wheels."""

import importlib.util
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from planner.config.logs import remember_secret

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off", ""})


def env_bool(name: str, default: bool, environ: Mapping[str, str] = os.environ) -> bool:
    """A switch such as DEBUG=1; any other word than the known ones is refused."""
    text = environ.get(name, "1" if default else "0").strip().lower()
    if text not in TRUE_WORDS | FALSE_WORDS:
        raise ValueError(f"{name}={text!r}: expected one of 1, 0, true, false, yes, no, on, off")
    return text in TRUE_WORDS


def env_list(name: str, default: str = "", environ: Mapping[str, str] = os.environ) -> list[str]:
    """A comma-separated list such as ALLOWED_HOSTS=planner.example,localhost."""
    return [part.strip() for part in environ.get(name, default).split(",") if part.strip()]


def env_int(name: str, default: int, environ: Mapping[str, str] = os.environ) -> int:
    """A whole number such as WORKER_THREADS=4."""
    text = environ.get(name, "").strip()
    try:
        return int(text) if text else default
    except ValueError:
        raise ValueError(f"{name}={text!r}: expected a whole number") from None


def kept_secret(path: Path) -> str:
    """A secret key made once and kept in the data folder, so that sessions outlive a restart."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = path.read_text(encoding="ascii")
    else:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            key = secrets.token_urlsafe(64)
            file.write(key)
    remember_secret(key)
    return key


def wheel_library(package: str, pattern: str) -> str | None:
    """The shared library that the wheel of `package` carries, or None where it was built on a system library."""
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        return None
    home = Path(found.origin).parent
    folders = (home.parent / f"{package}.libs", home / ".dylibs")
    for folder in folders:
        for library in sorted(folder.glob(pattern)):
            return str(library)
    return None


def geometry_libraries() -> tuple[str | None, str | None]:
    """Paths of GDAL and GEOS: from the environment, else from the wheels, else left to Django to find."""
    gdal = os.environ.get("GDAL_LIBRARY_PATH") or wheel_library("pyogrio", "*gdal*")
    geos = os.environ.get("GEOS_LIBRARY_PATH") or wheel_library("shapely", "*geos_c*")
    if gdal and "pyogrio" in gdal:
        # GDAL from the wheel looks for its data where it was built; pyproj uses its own copy and is not affected.
        spec = importlib.util.find_spec("pyogrio")
        if spec is not None and spec.origin is not None:
            home = Path(spec.origin).parent
            os.environ.setdefault("PROJ_DATA", str(home / "proj_data"))
            os.environ.setdefault("GDAL_DATA", str(home / "gdal_data"))
    return gdal, geos
