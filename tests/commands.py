"""Running ``hatangso`` as a user does: in a process of its own, with nothing of this one's environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent / "src"


def environment(**more: str) -> dict[str, str]:
    """The environment of a user who has set nothing of ours."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("HATANGSO", "DJANGO", "DATABASE"))}
    return {**clean, "PYTHONPATH": str(SOURCE), **more}


def run(*words: str | Path, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """One command to its end; standard output and error apart."""
    return subprocess.run(
        [sys.executable, "-m", "hatangso", *map(str, words)],
        cwd=cwd,
        env=environment(**env),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
