"""Starting, stopping and continuing a run from the page, and taking its results over as facts (officers)."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hatangso.errors import UserError
from hatangso.web.accounts.permissions import may, needs
from hatangso.web.coverage import adoption, jobs, presenting
from hatangso.web.coverage.runs import Run
from hatangso.web.language import english, format_number, pick
from hatangso.web.maps.units import provinces
from hatangso.web.plans.services import today

# Name of the field, words, unit, default, least, most: as the kernel's own limits, narrower where a page is wise.
NUMBERS = (
    ("resolution_m", ("Độ phân giải", "Resolution"), "m", 60.0, 10.0, 1000.0),
    ("radius_km", ("Bán kính quanh mỗi trạm", "Radius around each site"), "km", 20.0, 0.5, 60.0),
    ("threshold_dbm", ("Ngưỡng RSRP", "RSRP threshold"), "dBm", -105.0, -140.0, -40.0),
    ("probability", ("Xác suất tại điểm", "Probability at a point"), "", 0.5, 0.5, 0.99),
)
MODELS = (
    ("p1812", ("ITU-R P.1812 (khuyến nghị)", "ITU-R P.1812 (recommended)")),
    ("itm", ("Longley–Rice (ITM)", "Longley–Rice (ITM)")),
    (
        "38901-rma",
        (
            "3GPP TR 38.901 RMa (xem nhanh, không theo địa hình)",
            "3GPP TR 38.901 RMa (quick look, no terrain)",
        ),
    ),
    (
        "hata-open",
        ("Hata mở rộng (xem nhanh, không theo địa hình)", "Extended Hata (quick look, no terrain)"),
    ),
)
FILES = (
    ("cells", ("Bảng cell (CSV)", "Cells (CSV)"), True,
     ("Cột lon, lat, height_m, f_mhz (hoặc band), eirp_dbm; nên có operator, technology, azimuth_deg, tilt_deg.",
      "Columns lon, lat, height_m, f_mhz (or band), eirp_dbm; better with operator, technology, azimuth_deg, tilt_deg.")),
    ("terrain", ("Địa hình (GeoTIFF, HGT)", "Terrain (GeoTIFF, HGT)"), False,
     ("Mọi hệ tọa độ, mọi độ phân giải. Không có địa hình thì kết quả chỉ có độ tin cậy thấp.",
      "Any CRS and resolution. Without terrain the result is of low confidence.")),
    ("people", ("Dân số theo điểm (CSV)", "People by point (CSV)"), False,
     ("Cột lon, lat, population; nên có households và commune (mã xã).",
      "Columns lon, lat, population; better with households and commune (code).")),
    ("villages", ("Thôn, cụm dân cư và báo cáo (CSV)", "Villages, clusters, claims (CSV)"), False,
     ("Cột village, lon, lat; nên có name, commune (mã xã), kind (centre hoặc cluster), claim (có hoặc không).",
      "Columns village, lon, lat; better with name, commune (code), kind (centre or cluster), claim (yes or no).")),
)  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@needs("coverage-run")
def new_run(request: HttpRequest) -> HttpResponse:
    """The form of a new run; a good one is started at once."""
    problems: dict[str, str] = {}
    if request.method == "POST":
        job = _asked_job(request, problems)
        if not problems:
            run = jobs.create(settings.WORKSPACE, job)
            try:
                jobs.start(settings.WORKSPACE, run)
            except UserError as error:
                messages.warning(request, error.text("en" if english() else "vi"))
            return redirect("coverage-run", key=run.key)
    given = request.POST
    context = {
        "problems": problems,
        "title": given.get("title", ""),
        "chosen_province": given.get("province", ""),
        "chosen_model": given.get("model", "p1812"),
        "provinces": provinces(today()),
        "models": [(key, pick(*words)) for key, words in MODELS],
        "numbers": [
            {"name": name, "words": pick(*words), "unit": unit, "value": given.get(name, f"{default:g}"),
             "low": low, "high": high, "problem": problems.get(name, "")}
            for name, words, unit, default, low, high in NUMBERS
        ],
        "files": [
            {"name": kind, "words": pick(*words), "needed": needed, "offered": jobs.offered(settings.WORKSPACE, kind),
             "chosen": given.get(kind, ""), "problem": problems.get(kind, ""), "accept": ",".join(jobs.KINDS[kind]),
             "help": pick(*told)}
            for kind, words, needed, told in FILES
        ],
    }  # fmt: skip
    return render(request, "coverage/new.html", context, status=400 if problems else 200)


def _asked_job(request: HttpRequest, problems: dict[str, str]) -> dict[str, Any]:
    title = request.POST.get("title", "").strip()[:120]
    if not title:
        problems["title"] = pick("Hãy đặt tên để về sau nhận ra lần chạy.", "Give the run a name.")
    values: dict[str, Any] = {}
    for name, _, unit, default, low, high in NUMBERS:
        try:
            value = float(request.POST.get(name, str(default)).strip().replace(",", "."))
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            ends = f"{format_number(low)} – {format_number(high)} {unit}".strip()
            problems[name] = pick(f"Cần một số từ {ends}.", f"A number within {ends} is needed.")
        values[name] = value
    model = request.POST.get("model", "p1812")
    if model not in {key for key, _ in MODELS}:
        problems["model"] = pick("Không có mô hình này.", "No such model.")
    province = request.POST.get("province", "")
    if province and province not in {p.code for p in provinces(today())}:
        problems["province"] = pick("Không có tỉnh này.", "No such province.")
    inputs = {
        kind: place for kind, _, needed, _ in FILES if (place := _input(request, kind, needed, problems))
    }
    return {
        "title": title,
        "province": province,
        "by": request.user.get_username(),
        "simulated": bool(request.POST.get("simulated")),
        "inputs": inputs,
        "settings": {**values, "model": model},
    }


def _input(request: HttpRequest, kind: str, needed: bool, problems: dict[str, str]) -> str:
    """Place of a chosen or uploaded file, relative to the folder of runs; empty where there is none."""
    folder = jobs.inputs_folder(settings.WORKSPACE)
    sent: Any = request.FILES.get(f"{kind}-file")
    if sent is not None:
        if Path(sent.name).suffix.lower() not in jobs.KINDS[kind]:
            allowed = ", ".join(jobs.KINDS[kind])
            problems[kind] = pick(
                f"Tệp «{sent.name}» không phải {allowed}.", f'"{sent.name}" is not {allowed}.'
            )
            return ""
        if sent.size > jobs.LARGEST_UPLOAD:
            problems[kind] = pick(
                "Tệp lớn hơn 200 MB: hãy chép nó vào thư mục coverage/inputs của không gian làm việc rồi chọn.",
                "Larger than 200 MB: copy it into coverage/inputs of the workspace, then choose it.",
            )
            return ""
        folder.mkdir(parents=True, exist_ok=True)
        name = _unused(folder, jobs.safe_name(sent.name))
        part = folder / f".{name}.part"
        with part.open("wb") as stream:
            for chunk in sent.chunks():
                stream.write(chunk)
        part.replace(folder / name)
        return f"{folder.name}/{name}"
    chosen = request.POST.get(kind, "")
    if chosen and chosen in jobs.offered(settings.WORKSPACE, kind):
        return f"{folder.name}/{chosen}"
    if chosen or needed:
        problems[kind] = pick("Hãy chọn hoặc gửi lên một tệp.", "Choose or send a file.")
    return ""


def _unused(folder: Path, name: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    n, free = 1, name
    while (folder / free).exists():  # a file that a run has read is never overwritten
        n += 1
        free = f"{stem}-{n}{dot}{suffix}"
    return free


def progress_context(run: Run) -> dict[str, Any]:
    """How far a run is."""
    state = run.state
    done, of = int(state.get("done", 0)), int(state.get("of", 0))
    return {
        "run": run,
        "state": presenting.run_state(run.status),
        "busy": run.status == "running",
        "step": pick(*presenting.STEPS.get(str(state.get("step", "start")), ("", ""))),
        "done": done,
        "of": of,
        "percent": round(100 * done / of) if of else 0,
        "left": presenting.duration(state.get("left")) if of and run.status == "running" else "",
        "stopping": run.status == "running" and (run.folder / "cancel").exists(),
        "error": pick(state.get("error_vi", ""), state.get("error_en", "")),
    }


@require_safe
@needs("coverage")
def progress(request: HttpRequest, key: str) -> HttpResponse:
    """The progress of a run as a fragment; a finished one sends the browser to its page."""
    from hatangso.web.coverage.views import asked_run

    run = asked_run(request, key).run
    context = {**progress_context(run), "may_run": may(request.user, "coverage-run")}
    response = render(request, "coverage/progress.html", context)
    if not context["busy"]:
        response.headers["HX-Refresh"] = "true"
    return response


@require_POST
@needs("coverage-run")
def stop(request: HttpRequest, key: str) -> HttpResponse:
    """Ask a run to stop."""
    from hatangso.web.coverage.views import asked_run

    jobs.cancel(asked_run(request, key).run)
    return redirect("coverage-run", key=key)


@require_POST
@needs("coverage-run")
def resume(request: HttpRequest, key: str) -> HttpResponse:
    """Continue a run that was stopped; finished tiles are taken over."""
    from hatangso.web.coverage.views import asked_run

    run = asked_run(request, key).run
    if run.job and run.status in ("cancelled", "stopped", "failed"):
        try:
            jobs.start(settings.WORKSPACE, run)
        except UserError as error:
            messages.warning(request, error.text("en" if english() else "vi"))
    return redirect("coverage-run", key=key)


@require_POST
@needs("coverage-run")
def take_over(request: HttpRequest, key: str) -> HttpResponse:
    """Add the run's counts to the facts."""
    from hatangso.web.coverage.views import asked_run, ready

    run = asked_run(request, key).run
    try:
        ready(run)
        done = adoption.adopt(run, request.user.get_username())
    except UserError as error:
        messages.error(request, error.text("en" if english() else "vi"))
        return redirect("coverage-run", key=key)
    if done.added:
        words = pick(
            f"Đã nhận {format_number(done.added)} số liệu dự báo của {done.communes} xã, phường.",
            f"{format_number(done.added)} predicted facts of {done.communes} communes were added.",
        )
    else:
        words = pick(
            "Số liệu của lần chạy này đã được nhận từ trước.", "These results had been added before."
        )
    if done.unmatched:
        names = ", ".join(done.unmatched[:5])
        words += " " + pick(
            f"Bỏ qua tên không có trong danh mục: {names}.", f"Names not known were left out: {names}."
        )
    messages.success(request, words)
    return redirect("coverage-run", key=key)
