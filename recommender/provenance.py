"""Provenance: when, with what and by which code something was made."""

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

_LIBRARIES = ("playlist-recommender", "gensim", "numpy", "scipy")


def now() -> str:
    """The time, to the second, in ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def versions() -> dict[str, str]:
    """Of Python and of the libraries that decide what a model learns."""
    return {"python": platform.python_version()} | {library: version(library) for library in _LIBRARIES}


def machine() -> str:
    """System, processor and cores."""
    return f"{platform.system()}, {platform.machine()}, {os.cpu_count()} cores"


def peak_memory() -> float | None:
    """Most memory that this process has held, in MB; None where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6, 1)


def commit() -> str | None:
    """The commit of the checkout that this code runs from, "+ changes" where it has some, None where there is none."""
    folder = Path(__file__).parents[1]
    if not (folder / ".git").exists():
        return None
    try:
        asked = subprocess.run(
            ["git", "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty= + changes"],
            check=False,
            cwd=folder,
            capture_output=True,
            text=True,
        )
    except OSError:  # git is not installed
        return None
    return asked.stdout.strip() or None
