"""Where one installation keeps its things: the workspace folder, its records and its secret."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

DEMO_MARK = "demonstration"  # file in a workspace that holds made-up facts


def workspace_dir() -> Path:
    """The workspace folder: ``HATANGSO_WORKSPACE`` or ``workspace`` in the current folder (made when missing)."""
    path = Path(os.environ.get("HATANGSO_WORKSPACE") or "workspace").absolute()
    path.mkdir(parents=True, exist_ok=True)
    return path


def secret_key(workspace: Path) -> str:
    """The installation's own secret; made once, readable by its owner alone."""
    if key := os.environ.get("HATANGSO_SECRET_KEY"):
        return key
    file = workspace / "secret-key"
    if not file.exists():
        part = file.with_name(f"secret-key.{os.getpid()}")
        part.touch(mode=0o600)
        part.write_text(secrets.token_urlsafe(50), "utf-8")
        if file.exists():  # another process was faster
            part.unlink()
        else:
            part.replace(file)
    return file.read_text("utf-8").strip()


def database_settings(workspace: Path) -> dict[str, Any]:
    """SQLite in the workspace (WAL, immediate transactions, foreign keys), or PostgreSQL by ``DATABASE_URL``."""
    if url := os.environ.get("DATABASE_URL"):
        parts = urlsplit(url)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": parts.port or "",
            "CONN_MAX_AGE": 60,
        }
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": workspace / "hatangso.sqlite3",
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;"
                "PRAGMA mmap_size=134217728;PRAGMA cache_size=-20000;"
            ),
        },
    }
