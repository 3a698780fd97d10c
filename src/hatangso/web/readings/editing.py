"""Correcting an item and adding one that the reader did not see."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from hatangso.catalogue.loader import catalogue
from hatangso.catalogue.text import sort_key
from hatangso.errors import UserError
from hatangso.plans.reader import read_text
from hatangso.web.accounts.permissions import needs
from hatangso.web.language import pick
from hatangso.web.readings import decisions, forms, presenters, review, synonyms, views, words
from hatangso.web.readings.document import line_of
from hatangso.web.readings.models import Kind, LearnedSynonym, Reading
from hatangso.web.readings.records import CLASSES, to_json

EMPTY: dict[str, dict[str, Any]] = {
    Kind.FIGURE: {
        "indicator": None, "text": "", "kind": "target", "year": None, "operator": ">=", "value": None,
        "unit": "percent", "confidence": 1.0, "rule": "manual",
    },
    Kind.TASK: {"text": "", "rule": "manual"},
    Kind.DUTY: {"who": "", "to_whom": "", "what": "", "rule": "manual"},
}  # fmt: skip
LONGEST_QUOTE = 4000
HEADINGS = {
    Kind.FIGURE: "II. MỤC TIÊU",
    Kind.TASK: "III. NHIỆM VỤ, GIẢI PHÁP",
    Kind.DUTY: "IV. TỔ CHỨC THỰC HIỆN",
}
_MARKER = re.compile(r"(?:\d+(?:\.\d+)*[.)]|[a-zđ][.)]|[-+•*–])\s+")


def shown(kind: str, data: dict[str, Any], post: Any = None) -> dict[str, Any]:
    """Values of the form: as typed where something was typed, else as the record has them."""
    values = dict(data)
    values["indicator"] = presenters.indicator_name(data["indicator"]) if data.get("indicator") else ""
    values["value"] = forms.write_number(data.get("value"))
    values["due_date"] = forms.write_day(data.get("due_date"))
    values["coordinating"] = "; ".join(data.get("coordinating") or [])
    values = {k: "" if v is None else v for k, v in values.items()}
    if post is not None:
        values |= post.dict()
        values["soft"] = post.get("soft") == "1"
    return values


def form_context(kind: str, data: dict[str, Any], parsed: forms.Parsed | None, post: Any) -> dict[str, Any]:
    """What the form of one item needs."""
    measures = [(m.key, pick(m.name_vi, m.name_en)) for m in catalogue().measures.values()]
    return {
        "kind": kind,
        "v": shown(kind, data, post),
        "quote": data.get("quote") or data.get("text") or "",
        "errors": parsed.errors if parsed else {},
        "error_list": [(name, words.of(words.FIELDS, name), said) for name, said in parsed.errors.items()]
        if parsed
        else [],
        "kinds": [(k, pick(vi, en)) for k, vi, en in words.KINDS],
        "operators": [(k, pick(vi, en)) for k, vi, en in words.OPERATORS],
        "measures": sorted(measures, key=lambda m: sort_key(m[1])),
        "cadences": [(k, words.cadence_words(k)) for k in words.CADENCES],
        "phrase": (post or {}).get("phrase") or synonyms.phrase_of(data.get("text") or ""),
        "names": sorted((presenters.indicator_name(k) for k in catalogue().indicators), key=sort_key),
    }


def learned_words(learned: LearnedSynonym | None, wanted: bool) -> str:
    """What the workspace has learned, said plainly."""
    if learned is not None:
        name = presenters.indicator_name(learned.indicator)
        return pick(
            f"Đã học: «{learned.phrase}» là «{name}»; lần đọc sau sẽ dùng.",
            f"Learned: “{learned.phrase}” means “{name}”; the next reading uses it.",
        )
    if wanted:
        return pick(
            "Cụm từ quá ngắn nên không học (cần ít nhất ba tiếng).",
            "The phrase is too short to be learned (three words).",
        )
    return ""


def render_form(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """The form alone for the dialog, a page of its own without a script."""
    name = "readings/edit_form.html" if request.headers.get("HX-Request") else "readings/edit.html"
    return render(request, name, context)


@needs("plan-edit")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Correct one item."""
    reading = views.get(pk)
    proposal = review.proposal_of(reading, number)
    back = review.address(reading, proposal)
    action = reverse("proposal-edit", args=[pk, number])
    context = {
        "reading": reading, "proposal": proposal, "action": action, "back": back, "learns": proposal.kind == Kind.FIGURE,
        "title": pick("Sửa", "Correct"),
    }  # fmt: skip
    parsed = None
    if request.method == "POST":
        parsed = forms.PARSERS[proposal.kind](request.POST)
        if not parsed.errors:
            return _save(request, reading, proposal, parsed)
    context |= form_context(proposal.kind, proposal.current, parsed, request.POST if parsed else None)
    return render_form(request, context)


def _save(request: HttpRequest, reading: Reading, proposal: Any, parsed: forms.Parsed) -> HttpResponse:
    before = proposal.current.get("indicator")
    try:
        _, learned = decisions.correct(
            proposal, parsed.values, request.user, reason=request.POST.get("reason", ""),
            phrase=request.POST.get("phrase", ""),
        )  # fmt: skip
    except UserError as error:
        return views.answer_error(request, error, review.address(reading, proposal))
    proposal.refresh_from_db()
    key = parsed.values.get("indicator")
    taught = learned_words(learned, bool(key and key != before))
    say = " ".join([pick("Đã lưu sửa đổi.", "Saved."), *parsed.notes, taught]).strip()
    response = review.answer(request, reading, [proposal], say, close=True, move=True)
    if request.headers.get("HX-Request"):
        response["HX-Retarget"], response["HX-Reswap"] = f"#p-{proposal.pk}", "outerHTML"
    return response


@needs("plan-edit")
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add an item from a stretch of the document (``tu``, ``den``: offsets) or from whole lines (``dong``)."""
    reading = views.get(pk)
    asked = request.POST if request.method == "POST" else request.GET
    kind = asked["loai"] if asked.get("loai") in CLASSES else "figure"
    start, end = stretch(reading, asked)
    data = proposed(kind, reading.text[start:end])
    data |= {
        "quote": reading.text[start:end], "line": line_of(reading.text, start), "span": [start, end], "section": "",
    }  # fmt: skip
    if kind == Kind.TASK:
        data.pop("quote")
    parsed = None
    if request.method == "POST":
        parsed = forms.PARSERS[kind](request.POST)
        if not parsed.errors:
            return _add(request, reading, kind, data | parsed.values, parsed)
    context = {
        "reading": reading, "adding": True, "action": reverse("proposal-add", args=[pk]), "learns": kind == Kind.FIGURE,
        "back": reverse("reading", args=[pk]), "title": pick("Thêm", "Add"), "start": start, "end": end,
        "line": data["line"], "tabs": [(k.value, pick(vi, en)) for k, vi, en in presenters.TABS],
        **form_context(kind, data, parsed, request.POST if parsed else None), "quote": reading.text[start:end],
        "whole": whole_lines(reading.text, start, end),
    }  # fmt: skip
    return render_form(request, context)


def _add(
    request: HttpRequest, reading: Reading, kind: str, data: dict[str, Any], parsed: forms.Parsed
) -> HttpResponse:
    try:
        proposal, learned = decisions.add(
            reading, kind, data, request.user, reason=request.POST.get("reason", ""),
            phrase=request.POST.get("phrase", ""),
        )  # fmt: skip
    except UserError as error:
        return views.answer_error(request, error, reverse("reading", args=[reading.pk]))
    taught = learned_words(learned, bool(parsed.values.get("indicator")))
    messages.info(request, " ".join([pick("Đã thêm.", "Added."), *parsed.notes, taught]).strip())
    to = review.address(reading, proposal)
    if not request.headers.get("HX-Request"):
        return redirect(to)
    response = HttpResponse(status=200)
    response["HX-Redirect"] = to
    return response


def stretch(reading: Reading, asked: Any) -> tuple[int, int]:
    """``(start, end)`` in the text; borders of words are not cut, blanks at the ends are."""
    text = reading.text
    begin, stop = asked.get("tu", ""), asked.get("den", "")
    if begin.isdecimal() and stop.isdecimal() and int(begin) < int(stop) <= len(text):
        start, end = int(begin), min(int(stop), int(begin) + LONGEST_QUOTE)
    else:
        line = asked.get("dong", "1")
        if not line.isdecimal():
            raise Http404(line)
        start, end = bounds_of_line(text, max(1, int(line)))
        if marker := _MARKER.match(
            text[start:end].lstrip()
        ):  # "1." and "a)" number a line, they are not its words
            start += len(text[start:end]) - len(text[start:end].lstrip()) + marker.end()
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def bounds_of_line(text: str, number: int) -> tuple[int, int]:
    """Offsets of a 1-based line; the last one where there are not so many."""
    start = 0
    for _ in range(number - 1):
        found = text.find("\n", start)
        if found < 0:
            break
        start = found + 1
    end = text.find("\n", start)
    return start, end if end >= 0 else len(text)


def whole_lines(text: str, start: int, end: int) -> dict[str, Any]:
    """The full lines around a stretch, in which a keyboard can select."""
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    return {"start": first, "text": text[first : last if last >= 0 else len(text)]}


def proposed(kind: str, quote: str) -> dict[str, Any]:
    """What the reader makes of the chosen words under a heading of the chosen kind; an empty form if nothing."""
    read = read_text(f"{HEADINGS[Kind(kind)]}\n1. {quote}", synonyms=synonyms.learned())
    found = {Kind.FIGURE: read.figures, Kind.TASK: read.tasks, Kind.DUTY: read.duties}[Kind(kind)]
    if found:
        data = to_json(found[0])  # type: ignore[arg-type]
        return {
            **data,
            "rule": "manual",
            "number_span": None,
            "confidence": 1.0,
            "review": False,
            "flags": [],
        }
    key = {"figure": "text", "task": "text", "duty": "what"}[kind]
    return {**EMPTY[Kind(kind)], key: quote}
