"""The demonstration data: complete, in the catalogue's words, true to the documents, free of their text."""

from __future__ import annotations

import csv
import re
import unicodedata
from datetime import date
from pathlib import Path

import pytest

from hatangso.catalogue.loader import catalogue
from hatangso.demo.dataset import DemoPlan, demo_plans
from hatangso.plans.records import Figure
from hatangso.territory.units import territory

FILES = {
    "000": "binh-thuan-2023-2025",
    "001": "ca-mau-2024",
    "002": "tuyen-quang-2025-2030",
    "003": "son-la-2023-2025",
    "004": "tien-giang-2023-2025",
}
COUNTS = {  # figures, tasks, duties
    "binh-thuan-2023-2025": (27, 63, 5),
    "ca-mau-2024": (74, 60, 7),
    "tuyen-quang-2025-2030": (42, 41, 6),
    "son-la-2023-2025": (34, 76, 4),
    "tien-giang-2023-2025": (27, 65, 7),
}
OPERATORS = {">=", ">", "<=", "<", "=", "maintain"}

# Names and set phrases of the field: nobody's wording, so each counts as one word when texts are compared.
STANDARD_TERMS = """
hệ thống cơ sở hạ tầng viễn thông thụ động; cơ sở hạ tầng kỹ thuật viễn thông thụ động;
công trình hạ tầng kỹ thuật viễn thông thụ động; hạ tầng kỹ thuật viễn thông thụ động;
hạ tầng viễn thông thụ động; công trình hạ tầng viễn thông sử dụng chung; hạ tầng kỹ thuật liên ngành;
hạ tầng viễn thông băng rộng; hạ tầng thông tin và truyền thông;
quy hoạch hạ tầng thông tin và truyền thông; mạng truyền số liệu chuyên dùng;
nền tảng tích hợp, chia sẻ dữ liệu; nền tảng số có tính chất hạ tầng; hạ tầng trung tâm dữ liệu;
hạ tầng kỹ thuật; trung tâm tích hợp dữ liệu; trung tâm dữ liệu; trung tâm điều hành thông minh;
kho dữ liệu dùng chung; điện toán đám mây; trạm trung chuyển Internet;
chương trình cung cấp dịch vụ viễn thông công ích; dịch vụ viễn thông công ích; viễn thông công ích;
dịch vụ công trực tuyến; thủ tục hành chính; hệ thống thông tin; công nghệ thông tin; công nghệ số;
nền tảng số; hạ tầng số; chuyển đổi số; chính quyền số; chính phủ số; chính quyền điện tử; kinh tế số;
xã hội số; kỹ năng số; an toàn thông tin mạng; an toàn thông tin; an ninh mạng; điện thoại thông minh;
băng rộng cố định; băng rộng di động; mạng cáp viễn thông; cáp quang; băng rộng; sở hữu trí tuệ;
hộ gia đình; doanh nghiệp viễn thông; doanh nghiệp bưu chính; dịch vụ viễn thông; dịch vụ bưu chính;
hạ tầng viễn thông; cơ sở dữ liệu; hồ sơ đề xuất cấp độ; báo cáo nghiên cứu khả thi;
khoa học và công nghệ; kinh tế - xã hội; Sở Thông tin và Truyền thông; Bộ Thông tin và Truyền thông;
Sở Kế hoạch và Đầu tư; Ủy ban nhân dân tỉnh; Ủy ban nhân dân các huyện, thị xã, thành phố;
Ủy ban nhân dân các huyện, thành phố; Ủy ban nhân dân cấp xã; Ủy ban nhân dân cấp huyện; Ủy ban nhân dân;
Hội đồng nhân dân; các sở, ban, ngành; cơ quan nhà nước; trí tuệ nhân tạo; AI, blockchain, IoT;
Internet vạn vật; đầu tư công trung hạn; đầu tư công; ngân sách nhà nước; phương tiện truyền thông;
cán bộ, công chức, viên chức; vùng sâu, vùng xa; hộ nghèo, cận nghèo; thương mại điện tử;
giao thông vận tải
"""


@pytest.fixture(scope="module")
def plans() -> dict[str, DemoPlan]:
    return {p.slug: p for p in demo_plans()}


def test_every_plan_has_all_its_figures_tasks_and_duties(plans: dict[str, DemoPlan]) -> None:
    readings = {slug: p.reading for slug, p in plans.items()}
    found = {slug: (len(r.figures), len(r.tasks), len(r.duties)) for slug, r in readings.items()}
    assert found == COUNTS
    assert [sum(c) for c in zip(*found.values(), strict=True)] == [204, 305, 29]


def test_every_figure_speaks_the_catalogue(plans: dict[str, DemoPlan]) -> None:
    words = catalogue()
    for plan in plans.values():
        for f in plan.reading.figures:
            assert f.indicator is not None
            assert f.unit == words.indicators[f.indicator].unit or f.unit == "qualitative", f
            assert f.unit in words.measures and f.operator in OPERATORS, f
            assert f.kind in ("baseline", "target"), f
            assert (f.value is None) == (f.unit == "qualitative"), f
            assert f.text and f.line > 0 and f.section, f
            assert f.quote == "", "the plans' own sentences are not part of the product"
            if f.due:
                assert f.year == int(f.due[:4])


def test_traps_are_flagged_in_the_catalogues_words(plans: dict[str, DemoPlan]) -> None:
    traps = catalogue().traps
    seen = set()
    for plan in plans.values():
        reading = plan.reading
        for item in (*reading.figures, *reading.tasks, *reading.duties):
            for flag in item.flags:
                assert flag.message_vi == traps[flag.code].name_vi and flag.message_en
                seen.add(flag.code)
        for warning in reading.warnings:
            assert warning.code in traps and warning.message_vi and warning.message_en
            seen.add(warning.code)
    # T35 (nested denominators) comes from a later report, not from these documents.
    assert seen == {f"T{n}" for n in range(1, 40)} - {"T35"}


def test_what_an_officer_would_check_first(plans: dict[str, DemoPlan]) -> None:
    def one(slug: str, indicator: str, year: int, kind: str = "target") -> Figure:
        (found,) = [
            f for f in plans[slug].reading.figures if (f.indicator, f.year, f.kind) == (indicator, year, kind)
        ]
        return found

    rate = one("son-la-2023-2025", "fixed_bb_subs_per_100", 2023)
    assert (rate.value, rate.raw, rate.unit) == (10.9, "10,9%", "per_100_inhabitants")
    assert {"T1", "T22"} <= {f.code for f in rate.flags}
    computers = one("tuyen-quang-2025-2030", "endpoints_protected_count", 2024, "baseline")
    assert computers.value == 3353 and computers.approximate and computers.raw == "3.353"
    fibre = one("tuyen-quang-2025-2030", "households_fiber_internet_share", 2030)
    assert fibre.value == 56 and "T5" in {f.code for f in fibre.flags}
    speed = one("tien-giang-2023-2025", "fixed_bb_speed_mbps", 2023, "baseline")
    assert (speed.value, speed.raw) == (94.82, "94.82 Mbps")
    villages = one("tien-giang-2023-2025", "villages_mobile_bb_covered_share", 2025)
    assert villages.operator == "maintain"
    communes = one("tien-giang-2023-2025", "commune_pc_tslcd_connected_share", 2023, "baseline")
    assert (communes.numerator, communes.denominator, communes.value) == (172, 172, 100)
    level = one("ca-mau-2024", "systems_security_level_approved_share", 2024)
    assert level.due == "2024-09"
    assert one("tuyen-quang-2025-2030", "enterprises_using_infra_platforms_share", 2025).soft


def test_documents_carry_what_they_state_and_nothing_more(plans: dict[str, DemoPlan]) -> None:
    numbers = {s: (p.reading.document.number, p.reading.document.date) for s, p in plans.items()}
    assert numbers == {
        "binh-thuan-2023-2025": (None, None),
        "ca-mau-2024": ("164/KH-UBND", "2024-07-23"),
        "tuyen-quang-2025-2030": (None, "2025"),
        "son-la-2023-2025": ("2449/QĐ-UBND", "2023-11-21"),
        "tien-giang-2023-2025": ("540/KH-UBND", "2023-12-26"),
    }
    for plan in plans.values():
        for basis in plan.reading.document.legal_bases:
            assert basis.number or basis.kind == "Luật"
            assert basis.date is None or date.fromisoformat(basis.date) < date(2025, 1, 1)


def test_each_plan_covers_the_province_that_existed_then(plans: dict[str, DemoPlan]) -> None:
    for plan in plans.values():
        unit = territory().unit(plan.unit, plan.unit_date)
        assert plan.reading.document.province in unit.name


def test_deadlines_of_duties_are_real_days_of_the_year(plans: dict[str, DemoPlan]) -> None:
    dated = set()
    for slug, plan in plans.items():
        for d in plan.reading.duties:
            assert d.who and d.what and d.cadence and d.line > 0
            assert (d.month is None) == (d.day is None)
            if d.month and d.day:
                date(2024, d.month, d.day)
                dated.add((slug, d.month, d.day))
    assert dated == {
        ("ca-mau-2024", 12, 15),
        ("tuyen-quang-2025-2030", 12, 20),
        ("son-la-2023-2025", 12, 15),
        ("tien-giang-2023-2025", 12, 1),
    }


def test_tasks_are_short_and_in_document_order(plans: dict[str, DemoPlan]) -> None:
    for plan in plans.values():
        lines = [t.line for t in plan.reading.tasks]
        assert lines == sorted(lines) and min(lines) > 0
        for t in plan.reading.tasks:
            assert 3 <= len(t.text.split()) <= 25, t.text
            if t.due_date:
                date.fromisoformat(t.due_date)
                assert t.due


# Against the documents and the hand-made tables, where they are at hand.


def gold(shared: Path, name: str) -> dict[str, list[dict[str, str]]]:
    rows: dict[str, list[dict[str, str]]] = {slug: [] for slug in FILES.values()}
    with (shared / "plans" / "gold" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows[FILES[row["plan"]]].append(row)
    return rows


def text_of(shared: Path, slug: str) -> str:
    (number,) = [n for n, s in FILES.items() if s == slug]
    (file,) = (shared / "plans").glob(f"{number}-*.txt")
    return file.read_text("utf-8")


@pytest.mark.shared
def test_figures_agree_with_the_hand_made_table(shared: Path, plans: dict[str, DemoPlan]) -> None:
    table = gold(shared, "figures")
    for slug, plan in plans.items():
        for f, g in zip(plan.reading.figures, table[slug], strict=True):
            when = f.due or (str(f.year) if f.year else "")
            assert (f.indicator, f.kind, f.operator, f.unit, when) == (
                g["canonical_key"], g["kind"], g["operator"], g["unit"], g["year"],
            )  # fmt: skip
            assert f.value == (float(g["value"]) if g["value"] else None)


@pytest.mark.shared
def test_numbers_stand_where_the_data_says(shared: Path, plans: dict[str, DemoPlan]) -> None:
    for slug, plan in plans.items():
        lines = text_of(shared, slug).splitlines()
        for f in plan.reading.figures:
            assert f.raw in lines[f.line - 1], f
        for basis in plan.reading.document.legal_bases:
            name = basis.number or basis.title.split(" năm ")[0]
            assert name.lower() in lines[basis.line - 1].lower(), basis
        for item in (*plan.reading.tasks, *plan.reading.duties):
            assert lines[item.line - 1].strip(), item


@pytest.mark.shared
def test_tasks_and_duties_agree_with_the_hand_made_tables(shared: Path, plans: dict[str, DemoPlan]) -> None:
    tasks, duties = gold(shared, "tasks"), gold(shared, "duties")
    for slug, plan in plans.items():
        stated = sorted(int(g["source_line"]) for g in tasks[slug] if g["source_line"])
        ours = [t.line for t in plan.reading.tasks]
        for line in stated:
            assert line in ours
            ours.remove(line)
        assert len(plan.reading.tasks) == len(tasks[slug])
        named = sum(bool(g["lead"]) and not g["lead"].startswith("(") for g in tasks[slug])
        assert sum(bool(t.lead) for t in plan.reading.tasks) == named
        wanted = sorted(m for g in duties[slug] for m in re.findall(r"^(\d\d)/(\d\d)\b(?!/)", g["deadline"]))
        assert sorted((f"{d.day:02}", f"{d.month:02}") for d in plan.reading.duties if d.day) == wanted


def words(text: str) -> list[str]:
    """Words for comparison: a standard term counts as one word; case and punctuation do not count."""
    text = _plain(text)
    for term, token in _TERMS:
        text = text.replace(f" {term} ", f" {token} ")
    return text.split()


def _plain(text: str) -> str:
    spaced = re.sub(r"\W+", " ", unicodedata.normalize("NFC", text).lower())
    return f" {spaced.strip()} "


_TERMS = sorted(
    {
        (plain, plain.replace(" ", "_"))
        for line in STANDARD_TERMS.splitlines()
        for term in line.split(";")
        if (plain := _plain(term).strip())
    },
    key=lambda pair: -len(pair[0]),
)


def runs(text: str, length: int = 8) -> set[tuple[str, ...]]:
    w = words(text)
    return {tuple(w[i : i + length]) for i in range(len(w) - length + 1)}


@pytest.mark.shared
def test_no_sentence_of_the_documents_is_copied(shared: Path, plans: dict[str, DemoPlan]) -> None:
    """No eight words in a row are the documents' (names of documents, which are titles, are not compared)."""
    taken = set().union(*(runs(text_of(shared, slug)) for slug in plans))
    for plan in plans.values():
        reading = plan.reading
        ours = [t.text for t in reading.tasks] + [w.message_vi for w in reading.warnings]
        ours += [f"{d.what}; {d.deadline}" for d in reading.duties] + [f.scope for f in reading.figures]
        copied = [text for text in ours if not runs(text).isdisjoint(taken)]
        assert copied == []
