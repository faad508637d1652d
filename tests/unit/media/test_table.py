"""The table of files that the checks of the server and of the browser have to judge alike."""

from __future__ import annotations

import resource
import sys
from typing import TYPE_CHECKING

import pytest

from components.errors import FileRefused
from components.media.image import inspect_image
from components.media.sound import inspect_sound
from tests import media_factory
from tests.media_cases import Case, write_cases

if TYPE_CHECKING:
    from pathlib import Path

    from components.media.ffmpeg import Ffmpeg


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cases")


@pytest.fixture(scope="module")
def cases(folder: Path) -> list[Case]:
    return write_cases(folder)


def _judge(path: Path, case: Case, ffmpeg: Ffmpeg) -> dict[str, object]:
    try:
        report = inspect_image(path) if case.kind == "image" else inspect_sound(path, ffmpeg)
    except FileRefused as refused:
        return {"error": refused.text_code, "found": refused.params.get("kind"), "field": refused.field}
    return report.model_dump()


def test_every_file_of_the_table_is_judged_as_it_says(folder: Path, cases: list[Case], ffmpeg: Ffmpeg, subtests: pytest.Subtests) -> None:
    for case in cases:
        with subtests.test(case.name):
            judged = _judge(folder / case.name, case, ffmpeg)
            if case.report is None:
                assert judged == {"error": case.error, "found": case.found, "field": case.kind}
            else:
                assert {key: judged.get(key) for key in case.report} == pytest.approx(case.report, abs=0.000_6)


def test_the_table_has_both_good_and_refused_files_of_each_kind(cases: list[Case]) -> None:
    assert {(case.kind, case.error is None) for case in cases} == {("image", True), ("image", False), ("audio", True), ("audio", False)}


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in bytes elsewhere")
def test_hostile_files_are_refused_without_taking_much_memory(folder: Path, cases: list[Case], ffmpeg: Ffmpeg) -> None:
    del cases
    for name, data in {
        "bomb.jpg": media_factory.scan_bomb(),
        "bomb.mp3": media_factory.id3_zlib_bomb(media_factory.mp3(4)),
        "frames.mp3": media_factory.id3_of_many_frames(media_factory.mp3(4)),
        "starts.mp3": media_factory.false_starts(),
    }.items():
        (folder / name).write_bytes(data)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name in ("bomb.jpg", "pixel-bomb.png", "pixel-bomb.jpg", "pixel-bomb.bmp", "pixel-bomb.webp"):
        with pytest.raises(FileRefused):
            inspect_image(folder / name)
    with pytest.raises(FileRefused):
        inspect_sound(folder / "starts.mp3", ffmpeg)
    for name in ("bomb.mp3", "frames.mp3"):
        assert inspect_sound(folder / name, ffmpeg).duration_s == 4
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown_kib < 150_000
