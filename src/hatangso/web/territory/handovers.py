"""What dissolved bodies leave to their successors under a plan, as a page and as the handover list (biên bản bàn giao).

The plan keeps the body that it named; here stands who answers for its work on a day.  A body without a known successor
is listed as open, never given to somebody by guess.
"""

from __future__ import annotations

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hatangso.catalogue.model import Body
from hatangso.reports.handover import KIND_VI, handover_docx
from hatangso.territory.handover import Group, Handover, MatterKind, handover
from hatangso.web.accounts.permissions import may, needs
from hatangso.web.language import format_date, pick
from hatangso.web.plans import services
from hatangso.web.plans.asked import Asked, asked
from hatangso.web.territory.matters import matters, reference_of
from hatangso.web.territory.register import register

KIND_EN: dict[MatterKind, str] = {
    "task": "Task",
    "duty": "Reporting duty",
    "asset": "Asset",
    "account": "Account",
}
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def handover_of(the: Asked) -> Handover:
    """All that is handed over under a plan by the asked day."""
    user = the.request.user
    return handover(matters(the.plan, user, the.as_of, accounts=may(user, "report")), the.as_of, register())


def ended_on(body: Body) -> str:
    """Last day of a body in words."""
    return format_date(date.fromisoformat(body.valid_to)) if body.valid_to else ""


def body_name(body: Body) -> str:
    """A body's name in the reader's language."""
    return pick(body.name_vi, body.name_en)


def key_of(group: Group) -> str:
    """A group in an address: the body, and the unit where it is one of many."""
    return f"{group.giver.key}-{group.giver_unit.code}" if group.giver_unit else group.giver.key


def giver_name(group: Group) -> str:
    """The giver in the reader's language; of one of many bodies, whose."""
    if group.giver_unit is None:
        return body_name(group.giver)
    return pick("UBND ", "People's Committee of ") + group.giver_unit.full_name


@require_safe
@needs("plans")
def handover_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Dissolved bodies of a plan with their successors and what goes over."""
    the = asked(request, slug)
    groups = [
        {
            "key": key_of(g),
            "giver": giver_name(g),
            "ended": ended_on(g.giver),
            "source": g.giver.source,
            "receivers": [body_name(r) for r in g.receivers],
            "units": ", ".join(u.full_name for u in g.receiver_units),
            "matters": [
                {
                    "kind": pick(KIND_VI[m.kind], KIND_EN[m.kind]),
                    "text": m.text,
                    "reference": m.reference,
                    "due": m.due,
                }
                for m in g.matters
            ],
        }
        for g in handover_of(the).groups
    ]
    return render(request, "territory/handover.html", the.context("tasks", groups=groups))


@require_safe
@needs("plans")
def handover_file(request: HttpRequest, slug: str, giver: str) -> HttpResponse:
    """The handover list of one dissolved body as DOCX; number, names and signatures stay blank."""
    the = asked(request, slug)
    group = next((g for g in handover_of(the).groups if key_of(g) == giver), None)
    if group is None:
        raise Http404(giver)
    response = HttpResponse(list_of(the, group), content_type=DOCX)
    response["Content-Disposition"] = f'attachment; filename="ban-giao-{slug}-{giver.replace("_", "-")}.docx"'
    return response


def list_of(the: Asked, group: Group) -> bytes:
    """The DOCX of one group; the day of signing is left blank for the two sides."""
    place = services.plan_place(the.plan).name_now.split(" ", 1)[-1]
    basis = (
        [f"{reference_of(the.plan)} của {the.plan.issuer}"] if the.plan.issuer else [reference_of(the.plan)]
    )
    return handover_docx(group, day=None, place=place, basis=basis)
