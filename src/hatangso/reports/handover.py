"""The handover list (biên bản bàn giao) of a dissolved body as a DOCX in the layout of NĐ 30/2020/NĐ-CP.

One document for one giver and its receivers: the two parties, the list of tasks, duties, assets and accounts with where
each is written, and places to sign.  Names, numbers and dates that nobody gave stay blank to be filled in by hand.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from docx import Document
from docx.shared import Mm, Pt

from hatangso.plans.records import Duty, Task
from hatangso.reports.docx_parts import Cell, Line, page_field, plain_table, rule, set_font, table_xml, write
from hatangso.reports.layout import layout
from hatangso.territory.handover import Group, Matter, MatterKind

KIND_VI: dict[MatterKind, str] = {
    "task": "Nhiệm vụ",
    "duty": "Nghĩa vụ báo cáo",
    "asset": "Tài sản, hạ tầng",
    "account": "Tài khoản, quyền truy cập",
}
DOTS = "…" * 22


def matters_of_plan(reference: str, tasks: Iterable[Task], duties: Iterable[Duty]) -> list[Matter]:
    """Tasks by their lead and duties by who owes them, as far as the register knows the body.

    Parameters
    ----------
    reference : how the plan is cited ("Kế hoạch 201/KH-UBND").
    """
    matters = [
        Matter(
            "task", t.text, t.lead_body, f"{reference}, mục {t.section}" if t.section else reference, t.due
        )
        for t in tasks
        if t.lead_body
    ]
    matters += [Matter("duty", d.what, d.who_body, reference, d.deadline) for d in duties if d.who_body]
    return matters


def handover_docx(
    group: Group,
    *,
    day: date | None,
    place: str,
    basis: Iterable[str] = (),
    location: str = "",
) -> bytes:
    """The list for one giver as the bytes of a DOCX file.

    Parameters
    ----------
    group : giver, receivers and matters, from :func:`hatangso.territory.handover.handover`.
    day : day of the handover; None leaves it blank.  place : place of issue ("Tuyên Quang").
    basis : lines of "Căn cứ …".  location : where it takes place; blank if empty.
    """
    rules = layout()
    body, font = rules.number("body_size"), rules.text("font")
    document: Any = Document()
    set_font(document.styles["Normal"], font, body)
    document.styles["Normal"].paragraph_format.space_after = Pt(rules.number("paragraph_spacing"))
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = (
        Mm(rules.number("margin_top")),
        Mm(rules.number("margin_bottom")),
    )
    section.left_margin, section.right_margin = (
        Mm(rules.number("margin_left")),
        Mm(rules.number("margin_right")),
    )
    section.different_first_page_header_footer = True
    page_field(section.header.paragraphs[0], rules.number("page_number_size"))
    width = 210 - rules.number("margin_left") - rules.number("margin_right")

    def line(text: str, **look: Any) -> Any:
        return write(document.add_paragraph(), text, look.pop("size", body), **look)

    line(
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        size=rules.number("national_name_size"),
        bold=True,
        align="center",
    )
    line("Độc lập - Tự do - Hạnh phúc", size=rules.number("motto_size"), bold=True, align="center")
    points = width * 72 / 25.4
    rule(document.add_paragraph(), 12 * rules.number("motto_size"), points)
    line("BIÊN BẢN BÀN GIAO", size=rules.number("kind_size"), bold=True, align="center", before=14)
    giver, receivers = _giver(group), _receivers(group)
    line(
        f"Nhiệm vụ, nghĩa vụ, tài sản và tài khoản của {giver}",
        size=rules.number("abstract_size"),
        bold=True,
        align="center",
        after=10,
    )
    for text in basis:
        line(f"Căn cứ {text.removeprefix('Căn cứ ').rstrip(';.')};", italic=True, align="both")
    when = f"ngày {day.day:02d} tháng {day.month:02d} năm {day.year}" if day else "ngày …… tháng …… năm ………"
    line(f"Hôm nay, {when}, tại {location or place or DOTS}, chúng tôi gồm:", align="both", before=6)
    for head, name in (("Bên giao", giver), ("Bên nhận", receivers or DOTS)):
        line(f"{head}: {name}", bold=True, align="both", before=4)
        line(f"Đại diện: {DOTS} Chức vụ: {DOTS}", align="both")
    if group.receiver_units:
        names = ", ".join(u.full_name for u in group.receiver_units)
        line(f"Các đơn vị hành chính tiếp nhận theo địa bàn: {names}.", align="both")
    if not group.receivers:
        line(
            "Chưa rõ cơ quan tiếp nhận: cần văn bản của cấp có thẩm quyền xác định trước khi ký.", italic=True
        )
    line("Hai bên thống nhất bàn giao các nội dung sau:", align="both", before=6)
    document.element.body.insert(len(document.element.body) - 1, _table(group, width, giver))
    line(
        "Kể từ ngày ký biên bản, bên nhận chịu trách nhiệm thực hiện các nội dung đã tiếp nhận. Biên bản được lập thành "
        "…… bản có giá trị như nhau, mỗi bên giữ …… bản./.",
        align="both",
        before=8,
    )
    cells = plain_table(document, (width / 2, width / 2)).rows[0].cells
    for cell, head in zip(cells, ("ĐẠI DIỆN BÊN GIAO", "ĐẠI DIỆN BÊN NHẬN"), strict=True):
        write(cell.paragraphs[0], head, rules.number("signature_size"), bold=True, align="center", before=10)
        write(cell.add_paragraph(), "(Ký, ghi rõ họ tên)", body - 1, italic=True, align="center")
    document.core_properties.title = f"Biên bản bàn giao: {giver}"
    document.core_properties.author = "hatangso"
    stamp = datetime(day.year, day.month, day.day) if day else datetime(2000, 1, 1)
    document.core_properties.created = document.core_properties.modified = stamp
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _giver(group: Group) -> str:
    if group.giver_unit is None:
        return group.giver.name_vi
    unit = group.giver_unit
    return f"Ủy ban nhân dân {unit.kind[:1].lower()}{unit.full_name[1:]}"


def _receivers(group: Group) -> str:
    return "; ".join(b.name_vi for b in group.receivers)


def _table(group: Group, width: float, giver: str) -> Any:
    lines: list[Line] = []
    number = 0
    for kind, heading in KIND_VI.items():
        matters = [m for m in group.matters if m.kind == kind]
        if not matters:
            continue
        lines.append(Line([Cell(f"{heading} ({len(matters)})", bold=True, fill="F3F5F8", span=5)], keep=True))
        for m in matters:
            number += 1
            lines.append(
                Line([Cell(str(number), "center"), Cell(m.text), Cell(m.reference), Cell(m.due), Cell("")])
            )
    shares = (0.07, 0.43, 0.22, 0.13, 0.15)
    return table_xml(
        [width * s for s in shares],
        ("TT", "Nội dung bàn giao", "Nơi ghi", "Thời hạn", "Tình trạng, hồ sơ kèm theo"),
        lines,
        size=layout().number("body_size") - 2,
        caption=f"Danh mục bàn giao của {giver}",
    )
