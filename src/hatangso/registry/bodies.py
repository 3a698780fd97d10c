"""Which body does a file mean?  One name for the many spellings of an operator.

A sharing ratio counts operators, so "Viettel", "VIETTEL Tuyên Quang" and "Tập đoàn Viettel" must be one; but a
contractor whose name contains that of an operator is not the operator, so only whole names match (spellings are data:
``data/operators.toml``), with the province's name at the end allowed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from types import MappingProxyType

from hatangso.catalogue.text import fold, nfc
from hatangso.territory.units import territory

_SPLIT = re.compile(r"[;,|\n]+")
_HEAD = re.compile(r"^(?:chi nhanh|cn)\s+")
_TAIL = re.compile(r"[\s\-–]+(?:chi nhanh|cn)$")


@dataclass(frozen=True)
class KnownBody:
    """A body with one name and several spellings."""

    key: str
    name: str
    mobile: bool
    spellings: tuple[str, ...]
    mnc: tuple[str, ...] = ()


@cache
def known_bodies() -> Mapping[str, KnownBody]:
    """Bodies of ``data/operators.toml`` by key."""
    text = (resources.files("hatangso.registry") / "data" / "operators.toml").read_text("utf-8")
    rows = tomllib.loads(text)["body"]
    found = {
        r["key"]: KnownBody(r["key"], r["name"], r["mobile"], tuple(r["spellings"]), tuple(r.get("mnc", ())))
        for r in rows
    }
    return MappingProxyType(found)


@cache
def _spellings() -> Mapping[str, str]:
    return {fold(s): b.key for b in known_bodies().values() for s in (*b.spellings, b.name)}


@cache
def _provinces() -> re.Pattern[str]:
    names = {fold(u.name) for lives in territory()._by_level["province"] for u in (lives,)}
    words = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    return re.compile(rf"[\s\-–]+(?:tinh |thanh pho |tp\.? ?)?(?:{words})$|[\s\-–]+tinh$")


@lru_cache(maxsize=65536)
def body_key(name: str) -> str:
    """Key under which a body is the same body: of a known one its key, otherwise the folded name."""
    plain = fold(name)
    for text in (plain, _plainest(plain)):
        if text in _spellings():
            return _spellings()[text]
    return plain


def _plainest(plain: str) -> str:
    return _TAIL.sub("", _provinces().sub("", _HEAD.sub("", plain)))


@lru_cache(maxsize=65536)
def body_name(name: str) -> str:
    """The one name of a known body; any other name as it is written (NFC, single spaces)."""
    known = known_bodies().get(body_key(name))
    return known.name if known else " ".join(nfc(name).split())


def split_bodies(text: str) -> list[str]:
    """``"Viettel; VNPT, vinaphone"`` → ``["VNPT", "Viettel"]``: each body once, in order of name."""
    return sorted({body_name(part) for part in _SPLIT.split(text) if part.strip()})


def mobile_operators(names: Iterable[str]) -> frozenset[str]:
    """Keys of the mobile operators among the names."""
    keys = {body_key(n) for n in names if n}
    return frozenset(k for k in keys if k in known_bodies() and known_bodies()[k].mobile)


def operator_of_network(mnc: str) -> str:
    """Name of the operator with a network code under MCC 452; the code itself where it is not known."""
    code = mnc.strip().zfill(2)
    for body in known_bodies().values():
        if code in body.mnc:
            return body.name
    return f"452-{code}"
