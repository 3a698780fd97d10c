"""What bodies answer for: tasks and duties of a plan, accounts, and assets of the registry, by the body's own name.

Assets are those that the reader may see; a department's is told by its name alone, a district's by the district.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from hatangso.catalogue.assets import asset_classes
from hatangso.catalogue.bodies import body_called, find_bodies, lives_on
from hatangso.catalogue.model import Body
from hatangso.catalogue.text import fold
from hatangso.errors import UserError
from hatangso.territory.handover import Matter
from hatangso.web.accounts.models import User
from hatangso.web.plans import services
from hatangso.web.plans.models import Plan
from hatangso.web.registry.models import LATEST
from hatangso.web.registry.models import Body as Owner
from hatangso.web.registry.visible import view_of
from hatangso.web.territory.register import register


def reference_of(plan: Plan) -> str:
    """How a plan is cited in the list."""
    return f"{plan.type} {plan.number}".strip() if plan.number else plan.title


def matters(plan: Plan, user: Any, day: date, *, accounts: bool) -> list[Matter]:
    """Tasks and duties of a plan, assets in its territory and (``accounts``) accounts, by their body."""
    cited = reference_of(plan)
    found = []
    for task in plan.tasks.all():
        where = f"{cited}, mục {task.section}" if task.section else cited
        found += [Matter("task", task.text, body.key, where, task.due) for body in _named(task.lead)]
    for duty in plan.duties.all():
        found += [Matter("duty", duty.what, body.key, cited, duty.deadline) for body in _named(duty.who)]
    found += _assets(plan, user, day)
    if accounts:
        for one in User.objects.exclude(body="").order_by("username"):
            if (named := _ended(one.body, plan, day)) is not None:
                body, unit = named
                found.append(
                    Matter("account", one.get_full_name() or one.username, body.key, one.username, unit=unit)
                )
    return found


def _named(text: str) -> tuple[Body, ...]:
    return find_bodies(text) if text else ()


def _assets(plan: Plan, user: Any, day: date) -> Iterator[Matter]:
    """Assets whose owner has ended, in the communes of the plan's territory (or in none: systems, services)."""
    ended = {
        owner.pk: named
        for owner in Owner.objects.all()
        if (named := _ended(owner.name, plan, day)) is not None
    }
    if not ended:
        return
    communes = {u.code: u.full_name for u in register().units(services.today(), "commune")}
    here = services.plan_place(plan).parts
    rows = view_of(user).rows().filter(LATEST, owner_id__in=ended).exclude(status="retired")
    columns = ("kind", "code", "name", "commune", "owner_id")
    for kind, code, name, commune, owner in rows.order_by("kind", "commune", "code").values_list(*columns):
        if commune and commune not in here:
            continue
        body, unit = ended[owner]
        words = f"{asset_classes()[kind].name_vi}: {name or code}"
        place = f" ({communes[commune]})" if commune in communes else ""
        yield Matter("asset", words + place, body.key, code, unit=unit)


def _ended(name: str, plan: Plan, day: date) -> tuple[Body, str] | None:
    """The body of that name if it no longer lives on a day, with the code of its district if it is one of many."""
    named = body_called(name)
    if named is None or named[0].valid_to is None or lives_on(named[0], day):
        return None
    body, rest = named
    return body, _district(rest, body, plan) if rest else ""


def _district(words: str, body: Body, plan: Plan) -> str:
    """Code of the district of a plan's land that a name's end denotes, on the body's last day; empty if none does."""
    assert body.valid_to is not None
    then = date.fromisoformat(body.valid_to)
    now, today = services.plan_place(plan).unit_now, services.today()
    known = register()
    try:
        districts = [u for u in known.units(then, "district") if fold(u.name) == words]
        named = [
            u for u in districts if u.parent and now in {p.code for p in known.now(u.parent, then, today)}
        ]
    except UserError:
        return ""  # the register at hand does not reach back that far
    return named[0].code if len(named) == 1 else ""
