"""A reading as an Excel workbook: one sheet each for figures, tasks, duties, legal bases and warnings."""

from __future__ import annotations

import io

import xlsxwriter

from .records import Flag, PlanReading

_FIGURES = (
    "Mã chỉ tiêu",
    "Chỉ tiêu (lời văn)",
    "Loại",
    "Năm",
    "Hạn",
    "Dấu",
    "Giá trị",
    "Đơn vị",
    "Nguyên văn số",
    "Phấn đấu",
    "Gần đúng",
    "Phạm vi",
    "Trích nguyên văn",
    "Dòng",
    "Mục",
    "Tin cậy",
    "Cần xem lại",
    "Cảnh báo",
    "Quy tắc đọc",
)
_TASKS = ("Nhiệm vụ", "Chủ trì", "Phối hợp", "Thời hạn", "Ngày", "Mục", "Dòng", "Cơ quan kế thừa", "Cảnh báo")
_DUTIES = ("Ai", "Gửi ai", "Việc", "Hạn", "Kỳ", "Trích nguyên văn", "Dòng", "Cảnh báo")
_BASES = ("Số, ký hiệu", "Loại", "Ngày", "Cơ quan ban hành", "Trích yếu", "Dòng")


def _codes(flags: tuple[Flag, ...]) -> str:
    return ", ".join(sorted({f.code for f in flags}))


def write_xlsx(reading: PlanReading) -> bytes:
    """The workbook's bytes."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    head = book.add_format(
        {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#DCE6F1", "border": 1}
    )
    body = book.add_format({"text_wrap": True, "valign": "top"})
    kinds = {"baseline": "Hiện trạng", "target": "Mục tiêu"}
    sheets = (
        (
            "Chỉ tiêu",
            _FIGURES,
            [
                (
                    f.indicator or "",
                    f.text,
                    kinds[f.kind],
                    f.year,
                    f.due or "",
                    f.operator,
                    f.value,
                    f.unit,
                    f.raw,
                    "x" if f.soft else "",
                    "x" if f.approximate else "",
                    f.scope,
                    f.quote,
                    f.line,
                    f.section,
                    f.confidence,
                    "x" if f.review else "",
                    _codes(f.flags),
                    f.rule,
                )
                for f in reading.figures
            ],
        ),
        (
            "Nhiệm vụ",
            _TASKS,
            [
                (
                    t.text,
                    t.lead,
                    "; ".join(t.coordinating),
                    t.due,
                    t.due_date or "",
                    t.section,
                    t.line,
                    ", ".join(t.lead_successors),
                    _codes(t.flags),
                )
                for t in reading.tasks
            ],
        ),
        (
            "Nghĩa vụ",
            _DUTIES,
            [
                (d.who, d.to_whom, d.what, d.deadline, d.cadence, d.quote, d.line, _codes(d.flags))
                for d in reading.duties
            ],
        ),
        (
            "Căn cứ",
            _BASES,
            [
                (b.number, b.kind, b.date or "", b.issuer, b.title, b.line)
                for b in reading.document.legal_bases
            ],
        ),
        ("Cảnh báo", ("Mã", "Nội dung"), [(w.code, w.message_vi) for w in reading.warnings]),
    )
    for name, titles, rows in sheets:
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for column, title in enumerate(titles):
            sheet.write(0, column, title, head)
            sheet.set_column(
                column,
                column,
                50 if title in ("Trích nguyên văn", "Nhiệm vụ", "Việc", "Trích yếu", "Nội dung") else 18,
            )
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                sheet.write(number, column, value, body)
        sheet.autofilter(0, 0, max(1, len(rows)), len(titles) - 1)
    book.close()
    return stream.getvalue()
