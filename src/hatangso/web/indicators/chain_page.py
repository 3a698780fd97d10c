"""The proof of a number as a page, as the drawer of other pages, and as a file (JSON, XLSX, CSV).

``/chi-tieu/KEY/vi-sao/?tinh=14&ky=2025&xa=03646&biet-den=2025-12-31&dia-gioi=…``: the address alone is the citation.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from hatangso.indicators.facts import Source
from hatangso.web.accounts.permissions import needs
from hatangso.web.indicators.asked import KNOWN, View, asked_view, period_name
from hatangso.web.indicators.chain import Chain, chain_of, indicator_named, subject_of, values_of
from hatangso.web.indicators.lines import all_of, element_name, facts_behind, unit_name
from hatangso.web.indicators.sheets_out import Cell, Table, as_file, asked_kind, book_of
from hatangso.web.language import format_date, measure_name, pick
from hatangso.web.plans.exports import TYPES
from hatangso.web.plans.wording import source_word
from hatangso.web.territory.choice import NOW, PARAMETER

KINDS = ("json", "xlsx", "csv")
UNIT, PAGE, SOURCE = "xa", "trang", "nguon"
_FRAGMENT = ("xuat", PAGE, "vi-sao")


def asked_page(request: HttpRequest) -> int:
    """Number of the page of fact rows; 1 for anything that is no number."""
    text = request.GET.get(PAGE, "")
    return int(text) if text.isdecimal() and len(text) < 8 else 1


def chain_context(
    request: HttpRequest, view: View, chain: Chain, address: str, **more: Any
) -> dict[str, Any]:
    """What the template of a chain needs, in a drawer or on its own page."""
    query = view.request.GET.copy()
    for name in (*_FRAGMENT, SOURCE):
        query.pop(name, None)
    query["tinh"], query["ky"] = view.province.code if view.province else "", view.period.label
    if chain.subject.unit != view.unit:
        query[UNIT] = chain.subject.unit
    source = request.GET.get(SOURCE, "")
    here = query.urlencode()
    if source:
        query[SOURCE] = source
    paged = query.urlencode()
    hidden = [(k, v) for k, vs in query.lists() if k not in (PARAMETER, KNOWN, SOURCE) for v in vs]
    return {
        "chain": chain, "view": view, "address": address, "here": f"{address}?{here}", "paged": f"{address}?{paged}",
        "hidden": hidden, "boundary_options": boundary_options(view), "source": source,
        "known_day": view.known_day, "period_name": period_name(view.period), "citation": citation(view, chain),
        **more,
    }  # fmt: skip


def boundary_options(view: View) -> list[tuple[str, str, bool]]:
    """Boundaries to choose from in a drawer, where the top bar is out of reach."""
    before = date(2025, 6, 30)
    found = [
        ("", pick("như đã báo cáo", "as reported"), view.chosen.mode == "reported"),
        (NOW, pick("hiện nay", "of today"), view.chosen.mode == "now"),
        (before.isoformat(), pick("ngay trước sắp xếp (30/06/2025)", "just before the mergers (30 Jun 2025)"),
         view.chosen.mode == "day" and view.chosen.day == before),
    ]  # fmt: skip
    if view.chosen.mode == "day" and view.chosen.day != before:
        found.append((view.chosen.value, pick("ngày ", "of ") + format_date(view.chosen.day), True))
    return found


def citation(view: View, chain: Chain) -> str:
    """One sentence that can be pasted into a letter."""
    said = chain.main.text if chain.main else pick("chưa có giá trị được tính", "no value that counts")
    source = f" ({chain.main.source}, {chain.main.when})" if chain.main else ""
    known = pick("như đã biết đến ", "as known on ") + format_date(view.known_day or timezone.localdate())
    return (
        f"{chain.title}, {chain.subject.name}, {period_name(view.period)}: {said}{source}; {view.boundary_words}; {known}. "
        "hatangso"
    )


@require_safe
@needs("indicators")
def chain_page(request: HttpRequest, key: str) -> HttpResponse:
    """The chain behind one value of an indicator or a raw count; htmx gets the part for the drawer."""
    indicator = indicator_named(key)
    view = asked_view(request)
    subject = subject_of(view, indicator, request.GET.get(UNIT, ""))
    address = reverse("indicator-why", args=[key])
    kind = asked_kind(request, KINDS)
    chain = chain_of(request.user, view, subject, asked_page(request), request.GET.get(SOURCE, ""))
    if kind:
        return chain_file(request, view, chain, kind)
    context = chain_context(request, view, chain, address)
    if request.headers.get("HX-Request"):
        return render(request, "indicators/chain.html", {**context, "drawer": True})
    return render(
        request,
        "indicators/chain_page.html",
        {**view.context("chain"), **context, "simulated": chain.simulated},
    )


def chain_file(
    request: HttpRequest, view: View, chain: Chain, kind: str, more: dict[str, Any] | None = None
) -> HttpResponse:
    """The chain as JSON (everything), XLSX (sources and rows) or CSV (rows)."""
    subject = chain.subject
    name = f"vi-sao-{subject.indicator.key.replace(':', '-')}-{subject.unit}-{view.period.label}"
    values = values_of(view, subject)
    rows = all_of(
        request.user, facts_behind(subject.indicator, subject.unit, view, values), view, chain.entered
    )
    if kind == "json":
        body = json.dumps(
            {**(more or {}), **chain_json(view, chain, rows)}, ensure_ascii=False, indent=1, default=_iso
        )
        response = HttpResponse(body, content_type=TYPES["json"])
        response["Content-Disposition"] = f'attachment; filename="{name}.json"'
        return response
    facts = rows_table(view, chain, rows, name)
    if kind == "csv":
        return as_file(facts, kind)
    response = HttpResponse(book_of([sources_table(view, chain, name), facts]), content_type=TYPES["xlsx"])
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response


def _iso(value: Any) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


def chain_json(view: View, chain: Chain, rows: list[Any]) -> dict[str, Any]:
    """Everything that the reader may see, as a plain structure: SI units, ISO days."""
    indicator, subject = chain.subject.indicator, chain.subject
    chosen = next((v for v in chain.raw if v.counts), None)
    return {
        "indicator": indicator.key, "name": {"vi": indicator.name_vi, "en": indicator.name_en}, "measure": indicator.unit,
        "unit": subject.unit, "unit_name": subject.name, "level": subject.level, "period": view.period.label,
        "boundaries": view.boundaries, "as_of": view.as_of, "known_on": view.known_day,
        "value": chosen.value if chosen else None, "source": chosen.source.value if chosen else None,
        "formula": indicator.formula, "formula_words": chain.definition["formula"],
        "sources": [
            {f: getattr(v, f) for f in v.__dataclass_fields__ if f not in ("indicator", "unit", "period")}
            for v in chain.raw
        ],
        "withheld_sources": chain.any_hidden,
        "disagreement": chosen.disagreement if chosen and not chain.any_hidden else None, "disagrees": chain.apart,
        "grade": chain.grade or None, "grade_rule": chain.grade_rule, "choice": chain.choice,
        "simulated": chain.simulated,
        "facts_total": chain.lines.total, "facts_withheld": chain.lines.withheld,
        "facts": [
            {
                "id": r.pk, "element": r.key, "unit": r.unit, "from": r.valid_from, "to": r.valid_to, "source": r.source,
                "provider": r.provider, "value": r.value, "numerator": r.numerator, "denominator": r.denominator,
                "samples": r.sample_size, "method": r.method, "reference": r.reference,
                "file": r.load.file_name if r.load_id and r.load else None,
                "sha256": r.load.file_sha256 if r.load_id and r.load else None, "recorded_at": r.recorded_at,
                "recorded_by": r.recorded_by, "superseded_at": r.superseded_at if gone else None,
                "simulated": r.simulated, "figure": r.figure_id,
                "counted": None if chain.entered is None else r.pk in chain.entered,
            }
            for r, gone in rows
        ],
    }  # fmt: skip


def _notes(view: View, chain: Chain) -> tuple[str, ...]:
    known = pick("Như đã biết đến ", "As known on ") + format_date(view.known_day or timezone.localdate())
    return (f"{chain.subject.name} · {period_name(view.period)} · {view.boundary_words}", known)


def sources_table(view: View, chain: Chain, name: str) -> Table:
    """The sources side by side."""
    header = (
        pick("Nguồn", "Source"), pick("Giá trị", "Value"), pick("Tử số", "Numerator"), pick("Mẫu số", "Denominator"),
        pick("Số mẫu", "Samples"), pick("Từ (95%)", "Low (95%)"), pick("Đến (95%)", "High (95%)"),
        pick("Đơn vị có số", "Units with data"),
        pick("Tổng số đơn vị", "Units"), pick("Cũ nhất", "Oldest"), pick("Mới nhất", "Newest"), pick("Được tính", "Counts"),
        pick("Mức bằng chứng", "Grade"), pick("Ghi chú", "Note"),
    )  # fmt: skip
    rows: list[list[Cell]] = [
        [source_word(v.source), v.value, v.numerator, v.denominator, v.samples, v.low, v.high, v.units_with, v.units_total,
         v.oldest, v.newest, v.counts, v.grade, pick("dữ liệu mô phỏng", "simulated") if v.simulated else ""]
        for v in chain.raw
    ]  # fmt: skip
    formula = f"{chain.title} = {chain.definition['formula']}" if chain.definition["formula"] else chain.title
    notes = (
        *_notes(view, chain), formula, f"{pick('Đơn vị tính', 'Measure')}: {measure_name(chain.subject.indicator.unit)}",
        chain.choice, *([f"{pick('Mức bằng chứng', 'Grade')} {chain.grade}: {chain.grade_rule}"] if chain.grade else []),
    )  # fmt: skip
    return Table(name, pick("Các nguồn", "Sources"), header, rows, notes, chain.simulated)


def rows_table(view: View, chain: Chain, rows: list[Any], name: str) -> Table:
    """The single facts, each followed by what it superseded."""
    header = (
        "id", pick("Số liệu", "Item"), pick("Mã số liệu", "Key"), pick("Đơn vị", "Unit"), pick("Mã đơn vị", "Unit code"),
        pick("Từ ngày", "From"), pick("Đến ngày", "To"), pick("Nguồn", "Source"), pick("Bên cung cấp", "Provider"),
        pick("Giá trị", "Value"), pick("Tử số", "Numerator"), pick("Mẫu số", "Denominator"), pick("Số mẫu", "Samples"),
        pick("Phương pháp", "Method"), pick("Dẫn chiếu (tệp, dòng)", "Reference"), "sha256", pick("Ghi nhận", "Recorded"),
        pick("Người ghi nhận", "By"), pick("Được thay lúc", "Superseded"), pick("Được tính vào giá trị", "Counted"),
        pick("Ghi chú", "Note"),
    )  # fmt: skip
    out: list[list[Cell]] = []
    for r, gone in rows:
        out.append([
            r.pk, element_name(r.key)[0], r.key, unit_name(r.unit, r.valid_to), r.unit, r.valid_from, r.valid_to,
            source_word(Source(r.source)), r.provider, r.value, r.numerator, r.denominator, r.sample_size, r.method, r.reference,
            r.load.file_sha256 if r.load_id and r.load else "", r.recorded_at.isoformat(timespec="seconds"),
            r.recorded_by, r.superseded_at.isoformat(timespec="seconds") if gone else "",
            pick("có", "yes") if chain.entered and r.pk in chain.entered else "",
            pick("dữ liệu mô phỏng", "simulated") if r.simulated else "",
        ])  # fmt: skip
    return Table(
        name,
        pick("Số liệu gốc", "Fact rows"),
        header,
        out,
        _notes(view, chain),
        any(r.simulated for r, _ in rows),
    )
