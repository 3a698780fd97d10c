"""The command line: the same jobs as on the pages, for a terminal.

Results go to standard output, progress and errors to standard error.  Exit status: 0 done, 1 the job's own no,
2 unusable input.  Every command takes ``--workspace DIR`` (or ``HATANGSO_WORKSPACE``).
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from hatangso import __version__
from hatangso.cli_support import emit, parse_day, say
from hatangso.errors import UserError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="hatangso: kế hoạch hạ tầng số của tỉnh – đọc, theo dõi, báo cáo. "
    "Every command takes --workspace DIR (default: workspace/ in the current folder).",
    pretty_exceptions_enable=False,
)


def _version(show: bool) -> None:
    if show:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Phiên bản.")
    ] = False,
) -> None:
    """Options that stand before the command."""


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="Cổng của trang (chỉ nghe trên 127.0.0.1).")] = 8000,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Mở trang sau khi dựng xong.")] = True,
) -> None:
    """Dựng không gian trình diễn với năm kế hoạch thật, viết báo cáo vào out/, rồi mở trang."""
    from hatangso.web.serve import serve_pages, workspace_ready

    os.environ["HATANGSO_DEMO"] = "1"
    workspace = workspace_ready()
    from hatangso.web.workspace import DEMO_MARK

    mark = workspace / DEMO_MARK
    if (
        serve and mark.exists() and mark.read_text("utf-8") == __version__
    ):  # built whole by this version: open at once
        return serve_pages(port, say)
    from hatangso.demo.build import build_demo  # records can be imported only now

    build_demo(workspace, say, wait=not serve)
    if serve:
        serve_pages(port, say)


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="Cổng của trang (chỉ nghe trên 127.0.0.1).")] = 8000,
) -> None:
    """Mở trang của một không gian làm việc đã có."""
    from hatangso.web.serve import serve_pages, workspace_ready

    workspace_ready()
    serve_pages(port, say)


@app.command()
def standing(
    plan: Annotated[str, typer.Option(help="Mã kế hoạch, ví dụ tuyen-quang-2025-2030.")],
    as_of: Annotated[str, typer.Option(help="Tính đến ngày (YYYY-MM-DD); mặc định hôm nay.")] = "",
    format: Annotated[str, typer.Option(help="json, table, xlsx hoặc docx.")] = "table",
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Tệp kết quả.")] = None,
) -> None:
    """Kế hoạch đang ở đâu: mục tiêu, số liệu theo nguồn, còn thiếu, trạng thái."""
    from hatangso.web.serve import workspace_ready

    day = parse_day(as_of) if as_of else None
    workspace_ready()
    from hatangso.web.plans import output as plan_output

    content = plan_output.standing_file(plan, day, format)
    emit(content, output)


def take_workspace(arguments: list[str]) -> list[str]:
    """``--workspace DIR`` may stand anywhere, for every command alike; it becomes the environment's."""
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            return [*rest, word, *words]
        if word == "--workspace" or word.startswith("--workspace="):
            value = word.partition("=")[2] if "=" in word else next(words, "")
            if not value:
                raise UserError(
                    "input.workspace",
                    "--workspace cần tên một thư mục.",
                    "--workspace needs a folder.",
                    "Ví dụ: --workspace tinh-toi.",
                    "For example: --workspace my-province.",
                )
            os.environ["HATANGSO_WORKSPACE"] = value
        else:
            rest.append(word)
    return rest


ROOMS = {
    "facts": ("hatangso.web.commands.facts", "Số liệu: nạp từ tệp CSV, XLSX, Parquet."),
    "indicators": ("hatangso.web.commands.indicators", "Chỉ tiêu: tính và giải thích."),
    "criteria": ("hatangso.web.commands.criteria", "Bộ tiêu chí: chấm điểm, thử, nhập phụ lục."),
    "plans": ("hatangso.plans.commands", "Đọc, so sánh, đánh giá văn bản kế hoạch."),
    "coverage": ("hatangso.coverage.commands", "Dự báo vùng phủ sóng, mặt cắt, suy hao."),
    "territory": ("hatangso.territory.commands", "Đơn vị hành chính qua các thời kỳ."),
    "registry": (
        "hatangso.web.registry.commands",
        "Cơ sở dữ liệu hạ tầng: nhập, xuất, dùng chung, đào một lần.",
    ),
}


def mount(words: list[str]) -> None:
    """Commands of the rooms; only the room that is asked for is imported, so that each command starts fast."""
    wanted = next((w for w in words if not w.startswith("-")), "")
    for name, (module, help_text) in ROOMS.items():
        group = importlib.import_module(module).app if name == wanted else typer.Typer()
        if name != wanted:
            group.callback()(lambda: None)
        app.add_typer(group, name=name, help=help_text)


def main() -> None:
    """Entry point of the ``hatangso`` command."""
    language = "en" if os.environ.get("HATANGSO_LANG") == "en" else "vi"
    try:
        words = take_workspace(sys.argv[1:])
        mount(words)
        app(words, prog_name="hatangso")
    except UserError as error:
        print(error.text(language), file=sys.stderr)
        sys.exit(error.exit_status)
    except BrokenPipeError:  # the reader of our output has gone; nothing is wrong with the job
        sys.stderr.close()
        sys.exit(0)
    except KeyboardInterrupt:
        print("Đã dừng." if language == "vi" else "Stopped.", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
