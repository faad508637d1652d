from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from components.errors import PreviewDied
from components.generation.job import JobState, Stage
from components.services.registry import Services
from components.studio.keys import Secrets
from components.studio.links import Links
from components.studio.tables import JobRow
from components.studio.views import JobView, Views, film_name
from components.studio.waiting import Asked
from components.studio.wording import Wording, record
from tests.workshop_film import Instant, Paid

if TYPE_CHECKING:
    from components.services.base import Service

DAY = 86_400
FIELDS = (
    "id revision state stage service request progress eta_s asked_at position wait cost error created_at updated_at finished_at "
    "video remote image kept"
)
VIDEO = {"width": 1280, "height": 720, "duration_s": 5.0, "fps": 30.0, "bytes": 9, "sha256": "00"}


class Now:
    def now(self) -> float:
        return 1_000_000.0


def row(**more: Any) -> JobRow:  # noqa: ANN401 - any column
    request = {"service": "local", "prompt": "A paper boat, drifting!", "image": "upload-one", "duration": 5, "client_token": "one"}
    values: dict[str, Any] = {
        "id": "012345abcdef",
        "visitor": "v",
        "client_token": "one",
        "revision": 7,
        "run": 1,
        "state": JobState.PROCESSING,
        "stage": Stage.MAKING,
        "service": "local",
        "queue": "local",
        "request": request,
        "image_key": f"input/00/{'0' * 32}.png",
        "image_width": 640,
        "image_height": 360,
        "cancel_requested": False,
        "estimate": "0",
        "kept": False,
        "created_at": 1_000_000.0,
        "updated_at": 1_000_001.5,
    }
    return JobRow(**{**values, **more})


def view(shown: JobRow, *, keep_days: int = 30, service: Service | None = None) -> JobView:
    views = Views(Services(service or Instant()), Links(Secrets((b"k" * 32,)), Now()), Wording.read(), keep_days)
    return views.job(shown)


def completed(**more: Any) -> JobRow:  # noqa: ANN401 - any column
    keys = {"video_key": f"video/00/{'0' * 32}.mp4", "poster_key": f"poster/00/{'0' * 32}.jpg", "video": VIDEO}
    return row(state=JobState.COMPLETED, stage=Stage.DONE, finished_at=1_000_002.0, **{**keys, **more})


@pytest.mark.parametrize("name", FIELDS.split())
def test_a_job_shows_every_field_of_the_contract(name: str) -> None:
    assert name in view(row()).model_dump(mode="json")


def test_times_are_utc_in_iso_8601() -> None:
    assert view(row()).model_dump(mode="json")["updated_at"] == "1970-01-12T13:46:41.500000Z"


def test_the_stage_is_a_word_for_people_with_the_services_name() -> None:
    assert view(row()).stage == "Local is making the film"


def test_a_failed_job_shows_its_error_in_words_and_no_stage() -> None:
    shown = view(row(state=JobState.FAILED, error=record(PreviewDied())))
    assert shown.stage is None
    assert shown.error is not None
    assert (shown.error.code, shown.error.charged) == ("preview_died", "no")
    assert shown.error.message
    assert shown.error.hint


def test_a_finished_film_has_addresses_facts_and_an_end() -> None:
    video = view(completed()).video
    assert video is not None
    assert video.download_url == f"{video.url}?download=1"
    assert video.poster_url.startswith("/gradio_api/studio/media/")
    assert (video.width, video.duration_s, video.fps) == (1280, 5.0, 30.0)
    assert video.expires_at is not None
    assert video.expires_at.timestamp() == 1_000_002.0 + 30 * DAY


@pytest.mark.parametrize(("keep_days", "kept"), [(0, False), (30, True)])
def test_a_kept_film_or_one_kept_for_ever_has_no_end(keep_days: int, kept: bool) -> None:
    video = view(completed(kept=kept), keep_days=keep_days).video
    assert video is not None
    assert video.expires_at is None


def test_a_purged_film_has_no_video() -> None:
    assert view(completed(purged_at=1.0)).video is None


def test_the_remote_task_is_shown_where_money_is_spent_only() -> None:
    assert view(row(task_id="t-1")).remote is None
    remote = view(row(task_id="t-1"), service=Paid()).remote
    assert remote is not None
    assert remote.task_id == "t-1"


def test_what_a_job_waits_for_is_shown_with_its_reason() -> None:
    wait = view(row(retry_at=1_000_010.0, wait_reason="disk_full")).wait
    assert wait is not None
    assert wait.reason == "disk_full"


def test_a_job_of_a_service_that_is_gone_can_still_be_shown() -> None:
    assert view(row(service="forgotten")).stage == "forgotten is making the film"


def test_the_remote_task_says_when_the_service_deletes_the_film() -> None:
    remote = view(row(task_id="t-1", remote_expires_at=1_086_400.0), service=Paid()).remote
    assert remote is not None
    assert remote.expires_at is not None
    assert remote.expires_at.timestamp() == 1_086_400.0


def test_what_a_film_cost_is_shown_with_what_is_known_about_it() -> None:
    cost = {"source": "service", "original": {"amount": "21", "unit": "credits"}, "seconds": 5.0}
    shown = view(row(estimate="0.50", reserved="0.50", actual="0.31", cost=cost), service=Paid()).cost
    assert shown.model_dump() == {
        "estimate": "0.50",
        "reserved": "0.50",
        "actual": "0.31",
        "source": "service",
        "original": {"amount": "21", "unit": "credits"},
    }


def test_a_free_film_says_that_it_is_free() -> None:
    shown = view(row()).cost
    assert (shown.estimate, shown.reserved, shown.actual, shown.source) == ("0", None, None, "free")


def test_the_sellers_film_has_an_address_of_its_own_where_a_sound_was_laid_under_a_copy() -> None:
    assert view(completed()).video is not None
    laid = view(completed(original_key=f"video/00/{'1' * 32}.mp4")).video
    assert laid is not None
    assert laid.original_url is not None
    assert laid.original_url != laid.url


def test_when_the_service_was_asked_comes_from_memory_and_a_stretched_wait_too() -> None:
    asked = Asked()
    asked.answered("012345abcdef", "somebody", 1_000_005.0)
    asked.stretch("012345abcdef", 1_000_009.0)
    views = Views(Services(Paid()), Links(Secrets((b"k" * 32,)), Now()), Wording.read(), 30, asked)
    shown = views.job(row(asked_at=1_000_001.0))
    assert shown.asked_at is not None
    assert shown.asked_at.timestamp() == 1_000_005.0
    assert shown.wait is not None
    assert (shown.wait.reason, shown.wait.until.timestamp()) == ("many_films", 1_000_009.0)


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("A paper boat, drifting!", "local-a-paper-boat-drifting-5s-abcdef.mp4"),
        ("", "local-5s-abcdef.mp4"),
        ("照片 在海边", "local-照片-在海边-5s-abcdef.mp4"),
        ("../../etc/passwd", "local-etc-passwd-5s-abcdef.mp4"),
        ("w" * 400, f"local-{'w' * 48}-5s-abcdef.mp4"),
    ],
)
def test_a_download_has_a_speaking_name(prompt: str, name: str) -> None:
    shown = row()
    shown.request = {**shown.request, "prompt": prompt}
    assert film_name(shown, "mp4") == name
