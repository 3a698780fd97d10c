"""Disclosure compiled into queries: what a reader may not see is not fetched, not counted, not drawn.

Every list, count, tile, export, API answer and suggestion of the registry starts from :func:`rows` or
:func:`squares`; there is no other way to the tables for a reader.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from hatangso.catalogue.assets import AssetClass, Attribute
from hatangso.registry.bodies import body_key
from hatangso.registry.disclosure import (
    EVERYTHING,
    OWN,
    PUBLIC,
    Audience,
    Reader,
    exact_place,
    filter_scope,
    visible_attributes,
)
from hatangso.web.accounts.models import Role, User
from hatangso.web.registry.models import Asset, Body, Grid, RestrictedView

AUDIENCES = {
    Role.OFFICER: Audience.AUTHORITY,
    Role.LEADER: Audience.AUTHORITY,
    Role.ENTERPRISE: Audience.PEER,
    Role.COMMUNE: Audience.PEER,
    Role.VIEWER: Audience.ANYONE,
}
NOBODY = -1


def reader_of(user: Any) -> Reader:
    """The reader that an account stands for; without one, anyone."""
    if not isinstance(user, User):
        return Reader(Audience.ANYONE)
    if user.is_superuser:
        return EVERYTHING
    return reader_for(user.role, user.body)


def reader_for(role: str, body: str) -> Reader:
    """The reader of a role on behalf of a body."""
    return Reader(AUDIENCES.get(Role(role), Audience.ANYONE), body_key(body) if body else "")


def body_number(reader: Reader) -> int:
    """Number of the reader's body; −1 where it has nothing in the registry."""
    if not reader.body:
        return NOBODY
    return Body.objects.filter(key=reader.body).values_list("pk", flat=True).first() or NOBODY


def own(number: int, suffix: str = "_id") -> Q:
    """Rows that the body owns, operates or has provided."""
    return (
        Q(**{f"owner{suffix}": number})
        | Q(**{f"operator{suffix}": number})
        | Q(**{f"provider{suffix}": number})
    )


def _allowed(reader: Reader, number: int, suffix: str) -> Q:
    if reader.everything:
        return Q()
    mine = Q(tier__lte=OWN) & own(number, suffix) if number != NOBODY else Q(pk__in=[])
    return Q(tier__lte=int(reader.audience)) | mine


class View:
    """A reader with the number of the body: made once a request, asked for every row and query."""

    def __init__(self, reader: Reader, through: str = "page", by: str = "") -> None:
        self.reader, self.through, self.by = reader, through, by
        self.number = body_number(reader)

    def rows(self) -> QuerySet[Asset]:
        """Versions that the reader may see."""
        return Asset.objects.filter(_allowed(self.reader, self.number, "_id"))

    def past_rows(self) -> QuerySet[Asset]:
        """Versions of any time that the reader may see: what has been withdrawn since is withdrawn for the past too.

        An asset published by mistake, or published once and no longer, isn't opened by asking for an earlier day.
        """
        found = self.rows()
        if self.reader.everything:
            return found
        latest = Asset.objects.filter(key=OuterRef("key"), superseded_at__isnull=True, valid_to__isnull=True)
        hidden = latest.filter(tier__gt=int(self.reader.audience))
        if self.number == NOBODY:
            return found.exclude(Exists(hidden))
        return found.exclude(Exists(hidden.filter(tier__gt=OWN))).exclude(Exists(hidden) & ~own(self.number))

    def squares(self) -> QuerySet[Grid]:
        """Counts per square over the latest versions that the reader may see."""
        return Grid.objects.filter(_allowed(self.reader, self.number, ""))

    def is_own(self, row: Any) -> bool:
        """Whether a row is the reader's own."""
        return self.number != NOBODY and self.number in (row.owner_id, row.operator_id, row.provider_id)

    def exact(self, kind: AssetClass, row: Any) -> bool:
        """Whether the reader sees the row's exact place."""
        return exact_place(self.reader, kind, self.is_own(row))

    def all_exact(self, kind: AssetClass) -> bool:
        """Whether the reader sees the exact place of every row of a class."""
        return exact_place(self.reader, kind, False)

    def attributes(self, kind: AssetClass, row: Any) -> dict[str, Any]:
        """The row's attributes that the reader sees."""
        return {
            a.key: row.attributes[a.key]
            for a in visible_attributes(self.reader, kind, self.is_own(row))
            if a.key in row.attributes
        }

    def columns(self, kind: AssetClass) -> tuple[Attribute, ...]:
        """Attributes that the reader sees in at least some rows."""
        return visible_attributes(self.reader, kind, self.number != NOBODY)

    def filterable(self, rows: QuerySet[Asset], attributes: list[Attribute]) -> QuerySet[Asset]:
        """The rows over which the reader may filter by these attributes."""
        scope = filter_scope(self.reader, attributes)
        if scope == "all":
            return rows
        return rows.filter(own(self.number)) if scope == "own" and self.number != NOBODY else rows.none()

    def log(self, kind: str, tier: int, rows: int, query: str = "") -> None:
        """Note that rows were seen that are not open to everybody; a reader's own rows are no news."""
        if tier > PUBLIC and rows and self.by:
            RestrictedView.objects.create(
                at=timezone.now(), by=self.by, body=self.reader.body, kind=kind, through=self.through, tier=tier,
                query=query[:500], rows=rows,
            )  # fmt: skip


def view_of(user: Any, through: str = "page") -> View:
    """The view of an account."""
    return View(reader_of(user), through, getattr(user, "username", ""))


def authority_view(through: str = "page") -> View:
    """The whole registry: for the person at the terminal and for facts."""
    return View(EVERYTHING, through)
