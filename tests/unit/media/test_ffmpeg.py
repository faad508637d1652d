from __future__ import annotations

import stat
import sys
from typing import TYPE_CHECKING

import imageio_ffmpeg
import psutil
import pytest

from components.errors import FfmpegMissing
from components.media.ffmpeg import Ffmpeg, FfmpegFailed, find_ffmpeg, source
from tests import media_factory as made

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.media.conftest import Keep

ENDLESS = ["-re", "-f", "lavfi", "-i", "sine", "-f", "null", "-"]


def test_the_ffmpeg_of_the_wheel_is_found() -> None:
    found = find_ffmpeg()
    assert found.exe.is_absolute()
    assert found.run(["-f", "lavfi", "-i", "sine=d=0.1", "-f", "u8", "pipe:1"]) != b""


def test_no_ffmpeg_at_all_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise RuntimeError("No ffmpeg exe could be found.")

    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", none)
    with pytest.raises(FfmpegMissing):
        find_ffmpeg()


def test_a_run_over_its_time_is_stopped_and_leaves_no_process(ffmpeg: Ffmpeg) -> None:
    with pytest.raises(FfmpegFailed) as failed:
        ffmpeg.run(ENDLESS, timeout_s=0.3)
    assert failed.value.timed_out
    assert not [child for child in psutil.Process().children() if child.name().startswith("ffmpeg")]


def test_a_failed_run_says_why(ffmpeg: Ffmpeg, keep: Keep) -> None:
    with pytest.raises(FfmpegFailed) as failed:
        ffmpeg.run([*source(keep(b"nothing"), "mp3"), "-f", "null", "-"])
    assert failed.value.complaint
    assert not failed.value.timed_out


def test_the_forced_demuxer_keeps_a_playlist_from_reading_its_neighbour(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    (tmp_path / "secret.wav").write_bytes(made.wav(3))
    trap = tmp_path / "song.mp3"
    trap.write_bytes(made.playlist())
    assert ffmpeg.run(["-i", str(trap), "-f", "s16le", "pipe:1"]), "the trap has to work when unguarded"
    with pytest.raises(FfmpegFailed):
        ffmpeg.run([*source(trap, "mp3"), "-f", "s16le", "pipe:1"])


def test_network_addresses_are_not_opened(ffmpeg: Ffmpeg, keep: Keep) -> None:
    listing = keep(b"ffconcat version 1.0\nfile http://127.0.0.1:9/x.wav\n")
    with pytest.raises(FfmpegFailed) as failed:
        ffmpeg.run([*source(listing, "concat"), "-f", "s16le", "pipe:1"])
    assert "refused" not in failed.value.complaint.lower(), "it must not even have tried to connect"


@pytest.mark.skipif(sys.platform != "linux", reason="the limit exists on Linux only")
def test_memory_beyond_the_limit_is_not_given(ffmpeg: Ffmpeg, keep: Keep) -> None:
    path = keep(made.mp3(3))
    args = [*source(path, "mp3"), "-t", "3", "-f", "s16le", "pipe:1"]
    assert ffmpeg.run(args)
    with pytest.raises(FfmpegFailed):
        ffmpeg.run(["-f", "lavfi", "-i", "testsrc2=s=8000x8000:d=1", "-f", "null", "-"], memory_bytes=200 * 1024**2)


def test_a_running_ffmpeg_is_dead_after_its_block_even_when_the_block_fails(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    pids: list[int] = []

    def fail_while_it_runs() -> None:
        frames = ["-f", "rawvideo", "-s", "64x64", "-pix_fmt", "gray", "-i", "pipe:0", "-f", "null", "-"]
        with (tmp_path / "said").open("w+b") as said, ffmpeg.running(frames, complaints=said) as process:
            pids.append(process.pid)
            assert process.stdin is not None
            process.stdin.write(bytes(64 * 64))
            raise RuntimeError("of our own")

    with pytest.raises(RuntimeError, match="of our own"):
        fail_while_it_runs()
    assert not psutil.pid_exists(pids[0])


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands in for ffmpeg")
def test_a_process_that_never_reads_its_input_is_no_hindrance(tmp_path: Path) -> None:
    script = tmp_path / "deaf"
    script.write_text("#!/bin/sh\nexit 0\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    assert Ffmpeg(script).run([], stdin=bytes(1_000_000)) == b""
