"""The page on the layout says what the data says, and the data stays within what the decree allows."""

from __future__ import annotations

from pathlib import Path

from hatangso.reports.layout import layout, text_width

PAGE = Path(__file__).parents[2] / "docs" / "report-layout.md"


def test_values_lie_in_the_allowed_ranges() -> None:
    for rule in layout().rules.values():
        assert rule.provenance in ("verified", "unverified")
        if rule.allowed is not None:
            assert rule.allowed[0] <= float(rule.value) <= rule.allowed[1], rule.key


def test_the_page_lists_every_rule_under_its_provenance() -> None:
    seen, unseen = PAGE.read_text("utf-8").split("## Followed, but not seen in a source")
    for rule in layout().rules.values():
        place, other = (seen, unseen) if rule.provenance == "verified" else (unseen, seen)
        shown = f"{rule.value:g}" if isinstance(rule.value, int | float) else rule.value
        assert f"| `{rule.key}` | {shown} |" in place and f"`{rule.key}`" not in other
        assert rule.what_vi in place


def test_rules_are_as_long_as_their_lines_of_text() -> None:
    # widths of bold Tinos (metric-compatible with Times New Roman), measured once
    for text, width in (
        ("Độc lập - Tự do - Hạnh phúc", 12.224),
        ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 20.715),
        ("SỞ KHOA HỌC VÀ CÔNG NGHỆ", 15.233),
        ("ỦY BAN NHÂN DÂN TỈNH TUYÊN QUANG", 19.872),
    ):
        assert abs(text_width(text, 1) / width - 1) < 0.05
