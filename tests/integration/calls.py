"""What tests ask of the program again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.integration.server import until
from tests.media_factory import jpeg

if TYPE_CHECKING:
    import httpx

FINAL = {"completed", "failed", "cancelled"}


def upload(web: httpx.Client, data: bytes | None = None, *, kind: str = "image", name: str = "boats.jpg") -> str:
    """Send a picture (or what is given) and return its id."""
    answer = web.post("uploads", params={"kind": kind}, content=data or jpeg(640, 480), headers={"X-Filename": name})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["upload"]["id"])


def order(web: httpx.Client, image: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever a field holds
    """Order a film and return its job."""
    film = {"service": "preview", "prompt": "push in slowly", "image": image, "duration": 2, "client_token": "one", **more}
    answer = web.post("jobs", json=film)
    assert answer.status_code in {200, 202}, answer.text
    job: dict[str, Any] = answer.json()["job"]
    return job


def job(web: httpx.Client, job_id: str) -> dict[str, Any]:
    """A job as it stands."""
    found: dict[str, Any] = web.get(f"jobs/{job_id}").json()["job"]
    return found


def finished(web: httpx.Client, job_id: str) -> dict[str, Any]:
    """A job once it is final."""
    until(lambda: job(web, job_id)["state"] in FINAL, f"job {job_id} to be finished", 90)
    return job(web, job_id)


def error(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, str(answer.json()["error"]["code"])
