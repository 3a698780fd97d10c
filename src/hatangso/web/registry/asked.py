"""What an address asks of the registry: filters, area, classes; the same words for table, map, tiles and exports."""

from __future__ import annotations

from dataclasses import replace

import shapely
from django.http import HttpRequest, QueryDict

from hatangso.catalogue.assets import AssetClass, asset_classes
from hatangso.web.errors import BadAddress
from hatangso.web.registry.in_boundaries import within_today
from hatangso.web.registry.selection import Selection, from_query
from hatangso.web.territory.choice import asked_boundaries

FILTERS = ("q", "xa", "chu", "trang-thai", "nhom", "vung")
#: More classes on one map than this are no longer told apart.
MOST_CLASSES = 8


def area_of(text: str) -> str:
    """A drawn area, checked.

    Raises
    ------
    BadAddress
        for what is no simple polygon.
    """
    if not text:
        return ""
    shape = shapely.from_wkt(text[:20_000], on_invalid="ignore")
    if shape is None or shape.geom_type != "Polygon" or shape.is_empty or not shape.is_valid:
        raise BadAddress(
            "Vùng chọn tự cắt hoặc không đọc được.", "The selected area crosses itself or can't be read."
        )
    return text


def asked(request: HttpRequest, kind: AssetClass) -> Selection:
    """The selection of an address; what can't be understood is said on the error page."""
    found = from_query(kind.key, filter_query(request).dict())
    area = area_of(request.GET.get("vung", ""))
    if found.box and not area:
        area = shapely.to_wkt(shapely.box(*found.box), rounding_precision=7)
    within = within_today(found.within, asked_boundaries(request)) if found.within else ""
    return replace(found, area=area, box=None, within=within)


def filter_query(request: HttpRequest) -> QueryDict:
    """The filters of the address alone, to carry along."""
    kept = QueryDict(mutable=True)
    for key, value in request.GET.items():
        if value and (key in FILTERS or key == "bbox" or key.startswith("a.")):
            kept[key] = str(value)
    return kept


def classes_asked(values: QueryDict, default: tuple[str, ...] = ()) -> list[AssetClass]:
    """Classes of ``?lop=a,b`` (or repeated) that have a place, in the order of the address."""
    known = asset_classes()
    text = ",".join(values.getlist("lop"))
    keys = [k for k in text.split(",") if k in known and known[k].has_place] if text else list(default)
    return [known[k] for k in dict.fromkeys(keys)][:MOST_CLASSES]
