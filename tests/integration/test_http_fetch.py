from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.calls import error
from tests.integration.shop import served

if TYPE_CHECKING:
    import httpx

    from tests.integration.shop import Shop


def test_a_picture_comes_from_an_address_under_its_name(shop: Shop, buyer: httpx.Client) -> None:
    answer = buyer.post("uploads/fetch", json={"kind": "image", "url": f"{shop.files.base}/a/boats%20at%20dusk.jpg"})
    assert answer.status_code == 201
    told = answer.json()["upload"]
    assert (told["kind"], told["name"], told["report"]["width"]) == ("image", "boats at dusk.jpg", 640)
    assert buyer.get(f"uploads/{told['id']}").json()["upload"] == told


def test_a_sound_comes_from_an_address(shop: Shop, buyer: httpx.Client) -> None:
    answer = buyer.post("uploads/fetch", json={"kind": "audio", "url": f"{shop.files.base}/bell.mp3", "service": "evolink"})
    assert answer.status_code == 201
    assert answer.json()["upload"]["kind"] == "audio"


def test_a_redirect_within_is_followed(shop: Shop, buyer: httpx.Client) -> None:
    assert buyer.post("uploads/fetch", json={"kind": "image", "url": f"{shop.files.base}/moved.jpg"}).status_code == 201


def test_what_a_mend_would_cure_is_offered_as_for_an_upload(shop: Shop, buyer: httpx.Client) -> None:
    refused = buyer.post("uploads/fetch", json={"kind": "image", "url": f"{shop.files.base}/large.jpg", "service": "evolink"})
    assert error(refused) == (422, "image_too_large")
    assert [fix["code"] for fix in refused.json()["fixes"]] == ["shrink"]
    assert buyer.post(f"uploads/{refused.json()['upload']['id']}/fix", json={"fixes": "auto"}).status_code == 201


@pytest.mark.parametrize(
    ("path", "kind", "expected"),
    [
        ("/nothing.jpg", "image", (422, "fetch_failed")),
        ("/page.html", "image", (415, "unknown_file")),
        ("/bell.mp3", "image", (415, "unknown_file")),
        ("/empty.jpg", "image", (422, "fetch_failed")),
        ("/huge.jpg", "image", (413, "file_too_big")),
        ("/away.jpg", "image", (422, "address_refused")),
        ("/metadata", "image", (422, "address_refused")),
    ],
)
def test_what_is_no_file_is_refused_about_its_input(
    shop: Shop, buyer: httpx.Client, path: str, kind: str, expected: tuple[int, str]
) -> None:
    refused = buyer.post("uploads/fetch", json={"kind": kind, "url": f"{shop.files.base}{path}"})
    assert error(refused) == expected
    assert refused.json()["error"]["field"] == kind


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/a.jpg",
        "https://127.0.0.1/a.jpg",
        "https://localhost/a.jpg",
        "https://[::1]/a.jpg",
        "https://[::ffff:10.0.0.1]/a.jpg",
        "https://169.254.169.254/latest",
        "https://10.1.2.3/a.jpg",
        "https://user:pass@example.org/a.jpg",
        "file:///etc/passwd",
        "ftp://example.org/a.jpg",
        "data:image/png;base64,AAAA",
        "/etc/passwd",
        "https://",
        "https://[",
        "nonsense",
    ],
)
def test_an_address_that_is_not_a_public_one_is_refused(buyer: httpx.Client, url: str) -> None:
    assert error(buyer.post("uploads/fetch", json={"kind": "image", "url": url})) == (422, "address_refused")


def test_this_machine_is_not_asked_on_behalf_of_anybody(buyer: httpx.Client) -> None:
    with served({"/a.jpg": (200, {}, b"x")}) as house:
        assert error(buyer.post("uploads/fetch", json={"kind": "image", "url": f"{house.base}/a.jpg"})) == (422, "address_refused")
        assert house.asked == []


def test_nothing_is_left_of_what_was_refused(shop: Shop, buyer: httpx.Client) -> None:
    buyer.post("uploads/fetch", json={"kind": "image", "url": f"{shop.files.base}/page.html"})
    buyer.post("uploads/fetch", json={"kind": "image", "url": f"{shop.files.base}/huge.jpg"})
    assert [path for path in (shop.program.data_dir / "work").iterdir() if path.is_file()] == []
