from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from components.errors import CannotMend, Gone, NeedsChoice
from components.studio.uploaded import UnfitUpload
from tests import media_factory as media
from tests.unit.studio.files_bench import DAY, FilesBench


def opened(bench: FilesBench, visitor: str, upload: str, service: str = "preview") -> Image.Image:
    with Image.open(bench.objects.local_now(bench.uploads.usable(visitor, upload, "image", service).key)) as picture:
        return picture.convert("RGB")


def test_all_that_was_offered_is_mended_in_one_go(bench: FilesBench, visitor: str) -> None:
    outcome = bench.bring(visitor, media.one_clear_pixel_png(2400, 1800))
    offered = [{"code": fix.code, **fix.params} for fix in outcome.fixes]
    view = bench.uploads.fix(visitor, outcome.upload.id, offered, "preview")
    assert view.fit
    assert (view.report["width"], view.report["height"]) == (2000, 1500)
    assert not view.report["has_transparency"]
    assert {"flatten", "shrink"} <= set(view.applied)
    assert view.original is not None
    assert (view.original["width"], view.original["has_transparency"]) == (2400, True)
    assert "original" not in view.report


def test_auto_does_what_the_service_asks_for(bench: FilesBench, visitor: str) -> None:
    upload = bench.bring(visitor, media.one_clear_pixel_png(2400, 1800)).upload
    view = bench.uploads.fix(visitor, upload.id, "auto", "preview")
    assert view.fit
    assert {"flatten", "shrink"} <= set(view.applied)


def test_the_old_upload_stays_beside_the_mended_one(bench: FilesBench, visitor: str) -> None:
    upload = bench.bring(visitor, media.jpeg(2400, 1800)).upload
    view = bench.uploads.fix(visitor, upload.id, "auto")
    assert view.id != upload.id
    assert bench.uploads.get(visitor, upload.id) == upload


def test_transparency_is_laid_on_the_colour_that_was_asked_for(bench: FilesBench, visitor: str) -> None:
    clear = media.saved(Image.new("RGBA", (400, 400), (0, 0, 0, 0)), "PNG")
    upload = bench.bring(visitor, clear).upload
    view = bench.uploads.fix(visitor, upload.id, [{"code": "flatten", "color": "#2080c0"}])
    assert opened(bench, visitor, view.id).getpixel((9, 9)) == pytest.approx((0x20, 0x80, 0xC0), abs=2)


def test_turning_back_undoes_upright(bench: FilesBench, visitor: str) -> None:
    upload = bench.bring(visitor, media.jpeg(800, 600, orientation=6)).upload
    assert upload.report["width"] == 600
    view = bench.uploads.fix(visitor, upload.id, [{"code": "turn", "degrees": 270}])
    assert (view.report["width"], view.report["height"]) == (800, 600)
    assert "turn" in view.applied


def test_a_mended_upload_is_mended_again_from_its_original(bench: FilesBench, visitor: str) -> None:
    upload = bench.bring(visitor, media.jpeg(2400, 1800)).upload
    shrunk = bench.uploads.fix(visitor, upload.id, "auto", "preview")
    again = bench.uploads.fix(visitor, shrunk.id, "auto", "roomy")
    assert again.report["width"] == 2400
    assert again.original is not None
    assert again.original["width"] == 2400


def test_the_original_may_be_deleted_and_the_mended_one_can_still_be_mended(bench: FilesBench, visitor: str) -> None:
    upload = bench.bring(visitor, media.jpeg(2400, 1800)).upload
    shrunk = bench.uploads.fix(visitor, upload.id, "auto")
    bench.uploads.delete(visitor, upload.id)
    assert bench.uploads.get(visitor, shrunk.id).original == shrunk.original
    assert bench.uploads.fix(visitor, shrunk.id, [{"code": "shrink"}, {"code": "turn", "degrees": 90}]).report["height"] == 2000
    bench.uploads.delete(visitor, shrunk.id)


@pytest.mark.parametrize(
    "fixes",
    [
        [{"code": "sharpen"}],
        [{"code": "flatten"}],
        [{"code": "part"}],
        [{"code": "recompress"}],
        [{"code": "shrink"}, {"code": "shrink"}],
        [{"code": "turn"}],
        [{"code": "turn", "degrees": 45}],
        [{"code": "turn", "degrees": "left"}],
        [{"code": "shrink", "to": 100}],
        [{}],
        [{"code": {"a": 1}}],
    ],
)
def test_a_mend_that_does_not_suit_is_refused_and_leaves_nothing(bench: FilesBench, visitor: str, fixes: list[dict[str, Any]]) -> None:
    upload = bench.bring(visitor, media.jpeg(2400, 1800)).upload
    before = bench.stored()
    with pytest.raises(CannotMend):
        bench.uploads.fix(visitor, upload.id, fixes, "preview")
    assert bench.stored() == before
    assert bench.leftovers() == []


def test_a_colour_that_is_none_is_refused(bench: FilesBench, visitor: str) -> None:
    upload = bench.bring(visitor, media.one_clear_pixel_png()).upload
    for colour in ("red", "#fff", "#12345g", "url(x)"):
        with pytest.raises(CannotMend):
            bench.uploads.fix(visitor, upload.id, [{"code": "flatten", "color": colour}])


def test_half_of_the_mends_is_not_enough_and_leaves_nothing(bench: FilesBench, visitor: str) -> None:
    upload = bench.bring(visitor, media.one_clear_pixel_png(2400, 1800)).upload
    before = bench.stored()
    with pytest.raises(UnfitUpload) as refused:
        bench.uploads.fix(visitor, upload.id, [{"code": "shrink"}], "preview")
    assert refused.value.text_code == "image_transparent"
    assert bench.stored() == before
    assert bench.leftovers() == []


def test_auto_never_crops(bench: FilesBench, visitor: str) -> None:
    upload = bench.bring(visitor, media.jpeg(4000, 300), service="roomy").upload
    with pytest.raises(NeedsChoice):
        bench.uploads.fix(visitor, upload.id, "auto", "preview")


def test_auto_says_so_where_nothing_helps(bench: FilesBench, visitor: str) -> None:
    upload = bench.bring(visitor, media.jpeg(300, 300), service="roomy").upload
    with pytest.raises(UnfitUpload) as refused:
        bench.uploads.fix(visitor, upload.id, "auto", "preview")
    assert refused.value.text_code == "image_too_small"


def test_of_a_long_song_a_part_is_heard_and_the_whole_song_stays(bench: FilesBench, visitor: str) -> None:
    outcome = bench.bring(visitor, media.mp3(40), kind="audio", name="song.mp3")
    assert outcome.error is not None
    assert outcome.error.text_code == "audio_too_long"
    assert [fix.code for fix in outcome.fixes] == ["part"]
    view = bench.uploads.fix(visitor, outcome.upload.id, [{"code": "part"}], "preview")
    assert view.applied == ("part",)
    assert view.report["duration_s"] == pytest.approx(40, abs=0.1)
    assert view.original == outcome.upload.report
    assert bench.uploads.usable(visitor, view.id, "audio", "preview").report["duration_s"] == view.report["duration_s"]
    assert len(bench.stored()) == 1


def test_a_long_song_is_fit_where_longer_ones_are_taken(bench: FilesBench, visitor: str) -> None:
    upload = bench.bring(visitor, media.mp3(40), kind="audio").upload
    view = bench.uploads.fix(visitor, upload.id, "auto", "roomy")
    assert view.applied == ()
    bench.uploads.usable(visitor, view.id, "audio", "roomy")
    with pytest.raises(UnfitUpload):
        bench.uploads.usable(visitor, view.id, "audio", "preview")


@pytest.mark.parametrize("fixes", [[{"code": "part"}], [{"code": "convert"}], [{"code": "shrink"}]])
def test_a_short_song_needs_no_part(bench: FilesBench, visitor: str, fixes: list[dict[str, Any]]) -> None:
    upload = bench.bring(visitor, media.mp3(5), kind="audio").upload
    with pytest.raises(CannotMend):
        bench.uploads.fix(visitor, upload.id, fixes, "preview")


def test_the_file_of_a_deleted_song_stays_while_its_part_is_there(bench: FilesBench, visitor: str) -> None:
    upload = bench.bring(visitor, media.mp3(40), kind="audio").upload
    part = bench.uploads.fix(visitor, upload.id, "auto", "preview")
    bench.uploads.delete(visitor, upload.id)
    assert len(bench.stored()) == 1
    bench.uploads.delete(visitor, part.id)
    assert bench.stored() == set()


def test_mending_what_has_lost_its_original_says_so(bench: FilesBench, visitor: str) -> None:
    upload = bench.bring(visitor, media.jpeg(2400, 1800)).upload
    bench.objects.delete_now(bench.stored())
    with pytest.raises(Gone):
        bench.uploads.fix(visitor, upload.id, "auto")


def test_no_sweep_comes_between_an_old_upload_and_its_mending(bench: FilesBench, visitor: str) -> None:
    upload = bench.bring(visitor, media.jpeg(2400, 1800)).upload
    bench.clock.time += 2 * DAY - 1
    view = bench.uploads.fix(visitor, upload.id, "auto")
    bench.clock.time += 60
    bench.sweep.run()
    assert bench.uploads.get(visitor, upload.id)
    assert opened(bench, visitor, view.id).size == (2000, 1500)
