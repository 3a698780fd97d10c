"""A real browser against a real server with the demonstration; skipped with one line where there is no browser.

Every request of every page is watched: one that would leave 127.0.0.1, or an error in the console, fails the test.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "src" / "hatangso" / "web" / "static" / "vendor"
ARTIFACTS = ROOT / "artifacts"
DESKTOP = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-default-apps", "--disable-sync", "--no-first-run", "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]  # fmt: skip
USER, PASSWORD = "chuyenvien", "trinh-dien-2026"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder drive a browser."""
    for item in items:
        if Path(str(item.fspath)).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="package")
def chromium() -> str:
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no browser on this machine: install Debian's package chromium to run the browser tests")
    if not (VENDOR / ".stamp").exists():
        pytest.skip("the front-end assets are not built: run make setup to run the browser tests")
    return found


@pytest.fixture(scope="package")
def server(chromium: str, built_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of ``hatangso demo`` in a workspace of its own: a copy of the demonstration."""
    folder = shutil.copytree(built_demo, tmp_path_factory.mktemp("browser") / "workspace")
    port = free_port()
    env = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")}
    env["PYTHONPATH"] = str(ROOT / "src")
    log = (folder / "log.txt").open("w+", encoding="utf-8")
    command = [sys.executable, "-m", "hatangso", "demo", "--workspace", str(folder), "--port", str(port)]
    process = subprocess.Popen(command, env=env, stdout=log, stderr=log, start_new_session=True, cwd=folder)
    address = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 180
        while True:
            try:
                urllib.request.urlopen(f"{address}/dang-nhap/", timeout=5).read()
                break
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                if process.poll() is not None or time.monotonic() > until:
                    log.seek(0)
                    pytest.fail(f"the demonstration did not start:\n{log.read()[-3000:]}")
                time.sleep(0.3)
        yield address
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)  # our own group alone: the server and its worker
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
        log.close()


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Any]:
    # Package scope on purpose: while it runs, an event loop runs too, and Django's store refuses to work beside one.
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def session(browser: Any, server: str) -> dict[str, Any]:
    """Cookies of a signed-in officer, so that only one test has to sign in by hand."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{server}/dang-nhap/")
    page.fill("#id_username", USER)
    page.fill("#id_password", PASSWORD)
    page.click("button:has-text('Đăng nhập')")
    page.wait_for_url(f"{server}/")
    state: dict[str, Any] = context.storage_state()
    context.close()
    return state


@pytest.fixture
def open_page(browser: Any, server: str, session: dict[str, Any]) -> Iterator[Callable[..., Any]]:
    """``open_page(address, size=DESKTOP, signed_in=True, **context options)`` → a watched page."""
    made: list[Any] = []
    outside: list[str] = []
    errors: list[str] = []

    def make(
        address: str = "/", size: dict[str, int] = DESKTOP, signed_in: bool = True, **options: Any
    ) -> Any:
        context = browser.new_context(
            viewport=size, storage_state=session if signed_in else None, has_touch=size is PHONE, locale="vi-VN",
            **options,
        )  # fmt: skip
        made.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on(
            "request",
            lambda r: None if r.url.startswith((server, "data:", "blob:")) else outside.append(r.url),
        )
        page.on("console", lambda m: errors.append(f"{page.url}: {m.text}") if m.type == "error" else None)
        page.on("pageerror", lambda e: errors.append(f"{page.url}: {e}"))
        page.goto(server + address)
        return page

    yield make
    for context in made:
        context.close()
    assert outside == [], "requests that leave this machine"
    assert errors == [], "errors in the console"


@pytest.fixture
def picture() -> Callable[[Any, str], None]:
    """Save what is on the screen for people to look at."""
    ARTIFACTS.mkdir(exist_ok=True)

    def save(page: Any, name: str) -> None:
        page.screenshot(path=str(ARTIFACTS / f"{name}.png"))

    return save
