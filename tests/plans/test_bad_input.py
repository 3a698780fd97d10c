"""What can't be read is refused in one sentence that says why and how to mend it; nothing is half-written."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hatangso.errors import UserError
from hatangso.plans.commands import app
from hatangso.plans.reader import read_many, read_plan

DOCUMENTS = Path(__file__).parent / "documents"


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _blank(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf \n\t\n")


def _scan(path: Path) -> None:
    import pypdfium2

    document = pypdfium2.PdfDocument.new()
    document.new_page(300, 300)
    document.save(str(path))


def _old_word(path: Path) -> None:
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4000))


def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b"%PDF-1.4")
        file.truncate(200 * 1024 * 1024)


def _bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", bytes(100_000_000))


def _entities(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "word/document.xml", '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
        )


def _latin(path: Path) -> None:
    path.write_bytes("élève garçon déjà naïve coûter où façade".encode("latin-1") * 20)


def _noise(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 20)


def _not_word(path: Path) -> None:
    path.write_bytes(b"this is not a zip file")


CASES = [
    ("plan.txt", _empty, "input.empty"),
    ("plan.txt", _blank, "input.empty"),
    ("plan.pdf", _scan, "input.scanned_pdf"),
    ("plan.docx", _old_word, "input.old_doc"),
    ("plan.pdf", _huge, "input.too_large"),
    ("plan.docx", _bomb, "input.zip_bomb"),
    ("plan.docx", _entities, "input.unsafe_xml"),
    ("plan.txt", _latin, "input.encoding"),
    ("plan.txt", _noise, "input.binary"),
    ("plan.docx", _not_word, "input.bad_archive"),
    ("plan.pdf", _not_word, "input.broken_pdf"),
]


@pytest.mark.parametrize(("name", "make", "code"), CASES, ids=[c for _, _, c in CASES])
def test_refused_with_a_sentence(name: str, make, code: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / name
    make(path)
    with pytest.raises(UserError) as caught:
        read_plan(path)
    assert caught.value.code == code
    assert name in caught.value.vi and name in caught.value.en and caught.value.mend_vi


@pytest.mark.parametrize("format", ["json", "table", "xlsx"])
def test_exit_status_2_and_nothing_written(format: str, tmp_path: Path) -> None:
    _empty(tmp_path / "plan.txt")
    out = tmp_path / "out"
    result = CliRunner().invoke(app, ["read", str(tmp_path / "plan.txt"), "--format", format, "-o", str(out)])
    assert result.exit_code == 2
    assert not result.stdout and "trống" in result.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["plan.txt"]


def test_output_that_cannot_be_written(tmp_path: Path) -> None:
    plan = str(DOCUMENTS / "bao-chi.txt")
    result = CliRunner().invoke(app, ["read", plan, "-o", str(tmp_path / "no" / "where.json")])
    assert result.exit_code == 2 and "where.json" in result.stderr


def test_one_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    _empty(tmp_path / "a.txt")
    files = [tmp_path / "a.txt", DOCUMENTS / "bao-chi.txt", tmp_path / "missing.txt"]
    outcomes = list(read_many(files))
    assert [o.error.code if o.error else None for o in outcomes] == ["input.empty", None, "input.missing"]
    assert outcomes[1].reading is not None and outcomes[1].reading.figures
