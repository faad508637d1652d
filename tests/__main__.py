"""Everything that must hold, in one command: ``python -m tests``. Words after it go to one pytest instead of the two lanes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

from tests.browser_setup import NoBrowserError, find_or_get_browser, find_or_get_shell

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

CHECKS: tuple[tuple[str, list[str]], ...] = (
    ("ruff check", [str(BIN / "ruff"), "check", "--quiet", "."]),
    ("ruff format", [str(BIN / "ruff"), "format", "--quiet", "--check", "."]),
    ("import-linter", [str(BIN / "lint-imports"), "--no-cache"]),
    ("oxlint", [str(BIN / "oxlint"), "--deny-warnings", "assets/js"]),
)
MYPY = [sys.executable, "-m", "mypy"]
BY_FILE = ["-n", "2", "--dist", "loadfile"]
"""Two processes, for tests wait as much as they work; a file stays in one of them, which holds one engine and one program."""
NO_OPENAPI = ["-p", "no:schemathesis"]
"""It takes a second to import, in each process, and only the tests of the HTTP API use it."""
BROWSER = ["tests/browser", *BY_FILE, *NO_OPENAPI, "--reruns", "1", "-r", "R"]
KILLS = ["tests/chaos", *BY_FILE, *NO_OPENAPI]
OTHERS = ["tests/unit", "tests/integration", *BY_FILE]


def main(arguments: list[str]) -> int:
    """Lint and layers, then types and all tests; the exit code is that of the first thing that failed."""
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
    code = _one_after_the_other(MYPY, _pytest(arguments)) if arguments else _two_lanes()
    print(f"types and tests: {'ok' if code == 0 else 'FAILED'} ({time.monotonic() - began:.0f} s)", flush=True)
    return code


def _pytest(arguments: list[str]) -> list[str]:
    return [sys.executable, "-m", "pytest", *arguments]


def _one_after_the_other(*commands: list[str], said: IO[str] | None = None) -> int:
    """The exit code of the first that failed; all are run."""
    around = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}  # thirty starts compile once
    codes = [subprocess.run(command, cwd=ROOT, env=around, stdout=said, stderr=said, check=False).returncode for command in commands]
    return next(filter(None, codes), 0)


def _two_lanes() -> int:
    """Types, the browser's tests, then the kills, beside all other tests; what the first lane says is printed after the second's."""
    with tempfile.TemporaryFile("w+") as said, ThreadPoolExecutor(1) as lane:
        first = lane.submit(_one_after_the_other, MYPY, _pytest(BROWSER), _pytest(KILLS), said=said)
        second = _one_after_the_other(_pytest(OTHERS))
        code = first.result()
        said.seek(0)
        print(said.read(), flush=True)
    return second or code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
