"""Starting Django outside a web server, and serving the pages on this machine alone."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from pkgutil import iter_modules

from hatangso.errors import UserError
from hatangso.web.workspace import workspace_dir


def workspace_ready() -> Path:
    """Set up Django for the workspace of the environment and bring its records up to date; returns the folder."""
    try:
        folder = workspace_dir()
    except OSError as error:
        raise UserError(
            "input.workspace",
            f"Không dùng được thư mục làm việc: {error.strerror} ({error.filename}).",
            f"The workspace can't be used: {error.strerror} ({error.filename}).",
            "Hãy chọn thư mục khác bằng --workspace.",
            "Choose another one with --workspace.",
        ) from error
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hatangso.web.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    if not _up_to_date():
        call_command("migrate", verbosity=0, interactive=False)
    connection.close()
    return folder


def _up_to_date() -> bool:
    """Whether every migration on disk is recorded as done: by name, without loading and ordering them all."""
    from django.apps import apps
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    on_disk = {
        (app.label, module.name)
        for app in apps.get_app_configs()
        for module in iter_modules([str(Path(app.path) / "migrations")])
        if module.name[0] not in "_~"
    }
    return on_disk <= set(MigrationRecorder(connection).applied_migrations())


def serve_pages(port: int, say: Callable[[str], None]) -> None:
    """Serve the workspace at 127.0.0.1 until stopped with Ctrl+C."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise UserError(
                "serve.port",
                f"Cổng {port} đang có chương trình khác dùng.",
                f"Port {port} is in use.",
                f"Hãy chọn cổng khác, ví dụ --port {port + 1}.",
                f"Choose another one, e.g. --port {port + 1}.",
            ) from error
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    say(f"Mở trình duyệt tại http://127.0.0.1:{port} (Ctrl+C để dừng).")
    Granian(
        "hatangso.web.wsgi:application",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=4,
        log_level=LogLevels.warning,
    ).serve()
