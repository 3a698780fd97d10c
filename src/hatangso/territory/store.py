"""What the user imported, kept as files in the workspace: one small table per import, nothing overwritten.

``WORKSPACE/territory/`` holds ``imports.json`` (what, from which file with which hash, when) and the imported
tables as Parquet, one file per import.  A later import of the same kind, level and day replaces the earlier
one in use; the earlier file stays.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
from pyarrow import parquet

Kind = Literal["lives", "units", "successions", "measures", "census", "boundaries"]


@dataclass(frozen=True)
class Import:
    """One import: where it came from and where it is kept."""

    kind: Kind
    level: str
    valid_from: str  # ISO date
    file: str  # name within the store
    source: str  # name of the user's file
    sha256: str
    rows: int
    recorded_at: str
    report: dict[str, Any] = field(default_factory=dict)


class Store:
    """The imported tables of one workspace."""

    def __init__(self, workspace: Path) -> None:
        self.folder = Path(workspace) / "territory"

    @property
    def index(self) -> Path:
        """The list of imports."""
        return self.folder / "imports.json"

    def imports(self) -> list[Import]:
        """All imports, oldest first."""
        if not self.index.exists():
            return []
        return [Import(**row) for row in json.loads(self.index.read_text("utf-8"))]

    def current(self, kind: Kind) -> list[Import]:
        """Imports of a kind that are in use: the last for each level and day."""
        latest = {(i.level, i.valid_from): i for i in self.imports() if i.kind == kind}
        return sorted(latest.values(), key=lambda i: (i.valid_from, i.level))

    def stamp(self) -> str:
        """Changes whenever something is imported; for caches."""
        return hashlib.sha256(self.index.read_bytes()).hexdigest()[:16] if self.index.exists() else "none"

    def read(self, item: Import) -> pa.Table:
        """The table of an import."""
        return parquet.read_table(self.folder / item.file)

    def add(
        self,
        kind: Kind,
        level: str,
        valid_from: date,
        table: pa.Table,
        source: Path,
        report: dict[str, Any],
    ) -> Import:
        """Keep a table; written wholly or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        digest = file_hash(source)
        name = f"{kind}-{level}-{valid_from.isoformat()}-{digest[:12]}.parquet"
        part = self.folder / (name + ".part")
        parquet.write_table(table, part)
        part.replace(self.folder / name)
        item = Import(
            kind,
            level,
            valid_from.isoformat(),
            name,
            source.name,
            digest,
            table.num_rows,
            datetime.now(UTC).isoformat(timespec="seconds"),
            report,
        )
        rows = [asdict(i) for i in self.imports()] + [asdict(item)]
        part = self.index.with_suffix(".part")
        part.write_text(json.dumps(rows, ensure_ascii=False, indent=1), "utf-8")
        part.replace(self.index)
        return item


def file_hash(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as f:
        while chunk := f.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
