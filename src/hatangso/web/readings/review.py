"""The review: the document on the left, what was understood on the right, decided item by item."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST

from hatangso.catalogue.loader import catalogue
from hatangso.errors import UserError
from hatangso.web.accounts.permissions import needs
from hatangso.web.language import pick
from hatangso.web.plans.presenters import flag_views
from hatangso.web.readings import decisions, forms, presenters, views
from hatangso.web.readings.document import LINES_SHOWN, lines
from hatangso.web.readings.models import Proposal, Reading
from hatangso.web.readings.records import flags

DOCUMENT_FIELDS = (  # name, words, wide
    ("title", True), ("type", False), ("number", False), ("date", False), ("period_start", False),
    ("period_end", False), ("province", False), ("issuer", True), ("signer", False),
)  # fmt: skip
TAB, ITEM = "the", "muc"


def page(request: HttpRequest, reading: Reading) -> HttpResponse:
    """The whole review; ``?the=`` names the tab, ``&muc=`` the current item, so the address can be sent on."""
    return render(request, "readings/review.html", page_context(request, reading))


def page_context(request: HttpRequest, reading: Reading, **more: Any) -> dict[str, Any]:
    """What the review page shows."""
    proposals, by_kind = presenters.views(reading)
    wanted = request.GET.get(ITEM, "")
    item = next((p for p in proposals if str(p.pk) == wanted), None)
    tab = item.kind if item else request.GET.get(TAB, "figure")
    text_lines = lines(reading.text, proposals)
    return {
        "reading": reading,
        "open": reading.open,
        "tally": presenters.tally(proposals),
        "groups": list(by_kind.items()),
        "tab": tab,
        "current": item.pk if item else 0,
        "lines": text_lines,
        "cut": reading.text.count("\n") + 1 > LINES_SHOWN,
        "warnings": flag_views(flags(reading.warnings)),
        "fields": document_fields(reading.document),
        "bases": legal_bases(reading),
        "can_undo": can_undo(request, reading),
        "indicators": indicator_choices(),
        **more,
    }


def can_undo(request: HttpRequest, reading: Reading) -> bool:
    """Whether this person has a step in this reading that can be taken back."""
    return reading.decisions.filter(user=request.user, action__in=decisions.UNDOABLE, undone=False).exists()


def document_fields(data: dict[str, Any], errors: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """Fields of the document's own data, for the form."""
    from hatangso.web.readings import words

    return [
        {
            "name": name,
            "label": words.of(words.FIELDS, name),
            "value": forms.write_day(data.get(name)) if name == "date" else data.get(name) or "",
            "wide": wide,
            "error": (errors or {}).get(name, ""),
        }
        for name, wide in DOCUMENT_FIELDS
    ]


def legal_bases(reading: Reading) -> list[tuple[int, str, bool, int]]:
    """``(number, words, kept, line)`` of every legal basis that was read."""
    kept = [json.dumps(b, sort_keys=True) for b in reading.document.get("legal_bases") or []]
    return [
        (
            n,
            " ".join(
                w
                for w in (b["kind"], b["number"], forms.write_day(b["date"]) if b["date"] else "", b["title"])
                if w
            ),
            json.dumps(b, sort_keys=True) in kept,
            b.get("line") or 0,
        )
        for n, b in enumerate(reading.document_read.get("legal_bases") or [])
    ]


def indicator_choices() -> list[dict[str, str]]:
    """The catalogue for the combobox: name in the reader's language, unit, and all words to search in."""
    measures = catalogue().measures
    return [
        {
            "key": i.key,
            "name": pick(i.name_vi, i.name_en),
            "unit": i.unit,
            "unitName": pick(measures[i.unit].name_vi, measures[i.unit].name_en)
            if i.unit in measures
            else i.unit,
            "words": " ".join([i.name_vi, i.name_en, i.key.replace("_", " "), *i.synonyms]),
        }
        for i in catalogue().indicators.values()
    ]


def proposal_of(reading: Reading, number: int) -> Proposal:
    """The item of an address."""
    return get_object_or_404(Proposal, pk=number, reading=reading)


def address(reading: Reading, proposal: Proposal) -> str:
    """The review page with this item current."""
    return f"{reverse('reading', args=[reading.pk])}?{TAB}={proposal.kind}&{ITEM}={proposal.pk}"


def answer(
    request: HttpRequest, reading: Reading, changed: list[Proposal], say: str, **trigger: Any
) -> HttpResponse:
    """The changed items and the counts, to be put in place by the page's script; a redirect without one."""
    if not request.headers.get("HX-Request"):
        messages.info(request, say)
        return redirect(address(reading, changed[0]) if changed else reverse("reading", args=[reading.pk]))
    proposals = list(reading.proposals.all())
    context = {
        "reading": reading,
        "open": reading.open,
        "items": [presenters.proposal_view(p, 0) for p in changed],
        "tally": presenters.tally(proposals),
        "can_undo": can_undo(request, reading),
    }
    response = HttpResponse(render_to_string("readings/decided.html", context, request))
    response["HX-Trigger-After-Settle"] = json.dumps(
        {"reviewed": {"say": say, "items": [p.pk for p in changed], **trigger}}
    )
    return response


@require_POST
@needs("plan-edit")
def decide(request: HttpRequest, pk: int, number: int, action: str) -> HttpResponse:
    """Accept or reject one item."""
    names = {"chap-nhan": "accept", "loai": "reject"}
    if action not in names:
        raise Http404(action)
    reading = views.get(pk)
    proposal = proposal_of(reading, number)
    try:
        decisions.decide(proposal, names[action], request.user, reason=request.POST.get("ly-do", ""))
    except UserError as error:
        return views.answer_error(request, error, address(reading, proposal))
    proposal.refresh_from_db()
    view = presenters.proposal_view(proposal, 0)
    return answer(request, reading, [proposal], f"{view.head[:80]}: {view.state_word}", move=True)


@require_POST
@needs("plan-edit")
def accept_all(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept every undecided item that needs no human look."""
    reading = views.get(pk)
    kind = request.POST.get(TAB, "")
    try:
        count = decisions.accept_all_confident(reading, request.user, kind)
    except UserError as error:
        return views.answer_error(request, error, reverse("reading", args=[pk]))
    messages.info(
        request,
        pick(
            f"Đã chấp nhận {count} mục chắc chắn; phím U hoàn tác tất cả.",
            f"Accepted {count} certain items; U takes all of them back.",
        ),
    )
    return redirect(f"{reverse('reading', args=[pk])}?{TAB}={kind or 'figure'}")


@require_POST
@needs("plan-edit")
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back the user's own last step."""
    reading = views.get(pk)
    try:
        numbers = decisions.undo(reading, request.user)
    except UserError as error:
        return views.answer_error(request, error, reverse("reading", args=[pk]))
    left = list(reading.proposals.filter(pk__in=numbers))
    if request.headers.get("HX-Request") and len(left) == len(numbers) == 1:
        head = presenters.proposal_view(left[0], 0).head[:80]
        response = answer(
            request, reading, left, pick(f"Đã hoàn tác: {head}", f"Undone: {head}"), go=left[0].pk
        )
        response["HX-Retarget"], response["HX-Reswap"] = f"#p-{left[0].pk}", "outerHTML"
        return response
    messages.info(request, pick(f"Đã hoàn tác ({len(numbers)} mục).", f"Undone ({len(numbers)} items)."))
    to = address(reading, left[0]) if left else reverse("reading", args=[pk])
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=200)
        response["HX-Redirect"] = to
        return response
    return redirect(to)


@require_POST
@needs("plan-edit")
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct the document's own data."""
    reading = views.get(pk)
    parsed = forms.document(request.POST)
    if parsed.errors:
        fields = document_fields(
            parsed.values | {k: request.POST.get(k, "") for k in parsed.errors}, parsed.errors
        )
        context = page_context(request, reading, fields=fields, tab="document", document_errors=parsed.errors)
        return render(request, "readings/review.html", context, status=422)
    keep = set(request.POST.getlist("can-cu"))
    bases = reading.document_read.get("legal_bases") or []
    parsed.values["legal_bases"] = [b for n, b in enumerate(bases) if str(n) in keep]
    try:
        changed = decisions.change_document(reading, parsed.values, request.user)
    except UserError as error:
        return views.answer_error(request, error, reverse("reading", args=[pk]))
    if changed:
        messages.info(request, pick("Đã lưu thông tin văn bản.", "The document's data is saved."))
    return redirect(f"{reverse('reading', args=[pk])}?{TAB}=document")
