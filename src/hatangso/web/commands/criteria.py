"""``hatangso criteria``: score, what-if, and a real annex from a spreadsheet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hatangso.catalogue.loader import catalogue
from hatangso.cli_support import emit, parse_day
from hatangso.indicators.periods import parse_period
from hatangso.indicators.scoring_rules import PROVENANCE_WORDS, RULE_WORDS
from hatangso.web.commands.facts import read_calendar
from hatangso.web.commands.indicators import moment, wrong_format

if TYPE_CHECKING:
    from hatangso.web.criteria.services import Scored

app = typer.Typer(no_args_is_help=True, help="Bộ tiêu chí.", pretty_exceptions_enable=False)


@app.callback()
def root() -> None:
    """Criteria sets of the workspace."""


@app.command()
def score(
    set_: Annotated[str, typer.Option("--set", help="Mã bộ tiêu chí, ví dụ dii-885-2023.")],
    unit: Annotated[str, typer.Option(help="Mã đơn vị.")],
    period: Annotated[str, typer.Option(help="Kỳ, ví dụ 2024.")],
    what_if: Annotated[Path | None, typer.Option("--what-if", help="Tệp giả định (JSON, TOML, CSV).")] = None,
    as_of: Annotated[str, typer.Option(help="Chỉ dùng số liệu đến ngày này.")] = "",
    known_on: Annotated[str, typer.Option(help="Như đã biết vào ngày này.")] = "",
    boundaries: Annotated[str, typer.Option(help="Địa giới của ngày này.")] = "",
    calendar: Annotated[str, typer.Option(help="statistics hoặc nd09.")] = "statistics",
    format: Annotated[str, typer.Option(help="json, table hoặc xlsx.")] = "table",
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Tệp kết quả.")] = None,
) -> None:
    """Điểm tự đánh giá (tạm tính) của một địa phương; với --what-if là điểm nếu thay đổi như vậy."""
    from hatangso.indicators.what_if import read_scenario
    from hatangso.web.serve import workspace_ready

    workspace_ready()
    from hatangso.web.criteria.services import score_of

    if format not in ("json", "table", "xlsx"):
        raise wrong_format(format, "json, table, xlsx")
    asked = parse_period(period, read_calendar(calendar))
    days = {
        "as_of": parse_day(as_of) if as_of else None,
        "boundaries": parse_day(boundaries) if boundaries else None,
        "known_on": moment(known_on) if known_on else None,
    }
    found = score_of(set_, unit, asked, **days)  # type: ignore[arg-type]
    before = None
    if what_if is not None:
        before = found
        found = score_of(set_, unit, asked, scenario=read_scenario(what_if), **days)  # type: ignore[arg-type]
    if format == "json":
        content = found.to_json()
        if before is not None:
            content["what_if"] = {
                "points_before": before.score.points,
                "gain": found.score.points - before.score.points,
            }
        emit(json.dumps(content, ensure_ascii=False, indent=1) + "\n", output)
    elif format == "xlsx":
        emit(_workbook(found), output)
    else:
        emit(_text(found, before), output)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="Phụ lục bộ tiêu chí (XLSX hoặc CSV).")],
    set_: Annotated[str, typer.Option("--set", help="Mã của bộ tiêu chí.")],
    against: Annotated[
        str, typer.Option(help="So với bộ tiêu chí này; mặc định cùng mã, rồi dii-885-2023.")
    ] = "",
    unit: Annotated[str, typer.Option(help="Xem trước điểm của đơn vị này.")] = "",
    period: Annotated[str, typer.Option(help="Xem trước điểm của kỳ này.")] = "",
    document: Annotated[str, typer.Option(help="Số, ký hiệu văn bản.")] = "",
    valid_from: Annotated[str, typer.Option(help="Ngày có hiệu lực (YYYY-MM-DD).")] = "",
    sheet: Annotated[str, typer.Option(help="Trang của tệp XLSX.")] = "",
    activate: Annotated[
        bool, typer.Option("--activate", help="Áp dụng ngay; không có thì chỉ xem trước.")
    ] = False,
) -> None:
    """Nhập phụ lục thật: xem khác gì, điểm đổi ra sao, rồi mới áp dụng."""
    from hatangso.indicators.annex import difference, read_annex
    from hatangso.web.serve import workspace_ready

    workspace_ready()
    from hatangso.errors import UserError
    from hatangso.web.criteria.services import criteria_set, keep_draft, put_in_force, score_of

    annex = read_annex(file, set_, document=document, valid_from=valid_from, sheet=sheet or None)
    for error in annex.errors:
        typer.echo(error.text(), err=True)
    try:
        base = criteria_set(against or set_)
    except UserError:
        base = criteria_set("dii-885-2023")
    found = difference(base, annex.criteria)
    typer.echo(
        f"{len(annex.criteria.criteria)} tiêu chí, {annex.criteria.max_points:g} điểm (so với {base.key}: "
        f"{len(base.criteria)} tiêu chí, {base.max_points:g} điểm)."
    )
    for title, ids in (("Thêm", found.added), ("Bỏ", found.removed)):
        if ids:
            typer.echo(f"{title}: {', '.join(ids)}")
    for ident, names in found.changed.items():
        typer.echo(f"Đổi {ident}: {', '.join(names)}")
    if unit and period:
        asked = parse_period(period)
        old, new = (score_of(s, unit, asked).score for s in (base, annex.criteria))
        typer.echo(
            f"Điểm tạm tính của {unit} kỳ {period}: {old.points:g}/{old.computable_points:g} → "
            f"{new.points:g}/{new.computable_points:g} điểm tính được."
        )
    version = keep_draft(annex, file.name)
    if activate:
        put_in_force(version)
    typer.echo(f"Đã {'áp dụng' if activate else 'lưu bản nháp của'} bộ tiêu chí {set_} (bản {version.pk}).")


def _name(found: Scored) -> str:
    """The unit as people call it."""
    named = dict(zip(found.values.units, found.values.names, strict=True))
    return f"{named[found.unit]} ({found.unit})" if found.unit in named else f"Đơn vị {found.unit}"


def _text(found: Scored, before: Scored | None) -> str:
    from hatangso.web.language import format_number as said

    s = found.score
    lines = [
        f"{found.criteria.name_vi}",
        f"{_name(found)}, kỳ {found.period.label}: {said(s.points, 2)} điểm trên {said(s.computable_points)} điểm tính được"
        f" (tối đa {said(s.max_points)}); TẠM TÍNH, không phải điểm chính thức.",
    ]
    if before is not None:
        gain = s.points - before.score.points
        lines.append(
            f"Giả định: {said(before.score.points, 2)} → {said(s.points, 2)} ({'+' if gain >= 0 else ''}{said(gain, 2)})."
        )
    group = ""
    names = {g.key: g.name_vi for g in found.criteria.groups}
    for c in s.criteria:
        if c.criterion.group != group:
            group = c.criterion.group
            lines.append(f"\n{names.get(group, group)}")
        given = "–" if c.points is None else said(c.points, 2)
        lines.append(
            f"  {c.criterion.id:>3}  {given:>7} / {said(c.criterion.max_points):<5} {c.criterion.name_vi}"
        )
        lines.append(f"       {c.why_vi}")
    if found.improvements:
        lines.append("\nThay đổi tăng điểm nhiều nhất:")
        for i in found.improvements[:8]:
            need = f", cần thêm {said(i.needed)} ({_element(i.element)})" if i.element and i.needed else ""
            goal = "" if i.value is None else f" đạt {said(i.value)}"
            lines.append(f"  +{said(i.gain, 2)}  tiêu chí {i.criterion.id}{goal}{need}")
    return "\n".join(lines) + "\n"


def _element(key: str) -> str:
    """A raw count in words."""
    known = catalogue().elements.get(key)
    return known.name_vi if known else key


def _workbook(found: Scored) -> bytes:
    """The sheet as the pages export theirs: landscape, header repeated, rows high enough, words instead of keys."""
    from hatangso.web.indicators.sheets_out import Table, book_of
    from hatangso.web.language import pick

    names = {g.key: g.name_vi for g in found.criteria.groups}
    rows = [
        (
            c["id"], names.get(c["group"], c["group"]), c["name"], c["max_points"], c["points"], c["value"], c["source"] or "",
            pick(*RULE_WORDS.get(c["rule"] or "", (c["rule"] or "–",) * 2)), pick(*PROVENANCE_WORDS[c["provenance"]]),
            c["why"], c["evidence"] or "",
        )
        for c in found.to_json()["criteria"]
    ]  # fmt: skip
    rows.append(("", "", "Cộng", found.score.max_points, found.score.points, None, "", "", "", "", ""))
    header = ("STT", "Nhóm", "Tiêu chí", "Điểm tối đa", "Điểm", "Giá trị", "source", "Quy tắc", "Xác minh", "Vì sao",
              "Minh chứng")  # fmt: skip
    simulated = any(c.estimate and c.estimate.simulated for c in found.score.criteria)
    notes = (
        found.criteria.name_vi,
        f"{_name(found)}, kỳ {found.period.label}; tính được {found.score.computable_points:g} trong "
        f"{found.score.max_points:g} điểm",
        "Điểm tự đánh giá, tạm tính, không phải điểm chính thức",
    )
    return book_of([Table("", "Bảng điểm", header, rows, notes, simulated)])
