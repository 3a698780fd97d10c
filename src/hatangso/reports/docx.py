"""The yearly report of the department to the provincial people's committee, as a DOCX in the layout of NĐ
30/2020/NĐ-CP.

Sizes, margins and rules come from :mod:`.layout` (``data/nd30.toml``), words from :mod:`.narrative`, figures
from :mod:`.table` and sources from :mod:`.sources`.  The program never pretends to issue a document: without
a number the place of the number stays empty and the draft says DỰ THẢO; without a signer the place of the
name stays empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from hatangso.indicators.facts import Fact
from hatangso.indicators.records import Standing
from hatangso.reports.docx_annexes import annex_sources, annex_table, attached
from hatangso.reports.docx_first import heading, signature, title
from hatangso.reports.docx_paper import Paper
from hatangso.reports.docx_tables import counts_table, score_table
from hatangso.reports.narrative import blocks
from hatangso.reports.telling import Teller


def yearly_report(
    standing: Standing,
    *,
    issuer: str,
    superior: str,
    place: str,
    day: date | None,
    number: str | None = None,
    symbol: str = "BC-SKHCN",
    language: str = "vi",
    year: int | None = None,
    signer_title: str = "GIÁM ĐỐC",
    signer_authority: str = "",
    signer_name: str = "",
    recipients: Sequence[str] = (),
    facts: Iterable[Fact] = (),
) -> bytes:
    """The report as the bytes of a DOCX file.

    Parameters
    ----------
    issuer, superior : the body that reports and the one above it, as written in sentences
        ("Sở Khoa học và Công nghệ", "Ủy ban nhân dân tỉnh Tuyên Quang").
    place : place of issue ("Tuyên Quang").
    day : date of the document; None leaves it blank.
    number : running number given by the clerk's office; None leaves it blank and marks the file DỰ THẢO.
    symbol : what follows the number: kind and body ("BC-SKHCN").
    language : "vi", or "en" for an unofficial translation.
    year : year reported on; the year of ``standing.as_of`` by default.
    signer_title, signer_authority, signer_name : "PHÓ GIÁM ĐỐC", "KT. GIÁM ĐỐC", name; an empty name stays
        blank.
    recipients : lines of "Nơi nhận"; the superior and the file copy by default.
    facts : facts behind the estimates, for references in the annex.
    """
    paper = Paper(standing, language, year or standing.as_of.year, issuer, superior, facts)
    heading(paper, place, day, number, symbol)
    title(paper)
    body(paper)
    signature(paper, signer_title, signer_authority, signer_name, recipients)
    line = attached(paper, day, number, symbol)
    annex_table(paper, line)
    annex_sources(paper, line)
    return paper.bytes(day)


def body(paper: Paper) -> None:
    """Parts I to VI, with their tables in place."""
    words = Teller(
        paper.standing,
        paper.annex,
        issuer=paper.issuer,
        superior=paper.superior,
        language=paper.language,
        year=paper.year,
    )
    for block in blocks(words):
        if block.kind == "part":
            paper.document.add_paragraph(block.text.upper(), style="Heading 1")
        elif block.kind == "heading":
            paper.document.add_paragraph(block.text, style="Heading 2")
        elif block.kind == "counts":
            counts_table(paper, block)
        elif block.kind == "score":
            score_table(paper, block)
        else:
            paper.paragraph(block)
