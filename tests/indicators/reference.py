"""The engine once more, slowly and by other means: dictionaries, recursion, Python's own parser, no arrays.

It follows the words of ``docs/indicator-engine.md`` and shares no code with the engine; only the catalogue's data
(how an element combines) and the order of trust are read from the same files.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from datetime import date, timedelta

from hatangso.catalogue.loader import catalogue
from hatangso.indicators.facts import Fact
from hatangso.indicators.policy import standing_policy
from tests.indicators.world import ERAS, LINKS, PROVINCES

LEVELS = ("country", "province", "commune")


@dataclass
class Answer:
    value: float
    units_with: int
    units_total: int
    share: float
    oldest: date
    newest: date


#: Provinces did not change on the last day of change: their era goes on.
SAME = {"commune": (0, 1, 2), "province": (0, 1, 1)}


def era_of(day: date, level: str = "commune") -> int:
    return SAME[level][max((i for i, (first, _) in enumerate(ERAS) if first <= day), default=0)]


def units(level: str, era: int) -> list[str]:
    communes = ERAS[era][1]
    return sorted(communes) if level == "commune" else sorted(set(communes.values()))


def step(level: str, era: int) -> dict[str, dict[str, float]]:
    """Shares from an era to the next one."""
    day = ERAS[era + 1][0]
    links = (LINKS if level == "commune" else PROVINCES).get(day, {})
    return {
        u: ({n: 1 / len(links[u]) for n in links[u]} if u in links else {u: 1.0}) for u in units(level, era)
    }


def compose(a: dict[str, dict[str, float]], b: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    out: dict[str, dict[str, float]] = {}
    for old, ways in a.items():
        out[old] = {}
        for middle, share in ways.items():
            for new, more in b[middle].items():
                out[old][new] = out[old].get(new, 0.0) + share * more
    return out


def shares(level: str, start: int, end: int) -> dict[str, dict[str, float]]:
    """old unit → new unit → share, between two eras in either direction."""
    if start > end:
        forward = shares(level, end, start)
        back: dict[str, dict[str, float]] = {u: {} for u in units(level, start)}
        for old, ways in forward.items():
            for new, share in ways.items():
                back[new][old] = share
        return {new: {old: s / sum(ways.values()) for old, s in ways.items()} for new, ways in back.items()}
    way = {u: {u: 1.0} for u in units(level, start)}
    for era in range(start, end):
        way = compose(way, step(level, era))
    return way


def up(level: str, fact_level: str, start: int, end: int) -> dict[str, dict[str, float]]:
    """The way from units of ``fact_level`` of an era to units of ``level`` of another."""
    way = shares(fact_level, start, end)
    if level == fact_level:
        return way
    home = ERAS[end][1]
    return {old: _merge([(home[new], s) for new, s in w.items()]) for old, w in way.items()}


def _merge(pairs) -> dict[str, float]:
    out: dict[str, float] = {}
    for name, share in pairs:
        out[name] = out.get(name, 0.0) + share
    return out


class Reference:
    def __init__(self, facts: list[Fact]) -> None:
        self.policy = standing_policy()
        self.known: dict[tuple, dict[tuple[date, date], float | None]] = {}
        for f in facts:
            level = "province" if len(f.unit) == 2 else "commune"
            era = era_of(f.valid_to, level)
            while f.unit not in units(level, era) and era > era_of(f.valid_from, level):
                era -= 1
            if f.unit not in units(level, era):
                continue
            spans = self.known.setdefault((level, era, f.unit, f.key, f.source), {})
            span = (f.valid_from, f.valid_to)
            spans[span] = (
                None
                if (span in spans and spans[span] is None) or f.value is None
                else spans.get(span, 0.0) + f.value
            )

    def spans(self, level, era, unit, key, source):
        """Known values by period; of earlier eras where all parts of the unit are known."""
        found = {
            s: v for s, v in self.known.get((level, era, unit, key, source), {}).items() if v is not None
        }
        for e in sorted({x for x in SAME[level] if x < era}, reverse=True):
            ways = shares(level, e, era)
            olds = [o for o in ways if ways[o].get(unit)]
            parts = [self.known.get((level, e, o, key, source), {}) for o in olds]
            for span in {s for p in parts for s in p}:
                if olds and span not in found and all(p.get(span) is not None for p in parts):
                    found[span] = sum(p[span] * ways[o][unit] for p, o in zip(parts, olds, strict=True))
        return found

    def own(self, level, era, unit, key, source, period):
        """(value, end) of a key in a period, by the element's type."""
        spans = self.spans(level, era, unit, key, source)
        if period.span in spans:
            return spans[period.span], period.end, period.end
        if catalogue().elements[key].in_time == "last":
            inside = [s for s in spans if period.start <= s[1] <= period.end]
            if not inside:
                return None
            best = max(inside, key=lambda s: (s[1], s[0]))
            return spans[best], best[1], best[1]
        months = [(period.year, period.first + i) for i in range(period.months)]
        best = None
        for length in (1, 3, 6):
            if length >= period.months or period.months % length:
                continue
            tiles = [_days(period.year, months[i][1], length) for i in range(0, period.months, length)]
            have = [t for t in tiles if t in spans]
            if have and (best is None or len(have) / len(tiles) > best[0]):
                best = (
                    len(have) / len(tiles),
                    sum(spans[t] for t in have),
                    max(t[1] for t in have),
                    min(t[1] for t in have),
                )
        return None if best is None else best[1:]

    def not_later(self, level, era, unit, key, day):
        """The most recent value of any source and era not later than a day."""
        found = []
        for e in sorted(set(SAME[level])):
            ways = shares(level, e, era)
            olds = [o for o in ways if ways[o].get(unit)]
            for source in {k[4] for k in self.known if k[0] == level and k[1] == e and k[3] == key}:
                spans = {
                    s
                    for k, v in self.known.items()
                    if k[0] == level and k[1] == e and k[3] == key and k[4] == source
                    for s in v
                }
                for span in spans:
                    values = [self.known.get((level, e, o, key, source), {}).get(span) for o in olds]
                    if span[1] > day or not values or any(v is None for v in values):
                        continue
                    total = sum(v * ways[o][unit] for v, o in zip(values, olds, strict=True))
                    first = source in self.policy.wholes and (day - span[1]).days <= self.policy.stale_days
                    found.append(((first, span[1], -self.policy.rank(source), span[0]), total, span[1]))
        if not found:
            return None
        _, total, end = max(found, key=lambda f: f[0])
        return total, end, end

    def leaf(self, level, era, unit, key, source, period, leading):
        mine = self.own(level, era, unit, key, source, period)
        if mine is not None or leading or catalogue().elements[key].in_time == "sum":
            return mine
        return self.not_later(level, era, unit, key, period.end)

    def ask(self, formula: str, level: str, unit: str, source, period, boundaries: date) -> Answer | None:
        """One value; a formula of elements with + - * / only, whose leading elements stand above the line."""
        tree = ast.parse(formula, mode="eval").body
        keys = sorted({n.id for n in ast.walk(tree) if isinstance(n, ast.Name)})
        top = tree.left if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Div) else tree
        leading = {n.id for n in ast.walk(top) if isinstance(n, ast.Name)}
        if level == "country":
            return self._country(tree, keys, leading, source, period, boundaries)
        sums = self.sums(keys, leading, level, unit, source, period, boundaries)
        if sums is None:
            return None
        totals, answer = sums
        value = _evaluate(tree, totals)
        if value is None:
            return None
        answer.value = value
        return answer

    def sums(self, keys, leading, level, unit, source, period, boundaries):
        """Sums of all keys over the units that have all of them, from the best level and era."""
        target = era_of(boundaries)
        best = None
        for fact_level in LEVELS[LEVELS.index(level) :]:
            for era in sorted(set(SAME[fact_level])):
                ways = up(level, fact_level, era, target)
                olds = [o for o in ways if ways[o].get(unit)]
                have = {}
                for o in olds:
                    found = {k: self.leaf(fact_level, era, o, k, source, period, k in leading) for k in keys}
                    if all(v is not None for v in found.values()):
                        have[o] = found
                if not have:
                    continue
                said = [
                    v
                    for k, spans in self.known.items()
                    if k[:2] == (fact_level, era) and k[2] in olds and k[3] in leading and k[4] == source
                    for v in spans.values()
                ]
                if all(v is None for v in said):  # nothing of this era itself
                    continue
                share = len(have) / len(olds)
                newest = max(v[1] for h in have.values() for v in h.values())
                # an own number that stops before the period does gives way to newer numbers of all its parts
                own = fact_level == level and share == 1 and newest >= period.end
                worth = 3 + share if own else share
                totals = {k: sum(have[o][k][0] * ways[o][unit] for o in have) for k in keys}
                answer = Answer(
                    0.0,
                    len(have),
                    len(olds),
                    share,
                    min(v[2] for h in have.values() for v in h.values()),
                    newest,
                )
                # where the worth is equal the newer fact stands, else what came first: the earlier era, the higher level
                equal = best is not None and abs(worth - best[0]) <= 1e-12
                if best is None or (answer.newest > best[2].newest if equal else worth > best[0]):
                    best = (worth, totals, answer)
        return None if best is None else best[1:]

    def _country(self, tree, keys, leading, source, period, boundaries):
        parts = []
        for province in units("province", era_of(boundaries)):
            found = self.sums(keys, leading, "province", province, source, period, boundaries)
            if found is not None and _evaluate(tree, found[0]) is not None:
                parts.append(found)
        if not parts:
            return None
        totals = {k: sum(p[0][k] for p in parts) for k in keys}
        value = _evaluate(tree, totals)
        if value is None:
            return None
        n = len(units("province", era_of(boundaries)))
        return Answer(
            value,
            len(parts),
            n,
            sum(p[1].share for p in parts) / n,
            min(p[1].oldest for p in parts),
            max(p[1].newest for p in parts),
        )


def _days(year: int, month: int, length: int) -> tuple[date, date]:
    last = month + length - 1
    after = date(year + last // 12, last % 12 + 1, 1)
    return date(year, month, 1), after - timedelta(days=1)


def _evaluate(node, totals):
    if isinstance(node, ast.Constant):
        return float(node.value)
    if isinstance(node, ast.Name):
        return totals[node.id]
    left, right = _evaluate(node.left, totals), _evaluate(node.right, totals)
    if left is None or right is None:
        return None
    if isinstance(node.op, ast.Add):
        return left + right
    if isinstance(node.op, ast.Sub):
        return left - right
    if isinstance(node.op, ast.Mult):
        return left * right
    return None if right == 0 else left / right
