from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.calls import error, finished, order, upload
from tests.integration.server import API, Running, running, until
from tests.integration.spaces import HOST, THROUGH, surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The program as a Space starts it."""
    folder = tmp_path_factory.mktemp("space")
    with surroundings(folder) as around, running(folder / "data", more=around) as app:
        yield app


def test_it_says_that_nothing_lasts(space: Running) -> None:
    until(lambda: "Data" in space.said, "the greeting")
    assert "Storage is not lasting" in space.said
    assert "Traceback" not in space.said


def test_the_cookie_lives_in_the_frame_of_a_space(space: Running) -> None:
    said = space.web.get("/", headers=THROUGH).headers["set-cookie"]
    assert said.endswith("; HttpOnly; Secure; SameSite=None; Partitioned")


def test_the_page_is_the_python_one_with_its_own_address(space: Running) -> None:
    page = space.web.get("/", headers=THROUGH).text
    assert f"https://{HOST}" in page
    assert "studio-boot" in page


def test_huggingface_may_frame_the_page(space: Running) -> None:
    policy = space.web.get("/", headers=THROUGH).headers["content-security-policy"]
    assert "frame-ancestors 'self' https://huggingface.co" in policy


@pytest.mark.parametrize(
    ("origin", "expected"),
    [(f"https://{HOST}", 204), ("https://other.hf.space", 403), ("https://huggingface.co", 403), (f"http://{HOST}", 403)],
)
def test_only_the_spaces_own_page_changes_anything(space: Running, origin: str, expected: int) -> None:
    cookie = space.web.get("/", headers=THROUGH).headers["set-cookie"].partition(";")[0]
    answer = space.web.put(f"{API}/draft", json={}, headers={**THROUGH, "Origin": origin, "Cookie": cookie})
    assert answer.status_code == expected


def test_a_custom_domain_is_its_own_origin(space: Running) -> None:
    through = {**THROUGH, "X-Forwarded-Host": "films.example.org", "Host": "films.example.org"}
    assert space.web.put(f"{API}/draft", json={}, headers={**through, "Origin": "https://films.example.org"}).status_code == 204


def test_a_film_is_made(space: Running) -> None:
    with space.visitor() as web:
        web.headers.update(THROUGH)
        made = finished(web, order(web, upload(web))["id"])
    assert made["state"] == "completed"


def test_the_surface_is_as_shut_as_anywhere(space: Running) -> None:
    assert error(space.web.post("/gradio_api/upload", headers=THROUGH)) == (404, "closed")
