"""Bodies: found under every spelling, replaced by whoever does their work on the day asked."""

from collections import defaultdict
from datetime import date

import pytest

from hatangso.catalogue.bodies import _normal, find_bodies, find_body, lives_on, successors_at
from hatangso.catalogue.loader import catalogue


def keys(bodies):
    return [body.key for body in bodies]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Sở Thông tin và Truyền thông", "dept_ict"),
        ("SỞ THÔNG TIN VÀ TRUYỀN THÔNG", "dept_ict"),
        ("so thong tin va truyen thong chu tri", "dept_ict"),
        ("giao Sở TT & TT tổng hợp", "dept_ict"),
        ("STTTT", "dept_ict"),
        ("Sở KH&CN", "dept_science_technology"),
        ("Uỷ ban nhân dân tỉnh", "province_pc"),
        ("UBND các huyện, thị xã, thành phố", "district_pc"),
        ("Ủy ban nhân dân các xã, phường, thị trấn", "commune_pc"),
        ("Sở Lao động – Thương binh và Xã hội", "dept_labour"),
        ("Công ty Điện lực Sơn La", "power_company"),
        ("Bộ TT&TT", "ministry_ict"),
        ("Trung tâm Internet Việt Nam", "vnnic"),
        ("Các doanh nghiệp viễn thông: VNPT, Viettel", "telecom_enterprises"),
        ("DN viễn thông, Internet, TTDL, cloud", "infrastructure_enterprises"),
    ],
)
def test_spellings_of_plans_are_recognised(text, key):
    body = find_body(text)
    assert body is not None and body.key == key


@pytest.mark.parametrize(
    "text", ["", "các đơn vị liên quan", "hạ tầng số", "phục vụ Chính phủ số", "sở hữu trí tuệ"]
)
def test_text_that_names_no_body(text):
    assert find_body(text) is None
    assert find_bodies(text) == ()


def test_several_bodies_come_in_the_order_of_the_text():
    text = "Sở TT&TT chủ trì, phối hợp Công an tỉnh, Sở Tài chính, UBND huyện và VNPT, Sở TT&TT"
    assert keys(find_bodies(text)) == ["dept_ict", "provincial_police", "dept_finance", "district_pc", "vnpt"]
    # "UBND các huyện, thành phố" is one body, not two overlapping ones.
    assert keys(find_bodies("Thủ tướng Chính phủ; UBND các huyện, thành phố")) == [
        "prime_minister",
        "district_pc",
    ]


def test_every_alias_leads_to_one_body_and_finds_it():
    owners = defaultdict(set)
    for body in catalogue().bodies.values():
        for name in (body.name_vi, *body.aliases):
            owners[_normal(name)].add(body.key)
            found = find_body(name)
            assert found is not None and found.key == body.key, name
    assert {name: who for name, who in owners.items() if len(who) > 1} == {}


@pytest.mark.parametrize(
    ("key", "today"),
    [
        ("dept_ict", ["dept_science_technology"]),
        ("dept_planning_investment", ["dept_finance"]),
        ("dept_transport", ["dept_construction"]),
        ("dept_natural_resources", ["dept_agriculture_environment"]),
        ("dept_agriculture", ["dept_agriculture_environment"]),
        ("dept_labour", ["dept_home_affairs"]),
        ("district_pc", ["commune_pc"]),
        ("ministry_ict", ["ministry_science_technology"]),
        ("provincial_police", ["provincial_police"]),
    ],
)
def test_work_of_dissolved_bodies_passes_on(key, today):
    body = catalogue().bodies[key]
    assert keys(successors_at(body, date(2026, 11, 1))) == today
    if body.valid_to:
        assert keys(successors_at(body, body.valid_to)) == [key]
        assert not lives_on(body, "2026-11-01")


def test_districts_end_on_the_day_of_the_law():
    districts = catalogue().bodies["district_pc"]
    assert lives_on(districts, date(2025, 6, 30)) and not lives_on(districts, date(2025, 7, 1))


def test_a_body_that_does_not_exist_yet_has_no_successor():
    assert successors_at(catalogue().bodies["dept_agriculture_environment"], "2024-01-01") == ()


def test_register_is_consistent():
    bodies = catalogue().bodies
    for body in bodies.values():
        assert set(body.successors) <= set(bodies)
        assert bool(body.successors) == (body.valid_to is not None)
        for successor in body.successors:
            assert lives_on(bodies[successor], "2026-01-01")
        if body.valid_to:
            assert body.source and date.fromisoformat(body.valid_to)
