"""Pages of the demonstration that show indicators: the first request after a new fact, and the next one.

In one process, with Django's test client, so that what is measured is the program and not the network.  *Cold*: a fact
of the plan's province was just recorded (the villages: several indicators of the pages rest on them).  *Anew*: a fact of the
population was recorded, on which every value rests, so that nothing that was worked out still holds.  *Warm*: the same
page again.

    python -m benchmarks.bench_indicator_pages [--runs 9] [--workspace FOLDER] [--profile PAGE]

Without ``--workspace`` the demonstration is built in a temporary folder and taken away again; a folder that is named is
built once and kept.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import resource
import statistics
import tempfile
import time
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

PLAN, PROVINCE, DAY = "tuyen-quang-2025-2030", "08", "2026-03-31"
KEY = "villages_mobile_bb_covered_share"
HERE = f"tinh={PROVINCE}&ky=2025&den-ngay={DAY}"
PAGES = {
    "heat table": f"/chi-tieu/?{HERE}",
    "profile of an indicator": f"/chi-tieu/{KEY}/?{HERE}",
    "comparison": f"/chi-tieu/so-sanh/?{HERE}",
    "proof of a number": f"/chi-tieu/{KEY}/vi-sao/?{HERE}",
    "leadership": f"/lanh-dao/?ke-hoach={PLAN}&den-ngay={DAY}",
    "score sheet": f"/ke-hoach/{PLAN}/tu-danh-gia/?ky=2025&den-ngay={DAY}",
    "standing page": f"/ke-hoach/{PLAN}/?den-ngay={DAY}",
    "map": f"/ban-do/?ke-hoach={PLAN}&den-ngay={DAY}",
    "logical checks": f"/chi-tieu/kiem-tra-so-lieu/?{HERE}",
}


def client() -> Any:
    """A signed-in officer."""
    from django.conf import settings
    from django.test import Client

    from hatangso.demo.build import ACCOUNTS
    from hatangso.web.accounts.models import User

    settings.ALLOWED_HOSTS = ["*"]
    made = Client()
    made.force_login(User.objects.get(username=ACCOUNTS[0][0]), "django.contrib.auth.backends.ModelBackend")
    return made


def build(folder: Path) -> None:
    """Set the program up for the folder, with the demonstration in it."""
    os.environ["HATANGSO_WORKSPACE"] = str(folder)
    from hatangso.web.serve import workspace_ready

    workspace = workspace_ready()
    from hatangso.demo.build import build_demo
    from hatangso.web.plans.models import Plan

    if not Plan.objects.filter(slug=PLAN).exists():
        build_demo(workspace, lambda line: None)


def record(number: int, key: str = "villages") -> None:
    """One more fact of the province, so that nothing computed before still holds."""
    from hatangso.web.facts.models import FactRow
    from hatangso.web.facts.services import add

    add(
        [
            FactRow(
                key=key, unit=PROVINCE, level="province", valid_from=date(2025, 1, 1),
                valid_to=date(2025, 12, 31), source="claim", provider="đo", value=float(10_000 + number),
            )
        ]
    )  # fmt: skip


def timed(who: Any, address: str) -> float:
    """Milliseconds of one page."""
    start = time.perf_counter()
    answer = who.get(address)
    took = 1000 * (time.perf_counter() - start)
    assert answer.status_code == 200, (address, answer.status_code)
    return took


def main() -> None:
    """Measure and print one line a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--workspace", type=Path)
    parser.add_argument("--profile", choices=PAGES)
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = asked.workspace or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        build(folder)
        who, number = client(), int(time.time())
        for address in PAGES.values():  # templates, registers and the warehouse are read
            timed(who, address)
        if asked.profile:
            profile(who, PAGES[asked.profile], number)
            return
        cold: dict[str, list[float]] = {name: [] for name in PAGES}
        anew: dict[str, list[float]] = {name: [] for name in PAGES}
        warm: dict[str, list[float]] = {name: [] for name in PAGES}
        for _ in range(asked.runs):  # pages in turn, so that a busy moment of the machine is shared by all
            for name, address in PAGES.items():
                number += 1
                record(number)
                cold[name].append(timed(who, address))
                warm[name].append(timed(who, address))
        for _ in range(asked.runs):
            for name, address in PAGES.items():
                number += 1
                record(number, "population")
                anew[name].append(timed(who, address))
        print(
            f"{'':26}cold, ms      anew, ms      warm, ms   (median, worst of {asked.runs}; load {os.getloadavg()[0]:.1f})"
        )
        for name in PAGES:
            print(
                f"{name:26}"
                + "   ".join(
                    f"{statistics.median(x):5.0f} {max(x):5.0f}" for x in (cold[name], anew[name], warm[name])
                )
            )
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"peak memory               {peak:5.0f} MiB")


def profile(who: Any, address: str, number: int) -> None:
    """Where the time of a cold page goes."""
    watch = cProfile.Profile()
    for more in range(5):
        record(number + more)
        watch.enable()
        timed(who, address)
        watch.disable()
    pstats.Stats(watch).sort_stats("tottime").print_stats(30)
    pstats.Stats(watch).sort_stats("cumtime").print_stats(70)


if __name__ == "__main__":
    main()
