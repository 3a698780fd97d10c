"""Which assets?  One description for the table, the map, exports and the API: they always show the same selection.

The latest rows are chosen over columns (:mod:`hatangso.web.registry.choosing`), with exact counts; words are looked up in
the index of words; earlier days and earlier knowledge are asked of the store, where counts stop at a limit: "more than
10,000" is enough for a person.  Pages go by key (code, id), never by offset, so page 20,000 is as fast as page 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce

from hatangso.catalogue.assets import AssetClass, Attribute, asset_classes
from hatangso.errors import UserError
from hatangso.registry.bodies import body_key
from hatangso.territory.units import territory
from hatangso.web.registry import searching
from hatangso.web.registry.areas import by_place
from hatangso.web.registry.areas import place_for as place_for
from hatangso.web.registry.choosing import Chosen, chosen, wanted_attribute
from hatangso.web.registry.models import LATEST, Asset, Body
from hatangso.web.registry.several import any_of, body_numbers, facet_keys, single, statuses
from hatangso.web.registry.visible import View

COUNTED = 10_000
#: As many rows are handed to the store as numbers.
HANDED = 10_000
PAGE = 50


@dataclass(frozen=True)
class Selection:
    """What is asked for; every field is optional but the class.

    Attributes
    ----------
    within : code of a commune or province, or several as ``a,b``.  box : west, south, east, north.
    area : a polygon in degrees, as WKT.  text : words to search for.
    owner, operator, provider : a body, or several as ``A|B``.  status, facet : a code, or several as ``a,b``.
    attributes : (key, operator, text) with operator "=", ">=", "<=" or "~" (holds).
    as_of : the state of the world on a day; None is the latest state.  known_on : as it was known then.
    """

    kind: str
    within: str = ""
    owner: str = ""
    operator: str = ""
    provider: str = ""
    status: str = ""
    facet: str = ""
    text: str = ""
    code: str = ""
    box: tuple[float, float, float, float] | None = None
    area: str = ""
    attributes: tuple[tuple[str, str, str], ...] = ()
    as_of: date | None = None
    known_on: datetime | None = None
    simulated: bool | None = None

    @property
    def is_latest(self) -> bool:
        """Whether the latest state is asked for, not one of the past."""
        return self.as_of is None and self.known_on is None

    @property
    def asset_class(self) -> AssetClass:
        """The class."""
        return asset_classes()[self.kind]


def class_of(key: str) -> AssetClass:
    """The class of a key.

    Raises
    ------
    UserError
        ``registry.class`` with the classes that exist.
    """
    found = asset_classes().get(key)
    if found is None:
        known = ", ".join(asset_classes())
        raise UserError(
            "registry.class",
            f"Không có loại tài sản «{key}».",
            f"There is no class of assets “{key}”.",
            f"Các loại: {known}.",
            f"Classes: {known}.",
        )
    return found


def communes_within(code: str, day: date | None = None) -> list[str]:
    """Communes of today under a unit (or the commune itself)."""
    day = day or date.today()
    unit = territory().unit(code, day)
    if unit.level == "commune":
        return [unit.code]
    return [u.code for u in territory().units(day, "commune", unit.code)]


def rows(selection: Selection, view: View, wanted: searching.Found | None = None) -> QuerySet[Asset]:
    """The versions selected that the view may see, without order.

    Parameters
    ----------
    wanted : what :func:`search_of` has found for the selection already.
    """
    kind = class_of(selection.kind)
    visible = view.rows() if selection.is_latest else view.past_rows()
    numbers: list[int] | None = None
    if selection.text:
        wanted = wanted or search_of(selection, view)
        numbers = None if wanted.frequent else wanted.numbers
    elif selection.is_latest:
        found = chosen(selection, view)
        if found.count <= HANDED:
            return visible.filter(pk__in=found.numbers("id").tolist())
    if numbers is None:
        of_class = visible.filter(kind=kind.key)
    else:  # hidden from the indexes over classes: the numbers are always the narrow way
        of_class = visible.alias(_kind=Coalesce("kind", Value(""))).filter(_kind=kind.key, pk__in=numbers)
    found_rows = in_time(of_class, selection.as_of, selection.known_on)
    if selection.code:
        found_rows = found_rows.filter(code=selection.code)
    if selection.within:
        codes = [c for unit in selection.within.split(",") for c in communes_within(unit)]
        if len(codes) == 1:
            found_rows = found_rows.filter(commune=codes[0])
        else:  # nearly every row lies in the province: the index over codes is the better one
            found_rows = found_rows.alias(_commune=Coalesce("commune", Value(""))).filter(_commune__in=codes)
    for name in ("owner", "operator", "provider"):
        if asked := getattr(selection, name):
            found_rows = any_of(found_rows, f"{name}_id", body_numbers(asked))
    if selection.status:
        found_rows = any_of(found_rows, "status", statuses(selection.status))
    if selection.facet:
        found_rows = view.filterable(found_rows, [kind.by_key[kind.facet]] if kind.facet else [])
        found_rows = any_of(found_rows, "facet", facet_keys(selection.facet))
    if selection.simulated is not None:
        found_rows = found_rows.filter(simulated=selection.simulated)
    if wanted is not None and wanted.frequent:
        found_rows = searching.by_words(found_rows, wanted)
    if selection.box or selection.area:
        found_rows = by_place(found_rows, kind, view, selection.box, selection.area)
    for key, operator, text in selection.attributes:
        attribute, _, value = wanted_attribute(kind, key, operator, text)
        found_rows = _attribute_filter(view.filterable(found_rows, [attribute]), attribute, operator, value)
    return found_rows


def _attribute_filter(
    found: QuerySet[Asset], attribute: Attribute, operator: str, value: Any
) -> QuerySet[Asset]:
    """Rows in which an attribute is (at least, at most) a value, read out of their JSON."""
    if attribute.type == "bodies" or operator == "~":
        part = (value[0] if value else "") if attribute.type == "bodies" else value
        return found.filter(**{f"attributes__{attribute.key}__icontains": part})
    suffix = {"=": "", ">=": "__gte", "<=": "__lte"}[operator]
    return found.filter(**{f"attributes__{attribute.key}{suffix}": value})


def number_of(body: str) -> int:
    """Number of a body however it is spelt; −1 for one that the registry has not met."""
    return Body.objects.filter(key=body_key(body)).values_list("pk", flat=True).first() or -1


def in_time(found: QuerySet[Asset], as_of: date | None, known_on: datetime | None = None) -> QuerySet[Asset]:
    """Versions true on a day as known at a moment; the latest state without either."""
    if as_of is None and known_on is None:
        return found.filter(LATEST)
    if known_on is None:
        found = found.filter(superseded_at__isnull=True)
    else:
        found = found.filter(recorded_at__lte=known_on).filter(
            Q(superseded_at__isnull=True) | Q(superseded_at__gt=known_on)
        )
    if as_of is None:
        return found.filter(valid_to__isnull=True)
    return found.filter(valid_from__lte=as_of).filter(Q(valid_to__isnull=True) | Q(valid_to__gt=as_of))


def search_of(selection: Selection, view: View) -> searching.Found:
    """The search of a selection, narrowed by what the index of words knows beside words."""
    codes = (
        [c for unit in selection.within.split(",") for c in communes_within(unit)] if selection.within else []
    )
    named = (single(b, "|") for b in (selection.owner, selection.operator, selection.provider))
    bodies = [number_of(b) for b in named if b]
    commune = codes[0] if len(codes) == 1 else ""
    scoped = searching.scope(view, selection.kind, commune, single(selection.status, ","), bodies)
    return searching.search(selection.text, scoped)


@dataclass(frozen=True)
class Page:
    """Rows of one page, and the key of the next one; with ``more`` there are more than ``total``."""

    rows: list[Asset]
    after: str = ""
    total: int = 0
    more: bool = False


def page(selection: Selection, view: View, after: str = "", size: int = PAGE, count: bool = True) -> Page:
    """One page in the order of codes; ``after`` is what the page before gave.

    Rows that match a very frequent word come in the order of registration instead.
    """
    code, _, digits = after.rpartition("~")
    number = int(digits) if digits.isdigit() and len(digits) < 19 else 0
    if selection.is_latest and not selection.text:
        return _of_latest(chosen(selection, view), view, (code, number) if code else None, size)
    wanted = search_of(selection, view) if selection.text else None
    if wanted is not None and wanted.frequent and not code:
        return _frequent(selection, view, wanted, number, size, count)
    found = rows(selection, view, wanted)
    if wanted is not None and not wanted.frequent:
        return _few(found, code, number, size)
    total = found.order_by().values("pk")[: COUNTED + 1].count() if count else 0
    ordered = found.select_related("owner", "operator", "provider").order_by("code", "id")
    if code:
        ordered = ordered.filter(code__gte=code).filter(Q(code__gt=code) | Q(pk__gt=number))
    got = list(ordered[: size + 1])
    last = got[size - 1] if len(got) > size else None
    return Page(got[:size], f"{last.code}~{last.pk}" if last else "", min(total, COUNTED), total > COUNTED)


def _of_latest(found: Chosen, view: View, after: tuple[str, int] | None, size: int) -> Page:
    """A page of rows that are chosen over columns: only its own rows are read."""
    listed = found.first(size + 1, after)
    read = view.rows().filter(pk__in=[pk for _, pk in listed[:size]])
    by_key = {r.pk: r for r in read.select_related("owner", "operator", "provider")}
    last = listed[size - 1] if len(listed) > size else None
    got = [by_key[pk] for _, pk in listed[:size] if pk in by_key]
    return Page(got, f"{last[0]}~{last[1]}" if last else "", found.count)


def _few(found: QuerySet[Asset], code: str, number: int, size: int) -> Page:
    """A page of few hits: put in order by their codes alone, then read."""
    listed = list(found.order_by("code", "id").values_list("code", "pk"))
    rest = [at for at in listed if not code or at > (code, number)]
    keys = [pk for _, pk in rest[:size]]
    read = Asset.objects.filter(pk__in=keys).select_related("owner", "operator", "provider")
    by_key = {r.pk: r for r in read}
    last = rest[size - 1] if len(rest) > size else None
    return Page([by_key[k] for k in keys], f"{last[0]}~{last[1]}" if last else "", len(listed))


def _frequent(
    selection: Selection, view: View, wanted: searching.Found, number: int, size: int, count: bool
) -> Page:
    """A page of a word that very many rows have: the hits are looked at a part at a time, never all."""
    found = rows(replace(selection, text=""), view)
    got: list[Asset] = []
    further = 0
    for part, following in searching.in_parts(
        found.select_related("owner", "operator", "provider"), wanted, number
    ):
        further = following
        got += part[: size + 1 - len(got)]
        if len(got) > size:
            break
    total, unseen = 0, False
    if count:
        for part, following in searching.in_parts(found, wanted):
            unseen = bool(following)
            total += len(part.values_list("pk", flat=True)[: searching.COUNTED_HITS + 1])
            if total > searching.COUNTED_HITS:
                break
    if len(got) > size:
        further = got[size - 1].pk
    more = total > searching.COUNTED_HITS or unseen
    return Page(got[:size], f"~{further}" if further else "", min(total, searching.COUNTED_HITS), more)


def record(view: View, kind: AssetClass, row: Asset) -> dict[str, Any]:
    """One row as files and the API give it: only what the reader sees."""
    return {
        "key": row.key,
        "kind": row.kind,
        "code": row.code,
        "name": row.name,
        "status": row.status,
        "owner": row.owner.name,
        "operator": row.operator.name,
        "provider": row.provider.name,
        "commune": row.commune or None,
        "in_service": row.in_service,
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
        "tier": row.tier,
        "length_km": row.length_km if view.exact(kind, row) else None,
        "simulated": row.simulated or None,
        "shape": place_for(view, kind, row),
        "exact": view.exact(kind, row),
        "attributes": view.attributes(kind, row),
    }


def records(selection: Selection, view: View) -> Iterator[dict[str, Any]]:
    """All selected rows in the order of codes; logged as seen."""
    kind = class_of(selection.kind)
    found = rows(selection, view).select_related("owner", "operator", "provider").order_by("code", "id")
    n = 0
    for row in found.iterator(5000):
        n += 1
        yield record(view, kind, row)
    view.log(kind.key, kind.rank, n, query=repr(selection)[:500])


#: Endings of ``a.KEY.…`` in an address, for forms: from, to, holds.
ENDINGS = {"tu": ">=", "den": "<=", "co": "~"}


def from_query(kind: str, query: Mapping[str, str], day: date | None = None) -> Selection:
    """A selection from the words of an address; what is not understood is an error, not ignored."""
    selection = Selection(kind, as_of=day)
    names = {
        "xa": "within", "within": "within", "chu": "owner", "owner": "owner", "van-hanh": "operator",
        "operator": "operator", "trang-thai": "status", "status": "status", "nhom": "facet", "facet": "facet",
        "q": "text", "code": "code", "provider": "provider",
    }  # fmt: skip
    values: dict[str, Any] = {}
    extra: list[tuple[str, str, str]] = []
    for word, text in query.items():
        if not text:
            continue
        if word in names:
            values[names[word]] = text[:2000]
        elif word == "bbox":
            values["box"] = read_box(text)
        elif word.startswith("a."):
            (key, _, _), operator, value = (
                word[2:].partition("."),
                ENDINGS.get(word.rpartition(".")[2], "="),
                text,
            )
            for sign in (">=", "<="):
                if text.startswith(sign):
                    operator, value = sign, text[2:]
            extra.append((key, operator, value))
    return replace(selection, **values, attributes=tuple(extra))


def read_box(text: str) -> tuple[float, float, float, float]:
    """``west,south,east,north`` in degrees.

    Raises
    ------
    UserError
        ``registry.bbox``.
    """
    try:
        west, south, east, north = (float(p) for p in text.split(","))
    except ValueError:
        west = south = east = north = float("nan")
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise UserError(
            "registry.bbox",
            f"«{text[:60]}» không phải là một khung tọa độ.",
            f"“{text[:60]}” is not a box.",
            "Viết tây,nam,đông,bắc theo độ, ví dụ 105.1,21.7,105.4,22.0.",
            "Write west,south,east,north in degrees, e.g. 105.1,21.7,105.4,22.0.",
        )
    return west, south, east, north
