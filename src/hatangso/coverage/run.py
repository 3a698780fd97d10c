"""A prediction run: inputs to a plan, tiles over workers, and the record of what was done.

The run folder holds ``manifest.json`` (inputs with SHA-256, parameters, grid, exclusions, warnings), the
rasters and tables of ``outputs``, and ``work/`` (terrain on the grid and one file a tile).  Run it again and
finished tiles are taken over; change one site and only tiles within its reach are computed again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from concurrent.futures import wait as wait_for

import numpy as np

from hatangso.coverage import tiles
from hatangso.coverage.executors import tile_executor
from hatangso.coverage.prepare import Prepared, prepare
from hatangso.coverage.settings import Inputs, Settings, file_digest, local_sigma_db
from hatangso.errors import JobRefused

__all__ = [
    "Inputs",
    "Prepared",
    "Progress",
    "Settings",
    "compute",
    "file_digest",
    "load_tile",
    "local_sigma_db",
    "prepare",
]

Progress = Callable[[int, int, float], None]


def compute(
    run: Prepared,
    workers: int = 1,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, float]:
    """Compute every tile that has no result yet; ``progress(done, of, seconds left)``.

    Raises
    ------
    JobRefused : cancelled; finished tiles stay and are taken over by the next call.
    """
    began = time.monotonic()
    stats = {"tiles": float(len(run.tiles)), "computed": 0.0, "pixels": 0.0}
    done = 0

    def finished(result: tuple[int, int, float]) -> None:
        nonlocal done
        done += 1
        stats["computed"] += result[2] < 0
        stats["pixels"] += result[1]
        if progress is not None:
            spent = time.monotonic() - began
            progress(done, len(run.tiles), spent / done * (len(run.tiles) - done))

    def stop() -> bool:
        return cancelled is not None and cancelled()

    folder = str(run.folder.resolve())
    with tile_executor(min(workers, len(run.tiles))) as (pool, width):
        if pool is None:
            for tile in run.tiles:
                if stop():
                    raise _cancelled(done, len(run.tiles))
                finished(tiles.compute_tile(folder, run.stamp, tile))
        else:
            pending: set[Future[tuple[int, int, float]]] = set()
            queue = iter(run.tiles)
            try:
                # Few tiles in flight: memory and the wait after a cancel stay bounded.
                exhausted = False
                while pending or not exhausted:
                    while not exhausted and len(pending) < 2 * width:
                        following = next(queue, None)
                        if following is None:
                            exhausted = True
                        else:
                            pending.add(pool.submit(tiles.compute_tile, folder, run.stamp, following))
                    ready, pending = wait_for(pending, timeout=0.5, return_when="FIRST_COMPLETED")
                    for future in ready:
                        finished(future.result())
                    if stop():
                        raise _cancelled(done, len(run.tiles))
            except CancelledError as error:  # pragma: no cover - a cluster that drops work
                raise _cancelled(done, len(run.tiles)) from error
            finally:
                for future in pending:
                    future.cancel()
    keep = {tiles.tile_path(run.folder, t, _key(run, t)).name for t in run.tiles}
    for old in (run.folder / "work" / "tiles").iterdir():
        if old.name not in keep:
            old.unlink()
    stats["seconds"] = time.monotonic() - began
    return stats


def _key(run: Prepared, tile: int) -> str:
    plan = tiles._plan(str(run.folder.resolve()), run.stamp)
    return plan.key(tile, plan.reach(tile))


def _cancelled(done: int, total: int) -> JobRefused:
    return JobRefused(
        "coverage.cancelled",
        f"Đã dừng theo yêu cầu sau {done}/{total} ô; chạy lại sẽ tiếp tục từ đó.",
        f"Stopped as asked after {done}/{total} tiles; running again continues from there.",
    )


def load_tile(run: Prepared, tile: int) -> tuple[np.ndarray, np.ndarray]:
    """Values (groups, 3, h, w) and servers (groups, h, w; rows of the plan's cells) of a tile."""
    plan = tiles._plan(str(run.folder.resolve()), run.stamp)
    with np.load(tiles.tile_path(run.folder, tile, _key(run, tile))) as data:
        out, local, names = data["out"], data["server"], data["names"]
    index = {name: i for i, name in enumerate(plan.meta["cell_keys"])}
    numbers = np.array([index[str(name)] for name in names], dtype=np.int32)
    server = np.where(local >= 0, numbers[np.maximum(local, 0)] if numbers.size else -1, -1).astype(np.int32)
    return out, server
