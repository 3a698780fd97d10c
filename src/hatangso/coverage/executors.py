"""Where tiles run: in this process, in a pool of processes, or on the Dask cluster of ``HATANGSO_CLUSTER``."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager

from hatangso.errors import UserError


@contextmanager
def tile_executor(workers: int) -> Iterator[tuple[Executor | None, int]]:
    """Executor (None = compute here) and how many tiles it computes at once; closed on leaving.

    Raises
    ------
    UserError : ``HATANGSO_CLUSTER`` is set but the package ``distributed`` or the cluster can't be reached.
    """
    address = os.environ.get("HATANGSO_CLUSTER", "")
    if not address:
        if workers <= 1:
            yield None, 1
            return
        # A fresh interpreter for each worker: forking a threaded server is unsafe.
        pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
        try:
            yield pool, workers
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise UserError(
            "coverage.cluster",
            "HATANGSO_CLUSTER được đặt nhưng chưa cài gói distributed.",
            "HATANGSO_CLUSTER is set but the package distributed is not installed.",
            "Cài hatangso[cluster] hoặc bỏ biến môi trường này.",
            "Install hatangso[cluster] or unset the variable.",
        ) from error
    try:
        client = Client(address, timeout="15s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise UserError(
            "coverage.cluster",
            f"Không kết nối được cụm Dask {address}: {error}",
            f"Can't reach the Dask cluster {address}: {error}",
            "Kiểm tra bộ điều phối (scheduler) và HATANGSO_CLUSTER.",
            "Check the scheduler and HATANGSO_CLUSTER.",
        ) from error
    try:
        threads = sum(client.nthreads().values())
        if threads == 0:
            raise UserError(
                "coverage.cluster",
                f"Cụm Dask {address} chưa có máy tính nào.",
                f"The Dask cluster {address} has no worker.",
                "Khởi động dask worker rồi chạy lại.",
                "Start a dask worker and run again.",
            )
        yield client.get_executor(pure=False), threads
    finally:
        client.close()
