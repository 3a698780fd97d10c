"""``hatangso registry …``: import, export, sharing, nearby, dig once, templates, facts, tokens from a terminal.

The person at the terminal of an installation is its administrator and sees everything.
"""

from __future__ import annotations

import json
import re
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from hatangso.errors import UserError

app = typer.Typer(
    name="registry",
    help="Cơ sở dữ liệu hạ tầng: nhập, xuất, dùng chung, tìm quanh đây, đào một lần / The infrastructure registry.",
    no_args_is_help=True,
)
DEFAULT_PROVIDER = "Sở Khoa học và Công nghệ"
ClassOption = Annotated[str, typer.Option("--class", help="Loại tài sản, ví dụ mast / class of assets.")]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="Tệp kết quả / result file.")]


def _ready() -> None:
    from hatangso.web.serve import workspace_ready

    workspace_ready()


def _emit(content: str | bytes, output: Path | None) -> None:
    from hatangso.registry.writing import write_whole

    raw = content.encode() if isinstance(content, str) else content
    if output is None:
        sys.stdout.buffer.write(raw)
        sys.stdout.buffer.flush()
        return
    try:
        write_whole(output, raw)
    except OSError as error:
        raise UserError(
            "output.write",
            f"Không ghi được tệp {output}: {error.strerror}.",
            f"Can't write {output}: {error.strerror}.",
            "Hãy chọn thư mục khác bằng -o.",
            "Choose another place with -o.",
        ) from error


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _day(text: str) -> date | None:
    from hatangso.territory.commands import read_day

    return read_day(text) if text else None


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="Tệp cần nhập / file.")],
    kind: ClassOption,
    provider: Annotated[str, typer.Option(help="Đơn vị cung cấp / providing body.")] = DEFAULT_PROVIDER,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Chỉ kiểm tra / check only.")] = False,
    crs: Annotated[str, typer.Option(help="Hệ tọa độ, ví dụ EPSG:9211 / coordinate system.")] = "",
    reason: Annotated[str, typer.Option(help="Lý do / reason.")] = "",
    errors: Annotated[
        Path | None, typer.Option(help="Ghi tệp lỗi .xlsx / write the file back with its errors.")
    ] = None,
    format: Annotated[str, typer.Option(help="text hoặc json.")] = "text",
) -> None:
    """Kiểm tra rồi nạp một tệp: cả tệp hoặc không gì cả."""
    _ready()
    from hatangso.registry.template import with_errors
    from hatangso.web.registry.imports import ChangedMeanwhile
    from hatangso.web.registry.jobs import prepare, submit

    for attempt in range(5):
        try:
            plan = prepare(file, kind, provider, crs=crs)
        except UserError as error:
            if (
                format == "json"
            ):  # who reads JSON gets the whole file's error in the same shape as that of a row
                _emit(_json(_refused(error)), None)
            raise
        rejected = plan.batch.problems.rejected
        if rejected and errors is not None:
            _emit(with_errors(file, plan.batch.problems.told(), plan.batch.problems.total), errors)
        if dry_run or rejected:
            break
        try:
            submit(plan, by="dòng lệnh", reason=reason or f"nhập {file.name}", file_name=file.name)
            break
        except ChangedMeanwhile:  # another import was first: compare again with what it has left
            if attempt == 4:
                raise
    result = plan.result()
    result["accepted"] = not dry_run and not rejected
    if format == "json":
        _emit(_json(result), None)
    else:
        _emit(_as_text(result), None)
    if rejected:
        raise typer.Exit(1)


def _refused(error: UserError) -> dict[str, Any]:
    """The result of a file that can't be read at all."""
    told = {"row": None, "column": None, "code": error.code, "message": error.vi, "mend": error.mend_vi}
    counts = dict.fromkeys(("added", "changed", "unchanged", "rejected", "conflicts"), 0)
    return {**counts, "errors": [told], "errors_total": 1, "accepted": False}


def _as_text(r: dict[str, Any]) -> str:
    lines = [
        f"thêm {r['added']} · đổi {r['changed']} · giữ nguyên {r['unchanged']} · loại {r['rejected']} · "
        f"trùng mã với đơn vị khác {r['conflicts']}"
    ]
    lines += [f"  {n['message']}" for n in r["notes"]]
    lines += [f"  dòng {e['row']}, {e['column']}: {e['message']} {e['mend']}" for e in r["errors"][:20]]
    if r["errors_total"] > 20:
        counted = ", ".join(f"{code}: {n}" for code, n in r["errors_by_code"].items())
        lines.append(f"  theo loại lỗi: {counted}")
        lines.append(f"  … tất cả {r['errors_total']} lỗi; dùng --format json hoặc --errors TỆP để xem")
    lines.append("Đã nạp." if r["accepted"] else "Chưa nạp gì.")
    return "\n".join(lines) + "\n"


@app.command()
def export(
    kind: ClassOption,
    within: Annotated[str, typer.Option(help="Mã xã hoặc tỉnh / code of a unit.")] = "",
    as_of: Annotated[str, typer.Option("--as-of", help="Tính đến ngày / as of.")] = "",
    format: Annotated[
        str, typer.Option(help="csv, xlsx, geojson, gpkg, shp, kml, kmz, tab, dxf, ofds.")
    ] = "csv",
    output: Output = None,
) -> None:
    """Xuất một loại tài sản ra tệp."""
    _ready()
    from hatangso.registry.writing import CANNOT
    from hatangso.web.registry.exports import export_file
    from hatangso.web.registry.selection import Selection
    from hatangso.web.registry.visible import authority_view

    content = export_file(Selection(kind, within=within, as_of=_day(as_of)), authority_view("export"), format)
    if format in CANNOT:
        print(CANNOT[format][0], CANNOT[format][1], sep="\n", file=sys.stderr)
    _emit(content, output)


@app.command()
def sharing(
    unit: Annotated[str, typer.Option(help="Mã xã hoặc tỉnh / code of a unit.")],
    as_of: Annotated[str, typer.Option("--as-of", help="Tính đến ngày / as of.")] = "",
    cohort: Annotated[str, typer.Option(help="new-since:NGÀY – trạm xây mới từ ngày đó.")] = "",
    format: Annotated[str, typer.Option(help="text hoặc json.")] = "text",
) -> None:
    """Tỷ lệ dùng chung vị trí, cột, cống bể của một địa bàn."""
    _ready()
    from hatangso.web.registry.knows import sharing_json, sharing_of
    from hatangso.web.registry.visible import authority_view

    since = None
    if cohort:
        name, _, day = cohort.partition(":")
        if name != "new-since" or not day:
            raise UserError(
                "registry.cohort", f"Không hiểu «{cohort}».", f"“{cohort}” is not understood.",
                "Viết new-since:2025-01-01.", "Write new-since:2025-01-01.",
            )  # fmt: skip
        since = _day(day)
    when = _day(as_of)
    answer = sharing_json(unit, when, since, sharing_of(authority_view(), unit, when, since))
    if format == "json":
        _emit(_json(answer), None)
        return
    words = {"sites": "vị trí trạm", "masts": "cột ăng ten", "poles": "cột treo cáp", "ducts_km": "km cống bể",
             "cohort": "vị trí xây mới"}  # fmt: skip
    lines = []
    for key, word in words.items():
        if r := answer.get(key):
            percent = "chưa có" if r["percent"] is None else f"{r['percent']}%".replace(".", ",")
            lines.append(f"{word}: {r['shared']}/{r['total']} dùng chung ({percent})")
    _emit("\n".join(lines) + "\n", None)


@app.command()
def nearby(
    lon: Annotated[float, typer.Option(help="Kinh độ / longitude.")],
    lat: Annotated[float, typer.Option(help="Vĩ độ / latitude.")],
    radius: Annotated[float, typer.Option(help="Bán kính, mét / metres.")] = 500.0,
    kind: Annotated[
        str, typer.Option("--class", help="Các loại, cách nhau dấu phẩy / classes.")
    ] = "mast,pole,duct",
    format: Annotated[str, typer.Option(help="text hoặc json.")] = "text",
) -> None:
    """Trước khi xây: cột, cống bể còn chỗ quanh một điểm."""
    _ready()
    from hatangso.web.registry.knows import near
    from hatangso.web.registry.visible import authority_view

    kinds = [k.strip() for k in kind.split(",") if k.strip()]
    found = near(authority_view(), lon, lat, radius, kinds)
    if format == "json":
        _emit(_json({"lon": lon, "lat": lat, "radius_m": radius, "count": len(found), "items": found}), None)
        return
    for f in found:
        free = "chưa rõ chỗ trống" if f["room"] is None else f"còn {f['room']} chỗ"
        print(f"{f['distance_m']:8.1f} m  {f['class']:12} {f['code']:16} {f['name']} ({f['owner']}; {free})")


def metres(text: str) -> float:
    """``20m``, ``20`` or ``0.1km`` in metres."""
    match = re.fullmatch(r"\s*(\d+(?:[.,]\d+)?)\s*(m|km)?\s*", text)
    if not match:
        raise UserError(
            "registry.distance", f"«{text}» không phải là khoảng cách.", f"“{text}” is no distance.",
            "Viết 20m.", "Write 20m.",
        )  # fmt: skip
    return float(match[1].replace(",", ".")) * (1000 if match[2] == "km" else 1)


@app.command("dig-once")
def dig_once(
    works: Annotated[Path, typer.Option(help="Công trình đường, điện, nước, chiếu sáng / works.")],
    within: Annotated[str, typer.Option(help="Khoảng cách, ví dụ 20m / distance.")] = "20m",
    months: Annotated[float, typer.Option(help="Lệch thời gian tối đa, tháng / months apart.")] = 6.0,
    crs: Annotated[str, typer.Option(help="Hệ tọa độ của tệp / coordinate system.")] = "",
    format: Annotated[str, typer.Option(help="json hoặc geojson.")] = "json",
    output: Output = None,
) -> None:
    """Đào một lần: tuyến viễn thông đi cùng công trình khác trong N mét và M tháng."""
    _ready()
    from hatangso.web.registry import knows
    from hatangso.web.registry.visible import authority_view

    answer = knows.dig_once(authority_view(), knows.read_works(works, crs or None), metres(within), months)
    _emit(_json(knows.dig_once_geojson(answer) if format == "geojson" else answer), output)


@app.command()
def template(
    kind: ClassOption,
    output: Output = None,
    language: Annotated[str, typer.Option(help="vi hoặc en.")] = "vi",
) -> None:
    """Mẫu Excel của một loại tài sản."""
    from hatangso.registry.template import template as make
    from hatangso.web.registry.selection import class_of

    _ready()
    _emit(make(class_of(kind), language), output)


@app.command()
def formats(format: Annotated[str, typer.Option(help="text hoặc json.")] = "text") -> None:
    """Các định dạng xuất, và điều mà mỗi định dạng không chở được."""
    from hatangso.registry.writing import FORMATS, carried

    listed = [carried(f) for f in FORMATS]
    if format == "json":
        _emit(_json(listed), None)
        return
    for one in listed:
        print(f"{one['format']:8} {one['cannot_vi'] or 'chở đủ mọi cột'}")


@app.command()
def classes(format: Annotated[str, typer.Option(help="text hoặc json.")] = "text") -> None:
    """Các loại tài sản và thuộc tính của chúng."""
    from hatangso.catalogue.assets import asset_classes

    if format == "json":
        _emit(_json([describe(k) for k in asset_classes().values()]), None)
        return
    for kind in asset_classes().values():
        print(f"{kind.key:20} {kind.name_vi} / {kind.name_en} ({len(kind.columns)})")


def describe(kind: Any) -> dict[str, Any]:
    """A class as JSON."""
    return {
        "key": kind.key, "name_vi": kind.name_vi, "name_en": kind.name_en, "geometry": list(kind.geometry),
        "tier": kind.tier, "source": kind.source, "provenance": kind.provenance,
        "columns": [
            {"key": a.key, "name_vi": a.name_vi, "name_en": a.name_en, "type": a.type, "unit": a.unit,
             "required": a.required, "default": a.default, "tier": a.tier, "help_vi": a.help_vi, "help_en": a.help_en,
             "codes": [c.key for c in a.codes.codes] if a.codes else None}
            for a in kind.columns
        ],
    }  # fmt: skip


@app.command()
def facts(
    unit: Annotated[str, typer.Option(help="Mã tỉnh / code of the province.")],
    as_of: Annotated[str, typer.Option("--as-of", help="Tính đến ngày / as of.")] = "",
) -> None:
    """Đưa số đếm từ cơ sở dữ liệu vào bộ chỉ tiêu (nguồn: registry)."""
    _ready()
    from hatangso.web.registry.facts import publish

    print(publish(unit, _day(as_of), "dòng lệnh"))


@app.command()
def duplicates(kind: ClassOption) -> None:
    """Tìm các tài sản có thể trùng nhau để người xem xét."""
    _ready()
    from hatangso.web.registry.services import propose_duplicates

    print(propose_duplicates(kind))


@app.command()
def token(
    body: Annotated[str, typer.Option(help="Cơ quan, doanh nghiệp / body.")],
    role: Annotated[str, typer.Option(help="officer, leader, enterprise, commune, viewer.")] = "enterprise",
    label: Annotated[str, typer.Option(help="Dùng để làm gì / purpose.")] = "API",
    per_minute: Annotated[int, typer.Option(help="Số lần gọi mỗi phút / calls a minute.")] = 120,
) -> None:
    """Cấp khóa API cho một đơn vị; khóa chỉ hiện một lần."""
    _ready()
    from hatangso.web.registry.tokens import issue

    print(issue(body, role, label, per_minute, "dòng lệnh"))


@app.command()
def basemap(
    file: Annotated[Path, typer.Argument(help="Tệp .pmtiles làm bản đồ nền / a PMTiles file as base map.")],
) -> None:
    """Đưa một tệp PMTiles vào không gian làm việc làm bản đồ nền; tệp hỏng thì giữ tệp cũ."""
    from hatangso.registry.safety import check_exists

    _ready()
    from hatangso.web.registry.basemap import install

    check_exists(file)
    with file.open("rb") as stream:
        found = install(iter(lambda: stream.read(1 << 22), b""), file.name)
    _emit(_json({"name": found.name, "type": found.type, "minzoom": found.minzoom, "maxzoom": found.maxzoom,
                 "box": list(found.box), "size": found.size}), None)  # fmt: skip
