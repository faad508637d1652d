from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from components.errors import Charged, TaskGone, UnclearAnswer
from components.generation.job import Stage
from components.services.base import Cancelled, Cost, Failed, Finished, Working
from tests.unit.services.bench import KEY, NAMES, NOW, OtherSide, account, handed, order

if TYPE_CHECKING:
    from pathlib import Path

FILM = "https://files.example.com/out/a1b2c3d4.mp4"
SIGNED = "https://cdn.example.com/out/x.mp4?Expires=1790086400&Signature=abc"
EVOLINK: dict[str, Any] = {
    "created": 1790000000,
    "id": "task-unified-1790000000-a1b2c3d4",
    "model": "wan2.6-image-to-video-flash",
    "object": "video.generation.task",
    "progress": 0,
    "status": "pending",
    "task_info": {"can_cancel": True, "estimated_time": 120},
    "type": "video",
    "usage": {"billing_rule": "per_second", "credits_reserved": 11.9, "user_group": "default"},
}
AIML: dict[str, Any] = {
    "id": "Qm3xR-8sT1_vWz5kLpN7a",
    "status": "completed",
    "video": {"url": SIGNED},
    "meta": {"usage": {"credits_used": 700000}},
}
APIMART: dict[str, Any] = {
    "id": "task_01K5",
    "status": "completed",
    "progress": 100,
    "result": {"videos": [{"url": [FILM], "expires_at": 1790086400}]},
    "created": 1790000000,
    "completed": 1790000120,
    "estimated_time": 120,
    "actual_time": 118,
}
DASHSCOPE: dict[str, Any] = {
    "request_id": "6c2a",
    "output": {
        "task_id": "0d3c8c3e-1111-4222-8333-abcdefabcdef",
        "task_status": "SUCCEEDED",
        "submit_time": "2026-09-21 12:00:00.000",
        "orig_prompt": "A paper boat drifts off.",
        "video_url": "https://oss.example.com/x.mp4?Expires=1790086400",
    },
    "usage": {"duration": 5, "input_video_duration": 0, "output_video_duration": 5, "video_count": 1, "SR": "720", "audio": True},
}


async def read(name: str, answer: object) -> Any:  # noqa: ANN401 - each test knows which reading it is
    return await account(name, OtherSide(answer)).read("task-unified-1/…?x")


async def test_the_seed_documents_own_answers_to_a_create_are_read(tmp_path: Path) -> None:
    seed = {
        "created": 1757169743,
        "id": "task-unified-1757169743-7cvnl5zw",
        "model": "wan2.6-image-to-video-flash",
        "object": "video.generation.task",
        "progress": 0,
        "status": "pending",
        "task_info": {"can_cancel": True, "estimated_time": 120},
        "type": "video",
        "usage": {"billing_rule": "per_call", "credits_reserved": 5, "user_group": "default"},
    }
    made = await account("evolink", OtherSide(seed)).create(order(tmp_path), handed("evolink"))
    assert made.task_id == "task-unified-1757169743-7cvnl5zw"
    assert made.reserved == Cost(Decimal("0.0735"), Decimal(5), "credits")


async def test_the_seed_documents_own_answer_to_a_read_is_read() -> None:
    url = (
        "https://cdn.aimlapi.com/alpaca/1d/5b/20260206/c13c8fea/4630931-266f57d4-1593-44b7-91c2-fe988ae2194e.mp4"
        "?Expires=1770478775&OSSAccessKeyId=LTAI5t7xkDxYoFdeAc4nqUeU&Signature=3zDietzVmSPFUfced9w76bDo0Nc%3D"
    )
    film = await read("aimlapi", {"id": "ZHit78epXWA0ElX4Cz3nX", "status": "completed", "video": {"url": url}})
    assert film == Finished(url, None, None, 1770478775.0)


@pytest.mark.parametrize(
    ("name", "answer", "status", "task_id"),
    [
        ("aimlapi", {"id": "Qm3", "status": "queued", "meta": {"usage": {"credits_used": 700000, "usd_spent": 0.35}}}, 201, "Qm3"),
        ("aimlapi", {"generation_id": "a:b/c"}, 200, "a:b/c"),
        ("aimlapi", {"id": "Qm3", "status": "error", "error": {"name": "X", "message": "y"}}, 200, "Qm3"),
        ("apimart", {"code": 200, "data": [{"status": "submitted", "task_id": "task_01"}]}, 200, "task_01"),
        ("apimart", {"code": 200, "data": {"status": "submitted", "task_id": "task_01"}}, 202, "task_01"),
        ("dashscope", {"output": {"task_status": "PENDING", "task_id": "0d3c"}, "request_id": "5b1f"}, 200, "0d3c"),
        ("evolink", {"id": 17}, 200, "17"),
    ],
)
async def test_a_create_needs_nothing_but_an_id(name: str, answer: object, status: int, task_id: str, tmp_path: Path) -> None:
    side = OtherSide(httpx.Response(status, json=answer))
    assert (await account(name, side).create(order(tmp_path), handed(name))).task_id == task_id


@pytest.mark.parametrize(
    ("name", "answer", "stage", "progress"),
    [
        ("evolink", {"status": "pending", "progress": 0}, Stage.IN_LINE, 0),
        ("evolink", {"status": "processing", "progress": 40}, Stage.MAKING, 40),
        ("evolink", {"status": "processing", "progress": 400}, Stage.MAKING, 100),
        ("evolink", {"status": "dreaming", "progress": "soon"}, Stage.MAKING, None),
        ("aimlapi", {"id": "x", "status": "queued"}, Stage.IN_LINE, None),
        ("aimlapi", {"id": "x", "status": "generating", "video": None, "error": None, "meta": None}, Stage.MAKING, None),
        ("apimart", {"code": 200, "data": {"status": "submitted"}}, Stage.IN_LINE, None),
        ("apimart", {"code": 200, "data": [{"status": "Processing", "progress": 12.7}]}, Stage.MAKING, 12),
        ("dashscope", {"output": {"task_status": "PENDING"}}, Stage.IN_LINE, None),
        ("dashscope", {"output": {"task_status": "RUNNING"}}, Stage.MAKING, None),
        ("dashscope", {"output": {"task_status": "DREAMING"}}, Stage.MAKING, None),
    ],
)
async def test_a_task_at_work_is_read_and_an_unknown_status_counts_as_one(
    name: str, answer: object, stage: Stage, progress: int | None
) -> None:
    reading = await read(name, answer)
    assert isinstance(reading, Working)
    assert (reading.stage, reading.progress) == (stage, progress)


async def test_an_estimate_counts_from_the_making_of_the_task() -> None:
    assert await read("evolink", EVOLINK) == Working(Stage.IN_LINE, 0, 1790000000 + 120 - NOW)


@pytest.mark.parametrize(
    ("name", "answer", "film"),
    [
        ("evolink", {**EVOLINK, "status": "completed", "results": [FILM]}, Finished(FILM, None, None, NOW + 86400)),
        (
            "evolink",
            {"status": "completed", "results": [], "result_data": [{"video_url": FILM, "duration": 5.04}], "usage": {"credits_used": 11.9}},
            Finished(FILM, Cost(Decimal("0.1750"), Decimal("11.9"), "credits"), 5.04, NOW + 86400),
        ),
        (
            "evolink",
            {"status": "completed", "results": [FILM], "usage": {"cost": {"credits": 10, "usd": 0.2}}},
            Finished(FILM, Cost(Decimal("0.2"), Decimal(10), "credits"), None, NOW + 86400),
        ),
        ("aimlapi", AIML, Finished(SIGNED, Cost(Decimal("0.35"), Decimal(700000), "credits"), None, 1790086400)),
        ("aimlapi", {"status": "succeeded", "video": [{"url": FILM}]}, Finished(FILM, None, None, NOW + 86400)),
        ("apimart", {"code": 200, "data": APIMART}, Finished(FILM, None, None, 1790086400)),
        (
            "apimart",
            {"data": {"status": "success", "cost": 0.4, "result": json.dumps({"videos": [{"url": FILM}]})}},
            Finished(FILM, Cost(None, Decimal("0.4"), "units"), None, NOW + 86400),
        ),
        ("apimart", {"data": {"status": "completed", "result": [{"url": FILM}]}}, Finished(FILM, None, None, NOW + 86400)),
        ("dashscope", DASHSCOPE, Finished("https://oss.example.com/x.mp4?Expires=1790086400", None, 5.0, 1790086400)),
    ],
)
async def test_a_finished_film_is_read_in_every_shape(name: str, answer: object, film: Finished) -> None:
    assert await read(name, answer) == film


async def test_what_aimlapi_says_in_headers_alone_is_read_as_the_cost() -> None:
    headers = {"x-aimlapi-credits-used": "700000", "x-aimlapi-usd-spent": "0.35"}
    film = await read("aimlapi", httpx.Response(200, json={"status": "completed", "video": {"url": FILM}}, headers=headers))
    assert film.cost == Cost(Decimal("0.35"), Decimal(700000), "credits")


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("evolink", {**EVOLINK, "status": "failed", "error": {"code": "request_cancelled", "message": "…", "type": "task_error"}}),
        ("evolink", {**EVOLINK, "status": "cancelled"}),
        ("apimart", {"data": {"status": "cancelled"}}),
        ("dashscope", {"output": {"task_status": "CANCELED"}}),
    ],
)
async def test_a_stopped_task_is_read(name: str, answer: object) -> None:
    # nowhere does APIMart say whether such a task is charged
    assert await read(name, answer) == Cancelled(Charged.MAYBE if name == "apimart" else Charged.NO)


@pytest.mark.parametrize(("status", "error"), [("cancelled", None), ("failed", {"code": "request_cancelled"})])
async def test_a_stopped_task_that_took_credits_was_charged(status: str, error: object) -> None:
    assert await read("evolink", {**EVOLINK, "status": status, "error": error, "usage": {"credits_used": 5}}) == Cancelled(Charged.YES)


FAILURES: list[tuple[str, Any, str, str | None, str, bool]] = [
    ("evolink", {"code": "content_policy_violation", "message": "The prompt was rejected."}, "content_refused", "prompt", "no", False),
    ("evolink", {"code": "content_policy_violation", "message": "no"}, "content_refused", None, "no", False),
    ("evolink", {"code": "invalid_parameters", "message": "duration is bad"}, "input_refused", "duration", "no", False),
    ("evolink", {"code": "image_processing_error", "message": ""}, "input_refused", "image", "no", False),
    ("evolink", {"code": "image_dimension_mismatch", "message": "x"}, "input_refused", "image", "no", False),
    ("evolink", {"code": "invalid_audio", "message": "x"}, "input_refused", "audio", "no", False),
    ("evolink", {"code": "generation_failed_no_content", "message": "x"}, "generation_failed", None, "no", False),
    ("evolink", {"code": "resource_not_found", "message": "x"}, "generation_failed", None, "no", False),
    ("evolink", {"code": "unknown_error", "message": "x"}, "generation_failed", None, "no", False),
    ("evolink", {"code": "brand_new", "message": "x"}, "generation_failed", None, "no", False),
    ("evolink", {"code": 500}, "generation_failed", None, "no", False),
    ("evolink", None, "generation_failed", None, "no", False),
    *(
        ("evolink", {"code": code, "message": "x"}, "service_down", None, "no", True)
        for code in (
            "service_error",
            "generation_timeout",
            "resource_exhausted",
            "quota_exceeded",
            "service_unavailable",
            "model_unavailable",
            "upstream_error",
        )
    ),
    ("aimlapi", {"name": "GenerationError", "message": "It did not work"}, "generation_failed", None, "no", False),
    ("aimlapi", {"name": "X", "message": "Image failed content moderation"}, "content_refused", "image", "no", False),
    ("aimlapi", "Failed to download the image", "media_unreachable", "image", "no", False),
    ("aimlapi", {"detail": [{"loc": ["body"], "msg": "generation timed out", "type": "t"}]}, "service_down", None, "no", True),
    ("aimlapi", ["one", {"msg": "two"}], "generation_failed", None, "no", False),
    ("apimart", {"code": "task_failed", "message": "…", "type": "task_error"}, "generation_failed", None, "maybe", False),
    ("apimart", {"code": 500, "message": "upstream overloaded"}, "service_down", None, "maybe", True),
    ("apimart", "sensitive content", "content_refused", None, "maybe", False),
    ("apimart", {"code": "invalid_resolution"}, "input_refused", "quality", "maybe", False),
    ("dashscope", {"code": "DataInspectionFailed", "message": "…"}, "content_refused", None, "no", False),
    ("dashscope", {"code": "InvalidParameter", "message": "duration must be"}, "input_refused", "duration", "no", False),
    ("dashscope", {"code": "InvalidURL.Timeout", "message": "img_url"}, "media_unreachable", "image", "no", False),
    ("dashscope", {"code": "InternalError.Algo", "message": "…"}, "service_down", None, "no", True),
    ("dashscope", {"code": "Throttling.RateQuota", "message": "…"}, "service_down", None, "no", True),
    ("dashscope", {"code": "Arrearage", "message": "…"}, "no_money", "money", "no", False),
    ("dashscope", {}, "generation_failed", None, "no", False),
]


@pytest.mark.parametrize(("name", "error", "code", "field", "charged", "retryable"), FAILURES)
async def test_every_failure_of_a_task_has_a_code_a_field_and_says_whether_it_was_charged(
    *, name: str, error: object, code: str, field: str | None, charged: str, retryable: bool
) -> None:
    failed = {
        "evolink": {**EVOLINK, "status": "failed", "error": error},
        "aimlapi": {"id": "x", "status": "error", "error": error, "video": None},
        "apimart": {"code": 200, "data": {"status": "failed", "error": error}},
        "dashscope": {"output": {"task_status": "FAILED", **(error if isinstance(error, dict) else {})}},
    }[name]
    reading = await read(name, failed)
    assert isinstance(reading, Failed)
    found = reading.error
    assert (found.text_code, found.field, found.charged, found.retryable) == (code, field, charged, retryable)
    assert found.params["service"] == account(name, OtherSide({})).name


@pytest.mark.parametrize(("used", "charged"), [(0, "no"), (3.5, "yes")])
async def test_a_failed_task_that_says_what_it_took_is_believed(used: float, charged: str) -> None:
    reading = await read("evolink", {**EVOLINK, "status": "failed", "error": None, "usage": {"credits_used": used}})
    assert reading.error.charged == charged


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("evolink", httpx.Response(404, json={"error": {"code": "task_not_found", "message": "…", "type": "invalid_request_error"}})),
        ("evolink", httpx.Response(400, json={"error": {"code": "invalid_task_id", "message": "…", "param": "task_id"}})),
        ("evolink", httpx.Response(404, text="<html>nothing</html>")),
        ("aimlapi", httpx.Response(404, json={"message": "Not found", "statusCode": 404})),
        ("aimlapi", httpx.Response(400, json={"message": ["generation_id must be"], "statusCode": "400"})),
        ("apimart", httpx.Response(404, json={"error": {"code": 404, "message": "no such task"}})),
        ("apimart", {"code": 404, "message": "task not found"}),
        ("dashscope", {"request_id": "x", "output": {"task_id": "0d3c", "task_status": "UNKNOWN"}}),
    ],
)
async def test_a_task_that_a_service_does_not_know_is_gone(name: str, answer: object) -> None:
    with pytest.raises(TaskGone):
        await read(name, answer)


@pytest.mark.parametrize(
    "answer", ["", "<html>Just a moment…</html>", "null", "[]", "17", '"ok"', "{}", '{"status": null}', '{"status": {}}', "{" * 100_000]
)
@pytest.mark.parametrize("name", NAMES)
async def test_an_answer_without_sense_is_no_news_and_no_crash(name: str, answer: str) -> None:
    with pytest.raises(UnclearAnswer) as unclear:
        await read(name, httpx.Response(200, text=answer, headers={"content-type": "text/html"}))
    assert unclear.value.retryable


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("evolink", {"status": "completed", "results": None}),
        ("evolink", {"status": "completed", "results": ["javascript:x", 5, None]}),
        ("aimlapi", {"status": "completed", "video": None}),
        ("apimart", {"data": {"status": "completed", "result": "{broken"}}),
        ("dashscope", {"output": {"task_status": "SUCCEEDED", "video_url": ["x"]}}),
    ],
)
async def test_a_film_without_an_address_is_asked_for_again(name: str, answer: object) -> None:
    with pytest.raises(UnclearAnswer):
        await read(name, answer)


@pytest.mark.parametrize("name", NAMES)
async def test_ids_are_opaque_and_quoted(name: str) -> None:
    side = OtherSide(httpx.Response(404))
    with pytest.raises(TaskGone):
        await account(name, side).read("../a b/ü?x=1#y")
    target = side.last.url.raw_path.decode()
    assert "..%2Fa%20b%2F%C3%BC%3Fx%3D1%23y" in target.replace("+", "%20")
    assert side.last.headers["authorization"] == f"Bearer {KEY}"
