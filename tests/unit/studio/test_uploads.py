from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PIL import Image

from components.errors import FileDamaged, FileEmpty, NotFound, RequestInvalid, StudioError, UnknownFile
from components.studio.uploaded import UnfitUpload, clean_name
from components.studio.uploadrows import KEPT_S
from tests import media_factory as media
from tests.unit.studio.files_bench import HOUR, FilesBench

if TYPE_CHECKING:
    from components.studio.uploaded import Kind


def test_a_fit_picture_is_kept_and_shown(bench: FilesBench, visitor: str) -> None:
    outcome = bench.bring(visitor, media.jpeg(800, 600), name="照片.jpg")
    view = outcome.upload
    assert outcome.error is None
    assert outcome.fixes == ()
    assert (view.kind, view.name, view.fit, view.original) == ("image", "照片.jpg", True, None)
    assert set(view.report) == {"format", "width", "height", "bytes", "orientation", "has_transparency", "frames"}
    assert (view.report["width"], view.report["height"]) == (800, 600)
    assert view.expires_at.timestamp() == bench.clock.time + KEPT_S
    assert bench.uploads.get(visitor, view.id) == view
    assert bench.leftovers() == []


def test_what_may_leave_the_house_is_upright_and_knows_no_place(bench: FilesBench, visitor: str) -> None:
    view = bench.bring(visitor, media.jpeg(800, 600, orientation=6, gps=True)).upload
    usable = bench.uploads.usable(visitor, view.id, "image", "preview")
    assert usable.size == (600, 800)
    assert {"upright", "strip"} <= set(view.applied)
    with Image.open(bench.objects.local_now(usable.key)) as picture:
        assert picture.size == (600, 800)
        assert not picture.getexif()


def test_the_original_stays_as_it_came_beside_the_copy(bench: FilesBench, visitor: str) -> None:
    data = media.jpeg(800, 600, gps=True)
    bench.bring(visitor, data)
    sources = [key for key in bench.stored() if key.startswith("source/")]
    assert [bench.objects.local_now(key).read_bytes() for key in sources] == [data]


def test_a_picture_that_a_mend_would_cure_is_kept_and_every_fault_is_said(bench: FilesBench, visitor: str) -> None:
    outcome = bench.bring(visitor, media.one_clear_pixel_png(2400, 1800), name="big.png")
    assert outcome.error is not None
    assert outcome.error.text_code == "image_too_large"
    assert outcome.error.field == "image"
    assert [fault.code for fault in outcome.error.faults] == ["image_too_large", "image_transparent"]
    assert [(fix.code, fix.params) for fix in outcome.fixes] == [("shrink", {}), ("flatten", {"color": "#ffffff"})]
    assert not outcome.upload.fit
    with pytest.raises(UnfitUpload):
        bench.uploads.usable(visitor, outcome.upload.id, "image", "preview")


@pytest.mark.parametrize(
    ("data", "code"),
    [(media.jpeg(359, 800), "image_too_small"), (media.jpeg(2000, 300), "image_too_long"), (media.animated("WEBP"), "image_animated")],
)
def test_a_picture_that_nothing_cures_leaves_nothing_behind(bench: FilesBench, visitor: str, data: bytes, code: str) -> None:
    with pytest.raises(UnfitUpload) as refused:
        bench.bring(visitor, data)
    assert refused.value.text_code == code
    assert [fault.code for fault in refused.value.faults] == [code]
    assert bench.stored() == set()
    assert bench.leftovers() == []


@pytest.mark.parametrize(
    ("kind", "data", "error"),
    [
        ("image", b"", FileEmpty),
        ("image", b"<svg xmlns='http://www.w3.org/2000/svg'/>", UnknownFile),
        ("image", media.jpeg()[:9000], FileDamaged),
        ("image", media.heic_head(), UnknownFile),
        ("audio", b"", FileEmpty),
        ("audio", b"#EXTM3U\nfile:///etc/passwd\n", UnknownFile),
    ],
)
def test_a_file_that_cannot_be_used_leaves_nothing_behind(
    bench: FilesBench, visitor: str, kind: Kind, data: bytes, error: type[StudioError]
) -> None:
    with pytest.raises(error):
        bench.bring(visitor, data, kind=kind)
    assert bench.stored() == set()
    assert bench.leftovers() == []


def test_a_service_that_nobody_knows_is_refused_and_the_file_removed(bench: FilesBench, visitor: str) -> None:
    with pytest.raises(RequestInvalid):
        bench.bring(visitor, media.jpeg(), service="nobody")
    assert bench.leftovers() == []


def test_the_service_decides_what_is_fit(bench: FilesBench, visitor: str) -> None:
    data = media.one_clear_pixel_png(2400, 1800)
    view = bench.bring(visitor, data, service="roomy").upload
    assert view.fit
    assert bench.uploads.usable(visitor, view.id, "image", "roomy").size == (2400, 1800)
    with pytest.raises(UnfitUpload) as refused:
        bench.uploads.usable(visitor, view.id, "image", "preview")
    assert refused.value.text_code == "image_too_large"


def test_a_picture_is_no_sound_and_no_other_visitors(bench: FilesBench, visitor: str) -> None:
    view = bench.bring(visitor, media.jpeg()).upload
    with pytest.raises(NotFound):
        bench.uploads.usable(visitor, view.id, "audio", "preview")
    stranger = bench.visitor()
    for ask in (bench.uploads.get, bench.uploads.delete):
        with pytest.raises(NotFound):
            ask(stranger, view.id)
    with pytest.raises(NotFound):
        bench.uploads.usable(stranger, view.id, "image", "preview")
    with pytest.raises(NotFound):
        bench.uploads.fix(stranger, view.id, "auto")
    assert bench.uploads.get(visitor, view.id) == view


def test_a_sound_is_kept_with_its_waveform(bench: FilesBench, visitor: str) -> None:
    view = bench.bring(visitor, media.mp3(5), kind="audio", name="a song.mp3").upload
    assert view.fit
    assert view.report["duration_s"] == pytest.approx(5, abs=0.05)
    assert 0 < len(view.report["peaks"]) <= 600
    assert bench.uploads.usable(visitor, view.id, "audio", "preview").size is None


def test_a_sound_that_is_too_short_leaves_nothing_behind(bench: FilesBench, visitor: str) -> None:
    with pytest.raises(UnfitUpload) as refused:
        bench.bring(visitor, media.mp3(2), kind="audio")
    assert refused.value.text_code == "audio_too_short"
    assert bench.stored() == set()


def test_after_48_hours_an_unused_upload_is_not_there_any_more(bench: FilesBench, visitor: str) -> None:
    view = bench.bring(visitor, media.jpeg()).upload
    bench.clock.time += KEPT_S - 1
    bench.uploads.get(visitor, view.id)
    bench.clock.time += 1
    with pytest.raises(NotFound):
        bench.uploads.get(visitor, view.id)


def test_an_upload_that_is_about_to_be_used_lives_another_hour(bench: FilesBench, visitor: str) -> None:
    view = bench.bring(visitor, media.jpeg()).upload
    bench.clock.time += KEPT_S - 60
    bench.uploads.usable(visitor, view.id, "image", "preview")
    bench.clock.time += HOUR - 61
    bench.uploads.get(visitor, view.id)


def test_deleting_takes_the_files_along(bench: FilesBench, visitor: str) -> None:
    view = bench.bring(visitor, media.jpeg()).upload
    bench.uploads.delete(visitor, view.id)
    assert bench.stored() == set()
    with pytest.raises(NotFound):
        bench.uploads.delete(visitor, view.id)


def test_deleting_leaves_the_files_that_a_film_needs(bench: FilesBench, visitor: str) -> None:
    view = bench.bring(visitor, media.jpeg()).upload
    key = bench.uploads.usable(visitor, view.id, "image", "preview").key
    bench.film(visitor, "film-1", image_key=key)
    bench.uploads.delete(visitor, view.id)
    assert bench.objects.has_now(key)
    assert not [key for key in bench.stored() if key.startswith("source/")]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("照片.jpg", "照片.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\fakepath\\boat.png", "boat.png"),
        ("a\x00b\r\nc\x1b.png", "abc.png"),
        ("\u202egpj.exe", "gpj.exe"),
        ("  spaced   out .png ", "spaced out.png"),
        ("", "picture"),
        ("...", "picture"),
        ("/", "picture"),
        ("cafe\u0301.jpg", "café.jpg"),
        ("می‌خواهم.mp3", "می‌خواهم.mp3"),
        ("x" * 300 + ".jpeg", "x" * 115 + ".jpeg"),
        ("x" * 300, "x" * 120),
        ("${alert(1)}`<b>.png", "${alert(1)}`<b>.png"),
        (".png", "png"),
    ],
)
def test_a_name_is_kept_in_any_script_but_never_leads_anywhere(given: str, kept: str) -> None:
    assert clean_name(given, "image") == kept
    assert len(kept) <= 120
