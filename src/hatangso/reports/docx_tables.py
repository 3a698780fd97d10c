"""The two tables in the body of the yearly report: targets by component and status, points by criterion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hatangso.indicators.records import STATUS_NAMES, Status
from hatangso.reports import vietnamese as say
from hatangso.reports.docx_paper import Paper, capital
from hatangso.reports.docx_parts import Cell, Line, table_xml, write
from hatangso.reports.narrative import Block
from hatangso.reports.table import grouped
from hatangso.reports.vietnamese import pick


def counts_table(paper: Paper, block: Block) -> None:
    """Table 1: how many targets of each component have which status."""
    paper.caption(f"{block.text} [{paper.annex.counts}]")
    heading = [
        paper.t("Lĩnh vực", "Component"),
        *(capital(pick(paper.language, *STATUS_NAMES[s])) for s in Status),
        paper.t("Tổng", "Total"),
    ]
    lines = []
    for name, rows in grouped(paper.rows):
        counts = [sum(r.status is s for r in rows) for s in Status]
        lines.append(counts_line(paper, name, [*counts, len(rows)]))
    totals = [*paper.standing.counts().values(), len(paper.rows)]
    lines.append(counts_line(paper, paper.t("Tổng cộng", "Total"), totals, bold=True))
    widths = (62, 16, 18, 16, 18, 18, 16)
    paper.place_table(table_xml(widths, heading, lines, size=paper.size("table_size"), caption=block.text))


def counts_line(paper: Paper, name: str, counts: Sequence[int], *, bold: bool = False) -> Line:
    """A row of numbers after a name."""
    texts = [say.number(n, paper.language, decimals=0) for n in counts]
    cells = [Cell(name, bold=bold), *(Cell(x, "right", bold=bold) for x in texts)]
    return Line(cells, keep=not bold)  # the table is short: it stays on one page, down to its last row


def score_table(paper: Paper, block: Block) -> None:
    """Table 2: every criterion with its points, or a dash where none can be given."""
    score = paper.standing.score
    if score is None:
        return
    paper.caption(block.text)
    heading = (
        paper.t("Số", "No."),
        paper.t("Tiêu chí", "Criterion"),
        paper.t("Điểm tối đa", "Maximum"),
        paper.t("Giá trị", "Value"),
        paper.t("Điểm", "Points"),
        paper.t("Quy tắc chấm", "Rule"),
    )
    known = {
        "verified": ("đã xác minh", "verified"),
        "inferred": ("suy luận", "inferred"),
        "unknown": ("chưa biết", "unknown"),
    }
    lines = []
    for one in score.criteria:
        c, value = one.criterion, one.estimate.value if one.estimate else None
        mark = f"[{paper.annex.criterion(one)}]" if paper.annex.criterion(one) else ""
        note = paper.t("mô phỏng", "simulated") if one.estimate and one.estimate.simulated else ""
        sure = "" if c.points_provenance == "verified" else "*"
        lines.append(
            Line(
                [
                    Cell(c.id, "center"),
                    Cell(pick(paper.language, c.name_vi, c.name_en)),
                    Cell(say.number(c.max_points, paper.language) + sure, "right"),
                    Cell(say.number(value, paper.language) + mark, "right", note=note),
                    Cell(say.number(one.points, paper.language), "right"),
                    Cell(pick(paper.language, *known[c.rule_provenance]), "center"),
                ]
            )
        )
    points, most = say.number(score.points, paper.language), say.number(score.max_points, paper.language)
    computable = say.number(score.computable_points, paper.language)
    total = paper.t(f"Tổng (trên {computable} điểm tính được)", f"Total (of {computable} computable points)")
    cells = [total, most, "", f"{points}[{paper.annex.score}]", ""]
    lines.append(Line([Cell(cells[0], bold=True, span=2), *(Cell(x, "right", bold=True) for x in cells[1:])]))
    # neither the heading with one row nor the total alone on a page
    edge = {0, 1, len(lines) - 3, len(lines) - 2}
    lines = [replace(line, keep=n in edge) for n, line in enumerate(lines)]
    widths = (10, 73, 22, 20, 18, 22)
    paper.place_table(table_xml(widths, heading, lines, size=paper.size("table_size"), caption=block.text))
    if any(c.criterion.points_provenance != "verified" for c in score.criteria):
        note = paper.t(
            "* Điểm tối đa của tiêu chí do suy luận, chưa đối chiếu với văn bản gốc.",
            "* Maximum inferred, not checked against the original.",
        )
        write(paper.document.add_paragraph(), note, paper.size("table_size"), italic=True, after=6)
