"""Who existed when: counts, names and what became of whom, from the data that ships with the program."""

from datetime import date

import pytest

from hatangso.errors import UserError
from hatangso.territory.history import timeline
from hatangso.territory.model import TWO_TIERS
from hatangso.territory.names import fold, name_key
from hatangso.territory.package import read_package
from hatangso.territory.registry import Territory, default_known_from, lives_overlap

BEFORE, NOW = date(2025, 6, 30), date(2026, 1, 1)


@pytest.fixture(scope="module")
def known() -> Territory:
    units, links = read_package()
    return Territory(units, links, default_known_from(date(2025, 3, 1)))


@pytest.mark.parametrize(
    ("day", "province", "district", "commune"),
    [
        (date(2025, 3, 1), 63, 696, 10035),
        (BEFORE, 63, 696, 10035),
        (TWO_TIERS, 34, 0, 3321),
        (NOW, 34, 0, 3321),
    ],
)
def test_official_counts(known, day, province, district, commune):
    assert len(known.units(day, "province")) == province
    assert len(known.units(day, "district")) == district
    assert len(known.units(day, "commune")) == commune


def test_a_day_without_a_complete_table_is_refused_and_not_half_answered(known):
    with pytest.raises(UserError, match="10/04/2023") as refusal:
        known.units(date(2023, 4, 10), "commune")
    assert refusal.value.code == "territory.before_tables"
    assert len(known.units(date(2023, 4, 10), "province")) == 63


@pytest.mark.parametrize(
    ("code", "name", "communes"),
    [
        ("08", "Tuyên Quang", 124),
        ("14", "Sơn La", 75),
        ("96", "Cà Mau", 64),
        ("68", "Lâm Đồng", 124),
        ("82", "Đồng Tháp", 102),
    ],
)
def test_the_five_provinces_today(known, code, name, communes):
    assert known.unit(code, NOW).name == name
    assert len(known.units(NOW, "commune", within=code)) == communes


def test_provinces_that_are_no_more_are_found_by_name_however_typed(known):
    for typed in ("Bình Thuận", "binh thuan", "TỈNH BÌNH THUẬN", "Tỉnh Bi\u0300nh Thuận"):
        assert known.province_by_name(typed, at=date(2023, 1, 1)).code == "60"
    with pytest.raises(UserError):
        known.province_by_name("Bình Thuận", at=NOW)
    assert [u.name for u in known.now("60", BEFORE, NOW)] == ["Lâm Đồng"]
    assert [u.name for u in known.now("82", BEFORE, NOW)] == ["Đồng Tháp"]  # Tiền Giang


def test_what_made_the_new_province(known):
    made_of = {known.unit(s.old, BEFORE).name for s in known.predecessors("68")}
    assert made_of == {"Lâm Đồng", "Đắk Nông", "Bình Thuận"}


def test_an_unmerged_province_lives_on(known):
    lives = known.history("14").lives
    assert len(lives) == 1 and lives[0].lives_on(date(2015, 1, 1)) and lives[0].lives_on(NOW)


def test_upgrade_is_a_new_life_of_the_same_unit(known):
    assert known.unit("75", date(2026, 4, 29)).full_name == "Tỉnh Đồng Nai"
    assert known.unit("75", date(2026, 4, 30)).full_name == "Thành phố Đồng Nai"
    assert known.unit("46", date(2024, 12, 31)).full_name == "Tỉnh Thừa Thiên Huế"


def test_every_old_commune_has_successors_and_every_new_one_predecessors(known):
    out = {s.old for s in known.successions if s.day == TWO_TIERS}
    into = {s.new for s in known.successions if s.day == TWO_TIERS}
    assert {u.code for u in known.units(BEFORE, "commune")} <= out
    assert {u.code for u in known.units(NOW, "commune")} <= into


def test_island_districts_without_communes_became_special_zones(known):
    for district, zone, province in (("498", "Đặc khu Hoàng Sa", "48"), ("536", "Đặc khu Lý Sơn", "51")):
        (heir,) = known.now(district, BEFORE, NOW)
        assert (heir.full_name, heir.parent) == (zone, province)
    zones = {u.name: u.parent for u in known.units(NOW, "commune") if u.kind == "Đặc khu"}
    assert len(zones) == 13 and zones["Trường Sa"] == "56" and zones["Hoàng Sa"] == "48"


def test_lives_of_one_code_never_overlap():
    assert lives_overlap(read_package()[0]) == []


def test_provisional_codes_are_answered_with_the_right_unit(known):
    assert known.unit("06970", BEFORE).full_name == "Thị trấn Ba Chẽ"
    assert known.unit("06978", NOW).full_name == "Xã Ba Chẽ"
    assert known.unit("23737", NOW).code == "23938"


def test_unknown_code_says_what_and_how_to_mend(known):
    with pytest.raises(UserError) as refusal:
        known.unit("99", NOW)
    assert "99" in refusal.value.vi and refusal.value.mend_vi


def test_search_needs_no_accents_and_puts_the_exact_first(known):
    found = known.find("my tho", at=NOW)
    assert [u.full_name for u in found[:2]] == ["Phường Mỹ Tho", "Xã Mỹ Thọ"]
    assert known.find("Mỹ Thọ", at=NOW)[0].full_name == "Xã Mỹ Thọ"
    assert [u.code for u in known.find("dong thap", NOW, "province")] == ["82"]


def test_keys_of_names():
    assert name_key("Xã Hòa An") == name_key("xã Hoà An") != name_key("Xã Hóa An")
    assert fold("Đồng Tháp") == "dong thap"


def test_timeline_tells_mergers_upgrades_and_splits_in_words(known):
    events = timeline(known, "75")
    assert [(e.day.isoformat(), e.kind) for e in events] == [
        ("2008-08-01", "begun"),
        ("2025-07-01", "ended"),
        ("2025-07-01", "took_in"),
        ("2026-04-30", "raised"),
    ]
    assert events[2].vi == "Tỉnh Đồng Nai được hình thành từ Tỉnh Bình Phước, Tỉnh Đồng Nai"
    assert events[3].vi == "Tỉnh Đồng Nai thành Thành phố Đồng Nai"
    split = next(s.old for s in known.successions if not s.whole)
    assert any(e.kind == "split" and len(e.others) > 1 for e in timeline(known, split))
    (renamed,) = [e for e in timeline(known, "46") if e.kind == "renamed"]
    assert renamed.vi == "Tỉnh Thừa Thiên Huế đổi tên thành Thành phố Huế"
