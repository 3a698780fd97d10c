"""How well a reading agrees with a gold table made by hand: precision, recall, F1.

Figures match one-to-one on key, kind, year, value and unit; the operator is scored among the matches.  Tasks
match on text (overlap of words at least :data:`TASK_OVERLAP`) and the same lead; duties on the quoted words.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import UserError
from .bodies import resolve_all
from .records import Duty, Figure, Task
from .words import fold, tokens

TASK_OVERLAP = 0.8
DUTY_OVERLAP = 0.6
Row = dict[str, str]


@dataclass
class Score:
    """Counts of one kind; ``missed`` are gold rows without a match, ``extra`` readings without one."""

    matched: int = 0
    gold: int = 0
    read: int = 0
    operators: int = 0
    missed: list[Row] = field(default_factory=list)
    extra: list[object] = field(default_factory=list)
    wrong_operator: list[tuple[Row, Figure]] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Share of readings that are right."""
        return self.matched / self.read if self.read else float(not self.gold)

    @property
    def recall(self) -> float:
        """Share of gold rows that were read."""
        return self.matched / self.gold if self.gold else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def add(self, other: Score) -> None:
        """Add the counts of another plan."""
        self.matched += other.matched
        self.gold += other.gold
        self.read += other.read
        self.operators += other.operators
        self.missed += other.missed
        self.extra += other.extra
        self.wrong_operator += other.wrong_operator


def read_gold(path: Path) -> list[Row]:
    """Rows of a gold table."""
    if not path.exists():
        raise UserError(
            "input.missing", f"Không tìm thấy tệp «{path.name}».", f'File "{path.name}" was not found.'
        )
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def plan_code(path: Path) -> str:
    """Code of a plan in a gold table: the digits or the word before the first dash of the file's name."""
    return path.stem.split("-")[0]


def rows_of(rows: Sequence[Row], path: Path) -> list[Row]:
    """Gold rows of one file: its code or its whole stem in the column ``plan``."""
    wanted = {path.stem, plan_code(path)}
    return [r for r in rows if r.get("plan") in wanted]


def _number(text: str) -> float | None:
    try:
        return round(float(text), 4) if text.strip() else None
    except ValueError:
        return None


def _gold_key(row: Row) -> tuple[object, ...]:
    return (
        row["canonical_key"] or None,
        row["kind"],
        row["year"][:4] or None,
        _number(row["value"]),
        row["unit"],
    )


def _figure_key(figure: Figure) -> tuple[object, ...]:
    value = round(figure.value, 4) if figure.value is not None else None
    return (figure.indicator, figure.kind, str(figure.year) if figure.year else None, value, figure.unit)


def score_figures(figures: Iterable[Figure], gold: Sequence[Row]) -> Score:
    """Score figures one-to-one; a gold deadline such as 2024-09 is compared by its year."""
    read = list(figures)
    score = Score(gold=len(gold), read=len(read))
    free = list(range(len(read)))
    keys = [_figure_key(f) for f in read]
    for row in gold:
        candidates = [i for i in free if keys[i] == _gold_key(row)]
        if not candidates:
            score.missed.append(row)
            continue
        best = next((i for i in candidates if read[i].operator == row["operator"]), candidates[0])
        free.remove(best)
        score.matched += 1
        if read[best].operator == row["operator"]:
            score.operators += 1
        else:
            score.wrong_operator.append((row, read[best]))
    score.extra = [read[i] for i in free]
    return score


def overlap(first: str, second: str) -> float:
    """Share of common words of two texts (by the longer one, counted with repetition)."""
    a, b = tokens(first), tokens(second)
    if not a or not b:
        return 0.0
    counts: dict[str, int] = {}
    for word in a:
        counts[word] = counts.get(word, 0) + 1
    common = 0
    for word in b:
        if counts.get(word, 0):
            counts[word] -= 1
            common += 1
    return common / max(len(a), len(b))


_SHORT = (
    (r"\bubnd\b", "uy ban nhan dan"),
    (r"\bdn\b", "doanh nghiep"),
    (r"\bttdl\b", "trung tam du lieu"),
    (r"\bpt-th\b|\bpt&th\b|\bptth\b", "phat thanh truyen hinh"),
    (r"\bptnt\b", "phat trien nong thon"),
    (r"\btt&tt\b", "thong tin va truyen thong"),
    (r"\bkh&cn\b", "khoa hoc va cong nghe"),
    (r"\bkh&dt\b", "ke hoach va dau tu"),
    (r"\([^)]*\)", " "),
)
_EMPTY_WORDS = frozenset(
    [
        "cac",
        "va",
        "cua",
        "tren",
        "dia",
        "ban",
        "tinh",
        "cung",
        "cap",
        "ha",
        "tang",
        "de",
        "nghi",
        "nganh",
        "trong",
        "mot",
        "so",
        "cap",
    ]
)


def same_lead(gold: str, read: str) -> bool:
    """Whether two names of a lead mean the same bodies.

    A gold lead "(không nêu …)" is an empty lead.  Names are compared by their words, abbreviations in full.
    """
    if gold.startswith("(không nêu") or not gold.strip():
        return not read.strip()
    if not read.strip():
        return False
    first, second = _lead_words(gold), _lead_words(read)
    if not first or not second:
        return fold(gold) == fold(read)
    shared = len(first & second)
    if shared / min(len(first), len(second)) >= 0.75:
        return True
    return bool(resolve_all(gold)) and resolve_all(gold) == resolve_all(read)


def _lead_words(text: str) -> set[str]:
    folded = fold(text)
    for pattern, full in _SHORT:
        folded = re.sub(pattern, full, folded)
    return {w for w in tokens(folded) if w not in _EMPTY_WORDS}


def score_tasks(tasks: Iterable[Task], gold: Sequence[Row]) -> Score:
    """Score tasks: overlap of the text at least 0.8 and the same lead, one-to-one."""
    read = list(tasks)
    rows = [r for r in gold if not r["task"].startswith("(Biểu")]
    score = Score(gold=len(gold), read=len(read))
    score.missed += [r for r in gold if r["task"].startswith("(Biểu")]
    free = set(range(len(read)))
    for row in rows:
        best, value = None, 0.0
        for index in free:
            size = len(read[index].text) / max(1, len(row["task"]))
            if not 0.7 <= size <= 1.45:
                continue
            common = overlap(row["task"], read[index].text)
            if common > value and same_lead(row["lead"], read[index].lead):
                best, value = index, common
        if best is not None and value >= TASK_OVERLAP:
            free.remove(best)
            score.matched += 1
        else:
            score.missed.append(row)
    score.extra = [read[i] for i in sorted(free)]
    return score


def score_duties(duties: Iterable[Duty], gold: Sequence[Row]) -> Score:
    """Score duties: the gold quote stands in the clause read, and a day both name is the same, one-to-one."""
    read = list(duties)
    score = Score(gold=len(gold), read=len(read))
    free = list(range(len(read)))
    for row in gold:
        wanted = tokens(row["quote"])
        best, value = None, 0.0
        for index in free:
            duty = read[index]
            own = tokens(duty.quote)
            share = _contained(wanted, own)
            day = re.search(r"(\d{1,2})/(\d{1,2})", row["deadline"])
            if day and duty.day and (int(day.group(1)), int(day.group(2))) != (duty.day, duty.month):
                continue
            share += 0.01 * len(wanted) / max(1, len(own))
            if share > value:
                best, value = index, share
        if best is not None and value >= DUTY_OVERLAP:
            free.remove(best)
            score.matched += 1
        else:
            score.missed.append(row)
    score.extra = [read[i] for i in free]
    return score


def _contained(wanted: list[str], own: list[str]) -> float:
    pool: dict[str, int] = {}
    for word in own:
        pool[word] = pool.get(word, 0) + 1
    hit = 0
    for word in wanted:
        if pool.get(word, 0):
            pool[word] -= 1
            hit += 1
    return hit / len(wanted) if wanted else 0.0
