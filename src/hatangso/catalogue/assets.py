"""Classes of assets, read from one file a class in ``data/assets``; shared code lists from ``data/codes.toml``.

A class file is all that the program knows about a class: form, table, filters, the Excel template, the checks of an
import, the schema of the API and the documentation page are made from it.  One new attribute is one new line there.

Disclosure: a row has a tier, an attribute has one too; the four tiers are an order (:data:`TIERS`), and who sees
what is decided from them alone (:mod:`hatangso.registry.disclosure`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any, Literal

from .loader import DATA, CatalogueError, build
from .model import Provenance
from .text import fold

Type = Literal[
    "text", "integer", "number", "boolean", "date", "code", "body", "bodies", "asset", "commune", "geometry"
]
TYPES = (
    "text",
    "integer",
    "number",
    "boolean",
    "date",
    "code",
    "body",
    "bodies",
    "asset",
    "commune",
    "geometry",
)
GEOMETRIES = ("point", "line", "area", "none")
#: From open to closed; the position is what stores and queries compare.
TIERS = ("public", "shared", "own", "authority")


@dataclass(frozen=True)
class Code:
    """One entry of a code list."""

    key: str
    vi: str
    en: str


@dataclass(frozen=True)
class CodeList:
    """A closed list of values with their words."""

    key: str
    name_vi: str
    name_en: str
    codes: tuple[Code, ...]

    @cached_property
    def by_key(self) -> Mapping[str, Code]:
        """Entries by their key."""
        return MappingProxyType({c.key: c for c in self.codes})

    @cached_property
    def by_word(self) -> Mapping[str, str]:
        """Key for each key or word in either language, folded: what people write in files."""
        found: dict[str, str] = {}
        for code in self.codes:
            short = code.vi.split(" – ")[0].split(" (")[0]
            for word in (code.en, code.vi, short, code.key):
                found[fold(word)] = code.key
        return MappingProxyType(found)


@dataclass(frozen=True)
class Attribute:
    """One column of a class.

    Attributes
    ----------
    type : how a value is read and checked; ``code`` needs ``codes``, ``asset`` names the class in ``target``.
    tier : who sees the value, given that the row is seen.
    synonyms : other headings under which the column comes, folded.
    """

    key: str
    name_vi: str
    name_en: str
    type: Type
    unit: str = ""
    required: bool = False
    default: Any = None
    min: float | None = None
    max: float | None = None
    tier: str = "public"
    help_vi: str = ""
    help_en: str = ""
    codes: CodeList | None = None
    target: str = ""
    synonyms: tuple[str, ...] = ()

    @property
    def rank(self) -> int:
        """Position of the tier in :data:`TIERS`."""
        return TIERS.index(self.tier)


@dataclass(frozen=True)
class FactRule:
    """How the registry feeds one element: rows where all of ``where`` hold are counted, or ``sum`` is added up.

    ``distinct`` counts different values of a column instead; ``from_`` names a module that computes it instead.
    """

    element: str
    where: Mapping[str, Any] = field(default_factory=dict)
    sum: str = ""
    distinct: str = ""
    from_: str = ""


@dataclass(frozen=True)
class AssetClass:
    """A class of assets.

    Attributes
    ----------
    geometry : kinds of shape that a row may have; ("none",) has no place of its own.
    tier : disclosure of a row that says nothing itself.
    coarse_zoom : who may not see the exact place sees the middle of a map square of this zoom (13 is about 4.5 km
        in Viet Nam); 0 = the place is as open as the row.
    facet : the code attribute by which map and table are split into layers.
    duplicates_m : two rows nearer than this with like names are proposed as duplicates; 0 = never.
    sharing : the part that rows play in sharing ratios.
    """

    key: str
    name_vi: str
    name_en: str
    geometry: tuple[str, ...]
    geometry_required: bool
    tier: str
    attributes: tuple[Attribute, ...]
    coarse_zoom: int = 0
    facet: str = ""
    duplicates_m: float = 0.0
    sharing: str = ""
    facts: tuple[FactRule, ...] = ()
    source: str = ""
    provenance: Provenance = "inferred"
    note_vi: str = ""

    @property
    def rank(self) -> int:
        """Position of the tier in :data:`TIERS`."""
        return TIERS.index(self.tier)

    @property
    def has_place(self) -> bool:
        """Whether rows can be on a map."""
        return self.geometry != ("none",)

    @cached_property
    def common(self) -> tuple[Attribute, ...]:
        """The columns of every class, without those of a place where the class has none."""
        place = {"lon", "lat", "geometry"}
        if not self.has_place:
            return tuple(a for a in common_attributes() if a.key not in place)
        if self.geometry == ("point",):
            return tuple(a for a in common_attributes() if a.key != "geometry")
        if "point" not in self.geometry:
            return tuple(a for a in common_attributes() if a.key not in ("lon", "lat"))
        return common_attributes()

    @cached_property
    def columns(self) -> tuple[Attribute, ...]:
        """Common columns, then the class's own."""
        return (*self.common, *self.attributes)

    @cached_property
    def by_key(self) -> Mapping[str, Attribute]:
        """The class's own attributes by key."""
        return MappingProxyType({a.key: a for a in self.attributes})


@cache
def code_lists() -> Mapping[str, CodeList]:
    """Code lists that classes share."""
    found: dict[str, CodeList] = {}
    for row in tomllib.loads((DATA / "codes.toml").read_text("utf-8"))["list"]:
        if row["key"] in found:
            raise CatalogueError(f"codes.toml: duplicate list {row['key']!r}")
        found[row["key"]] = CodeList(
            row["key"], row["name_vi"], row["name_en"], _codes(row["codes"], row["key"])
        )
    return MappingProxyType(found)


@cache
def common_attributes() -> tuple[Attribute, ...]:
    """Columns that every class has (``_common.toml``)."""
    raw = tomllib.loads((DATA / "assets" / "_common.toml").read_text("utf-8"))
    return tuple(_attribute(a, "_common.toml") for a in raw["attributes"])


@cache
def asset_classes() -> Mapping[str, AssetClass]:
    """All classes by key, in the order of their names."""
    place = DATA / "assets"
    files = (f for f in place.iterdir() if f.name.endswith(".toml") and not f.name.startswith("_"))
    found: dict[str, AssetClass] = {}
    for file in sorted(files, key=lambda f: f.name):
        one = read_class(file.read_text("utf-8"), file.name)
        if f"{one.key}.toml" != file.name:
            raise CatalogueError(f"{file.name}: holds the class {one.key!r}")
        found[one.key] = one
    for one in found.values():
        for attribute in one.attributes:
            if attribute.type == "asset" and attribute.target not in found:
                raise CatalogueError(
                    f"{one.key}.toml: {attribute.key} refers to unknown {attribute.target!r}"
                )
    return MappingProxyType(found)


def read_class(text: str, where: str) -> AssetClass:
    """One class from the text of its file.

    Raises
    ------
    CatalogueError
        naming the file and what is wrong in it.
    """
    raw = tomllib.loads(text)
    kinds = raw.get("geometry", "none")
    raw["geometry"] = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    if unknown := set(raw["geometry"]) - set(GEOMETRIES):
        raise CatalogueError(f"{where}: unknown geometry {sorted(unknown)}")
    if raw.get("tier") not in TIERS:
        raise CatalogueError(f"{where}: unknown tier {raw.get('tier')!r}")
    raw["attributes"] = tuple(_attribute(a, where) for a in raw.get("attributes", ()))
    raw["facts"] = tuple(
        build(FactRule, {("from_" if k == "from" else k): v for k, v in f.items()}, where)
        for f in raw.get("facts", ())
    )
    one = build(AssetClass, raw, where)
    keys = [a.key for a in (*common_attributes(), *one.attributes)]
    if twice := {k for k in keys if keys.count(k) > 1}:
        raise CatalogueError(f"{where}: columns named twice {sorted(twice)}")
    if one.facet and (one.facet not in one.by_key or one.by_key[one.facet].type != "code"):
        raise CatalogueError(f"{where}: facet {one.facet!r} is no code attribute")
    known = {*keys, "length_km"}
    for fact in one.facts:
        if strange := {*fact.where, *filter(None, (fact.sum, fact.distinct))} - known:
            raise CatalogueError(f"{where}: fact {fact.element} uses unknown {sorted(strange)}")
    return one


def _attribute(row: Mapping[str, Any], where: str) -> Attribute:
    values = dict(row)
    options, shared = values.pop("options", None), values.get("codes")
    if options is not None:
        values["codes"] = CodeList(
            values.get("key", ""),
            values.get("name_vi", ""),
            values.get("name_en", ""),
            _codes(options, where),
        )
    elif shared is not None:
        if shared not in code_lists():
            raise CatalogueError(f"{where}: unknown code list {shared!r}")
        values["codes"] = code_lists()[shared]
    one = build(Attribute, values, where)
    if one.type not in TYPES:
        raise CatalogueError(f"{where}: {one.key} has unknown type {one.type!r}")
    if one.tier not in TIERS:
        raise CatalogueError(f"{where}: {one.key} has unknown tier {one.tier!r}")
    if (one.type == "code") != (one.codes is not None):
        raise CatalogueError(f"{where}: {one.key}: a code attribute, and no other, has a code list")
    return one


def _codes(rows: list[dict[str, str]], where: str) -> tuple[Code, ...]:
    codes = tuple(build(Code, row, where) for row in rows)
    if len({c.key for c in codes}) < len(codes):
        raise CatalogueError(f"{where}: a code stands twice")
    return codes
