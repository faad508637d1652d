from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from tests.integration.calls import error, upload
from tests.integration.server import API, Inside, until
from tests.media_factory import heic_head, jpeg, mp3, one_clear_pixel_png, png

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx


def raw_upload(here: Inside, *, announced: int, sent: bytes) -> socket.socket:
    """Begin an upload by hand and leave the connection open."""
    port = int(here.base.rpartition(":")[2])
    with here.visitor() as web:
        token = web.headers["authorization"]
    line = socket.create_connection(("127.0.0.1", port), timeout=20)
    head = (
        f"POST {API}/uploads?kind=image HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: {token}\r\nContent-Length: {announced}\r\n\r\n"
    )
    line.sendall(head.encode() + sent)
    return line


def everything(line: socket.socket) -> bytes:
    """One whole answer: its head, and as much body as it announces."""
    said = b""
    while b"\r\n\r\n" not in said:
        said += line.recv(65536)
    length = int(said.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    while len(said.partition(b"\r\n\r\n")[2]) < length:
        said += line.recv(65536)
    return said


def nothing_left(here: Inside) -> bool:
    """Whether ``work/`` is empty."""
    return not any(here.app.settings.work_dir.iterdir())


def test_a_picture_is_kept_under_its_name_in_any_script(somebody: httpx.Client) -> None:
    answer = somebody.post("uploads?kind=image", content=jpeg(640, 480), headers={"X-Filename": "%E7%85%A7%E7%89%87.jpg"})
    assert answer.status_code == 201
    told = answer.json()["upload"]
    assert told["name"] == "照片.jpg"
    assert (told["report"]["width"], told["report"]["height"]) == (640, 480)
    assert somebody.get(f"uploads/{told['id']}").json()["upload"] == told


@pytest.mark.parametrize("name", ["../../etc/passwd", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "C:\\boot.jpg", "x%00.jpg", "a%0Ab.jpg", "%FF%FE"])
def test_a_trick_in_the_name_stays_a_name(somebody: httpx.Client, name: str) -> None:
    answer = somebody.post("uploads?kind=image", content=jpeg(640, 480), headers={"X-Filename": name})
    assert answer.status_code == 201
    assert not set(answer.json()["upload"]["name"]) & set("/\\\0\n")


def test_what_a_mend_would_cure_is_offered_and_mended_from_the_original(somebody: httpx.Client) -> None:
    refused = somebody.post("uploads?kind=image", content=jpeg(2400, 1600))
    told = refused.json()
    assert error(refused) == (422, "image_too_large")
    assert told["fixes"] == [{"code": "shrink", "label": "Shrink to 2000 px", "params": {}}]
    mended = somebody.post(f"uploads/{told['upload']['id']}/fix", json={"fixes": told["fixes"]})
    assert mended.status_code == 422  # a label is not a parameter
    mended = somebody.post(f"uploads/{told['upload']['id']}/fix", json={"fixes": "auto"})
    assert mended.status_code == 201
    assert mended.json()["upload"]["report"]["width"] == 2000
    assert mended.json()["upload"]["original"]["width"] == 2400


def test_an_offered_mend_can_be_sent_back(somebody: httpx.Client) -> None:
    told = somebody.post("uploads?kind=image", content=one_clear_pixel_png()).json()
    (fix,) = told["fixes"]
    answer = somebody.post(f"uploads/{told['upload']['id']}/fix", json={"fixes": [{"code": fix["code"], **fix["params"]}]})
    assert answer.status_code == 201
    assert "flatten" in answer.json()["upload"]["applied"]


def test_a_long_sound_is_used_in_part(somebody: httpx.Client) -> None:
    told = somebody.post("uploads?kind=audio", content=mp3(31))
    assert error(told) == (422, "audio_too_long")
    answer = somebody.post(f"uploads/{told.json()['upload']['id']}/fix", json={"fixes": "auto"})
    assert answer.json()["upload"]["applied"] == ["part"]


def test_a_deleted_upload_is_gone(somebody: httpx.Client) -> None:
    picture = upload(somebody)
    assert somebody.delete(f"uploads/{picture}").status_code == 204
    assert error(somebody.get(f"uploads/{picture}")) == (404, "not_found")


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        ("image", b"", (422, "empty_file")),
        ("image", b"hello", (415, "unknown_file")),
        ("image", heic_head(), (415, "unknown_file")),
        ("image", jpeg(640, 480)[:-4000], (422, "file_damaged")),
        ("image", png(359, 500), (422, "image_too_small")),
        ("image", mp3(4), (415, "unknown_file")),
        ("audio", jpeg(640, 480), (415, "unknown_file")),
        ("audio", mp3(2), (422, "audio_too_short")),
        ("film", b"x", (422, "invalid_request")),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_words(somebody: httpx.Client, kind: str, data: bytes, expected: tuple[int, str]) -> None:
    answer = somebody.post("uploads", params={"kind": kind}, content=data)
    assert error(answer) == expected
    assert answer.json()["error"]["message"]
    assert answer.json()["error"]["hint"]


def test_more_than_is_looked_at_is_413_before_it_is_sent(here: Inside) -> None:
    with raw_upload(here, announced=40_000_001, sent=b"") as line:
        said = everything(line)
    assert said.startswith(b"HTTP/1.1 413")
    assert b"file_too_big" in said


def test_more_than_was_announced_by_nobody_is_413_as_soon_as_it_is_over(here: Inside) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(42):
            yield b"\xff" * 1_000_000

    with here.visitor() as web:
        assert error(web.post("uploads?kind=image", content=endless())) == (413, "file_too_big")
    until(lambda: nothing_left(here), "the work folder to be empty")


def test_an_upload_that_is_cut_leaves_nothing(here: Inside) -> None:
    line = raw_upload(here, announced=1_000_000, sent=jpeg(640, 480)[:3000])
    until(lambda: not nothing_left(here), "the upload to begin")
    line.close()
    until(lambda: nothing_left(here), "the work folder to be empty")


def test_an_upload_that_stops_coming_is_408_and_leaves_nothing(here: Inside) -> None:
    with raw_upload(here, announced=1_000_000, sent=b"\xff\xd8\xff") as line:
        said = everything(line)
    assert said.startswith(b"HTTP/1.1 408")
    assert b"upload_stalled" in said
    until(lambda: nothing_left(here), "the work folder to be empty")


def test_too_many_uploads_at_once_are_429_and_say_when(here: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.studio.gate.AT_ONCE", 0)
    with here.visitor() as web:
        refused = web.post("uploads?kind=image", content=jpeg(640, 480))
    assert error(refused) == (429, "too_many_uploads")
    assert int(refused.headers["retry-after"]) > 0


def test_an_upload_that_would_fill_the_disk_is_507(here: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.studio.disk.room", lambda _path: 1_000_000)
    with here.visitor() as web:
        assert error(web.post("uploads?kind=image", content=jpeg(640, 480))) == (507, "disk_full")
    assert nothing_left(here)
