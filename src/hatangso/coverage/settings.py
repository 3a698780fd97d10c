"""Parameters and files of a run, with their ranges."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from hatangso.coverage import grid, quick_models
from hatangso.errors import UserError

MODELS = ("p1812", "itm", *quick_models.MODELS)


@dataclass(frozen=True)
class Settings:
    """Parameters of a run; units in the names.

    ``dn``, ``n0`` have no map here: the defaults are stated values for a humid tropical climate, not read
    from the ITU's digital maps, and are written into the manifest as such.  ``residual_sigma_db`` (scatter of
    measured about predicted signal) and ``bias_sigma_db`` (error common to a region) are assumptions until a
    comparison with measurements replaces them.
    """

    model: str = "p1812"
    exact: bool = False
    resolution_m: float = 30.0
    radius_km: float = 20.0
    receiver_m: float = 1.5
    time_pct: float = 50.0
    dn: float = 45.0
    n0: float = 360.0
    vertical: bool = True
    threshold_dbm: float = -105.0
    probability: float = 0.5
    density: float = 0.7
    prune: bool = True
    indoor: str = ""
    residual_sigma_db: float = 8.0
    bias_sigma_db: float = 3.0
    climate: int = 1
    epsilon: float = 15.0
    sigma: float = 0.005
    tile_px: int = 512

    def check(self) -> None:
        """Refuse values without a meaning, and state the range in the error."""

        def refuse(vi: str, en: str) -> None:
            raise UserError("coverage.settings", vi, en)

        if self.model not in MODELS:
            refuse(
                f"Không có mô hình {self.model!r}.",
                f"Unknown model {self.model!r}; known: {', '.join(MODELS)}.",
            )
        finite = [x for x in asdict(self).values() if isinstance(x, float)]
        if not np.isfinite(finite).all():
            refuse("Tham số phải là số hữu hạn.", "Parameters must be finite numbers.")
        for name, value, low, high in (
            ("resolution", self.resolution_m, 1.0, 5000.0),
            ("radius-km", self.radius_km, 0.1, 200.0),
            ("receiver-m", self.receiver_m, 1.0, 3000.0),
            ("time", self.time_pct, 1.0, 50.0),
            ("dn", self.dn, 0.0, 150.0),
            ("n0", self.n0, 250.0, 400.0),
            ("threshold-dbm", self.threshold_dbm, -200.0, 50.0),
            ("probability", self.probability, 0.01, 0.99),
            ("density", self.density, 0.1, 4.0),
            ("tile-px", self.tile_px, 16, 4096),
        ):
            if not low <= value <= high:
                refuse(
                    f"Tham số {name} = {value:g} nằm ngoài khoảng {low:g}–{high:g}.",
                    f"Parameter {name} = {value:g} lies outside {low:g}-{high:g}.",
                )
        if self.radius_km * 1000.0 < 2.0 * self.resolution_m:
            refuse("Bán kính phải lớn hơn hai điểm ảnh.", "The radius must exceed two pixels.")
        if self.indoor not in ("", "traditional", "efficient"):
            refuse(
                "--indoor phải là traditional hoặc efficient.", "--indoor must be traditional or efficient."
            )


@dataclass(frozen=True)
class Inputs:
    """Files of a run; only ``cells`` is required."""

    cells: Path
    terrain: Path | None = None
    clutter: Path | None = None
    legend: Path | None = None
    water: Path | None = None
    people: Path | None = None
    villages: Path | None = None


def file_digest(path: Path) -> str:
    """SHA-256 of a file, or of the files of a folder in the order of their names."""
    digest = hashlib.sha256()
    for file in grid.sources(path) if path.is_dir() else [path]:
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def local_sigma_db(f_ghz: float, resolution_m: float) -> float:
    """Standard deviation of location variability within one pixel, dB (P.1812 §4.8)."""
    return float((0.52 + 0.024 * f_ghz) * resolution_m**0.28)
