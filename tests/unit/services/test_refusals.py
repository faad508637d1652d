from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from components.errors import Charged, Doubtful, KeyRefused, StudioError, UnclearAnswer
from tests.unit.services.bench import KEY, NAMES, OtherSide, account, handed, order

if TYPE_CHECKING:
    from pathlib import Path

Row = tuple[str, int, Any, str, str | None, bool]


def evolink(code: str | int, words: str = "…", **more: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": words, "type": "x", **more}}


def aimlapi(words: object) -> dict[str, Any]:
    return {
        "message": words,
        "path": "/v2/video/generations",
        "requestId": "7d0c",
        "statusCode": "400",
        "timestamp": "2026-09-21T12:00:00.000Z",
    }


def apimart(code: str | int, words: str = "…") -> dict[str, Any]:
    return {"error": {"code": code, "message": words, "type": "invalid_request_error"}}


def dashscope(code: str, words: str = "…") -> dict[str, Any]:
    return {"code": code, "message": words, "request_id": "5b1f"}


REFUSED: list[Row] = [
    ("evolink", 400, evolink("invalid_request", "Invalid request parameters"), "input_refused", None, False),
    ("evolink", 400, evolink("invalid_request", "bad", param="image_urls"), "input_refused", "image", False),
    ("evolink", 400, evolink("content_policy_violation", "The prompt is not allowed"), "content_refused", "prompt", False),
    ("evolink", 401, evolink("unauthorized", "Invalid or expired token"), "key_refused", "key", False),
    ("evolink", 401, evolink(401), "key_refused", "key", False),
    ("evolink", 402, evolink("insufficient_quota"), "no_money", "money", False),
    ("evolink", 402, evolink("quota_exceeded"), "no_money", "money", False),
    ("evolink", 402, "", "no_money", "money", False),
    *(
        ("evolink", 403, evolink(code), "no_money", "money", False)
        for code in ("insufficient_user_quota", "quota_not_enough", "key_quota_exhausted")
    ),
    *(("evolink", 403, evolink(code), "key_refused", "key", False) for code in ("key_disabled", "key_expired")),
    *(
        ("evolink", 403, evolink(code), "no_access", "key", False)
        for code in ("model_access_denied", "permission_denied", "key_model_not_allowed", "ip_restricted", "brand_new")
    ),
    ("evolink", 404, evolink("not_found"), "no_access", "key", False),
    ("evolink", 413, "<html>too large</html>", "input_refused", "image", False),
    ("evolink", 415, evolink(415), "input_refused", "image", False),
    ("evolink", 429, evolink("rate_limit_exceeded"), "rate_limited", None, True),
    ("evolink", 429, "<html>slow down</html>", "rate_limited", None, True),
    ("aimlapi", 400, aimlapi("Body validation error!"), "input_refused", None, False),
    ("aimlapi", 400, aimlapi("duration: Expected 5, 10 or 15, received 7"), "input_refused", "duration", False),
    ("aimlapi", 400, aimlapi(["image_url must be a URL"]), "input_refused", "image", False),
    ("aimlapi", 400, aimlapi({"loc": ["x"], "msg": "seed too large"}), "input_refused", "seed", False),
    ("aimlapi", 400, "bad", "input_refused", None, False),
    ("aimlapi", 401, aimlapi("Unauthorized"), "key_refused", "key", False),
    ("aimlapi", 403, aimlapi("You have run out of credits. Please top up."), "no_money", "money", False),
    ("aimlapi", 403, aimlapi("No access to this model"), "no_access", "key", False),
    ("aimlapi", 404, aimlapi("Cannot POST"), "no_access", "key", False),
    ("aimlapi", 429, aimlapi("Too many requests"), "rate_limited", None, True),
    ("aimlapi", 429, aimlapi("Free tier exhausted, upgrade your plan"), "no_money", "money", False),
    ("apimart", 400, apimart("invalid_request_error"), "input_refused", None, False),
    ("apimart", 400, apimart("invalid_duration"), "input_refused", "duration", False),
    ("apimart", 400, apimart("invalid_resolution"), "input_refused", "quality", False),
    ("apimart", 400, apimart("unsupported_image_count"), "input_refused", "image", False),
    ("apimart", 400, {"code": 400, "message": "negative_prompt too long"}, "input_refused", "negative_prompt", False),
    ("apimart", 401, apimart(401), "key_refused", "key", False),
    ("apimart", 402, apimart("payment_required"), "no_money", "money", False),
    ("apimart", 403, {"error": "forbidden"}, "no_access", "key", False),
    ("apimart", 404, "", "no_access", "key", False),
    ("apimart", 413, apimart(413), "input_refused", "image", False),
    ("apimart", 429, apimart("rate_limit_error"), "rate_limited", None, True),
    ("dashscope", 400, dashscope("InvalidParameter", "resolution"), "input_refused", "quality", False),
    *(
        ("dashscope", 400, dashscope(c), "media_unreachable", None, False)
        for c in ("InvalidParameter.DataInspection", "InvalidURL.Timeout", "InvalidURL.ConnectionRefused")
    ),
    ("dashscope", 400, dashscope("InvalidURL", "audio_url too long"), "input_refused", "audio", False),
    *(
        ("dashscope", 400, dashscope(c), "input_refused", "image", False)
        for c in ("InvalidImageResolution", "InvalidImageFormat", "InvalidImage.FileFormat")
    ),
    ("dashscope", 400, dashscope("InvalidFile.Size"), "input_refused", None, False),
    ("dashscope", 400, dashscope("DataInspectionFailed"), "content_refused", None, False),
    ("dashscope", 400, dashscope("IPInfringementSuspect", "the prompt"), "content_refused", "prompt", False),
    ("dashscope", 400, dashscope("Arrearage"), "no_money", "money", False),
    *(
        ("dashscope", 400, dashscope(f"BadRequest.{c}"), "input_refused", None, False)
        for c in ("EmptyInput", "EmptyModel", "EmptyParameters", "IllegalInput", "TooLarge")
    ),
    ("dashscope", 401, dashscope("InvalidApiKey"), "key_refused", "key", False),
    *(
        ("dashscope", 403, dashscope(c), "no_access", "key", False)
        for c in ("AccessDenied", "AccessDenied.Unpurchased", "Model.AccessDenied", "Workspace.AccessDenied")
    ),
    ("dashscope", 403, dashscope("AllocationQuota.FreeTierOnly"), "no_money", "money", False),
    ("dashscope", 404, dashscope("ModelNotFound"), "no_access", "key", False),
    *(("dashscope", 429, dashscope(c), "rate_limited", None, True) for c in ("Throttling", "Throttling.RateQuota", "Throttling.BurstRate")),
    *(
        ("dashscope", 429, dashscope(c), "no_money", "money", False)
        for c in ("Throttling.AllocationQuota", "PrepaidBillOverdue", "PostpaidBillOverdue", "CommodityNotPurchased")
    ),
]
"""service, status, body -> code, field, whether the same order may be sent again; none of them is charged."""


def answer(status: int, body: object) -> httpx.Response:
    return httpx.Response(status, text=body) if isinstance(body, str) else httpx.Response(status, json=body)


async def refusal(name: str, side: OtherSide, folder: Path) -> StudioError:
    with pytest.raises(StudioError) as refused:
        await account(name, side).create(order(folder), handed(name))
    return refused.value


@pytest.mark.parametrize(("name", "status", "body", "code", "field", "again"), REFUSED)
async def test_every_refusal_of_an_order_has_a_code_and_a_field_and_was_not_charged(
    *, name: str, status: int, body: object, code: str, field: str | None, again: bool, tmp_path: Path
) -> None:
    side = OtherSide(answer(status, body))
    error = await refusal(name, side, tmp_path)
    assert (error.text_code, error.field, error.retryable, error.charged) == (code, field, again, Charged.NO)
    assert error.params["service"] == account(name, side).name
    assert len(side.asked) == 1


INSIDE: list[Row] = [
    ("evolink", 200, evolink("insufficient_quota"), "no_money", "money", False),
    ("evolink", 200, evolink(401), "key_refused", "key", False),
    ("apimart", 200, {"code": 400, "message": "image_urls missing"}, "input_refused", "image", False),
    ("apimart", 200, {"code": "402", "message": "pay"}, "no_money", "money", False),
    ("apimart", 200, {"error": {"code": 429, "message": "slow"}}, "rate_limited", None, True),
    ("dashscope", 200, dashscope("DataInspectionFailed"), "content_refused", None, False),
]


@pytest.mark.parametrize(("name", "status", "body", "code", "field", "again"), INSIDE)
async def test_a_refusal_inside_a_2xx_is_a_refusal(
    *, name: str, status: int, body: object, code: str, field: str | None, again: bool, tmp_path: Path
) -> None:
    error = await refusal(name, OtherSide(answer(status, body)), tmp_path)
    assert (error.text_code, error.field, error.retryable, error.charged) == (code, field, again, Charged.NO)


DOUBTS: list[Any] = [
    httpx.Response(500, json=evolink("internal_error")),
    httpx.Response(502, text="<html>Bad gateway</html>"),
    httpx.Response(503),
    httpx.Response(504, json={"message": "took too long"}),
    httpx.Response(200),
    httpx.Response(200, text="<html>ok</html>"),
    httpx.Response(200, json=[]),
    httpx.Response(200, json="created"),
    httpx.Response(200, json={"code": 200, "data": []}),
    httpx.Response(200, json={"id": None, "status": "pending", "output": {"task_status": "PENDING"}}),
    httpx.Response(200, json={"error": {"code": "internal_error", "message": "x"}}),
    httpx.Response(200, json={"code": 500, "message": "x"}),
    httpx.Response(302, headers={"location": "https://elsewhere.example.org/"}),
    httpx.Response(408),
    httpx.Response(409, json=evolink("idempotency_conflict")),
    httpx.ReadTimeout("slow"),
    httpx.WriteError("reset"),
    httpx.ReadError("reset"),
    httpx.RemoteProtocolError("gone"),
]


@pytest.mark.parametrize("doubt", DOUBTS, ids=repr)
@pytest.mark.parametrize("name", NAMES)
async def test_an_order_whose_outcome_is_unknown_is_in_doubt_and_never_sent_again(name: str, doubt: object, tmp_path: Path) -> None:
    side = OtherSide(doubt)
    error = await refusal(name, side, tmp_path)
    assert isinstance(error, Doubtful)
    assert (error.charged, error.retryable) == (Charged.MAYBE, False)
    assert error.params["service"] == account(name, side).name
    assert len(side.asked) == 1


@pytest.mark.parametrize(
    "never", [httpx.ConnectError("no"), httpx.ConnectTimeout("no"), httpx.PoolTimeout("no"), httpx.ProxyError("no")], ids=repr
)
@pytest.mark.parametrize("name", NAMES)
async def test_an_order_that_never_left_may_be_sent_again(name: str, never: Exception, tmp_path: Path) -> None:
    error = await refusal(name, OtherSide(never), tmp_path)
    assert (error.text_code, error.retryable, error.charged) == ("service_unreachable", True, Charged.NO)


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("120", 120.0),
        ("121", 121.0),
        ("inf", None),
        ("-1", None),
        ("soon", None),
        ("", None),
        ("nan", None),
        ("Mon, 21 Sep 2026 14:14:20 GMT", 30.0),
        ("Mon, 21 Sep 2026 16:13:50 GMT", 7200.0),
    ],
)
@pytest.mark.parametrize("name", NAMES)
async def test_a_wish_to_wait_is_taken_as_told(name: str, header: str, wait: float | None, tmp_path: Path) -> None:
    error = await refusal(name, OtherSide(httpx.Response(429, headers={"retry-after": header})), tmp_path)
    assert error.retry_after == wait


READS: list[Row] = [
    ("evolink", 401, evolink("unauthorized"), "key_refused", "key", False),
    ("evolink", 402, evolink("quota_exceeded"), "no_money", "money", False),
    ("evolink", 403, evolink("permission_denied"), "no_access", "key", False),
    ("evolink", 429, evolink("rate_limit_exceeded"), "rate_limited", None, True),
    ("evolink", 500, evolink("internal_error"), "service_down", None, True),
    ("aimlapi", 502, "<html>", "service_down", None, True),
    ("aimlapi", 403, aimlapi("no credits"), "no_money", "money", False),
    ("apimart", 503, "", "service_down", None, True),
    ("apimart", 200, {"code": 401, "message": "x"}, "key_refused", "key", False),
    ("dashscope", 429, dashscope("Throttling.RateQuota"), "rate_limited", None, True),
    ("dashscope", 400, dashscope("Arrearage"), "no_money", "money", False),
    ("dashscope", 500, dashscope("InternalError.Timeout"), "service_down", None, True),
]


@pytest.mark.parametrize(("name", "status", "body", "code", "field", "again"), READS)
async def test_every_refusal_of_a_look_has_a_code(
    *, name: str, status: int, body: object, code: str, field: str | None, again: bool
) -> None:
    with pytest.raises(StudioError) as refused:
        await account(name, OtherSide(answer(status, body))).read("task-unified-1")
    assert (refused.value.text_code, refused.value.field, refused.value.retryable) == (code, field, again)


@pytest.mark.parametrize("name", NAMES)
async def test_a_look_is_repeated_over_passing_trouble(name: str) -> None:
    good = {"status": "processing", "data": {"status": "processing"}, "output": {"task_status": "RUNNING"}}
    side = OtherSide(httpx.ConnectError("no"), httpx.Response(503), good)
    await account(name, side).read("task-unified-1")
    assert len(side.asked) == 3


@pytest.mark.parametrize("name", NAMES)
async def test_no_key_is_ever_in_an_error(name: str, tmp_path: Path) -> None:
    links = "https://x.example.org/p?Signature=abc https://x.example.org/hook/SECRET"
    said = f"Incorrect key {KEY}; see {links} data:image/png;base64,AAAA {'z' * 500}"
    error = await refusal(name, OtherSide(httpx.Response(401, json={"error": {"code": KEY, "message": said}})), tmp_path)
    shown = f"{error!r} {error} {error.params}"
    assert KEY not in shown
    assert "Signature" not in shown
    assert "SECRET" not in shown
    assert "AAAA" not in shown
    assert len(str(error.params["said"])) <= 200


@pytest.mark.parametrize("key", ["", None, "with space", "line\nend", "schlüssel"])
@pytest.mark.parametrize("name", NAMES)
async def test_what_no_header_can_carry_is_no_key(name: str, key: str | None, tmp_path: Path) -> None:
    side = OtherSide({})
    with pytest.raises(KeyRefused):
        await account(name, side, key=key).create(order(tmp_path), handed(name))
    assert side.asked == []


async def test_an_endless_answer_is_not_read_to_its_end() -> None:
    side = OtherSide(httpx.Response(200, content=b" " * (5 * 1024 * 1024)))
    with pytest.raises(StudioError) as broken:
        await account("evolink", side).read("task-unified-1")
    assert not isinstance(broken.value, UnclearAnswer)
    assert broken.value.retryable


async def test_what_a_service_sets_for_one_key_is_never_sent_with_another() -> None:
    side = OtherSide(httpx.Response(200, json={"status": "processing"}, headers={"set-cookie": "session=one; Path=/"}))
    seller = account("evolink", side)
    await seller.read("task-unified-1")
    await seller.read("task-unified-1")
    assert "cookie" not in side.last.headers


async def test_a_refusal_that_speaks_of_a_failure_inside_leaves_the_order_in_doubt(tmp_path: Path) -> None:
    error = await refusal("dashscope", OtherSide(httpx.Response(400, json=dashscope("SystemError"))), tmp_path)
    assert isinstance(error, Doubtful)
