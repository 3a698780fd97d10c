"""Run all benchmarks of the folder one after another, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main() -> int:
    """Run every ``bench_*.py`` below this folder; the exit status is the worst of theirs."""
    worst = 0
    for file in sorted(HERE.rglob("bench_*.py")):
        module = ".".join(file.relative_to(HERE.parent).with_suffix("").parts)
        print(f"== {module}  (load {os.getloadavg()[0]:.2f})", flush=True)
        worst = max(
            worst, subprocess.run([sys.executable, "-m", module], cwd=HERE.parent, check=False).returncode
        )
    return worst


if __name__ == "__main__":
    sys.exit(main())
