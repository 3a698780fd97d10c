"""Tasks, duties, assets and accounts follow a dissolved body to its successors."""

import io
from datetime import date

from docx import Document

from hatangso.catalogue.model import Body
from hatangso.plans.records import Duty, Task
from hatangso.reports.handover import handover_docx, matters_of_plan
from hatangso.territory.handover import Matter, handover
from hatangso.territory.units import territory

NOW = date(2026, 1, 1)


def test_tasks_and_duties_go_to_the_department_of_science_and_technology():
    tasks = [
        Task(
            "Phủ sóng các thôn trắng sóng", lead="Sở TT&TT", section="IV.1", due="2025", lead_body="dept_ict"
        ),
        Task("Việc của Sở Tài chính", lead="Sở Tài chính", lead_body="dept_finance"),
        Task("Không rõ cơ quan", lead="Đơn vị khác"),
    ]
    duties = [Duty("Sở TT&TT", "UBND tỉnh", "Báo cáo kết quả", "trước 15/12", who_body="dept_ict")]
    found = handover(matters_of_plan("Kế hoạch 1/KH-UBND", tasks, duties), NOW)
    (group,) = found.groups
    assert group.giver.key == "dept_ict" and [b.key for b in group.receivers] == ["dept_science_technology"]
    assert [m.kind for m in group.matters] == ["task", "duty"] and found.open == ()
    assert handover(matters_of_plan("x", tasks, duties), date(2024, 6, 1)).groups == ()  # it still lived


def test_a_districts_matters_go_to_the_communes_made_of_it():
    known = territory()
    district = next(u for u in known.units(date(2025, 6, 30), "district") if u.name == "Sơn Dương")
    found = handover([Matter("asset", "Tủ cáp", "district_pc", "TS-1", unit=district.code)], NOW, known)
    (group,) = found.groups
    assert group.giver_unit == district and [b.key for b in group.receivers] == ["commune_pc"]
    assert {u.parent for u in group.receiver_units} == {"08"} and len(group.receiver_units) > 5
    assert "Xã Sơn Dương" in {u.full_name for u in group.receiver_units}


def test_a_body_without_a_successor_is_open_not_guessed():
    bodies = {"x": Body("x", "Ban X", "Board X", "board", valid_to="2025-01-01")}
    found = handover([Matter("account", "admin", "x")], NOW, bodies=bodies)
    assert len(found.open) == 1
    text = words(handover_docx(found.open[0], day=None, place="Tuyên Quang"))
    assert "Chưa rõ cơ quan tiếp nhận" in text


def words(content: bytes) -> str:
    document = Document(io.BytesIO(content))
    cells = [c.text for t in document.tables for r in t.rows for c in r.cells]
    return "\n".join([p.text for p in document.paragraphs] + cells)


def test_the_list_is_a_document_with_both_parties_and_every_matter():
    tasks = [Task(f"Nhiệm vụ {i}", section="IV", lead_body="dept_ict") for i in range(3)]
    (group,) = handover(matters_of_plan("Kế hoạch 1/KH-UBND", tasks, []), NOW).groups
    content = handover_docx(group, day=date(2025, 3, 1), place="Tuyên Quang", basis=["Nghị quyết 1"])
    text = words(content)
    for expected in (
        "BIÊN BẢN BÀN GIAO",
        "Bên giao: Sở Thông tin và Truyền thông",
        "Bên nhận: Sở Khoa học và Công nghệ",
        "ngày 01 tháng 03 năm 2025",
        "Nhiệm vụ (3)",
        "Nhiệm vụ 2",
        "Kế hoạch 1/KH-UBND, mục IV",
        "Căn cứ Nghị quyết 1;",
    ):
        assert expected in text
    assert content == handover_docx(group, day=date(2025, 3, 1), place="Tuyên Quang", basis=["Nghị quyết 1"])
