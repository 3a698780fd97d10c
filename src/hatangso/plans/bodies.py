"""Who is meant: phrases that name bodies, resolved against the register of bodies with their successors."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from ..catalogue.bodies import find_bodies, find_body, successors_at
from ..catalogue.loader import catalogue
from .words import fold, squeeze

_NAMES = re.compile(
    r"^(?:cac |giao |de nghi |yeu cau |trach nhiem cua |doi voi |lanh dao |thu truong )*"
    r"(?:so\b|uy ban|ubnd|cong an|bao\b|dai\b|doanh nghiep|cong ty|tap doan|co quan|don vi"
    r"|van phong|cuc\b|trung tam"
    r"|hoi\b|doan\b|mat tran|ubmttq|ban\b|phong\b|thon\b|to cong nghe|dien luc|vnpt|viettel"
    r"|mobifone|fpt|kho bac|truong\b"
    r"|buu dien|chi nhanh|lien minh|bo chi huy|tinh doan|nhan dan|nguoi dan|chu dau tu"
    r"|cac doanh|to chuc|hoi dong|dia phuong"
    r"|he thong chinh tri|chi cuc|tram\b|ngan hang|thanh vien|cong chuc|bi thu|truong thon"
    r"|cac to|cac hoi|dang uy|ban nhan dan|khu vuc|ap\b|khom|xom|to dan pho|cong doan|phu nu|nong dan)"
)
_PREFIX = re.compile(r"^(?:giao|đề nghị|yêu cầu|trách nhiệm của|đối với)\s+", re.I)
_COORDINATE = re.compile(
    r"phoi hop(?: chat che)?(?:,? ho tro)?(?: cung)?(?: voi)?\s+(?=cac |so |uy ban|ubnd"
    r"|cong |bo |co quan|don vi|doanh |bao |dai |van |cuc |vnpt|tap )"
)
_STOP = re.compile(
    r"\s(?=(?:to chuc|huong dan|tham muu|trien khai|thao go|thuc hien|xay dung|xac dinh"
    r"|trong (?:viec|cong tac|tuyen)|bao cao|tham dinh"
    r"|de\b|co phuong an|giai quyet|cap nhat|ho tro|tuyen truyen|dam phan|chu dong|tong hop"
    r"|lap\b|theo doi|kiem tra|ra soat|tang cuong"
    r"|day manh|bao dam|dam bao|nghien cuu|quan ly|van dong|cung cap|bo tri|thong nhat"
    r"|dieu tra|thuc day|tao dieu kien|khac phuc|chi dao"
    r"|don doc|danh gia|xu ly|phat hien|dau tu|lam viec|lap dat|nang cap|thu thap|quy hoach"
    r"|khao sat|tap huan|boi duong|phat trien|van hanh)\b)|[:;.]"
)


def names_body(text: str) -> bool:
    """Whether a heading names bodies ("2. Sở Tài chính", "Ủy ban nhân dân các xã, phường")."""
    folded = fold(text.strip())
    if re.match(
        r"^to chuc (?:thuc hien|trien khai)|^co quan, don vi|^ban hanh|^hoi nghi|^don vi tinh", folded
    ):
        return folded.startswith("co quan, don vi")
    return bool(_NAMES.match(folded)) and len(folded) < 400


def lead_name(text: str) -> str:
    """The bodies of a heading, without "Giao", "Đề nghị" and full stop."""
    return squeeze(_PREFIX.sub("", text.strip()).rstrip(" .:;,"))


def coordinating(text: str) -> tuple[str, ...]:
    """Bodies with whom the work is coordinated, as written."""
    folded = fold(text)
    match = _COORDINATE.search(folded)
    if not match:
        return ()
    stop = _STOP.search(folded, match.end())
    end = stop.start() if stop else min(len(text), match.end() + 160)
    phrase = squeeze(text[match.end() : end]).strip(" ,")
    return split_bodies(phrase) if phrase else ()


def split_bodies(text: str) -> tuple[str, ...]:
    """ "Các sở, ban, ngành; UBND các xã, phường" to its bodies: lists inside one name stay together."""
    parts = re.split(
        r";|,\s+(?=(?:Sở|UBND|Ủy ban|Công an|Bộ|Văn phòng|Báo|Đài|các doanh nghiệp|các đơn vị"
        r"|các cơ quan|đơn vị|doanh nghiệp|VNPT|Viettel)\b)"
        r"|\s+và\s+(?=(?:Sở|UBND|Ủy ban|các doanh nghiệp|các đơn vị|các cơ quan|các Sở)\b)",
        text,
    )
    return tuple(p for p in (squeeze(part).strip(" ,.") for part in parts) if p)


@lru_cache(maxsize=4096)
def resolve(text: str) -> str | None:
    """Key of the body that stands first in ``text``, or None."""
    found = find_bodies(text) if text else ()
    return found[0].key if found else None


@lru_cache(maxsize=4096)
def resolve_all(text: str) -> tuple[str, ...]:
    """Keys of all bodies in ``text``."""
    return tuple(b.key for b in find_bodies(text)) if text else ()


@lru_cache(maxsize=4096)
def successors(key: str | None, day: str | None = None) -> tuple[str, ...]:
    """Bodies that do the work of ``key`` on ``day`` (today by default); empty while it lives itself (T34)."""
    if not key:
        return ()
    held = successors_at(catalogue().bodies[key], day or date.today().isoformat())
    keys = tuple(b.key for b in held)
    return () if keys == (key,) else keys


__all__ = [
    "coordinating",
    "find_body",
    "lead_name",
    "names_body",
    "resolve",
    "resolve_all",
    "split_bodies",
    "successors",
]
