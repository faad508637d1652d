"""Finds a Chromium for the browser tests: an installed one, else the distribution's, else Playwright's own download."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
SHELL = "chromium-headless-shell"
"""Chromium without its windows, as Debian packs it: the same engine, a third less time for a test."""
PLACES = (
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
    Path("C:/Program Files/Google/Chrome/Application/chrome.exe"),
)
LAUNCH_ARGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync")
"""Chromium in a container has no sandbox; the rest keeps it from calling home."""
THIS_MACHINE_ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
"""No name leads to another machine, and no request has to be looked at for it."""

MINUTES = 60


class NoBrowserError(Exception):
    """No Chromium, and none could be had; the text says what to install."""


def find_browser() -> str | None:
    """Path of an installed Chromium or Chrome, or None."""
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    for place in (*PLACES, _playwright_path()):
        if place is not None and place.exists():
            return str(place)
    return None


def find_or_get_browser() -> str:
    """Path of a Chromium, fetched if there is none.

    Raises:
        NoBrowserError: Nothing found and nothing could be fetched.
    """
    found = find_browser()
    if found:
        return found
    if _root_on_debian():
        _try(["apt-get", "update"], 10 * MINUTES)
        _try(["apt-get", "install", "-y", "--no-install-recommends", "chromium", SHELL], 20 * MINUTES)
    if find_browser() is None:
        _try([sys.executable, "-m", "playwright", "install", "chromium"], 10 * MINUTES)
    found = find_browser()
    if found is None:
        raise NoBrowserError(
            "The browser tests need Chromium or Chrome, and none could be fetched here.\n"
            "Install one (Debian, Ubuntu: apt-get install chromium; macOS, Windows: Google Chrome) and start the tests again."
        )
    return found


def find_or_get_shell() -> str:
    """Path of what most tests run in: the headless shell where it is installed, else the same as ``find_or_get_browser``.

    Raises:
        NoBrowserError: Nothing found and nothing could be fetched.
    """
    return shutil.which(SHELL) or find_or_get_browser()


def _try(command: list[str], seconds: int) -> None:
    print("+", " ".join(command), flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        subprocess.run(command, check=False, timeout=seconds, env=quiet, stdout=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired) as why:
        print(f"  {why}", flush=True)


def _root_on_debian() -> bool:
    geteuid = getattr(os, "geteuid", None)
    return geteuid is not None and geteuid() == 0 and shutil.which("apt-get") is not None


def _playwright_path() -> Path | None:
    probe = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=False, timeout=MINUTES)
    return Path(done.stdout.strip()) if done.returncode == 0 and done.stdout.strip() else None
