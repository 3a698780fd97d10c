"""Traps between figures (T1–T39 of the field): flags and warnings, never corrections."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from ..catalogue.loader import read_folder
from ..catalogue.model import Trap
from .matching import indicators
from .records import Figure, Flag, PlanDocument


@cache
def _traps() -> Mapping[str, Trap]:
    return read_folder("traps", "trap", Trap)


def trap(code: str, detail_vi: str = "", detail_en: str = "") -> Flag:
    """Flag of a trap with the catalogue's words and what was seen here."""
    entry = _traps()[code]
    return Flag(code, f"{entry.name_vi}. {detail_vi}".strip(), f"{entry.name_en}. {detail_en}".strip())


def deduplicate(figures: list[Figure]) -> list[Figure]:
    """Merge repetitions (T17): same key, kind and value; one without a year joins the one with a year."""
    out: list[Figure] = []
    for figure in figures:
        twin = None
        if figure.indicator:
            for index, other in enumerate(out):
                if (other.indicator, other.kind, other.value, other.unit) != (
                    figure.indicator,
                    figure.kind,
                    figure.value,
                    figure.unit,
                ):
                    continue
                if (
                    (other.year == figure.year and other.quote == figure.quote)
                    or (other.year is None) != (figure.year is None)
                    or (
                        other.year == figure.year
                        and "" in (other.section, figure.section)
                        and _in_title(other, figures)
                    )
                ):
                    twin = index
        if twin is None:
            out.append(figure)
            continue
        kept = out[twin] if out[twin].year is not None or figure.year is None else figure
        out[twin] = replace(
            kept,
            flags=(
                *kept.flags,
                trap("T17", f"Nêu lại ở dòng {figure.line}.", f"Repeated in line {figure.line}."),
            ),
        )
    return out


def _in_title(figure: Figure, figures: list[Figure]) -> bool:
    """Whether a figure stands in the title of an article, before everything else."""
    return not figure.section and figure.line == figures[0].line


def check(figures: list[Figure], document: PlanDocument) -> tuple[list[Figure], list[Flag]]:
    """Flags on figures and warnings for the plan that need more than one figure."""
    flags: dict[int, list[Flag]] = defaultdict(list)
    series: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, figure in enumerate(figures):
        if figure.indicator and figure.value is not None:
            series[figure.indicator, figure.kind].append(index)
    _unchanged(figures, series, flags)
    _near_baseline(figures, series, flags)
    _duplicates(figures, series, flags)
    _single(figures, document, flags)
    marked = [replace(f, flags=(*f.flags, *flags[i])) if i in flags else f for i, f in enumerate(figures)]
    return marked, _warnings(figures, document)


def _unchanged(
    figures: list[Figure], series: dict[tuple[str, str], list[int]], flags: dict[int, list[Flag]]
) -> None:
    for (_, kind), members in series.items():
        if kind != "target":
            continue
        dated = sorted((i for i in members if figures[i].year), key=lambda i: figures[i].year or 0)
        for earlier, later in itertools.pairwise(dated):
            a, b = figures[earlier], figures[later]
            full = a.value == 100 and a.unit == "percent"
            if a.year != b.year and a.value == b.value and not full:
                flags[later].append(
                    trap("T5", f"Năm {b.year} bằng năm {a.year}: {a.raw}.", f"{b.year} equals {a.year}.")
                )


def _near_baseline(
    figures: list[Figure], series: dict[tuple[str, str], list[int]], flags: dict[int, list[Flag]]
) -> None:
    for (key, kind), members in series.items():
        if kind != "target":
            continue
        bases = [figures[i] for i in series.get((key, "baseline"), [])]
        dated = sorted((i for i in members if figures[i].year), key=lambda i: figures[i].year or 0)
        for index in dated:
            figure = figures[index]
            for base in bases:
                if (
                    base.value
                    and figure.value
                    and figure.operator != "maintain"
                    and 0 <= figure.value - base.value < 0.01 * base.value
                ) and not (figure.value == 100 and figure.unit == "percent"):
                    flags[index].append(
                        trap(
                            "T6",
                            f"Hiện trạng {base.raw}, mục tiêu {figure.raw}.",
                            f"Baseline {base.raw}, target {figure.raw}.",
                        )
                    )
        values = [figures[i].value or 0 for i in dated]
        if len(values) >= 3 and not bases and values[0] and 0 < values[-1] - values[0] < 0.03 * values[0]:
            flags[dated[-1]].append(
                trap("T6", "Các năm chỉ tăng rất ít.", "Hardly any growth over the years.")
            )


def _duplicates(
    figures: list[Figure], series: dict[tuple[str, str], list[int]], flags: dict[int, list[Flag]]
) -> None:
    for members in series.values():
        seen: dict[tuple[int | None, str], int] = {}
        for index in members:
            figure = figures[index]
            if (figure.year, figure.scope) in seen:
                other = figures[seen[figure.year, figure.scope]]
                same = "trùng" if other.value == figure.value else "khác"
                flags[index].append(
                    trap(
                        "T17",
                        f"Cùng chỉ tiêu và năm với dòng {other.line} ({same} giá trị).",
                        f"Same indicator and year as line {other.line}.",
                    )
                )
            else:
                seen[figure.year, figure.scope] = index


def _single(figures: list[Figure], document: PlanDocument, flags: dict[int, list[Flag]]) -> None:
    by_quote: dict[tuple[int, str], int] = defaultdict(int)
    for figure in figures:
        by_quote[figure.line, figure.quote] += 1
    for index, figure in enumerate(figures):
        spec = indicators().get(figure.indicator or "")
        if figure.operator == "maintain":
            flags[index].append(trap("T8"))
        if figure.operator in (">", "<") or figure.soft:
            flags[index].append(trap("T9"))
        if figure.indicator == "population_with_cloud_account_share" and "trung binh" in _fold(figure.quote):
            flags[index].append(trap("T10"))
        if figure.indicator in ("new_bts_site_sharing_share",):
            flags[index].append(trap("T11"))
        if spec and spec.unit == "Mbps" and spec.key in ("mobile_bb_speed_mbps", "fixed_bb_speed_mbps"):
            flags[index].append(trap("T12"))
        if figure.indicator == "fiber_network_coverage_share" and figure.quote.count(",") >= 2:
            flags[index].append(trap("T14"))
        if by_quote[figure.line, figure.quote] > 1 and not figure.rule.startswith("table"):
            flags[index].append(trap("T16"))
        if figure.denominator is not None:
            flags[index].append(trap("T20", f"{figure.numerator:g}/{figure.denominator:g}."))
        date = document.date or ""
        late = (
            len(date) >= 7
            and figure.kind == "target"
            and date[:4] == str(figure.year)
            and int(date[5:7]) >= 10
        )
        if late:
            flags[index].append(trap("T22", f"Văn bản ngày {date}.", f"Document dated {date}."))
        if figure.unit == "percent" and figure.value is not None and figure.value > 100:
            flags[index].append(
                Flag(
                    "T35", "Tỷ lệ lớn hơn 100%: kiểm tra mẫu số.", "A share over 100%: check the denominator."
                )
            )


def _fold(text: str) -> str:
    from .words import fold

    return fold(text)


def _warnings(figures: list[Figure], document: PlanDocument) -> list[Flag]:
    out: list[Flag] = []
    values: dict[tuple[str, str, int | None], float] = {}
    for figure in figures:
        if figure.indicator and figure.value is not None:
            values.setdefault((figure.indicator, figure.kind, figure.year), figure.value)
    for (key, kind, year), value in list(values.items()):
        if key != "adult_smartphone_share":
            continue
        subs = values.get(("smartphone_subs_share", kind, year))
        if subs is not None and (value > subs or subs - value > 30):
            out.append(
                trap(
                    "T19",
                    f"{year}: {value:g}% dân số trưởng thành so với {subs:g}% thuê bao.",
                    f"{year}: {value:g}% of adults against {subs:g}% of subscriptions.",
                )
            )
    if document.number is None or document.date is None or len(document.date) < 10:
        out.append(trap("T21", "Văn bản thiếu số hoặc ngày.", "The document lacks its number or date."))
    return out
