"""What the other doubles have to themselves: costs in headers, defaults, limits, the object store; and the page of them all."""

from __future__ import annotations

from collections import deque
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from tests.doubles.__main__ import Pages, make
from tests.doubles.aimlapi import AimlApi
from tests.doubles.apimart import ApiMart
from tests.doubles.dashscope import DashScope, too_fast
from tests.doubles.evolink import EvoLink
from tests.doubles.tasks import Pace
from tests.doubles.wire import Wire
from tests.integration.doubles_calls import PICTURE, Caller
from tests.integration.doubles_site import Site
from tests.media_factory import bmp, mp3, png, wav

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture
def aimlapi(tmp_path: Path) -> Iterator[Caller]:
    with AimlApi(folder=tmp_path) as double, Caller(double) as calls:
        yield calls


@pytest.fixture
def apimart(tmp_path: Path) -> Iterator[Caller]:
    with ApiMart(folder=tmp_path) as double, Caller(double) as calls:
        yield calls


@pytest.fixture
def dashscope(tmp_path: Path) -> Iterator[Caller]:
    with DashScope(folder=tmp_path, pace=Pace(pending=0, processing=0)) as double, Caller(double) as calls:
        yield calls


def said(answer: httpx.Response) -> Any:  # noqa: ANN401 - JSON
    return answer.json()


# ----------------------------------------------------------------------------------------------------- AI/ML API


@pytest.mark.parametrize("status", [200, 201])
def test_aimlapi_answers_a_create_with_either_success(tmp_path: Path, status: int) -> None:
    with AimlApi(folder=tmp_path, created=status) as double, Caller(double) as calls:
        assert calls.create().status_code == status


def test_aimlapi_says_in_headers_what_it_took_and_echoes_our_name_for_the_request(aimlapi: Caller) -> None:
    answer = aimlapi.create(X_Client_Request_Id="job:1")
    assert answer.headers["x-client-request-id"] == "job:1"
    task_id = said(answer)["id"]
    aimlapi.done(task_id)
    read = aimlapi.read(task_id)
    assert (read.headers["x-inference-id"], read.headers["x-aimlapi-usd-spent"]) == (task_id, "0.35")
    assert said(read)["meta"]["usage"]["credits_used"] == int(read.headers["x-aimlapi-credits-used"]) == 700_000
    assert [charge.client_ref for charge in aimlapi.double.ledger()] == ["job:1"]


@pytest.mark.parametrize("change", [{"duration": 7}, {"duration": "10"}, {"watermark": True}, {"audio_url": "data:audio/mpeg;base64,AA"}])
def test_aimlapi_refuses_what_its_schema_does_not_have(aimlapi: Caller, change: dict[str, object]) -> None:
    answer = aimlapi.create({**aimlapi.body(), **change})
    assert (answer.status_code, said(answer)["path"]) == (400, "/v2/video/generations")


def test_aimlapis_own_sound_beats_the_switch(aimlapi: Caller, site: Site) -> None:
    site.served["/a.mp3"] = mp3(5)
    task_id = aimlapi.order({**aimlapi.body(), "generate_audio": False, "audio_url": f"{site.url}/a.mp3"})
    assert not aimlapi.double.tasks[task_id].wanted.silent


def test_aimlapi_needs_an_id_and_knows_only_its_own(aimlapi: Caller) -> None:
    there = f"{aimlapi.double.base_url}/v2/video/generations"
    assert aimlapi.http.get(there, headers=aimlapi.key()).status_code == 400
    unknown = aimlapi.http.get(there, params={"generation_id": "none"}, headers=aimlapi.key())
    assert (unknown.status_code, unknown.headers.get("x-inference-id")) == (404, None)


def test_aimlapi_tells_the_price_without_a_key_and_the_balance_with_one(aimlapi: Caller) -> None:
    base = aimlapi.double.base_url
    models = said(aimlapi.http.get(f"{base}/v1/models", params={"id": aimlapi.body()["model"], "include": "pricing"}))
    assert models["data"][0]["pricing"]["units"]
    assert said(aimlapi.http.get(f"{base}/v2/billing", headers=aimlapi.key())) == {"current_balance": 100.0, "currency": "USD"}
    assert aimlapi.http.get(f"{base}/v2/billing").status_code == 401


# ------------------------------------------------------------------------------------------------------- APIMart


def test_apimart_bills_1080p_unless_told(apimart: Caller) -> None:
    body = apimart.body()
    del body["resolution"]
    task_id = apimart.order(body)
    assert apimart.double.tasks[task_id].wanted.quality == "1080p"


def test_apimarts_switch_beats_the_own_sound(apimart: Caller) -> None:
    task_id = apimart.order({**apimart.body(), "audio": False, "audio_url": "https://example.com/a.mp3"})
    assert apimart.double.tasks[task_id].wanted.silent
    assert apimart.ask.status_of(apimart.done(task_id)) == "completed"


def test_apimart_takes_wav_and_pictures_of_up_to_8000_px(apimart: Caller, site: Site) -> None:
    site.served["/a.wav"] = wav(3)
    task_id = apimart.order({**apimart.body(png(3000, 240)), "audio_url": f"{site.url}/a.wav"})
    assert apimart.ask.status_of(apimart.done(task_id)) == "completed"


def test_apimart_takes_an_upload_and_answers_flat(apimart: Caller) -> None:
    there = f"{apimart.double.base_url}/v1/uploads/images"
    up = said(apimart.http.post(there, files={"file": ("f.png", PICTURE, "image/png")}, headers=apimart.key()))
    assert (up["content_type"], up["bytes"]) == ("image/png", len(PICTURE))
    assert apimart.ask.status_of(apimart.done(apimart.order(apimart.ask.body(up["url"])))) == "completed"
    assert apimart.http.post(there, files={"file": ("f.bmp", bmp(400, 400))}, headers=apimart.key()).status_code == 400


def test_apimart_says_what_is_left(apimart: Caller) -> None:
    apimart.order()
    for path in ("/v1/balance", "/v1/user/balance"):
        left = said(apimart.http.get(apimart.double.base_url + path, headers=apimart.key()))
        assert left["remain_balance"] + left["used_balance"] == pytest.approx(100)


# ----------------------------------------------------------------------------------------------------- DashScope


def test_dashscope_needs_the_async_header(dashscope: Caller) -> None:
    answer = dashscope.create(x_dashscope_async="no")
    assert (answer.status_code, said(answer)["code"]) == (403, "AccessDenied")


@pytest.mark.parametrize("change", [{"resolution": "720p"}, {"duration": 16}, {"shot_type": "many"}, {"seed": -1}])
def test_dashscope_takes_bad_values_and_fails_the_task(dashscope: Caller, change: dict[str, object]) -> None:
    body = dashscope.body()
    body["parameters"] |= change
    assert dashscope.ask.failure_of(dashscope.done(dashscope.order(body)))[0] == "InvalidParameter"


def test_dashscope_knows_one_model(dashscope: Caller) -> None:
    answer = dashscope.create({**dashscope.body(), "model": "wan2.6-i2v"})
    assert (answer.status_code, said(answer)["code"]) == (404, "ModelNotFound")


def test_dashscope_cuts_a_long_prompt_silently(dashscope: Caller) -> None:
    body = dashscope.body()
    body["input"]["prompt"] = "x" * 1600
    assert len(dashscope.double.tasks[dashscope.order(body)].wanted.prompt) == 1500


def test_dashscope_refuses_creates_that_come_too_fast(tmp_path: Path) -> None:
    with DashScope(folder=tmp_path, creates_per_s=0) as double, Caller(double) as calls:
        answer = calls.create()
    assert (answer.status_code, said(answer)["code"]) == (429, "Throttling.RateQuota")


def test_five_calls_a_second_are_five_within_any_second() -> None:
    seen: deque[float] = deque()
    assert [too_fast(seen, 5, at) for at in (0, 0.1, 0.2, 0.3, 0.4, 0.9, 1.0, 1.05, 1.1)] == [False] * 5 + [True, False, True, False]


def test_dashscope_runs_five_tasks_at_once(tmp_path: Path) -> None:
    with DashScope(folder=tmp_path, creates_per_s=1000) as double, Caller(double) as calls:
        body = calls.body()
        ids = [calls.order(body) for _ in range(5)]
        assert calls.create(body).status_code == 429
        calls.done(ids[0])
        assert calls.create(body).is_success


def test_dashscope_may_let_a_sixth_task_wait(tmp_path: Path) -> None:
    with DashScope(folder=tmp_path, creates_per_s=1000, when_full="wait") as double, Caller(double) as calls:
        body = calls.body()
        *ids, sixth = [calls.order(body) for _ in range(6)]
        assert {calls.status(sixth) for _ in range(4)} == {"PENDING"}
        calls.done(ids[0])
        assert calls.ask.status_of(calls.done(sixth)) == "SUCCEEDED"


def test_dashscope_cancels_only_what_waits(dashscope: Caller) -> None:
    dashscope.double.pace = Pace(pending=1, processing=1)
    waiting, running = dashscope.order(), dashscope.order()
    [dashscope.read(running) for _ in range(2)]
    there = f"{dashscope.double.base_url}/api/v1/tasks"
    answers = [dashscope.http.post(f"{there}/{task_id}/cancel", headers=dashscope.key()) for task_id in (waiting, running, "none")]
    assert [answer.status_code for answer in answers] == [200, 400, 400]
    assert said(answers[1])["code"] == "UnsupportedOperation"
    assert dashscope.status(waiting) == "CANCELED"
    assert {charge.task_id: charge.settled_usd for charge in dashscope.double.ledger()}[waiting] == 0


def test_dashscope_does_not_know_a_foreign_or_expired_task(dashscope: Caller) -> None:
    answer = dashscope.read("none")
    assert (answer.status_code, dashscope.ask.status_of(said(answer))) == (200, "UNKNOWN")


def test_dashscope_lists_tasks(dashscope: Caller) -> None:
    first, second = dashscope.order(), dashscope.order()
    dashscope.done(first)
    there = f"{dashscope.double.base_url}/api/v1/tasks/"
    listed = said(dashscope.http.get(there, params={"status": "SUCCEEDED", "start_time": "20200101000000"}, headers=dashscope.key()))
    assert ([row["task_id"] for row in listed["data"]], listed["total"]) == ([first], 1)
    assert said(dashscope.http.get(there, params={"end_time": "20200101000000"}, headers=dashscope.key()))["data"] == []
    assert second in dashscope.double.tasks


def permit(caller: Caller) -> dict[str, Any]:
    there = f"{caller.double.base_url}/api/v1/uploads"
    answer = caller.http.get(there, params={"action": "getPolicy", "model": "wan2.6-i2v-flash"}, headers=caller.key())
    found: dict[str, Any] = said(answer)["data"]
    return found


def form(given: dict[str, Any], name: str) -> dict[str, str]:
    return {
        "OSSAccessKeyId": given["oss_access_key_id"],
        "policy": given["policy"],
        "Signature": given["signature"],
        "key": f"{given['upload_dir']}/{name}",
        "x-oss-object-acl": given["x_oss_object_acl"],
        "x-oss-forbid-overwrite": given["x_oss_forbid_overwrite"],
        "success_action_status": "200",
    }


def multipart(fields: list[tuple[str, str | bytes]]) -> tuple[bytes, dict[str, str]]:
    body = b""
    for name, value in fields:
        file = '; filename="boat.png"' if isinstance(value, bytes) else ""
        data = value if isinstance(value, bytes) else value.encode()
        body += f'--mark\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + data + b"\r\n"
    return body + b"--mark--\r\n", {"content-type": "multipart/form-data; boundary=mark"}


def uploaded(caller: Caller, name: str, data: bytes) -> str:
    given = permit(caller)
    answer = caller.http.post(given["upload_host"], data=form(given, name), files={"file": (name, data)})
    assert (answer.status_code, answer.content) == (200, b"")
    return f"oss://{given['upload_dir']}/{name}"


def test_dashscope_uses_an_upload_only_with_the_header_that_resolves_it(dashscope: Caller) -> None:
    body = dashscope.ask.body(uploaded(dashscope, "boat.png", PICTURE))
    body["input"]["audio_url"] = uploaded(dashscope, "a.mp3", mp3(3))
    refused = dashscope.create(body)
    assert (refused.status_code, said(refused)["code"]) == (400, "InvalidURL")
    taken = dashscope.create(body, X_DashScope_OssResourceResolve="enable")
    assert dashscope.ask.status_of(dashscope.done(dashscope.ask.id_of(said(taken)))) == "SUCCEEDED"


def test_dashscope_does_not_find_plain_addresses_with_that_header(dashscope: Caller, site: Site) -> None:
    site.served["/a.png"] = PICTURE
    body = dashscope.ask.body(f"{site.url}/a.png")
    lost = dashscope.create(body, X_DashScope_OssResourceResolve="enable")
    ends = [dashscope.done(dashscope.ask.id_of(said(answer))) for answer in (lost, dashscope.create(body))]
    assert [dashscope.ask.status_of(end) for end in ends] == ["FAILED", "SUCCEEDED"]


def test_dashscopes_store_wants_the_file_last_and_no_key(dashscope: Caller) -> None:
    given = permit(dashscope)
    fields: list[tuple[str, str | bytes]] = list(form(given, "boat.png").items())
    last, first = multipart([*fields, ("file", PICTURE)]), multipart([("file", PICTURE), *fields])
    there = given["upload_host"]
    answers = [
        dashscope.http.post(there, content=first[0], headers=first[1]),
        dashscope.http.post(there, content=last[0], headers={**last[1], **dashscope.key()}),
        dashscope.http.post(there, content=last[0], headers=last[1]),
        dashscope.http.post(there, content=last[0], headers=last[1]),
    ]
    assert [answer.status_code for answer in answers] == [400, 400, 200, 409]
    assert answers[0].headers["content-type"] == "application/xml"


@pytest.mark.parametrize("change", [{"key": "elsewhere/boat.png"}, {"Signature": "x"}, {"success_action_status": "201"}, {"policy": "x"}])
def test_dashscopes_store_keeps_to_the_policy(dashscope: Caller, change: dict[str, str]) -> None:
    given = permit(dashscope)
    answer = dashscope.http.post(given["upload_host"], data={**form(given, "boat.png"), **change}, files={"file": ("boat.png", PICTURE)})
    assert answer.status_code == 403
    assert b"<Code>" in answer.content


def test_dashscopes_permit_runs_out(dashscope: Caller) -> None:
    assert isinstance(dashscope.double, DashScope)
    dashscope.double.permit_s = -1
    given = permit(dashscope)
    answer = dashscope.http.post(given["upload_host"], data=form(given, "boat.png"), files={"file": ("boat.png", PICTURE)})
    assert b"Policy expired" in answer.content


# ------------------------------------------------------------------------------------------- all four, for people


def test_the_page_of_the_doubles_says_how_to_point_the_app_at_them_and_shows_the_ledger(tmp_path: Path) -> None:
    doubles = make(tmp_path, 0, 3600)
    with ExitStack() as stack:
        for double in doubles:
            stack.enter_context(double)
        page = Wire(Pages(doubles, tmp_path, 3600), lambda _: False, {"page": 0})
        page.start()
        stack.callback(page.stop)
        calls = stack.enter_context(Caller(doubles[0]))
        task_id = calls.order()
        text = calls.http.get(f"http://127.0.0.1:{page.ports['page']}/").text
    assert f"export EVOLINK_API_KEY={doubles[0].key}\nexport EVOLINK_BASE_URL={doubles[0].base_url}" in text
    assert "EVOLINK_FILES_BASE_URL" in text
    assert task_id in text
    assert {"fault:no_money", "fault:reset_after"} <= set(text.split())


def test_a_double_that_cannot_have_its_port_says_so(tmp_path: Path) -> None:
    with EvoLink(folder=tmp_path) as double:
        taken = int(double.base_url.rsplit(":", 1)[1])
        with pytest.raises(RuntimeError, match="could not start"):
            AimlApi(folder=tmp_path, port=taken).start()
