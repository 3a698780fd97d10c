"""Who uses a structure and what letting it costs, as pages: notes, prices with their days, the end of a use.

Prices are the same words for every operator; whoever may edit the asset fixes them, with a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from hatangso.catalogue.assets import TIERS
from hatangso.errors import UserError
from hatangso.registry.cells import Unreadable, read_date
from hatangso.web.accounts.permissions import needs
from hatangso.web.language import pick
from hatangso.web.registry.leases import BASES, leave, occupy, set_price
from hatangso.web.registry.models import LeasePrice, Occupancy
from hatangso.web.registry.record_pages import editable, render_record
from hatangso.web.registry.visible import View


@dataclass(frozen=True, slots=True)
class Asked:
    """A price as a list shows it; ``offered`` to everybody, otherwise agreed with a body that uses it."""

    amount: int
    basis: str
    since: date
    offered: bool


def prices_of(view: View, keys: Sequence[int]) -> dict[int, list[Asked]]:
    """Prices in force today of structures that the reader has been shown, offered ones first.

    Every operator sees them, the general public does not (:func:`hatangso.web.registry.leases.sees_prices`).
    """
    if not keys or int(view.reader.audience) < TIERS.index("shared"):
        return {}
    day = timezone.localdate()
    current = LeasePrice.objects.filter(
        asset_key__in=keys, superseded_at__isnull=True, valid_from__lte=day
    ).filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day))
    found: dict[int, list[Asked]] = {}
    for p in current.order_by("asset_key", "-valid_from", "-pk"):
        one = Asked(p.amount_vnd, pick(*BASES[p.basis]), p.valid_from, p.occupant_id is None)
        if one not in found.setdefault(p.asset_key, []):
            found[p.asset_key].append(one)
    return {key: sorted(some, key=lambda a: not a.offered) for key, some in found.items()}


def day_of(request: HttpRequest, name: str, required: bool = False) -> date | None:
    """A day of the form.

    Raises
    ------
    UserError
        ``registry.day`` for what is no day, or where one is needed.
    """
    text = str(request.POST.get(name, "")).strip()
    if not text and not required:
        return None
    try:
        return date.fromisoformat(read_date(text))
    except (Unreadable, ValueError):
        raise UserError(
            "registry.day", f"“{text[:30]}” không phải là một ngày.", f"“{text[:30]}” is not a day.",
            "Viết dạng dd/mm/yyyy, ví dụ 01/07/2026.", "Write dd/mm/yyyy, for example 01/07/2026.",
        ) from None  # fmt: skip


def amount_of(request: HttpRequest, name: str, required: bool = False) -> int | None:
    """An amount of đồng; dots and blanks between thousands are taken as such.

    Raises
    ------
    UserError
        ``registry.amount``.
    """
    text = "".join(c for c in str(request.POST.get(name, "")) if c not in " .\u00a0đ").replace(",", "")
    if not text and not required:
        return None
    if not text.isdigit() or len(text) > 13:
        raise UserError(
            "registry.amount", "Giá thuê phải là số đồng, không âm.", "The price must be a number of đồng.",
            "Viết ví dụ 4.500.000.", "Write for example 4.500.000.",
        )  # fmt: skip
    return int(text)


def reason_of(request: HttpRequest) -> str:
    """Why; nothing is changed without it.

    Raises
    ------
    UserError
        ``registry.reason``.
    """
    text = str(request.POST.get("ly-do", "")).strip()
    if not text:
        raise UserError(
            "registry.reason", "Cần ghi lý do.", "A reason is needed.",
            "Viết một câu vì sao.", "Write one sentence why.",
        )  # fmt: skip
    return text[:500]


def request_id(request: HttpRequest) -> str:
    """The request's own number, kept with the change."""
    return request.headers.get("X-Request-Id", "")[:64]


@require_POST
@needs("registry-edit")
def price_form(request: HttpRequest, kind: str, key: int) -> HttpResponse:
    """Fix a price from a day on; the one before it ends on that day and stays readable."""
    k, view, row = editable(request, kind, key)
    try:
        amount, since = amount_of(request, "gia", True), day_of(request, "ap-dung", True)
        assert amount is not None and since is not None
        set_price(
            row, amount, since, basis=str(request.POST.get("tinh-cho", "body")),
            occupant=str(request.POST.get("don-vi", "")).strip()[:200], valid_to=day_of(request, "den-ngay"),
            document=str(request.POST.get("van-ban", "")), by=request.user.get_username(), reason=reason_of(request),
            request_id=request_id(request),
        )  # fmt: skip
    except UserError as error:
        return render_record(request, k, view, row, "gia", error)
    return redirect(f"{request.path.rsplit('/', 2)[0]}/#gia-thue")


@require_POST
@needs("registry-edit")
def occupy_form(request: HttpRequest, kind: str, key: int) -> HttpResponse:
    """Note a body that uses the structure, or that it has left."""
    k, view, row = editable(request, kind, key)
    who, why = request.user.get_username(), str(request.POST.get("ly-do", ""))
    try:
        if left := request.POST.get("roi-di"):
            use = Occupancy.objects.filter(
                pk=left if left.isdigit() else 0, asset_key=row.key, superseded_at__isnull=True
            ).first()
            if use is None:
                raise Http404(left)
            until = day_of(request, "den-ngay", True)
            assert until is not None
            leave(use, until, who, reason_of(request), request_id(request))
        else:
            since = day_of(request, "tu-ngay", True)
            assert since is not None
            why = reason_of(request)
            occupy(
                row, str(request.POST.get("don-vi", ""))[:200], since, until=day_of(request, "den-ngay"),
                price_vnd_month=amount_of(request, "gia"), purpose=str(request.POST.get("noi-dung", "")),
                contract=str(request.POST.get("hop-dong", "")), by=who, reason=why, request_id=request_id(request),
            )  # fmt: skip
    except UserError as error:
        return render_record(request, k, view, row, "dung", error)
    return redirect(f"{request.path.rsplit('/', 2)[0]}/#dung-chung")
