"""The page of field measurements beside a run: send a table, see bias, spread, histogram, sufficiency, tuned legend."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from hatangso.errors import UserError
from hatangso.web.accounts.permissions import may, needs
from hatangso.web.coverage import measured
from hatangso.web.coverage.drawing import province_of
from hatangso.web.coverage.runs import Run
from hatangso.web.coverage.sight import Sight, asked_run, ready
from hatangso.web.coverage.uploads import Incoming, plain
from hatangso.web.language import format_number, pick
from hatangso.web.territory.choice import asked_boundaries, switch

FILES = {"points.csv": "diem-do", "tuned_legend.csv": "chu-giai-da-hieu-chinh"}
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 720.0, 240.0, 44.0, 12.0, 44.0


def seen_whole(request: HttpRequest, key: str) -> Sight:
    """The run, for readers who see all of its networks: measurements of a rival's network are the rival's detail."""
    sight = asked_run(request, key)
    if not sight.whole:
        raise Http404(key)
    ready(sight.run)
    return sight


@require_http_methods(["GET", "HEAD", "POST"])
@needs("coverage")
def measurements(request: HttpRequest, key: str) -> HttpResponse:
    """Comparisons of a run with measurements; an officer adds one by sending a table."""
    run = seen_whole(request, key).run
    problem = ""
    may_run = may(request.user, "coverage-run")
    if request.method == "POST":
        if not may_run:
            return HttpResponse(status=403)
        problem, found = _take(request, run)
        if found:
            return redirect(f"{request.path}?{urlencode({'do': found})}")
    kept = measured.comparisons(run)
    wanted = request.GET.get("do", "")
    result = next((r for r in kept if r["id"] == wanted), kept[0] if kept and not wanted else None)
    if wanted and result is None:
        raise Http404(wanted)
    chosen = asked_boundaries(request)
    context: dict[str, Any] = {
        "run": run, "province": province_of(run), "whole": True,
        "kept": kept, "result": result, "problem": problem, "may_run": may_run, "fewest": measured.FEWEST,
        "simulated": run.simulated or bool(result and result["simulated"]), "boundaries": chosen,
        "boundary_switch": switch(request, chosen, pick("các phép đo không tính theo xã: địa giới không đổi kết quả",
                                                        "measurements are not counted by commune: nothing changes")),
        "boundary_query": f"?dia-gioi={chosen.value}" if chosen.value else "",
    }  # fmt: skip
    if result:
        context |= shown(run, result)
    return render(request, "coverage/measurements.html", context, status=400 if problem else 200)


def _take(request: HttpRequest, run: Run) -> tuple[str, str]:
    """(sentence of what is wrong, id of the comparison made)."""
    sent: Any = request.FILES.get("file")
    if sent is None:
        return pick("Hãy chọn một tệp CSV.", "Choose a CSV file."), ""
    incoming = Incoming(settings.WORKSPACE)
    try:
        path = incoming.take("measurements", sent)
        name = Path(str(sent.name).replace("\\", "/")).name[:120]
        now = datetime.now(UTC).isoformat(timespec="seconds")
        result = measured.compare(
            run, path, name, request.user.get_username(), now, bool(request.POST.get("simulated"))
        )
    except UserError as error:
        return plain(error, incoming.folder / "measurements", run.folder), ""
    finally:
        incoming.drop()
    messages.success(
        request,
        pick(f"Đã so {format_number(result['used'], 0)} điểm đo với lần chạy.",
             f"{format_number(result['used'], 0)} measurements were compared."),
    )  # fmt: skip
    return "", str(result["id"])


def shown(run: Run, result: dict[str, Any]) -> dict[str, Any]:
    """What the page says of one comparison."""
    names = result["class_names"]
    classes = [
        (names.get(code) or pick(f"lớp {code}", f"class {code}"), line(stats))
        for code, stats in sorted(result["by_class"].items(), key=lambda kv: int(kv[0]))
    ]
    groups = [
        (" ".join(run.groups[int(g)]).strip() or "–", line(stats)) for g, stats in result["by_group"].items()
    ]
    refused = [(n, pick(*measured.REFUSED[k])) for k, n in result["refused"].items() if n]
    return {
        "overall": line(result["overall"]), "classes": classes, "groups": groups, "refused": refused,
        "bars": bars(result["histogram"]), "assumed_sigma": run.settings.get("residual_sigma_db"),
        "files": [f for f in FILES if (run.folder / measured.FOLDER / result["id"] / f).exists()],
    }  # fmt: skip


def line(stats: dict[str, Any]) -> dict[str, Any]:
    """Bias with its 95 % interval, spread, and whether there are enough points to speak."""
    n, se = int(stats["n"]), stats.get("bias_se_db")
    bias = stats.get("bias_db")
    known = se is not None and bias is not None and not math.isnan(se)
    half = 1.96 * float(se or 0.0)
    return {
        "n": n, "bias": bias, "std": stats.get("std_db") if known else None, "enough": n >= measured.FEWEST,
        "low": float(bias or 0.0) - half if known else None, "high": float(bias or 0.0) + half if known else None,
    }  # fmt: skip


def bars(histogram: list[list[float]]) -> dict[str, Any]:
    """The histogram as places on a drawing: bars, ticks of both axes, the line of no error."""
    low, high = histogram[0][0], histogram[-1][1]
    most = max(max(n for *_, n in histogram), 1)
    across, up = (WIDTH - LEFT - 8.0) / (high - low), (HEIGHT - TOP - BOTTOM) / most
    at = lambda value: LEFT + (value - low) * across  # noqa: E731
    step = 2 if high - low <= 24 else 5 if high - low <= 60 else 10
    first = math.ceil(low / step) * step
    ticks = [first + step * i for i in range(int((high - first) / step) + 1)]
    levels = sorted({0, most // 2, most})
    return {
        "width": WIDTH, "height": HEIGHT, "floor": HEIGHT - BOTTOM, "left": LEFT, "label_y": HEIGHT - 6.0,
        "tick_y": HEIGHT - BOTTOM + 16.0, "middle": (WIDTH + LEFT) / 2, "right": WIDTH - 8.0, "top": TOP,
        "zero": at(0.0) if low <= 0.0 <= high else None,
        "bars": [
            {"x": at(a) + 0.5, "y": HEIGHT - BOTTOM - n * up, "w": (b - a) * across - 1.0, "h": n * up, "n": int(n),
             "words": f"{format_number(a)} … {format_number(b)} dB"}
            for a, b, n in histogram
        ],
        "ticks": [{"x": at(t), "words": format_number(t)} for t in ticks],
        "levels": [{"y": HEIGHT - BOTTOM - n * up, "words": format_number(n)} for n in levels],
    }  # fmt: skip


@require_safe
@needs("coverage")
def measurement_file(request: HttpRequest, key: str, comparison: str, file: str) -> FileResponse:
    """The points with predictions and errors, or the tuned legend."""
    run = seen_whole(request, key).run
    if file not in FILES or not any(r["id"] == comparison for r in measured.comparisons(run)):
        raise Http404(file)
    path = run.folder / measured.FOLDER / comparison / file
    if not path.is_file():
        raise Http404(file)
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"{key}-{FILES[file]}.csv")
