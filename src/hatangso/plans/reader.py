"""Read a plan: the pipeline from a file to figures, tasks, duties and metadata."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ..errors import UserError
from .checks import check, deduplicate
from .document_checks import check_document
from .duties import read_duties
from .figures import read_figures
from .frame import PlanFrame
from .load import Loaded, load, loads
from .matching import Matcher
from .metadata import read_metadata
from .normalise import normalise
from .outline import Para, outline
from .periods import heading_year, years
from .records import Flag, PlanDocument, PlanReading
from .table_figures import read_table
from .tables import tables
from .tasks import read_tasks
from .words import fold

Synonyms = Mapping[str, Iterable[str]]
Progress = Callable[[str, float], None]


def read_plan(
    path: str | Path, *, synonyms: Synonyms | None = None, progress: Progress | None = None
) -> PlanReading:
    """Read a plan from a .txt, .docx, .pdf, .odt or .html file.

    Parameters
    ----------
    path : the file.
    synonyms : what a workspace has learned: indicator key to words that mean it.
    progress : called with the name of a step and the share done (0…1).

    Raises
    ------
    UserError
        The file can't be read; the message says why and how to mend it.
    """
    if progress:
        progress("load", 0.0)
    return read_loaded(load(path), synonyms=synonyms, progress=progress)


def read_text(text: str, *, synonyms: Synonyms | None = None) -> PlanReading:
    """Read a plan given as text."""
    return read_loaded(loads(text), synonyms=synonyms)


def read_loaded(
    loaded: Loaded, *, synonyms: Synonyms | None = None, progress: Progress | None = None
) -> PlanReading:
    """Read a loaded document."""

    def step(name: str, share: float) -> None:
        if progress:
            progress(name, share)

    step("outline", 0.3)
    paras = outline(normalise(loaded))
    step("metadata", 0.4)
    document = read_metadata(paras)
    frame = _frame(document, paras)
    matcher = Matcher(synonyms)
    step("figures", 0.5)
    all_tables = tables(paras)
    figures = read_figures(paras, matcher, frame)
    for table in all_tables:
        figures += read_table(table, matcher, frame)
    figures.sort(key=lambda f: (f.line, f.number_span or (0, 0)))
    figures = deduplicate(figures)
    step("tasks", 0.8)
    tasks = read_tasks(paras, all_tables, frozenset(f.line for f in figures))
    step("duties", 0.9)
    duties = read_duties(paras)
    figures, warnings = check(figures, document)
    warnings += check_document(loaded, paras, document, bool(all_tables))
    if not figures:
        warnings.append(
            Flag("NO_FIGURES", "Không tìm thấy chỉ tiêu nào trong văn bản.", "No figures were found.")
        )
    step("done", 1.0)
    return PlanReading(
        document,
        tuple(figures),
        tuple(tasks),
        tuple(duties),
        tuple(warnings),
        loaded.text,
        loaded.format,
        loaded.encoding,
    )


def _frame(document: PlanDocument, paras: list[Para]) -> PlanFrame:
    date = document.date or ""
    year = int(date[:4]) if date[:4].isdigit() else None
    baseline = None
    if year:
        late = len(date) >= 7 and int(date[5:7]) >= 7
        baseline = year if late else year - 1
    elif document.period_start:
        baseline = document.period_start - 1
    milestones: set[int] = set()
    for para in paras:
        if para.section == "target" and (para.heading or para.text.rstrip().endswith(":")):
            milestone = heading_year(para.folded or fold(para.block.text))
            if milestone:
                milestones.add(milestone)
    return PlanFrame(document.period_start, document.period_end, year, baseline, tuple(sorted(milestones)))


@dataclass(frozen=True)
class ReadOutcome:
    """One of many readings: the reading, or the error of a file that can't be read."""

    path: str
    reading: PlanReading | None = None
    error: UserError | None = None


def _read_one(
    task: tuple[str, dict[str, tuple[str, ...]] | None],
) -> tuple[str, PlanReading | None, tuple[str, ...] | None]:
    path, synonyms = task
    try:
        return path, read_plan(path, synonyms=synonyms), None
    except UserError as error:
        return path, None, (error.code, error.vi, error.en, error.mend_vi, error.mend_en)


def read_many(
    paths: Iterable[str | Path],
    workers: int = 1,
    progress: Callable[[int, int, str], None] | None = None,
    *,
    synonyms: Synonyms | None = None,
) -> Iterator[ReadOutcome]:
    """Read many plans in parallel processes; outcomes come in the order of ``paths``.

    Parameters
    ----------
    workers : processes; 1 reads in this process.  Results do not depend on it.
    progress : called with (done, all, path) after each file.

    Notes
    -----
    A file that can't be read does not stop the others; its outcome carries the error.
    """
    files = [str(p) for p in paths]
    learned = {k: tuple(v) for k, v in synonyms.items()} if synonyms else None
    jobs = [(f, learned) for f in files]
    if workers <= 1:
        results: Iterator[tuple[str, PlanReading | None, tuple[str, ...] | None]] = map(_read_one, jobs)
        yield from _outcomes(results, len(files), progress)
        return
    with ProcessPoolExecutor(max_workers=workers) as pool:
        yield from _outcomes(
            pool.map(_read_one, jobs, chunksize=max(1, min(16, len(jobs) // (4 * workers) or 1))),
            len(files),
            progress,
        )


def _outcomes(
    results: Iterable[tuple[str, PlanReading | None, tuple[str, ...] | None]],
    total: int,
    progress: Callable[[int, int, str], None] | None,
) -> Iterator[ReadOutcome]:
    for done, (path, reading, error) in enumerate(results, 1):
        if progress:
            progress(done, total, path)
        yield ReadOutcome(path, reading, UserError(*error) if error else None)


__all__ = ["PlanReading", "ReadOutcome", "read_loaded", "read_many", "read_plan", "read_text", "years"]
