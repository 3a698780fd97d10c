"""One plan in five formats gives the same reading; old encodings are told apart."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from hatangso.plans.load import load
from hatangso.plans.load.encoding import from_legacy, table
from hatangso.plans.reader import read_plan
from hatangso.plans.records import PlanReading
from tests.plans.plan_makers import blocks_of, make_docx, make_pdf

DOCUMENTS = Path(__file__).parent / "documents"
SHARED = Path(__file__).parents[2].parent / "shared" / "plans"


def facts(reading: PlanReading) -> list[tuple[object, ...]]:
    return [(f.indicator, f.kind, f.year, f.due, f.operator, f.value, f.unit) for f in reading.figures]


def plans() -> list[object]:
    own = [
        pytest.param(p, id=p.stem)
        for p in sorted(DOCUMENTS.glob("k*.txt")) + sorted(DOCUMENTS.glob("qd*.txt"))
    ]
    real = [pytest.param(p, id=p.stem, marks=pytest.mark.shared) for p in sorted(SHARED.glob("*.txt"))]
    return own + real


@pytest.mark.parametrize("path", plans())
@pytest.mark.parametrize("ending", ["docx", "pdf"])
def test_the_same_plan_gives_the_same_figures(path: Path, ending: str, tmp_path: Path) -> None:
    blocks = blocks_of(path.read_text("utf-8"))
    made = (make_docx if ending == "docx" else make_pdf)(blocks, tmp_path / f"plan.{ending}")
    text, other = read_plan(path), read_plan(made)
    assert facts(other) == facts(text)
    assert len(other.tasks) == len(text.tasks)
    assert [(d.who, d.deadline) for d in other.duties] == [(d.who, d.deadline) for d in text.duties]
    assert other.document.number == text.document.number
    assert [b.number for b in other.document.legal_bases] == [b.number for b in text.document.legal_bases]


def test_odt_and_html(tmp_path: Path) -> None:
    path = DOCUMENTS / "kh912-2025-2030.txt"
    blocks = blocks_of(path.read_text("utf-8"))
    body, page = "", ""
    for block in blocks:
        if isinstance(block, str):
            body += f"<text:p>{_escape(block)}</text:p>"
            page += f"<p>{_escape(block)}</p>"
        else:
            rows = [
                "".join(f"<table:table-cell><text:p>{_escape(c)}</text:p></table:table-cell>" for c in r)
                for r in block
            ]
            body += (
                "<table:table>"
                + "".join(f"<table:table-row>{r}</table:table-row>" for r in rows)
                + "</table:table>"
            )
            cells = ["".join(f"<td>{_escape(c)}</td>" for c in r) for r in block]
            page += "<table>" + "".join(f"<tr>{r}</tr>" for r in cells) + "</table>"
    names = "".join(
        f' xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "text", "table")
    )
    inner = f"<office:body><office:text>{body}</office:text></office:body>"
    content = f"<office:document-content{names}>{inner}</office:document-content>"
    with zipfile.ZipFile(tmp_path / "plan.odt", "w") as archive:
        archive.writestr("content.xml", content)
    (tmp_path / "plan.html").write_text(f"<!DOCTYPE html><html><body>{page}</body></html>", "utf-8")
    expected = facts(read_plan(path))
    assert facts(read_plan(tmp_path / "plan.odt")) == expected
    assert facts(read_plan(tmp_path / "plan.html")) == expected


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _to_legacy(text: str, name: str) -> str:
    _, rows = table(name)
    back = {}
    for legacy, letter in rows.items():
        back.setdefault(letter, legacy)
    if name == "tcvn3":  # capitals with accents are small letters in a capital font
        back |= {k.upper(): v for k, v in back.items() if k.upper() != k and k.upper() not in back}
    return "".join(back.get(c, c) for c in text)


@pytest.mark.parametrize("name", ["tcvn3", "vni"])
@pytest.mark.parametrize("stored", ["bytes", "unicode"])
def test_legacy_fonts(name: str, stored: str, tmp_path: Path) -> None:
    text = (DOCUMENTS / "qd-dieu-khoan.txt").read_text("utf-8")
    legacy = _to_legacy(text, name)
    path = tmp_path / "plan.txt"
    path.write_bytes(legacy.encode("latin-1", "replace") if stored == "bytes" else legacy.encode("utf-8"))
    reading = read_plan(path)
    assert reading.encoding == name
    assert facts(reading) == facts(read_plan(DOCUMENTS / "qd-dieu-khoan.txt"))


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_unicode_files(codec: str, tmp_path: Path) -> None:
    text = (DOCUMENTS / "qd-dieu-khoan.txt").read_text("utf-8")
    (tmp_path / "plan.txt").write_bytes(text.encode(codec))
    assert facts(read_plan(tmp_path / "plan.txt")) == facts(read_plan(DOCUMENTS / "qd-dieu-khoan.txt"))


def test_decomposed_unicode_reads_the_same(tmp_path: Path) -> None:
    import unicodedata

    text = (DOCUMENTS / "qd-dieu-khoan.txt").read_text("utf-8")
    (tmp_path / "plan.txt").write_text(unicodedata.normalize("NFD", text), "utf-8")
    assert facts(read_plan(tmp_path / "plan.txt")) == facts(read_plan(DOCUMENTS / "qd-dieu-khoan.txt"))


def test_tcvn3_sample() -> None:
    assert from_legacy("KÕ ho¹ch ph¸t triÓn h¹ tÇng sè", "tcvn3") == "Kế hoạch phát triển hạ tầng số"


def test_automatic_numbering_of_word_is_written_out(tmp_path: Path) -> None:
    import docx

    document = docx.Document()
    document.add_paragraph("Mục tiêu", style="List Number")
    document.add_paragraph("Tỷ lệ người sử dụng Internet đạt 95%.", style="List Bullet")
    document.save(str(tmp_path / "plan.docx"))
    lines = load(tmp_path / "plan.docx").text.split("\n")
    assert lines[0].startswith("1. Mục tiêu")
    assert lines[1].startswith("- Tỷ lệ")


def test_table_without_rules_in_pdf(tmp_path: Path) -> None:
    rows = [
        ["STT", "Chỉ tiêu", "Năm 2024", "Năm 2025"],
        ["1", "Tỷ lệ người sử dụng Internet", "85%", "90%"],
        ["2", "Tỷ lệ dùng chung vị trí BTS", "20%", "25%"],
    ]
    path = make_pdf(["KẾ HOẠCH", "I. MỤC TIÊU", rows, "II. NHIỆM VỤ"], tmp_path / "plan.pdf", ruled=False)
    found = {(f.indicator, f.year, f.value) for f in read_plan(path).figures}
    assert found == {
        ("internet_users_share", 2024, 85), ("internet_users_share", 2025, 90),
        ("bts_site_sharing_share", 2024, 20), ("bts_site_sharing_share", 2025, 25),
    }  # fmt: skip


def test_stacked_cells_without_any_sign(tmp_path: Path) -> None:
    text = (DOCUMENTS / "kh912-2025-2030.txt").read_text("utf-8")
    plain = "\n".join(line.strip() for line in text.split("\n") if line.strip())
    (tmp_path / "plan.txt").write_text(plain, "utf-8")
    assert facts(read_plan(tmp_path / "plan.txt")) == facts(read_plan(DOCUMENTS / "kh912-2025-2030.txt"))
