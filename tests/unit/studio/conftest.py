from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.studio.files_bench import FilesBench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[FilesBench]:
    """Uploads, films and what keeps them, without the engine."""
    made = FilesBench(tmp_path)
    yield made
    made.close()


@pytest.fixture
def visitor(bench: FilesBench) -> str:
    """Somebody there."""
    return bench.visitor()
