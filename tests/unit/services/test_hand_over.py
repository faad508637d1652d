from __future__ import annotations

import base64
import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from PIL import Image

from components.errors import StudioError
from components.services.base import Handed
from tests.unit.services.bench import KEY, NOW, OtherSide, account, order

if TYPE_CHECKING:
    from pathlib import Path

UPLOADED = {
    "success": True,
    "code": 200,
    "msg": "ok",
    "data": {"file_id": "f_01", "file_url": "https://files.example.com/in/frame.png", "download_url": "https://files.example.com/d/f_01"},
}
FLAT = {"url": "https://up.example.com/f.png", "filename": "f.png", "content_type": "image/png", "bytes": 20480, "created_at": 1790000000}
PERMIT = {
    "request_id": "8e4c",
    "data": {
        "policy": "eyJ",
        "signature": "abc=",
        "upload_dir": "dashscope-instant/xx/2026-09-21/yy",
        "upload_host": "https://upload.example.com",
        "expire_in_seconds": 300,
        "max_file_size_mb": 100,
        "oss_access_key_id": "LTAIxxxx",
        "x_oss_object_acl": "private",
        "x_oss_forbid_overwrite": "true",
    },
}


def picture_in(body: bytes) -> Image.Image:
    """The file of a multipart body."""
    start = body.index(b"\r\n\r\n", body.index(b'name="file"')) + 4
    return Image.open(io.BytesIO(body[start:]))


async def test_evolink_takes_the_picture_as_a_stream_and_names_its_copy(tmp_path: Path) -> None:
    side = OtherSide(UPLOADED)
    given = await account("evolink", side).hand_over(order(tmp_path))
    assert given == Handed("https://files.example.com/in/frame.png", None, "f_01", NOW + 72 * 3600)
    assert str(side.last.url) == "https://files-api.evolink.ai/api/v1/files/upload/stream"
    assert side.last.headers["authorization"] == f"Bearer {KEY}"
    assert picture_in(side.last.content).format == "JPEG"
    assert b'filename="0123456789abcdef.jpg"' in side.last.content


@pytest.mark.parametrize("name", ["evolink", "aimlapi", "apimart"])
async def test_a_bmp_is_turned_into_a_png_where_the_service_takes_none(name: str, tmp_path: Path) -> None:
    side = OtherSide(FLAT if name == "apimart" else UPLOADED)
    given = await account(name, side).hand_over(order(tmp_path, form="BMP"))
    data = base64.b64decode(given.image.partition(",")[2]) if name == "aimlapi" else b""
    image = Image.open(io.BytesIO(data)) if data else picture_in(side.last.content)
    assert (image.format, image.size) == ("PNG", (640, 360))


async def test_aimlapi_gets_the_picture_with_the_order_and_nothing_before(tmp_path: Path) -> None:
    side = OtherSide({})
    given = await account("aimlapi", side).hand_over(order(tmp_path))
    assert given.image.startswith("data:image/jpeg;base64,/9j/")
    assert given.expires_at is None
    assert side.asked == []


async def test_apimart_takes_the_picture_by_its_upload(tmp_path: Path) -> None:
    side = OtherSide(FLAT)
    given = await account("apimart", side).hand_over(
        order(tmp_path, sound="own", audio="sound_01", audio_url="https://films.example.org/s.mp3")
    )
    assert given == Handed("https://up.example.com/f.png", "https://films.example.org/s.mp3", None, NOW + 72 * 3600)
    assert str(side.last.url) == "https://api.apimart.ai/v1/uploads/images"


async def test_dashscope_stores_picture_and_own_sound_with_a_permit_and_without_the_key(tmp_path: Path) -> None:
    side = OtherSide(PERMIT, httpx.Response(200), PERMIT, httpx.Response(200))
    given = await account("dashscope", side).hand_over(order(tmp_path, sound="own", audio="sound_01"))
    folder = "oss://dashscope-instant/xx/2026-09-21/yy"
    assert given.image.startswith(f"{folder}/")
    assert given.image.endswith(".jpg")
    assert (given.audio or "").endswith(".mp3")
    assert given.expires_at == NOW + 48 * 3600
    permit, store = side.asked[2:]
    assert dict(permit.url.params) == {"action": "getPolicy", "model": "wan2.6-i2v-flash"}
    assert "authorization" not in store.headers
    assert store.headers["host"] == "upload.example.com"
    fields = [part.partition(b'"')[0].decode() for part in store.content.split(b' name="')[1:]]
    assert fields[-1] == "file"
    assert set(fields[:-1]) == {
        "OSSAccessKeyId",
        "policy",
        "Signature",
        "key",
        "x-oss-object-acl",
        "x-oss-forbid-overwrite",
        "success_action_status",
    }


@pytest.mark.parametrize("name", ["evolink", "apimart"])
async def test_a_picture_that_is_there_already_is_not_sent_again(name: str, tmp_path: Path) -> None:
    side = OtherSide({})
    known = Handed("https://files.example.com/in/frame.png", None, "f_01", NOW + 100)
    asked = order(tmp_path, sound="own", audio="sound_01", audio_url="https://films.example.org/s.mp3")
    given = await account(name, side).hand_over(replace(asked, known=known))
    assert given == Handed(known.image, "https://films.example.org/s.mp3", "f_01", NOW + 100)
    assert side.asked == []


@pytest.mark.parametrize(
    ("name", "answers", "code", "field"),
    [
        ("evolink", [{"success": False, "code": 400, "msg": "unsupported"}], "input_refused", "image"),
        ("evolink", [httpx.Response(400, json={"success": False, "code": 400, "msg": "bad image"})], "input_refused", "image"),
        ("evolink", [{"success": False, "msg": "no"}], "input_refused", "image"),
        ("evolink", [httpx.Response(401, json={"success": False, "code": 401, "msg": "no"})], "key_refused", "key"),
        ("evolink", [httpx.Response(413, text="<html>")], "input_refused", "image"),
        ("evolink", [httpx.Response(415)], "input_refused", "image"),
        ("evolink", [httpx.Response(302)], "unclear_answer", None),
        ("evolink", [httpx.Response(429)], "rate_limited", None),
        ("evolink", [httpx.Response(502)], "service_down", None),
        ("evolink", [{"success": True, "data": None}], "unclear_answer", None),
        ("evolink", [httpx.Response(200, text="<html>")], "unclear_answer", None),
        ("evolink", [httpx.ReadTimeout("slow")], "service_unreachable", None),
        ("apimart", [httpx.Response(413, json={"error": {"code": 413, "message": "x"}})], "input_refused", "image"),
        ("apimart", [{"url": 5}], "unclear_answer", None),
        ("apimart", [{"code": 402, "message": "pay"}], "no_money", "money"),
        ("dashscope", [httpx.Response(401, json={"code": "InvalidApiKey", "message": "x"})], "key_refused", "key"),
        ("dashscope", [{"data": {"upload_host": 5}}], "unclear_answer", None),
        ("dashscope", [{"data": {**PERMIT["data"], "upload_host": "http://127.0.0.1:1/"}}], "unclear_answer", None),  # type: ignore[dict-item]
        ("dashscope", [PERMIT, httpx.Response(403, text="<Error><Code>AccessDenied</Code></Error>")], "service_down", None),
        ("dashscope", [PERMIT, httpx.Response(400, text="<Error><Code>EntityTooLarge</Code></Error>")], "input_refused", "image"),
        ("dashscope", [PERMIT, httpx.Response(429)], "rate_limited", None),
        ("dashscope", [PERMIT, httpx.WriteError("reset")], "service_unreachable", None),
    ],
)
async def test_every_refusal_of_a_file_has_a_code_and_costs_nothing(
    name: str, answers: list[Any], code: str, field: str | None, tmp_path: Path
) -> None:
    seller = account(name, OtherSide(*answers))
    with pytest.raises(StudioError) as refused:
        await seller.hand_over(order(tmp_path))
    assert (refused.value.text_code, refused.value.field, refused.value.charged) == (code, field, "no")
    assert refused.value.params["service"] == seller.name
