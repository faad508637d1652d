"""The Preview as the rest of the program meets it: real processes, real films."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
import pytest
from PIL import Image

from components.errors import PreviewDied, PreviewFailed, TaskGone
from components.generation.prices import FREE
from components.generation.request import Request
from components.generation.rules import violations
from components.media.video import look_at
from components.services.base import Cancelled, Failed, Finished, Order, Reading, Working
from components.services.preview.service import Preview
from tests.media_factory import ffmpeg, jpeg, mp3

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from components.services.preview.child import Child

RATE = 48_000


@pytest.fixture
async def preview() -> AsyncIterator[Preview]:
    service = Preview()
    yield service
    await service.close()


@pytest.fixture
def work_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def order(work_dir: Path, *, audio: bytes | None = None, picture: bytes | None = None, **wishes: Any) -> Order:  # noqa: ANN401 - any field of a request
    image = work_dir.parent / "照片.jpg"
    image.write_bytes(jpeg(480, 360, noise=6) if picture is None else picture)
    sound = None
    if audio is not None:
        sound = work_dir.parent / "song.mp3"
        sound.write_bytes(audio)
        wishes = {"audio": "upload-of-sound", **wishes}
    asked = {"prompt": "the camera pans left", "duration": 2, "sound": "silent" if audio is None else "own", **wishes}
    request = Request(service="preview", image="upload-of-picture", client_token="once", **asked)
    return Order("job", request, image, (480, 360), sound, work_dir)


async def ended(service: Preview, task_id: str) -> Reading:
    while True:
        reading = await service.read(task_id)
        if not isinstance(reading, Working):
            return reading
        await asyncio.sleep(service.pause_s(0))


async def under_way(service: Preview, task_id: str) -> None:
    """Until frames are written, so that the encoder runs too."""
    while True:
        reading = await service.read(task_id)
        if not isinstance(reading, Working) or reading.progress:
            return
        await asyncio.sleep(service.pause_s(0))


async def film_of(service: Preview, what: Order, to: Path) -> Path:
    reading = await ended(service, (await service.create(what)).task_id)
    assert isinstance(reading, Finished), reading
    await service.take(reading, to)
    return to


def heard(film: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    raw = ffmpeg().run(["-i", str(film), "-map", "0:a:0", "-ac", "1", "-ar", str(RATE), "-f", "s16le", "pipe:1"])
    return np.frombuffer(raw, "<i2")


def processes_of(service: Preview, task_id: str) -> list[psutil.Process]:
    child = psutil.Process(service._tasks[task_id].child.pid)
    return [child, *child.children(recursive=True)]


def all_gone(processes: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=10)
    return not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


def nothing_left_in(folder: Path) -> bool:
    return not list(folder.iterdir())


async def test_a_film_has_exactly_its_frames_and_the_pictures_shape(preview: Preview, work_dir: Path, tmp_path: Path) -> None:
    report = look_at(await film_of(preview, order(work_dir, duration=2), tmp_path / "film.mp4"), ffmpeg())
    assert (report.frames, report.fps, report.duration_s) == (60, 30, 2)
    assert (report.width, report.height) == (1108, 832)
    assert report.faststart
    assert not report.has_audio


async def test_the_same_order_gives_the_same_bytes_and_another_seed_others(preview: Preview, work_dir: Path, tmp_path: Path) -> None:
    wishes: dict[str, Any] = {"prompt": "handheld camera on the beach", "sound": "auto", "seed": 5, "shot_type": "multi"}
    films = [await film_of(preview, order(work_dir, **wishes), tmp_path / f"{i}.mp4") for i in range(2)]
    other = await film_of(preview, order(work_dir, **{**wishes, "seed": 6}), tmp_path / "other.mp4")
    assert films[0].read_bytes() == films[1].read_bytes()
    assert films[0].read_bytes() != other.read_bytes()


async def test_the_first_frame_is_the_picture_with_a_small_mark(preview: Preview, work_dir: Path, tmp_path: Path) -> None:
    what = order(work_dir, prompt="pan left", picture=jpeg(480, 360, quality=95))
    film = await film_of(preview, what, tmp_path / "film.mp4")
    small = ["-frames:v", "1", "-vf", "scale=120:90:flags=area:in_color_matrix=bt709", "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"]
    shown = np.frombuffer(ffmpeg().run(["-i", str(film), *small]), np.uint8).reshape(90, 120, 3).astype(float)
    with Image.open(what.image) as image:
        picture = np.asarray(image.resize((120, 90), Image.Resampling.BOX), float)
    away = np.abs(shown - picture).mean(axis=2)
    assert float(away[20:].max()) < 12
    assert float(away[:12, 90:].max()) > 30


async def test_the_made_sound_is_as_long_as_the_film(preview: Preview, work_dir: Path, tmp_path: Path) -> None:
    sound = heard(await film_of(preview, order(work_dir, sound="auto", duration=3), tmp_path / "film.mp4"))
    assert abs(len(sound) - 3 * RATE) <= 0.021 * RATE
    assert int(np.abs(sound).max()) > 1000


async def test_a_long_mp3_is_cut_to_the_film(preview: Preview, work_dir: Path, tmp_path: Path) -> None:
    sound = heard(await film_of(preview, order(work_dir, audio=mp3(4), duration=2), tmp_path / "film.mp4"))
    assert abs(len(sound) - 2 * RATE) <= 0.021 * RATE
    assert int(np.abs(sound[int(1.5 * RATE) : int(1.9 * RATE)]).max()) > 500


async def test_a_short_mp3_is_followed_by_silence_to_the_end(preview: Preview, work_dir: Path, tmp_path: Path) -> None:
    sound = heard(await film_of(preview, order(work_dir, audio=mp3(3), duration=5), tmp_path / "film.mp4"))
    assert abs(len(sound) - 5 * RATE) <= 0.021 * RATE
    assert int(np.abs(sound[int(2.5 * RATE) : int(2.9 * RATE)]).max()) > 500
    assert int(np.abs(sound[int(3.2 * RATE) :]).max()) <= 2


async def test_the_file_says_that_it_is_a_preview_with_its_words_and_seed(preview: Preview, work_dir: Path, tmp_path: Path) -> None:
    prompt = 'a "cat" & $(touch pwned); `x` \\ 猫\nsecond line'
    film = await film_of(preview, order(work_dir, prompt=prompt, seed=42), tmp_path / "film.mp4")
    told = ffmpeg().run(["-i", str(film), "-f", "ffmetadata", "pipe:1"]).decode()
    assert "Preview (a draft, not made by Wan)" in told
    assert "$(touch pwned)" in told
    assert "猫" in told
    assert '"seed": 42' in told.replace("\\=", "=")


async def test_progress_grows_to_the_end_and_the_time_left_is_told(preview: Preview, work_dir: Path) -> None:
    task_id = (await preview.create(order(work_dir, duration=4))).task_id
    seen: list[Working] = []
    while isinstance(reading := await preview.read(task_id), Working):
        seen.append(reading)
        await asyncio.sleep(0.02)
    told = [reading.progress for reading in seen if reading.progress is not None]
    assert told == sorted(told)
    assert len(set(told)) > 3
    assert max(told) <= 99
    assert any(reading.eta_s is not None and 0 < reading.eta_s < 60 for reading in seen)


async def test_a_taken_film_is_moved_and_its_task_is_gone(preview: Preview, work_dir: Path, tmp_path: Path) -> None:
    task_id = (await preview.create(order(work_dir))).task_id
    reading = await ended(preview, task_id)
    assert isinstance(reading, Finished)
    await preview.take(reading, tmp_path / "film.mp4")
    assert nothing_left_in(work_dir)
    with pytest.raises(TaskGone):
        await preview.read(task_id)
    with pytest.raises(TaskGone):
        await preview.take(reading, tmp_path / "again.mp4")


async def test_a_task_of_an_earlier_program_is_gone(preview: Preview) -> None:
    with pytest.raises(TaskGone):
        await preview.read("preview-of-yesterday")
    await preview.cancel("preview-of-yesterday")


async def test_cancelling_leaves_no_process_and_no_file(preview: Preview, work_dir: Path) -> None:
    task_id = (await preview.create(order(work_dir, duration=15, quality="1080p", sound="auto"))).task_id
    await under_way(preview, task_id)
    processes = processes_of(preview, task_id)
    assert len(processes) == 2
    await preview.cancel(task_id)
    assert nothing_left_in(work_dir)
    assert all_gone(processes)
    assert await preview.read(task_id) == Cancelled()


async def test_cancelling_at_once_works_too(preview: Preview, work_dir: Path) -> None:
    task_id = (await preview.create(order(work_dir))).task_id
    processes = processes_of(preview, task_id)
    await preview.cancel(task_id)
    assert await preview.read(task_id) == Cancelled()
    assert nothing_left_in(work_dir)
    assert all_gone(processes)


async def test_a_film_that_is_wanted_no_more_while_it_is_started_is_stopped(
    preview: Preview, work_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, started, told = preview._start, asyncio.Event(), asyncio.get_running_loop().call_soon_threadsafe
    cancelled = threading.Event()
    children: list[Child] = []

    def start_and_wait(what: Order, task_id: str) -> Child:
        child = start(what, task_id)
        children.append(child)
        told(started.set)
        cancelled.wait(10)
        return child

    monkeypatch.setattr(preview, "_start", start_and_wait)
    starting = asyncio.ensure_future(preview.create(order(work_dir)))
    await started.wait()
    starting.cancel()
    cancelled.set()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert nothing_left_in(work_dir)
    assert not psutil.pid_exists(children[0].pid)


async def test_a_killed_process_fails_its_film_and_takes_the_encoder_along(preview: Preview, work_dir: Path) -> None:
    task_id = (await preview.create(order(work_dir, duration=15))).task_id
    await under_way(preview, task_id)
    processes = processes_of(preview, task_id)
    os.kill(processes[0].pid, signal.SIGKILL)
    reading = await ended(preview, task_id)
    assert isinstance(reading, Failed)
    assert isinstance(reading.error, PreviewDied)
    assert nothing_left_in(work_dir)
    assert all_gone(processes)


async def test_a_killed_encoder_fails_the_film_with_a_reason(preview: Preview, work_dir: Path) -> None:
    task_id = (await preview.create(order(work_dir, duration=15))).task_id
    await under_way(preview, task_id)
    processes_of(preview, task_id)[1].kill()
    reading = await ended(preview, task_id)
    assert isinstance(reading, Failed)
    assert isinstance(reading.error, PreviewFailed)
    assert reading.error.params == {"reason": "encoder"}


@pytest.mark.parametrize("broken", [b"", b"\xff\xfb\x90\x00" + b"hello" * 9000, b"ffconcat version 1.0\nfile song.wav\n"])
async def test_a_broken_mp3_fails_the_film_with_a_reason(preview: Preview, work_dir: Path, broken: bytes) -> None:
    reading = await ended(preview, (await preview.create(order(work_dir, audio=broken))).task_id)
    assert isinstance(reading, Failed)
    assert isinstance(reading.error, PreviewFailed)
    assert (reading.error.field, reading.error.params) == ("audio", {"reason": "sound"})
    assert nothing_left_in(work_dir)


async def test_a_broken_picture_fails_the_film_with_a_reason(preview: Preview, work_dir: Path) -> None:
    reading = await ended(preview, (await preview.create(order(work_dir, picture=jpeg(480, 360)[:2000]))).task_id)
    assert isinstance(reading, Failed)
    assert (reading.error.field, reading.error.params) == ("image", {"reason": "picture"})


async def test_a_process_that_says_nothing_for_a_minute_is_ended(work_dir: Path) -> None:
    now = 0.0
    preview = Preview(clock=lambda: now)
    task_id = (await preview.create(order(work_dir, duration=15))).task_id
    await under_way(preview, task_id)
    processes = processes_of(preview, task_id)
    os.killpg(processes[0].pid, signal.SIGSTOP)
    now = 61.0
    reading = await preview.read(task_id)
    assert isinstance(reading, Failed)
    assert reading.error.params == {"reason": "stalled"}
    await preview.close()
    assert all_gone(processes)
    assert nothing_left_in(work_dir)


async def test_closing_ends_every_film(work_dir: Path) -> None:
    preview = Preview()
    tasks = [(await preview.create(order(work_dir, duration=15))).task_id for _ in range(2)]
    processes = [process for task_id in tasks for process in processes_of(preview, task_id)]
    await preview.close()
    assert all_gone(processes)
    assert nothing_left_in(work_dir)


def test_a_program_that_is_killed_takes_its_previews_along(work_dir: Path) -> None:
    (work_dir.parent / "照片.jpg").write_bytes(jpeg(480, 360))
    program = textwrap.dedent("""
        import asyncio, sys
        from pathlib import Path
        from components.services.preview.service import Preview
        from tests.integration.test_preview_service import order, processes_of, under_way

        async def main():
            preview = Preview()
            task_id = (await preview.create(order(Path(sys.argv[1]), duration=15, quality="1080p"))).task_id
            await under_way(preview, task_id)
            print(*[process.pid for process in processes_of(preview, task_id)], flush=True)
            await asyncio.Event().wait()

        asyncio.run(main())
    """)
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", program, str(work_dir)], stdout=subprocess.PIPE, cwd=root) as studio:
        assert studio.stdout is not None
        processes = [psutil.Process(int(pid)) for pid in studio.stdout.readline().split()]
        studio.kill()
    assert len(processes) == 2
    assert all_gone(processes)


def test_the_child_gets_none_of_the_programs_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    from components.services.preview.child import _environment  # noqa: PLC0415 - looked at from inside

    monkeypatch.setenv("EVOLINK_API_KEY", "made-up")
    assert "made-up" not in _environment().values()


def test_preview_is_free_and_takes_what_the_contract_says() -> None:
    capabilities = Preview.capabilities.model_dump(mode="json", by_alias=True)
    assert capabilities["duration"] == {"from": 2, "to": 15}
    assert capabilities["image"] == {"formats": ["jpeg", "png", "webp", "bmp"], "side": [360, 2000], "bytes": 10_000_000, "alpha": False}
    assert capabilities["audio"] == {"formats": ["mp3"], "seconds": [3, 30], "bytes": 15_000_000, "needs_public_url": False}
    assert (capabilities["paid"], capabilities["cancel"], capabilities["limits"]["queue"]) == (False, "always", "preview")
    assert list(capabilities["fields"]) == ["seed"]


def test_the_rules_refuse_shots_without_prompt_improvement() -> None:
    request = Request(service="preview", prompt="x", image="upload-of-picture", shot_type="multi", prompt_extend=False, client_token="once")
    assert [violation.code for violation in violations(request, Preview.capabilities)] == ["multi_needs_improve"]
    assert Preview().quote(request) == FREE
