"""Building the demonstration workspace: plans, facts, accounts, and the files in ``out/``.

Each step is all or nothing and is skipped when it is done, so a killed build is simply run again.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Count, Max
from django.utils import timezone

from hatangso import __version__
from hatangso.demo import coverage
from hatangso.demo.assets import load_assets
from hatangso.demo.dataset import DemoPlan, demo_plans
from hatangso.demo.simulate import neighbours, simulated_facts
from hatangso.indicators.facts import Source
from hatangso.territory.boundaries import boundaries
from hatangso.territory.units import territory
from hatangso.web.accounts.models import Role
from hatangso.web.facts import services as facts
from hatangso.web.facts.models import FactRow
from hatangso.web.plans.models import Plan
from hatangso.web.plans.output import render
from hatangso.web.plans.scope import plan_territory
from hatangso.web.plans.services import keep, plan_standing, today
from hatangso.web.workspace import DEMO_MARK

ACCOUNTS = (
    ("chuyenvien", "Nguyễn Thị Minh", Role.OFFICER, "Sở Khoa học và Công nghệ"),
    ("lanhdao", "Trần Văn Hòa", Role.LEADER, "Ủy ban nhân dân tỉnh"),
    ("doanhnghiep", "Lê Văn Nam", Role.ENTERPRISE, "Viettel Tuyên Quang"),
    ("canboxa", "Ma Thị Hương", Role.COMMUNE, "UBND xã Tân Trào"),
    ("nguoixem", "Hoàng Văn Bình", Role.VIEWER, "Sở Xây dựng"),
    ("cucvienthong", "Vũ Đức Thắng", Role.MINISTRY, "Cục Viễn thông"),
    ("quantri", "Phạm Quốc Anh", Role.ADMIN, "Sở Khoa học và Công nghệ"),
)


def build_demo(workspace: Path, say: Callable[[str], None], wait: bool = True) -> None:
    """Bring the workspace to the state of the demonstration and write its files.

    ``wait`` False: pages are opened next, so the prediction may still be under way.
    """
    (workspace / DEMO_MARK).touch()
    for demo in demo_plans():
        if not Plan.objects.filter(slug=demo.slug).exists():
            say(f"Nạp kế hoạch {demo.slug} …")
            load(demo)
    if assets := load_assets():
        say(f"Nạp {assets} tài sản mô phỏng …")
    make_accounts()
    draw_boundaries(workspace / "cache")
    coverage.begin(workspace, say)  # in a process of its own, beside the writing of files
    write_files(workspace / "out", say)
    coverage.finish(workspace, wait, say)
    (workspace / DEMO_MARK).write_text(__version__, "utf-8")  # whole: the next start need not look again


@transaction.atomic
def load(demo: DemoPlan) -> Plan:
    """One plan with its made-up facts."""
    plan = keep(
        demo.reading, demo.slug, demo.unit, demo.unit_date, verbatim=False, source_name="dữ liệu trình diễn",
        recorded_by="trình diễn",
    )  # fmt: skip
    now = timezone.localdate()
    place = plan_territory(plan.unit, plan.unit_date, now)
    communes = [territory().unit(code, now) for code in sorted(place.parts)]
    facts.add(simulated_facts(plan.slug, place, communes, demo.reading.figures), "trình diễn")
    # the plan's baselines are of its own province
    targets = [f for f in demo.reading.figures if f.kind == "target"]
    for other in neighbours(plan.unit):
        rest = plan_territory(other, plan.unit_date, now)
        communes = [territory().unit(code, now) for code in sorted(rest.parts - place.parts)]
        facts.add(simulated_facts(f"{plan.slug}:{other}", rest, communes, targets), "trình diễn")
    return plan


def draw_boundaries(cache: Path) -> None:
    """Approximate boundaries take a second to make; made now, the map opens at once."""
    day = today()
    boundaries(None, day, "province", cache_dir=cache)
    for plan in Plan.objects.all():
        boundaries(plan_territory(plan.unit, plan.unit_date, day).unit_now, day, "commune", cache_dir=cache)


def make_accounts() -> None:
    """The demonstration's accounts; an existing one keeps its password."""
    users = get_user_model()
    for name, full_name, role, body in ACCOUNTS:
        if not users.objects.filter(username=name).exists():
            users.objects.create_user(
                name, password=settings.HATANGSO_DEMO_PASSWORD, full_name=full_name, role=role, body=body
            )


def write_files(out: Path, say: Callable[[str], None]) -> None:
    """``standing-<plan>.json``, ``bao-cao-<plan>.docx`` and ``.xlsx`` of every plan, each written whole or not at all."""
    out.mkdir(parents=True, exist_ok=True)
    # Made anew when a fact has changed, not merely because a day has passed: the page is always of today.  Predictions of
    # the run that goes on in the background don't count: the files must not depend on how fast it was.
    said = FactRow.objects.exclude(source=Source.PREDICTION.value)
    state = repr(said.aggregate(Count("id"), Max("recorded_at"), Max("superseded_at")))
    formats = {"standing-{}.json": "json", "bao-cao-{}.docx": "docx", "bao-cao-{}.xlsx": "xlsx"}
    for plan in Plan.objects.all():
        wanted = [(name.format(plan.slug), format) for name, format in formats.items()]
        stamp = out / f".{plan.slug}.facts"
        current = stamp.exists() and stamp.read_text() == state
        if current and all((out / name).exists() for name, _ in wanted):
            continue
        say(f"Viết báo cáo của {plan.slug} …")
        standing = plan_standing(plan, today())
        for name, format in wanted:
            content = render(standing, format)
            write_whole(out / name, content.encode() if isinstance(content, str) else content)
        write_whole(stamp, state.encode())


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees half of it."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_bytes(content)
    part.replace(path)
