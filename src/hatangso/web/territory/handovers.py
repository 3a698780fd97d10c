"""What dissolved bodies leave to their successors under a plan, as a page and as the handover list (biên bản bàn giao).

The plan keeps the body that it named; here stands who answers for its work on a day.  A body without a known successor
is listed as open, never given to somebody by guess.
"""

from __future__ import annotations

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hatangso.catalogue.bodies import find_bodies
from hatangso.catalogue.model import Body
from hatangso.reports.handover import KIND_VI, handover_docx
from hatangso.territory.handover import Group, Handover, Matter, MatterKind, handover
from hatangso.web.accounts.models import User
from hatangso.web.accounts.permissions import may, needs
from hatangso.web.language import format_date, pick
from hatangso.web.plans import services
from hatangso.web.plans.asked import Asked, asked
from hatangso.web.plans.models import Plan
from hatangso.web.territory.register import register

KIND_EN: dict[MatterKind, str] = {
    "task": "Task",
    "duty": "Reporting duty",
    "asset": "Asset",
    "account": "Account",
}
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def reference_of(plan: Plan) -> str:
    """How a plan is cited in the list."""
    return f"{plan.type} {plan.number}".strip() if plan.number else plan.title


def matters(plan: Plan, accounts: bool) -> list[Matter]:
    """Tasks and duties of a plan by the bodies that it names first, and (``accounts``) accounts of those bodies."""
    cited = reference_of(plan)
    found = []
    for task in plan.tasks.all():
        where = f"{cited}, mục {task.section}" if task.section else cited
        found += [Matter("task", task.text, body.key, where, task.due) for body in _named(task.lead)]
    for duty in plan.duties.all():
        found += [Matter("duty", duty.what, body.key, cited, duty.deadline) for body in _named(duty.who)]
    if accounts:
        for user in User.objects.exclude(body="").order_by("username"):
            found += [
                Matter("account", user.get_full_name() or user.username, body.key, user.username)
                for body in _named(user.body)
            ]
    return found


def _named(text: str) -> tuple[Body, ...]:
    return find_bodies(text) if text else ()


def handover_of(the: Asked) -> Handover:
    """All that is handed over under a plan by the asked day."""
    return handover(matters(the.plan, may(the.request.user, "report")), the.as_of, register())


def ended_on(body: Body) -> str:
    """Last day of a body in words."""
    return format_date(date.fromisoformat(body.valid_to)) if body.valid_to else ""


def body_name(body: Body) -> str:
    """A body's name in the reader's language."""
    return pick(body.name_vi, body.name_en)


@require_safe
@needs("plans")
def handover_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Dissolved bodies of a plan with their successors and what goes over."""
    the = asked(request, slug)
    groups = [
        {
            "key": g.giver.key,
            "giver": body_name(g.giver),
            "ended": ended_on(g.giver),
            "source": g.giver.source,
            "receivers": [body_name(r) for r in g.receivers],
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
    group = next((g for g in handover_of(the).groups if g.giver.key == giver), None)
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
