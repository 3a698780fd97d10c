"""Which assets?  One description for the table, the map, exports and the API: they always show the same selection.

Pages go by key (code, id), never by offset, so page 20,000 is as fast as page 1.  Counts stop at a limit: "more than
10,000" is enough for a person and cheap for the store.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import shapely
from django.db import connection
from django.db.models import F, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from hatangso.catalogue.assets import AssetClass, Attribute, asset_classes
from hatangso.catalogue.text import fold
from hatangso.errors import UserError
from hatangso.registry.bodies import body_key
from hatangso.registry.cells import Unreadable, reader
from hatangso.registry.morton import DEPTH, box_ranges, middles
from hatangso.territory.units import territory
from hatangso.web.registry.models import LATEST, Asset, Body
from hatangso.web.registry.visible import View, own

COUNTED = 10_000
FEW = 5000
PAGE = 50


@dataclass(frozen=True)
class Selection:
    """What is asked for; every field is optional but the class.

    Attributes
    ----------
    within : code of a commune or province, or several as ``a,b``.  box : west, south, east, north.
    area : a polygon in degrees, as WKT.  text : words to search for.
    owner, operator, provider : a body, or several as ``A|B``.  status, facet : a code, or several as ``a,b``.
    attributes : (key, operator, text) with operator "=", ">=" or "<=".
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


def rows(selection: Selection, view: View) -> QuerySet[Asset]:
    """The versions selected that the view may see, without order."""
    kind = class_of(selection.kind)
    found = in_time(view.rows().filter(kind=kind.key), selection.as_of, selection.known_on)
    if selection.code:
        found = found.filter(code=selection.code)
    if selection.within:
        codes = [c for unit in selection.within.split(",") for c in communes_within(unit)]
        if len(codes) == 1:
            found = found.filter(commune=codes[0])
        else:  # nearly every row lies in the province: the index over codes is the better one
            found = found.annotate(_commune=Coalesce("commune", Value(""))).filter(_commune__in=codes)
    for name in ("owner", "operator", "provider"):
        if asked := getattr(selection, name):
            found = found.filter(**{f"{name}_id__in": body_numbers(asked)})
    if selection.status:
        found = found.filter(status__in=selection.status.split(","))
    if selection.facet:
        found = view.filterable(found, [kind.by_key[kind.facet]] if kind.facet else [])
        found = found.filter(facet__in=facet_keys(selection.facet))
    if selection.simulated is not None:
        found = found.filter(simulated=selection.simulated)
    found = _by_attributes(found, kind, selection, view)
    if selection.text:
        found = by_words(found, selection.text)
    if selection.box or selection.area:
        found = _by_place(found, kind, selection, view)
    return found


def body_numbers(names: str) -> list[int]:
    """Numbers of the bodies that a filter names, written ``A|B``; [-1] where none is known, which nothing has."""
    keys = [body_key(name) for name in names.split("|")]
    return list(Body.objects.filter(key__in=keys).values_list("pk", flat=True)) or [-1]


def facet_keys(text: str) -> list[str]:
    """Codes that a filter over the facet names, written ``a,b``; ``-`` stands for rows that say nothing."""
    return ["" if key == "-" else key for key in text.split(",")]


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


def by_words(found: QuerySet[Asset], text: str) -> QuerySet[Asset]:
    """Rows in which all words occur (the last one may be unfinished), without regard to accents."""
    words = ["".join(c if c.isalnum() else " " for c in w).split() for w in fold(text)[:100].split()]
    flat = [w for group in words for w in group]
    if not flat:
        return found.none()
    *whole, last = flat
    if connection.vendor == "sqlite":
        query = " ".join([*(f'"{w}"' for w in whole), f'"{last}"*'])
        hits = "SELECT rowid FROM registry_text WHERE registry_text MATCH %s"
    else:
        query = " & ".join([*whole, f"{last}:*"])
        hits = "SELECT rowid FROM registry_text WHERE to_tsvector('simple', text) @@ to_tsquery('simple', %s)"
    with (
        connection.cursor() as cursor
    ):  # few hits are handed over as numbers: the planner then starts from them
        cursor.execute(f"{hits} LIMIT %s", [query, FEW + 1])
        numbers = [row[0] for row in cursor.fetchall()]
    if len(numbers) <= FEW:
        return found.filter(pk__in=numbers)
    return found.filter(pk__in=RawSQL(hits, [query]))


def _by_attributes(
    found: QuerySet[Asset], kind: AssetClass, selection: Selection, view: View
) -> QuerySet[Asset]:
    for key, operator, text in selection.attributes:
        attribute = kind.by_key.get(key)
        if attribute is None:
            raise UserError(
                "registry.attribute",
                f"Loại «{kind.name_vi}» không có thuộc tính «{key}».",
                f"The class “{kind.name_en}” has no attribute “{key}”.",
                f"Các thuộc tính: {', '.join(kind.by_key)}.",
                f"Attributes: {', '.join(kind.by_key)}.",
            )
        value = typed_value(attribute, text)
        found = view.filterable(found, [attribute])
        if attribute.type == "bodies":
            found = found.filter(**{f"attributes__{key}__icontains": value[0] if value else ""})
        else:
            suffix = {"=": "", ">=": "__gte", "<=": "__lte"}[operator]
            found = found.filter(**{f"attributes__{key}{suffix}": value})
    return found


def typed_value(attribute: Attribute, text: str) -> Any:
    """The value that a filter's text means.

    Raises
    ------
    UserError
        ``registry.filter`` when it is none of the attribute's type.
    """
    try:
        return reader(attribute)(text)
    except Unreadable as error:
        from hatangso.registry.problems import Problem

        problem = Problem(0, attribute.key, error.code, error.values)
        raise UserError(
            "registry.filter",
            f"Bộ lọc «{attribute.name_vi}»: {problem.text('vi')}",
            f"Filter “{attribute.name_en}”: {problem.text('en')}",
            problem.mend("vi"),
            problem.mend("en"),
        ) from None


def in_box(found: QuerySet[Asset], box: tuple[float, float, float, float]) -> QuerySet[Asset]:
    """Rows whose true box meets a box: points by runs of Morton numbers, lines and areas by the index of boxes."""
    west, south, east, north = box
    runs = Q(pk__in=[])
    for low, high in box_ranges(west, south, east, north):
        runs |= Q(cell__gte=low, cell__lt=high)
    points = runs & Q(x0__gte=west, x0__lte=east, y0__gte=south, y0__lte=north, x0=F("x1"), y0=F("y1"))
    return found.filter(points | Q(pk__in=boxes_meeting(box)))


def boxes_meeting(box: tuple[float, float, float, float]) -> RawSQL:
    """Ids of lines and areas whose box meets a box."""
    west, south, east, north = box
    if connection.vendor == "sqlite":
        return RawSQL(
            "SELECT id FROM registry_box WHERE x1 >= %s AND x0 <= %s AND y1 >= %s AND y0 <= %s",
            [west, east, south, north],
        )
    return RawSQL(
        "SELECT id FROM registry_box WHERE box(point(x0,y0),point(x1,y1)) && box(point(%s,%s),point(%s,%s))",
        [west, south, east, north],
    )


def _by_place(found: QuerySet[Asset], kind: AssetClass, selection: Selection, view: View) -> QuerySet[Asset]:
    """By box or polygon over the place that the reader sees: the exact one, or the middle of the coarse square."""
    polygon = shapely.from_wkt(selection.area) if selection.area else None
    box = selection.box or (polygon.bounds if polygon is not None else None)
    assert box is not None
    box = (float(box[0]), float(box[1]), float(box[2]), float(box[3]))
    exact = found if view.all_exact(kind) else found.filter(own(view.number))
    ids: Q = Q(pk__in=in_box(exact, box).order_by().values("pk"))
    if polygon is not None:
        shapely.prepare(polygon)
        inside = [
            pk
            for pk, wkb in in_box(exact, box).values_list("pk", "geometry")[: COUNTED * 5]
            if shapely.intersects(polygon, shapely.from_wkb(bytes(wkb)))
        ]
        ids = Q(pk__in=inside)
    if not view.all_exact(kind):
        region = polygon if polygon is not None else shapely.box(*box)
        squares = coarse_cells(region, kind.coarse_zoom)
        shift = 2 * (DEPTH - kind.coarse_zoom)
        coarse = Q(pk__in=[])
        for square in squares:
            coarse |= Q(cell__gte=square << shift, cell__lt=(square + 1) << shift)
        ids |= Q(pk__in=found.exclude(own(view.number)).filter(coarse).order_by().values("pk"))
    return found.filter(ids)


def coarse_cells(region: shapely.Geometry, zoom: int, most: int = 400) -> list[int]:
    """Squares of a zoom whose middles lie in a region, as numbers at that zoom."""
    import numpy as np

    from hatangso.registry.morton import interleave, project

    west, south, east, north = region.bounds
    (x0, x1), (y1, y0) = project(np.array([west, east]), np.array([south, north]))
    size = 1 << zoom
    columns, lines = (
        np.arange(int(x0 * size), int(x1 * size) + 1),
        np.arange(int(y0 * size), int(y1 * size) + 1),
    )
    if len(columns) * len(lines) > most * 50:
        return []
    x, y = (a.ravel() for a in np.meshgrid(columns, lines))
    numbers = interleave(x, y)
    lon, lat = middles(numbers << (2 * (DEPTH - zoom)), zoom)
    inside = shapely.intersects_xy(region, lon, lat)
    return [int(n) for n in numbers[inside][:most]]


@dataclass(frozen=True)
class Page:
    """Rows of one page, and the keys of the next one."""

    rows: list[Asset]
    after: str = ""
    total: int = 0
    more: bool = False


def page(selection: Selection, view: View, after: str = "", size: int = PAGE, count: bool = True) -> Page:
    """One page in the order of codes; ``after`` is what the page before gave."""
    found = rows(selection, view)
    total = found.order_by().values("pk")[: COUNTED + 1].count() if count else 0
    ordered = found.select_related("owner", "operator", "provider").order_by("code", "id")
    if after:
        code, _, number = after.rpartition("~")
        number = number if number.isdigit() else "0"
        ordered = ordered.filter(code__gte=code).filter(Q(code__gt=code) | Q(pk__gt=int(number)))
    got = list(ordered[: size + 1])
    rest = got[size:]
    last = got[size - 1] if rest else None
    return Page(got[:size], f"{last.code}~{last.pk}" if last else "", total, total > COUNTED)


def place_for(view: View, kind: AssetClass, row: Asset) -> shapely.Geometry | None:
    """The shape that the reader sees: the true one, or the middle of the coarse square."""
    if row.geometry is None:
        return None
    if view.exact(kind, row):
        return shapely.from_wkb(bytes(row.geometry))
    lon, lat = middles([row.cell], kind.coarse_zoom)  # type: ignore[arg-type]
    return shapely.Point(round(float(lon[0]), 5), round(float(lat[0]), 5))


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
            key, operator, value = word[2:], "=", text
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


@dataclass
class Facets:
    """What a class can be filtered by, with counts that the reader may know."""

    statuses: dict[str, int] = field(default_factory=dict)
    owners: dict[str, int] = field(default_factory=dict)
    facets: dict[str, int] = field(default_factory=dict)
    total: int = 0


def facets(view: View, kind: AssetClass) -> Facets:
    """Counts of a class by status, owner and facet, from the grid: the same at any size."""
    found = Facets()
    names = dict(Body.objects.values_list("pk", "name"))
    for owner, status, facet, n in (
        view.squares().filter(level=0, kind=kind.key).values_list("owner", "status", "facet", "n")
    ):
        found.total += n
        found.statuses[status] = found.statuses.get(status, 0) + n
        found.owners[names.get(owner, "?")] = found.owners.get(names.get(owner, "?"), 0) + n
        found.facets[facet] = found.facets.get(facet, 0) + n
    if kind.facet and kind.by_key[kind.facet].rank > int(view.reader.audience) and not view.reader.everything:
        found.facets = {}
    return found
