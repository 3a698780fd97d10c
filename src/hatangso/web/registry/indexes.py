"""Indexes over attributes: a class's file says ``indexed = true``, the store follows.

Attributes are kept as JSON, so such an index is over an expression and holds the latest rows of its class alone.  They
are made and taken away after every migration (:mod:`hatangso.web.registry.apps`); no migration names a class.
"""

from __future__ import annotations

import re
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Field, Func, QuerySet
from django.db.models.lookups import Exact, GreaterThanOrEqual, LessThanOrEqual

from hatangso.catalogue.assets import AssetClass, Attribute, asset_classes
from hatangso.web.registry.models import Asset

_PLAIN = re.compile(r"[a-z][a-z0-9_]*\Z")
_PREFIX = "asset_a_"
_LOOKUPS = {">=": GreaterThanOrEqual, "<=": LessThanOrEqual}


def _plain(key: str) -> str:
    if not _PLAIN.match(key):
        raise ValueError(f"not a key: {key!r}")
    return key


class JsonValue(Func):
    """Value of an attribute, written just as its index has it: a key bound as a parameter would hide the index."""

    output_field = Field()

    def __init__(self, key: str) -> None:
        super().__init__(F("attributes"))
        self.key = _plain(key)

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """SQL of SQLite."""
        column, params = compiler.compile(self.get_source_expressions()[0])
        return f"json_extract({column}, '$.{self.key}')", params


class KindIs(Func):
    """``kind = 'pole'`` with the class written out, so that the store knows that the class's own index holds."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, kind: str) -> None:
        super().__init__(F("kind"))
        self.kind = _plain(kind)

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """SQL of SQLite."""
        column, params = compiler.compile(self.get_source_expressions()[0])
        return f"{column} = '{self.kind}'", params


def attribute_filter(
    found: QuerySet[Asset], kind: AssetClass, attribute: Attribute, operator: str, value: Any
) -> QuerySet[Asset]:
    """Rows of a class in which an attribute is (at least, at most) a value."""
    key = attribute.key
    if attribute.type == "bodies":
        return found.filter(**{f"attributes__{key}__icontains": value[0] if value else ""})
    if operator == "=" and attribute.indexed and connection.vendor == "sqlite":
        return found.filter(KindIs(kind.key), Exact(JsonValue(key), value))
    suffix = {"=": "", ">=": "__gte", "<=": "__lte"}[operator]
    return found.filter(**{f"attributes__{key}{suffix}": value})


def by_index(
    found: QuerySet[Asset], kind: AssetClass, attribute: Attribute, operator: str, value: Any, most: int
) -> list[int] | None:
    """Numbers of the latest rows among ``found`` in a range of an indexed attribute, at most so many.

    None where there is no index.  The index is named to the store, which would rather begin with the class.
    """
    if operator == "=" or not attribute.indexed or connection.vendor != "sqlite":
        return None
    narrow = found.filter(KindIs(kind.key), _LOOKUPS[operator](JsonValue(attribute.key), value))
    sql, params = narrow.order_by().values_list("pk", flat=True)[:most].query.sql_with_params()
    table = 'FROM "registry_asset"'
    with connection.cursor() as cursor:
        cursor.execute(sql.replace(table, f"{table} INDEXED BY {_name(kind.key, attribute.key)}", 1), params)
        return [row[0] for row in cursor.fetchall()]


def _name(kind: str, key: str) -> str:
    return f"{_PREFIX}{_plain(kind)}_{_plain(key)}"[:63]


def wanted_indexes() -> dict[str, str]:
    """Name and definition of the indexes that the classes ask for."""
    sqlite = connection.vendor == "sqlite"
    found = {}
    for kind in asset_classes().values():
        for a in kind.attributes:
            if not a.indexed:
                continue
            k, key = _plain(kind.key), _plain(a.key)
            value = f"json_extract(attributes, '$.{key}')" if sqlite else f"(attributes -> '{key}')"
            found[_name(k, key)] = (
                f"ON registry_asset ({value}, code, id) "
                f"WHERE kind = '{k}' AND superseded_at IS NULL AND valid_to IS NULL"
            )
    return found


def make_indexes(**_: Any) -> None:
    """Bring the indexes up to date with the class files."""
    if "registry_asset" not in connection.introspection.table_names():
        return
    names = (
        "SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE %s"
        if connection.vendor == "sqlite"
        else "SELECT indexname FROM pg_indexes WHERE indexname LIKE %s"
    )
    wanted = wanted_indexes()
    with connection.cursor() as cursor:
        cursor.execute(names, [_PREFIX + "%"])
        there = {row[0] for row in cursor.fetchall()}
        for name in there - set(wanted):
            cursor.execute(f"DROP INDEX {name}")
        for name in sorted(set(wanted) - there):
            cursor.execute(f"CREATE INDEX {name} {wanted[name]}")
