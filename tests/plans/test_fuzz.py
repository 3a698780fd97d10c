"""Nothing that a user may drop on the reader crashes it: it reads, or refuses with a sentence."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hatangso.errors import UserError
from hatangso.plans.numbers import mentions
from hatangso.plans.reader import read_plan, read_text
from hatangso.plans.words import fold

SETTINGS = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
WORDS = st.sampled_from(
    (Path(__file__).parent / "fuzz_words.txt")
    .read_text("utf-8")
    .replace("\\t", "\t")
    .replace("\\n", "\n")
    .split(" ")
)


@SETTINGS
@given(st.text(max_size=600))
def test_any_text_is_read(text: str) -> None:
    reading = read_text(text)
    assert reading.text is not None


@SETTINGS
@given(st.lists(WORDS, max_size=120))
def test_text_of_the_field_is_read(words: list[str]) -> None:
    text = " ".join(words)
    reading = read_text(text)
    for item in [*reading.figures, *reading.tasks, *reading.duties]:
        assert item.span is None or 0 <= item.span[0] <= item.span[1] <= len(reading.text)
        assert item.line >= 1
    reading.to_json()


@SETTINGS
@given(data=st.binary(max_size=3000), ending=st.sampled_from(["txt", "docx", "pdf", "odt", "html", "doc"]))
def test_any_bytes_are_read_or_refused(
    data: bytes, ending: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / f"plan.{ending}"
    path.write_bytes(data)
    try:
        read_plan(path)
    except UserError as error:
        assert error.exit_status == 2 and error.vi and error.en


@SETTINGS
@given(data=st.binary(max_size=2000), kind=st.sampled_from(["word/document.xml", "content.xml"]))
def test_damaged_office_files(data: bytes, kind: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "plan.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(kind, data)
    with pytest.raises(UserError):
        read_plan(path)


@SETTINGS
@given(cut=st.integers(0, 4000), flip=st.integers(0, 4000), value=st.integers(0, 255))
def test_damaged_pdf(
    cut: int, flip: int, value: int, tmp_path_factory: pytest.TempPathFactory, pdf_bytes: bytes
) -> None:
    data = bytearray(pdf_bytes)
    data[flip % len(data)] = value
    path = tmp_path_factory.mktemp("fuzz") / "plan.pdf"
    path.write_bytes(bytes(data[: len(data) - cut % len(data)]))
    try:
        read_plan(path)
    except UserError as error:
        assert error.code.startswith("input.")


@pytest.fixture(scope="module")
def pdf_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    from tests.plans.plan_makers import make_pdf

    path: Path = tmp_path_factory.mktemp("pdf") / "plan.pdf"
    return make_pdf(
        ["KẾ HOẠCH", "II. MỤC TIÊU", [["STT", "Chỉ tiêu", "2025"], ["1", "Tỷ lệ", "5%"]]], path
    ).read_bytes()


@given(st.text(max_size=200))
def test_folding_keeps_the_length(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(st.text(max_size=200))
def test_numbers_point_into_the_text(text: str) -> None:
    for mention in mentions(text, fold(text)):
        assert 0 <= mention.from_ <= mention.start < mention.end <= len(text)
