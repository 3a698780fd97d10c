"""The catalogue's own files: complete, consistent, nothing invented."""

import csv
import re
import tomllib
import unicodedata
from collections import defaultdict
from datetime import date
from itertools import combinations
from pathlib import Path

import pytest

from hatangso.catalogue import formula
from hatangso.catalogue.loader import CatalogueError, catalogue, read_criteria_set
from hatangso.catalogue.text import fold

ROOT = Path(__file__).parents[2]
DATA = ROOT / "src/hatangso/catalogue/data"
GOLD = ROOT.parent / "shared/plans/gold/figures.csv"
FILES = sorted(DATA.rglob("*.toml"))

# The list of the house's default dashboard: what the plans keep repeating.
CORE = {
    "mobile_bb_subs_per_100",
    "smartphone_subs_share",
    "adult_smartphone_share",
    "mobile_bb_speed_mbps",
    "villages_mobile_bb_covered_share",
    "bts_site_sharing_share",
    "new_bts_site_sharing_share",
    "fixed_bb_subs_per_100",
    "households_fiber_internet_share",
    "fixed_bb_speed_mbps",
    "villages_ftth_covered_share",
    "commune_pc_tslcd_connected_share",
    "shared_systems_on_cloud_share",
    "agencies_using_infra_platforms_share",
    "enterprises_using_infra_platforms_share",
    "essential_infra_iot_ready_share",
    "population_5g_covered_share",
}


@pytest.fixture(scope="module")
def gold() -> list[dict[str, str]]:
    if not GOLD.exists():
        pytest.skip("../shared/plans/gold/figures.csv is not here")
    with GOLD.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.shared
def test_every_indicator_of_the_five_plans_has_a_name_and_the_right_unit(gold):
    units = defaultdict(set)
    for row in gold:
        units[row["canonical_key"]].add(row["unit"])
    assert len(units) == 111
    indicators = catalogue().indicators
    assert set(units) - set(indicators) == set()
    # One plan names no number for one year: qualitative there, a percentage otherwise.
    units["zones_5g_covered_share"].discard("qualitative")
    assert {key: {indicators[key].unit} for key in units} == dict(units)


@pytest.mark.shared
def test_the_plans_own_names_are_near_a_synonym_of_their_indicator(gold):
    """A plan's wording must share most of its words with its own indicator, or the reader can't match it."""

    def tokens(text: str) -> set[str]:
        return set(re.findall(r"\w+", fold(text)))

    far = []
    for row in gold:
        own = catalogue().indicators[row["canonical_key"]]
        said = tokens(f"{row['quote']} {row['indicator_vi']}")
        best = max(len(tokens(n) & said) / len(tokens(n)) for n in (own.name_vi, *own.synonyms))
        if best < 0.6:
            far.append((row["canonical_key"], row["quote"], round(best, 2)))
    # Fractions and bare footnote numbers carry too few words to be matched by name alone.
    assert len(far) <= 0.05 * len(gold), far


def test_core_indicators_are_the_dashboard_and_all_have_formulas():
    core = {key for key, one in catalogue().indicators.items() if one.core}
    assert core == CORE
    assert all(catalogue().indicators[key].formula for key in core)


def test_formulas_use_known_elements_and_make_sense_in_words():
    names = catalogue()
    for one in names.indicators.values():
        if one.formula is None:
            continue
        tree = formula.parse(one.formula)
        assert formula.dependencies(tree) <= set(names.elements), one.key
        spoken = formula.words(tree, names, "vi")
        assert "_" not in spoken, (one.key, spoken)
        if one.unit in ("percent", "per_100_inhabitants"):
            split = formula.ratio(tree)
            assert split is not None and split[2] == 100, one.key
            assert formula.dependencies(split[0]) and formula.dependencies(split[1])


def test_every_element_is_used_or_is_raw_context():
    used = set()
    for one in catalogue().indicators.values():
        if one.formula:
            used |= formula.dependencies(formula.parse(one.formula))
    context = {
        "area_km2",
        "mobile_upload_median_mbps",
        "mobile_speed_samples",
        "fixed_upload_median_mbps",
        "fixed_speed_samples",
        "villages_no_electricity",
        "subscriptions_2g_only",
    }
    assert set(catalogue().elements) - used == context


def test_references_between_files_hold():
    names = catalogue()
    assert {i.unit for i in names.indicators.values()} <= set(names.measures)
    assert {i.component for i in names.indicators.values()} == set(names.components)
    assert {e.measure for e in names.elements.values()} <= set(names.measures)
    assert {e.reported_by for e in names.elements.values()} <= set(names.bodies)
    assert {i.direction for i in names.indicators.values()} <= {"up", "down", "none"}
    assert {i.statistic for i in names.indicators.values()} <= {"", "mean", "median", "minimum"}
    assert {i.provenance for i in names.indicators.values()} <= {"verified", "inferred", "unknown"}
    cited = {code for i in names.indicators.values() for code in re.findall(r"\bT\d+\b", i.note_vi)}
    assert cited <= set(names.traps)


def test_no_two_indicators_share_a_name_or_synonym():
    owners = defaultdict(set)
    for one in catalogue().indicators.values():
        for name in (one.name_vi, *one.synonyms):
            owners[fold(name)].add(one.key)
    assert {name: keys for name, keys in owners.items() if len(keys) > 1} == {}


def test_no_synonym_is_written_twice():
    for one in catalogue().indicators.values():
        folded = [fold(name) for name in (one.name_vi, *one.synonyms)]
        assert len(folded) == len(set(folded)), one.key


def test_official_names_are_written_in_full():
    short = re.compile(r"\b(UBND|TTHC|DVC|DVCTT|CQNN|DN|HTTT|TSLCD|ĐTTM|SMP|CNTT|TTĐT|ATTT|BTS)\b|/")
    allowed = "24/7", "4G/5G", "Mb/s", "Gb/s", "2224/BTTTT-THH"
    for one in catalogue().indicators.values():
        name = one.name_vi
        for part in allowed:
            name = name.replace(part, "")
        assert not short.search(name), one.name_vi


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_data_files_are_nfc_utf8_and_clean(file):
    text = file.read_text("utf-8")
    assert text == unicodedata.normalize("NFC", text)
    assert "\t" not in text and "\u00a0" not in text and text.endswith("\n")
    assert not re.search(r" \n", text)

    def walk(value: object) -> None:
        if isinstance(value, dict):
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)
        elif isinstance(value, str):
            assert value == value.strip() or value.startswith(" "), value  # symbols begin with a space

    walk(tomllib.loads(text))


def test_dii_has_six_groups_with_verified_maxima_and_24_criteria():
    dii = catalogue().criteria_sets["dii-885-2023"]
    assert [(g.key, g.max_points, g.provenance) for g in dii.groups] == [
        ("plan", 80, "verified"),
        ("broadband", 60, "verified"),
        ("cloud", 20, "verified"),
        ("technology", 30, "verified"),
        ("platforms", 20, "verified"),
        ("services", 90, "verified"),
    ]
    assert sum(g.max_points for g in dii.groups) == dii.max_points == 300
    assert [c.id for c in dii.criteria] == [str(n) for n in range(1, 25)]
    assert dii.valid_from == "2023-05-25" and dii.valid_to is None
    assert len(dii.procedure_vi) == 3
    for group in dii.groups:
        assert sum(c.max_points for c in dii.criteria if c.group == group.key) == group.max_points


def test_dii_says_what_is_verified_inferred_and_unknown():
    dii = {int(c.id): c for c in catalogue().criteria_sets["dii-885-2023"].criteria}
    assert {n for n, c in dii.items() if c.points_provenance == "verified"} == {1, 2, 3, 4, 11, 15}
    assert {n for n, c in dii.items() if c.points_provenance == "inferred"} == set(dii) - {1, 2, 3, 4, 11, 15}
    assert {n for n, c in dii.items() if c.provenance == "unknown"} == {12, 13, 14}
    assert {n for n, c in dii.items() if c.provenance == "verified"} == {1, 2, 3, 4}
    assert all(c.name_vi.startswith("(chưa xác minh)") for n, c in dii.items() if n in (12, 13, 14))
    assert {n for n, c in dii.items() if c.rule is None} == {12, 13, 14, 16, 19, 23, 24}
    assert {n for n, c in dii.items() if c.rule == "yes_no"} == {1, 2, 3, 4}
    # No scoring rule was ever found: none may claim to be verified.
    assert {c.rule_provenance for c in dii.values() if c.rule} == {"inferred"}
    assert {c.rule_provenance for c in dii.values() if not c.rule} == {"unknown"}
    assert all(c.source and c.note_vi for c in dii.values())


def test_criteria_point_to_indicators_of_the_same_unit():
    names = catalogue()
    for one in names.criteria_sets["dii-885-2023"].criteria:
        assert one.unit == "" or one.unit in names.measures
        if one.indicator is not None:
            assert names.indicators[one.indicator].unit == one.unit
        assert (one.rule == "proportional") == (one.unit == "percent")


def test_a_criteria_set_with_an_unknown_column_is_refused():
    text = (DATA / "criteria/dii-885-2023.toml").read_text("utf-8")
    with pytest.raises(CatalogueError, match=r"mine\.toml.*threshold"):
        read_criteria_set(text + "threshold = 3\n", "mine.toml")


def test_traps_are_the_thirty_nine():
    assert list(catalogue().traps) == [f"T{n}" for n in range(1, 40)]
    assert {t.level for t in catalogue().traps.values()} <= {"warning", "hint", "info"}
    assert all(len(t.advice_vi) > 20 and t.name_en for t in catalogue().traps.values())


def test_legal_documents_have_real_dates_and_distinct_numbers():
    documents = catalogue().legal
    for one in documents.values():
        for day in filter(None, (one.date, one.valid_from, one.valid_to)):
            date.fromisoformat(day)
        assert set(one.replaced_by) <= set(documents)
    for first, second in combinations(documents.values(), 2):
        assert (first.number, first.issuer) != (second.number, second.issuer)
    cited = {
        number
        for i in catalogue().indicators.values()
        for number in re.findall(r"\d+/(?:\d{4}/)?[A-ZĐ]+-[A-Za-zĐ]+", i.legal_source)
    }
    assert cited <= {one.number for one in documents.values()}
