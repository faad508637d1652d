"""Everything that must hold, in one command: ``python -m tests``. Words after it go to one pytest instead of the two halves."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.browser_setup import NoBrowserError, find_or_get_browser, find_or_get_shell

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

CHECKS: tuple[tuple[str, list[str]], ...] = (
    ("ruff check", [str(BIN / "ruff"), "check", "--quiet", "."]),
    ("ruff format", [str(BIN / "ruff"), "format", "--quiet", "--check", "."]),
    ("import-linter", [str(BIN / "lint-imports"), "--no-cache"]),
    ("oxlint", [str(BIN / "oxlint"), "--deny-warnings", "assets/js"]),
    ("mypy", [sys.executable, "-m", "mypy"]),
)
BY_FILE = ["--dist", "loadfile"]
"""A file stays in one process, which holds one engine and one program."""
IN_THE_PAGE = ["tests/browser", "-n", "2", *BY_FILE, "--reruns", "1", "-r", "R"]
BESIDE_THE_PAGE = ["tests/unit", "tests/integration", "tests/chaos", "-n", "2", *BY_FILE]
"""Two processes each: both halves wait as much as they work."""


def main(arguments: list[str]) -> int:
    """Lint, types, layers, then all tests; the exit code is that of the first thing that failed."""
    try:
        browser = find_or_get_browser()
    except NoBrowserError as why:
        print(why)
        return 1
    print(f"browser: {browser}, {find_or_get_shell()}", flush=True)
    for name, command in CHECKS:
        began = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, check=False)
        print(f"{name}: {'ok' if done.returncode == 0 else 'FAILED'} ({time.monotonic() - began:.0f} s)", flush=True)
        if done.returncode:
            return done.returncode
    began = time.monotonic()
    code = subprocess.run(_pytest(arguments), cwd=ROOT, check=False).returncode if arguments else _both_halves()
    print(f"tests: {'ok' if code == 0 else 'FAILED'} ({time.monotonic() - began:.0f} s)", flush=True)
    return code


def _pytest(arguments: list[str]) -> list[str]:
    return [sys.executable, "-m", "pytest", *arguments]


def _both_halves() -> int:
    """The browser's tests beside the others, in four processes; what the first half says is printed after the second's."""
    with tempfile.TemporaryFile("w+") as said, subprocess.Popen(_pytest(IN_THE_PAGE), cwd=ROOT, stdout=said, stderr=said) as page:
        beside = subprocess.run(_pytest(BESIDE_THE_PAGE), cwd=ROOT, check=False).returncode
        in_page = page.wait()
        said.seek(0)
        print(said.read(), flush=True)
    return beside or in_page


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
