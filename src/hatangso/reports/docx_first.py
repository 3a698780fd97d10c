"""The head of the first page and the signature block, as Phụ lục I of NĐ 30/2020/NĐ-CP places them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date

from hatangso.reports import vietnamese as say
from hatangso.reports.docx_paper import MM, Paper
from hatangso.reports.docx_parts import plain_table, rule, write
from hatangso.reports.layout import text_width
from hatangso.reports.narrative import plan_title

MOTTO_WIDTH = 12.224  # of "Độc lập - Tự do - Hạnh phúc" in bold Times New Roman, in type sizes


def heading(paper: Paper, place: str, day: date | None, number: str | None, symbol: str) -> None:
    """The two-column head: bodies and number on the left, name of the state, motto, place and date on the
    right.
    """
    left, right = paper.text_width * 0.44, paper.text_width * 0.56
    cells = plain_table(paper.document, (left, right)).rows[0].cells
    issuer, superior = paper.issuer.upper(), paper.superior.upper()
    size = paper.size("superior_size")
    write(cells[0].paragraphs[0], _broken(superior, size, left * MM), size, align="center")
    write(cells[0].add_paragraph(), issuer, paper.size("issuer_size"), bold=True, align="center")
    size = paper.size("issuer_size")
    line = min(text_width(issuer, size), left * MM * 0.95)
    rule(cells[0].add_paragraph(), line * paper.size("issuer_rule"), left * MM)
    write(
        cells[0].add_paragraph(),
        number_line(paper, number, symbol),
        paper.size("number_size"),
        align="center",
        before=4,
    )
    if number is None:
        write(cells[0].add_paragraph(), paper.t("DỰ THẢO", "DRAFT"), 13, bold=True, align="center", before=4)
    name = paper.t("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "SOCIALIST REPUBLIC OF VIET NAM")
    motto = paper.t("Độc lập - Tự do - Hạnh phúc", "Independence - Freedom - Happiness")
    write(cells[1].paragraphs[0], name, paper.size("national_name_size"), bold=True, align="center")
    write(cells[1].add_paragraph(), motto, paper.size("motto_size"), bold=True, align="center")
    size = paper.size("motto_size")
    long = MOTTO_WIDTH * size if paper.language != "en" else text_width(motto, size)
    rule(cells[1].add_paragraph(), long * paper.size("motto_rule"), right * MM)
    when = (
        say.day_in_words(day, paper.language)
        if day
        else paper.t("ngày      tháng      năm      ", "date      ")
    )
    write(
        cells[1].add_paragraph(),
        f"{place}, {when}",
        paper.size("place_size"),
        italic=True,
        align="center",
        before=4,
    )


def number_line(paper: Paper, number: str | None, symbol: str) -> str:
    """ "Số: 05/BC-SKHCN"; the number stays blank where none was given."""
    given = (number or "").strip()
    shown = f"0{given}" if given.isdigit() and len(given) == 1 else given
    return paper.t("Số: ", "No. ") + (shown or "        ") + f"/{symbol}"


def title(paper: Paper) -> None:
    """Kind of the document, what it is about, a rule, and to whom it goes."""
    kind = paper.document.add_paragraph()
    write(kind, paper.t("BÁO CÁO", "REPORT"), paper.size("kind_size"), bold=True, align="center", before=18)
    subject = paper.t(
        f"Kết quả năm {paper.year} thực hiện {plan_title(paper.standing.plan)}",
        f"Results in {paper.year} of {plan_title(paper.standing.plan)}",
    )
    size = paper.size("abstract_size")
    lines = _balanced(subject, size, paper.text_width * MM)
    write(paper.document.add_paragraph(), "\n".join(lines), size, bold=True, align="center")
    line = max(text_width(x, size) for x in lines)
    rule(paper.document.add_paragraph(), line * paper.size("abstract_rule"), paper.text_width * MM)
    addressed = paper.document.add_paragraph()
    text = paper.t(f"Kính gửi: {paper.superior}", f"To: {paper.superior}")
    write(addressed, text, paper.size("body_size"), align="center", before=12, after=12)
    for paragraph in paper.document.paragraphs[-4:]:
        paragraph.paragraph_format.keep_with_next = True


def signature(paper: Paper, title: str, authority: str, name: str, recipients: Sequence[str]) -> None:
    """Recipients on the left, signature on the right, kept together on one page."""
    half = paper.text_width / 2
    write(paper.document.add_paragraph(), "", 6).paragraph_format.keep_with_next = True
    cells = plain_table(paper.document, (half, half)).rows[0].cells
    lines = recipients or (
        paper.t(f"{paper.superior} (để báo cáo)", paper.superior),
        paper.t("Lưu: VT", "Archive"),
    )
    write(
        cells[0].paragraphs[0],
        paper.t("Nơi nhận:", "Recipients:"),
        paper.size("recipients_title_size"),
        bold=True,
        italic=True,
    )
    for i, text in enumerate(lines):
        end = "." if i == len(lines) - 1 else ";"
        line = f"- {text.strip().lstrip('-').strip().rstrip(';.')}{end}"
        write(cells[0].add_paragraph(), line, paper.size("recipients_size"))
    size, right = paper.size("signature_size"), cells[1].paragraphs[0]
    if authority:
        write(right, authority.upper(), size, bold=True, align="center")
        right = cells[1].add_paragraph()
    write(right, title.upper(), size, bold=True, align="center")
    for _ in range(4):
        write(cells[1].add_paragraph(), "", size, align="center")
    write(cells[1].add_paragraph(), name, size, bold=True, align="center")


def _broken(name: str, size: float, room: float) -> str:
    """The name of a body on two lines, broken before its place, where one line is too narrow for it."""
    if text_width(name, size) < room * 0.97:
        return name
    for place in (" TỈNH ", " THÀNH PHỐ "):
        if place in name:
            return name.replace(place, "\n" + place.lstrip(), 1)
    return name


def _balanced(text: str, size: float, room: float) -> list[str]:
    """A title in lines of about the same length, broken at spaces only (never inside "2025–2030")."""
    count = math.ceil(text_width(text, size) / (room * 0.92))
    goal, lines = text_width(text, size) / count, [""]
    for word in re.sub(r"(\d) ([-–]) (\d)", "\\1\u00a0\\2\u00a0\\3", text).split(" "):
        longer = f"{lines[-1]} {word}".strip()
        here = text_width(longer, size)
        full = here > room * 0.96 or (here > goal and here - goal > goal - text_width(lines[-1], size))
        if full and lines[-1] and (len(lines) < count or here > room * 0.96):
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
