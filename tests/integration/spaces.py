"""The surroundings of the program on a Hugging Face Space."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.doubles.tls_proxy import forwarded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOST = "me-film.hf.space"
THROUGH = {**forwarded(HOST), "Host": HOST}
"""What the proxy of a Space adds."""


@contextmanager
def surroundings(folder: Path) -> Iterator[dict[str, str]]:
    """The environment of a Space: nothing set by us, a home that cannot be written, server-side rendering asked for."""
    home = folder / "home"
    home.mkdir()
    home.chmod(stat.S_IRUSR | stat.S_IXUSR)
    (folder / "tmp").mkdir()
    try:
        yield {
            "SPACE_ID": "me/film",
            "SPACE_HOST": HOST,
            "SPACE_AUTHOR_NAME": "me",
            "SYSTEM": "spaces",
            "GRADIO_SSR_MODE": "true",
            "GRADIO_SERVER_NAME": "0.0.0.0",  # noqa: S104 - as a Space sets it
            "HOME": str(home if os.geteuid() else "/proc/nowhere"),  # root may write anywhere but there
            "TMPDIR": str(folder / "tmp"),
            "STUDIO_DATA_DIR": "",
        }
    finally:
        home.chmod(stat.S_IRWXU)
