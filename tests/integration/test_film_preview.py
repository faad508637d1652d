"""Films by the real Preview, through the whole studio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psutil
import pytest

from components.generation.job import JobState
from components.media.ffmpeg import find_ffmpeg
from components.media.sound import encode_mp3
from components.media.video import look_at
from components.services.preview.service import Preview
from tests.workshop import finished, picture, request, studio, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from components.studio.studio import Studio

ANN, BOB = "visitor-ann-----", "visitor-bob-----"


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Studio]:
    with studio(tmp_path, Preview(), preview_workers=2) as started:
        yield started


def sound(made: Studio, visitor: str, seconds: int) -> str:
    part = made.objects.work_file()
    encode_mp3(b"\1\0" * 8000 * seconds, part, find_ffmpeg(), rate_hz=8000, channels=1)
    outcome = made.uploads.receive(visitor, "audio", "song.mp3", part)
    if outcome.error is None:
        return outcome.upload.id
    return made.uploads.fix(visitor, outcome.upload.id, "auto").id


def renderers() -> list[psutil.Process]:
    """Child processes of this one that draw a Preview."""
    found = []
    for child in psutil.Process().children(recursive=True):
        try:
            if "components.services.preview.child_main" in child.cmdline():
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return found


def begin(made: Studio, visitor: str, duration: int, **more: Any) -> str:  # noqa: ANN401 - whatever a field holds
    return made.submit(visitor, request(picture(made, visitor), service="preview", duration=duration, **more)).job.id


def test_a_preview_becomes_a_film_of_exactly_the_length_asked_for(made: Studio) -> None:
    job = finished(made, ANN, begin(made, ANN, 2, sound="silent"))
    assert job.video is not None
    assert (job.video.duration_s, job.video.fps) == (2.0, 30.0)
    assert job.video.download_url
    assert job.progress == 100


def test_a_preview_hears_the_piece_of_a_long_song_that_was_chosen(made: Studio) -> None:
    song = sound(made, ANN, 40)
    job = finished(made, ANN, begin(made, ANN, 2, audio=song, audio_start_s=30.0))
    assert job.state == "completed"
    row = made.jobs.load(job.id)
    assert row is not None
    assert look_at(made.objects.local_now(row.video_key or ""), find_ffmpeg()).has_audio


def test_a_cancelled_preview_leaves_no_process_and_no_file(made: Studio) -> None:
    job = begin(made, ANN, 15, quality="1080p")
    until(lambda: made.job(ANN, job).state == JobState.PROCESSING and bool(renderers()), "it is drawn")
    made.cancel(ANN, job)
    assert finished(made, ANN, job).state == "cancelled"
    until(lambda: not renderers(), "its process has ended")
    until(lambda: not list(made.objects.work_dir.iterdir()), "its files are gone")


def test_a_killed_renderer_fails_its_own_film_in_words_and_no_other(made: Studio) -> None:
    victim = begin(made, ANN, 15, quality="1080p")
    until(lambda: made.job(ANN, victim).state == JobState.PROCESSING and bool(renderers()), "it is drawn")
    before = {child.pid for child in renderers()}
    other = begin(made, BOB, 2)
    for child in renderers():
        if child.pid in before:
            child.kill()
    failed = finished(made, ANN, victim)
    assert failed.state == "failed"
    assert failed.error is not None
    assert (failed.error.code, failed.error.charged) == ("preview_died", "no")
    assert finished(made, BOB, other).state == "completed"
