from __future__ import annotations

import httpx
import pytest

from tests.integration.calls import error, upload
from tests.integration.server import API, Running, no_cookies
from tests.loopback import NO_TLS

EVIL = "https://evil.example"


@pytest.fixture
def cookie(program: Running) -> str:
    """The cookie of a browser that opened the page."""
    return program.web.get("/").headers["set-cookie"].partition(";")[0]


def plain(program: Running) -> httpx.Client:
    """A client that remembers nothing."""
    return httpx.Client(base_url=program.base, timeout=30, trust_env=False, verify=NO_TLS, cookies=no_cookies())


def test_the_page_gives_a_cookie_that_scripts_of_the_page_cannot_read(program: Running) -> None:
    with plain(program) as web:
        said = web.get("/").headers["set-cookie"]
    assert "HttpOnly" in said
    assert "SameSite=Lax" in said


def test_the_page_keeps_the_visitor_that_comes_back(program: Running, cookie: str) -> None:
    with plain(program) as web:
        again = web.get("/", headers={"Cookie": cookie}).headers["set-cookie"].partition(";")[0]
    assert again == cookie


@pytest.mark.parametrize("call", ["/gradio_api/studio/me", "/config", "/healthz"])
def test_no_other_address_gives_a_cookie(program: Running, call: str) -> None:
    with plain(program) as web:
        assert "set-cookie" not in web.get(call).headers


@pytest.mark.parametrize(
    ("origin", "with_cookie", "status"),
    [
        ("own", True, 204),
        ("own", False, 204),
        (None, False, 204),
        (None, True, 403),
        (EVIL, True, 403),
        (EVIL, False, 403),
        ("null", True, 403),
    ],
)
def test_a_change_needs_our_own_page_or_a_script(program: Running, cookie: str, origin: str | None, with_cookie: bool, status: int) -> None:
    headers = {"Cookie": cookie} if with_cookie else {}
    headers |= {"Origin": program.base if origin == "own" else origin} if origin else {}
    with plain(program) as web:
        answer = web.put(f"{API}/draft", json={"a": 1}, headers=headers)
    assert answer.status_code == status


def test_a_gradio_event_of_another_page_is_refused(program: Running) -> None:
    with plain(program) as web:
        answer = web.post("/gradio_api/queue/join", json={"data": [], "fn_index": 0, "session_hash": "x"}, headers={"Origin": EVIL})
    assert error(answer) == (403, "wrong_origin")


def test_another_page_is_given_no_permission_to_read(program: Running) -> None:
    with plain(program) as web:
        for path in ("/", "/config", f"{API}/me", "/gradio_api/info"):
            answer = web.get(path, headers={"Origin": EVIL})
            assert not [name for name in answer.headers if name.startswith("access-control-")]
        asked = web.options(f"{API}/jobs", headers={"Origin": EVIL, "Access-Control-Request-Method": "POST"})
    assert asked.status_code == 404
    assert not [name for name in asked.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("path", ["/", "/healthz", f"{API}/me", "/assets/x.js"])
def test_a_foreign_host_is_421(program: Running, path: str) -> None:
    with plain(program) as web:
        assert error(web.get(path, headers={"Host": "evil.example"})) == (421, "wrong_host")


def test_a_forged_cookie_is_a_new_visitor_and_sees_nothing(program: Running) -> None:
    with program.visitor() as owner:
        picture = upload(owner)
        victim = str(owner.headers["authorization"]).removeprefix("Bearer ").partition(".")[0]
    with plain(program) as web:
        forged = {"Cookie": f"studio_visitor={victim}.{'A' * 43}"}
        answer = web.get(f"{API}/uploads/{picture}", headers=forged)
    assert error(answer) == (404, "not_found")
    assert not answer.headers["x-studio-visitor"].startswith(victim)


def test_a_forged_forwarded_host_does_not_get_into_the_page(program: Running) -> None:
    with plain(program) as web:
        page = web.get("/", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"})
    assert "evil.example" not in page.text
    assert "Secure" not in page.headers["set-cookie"]


@pytest.mark.parametrize("path", ["/", "/config", f"{API}/me", f"{API}/nothing", "/gradio_api/upload"])
def test_every_answer_carries_the_headers(program: Running, path: str) -> None:
    with plain(program) as web:
        headers = web.get(path).headers
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert "object-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]


def test_the_parts_of_a_page_are_never_taken_for_something_else(program: Running) -> None:
    with plain(program) as web:
        headers = web.get("/theme.css").headers
    assert headers["x-content-type-options"] == "nosniff"
