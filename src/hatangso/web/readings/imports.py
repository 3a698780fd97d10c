"""Import of a reviewed reading: what was accepted becomes the plan, all of it or nothing.

Only accepted, corrected and added items go in.  Undecided ones stay out, so the import refuses until the officer
has read that consequence and said yes.  A new version never overwrites: the old plan stays and is linked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Q

from hatangso.catalogue.text import fold
from hatangso.errors import JobRefused, UserError
from hatangso.plans.records import PlanDocument
from hatangso.web.plans.models import Plan
from hatangso.web.plans.services import keep
from hatangso.web.readings.decisions import must_be_open, note
from hatangso.web.readings.models import KEPT, Kind, Reading, State, Status
from hatangso.web.readings.records import reading_of

RESERVED = ("nap", "so-sanh")  # first words of other addresses under /ke-hoach/
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True)
class Readiness:
    """What an import would take and leave out."""

    figures: int
    tasks: int
    duties: int
    undecided: int
    need_human: int
    rejected: int

    @property
    def kept(self) -> int:
        """Items that would go in."""
        return self.figures + self.tasks + self.duties


def readiness(reading: Reading) -> Readiness:
    """Counts of a reading's items by what has been decided."""
    kept = Q(state__in=KEPT)
    return Readiness(
        **reading.proposals.aggregate(
            figures=Count("pk", filter=kept & Q(kind=Kind.FIGURE)),
            tasks=Count("pk", filter=kept & Q(kind=Kind.TASK)),
            duties=Count("pk", filter=kept & Q(kind=Kind.DUTY)),
            undecided=Count("pk", filter=Q(state=State.PROPOSED)),
            need_human=Count("pk", filter=Q(state=State.PROPOSED, needs_human=True)),
            rejected=Count("pk", filter=Q(state=State.REJECTED)),
        )
    )


def proposed_slug(document: PlanDocument, previous: Plan | None = None) -> str:
    """A free name for addresses: province and period, or the old name with the next version number."""
    if previous is not None:
        stem = re.sub(r"-v\d+$", "", previous.pk)
        number = 2
        while Plan.objects.filter(pk=f"{stem}-v{number}").exists():
            number += 1
        return f"{stem}-v{number}"
    years = [str(y) for y in dict.fromkeys((document.period_start, document.period_end)) if y]
    words = fold(" ".join([document.unit or "", document.province or "ke hoach", *years]))
    stem = re.sub(r"[^a-z0-9]+", "-", words).strip("-")[:70]
    slug, number = stem, 2
    while Plan.objects.filter(pk=slug).exists():
        slug, number = f"{stem}-{number}", number + 1
    return slug


def versions_of(document: PlanDocument) -> list[Plan]:
    """Plans of the workspace that the document may be a new version of, the likeliest first."""
    province = fold(document.province or "")
    found = [p for p in Plan.objects.filter(superseded_by=None) if fold(p.province) == province]

    def distance(plan: Plan) -> tuple[bool, int]:
        start, end = plan.period_start or 0, plan.period_end or 0
        return (plan.number != (document.number or "-"), abs(start - (document.period_start or 0)) + abs(
            end - (document.period_end or 0)))  # fmt: skip

    return sorted(found, key=distance)


@transaction.atomic
def import_plan(
    reading: Reading, slug: str, unit: str, unit_date: date, user: Any, *, previous: Plan | None = None,
    confirmed: bool = False,
) -> Plan:  # fmt: skip
    """Make a plan of what was accepted.

    Parameters
    ----------
    unit, unit_date : the territory that the plan covers, read in the boundaries of that day.
    previous : the plan of which this is a new version; it stays as it is.
    confirmed : the officer has read that undecided items stay out.

    Raises
    ------
    JobRefused
        Undecided items and no confirmation, nothing accepted, a name that is taken, a version that has one already.
    """
    reading = Reading.objects.select_for_update().get(pk=reading.pk)
    must_be_open(reading)
    ready = readiness(reading)
    _check(ready, slug, confirmed, previous)
    try:
        with transaction.atomic():
            plan = keep(
                reading_of(reading, kept_only=True), slug, unit, unit_date, verbatim=True,
                source_name=reading.file_name, source_sha256=reading.sha256, recorded_by=user.get_full_name(),
            )  # fmt: skip
    except IntegrityError as error:
        raise _taken(slug) from error
    if previous is not None:
        plan.supersedes = previous
        plan.save(update_fields=["supersedes"])
    reading.status, reading.plan, reading.previous = Status.IMPORTED, plan, previous
    reading.save(update_fields=["status", "plan", "previous"])
    note(
        reading, user, "import",
        after={
            "plan": plan.pk, "unit": unit, "unit_date": unit_date.isoformat(), "figures": ready.figures,
            "tasks": ready.tasks, "duties": ready.duties, "left_out": ready.undecided, "rejected": ready.rejected,
            "previous": previous.pk if previous else None,
        },
    )  # fmt: skip
    return plan


def _check(ready: Readiness, slug: str, confirmed: bool, previous: Plan | None) -> None:
    if not SLUG.fullmatch(slug) or len(slug) > 80 or slug in RESERVED:
        raise UserError(
            "import.slug",
            f"Mã «{slug}» không dùng được.",
            f'The name "{slug}" can\'t be used.',
            "Mã chỉ gồm chữ thường không dấu, chữ số và dấu gạch nối, ví dụ son-la-2026-2030.",
            "Use small letters, digits and hyphens, e.g. son-la-2026-2030.",
        )
    if Plan.objects.filter(pk=slug).exists():
        raise _taken(slug)
    if ready.kept == 0:
        raise JobRefused(
            "import.nothing",
            "Chưa có mục nào được chấp nhận, nên không có gì để nạp.",
            "Nothing was accepted yet, so there is nothing to import.",
            "Hãy chấp nhận, sửa hoặc thêm ít nhất một mục.",
            "Accept, correct or add at least one item.",
        )
    if ready.undecided and not confirmed:
        raise JobRefused(
            "import.undecided",
            f"Còn {ready.undecided} mục chưa quyết định, trong đó {ready.need_human} mục cần người xem; các mục này sẽ "
            "không có trong kế hoạch.",
            f"{ready.undecided} items are undecided, {ready.need_human} of them need a human; they would not be in the "
            "plan.",
            "Hãy quyết định tiếp, hoặc đánh dấu xác nhận rồi nạp.",
            "Decide on them, or confirm and import.",
        )
    if previous is not None and Plan.objects.filter(supersedes=previous).exists():
        raise JobRefused(
            "import.superseded",
            f"Kế hoạch «{previous.pk}» đã có bản mới hơn.",
            f'The plan "{previous.pk}" has a newer version already.',
            "Hãy chọn bản mới nhất làm bản trước.",
            "Choose the newest version instead.",
        )


def _taken(slug: str) -> JobRefused:
    return JobRefused(
        "import.slug_taken",
        f"Mã «{slug}» đã thuộc một kế hoạch khác.",
        f'The name "{slug}" belongs to another plan.',
        "Hãy chọn mã khác, hoặc nạp như bản mới của kế hoạch ấy.",
        "Choose another, or import this as a new version of that plan.",
    )
