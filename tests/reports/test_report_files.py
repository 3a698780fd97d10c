"""The files that officers get: opened again, as a reader would, and compared with each other."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import date
from typing import Any

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn

from hatangso.indicators.facts import Source
from hatangso.indicators.records import Standing, Status
from hatangso.reports import json as report_json
from hatangso.reports.csv import standing_csv
from hatangso.reports.docx import yearly_report
from hatangso.reports.json import standing_json
from hatangso.reports.sources import Annex
from hatangso.reports.table import has_simulated, table
from hatangso.reports.terminal import standing_text
from hatangso.reports.xlsx import standing_xlsx
from tests.reports import report_factory as make

ISSUER, SUPERIOR = "Sở Khoa học và Công nghệ", "Ủy ban nhân dân tỉnh Mẫu"


def report(standing: Standing, **changes: Any) -> Any:
    given: dict[str, Any] = {
        "issuer": ISSUER,
        "superior": SUPERIOR,
        "place": "Mẫu",
        "day": date(2026, 11, 5),
    }
    return docx.Document(io.BytesIO(yearly_report(standing, **{**given, **changes})))


def words(document: Any) -> str:
    """All text of a document in reading order, tables included."""
    paragraphs = document.element.body.iter(qn("w:p"))
    return "\n".join("".join(t.text or "" for t in p.iter(qn("w:t"))) for p in paragraphs)


def captioned(document: Any, caption: str) -> Any:
    """The table whose description is ``caption``."""
    for one in document.tables:
        described = one._tbl.tblPr.find(qn("w:tblCaption"))
        if described is not None and described.get(qn("w:val")).startswith(caption):
            return one
    raise AssertionError(caption)


def workbook(standing: Standing, language: str = "vi") -> Any:
    return openpyxl.load_workbook(io.BytesIO(standing_xlsx(standing, language)))


def lines(sheet: Any, first: str) -> list[dict[str, Any]]:
    """The rows below the heading that begins with ``first``, by heading."""
    cells = list(sheet.iter_rows())
    top = next(i for i, row in enumerate(cells) if row[0].value == first)
    names = [c.value for c in cells[top]]
    return [dict(zip(names, row, strict=False)) for row in cells[top + 1 :]]


@pytest.fixture(scope="module")
def full() -> Standing:
    return make.standing(simulated=True)


@pytest.fixture(scope="module")
def document(full: Standing) -> Any:
    return report(full)


def shown(cell: Any) -> str:
    """A numeric cell as Excel displays it in Vietnamese."""
    mask = re.sub('"[^"]*"', "", cell.number_format)
    decimals = len(mask.partition(".")[2])
    return f"{cell.value:,.{decimals}f}".translate(str.maketrans(",.", ".,"))


# The same figures everywhere


def test_docx_xlsx_and_csv_show_the_same_figures(full: Standing, document: Any) -> None:
    rows = table(full)
    sheet = lines(workbook(full)["Tiến độ"], "STT")
    paper = [r for r in captioned(document, "Bảng chỉ tiêu").rows[1:] if r.cells[0].text.isdigit()]
    machine = standing_csv(full).decode("utf-8-sig").splitlines()
    assert len(rows) == len(sheet) == len(paper) == len(machine) - 1 == len(full.rows) > 40
    for row, cells, line in zip(rows, sheet, paper, strict=True):
        for amount, name, at in ((row.baseline, "Hiện trạng", 3), (row.value, "Thực hiện", 4)):
            on_paper = re.split(r"\[|\n", line.cells[at].text)[0].strip()
            assert on_paper == amount.text
            assert amount.text == (shown(cells[name]) if amount.known else cells[name].value)
        assert row.status_word in cells["Trạng thái"].value
        assert row.status_word in line.cells[10].text
        if row.target.known:
            assert shown(cells["Mục tiêu"]) == row.target.text
            assert line.cells[6].text.startswith(row.target_sign + row.target.text)


def test_json_holds_the_raw_numbers_of_the_same_rows(full: Standing) -> None:
    data = standing_json(full)
    by_id = {r["figure_id"]: r for r in data["rows"]}
    for row in table(full):
        given = by_id[row.figure_id]
        assert given["status"] == row.status.value and given["status_vi"] == row.status_word
        if row.value.value is not None:
            assert given["value"] == pytest.approx(row.value.value)
            assert given["estimates"][given["source"]]["counts"] is True
    assert data["summary"]["total"] == sum(data["summary"][s.value] for s in Status) == len(full.rows)


def test_a_value_that_misses_its_target_by_a_hair_does_not_look_equal(full: Standing) -> None:
    close = next(r for r in table(full) if r.figure_id == 4)
    assert (close.value.text, close.target.text, close.status) == ("97,996", "98", Status.ON_TRACK)
    assert (close.gap.text, close.gap_count.text, close.gap_count_unit) == ("0,004", "1", "thôn")


def test_values_above_100_per_100_inhabitants_are_never_clamped(full: Standing) -> None:
    assert next(r for r in table(full) if r.figure_id == 1).value.text == "104,25"


# Sources


def test_every_number_of_the_table_has_an_entry_in_the_annex(document: Any) -> None:
    known = {int(r.cells[0].text) for r in captioned(document, "Nguồn").rows[1:] if r.cells[0].text.isdigit()}
    assert known == set(range(1, len(known) + 1))
    for line in captioned(document, "Bảng chỉ tiêu").rows[1:]:
        if not line.cells[0].text.isdigit():
            continue
        for at in (3, 4, 6):
            text = line.cells[at].text
            if re.search(r"\d", text) or "định tính" in text:
                mark = re.search(r"\[(\d+)\]", text)
                assert mark and int(mark[1]) in known, text
    assert {int(n) for n in re.findall(r"\[(\d+)\]", words(document))} == known


def test_an_estimate_says_provider_period_samples_reference_and_day_of_recording() -> None:
    fact = make.fact("mobile_bb_speed_mbps", 74.86, Source.MEASUREMENT)
    latest = make.estimate(74.86, Source.MEASUREMENT, facts=(fact,), units_with_data=124)
    row = make.row(
        3, "mobile_bb_speed_mbps", 75.0, 74.86, latest=latest, estimates=(latest,), history=(latest,)
    )
    annex = Annex(make.standing(rows=(row,), score=None))
    entry = next(e for e in annex.entries if e.what == "thực hiện")
    assert entry.amount == "74,86 Mb/s" and entry.origin == "đo kiểm"
    assert entry.provider == "VNPT, Viettel và MobiFone"
    assert (entry.samples, entry.coverage, entry.recorded) == ("4.210", "124/124", "05/10/2026")
    assert "quy3.xlsx, dòng 12" in entry.reference


def test_facts_given_by_the_caller_lead_to_their_rows_and_name_the_denominator() -> None:
    when = {"valid_from": date(2026, 7, 1), "valid_to": date(2026, 9, 30)}
    census = {"valid_from": date(2025, 12, 31), "valid_to": date(2025, 12, 31), "reference": "niên giám 2025"}
    facts = [
        make.fact("mobile_bb_subscriptions", 900.0, reference="viettel-q3.xlsx, dòng 7", **when),
        make.fact("population", 1000.0, Source.OFFICIAL, **census),
    ]
    row = make.row(1, "mobile_bb_subs_per_100", 100.0, 90.0)
    annex = Annex(make.standing(rows=(row,), score=None), facts=facts)
    reference = next(e.reference for e in annex.entries if e.what == "thực hiện")
    assert "viettel-q3.xlsx, dòng 7" in reference
    assert "niên giám 2025" in reference and "Dân số" in reference


def test_many_providers_are_counted_not_listed() -> None:
    many = make.estimate(70.0, Source.SURVEY, providers=tuple(f"UBND xã {n}" for n in range(51)))
    row = make.row(1, "adult_smartphone_share", 85.0, 70.0, latest=many, estimates=(many,), history=(many,))
    standing = make.standing(rows=(row,), score=None)
    provider = next(e.provider for e in Annex(standing).entries if e.what == "thực hiện")
    assert provider == "UBND xã 0, UBND xã 1 và 49 đơn vị khác"
    assert len(standing_json(standing)["rows"][0]["estimates"]["survey"]["providers"]) == 51


def test_a_made_up_value_equal_to_the_plans_baseline_is_not_its_source() -> None:
    when = {"valid_from": date(2024, 1, 1), "valid_to": date(2024, 12, 31)}
    made_up = make.estimate(70.0, Source.MEASUREMENT, simulated=True, **when)
    stated = make.estimate(70.0, Source.OFFICIAL, **when)
    row = make.row(1, "mobile_bb_speed_mbps", 75.0, 74.0, baseline=70.0, history=(made_up, stated))
    assert not table(make.standing(rows=(row,)))[0].baseline_simulated


def test_a_number_used_twice_has_one_entry(full: Standing) -> None:
    rows = [r for r in table(full) if r.indicator == "households_fiber_internet_share"]
    annex = Annex(full)
    assert len({annex.value(r) for r in rows}) == 1
    assert len({annex.target(r) for r in rows}) == len(rows) == 2


def test_the_plan_is_cited_by_section_line_and_by_quote_only_where_it_is_verbatim() -> None:
    quoted = make.row(1, "villages_ftth_covered_share", 98.0)
    short = make.row(2, "villages_ftth_covered_share", 99.0, verbatim=False)
    entries = Annex(make.standing(rows=(quoted, short), score=None)).entries
    first, second = (e.reference for e in entries if e.what == "mục tiêu")
    assert first == "mục II.1, dòng 41: «Câu thứ 1 của kế hoạch mẫu.»"
    assert second == "mục II.1, dòng 42"


# Made-up data


@pytest.mark.parametrize("simulated", [True, False])
def test_simulated_data_is_marked_everywhere_or_nowhere(simulated: bool) -> None:
    standing = make.standing(simulated=simulated)
    document = report(standing)
    headers = [
        h for s in document.sections for h in (s.header, s.first_page_header) if not h.is_linked_to_previous
    ]
    marked = ["DỮ LIỆU MÔ PHỎNG" in "\n".join(p.text for p in h.paragraphs) for h in headers]
    book = workbook(standing)
    sheets = [any(r[0].value == "DỮ LIỆU MÔ PHỎNG" for r in s.iter_rows(max_row=4)) for s in book.worksheets]
    assert marked and all(m is simulated for m in marked)
    assert all(s is simulated for s in sheets)
    assert ("mô phỏng" in words(document).lower()) is simulated
    machine = standing_csv(standing).decode("utf-8-sig").split("\r\n", 1)[1]
    assert ("dữ liệu mô phỏng" in machine) is simulated
    assert standing_json(standing)["simulated"] is simulated is has_simulated(standing)


def test_a_made_up_number_in_the_score_or_in_another_source_counts_too() -> None:
    assert has_simulated(make.standing(score=make.score(simulated=True)))
    other = make.estimate(50.0, Source.PREDICTION, simulated=True)
    assert has_simulated(make.standing(rows=(make.row(1, None, 80.0, 70.0, others=(other,)),), score=None))


# The document's form


def test_page_setup_follows_the_layout(document: Any) -> None:
    first, last = document.sections[0], document.sections[-1]
    assert (round(first.page_width.mm), round(first.page_height.mm)) == (210, 297)
    assert (round(last.page_width.mm), round(last.page_height.mm)) == (297, 210)
    for section in document.sections:
        assert 20 <= round(section.top_margin.mm) <= 25 and 20 <= round(section.bottom_margin.mm) <= 25
        assert 30 <= round(section.left_margin.mm) <= 35 and 15 <= round(section.right_margin.mm) <= 20
    normal = document.styles["Normal"]
    assert normal.font.name == "Times New Roman" and 13 <= normal.font.size.pt <= 14
    assert 'w:val="vi-VN"' in normal.element.xml


def test_page_number_is_in_the_header_but_not_on_the_first_page(document: Any) -> None:
    first = document.sections[0]
    assert first.different_first_page_header_footer
    assert "PAGE" in first.header._element.xml and "PAGE" not in first.first_page_header._element.xml
    assert not document.sections[-1].different_first_page_header_footer


def test_heading_rows_repeat_and_rows_never_split(document: Any) -> None:
    for caption in ("Bảng 1", "Bảng 2", "Bảng chỉ tiêu", "Nguồn"):
        rows = captioned(document, caption)._tbl.tr_lst
        assert rows[0].trPr.find(qn("w:tblHeader")) is not None
        assert all(r.trPr.find(qn("w:cantSplit")) is not None for r in rows)


def test_a_draft_never_pretends_to_be_issued(document: Any) -> None:
    head = document.tables[0].rows[0].cells
    assert "DỰ THẢO" in head[0].text and re.search(r"Số: +/BC-SKHCN", head[0].text)
    assert (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in head[1].text and "Độc lập - Tự do - Hạnh phúc" in head[1].text
    )
    assert "Mẫu, ngày 05 tháng 11 năm 2026" in head[1].text
    assert re.search(r"Kèm theo Báo cáo số +/BC-SKHCN ngày +tháng +năm", words(document))


def test_number_signer_and_recipients_stand_where_they_are_given() -> None:
    document = report(
        make.bare(),
        number="5",
        signer_authority="KT. Giám đốc",
        signer_title="Phó Giám đốc",
        signer_name="Nguyễn Văn A",
        recipients=("UBND tỉnh (b/c)", "Lưu: VT, BCVT"),
    )
    text = words(document)
    assert "Số: 05/BC-SKHCN" in text and "DỰ THẢO" not in text
    assert "KT. GIÁM ĐỐC" in text and "PHÓ GIÁM ĐỐC" in text and "Nguyễn Văn A" in text
    assert "- UBND tỉnh (b/c);" in text and "- Lưu: VT, BCVT." in text


def test_the_body_has_its_six_parts_and_ends_with_the_mark(document: Any) -> None:
    parts = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    assert [p.split(".")[0] for p in parts[:6]] == ["I", "II", "III", "IV", "V", "VI"]
    assert parts[6:] == ["Phụ lục I", "Phụ lục II"]
    body = [p.text for p in document.paragraphs if p.text.endswith("./.")]
    assert len(body) == 1


def test_provisional_figures_are_called_so_until_the_year_is_closed(full: Standing, document: Any) -> None:
    assert "ước thực hiện 60,7%" in words(document)
    assert "15/12/2025 đến hết ngày 14/12/2026" in words(document)
    closed = make.estimate(90.0, valid_from=date(2025, 12, 15), valid_to=date(2026, 12, 14))
    row = make.row(
        1, "villages_ftth_covered_share", 98.0, 90.0, latest=closed, estimates=(closed,), history=()
    )
    done = words(report(make.standing(rows=(row,), score=None), day=date(2026, 12, 20)))
    assert "ước thực hiện" not in done.lower() and "kỳ báo cáo năm 2026" in done


def test_disagreement_thin_samples_warnings_and_unknown_rules_are_said(document: Any) -> None:
    text = words(document)
    assert "số liệu báo cáo 74,86 Mb/s" in text and "đo kiểm 61,25 Mb/s" in text
    assert "chênh lệch 13,61 Mb/s" in text
    assert "chưa đủ mẫu" in text
    assert "(T5) – STT" in text and "(T23) – toàn bộ kế hoạch" in text
    assert "chưa biết quy tắc chấm: tiêu chí" in text and "không phải kết quả chính thức" in text


def test_an_older_value_of_another_source_is_no_disagreement() -> None:
    old = make.estimate(60.0, Source.OFFICIAL, valid_from=date(2024, 1, 1), valid_to=date(2024, 12, 31))
    row = make.row(1, "villages_ftth_covered_share", 98.0, 90.0, others=(old,))
    assert "Không có chỉ tiêu nào mà các nguồn" in words(report(make.standing(rows=(row,), score=None)))


def test_a_score_without_any_computable_point_says_so() -> None:
    criteria = tuple(replace(c, points=None, estimate=None) for c in make.score().criteria)
    empty = replace(make.score(), points=0.0, computable_points=0.0, criteria=criteria)
    text = words(report(make.standing(score=empty)))
    assert "chưa tính được tiêu chí nào" in text and "chưa biết quy tắc chấm: tiêu chí" in text


def test_a_plan_without_number_date_data_or_score_still_makes_a_report() -> None:
    text = words(report(make.bare(), day=None))
    assert "bản chưa có số, ngày ban hành" in text and "None" not in text
    assert "Chưa tính điểm trong kỳ báo cáo này." in text
    assert re.search(r"Mẫu, ngày +tháng +năm", text)


def test_an_english_copy_has_no_vietnamese_words_of_ours(full: Standing) -> None:
    text = words(report(full, language="en"))
    assert "II. RESULTS" in text and "KẾT QUẢ" not in text and "mục tiêu" not in text


def test_the_package_is_sound_and_names_its_author(full: Standing) -> None:
    given = yearly_report(full, issuer=ISSUER, superior=SUPERIOR, place="Mẫu", day=date(2026, 11, 5))
    with zipfile.ZipFile(io.BytesIO(given)) as package:
        assert package.testzip() is None
    properties = docx.Document(io.BytesIO(given)).core_properties
    assert properties.author == ISSUER and properties.language == "vi-VN"
    assert properties.created.date() == date(2026, 11, 5)


def test_control_characters_and_markup_in_a_name_do_no_harm() -> None:
    row = make.row(1, None, 50.0, name_vi="Tỷ lệ <b>&\x0b\x00 lạ", unit="percent")
    text = words(report(make.standing(rows=(row,), score=None, warnings=())))
    assert "Tỷ lệ <b>& lạ" in text


# The workbook's form


def test_the_terminal_shows_the_same_figures_and_the_mark(full: Standing) -> None:
    text = standing_text(full)
    assert all(row.value.text in text and row.status_word in text for row in table(full))
    assert "104,25 *" in text and "* dữ liệu mô phỏng" in text
    assert "dữ liệu mô phỏng" not in standing_text(make.standing())


def test_no_text_becomes_a_formula(full: Standing) -> None:
    sheet = workbook(full)["Tiến độ"]
    cells = [c for row in sheet.iter_rows() for c in row]
    assert not [c for c in cells if c.data_type == "f"]
    assert any(str(c.value).startswith("=HYPERLINK") for c in cells)
    assert any(str(c.value).startswith("+Bán kính") for c in cells)
    machine = standing_csv(full).decode("utf-8-sig")
    assert "'=HYPERLINK" in machine and "'+Bán kính" in machine


def test_the_workbook_prints_and_filters(full: Standing) -> None:
    book = workbook(full)
    assert book.sheetnames == ["Tiến độ", "Nguồn", "Cảnh báo", "Điểm DII", "Giới thiệu"]
    sheet = book["Tiến độ"]
    assert sheet.freeze_panes == "D5" and sheet.auto_filter.ref and sheet.print_title_rows == "$4:$4"
    for one in book.worksheets:
        assert one.page_setup.orientation == "landscape" and int(one.page_setup.paperSize) == 9
        assert one.sheet_properties.pageSetUpPr.fitToPage and one.page_setup.fitToHeight == 0
    targets = {c["Mục tiêu"].number_format for c in lines(sheet, "STT") if c["Mục tiêu"].data_type == "n"}
    assert '"≥ "#,##0' in targets and '"duy trì "#,##0' in targets


def test_the_workbooks_annex_is_the_reports(full: Standing) -> None:
    sheet = lines(workbook(full)["Nguồn"], "Số")
    entries = Annex(full).entries
    assert [c["Giá trị"].value for c in sheet] == [e.amount for e in entries]
    refs = [c["Số trong sheet Nguồn"].value for c in lines(workbook(full)["Tiến độ"], "STT")]
    assert all(re.fullmatch(r"(\[\d+\] ?)+", r) for r in refs)


def test_an_empty_standing_makes_every_file() -> None:
    empty = make.standing(rows=(), score=None, warnings=())
    assert workbook(empty).sheetnames and standing_csv(empty)
    assert standing_json(empty)["summary"]["total"] == 0
    assert "Phụ lục II" in words(report(empty))


# JSON


def test_every_json_key_is_documented(full: Standing) -> None:
    documented = set(re.findall(r"``(\w+)``", report_json.__doc__ or ""))

    def keys(value: Any, path: str = "") -> set[str]:
        if isinstance(value, dict):
            found: set[str] = set() if path == "estimates" else set(value)
            return found.union(*(keys(v, k) for k, v in value.items()))
        return set().union(*(keys(v, path) for v in value)) if isinstance(value, list) else set()

    assert keys(standing_json(full)) <= documented


def test_json_is_plain_and_finite(full: Standing) -> None:
    odd = make.standing(rows=(make.row(1, None, 50.0, float("inf")),))
    for standing in (full, odd, make.bare()):
        data = json.loads(json.dumps(standing_json(standing), allow_nan=False))
        assert data["as_of"] == "2026-11-22"
    score = standing_json(full)["score"]
    assert score["provisional"] is True and score["computable_share"] == pytest.approx(
        score["computable_points"] / 300
    )
    assert set(score["unknown_rules"]) <= {c["id"] for c in score["criteria"]}
    assert all(c["points"] is None or c["rule"] for c in score["criteria"])


def test_a_long_title_is_balanced_and_never_broken_inside_a_span_of_years() -> None:
    title = "Kế hoạch thực hiện Quy hoạch hạ tầng thông tin và truyền thông thời kỳ 2021 - 2030, tầm nhìn đến năm 2050"
    paragraphs = report(make.standing(plan=make.plan(title=title), rows=(), score=None)).paragraphs
    lines = next(p.text for p in paragraphs if p.text.startswith("Kết quả năm 2026")).split("\n")
    assert len(lines) > 1 and any("2021\u00a0-\u00a02030" in line for line in lines)
    assert max(map(len, lines)) < 1.5 * min(map(len, lines))
