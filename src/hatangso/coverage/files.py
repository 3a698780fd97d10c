"""Files that are there whole or not at all: written beside their place, then moved into it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Path to write to; it takes the place of ``path`` when the block ends well, and vanishes when not."""
    part = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_json(path: Path, data: Any) -> None:
    """Write JSON in one piece."""
    with whole(path) as part:
        part.write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
