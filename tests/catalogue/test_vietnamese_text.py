"""Folding and sorting of Vietnamese text."""

import doctest
import random
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from hatangso.catalogue import bodies
from hatangso.catalogue import text as text_module
from hatangso.catalogue.text import fold, sort_key

LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxyAĂÂĐÊÔƠƯ"
TONES = ["", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"]
syllables = st.lists(st.tuples(st.sampled_from(LETTERS), st.sampled_from(TONES)), min_size=1, max_size=6).map(
    lambda pairs: unicodedata.normalize("NFC", "".join(letter + tone for letter, tone in pairs))
)
vietnamese = st.lists(syllables, min_size=1, max_size=4).map(" ".join)


def test_officers_find_words_typed_without_accents():
    assert fold("lõm sóng") == fold("lom song") == fold("LÕM  SÓNG")
    assert fold("Đắk Lắk") == "dak lak"
    assert fold("Uỷ ban nhân dân") == fold("Ủy ban nhân dân") == "uy ban nhan dan"
    assert fold("Ðà Nẵng") == "da nang"  # Ð of another alphabet, common in old fonts
    assert fold("thôn,\u00a0bản\u200b\n và\tấp") == "thon, ban va ap"
    assert fold("i-Speed 94,82 Mb/s") == "i-speed 94,82 mb/s"


@given(st.text())
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(vietnamese)
def test_vietnamese_folds_to_plain_ascii_whatever_its_form(text):
    plain = fold(text)
    assert plain.isascii() and plain == plain.lower()
    assert fold(unicodedata.normalize("NFD", text)) == fold(text.upper()) == plain


@given(vietnamese, vietnamese)
def test_folding_is_by_character_so_parts_stay_parts(left, right):
    assert fold(left) in fold(f"{left} {right}")


def test_the_alphabet_and_the_tones_in_order():
    alphabet = list("aăâbcdđeêghiklmnoôơpqrstuưvxy")
    tones = ["ma", "mà", "mả", "mã", "má", "mạ"]
    for right in (alphabet, tones):
        mixed = right[:]
        random.Random(7).shuffle(mixed)
        assert sorted(mixed, key=sort_key) == right


def test_provinces_sort_as_in_a_list_of_provinces():
    names = [
        "Cà Mau",
        "Cao Bằng",
        "Cần Thơ",
        "Dương",
        "Đà Nẵng",
        "Đắk Lắk",
        "Điện Biên",
        "Sơn La",
        "Tây Ninh",
        "Thanh Hóa",
    ]
    assert sorted(set(names), key=sort_key) == ["Cà Mau", "Cao Bằng", *names[2:]]
    assert sorted(["Phường 10", "Phường 2", "Phường 1"], key=sort_key) == [
        "Phường 1",
        "Phường 2",
        "Phường 10",
    ]
    assert sorted(["đa", "Đa", "dạ", "e"], key=sort_key) == ["dạ", "đa", "Đa", "e"]


@given(vietnamese)
def test_sort_key_ignores_the_unicode_form_and_puts_case_last(text):
    assert sort_key(unicodedata.normalize("NFD", text)) == sort_key(text)
    assert sort_key(text.upper())[:2] == sort_key(text)[:2]
    assert sort_key(text.lower()) <= sort_key(text) <= sort_key(text.upper())


@given(vietnamese, vietnamese)
def test_different_names_never_tie(left, right):
    if unicodedata.normalize("NFC", left) != unicodedata.normalize("NFC", right):
        assert sort_key(left) != sort_key(right)


@given(st.text(), st.text())
def test_any_text_can_be_sorted(left, right):
    assert (sort_key(left) < sort_key(right)) or (sort_key(left) >= sort_key(right))


def test_examples_in_the_documentation_hold():
    for module in (text_module, bodies):
        assert doctest.testmod(module).failed == 0
