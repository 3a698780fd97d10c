"""Sharing ratios: of sites, masts, poles and ducts, how many are used by two bodies or more?

No official formula was found (domain §5); the program's rule, said wherever the ratio is shown:

- a *site* is shared when at least two **mobile operators** use it: its operator, its tenants, the operators of the
  active stations and the tenants of the active masts on it, and those who occupy it by contract.  Only active sites
  count.  "New-build" sites are those in service on or after a day; a site without that day is in neither cohort and
  is counted as unknown.
- a *mast* the same way, a *pole* and a *duct* when at least two **bodies** use them; ducts count by length (km).

A ratio is a ratio of sums: shared and total are given, the percentage follows from them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hatangso.registry.bodies import body_key, mobile_operators


@dataclass(frozen=True)
class Structure:
    """What the sharing of one asset is judged by.

    ``users`` are names of bodies; ``site`` the code of the site that a mast or station stands on; ``amount`` is 1, or
    km for ducts.
    """

    kind: str
    code: str
    commune: str
    users: tuple[str, ...]
    site: str = ""
    in_service: date | None = None
    amount: float = 1.0
    simulated: bool = False


@dataclass
class Ratio:
    """Shared and total, with the number of assets whose cohort is not known."""

    shared: float = 0.0
    total: float = 0.0
    unknown: int = 0

    def add(self, amount: float, shared: bool) -> None:
        """Count one asset."""
        self.total += amount
        self.shared += amount if shared else 0.0

    def as_json(self, decimals: int = 0) -> dict[str, Any]:
        """``{"shared", "total", "percent"}``; percent is null where there is nothing."""
        percent = None if not self.total else round(100 * self.shared / self.total, 2)
        rounded = (lambda v: round(v, 3)) if decimals else round
        answer: dict[str, Any] = {
            "shared": rounded(self.shared),
            "total": rounded(self.total),
            "percent": percent,
        }
        if self.unknown:
            answer["unknown_date"] = self.unknown
        return answer


@dataclass
class Sharing:
    """The ratios of one territory."""

    sites: Ratio = field(default_factory=Ratio)
    new_sites: Ratio = field(default_factory=Ratio)
    masts: Ratio = field(default_factory=Ratio)
    poles: Ratio = field(default_factory=Ratio)
    ducts_km: Ratio = field(default_factory=Ratio)
    simulated: bool = False


def users_of_sites(structures: Iterable[Structure]) -> dict[str, set[str]]:
    """Mobile operators at each site, from everything active that stands on it."""
    found: dict[str, set[str]] = defaultdict(set)
    for s in structures:
        place = s.code if s.kind == "site" else s.site
        if place and s.kind in ("site", "mast", "base_station"):
            found[place] |= mobile_operators(s.users)
    return found


def sharing(structures: Iterable[Structure], new_since: date | None = None) -> Sharing:
    """Ratios over active structures.

    Parameters
    ----------
    new_since : first day of the new-build cohort; None leaves the cohort empty.
    """
    rows = list(structures)
    at_site = users_of_sites(rows)
    found = Sharing(simulated=any(s.simulated for s in rows))
    for s in rows:
        if s.kind == "site":
            shared = len(at_site[s.code]) >= 2
            found.sites.add(1, shared)
            if new_since is not None:
                if s.in_service is None:
                    found.new_sites.unknown += 1
                elif s.in_service >= new_since:
                    found.new_sites.add(1, shared)
        elif s.kind == "mast":
            found.masts.add(1, len(mobile_operators(s.users)) >= 2)
        elif s.kind == "pole":
            found.poles.add(1, bodies(s.users) >= 2)
        elif s.kind == "duct":
            found.ducts_km.add(s.amount, bodies(s.users) >= 2)
    return found


def bodies(names: Iterable[str]) -> int:
    """Number of different bodies among names."""
    return len({body_key(n) for n in names if n})


def by_commune(
    structures: Iterable[Structure], new_from: date | None = None, new_to: date | None = None
) -> Mapping[str, dict[str, float]]:
    """Elements of the indicator engine for each commune, from the same rule.

    Parameters
    ----------
    new_from, new_to : first and last day of the period in which a site counts as newly built.
    """
    rows = list(structures)
    at_site = users_of_sites(rows)
    found: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for s in rows:
        here = found[s.commune]
        if s.kind == "site":
            shared = float(len(at_site[s.code]) >= 2)
            here["sites_active"] += 1
            here["sites_shared"] += shared
            if new_from and new_to and s.in_service and new_from <= s.in_service <= new_to:
                here["new_sites"] += 1
                here["new_sites_shared"] += shared
        elif s.kind == "pole":
            here["cable_poles"] += 1
            here["cable_poles_shared"] += float(bodies(s.users) >= 2)
        elif s.kind == "duct":
            here["cable_ducts_km"] += s.amount
            here["cable_ducts_shared_km"] += s.amount * float(bodies(s.users) >= 2)
    return {commune: dict(values) for commune, values in found.items() if commune}
