"""The life of an asset: planned -> permitted -> building -> active -> retired, each step with its day and reason.

A step is a change in the world, so it begins a new version on its day; the old state stays true until then.  Steps go
forward only: a state that was written wrongly is corrected in the form, which says so in the history.
"""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from hatangso.errors import UserError
from hatangso.web.accounts.permissions import needs
from hatangso.web.language import english
from hatangso.web.registry.lease_pages import day_of, reason_of, request_id
from hatangso.web.registry.models import Asset
from hatangso.web.registry.record_pages import STEPS, editable, form_values, render_record
from hatangso.web.registry.services import save_record


def _check(row: Asset, to: str, day: date) -> None:
    if to not in STEPS or STEPS.index(to) <= STEPS.index(row.status):
        raise UserError(
            "registry.step", "Trạng thái chỉ đi tới, không lùi.", "The life of an asset only goes forward.",
            "Nếu trạng thái hiện tại ghi nhầm, hãy bấm «Sửa».", "If the present state is wrong, use “Edit”.",
        )  # fmt: skip
    if day <= row.valid_from or day > timezone.localdate():
        raise UserError(
            "registry.step_day",
            f"Ngày chuyển phải sau {row.valid_from:%d/%m/%Y} (lúc trạng thái hiện tại bắt đầu) và không sau hôm nay.",
            f"The day must be after {row.valid_from} (when the present state began) and not after today.",
            "Hãy sửa ngày; nếu ngày bắt đầu ghi nhầm, bấm «Sửa».",
            "Mend the day; if the beginning is wrong, use “Edit”.",
        )


@require_POST
@needs("registry-edit")
def step_form(request: HttpRequest, kind: str, key: int) -> HttpResponse:
    """Go to the next state from a day on."""
    k, view, row = editable(request, kind, key)
    to = str(request.POST.get("trang-thai", ""))
    try:
        day = day_of(request, "tu-ngay", True)
        assert day is not None
        why = reason_of(request)
        _check(row, to, day)
        values = form_values(view, k, row) | {"status": to, "valid_from": day.isoformat(), "code": row.code}
        if to == "active" and not values.get("in_service"):
            values["in_service"] = day.isoformat()
        plan, _ = save_record(
            k,
            values,
            row.provider.name,
            by=request.user.get_username(),
            reason=why,
            request_id=request_id(request),
        )
        if plan.batch.problems.rejected:
            problem, lang = plan.batch.problems.told()[0], "en" if english() else "vi"
            raise UserError(
                "registry.step_refused",
                problem.text("vi"),
                problem.text("en"),
                problem.mend(lang),
                problem.mend(lang),
            )
    except UserError as error:
        return render_record(request, k, view, row, "buoc", error)
    return redirect("registry-asset", k.key, row.key)
