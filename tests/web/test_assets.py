"""Front-end files: every icon that a template names exists, locks name no host, everything is served from here."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import pytest

from hatangso.web.plans.presenters import STATUS_ICON

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "src" / "hatangso" / "web"


@pytest.fixture(scope="module")
def frontend() -> ModuleType:
    spec = importlib.util.spec_from_file_location("frontend", ROOT / "scripts" / "frontend.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_icon_in_use_is_in_the_sprite(frontend: ModuleType) -> None:
    used = set(STATUS_ICON.values())
    for template in (WEB / "templates").rglob("*.html"):
        used |= set(re.findall(r'{% icon "([^"]+)" %}', template.read_text("utf-8")))
    from hatangso.web.context import RAIL

    used |= {entry[3] for entry in RAIL}
    assert used <= set(frontend.ICONS)


def test_the_lock_names_exact_versions_and_no_registry() -> None:
    package = json.loads((ROOT / "package.json").read_text("utf-8"))
    for name, version in {**package["dependencies"], **package["devDependencies"]}.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), name
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    for name, entry in lock["packages"].items():
        assert "resolved" not in entry, name
        assert not name or "integrity" in entry, name


def test_own_scripts_and_styles_name_no_other_host() -> None:
    for file in (WEB / "static" / "hatangso").iterdir():
        hosts = set(re.findall(r"https?://[^\s\"')]+", file.read_text("utf-8")))
        assert hosts <= {"http://www.w3.org/2000/svg"}, file.name
