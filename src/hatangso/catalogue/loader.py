"""One loader for all catalogue files: TOML in ``catalogue/data`` to the records of :mod:`.model`.

A file is a table of arrays named after what it holds (``[[indicator]]``, ``[[element]]`` …); an unknown
key or a duplicate is an error that names the file, so a slip in the data never becomes a silent gap.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, TypeVar

from .model import (
    Body,
    Component,
    CriteriaGroup,
    CriteriaSet,
    Criterion,
    Element,
    Indicator,
    LegalDocument,
    Measure,
    Trap,
)

T = TypeVar("T")
DATA = resources.files("hatangso.catalogue") / "data"


class CatalogueError(ValueError):
    """The catalogue's own files are wrong; the message names file and entry."""


def build(cls: type[T], row: Mapping[str, Any], where: str) -> T:
    """Make one record from a TOML table, refusing keys that ``cls`` does not have."""
    allowed = {f.name for f in fields(cls)}  # type: ignore[arg-type]
    if unknown := set(row) - allowed:
        raise CatalogueError(f"{where}: unknown {sorted(unknown)} for {cls.__name__}")
    values = {k: _frozen(v) for k, v in row.items()}
    try:
        return cls(**values)
    except TypeError as error:
        raise CatalogueError(f"{where}: {error}") from error


def _frozen(value: Any) -> Any:
    return tuple(_frozen(v) for v in value) if isinstance(value, list) else value


def read_folder(folder: str, array: str, cls: type[T]) -> Mapping[str, T]:
    """All ``[[array]]`` entries of ``data/folder/*.toml`` (or of ``data/folder.toml``) by their key."""
    place = DATA / folder
    files = (
        sorted((f for f in place.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
        if place.is_dir()
        else [DATA / f"{folder}.toml"]
    )
    found: dict[str, T] = {}
    for file in files:
        for row in tomllib.loads(file.read_text("utf-8")).get(array, []):
            key = row.get("key") or row.get("code")
            if not key or key in found:
                raise CatalogueError(f"{file.name}: missing or duplicate key {key!r}")
            found[key] = build(cls, row, f"{file.name}: {key}")
    return MappingProxyType(found)


def read_criteria_set(text: str, where: str) -> CriteriaSet:
    """One criteria set from its TOML text (also used for a set that an administrator brings)."""
    raw = tomllib.loads(text)
    groups = tuple(build(CriteriaGroup, g, where) for g in raw.pop("group", []))
    criteria = tuple(build(Criterion, c, where) for c in raw.pop("criterion", []))
    return build(CriteriaSet, {"valid_to": None, **raw, "groups": groups, "criteria": criteria}, where)


@dataclass(frozen=True)
class Catalogue:
    """Everything the program has words for."""

    measures: Mapping[str, Measure]
    components: Mapping[str, Component]
    elements: Mapping[str, Element]
    indicators: Mapping[str, Indicator]
    criteria_sets: Mapping[str, CriteriaSet]
    traps: Mapping[str, Trap]
    bodies: Mapping[str, Body]
    legal: Mapping[str, LegalDocument] = field(default_factory=lambda: MappingProxyType({}))


@cache
def catalogue() -> Catalogue:
    """The catalogue that ships with the program (read once a process)."""
    sets = {}
    for file in (DATA / "criteria").iterdir():
        if file.name.endswith(".toml"):
            one = read_criteria_set(file.read_text("utf-8"), file.name)
            sets[one.key] = one
    return Catalogue(
        measures=read_folder("measures", "measure", Measure),
        components=read_folder("components", "component", Component),
        elements=read_folder("elements", "element", Element),
        indicators=read_folder("indicators", "indicator", Indicator),
        criteria_sets=MappingProxyType(sets),
        traps=read_folder("traps", "trap", Trap),
        bodies=read_folder("bodies", "body", Body),
        legal=read_folder("legal", "document", LegalDocument),
    )
