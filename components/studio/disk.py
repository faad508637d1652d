"""Room on the disk: asked for before something big is begun, so that a full disk never cuts what is already there."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from components.errors import DiskFull

if TYPE_CHECKING:
    from pathlib import Path

RESERVE_BYTES = 128 * 1024 * 1024
"""Always left free: the database's own writes, and films that are being saved, must still fit."""


def room(path: Path) -> int:
    """Free bytes on the disk that holds ``path`` (which need not exist yet)."""
    existing = path
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    return shutil.disk_usage(existing).free


def require(path: Path, need: int, *, reserve: int = RESERVE_BYTES) -> None:
    """Do nothing if ``need`` bytes fit beside the reserve.

    Raises:
        DiskFull: They do not; nothing was written.
    """
    free = room(path)
    if free < need + reserve:
        raise DiskFull(free=free, need=need + reserve)
