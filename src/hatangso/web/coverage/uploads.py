"""Files for a run, checked before anything is kept: a bad one is refused with one sentence and leaves nothing behind.

Uploads go to a folder of their own first.  Only when every file and every field of the form is usable are they moved
into ``coverage/inputs``; a file that a run has read is never overwritten.
"""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path
from typing import Any

from hatangso.errors import UserError
from hatangso.web.coverage import jobs
from hatangso.web.language import english, pick


class Incoming:
    """Uploads of one form: ``take`` each, then ``keep`` all or ``drop`` all."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        self.folder = jobs.home(workspace) / f".incoming-{secrets.token_hex(6)}"
        self.files: dict[str, Path] = {}

    def take(self, kind: str, sent: Any) -> Path:
        """Write one upload aside and check it; the file for further checks.

        Raises
        ------
        UserError : wrong kind of file, too large, or content that can't be used.
        """
        name = Path(str(sent.name).replace("\\", "/")).name
        if Path(name).suffix.lower() not in jobs.KINDS[kind]:
            allowed = ", ".join(jobs.KINDS[kind])
            raise UserError(
                "coverage.upload.type", f"Tệp «{name}» không phải {allowed}.", f'"{name}" is not {allowed}.'
            )
        if sent.size > jobs.LARGEST_UPLOAD:
            raise UserError(
                "coverage.upload.size",
                "Tệp lớn hơn 200 MB:",
                "Larger than 200 MB:",
                "hãy chép nó vào thư mục coverage/inputs của không gian làm việc rồi chọn.",
                "copy it into coverage/inputs of the workspace, then choose it.",
            )
        if not sent.size:
            raise UserError("coverage.upload.empty", f"Tệp «{name}» rỗng.", f'"{name}" is empty.')
        folder = self.folder / kind
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / jobs.safe_name(name)
        with path.open("wb") as stream:
            for chunk in sent.chunks():
                stream.write(chunk)
        check(kind, path)
        self.files[kind] = path
        return path

    def keep(self) -> dict[str, str]:
        """Move all uploads into ``coverage/inputs``; kind → place relative to the folder of runs."""
        target = jobs.inputs_folder(self.workspace)
        places = {}
        for kind, path in self.files.items():
            target.mkdir(parents=True, exist_ok=True)
            name = unused(target, path.name)
            path.replace(target / name)
            places[kind] = f"{target.name}/{name}"
        self.drop()
        return places

    def drop(self) -> None:
        """Forget everything that was taken."""
        shutil.rmtree(self.folder, ignore_errors=True)


def unused(folder: Path, name: str) -> str:
    """A name that no file of the folder bears."""
    stem, dot, suffix = name.rpartition(".")
    n, free = 1, name
    while (folder / free).exists():
        n += 1
        free = f"{stem}-{n}{dot}{suffix}"
    return free


def check(kind: str, path: Path) -> None:
    """Whether a file can be used as what it is given for.

    Raises
    ------
    UserError : one sentence: what, where, why, how to mend.
    """
    from hatangso.web.coverage import kernel  # the compiler is loaded only when a file is checked

    if kind == "cells":
        kernel.read_cells(path)
    elif kind == "legend":
        if not kernel.read_legend(path):
            raise UserError(
                "coverage.legend.empty", f"Bảng chú giải {path.name} không có dòng nào.", f"The legend {path.name} is empty.",
                "Mỗi dòng: class, name, height_m, offset_db.", "Each row: class, name, height_m, offset_db.",
            )  # fmt: skip
    elif kind in ("terrain", "clutter", "water"):
        kernel.bounds_lonlat(path)
    elif kind in ("people", "villages"):  # measurements are checked against their run
        _check_points(kind, path)


def _check_points(kind: str, path: Path) -> None:
    import numpy as np

    from hatangso.web.coverage import kernel

    table = kernel.read_table(path, kind)
    needed: tuple[str, ...] = ("lon", "lat", "population") if kind == "people" else ("lon", "lat", "village")
    if kind == "villages" and "village" not in table:
        found = [table[k] for k in ("id", "code", "name") if k in table]
        table |= {"village": found[0]} if found else {}
    missing = [name for name in needed if name not in table]
    if missing:
        raise UserError(
            f"coverage.{kind}.columns",
            f"Tệp {path.name} thiếu cột {', '.join(missing)}.", f"{path.name} lacks column {', '.join(missing)}.",
            f"Cần các cột {', '.join(needed)} ở dòng đầu.", f"Needed in the first line: {', '.join(needed)}.",
        )  # fmt: skip
    good = np.isfinite(kernel.numbers(table["lon"], np.nan)) & np.isfinite(
        kernel.numbers(table["lat"], np.nan)
    )
    if not good.any():
        raise UserError(
            f"coverage.{kind}.none",
            f"Tệp {path.name} không có dòng nào đủ kinh độ, vĩ độ là số.", f"{path.name} has no row with numeric lon and lat.",
            "Ghi độ thập phân WGS84, ví dụ 105.21; dấu thập phân là dấu chấm.", "Use decimal degrees, for example 105.21.",
        )  # fmt: skip


def check_together(cells: Path, terrain: Path | None) -> None:
    """Whether at least one cell stands on the terrain.

    Raises
    ------
    UserError : none does; says where both are.
    """
    from hatangso.web.coverage import kernel

    if terrain is None:
        return
    table = kernel.read_cells(cells)
    west, south, east, north = kernel.bounds_lonlat(terrain)
    if not ((table.lon >= west) & (table.lon <= east) & (table.lat >= south) & (table.lat <= north)).any():
        raise UserError(
            "coverage.cells.outside",
            f"Mọi cell (quanh {table.lon.mean():.2f} Đ, {table.lat.mean():.2f} B) đều nằm ngoài địa hình "
            f"({west:.2f}…{east:.2f} Đ, {south:.2f}…{north:.2f} B).",
            f"Every cell (around {table.lon.mean():.2f} E, {table.lat.mean():.2f} N) lies outside the terrain "
            f"({west:.2f}…{east:.2f} E, {south:.2f}…{north:.2f} N).",
            "Kiểm tra kinh độ, vĩ độ của cell và hệ tọa độ của địa hình.",
            "Check the cells' longitude and latitude and the terrain's CRS.",
        )


def plain(error: UserError, *places: Path) -> str:
    """The error's sentence without places of this machine."""
    text = error.text("en" if english() else "vi")
    for place in places:
        for known in (f"{place}/", str(place)):
            text = text.replace(known, "")
    return text or pick("Tệp không dùng được.", "The file can't be used.")
