"""Criteria sets and their versions: the shipped one, those brought by an administrator, drafts that count for nothing yet.

The address names a version: ``?bo=dii-885-2023&ban=`` is the one in force, ``goc`` the one that ships with the program, a
number one that was brought.  Two versions are scored on the same facts.
"""

from __future__ import annotations

from dataclasses import dataclass

from hatangso.catalogue.loader import catalogue
from hatangso.catalogue.model import CriteriaSet
from hatangso.errors import UserError
from hatangso.web.criteria.models import CriteriaVersion
from hatangso.web.criteria.services import criteria_set, set_from_content
from hatangso.web.language import format_date, pick

DEFAULT = "dii-885-2023"
SHIPPED = "goc"


@dataclass(frozen=True)
class SetVersion:
    """One version of a criteria set."""

    key: str
    ident: str
    label: str
    criteria: CriteriaSet
    draft: bool
    in_force: bool


def set_choices() -> list[tuple[str, str]]:
    """``(key, name)`` of every set that there is, drafts of new sets with them."""
    found = {k: pick(s.name_vi, s.name_en) for k, s in catalogue().criteria_sets.items()}
    for row in CriteriaVersion.objects.order_by("id"):
        found.setdefault(row.key, str(row.content.get("name_vi") or row.key))
    return list(found.items())


def versions_of(key: str) -> list[SetVersion]:
    """All versions of a set, the one in force first, then the newest."""
    rows = list(CriteriaVersion.objects.filter(key=key).order_by("-id"))
    in_force = max((r for r in rows if r.in_force_at), key=lambda r: (r.in_force_at, r.pk), default=None)
    found = [
        SetVersion(
            key, str(r.pk), _label(r, r is in_force), set_from_content(r.content), r.in_force_at is None, r is in_force
        )
        for r in rows
    ]  # fmt: skip
    if key in catalogue().criteria_sets:
        label = pick("bản đi kèm chương trình", "shipped with the program")
        if in_force is None:
            label += pick(" – đang áp dụng", " – in force")
        found.append(SetVersion(key, SHIPPED, label, catalogue().criteria_sets[key], False, in_force is None))
    return sorted(found, key=lambda v: not v.in_force)


def _label(row: CriteriaVersion, in_force: bool) -> str:
    words = f"{row.file_name}, {format_date(row.imported_at)}"
    if in_force:
        return words + pick(" – đang áp dụng", " – in force")
    if row.in_force_at is None:
        return words + pick(" – bản nháp", " – draft")
    return words + pick(" – áp dụng trước đây", " – in force before")


def version_of(key: str, ident: str = "") -> SetVersion:
    """One version; the one in force where none is named.

    Raises
    ------
    UserError : ``criteria.unknown``.
    """
    found = versions_of(key)
    for one in found:
        if one.ident == ident or (not ident and one.in_force):
            return one
    if not ident:
        criteria_set(key)  # says which sets there are
    raise UserError(
        "criteria.unknown", f"Bộ tiêu chí «{key}» không có phiên bản «{ident}».", f"“{key}” has no version “{ident}”.",
        "Chọn lại trong danh sách phiên bản.", "Choose one of the list.",
    )  # fmt: skip
