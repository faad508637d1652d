from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

from tests import media_factory

if TYPE_CHECKING:
    from pathlib import Path

    from components.media.ffmpeg import Ffmpeg


class Keep(Protocol):
    def __call__(self, data: bytes, name: str = "upload") -> Path: ...


@pytest.fixture
def keep(tmp_path: Path) -> Keep:
    """Writes bytes into a file and says where."""

    def write(data: bytes, name: str = "upload") -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


@pytest.fixture(scope="session")
def ffmpeg() -> Ffmpeg:
    return media_factory.ffmpeg()
