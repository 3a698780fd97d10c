"""A private PostgreSQL cluster for the tests: in a folder of its own, on 127.0.0.1 alone, gone when they are over."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

OWNER = "hatangso"


def programs() -> Path | None:
    """The folder of PostgreSQL's programs, the newest where there are several; None where there are none."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3]), reverse=True
    )
    named = shutil.which("initdb")
    return found[0].parent if found else Path(named).parent if named else None


def lacking() -> str:
    """Why the tests can't run here; empty where they can."""
    if programs() is None:
        return "PostgreSQL is not installed: no initdb (Debian: apt-get install postgresql)"
    try:
        import psycopg  # noqa: F401
    except ImportError:
        return "psycopg is not installed (pip install 'hatangso[postgres]')"
    return ""


def _user() -> str | None:
    """PostgreSQL refuses to run as root: who runs it then."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def cluster() -> Iterator[str]:
    """Start a cluster; gives the address of its database ``postgres``."""
    where = programs()
    assert where is not None
    user = _user()
    folder = Path(tempfile.mkdtemp(prefix="hatangso-postgres-"))
    if user:
        shutil.chown(folder, user)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    data = folder / "data"

    def run(*words: str) -> None:
        subprocess.run(words, check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL)

    run(str(where / "initdb"), "-D", str(data), "-U", OWNER, "--auth=trust", "-E", "UTF8", "--no-sync")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -c fsync=off"
    run(
        str(where / "pg_ctl"),
        "-D",
        str(data),
        "-w",
        "-l",
        str(folder / "log"),
        "-o",
        options,
        "start",
    )
    try:
        yield f"postgresql://{OWNER}@127.0.0.1:{port}/postgres"
    finally:
        run(str(where / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def new_database(address: str, name: str) -> str:
    """An empty database beside the one of ``address``; gives its address."""
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return urlsplit(address)._replace(path=f"/{name}").geturl()
