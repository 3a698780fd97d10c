"""Filters with several values: statuses and types as ``a,b``, bodies as ``A|B`` (names have commas in them)."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from hatangso.registry.bodies import body_key
from hatangso.web.registry.models import Body

_Row = TypeVar("_Row", bound=Model)


def any_of(found: QuerySet[_Row], column: str, values: list[Any]) -> QuerySet[_Row]:
    """Rows whose column has one of some values; a single one is an equality, so that indexes keep their order."""
    return found.filter(**({column: values[0]} if len(values) == 1 else {f"{column}__in": values}))


def statuses(text: str) -> list[str]:
    """Statuses that a filter names."""
    return text.split(",")


def facet_keys(text: str) -> list[str]:
    """Codes that a filter over the facet names; ``-`` stands for rows that say nothing."""
    return ["" if key == "-" else key for key in text.split(",")]


def body_numbers(names: str) -> list[int]:
    """Numbers of the bodies that a filter names; [-1] where none is known, which nothing has."""
    keys = [body_key(name) for name in names.split("|")]
    return list(Body.objects.filter(key__in=keys).values_list("pk", flat=True)) or [-1]


def single(text: str, separator: str) -> str:
    """A filter's value where it names just one, otherwise nothing."""
    return "" if separator in text else text
