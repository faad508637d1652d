from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from components.studio.scenes.catalogue import EXAMPLES
from tests.integration.calls import error, finished, job, order, upload
from tests.integration.server import API, Inside, Running
from tests.media_factory import jpeg, mp3

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx


@pytest.fixture(scope="module")
def visitor(program: Running) -> Iterator[httpx.Client]:
    with program.visitor() as web:
        yield web


@pytest.fixture(scope="module")
def film(visitor: httpx.Client) -> dict[str, Any]:
    """One finished film with a sound of its own, seen only here."""
    picture, sound = upload(visitor), upload(visitor, mp3(4), kind="audio", name="bell.mp3")
    return finished(visitor, order(visitor, picture, audio=sound)["id"])


def test_a_picture_and_a_sound_become_a_film(film: dict[str, Any]) -> None:
    assert film["state"] == "completed"
    assert film["error"] is None
    assert film["request"]["sound"] == "own"
    assert abs(film["video"]["duration_s"] - 2) <= 0.021


def test_the_film_plays_from_any_place(program: Running, film: dict[str, Any]) -> None:
    video = film["video"]
    whole = program.web.get(video["url"])
    part = program.web.get(video["url"], headers={"Range": "bytes=-1000"})
    assert whole.headers["content-type"] == "video/mp4"
    assert len(whole.content) == video["bytes"]
    assert (part.status_code, part.content) == (206, whole.content[-1000:])
    assert program.web.get(video["poster_url"]).headers["content-type"] == "image/jpeg"
    assert program.web.get(film["image"]["url"]).headers["content-type"] == "image/jpeg"


def test_the_download_has_a_speaking_name(program: Running, film: dict[str, Any]) -> None:
    said = program.web.head(film["video"]["download_url"]).headers["content-disposition"]
    assert said.startswith('attachment; filename="preview-push-in-slowly-2s-')


def test_the_same_client_token_gives_the_same_job(visitor: httpx.Client, film: dict[str, Any]) -> None:
    again = visitor.post("jobs", json={**film["request"], "prompt": "something else"})
    assert (again.status_code, again.json()["job"]["id"]) == (200, film["id"])


def test_changes_come_once_and_then_nothing_with_no_body(visitor: httpx.Client, film: dict[str, Any]) -> None:
    first = visitor.get("jobs", params={"since": 0})
    told = first.json()
    assert [one["id"] for one in told["jobs"]] == [film["id"]]
    assert {name: told[name] for name in ("removed", "more", "reset")} == {"removed": [], "more": False, "reset": False}
    quiet = visitor.get("jobs", params={"since": told["revision"]}, headers={"If-None-Match": first.headers["etag"]})
    assert (quiet.status_code, quiet.content) == (304, b"")


def test_a_poll_without_news_touches_no_database(here: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    with here.visitor() as web:
        first = web.get("jobs", params={"since": 0})
        web.headers["If-None-Match"] = first.headers["etag"]
        assert web.get("jobs?since=0").status_code == 304  # the first time that a visitor is seen may look once

        def touched() -> None:
            raise AssertionError("the database was asked")

        monkeypatch.setattr(here.app.studio.engine, "connect", touched)
        monkeypatch.setattr(here.app.studio.engine, "begin", touched)
        quiet = web.get("jobs?since=0")
    assert (quiet.status_code, quiet.content) == (304, b"")


def test_another_visitors_etag_is_never_the_same(somebody: httpx.Client, somebody_else: httpx.Client) -> None:
    assert somebody.get("jobs?since=0").headers["etag"] != somebody_else.get("jobs?since=0").headers["etag"]


def test_a_change_changes_the_etag(visitor: httpx.Client, film: dict[str, Any]) -> None:
    before = visitor.get("jobs?since=0").headers["etag"]
    visitor.post(f"jobs/{film['id']}/keep", json={"keep": not film["kept"]})
    told = visitor.get("jobs?since=0", headers={"If-None-Match": before})
    assert told.status_code == 200
    assert told.json()["jobs"][0]["kept"] is not film["kept"]


def test_deleted_is_told_once_gone_and_undone_by_restore(visitor: httpx.Client, film: dict[str, Any]) -> None:
    revision = visitor.get("jobs?since=0").json()["revision"]
    assert visitor.delete(f"jobs/{film['id']}").status_code == 204
    assert visitor.get(f"jobs?since={revision}").json()["removed"] == [film["id"]]
    assert error(visitor.get(f"jobs/{film['id']}")) == (404, "not_found")
    assert visitor.post(f"jobs/{film['id']}/restore").json()["job"]["state"] == "completed"


def test_a_finished_film_cannot_be_stopped(visitor: httpx.Client, film: dict[str, Any]) -> None:
    assert error(visitor.post(f"jobs/{film['id']}/cancel")) == (409, "cannot_cancel")


def test_a_film_at_work_is_stopped(somebody: httpx.Client) -> None:
    ordered = order(somebody, upload(somebody), duration=15, quality="1080p")
    answer = somebody.post(f"jobs/{ordered['id']}/cancel")
    assert answer.status_code == 202
    assert finished(somebody, ordered["id"])["state"] == "cancelled"


def test_older_films_come_newest_first_page_by_page(here: Inside) -> None:
    with here.visitor() as web:
        picture = upload(web)
        made = [order(web, picture, client_token=str(n), service="local", duration=5)["id"] for n in range(3)]
        first = web.get("jobs", params={"limit": 2}).json()
        rest = web.get("jobs", params={"before": first["jobs"][-1]["id"], "limit": 2}).json()
        for one in made:
            finished(web, one)
    assert [one["id"] for one in first["jobs"] + rest["jobs"]] == made[::-1]
    assert (first["more"], rest["more"]) == (True, False)


def test_a_long_list_comes_packed(visitor: httpx.Client, film: dict[str, Any]) -> None:
    with visitor.stream("GET", "jobs?since=0", headers={"Accept-Encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(raw))["jobs"][0]["id"] == film["id"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "jobs/{job}", None),
        ("DELETE", "jobs/{job}", None),
        ("POST", "jobs/{job}/cancel", None),
        ("POST", "jobs/{job}/restore", None),
        ("POST", "jobs/{job}/keep", {"keep": True}),
        ("GET", "jobs?before={job}", None),
        ("GET", "uploads/{upload}", None),
        ("DELETE", "uploads/{upload}", None),
        ("POST", "uploads/{upload}/fix", {"fixes": "auto"}),
    ],
)
def test_what_is_somebody_elses_does_not_exist(
    somebody: httpx.Client, film: dict[str, Any], method: str, path: str, body: dict[str, Any] | None
) -> None:
    url = path.format(job=film["id"], upload=film["request"]["image"])
    assert error(somebody.request(method, url, json=body)) == (404, "not_found")


def test_nobody_makes_a_film_of_somebody_elses_picture(somebody: httpx.Client, film: dict[str, Any]) -> None:
    answer = somebody.post("jobs", json={**film["request"], "audio": None, "sound": "auto", "client_token": "mine"})
    assert error(answer) == (404, "not_found")


def test_a_film_of_another_visitor_is_in_no_list(somebody: httpx.Client, film: dict[str, Any]) -> None:
    assert somebody.get("jobs?since=0").json()["jobs"] == []


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"prompt": "x" * 1501}, "prompt_too_long", "prompt"),
        ({"prompt": "\x07 bell"}, "prompt_control_characters", "prompt"),
        ({"prompt": "  "}, "prompt_missing", "prompt"),
        ({"duration": 16}, "duration_range", "duration"),
        ({"shot_type": "multi", "prompt_extend": False}, "multi_needs_improve", "prompt_extend"),
        ({"sound": "own"}, "own_sound_needs_file", "audio"),
        ({"negative_prompt": "x"}, "not_offered", "negative_prompt"),
        ({"service": "nobody"}, "invalid_request", "service"),
        ({"duration": "long"}, "invalid_request", "duration"),
        ({"colour": "red"}, "invalid_request", "colour"),
        ({"client_token": ""}, "invalid_request", "client_token"),
    ],
)
def test_a_request_that_breaks_a_rule_is_422_about_its_field(somebody: httpx.Client, change: dict[str, Any], code: str, field: str) -> None:
    film = {"service": "preview", "prompt": "a boat", "image": "x" * 16, "duration": 5, "client_token": "t", **change}
    answer = somebody.post("jobs", json=film)
    assert error(answer) == (422, code)
    assert answer.json()["error"]["field"] == field
    assert answer.json()["error"]["message"]
    assert answer.json()["error"]["charged"] == "no"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff"])
def test_a_body_that_is_no_request_is_422(somebody: httpx.Client, body: bytes) -> None:
    assert error(somebody.post("jobs", content=body, headers={"Content-Type": "application/json"})) == (422, "invalid_request")


def test_text_that_looks_like_code_comes_back_as_typed(here: Inside) -> None:
    prompt = "<script>alert(1)</script> ${alert(1)} `x` {{y}}"
    with here.visitor() as web:
        made = order(web, upload(web), prompt=prompt, service="local", duration=5)
        assert job(web, made["id"])["request"]["prompt"] == prompt
        finished(web, made["id"])


def test_more_unfinished_films_than_allowed_are_429_and_say_when(here: Inside) -> None:
    with here.visitor() as web:
        picture = upload(web)
        allowed = here.app.settings.visitor_active_jobs
        local = here.app.studio.services["local"]
        local.script.held = True  # type: ignore[attr-defined] # the double's own
        made = [order(web, picture, client_token=str(n), service="local", duration=5)["id"] for n in range(allowed)]
        film = {"service": "local", "prompt": "x", "image": picture, "duration": 5, "client_token": "more"}
        refused = web.post("jobs", json=film)
        local.script.held = False  # type: ignore[attr-defined] # as above
        for one in made:
            finished(web, one)
    assert error(refused) == (429, "too_many_jobs")
    assert int(refused.headers["retry-after"]) > 0


def test_a_full_disk_refuses_the_film_before_it_starts(here: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    with here.visitor() as web:
        made = finished(web, order(web, upload(web), service="local", duration=5)["id"])
        monkeypatch.setattr("components.studio.disk.room", lambda _path: 1_000_000)
        film = {**made["request"], "client_token": "two"}
        refused = web.post("jobs", json=film)
        listed = web.get("jobs?since=0").json()["jobs"]
        whole = web.get(f"{here.base}{made['video']['url']}")
    assert error(refused) == (507, "disk_full")
    assert [one["id"] for one in listed] == [made["id"]]
    assert len(whole.content) == made["video"]["bytes"]


def test_the_draft_is_kept_for_the_visitor_alone(somebody: httpx.Client, somebody_else: httpx.Client) -> None:
    typed = {"prompt": "`${x}` 照片", "duration": 7, "nested": {"a": [1, None]}}
    assert somebody.put("draft", json=typed).status_code == 204
    assert somebody.get("draft").json() == {"draft": typed}
    assert somebody_else.get("draft").json() == {"draft": {}}


@pytest.mark.parametrize("body", [b"[1]", b'"x"', b"{"])
def test_a_draft_that_is_no_object_is_422(somebody: httpx.Client, body: bytes) -> None:
    assert error(somebody.put("draft", content=body, headers={"Content-Type": "application/json"})) == (422, "invalid_request")


def test_a_draft_over_64_kib_is_422(somebody: httpx.Client) -> None:
    assert error(somebody.put("draft", json={"prompt": "x" * 66_000})) == (422, "invalid_request")


def test_services_are_data(somebody: httpx.Client) -> None:
    preview, *_ = somebody.get("services").json()["services"]
    assert (preview["id"], preview["ready"], preview["capabilities"]["duration"]) == ("preview", True, {"from": 2, "to": 15})


@pytest.mark.parametrize("path", ["/healthz", f"{API}/healthz"])
def test_the_program_says_that_it_lives(program: Running, path: str) -> None:
    assert program.web.get(path).json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "nothing", (404, "not_found")),
        ("PUT", "jobs", (405, "method_not_allowed")),
        ("GET", "jobs?since=-1", (422, "invalid_request")),
    ],
)
def test_what_no_route_takes_is_refused_in_our_shape(somebody: httpx.Client, method: str, path: str, expected: tuple[int, str]) -> None:
    assert error(somebody.request(method, path)) == expected


def test_examples_that_nobody_makes_are_not_listed_and_cannot_be_used(somebody: httpx.Client) -> None:
    assert somebody.get("examples").json() == {"examples": []}
    early = somebody.post(f"examples/{EXAMPLES[0].id}/use")
    assert error(early) == (503, "unavailable")
    assert int(early.headers["retry-after"]) > 0


def test_an_unknown_example_is_404(somebody: httpx.Client) -> None:
    assert error(somebody.post("examples/nothing/use")) == (404, "not_found")


def test_an_example_becomes_uploads_of_the_visitor(here: Inside) -> None:
    objects = here.app.studio.objects
    example = next(one for one in EXAMPLES if one.sound_key is not None)
    for key, data in ((example.image_key, jpeg(1280, 720)), (str(example.sound_key), mp3(5))):
        part = objects.work_file()
        part.write_bytes(data)
        objects.publish_now(part, key)
    with here.visitor() as web:
        taken = web.post(f"examples/{example.id}/use")
        assert taken.status_code == 201
        assert taken.json()["request"]["prompt"] == example.prompt
        for kind in ("image", "audio"):
            upload_id = taken.json()[kind]["id"]
            assert web.get(f"uploads/{upload_id}").json()["upload"]["kind"] == kind


def test_gradio_looks_for_events_no_more_often_than_it_is_told(here: Inside) -> None:
    from components.ui.launch import LOOKS_FOR_EVENTS_S, LOOKS_FOR_PROGRESS_S  # noqa: PLC0415 - gradio reads the environment when it is imported

    events = here.app.demo._queue
    assert (events.sleep_when_free, events.progress_update_sleep_when_free) == (LOOKS_FOR_EVENTS_S, LOOKS_FOR_PROGRESS_S)
