"""``plans read`` on a small plan and on unusable files."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook

from ..commands import run

TEXT = """ỦY BAN NHÂN DÂN
TỈNH SƠN LA
Số: 12/KH-UBND
Sơn La, ngày 10 tháng 01 năm 2026

KẾ HOẠCH
Phát triển hạ tầng số trên địa bàn tỉnh Sơn La năm 2026

I. MỤC TIÊU
- Tỷ lệ thôn, bản được phủ sóng di động băng rộng: 99,5%.
- Tỷ lệ dùng chung vị trí BTS: trên 25%.

II. TỔ CHỨC THỰC HIỆN
1. Doanh nghiệp viễn thông
- Gửi kế hoạch về Sở Khoa học và Công nghệ trước ngày 15 tháng 12 hằng năm.
"""


def keys(data: dict[str, object]) -> set[tuple[object, ...]]:
    figures = data["figures"]
    assert isinstance(figures, list)
    return {(f["indicator"], f["kind"], f["year"], f["operator"], f["value"], f["unit"]) for f in figures}


EXPECTED = {
    ("villages_mobile_bb_covered_share", "target", 2026, ">=", 99.5, "percent"),
    ("bts_site_sharing_share", "target", 2026, ">", 25.0, "percent"),
}


def test_text_and_word_give_the_same_figures(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, "utf-8")
    word = Document()
    for line in TEXT.splitlines():
        word.add_paragraph(line)
    word.save(str(tmp_path / "a.docx"))
    for name in ("a.txt", "a.docx"):
        done = run("plans", "read", name, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        data = json.loads(done.stdout)
        assert keys(data) == EXPECTED
        document = data["document"]
        assert (document["number"], document["date"], document["province"]) == (
            "12/KH-UBND",
            "2026-01-10",
            "Sơn La",
        )
        assert any(d["month"] == 12 and d["day"] == 15 for d in data["duties"])
        for figure in data["figures"]:
            assert figure["quote"] in TEXT or figure["quote"].strip(" -") in TEXT
            assert figure["line"] > 0


def test_as_table_and_as_workbook(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, "utf-8")
    assert "99,5" in run("plans", "read", "a.txt", "--format", "table", cwd=tmp_path).stdout.replace(".", ",")
    assert run("plans", "read", "a.txt", "--format", "xlsx", "-o", "b.xlsx", cwd=tmp_path).returncode == 0
    assert load_workbook(tmp_path / "b.xlsx").sheetnames


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", b"0" * 300_000_000)


def scanned_pdf(path: Path) -> None:
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<>>>>",
        b"<</Length 24>>stream\n0 0 m 100 100 l S       \nendstream",
    ]
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for n, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj" % n + body + b"endobj\n"
    start = len(out)
    out += b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % o for o in offsets)
    out += b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % start
    path.write_bytes(out)


def big(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("rong.txt", lambda p: p.write_bytes(b"")),
        ("trang.txt", lambda p: p.write_text(" \n\n ", "utf-8")),
        ("scan.pdf", scanned_pdf),
        ("cu.docx", lambda p: p.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 4000)),
        ("to.txt", big),
        ("bom.docx", bomb),
        ("ma.txt", lambda p: p.write_bytes(bytes(range(128, 256)) * 40)),
        ("la.exe", lambda p: p.write_bytes(b"MZ\x90\0" * 100)),
        ("hong.pdf", lambda p: p.write_bytes(b"%PDF-1.7\n" + b"rac" * 500)),
    ],
)
def test_unusable_files_are_refused_in_one_sentence_and_nothing_is_written(
    tmp_path: Path, name: str, make: object
) -> None:
    assert callable(make)
    make(tmp_path / name)
    done = run("plans", "read", name, "-o", "ra.json", cwd=tmp_path)
    assert done.returncode == 2, done.stdout[:200] + done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip()) > 40  # what, why and how to mend
    assert {p.name for p in tmp_path.iterdir()} == {name}


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    done = run("plans", "read", "khong-co.docx", cwd=tmp_path)
    assert done.returncode == 2
    assert "khong-co.docx" in done.stderr
