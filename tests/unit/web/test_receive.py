from __future__ import annotations

import asyncio
import errno
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest
from starlette.requests import Request

from components.errors import DiskFull, FileTooBig, StudioError, UploadCut, UploadStalled
from components.web.receive import announced, file_name, receive

if TYPE_CHECKING:
    from starlette.types import Message


def sending(*pieces: bytes, then: str = "end", length: str | None = None) -> Request:
    """A body in pieces that then ends, is cut, or stops without a word."""
    waiting: list[Message] = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    if then == "end":
        waiting.append({"type": "http.request", "body": b"", "more_body": False})
    if then == "cut":
        waiting.append({"type": "http.disconnect"})

    async def receive() -> Message:
        if not waiting:
            await asyncio.Event().wait()
        return waiting.pop(0)

    headers = [] if length is None else [(b"content-length", length.encode())]
    return Request({"type": "http", "method": "POST", "headers": headers}, receive)


def left(folder: Path) -> list[Path]:
    """What lies in a folder."""
    return list(folder.iterdir())


async def test_a_body_becomes_a_file(tmp_path: Path) -> None:
    to = tmp_path / "x.part"
    assert await receive(sending(b"ab", b"", b"c"), to, kind="image", limit=3) == 3
    assert to.read_bytes() == b"abc"


async def test_a_large_body_is_written_piece_by_piece_and_whole(tmp_path: Path) -> None:
    to = tmp_path / "x.part"
    piece = bytes(range(256)) * 1024
    assert await receive(sending(*[piece] * 13), to, kind="image", limit=10_000_000) == 13 * len(piece)
    assert to.read_bytes() == piece * 13


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (sending(b"abcd", b"e"), FileTooBig),
        (sending(b"ab", then="cut"), UploadCut),
        (sending(b"ab", then="silence"), UploadStalled),
    ],
)
async def test_whatever_goes_wrong_nothing_is_left(tmp_path: Path, request_: Request, error: type[StudioError]) -> None:
    with pytest.raises(error):
        await receive(request_, tmp_path / "x.part", kind="image", limit=4, stall_s=0.02)
    assert left(tmp_path) == []


async def test_a_full_disk_is_said_so_and_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really = Path.open

    def full(self: Path, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - as Path.open
        file = really(self, *args, **options)

        class Full:
            def __enter__(self) -> Self:
                return self

            def __exit__(self, *_: object) -> None:
                file.close()

            def write(self, _: bytes) -> int:
                raise OSError(errno.ENOSPC, "No space left on device")

        return Full()

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(DiskFull):
        await receive(sending(b"ab"), tmp_path / "x.part", kind="image", limit=4)
    assert left(tmp_path) == []


@pytest.mark.parametrize(("length", "known"), [("5", 5), (None, None), ("-5", None), ("٥", None)])
def test_a_length_is_believed_where_it_is_one(length: str | None, known: int | None) -> None:
    assert announced(sending(length=length)) == known


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("%E7%85%A7%E7%89%87.jpg", "照片.jpg"),
        ("a%20b.mp3", "a b.mp3"),
        ("../../etc/passwd", "passwd"),
        ("C%3A%5Cfilms%5Cx.jpg", "x.jpg"),
        ("x%00%0A%1B.jpg", "x.jpg"),
        ("%FF.jpg", "\ufffd.jpg"),
        ("", ""),
        (None, ""),
        ("a" * 500, "a" * 200),
    ],
)
def test_a_name_is_only_a_name(header: str | None, name: str) -> None:
    assert file_name(header) == name
