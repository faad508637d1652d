from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from components.errors import FileDamaged, FileEmpty, FileRefused, FileTooBig, UnknownFile
from components.media import image as looking
from components.media.image import inspect_image
from tests import media_factory as made

if TYPE_CHECKING:
    from tests.unit.media.conftest import Keep


def _small(form: str) -> bytes:
    return {"jpeg": made.jpeg(60, 40), "png": made.png(60, 40), "webp": made.webp(60, 40), "bmp": made.bmp(60, 40)}[form]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.sampled_from([("JPEG", "RGB"), ("JPEG", "L"), ("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "LA"), ("WEBP", "RGB"), ("WEBP", "RGBA")]),
    st.integers(1, 90),
    st.integers(1, 90),
    st.sampled_from([None, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
    st.integers(0, 255),
)
def test_size_and_transparency_are_what_pillow_shows(
    kind: tuple[str, str], width: int, height: int, orientation: int | None, alpha: int
) -> None:
    form, mode = kind
    picture = made.picture(width, height, mode=mode)
    if mode.endswith("A"):
        clear = Image.new("L", picture.size, 255)
        clear.putpixel((width // 2, height // 2), alpha)
        picture.putalpha(clear)
    exif = made.exif_of(orientation)
    data = made.saved(picture, form, **({"exif": exif} if exif else {}), **({"lossless": True} if form == "WEBP" else {}))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        path.write_bytes(data)
        report = inspect_image(path)
        with Image.open(path) as opened:
            upright = ImageOps.exif_transpose(opened)
            shown = upright.convert("RGBA")
    assert (report.width, report.height) == shown.size
    assert report.has_transparency == (shown.getchannel("A").getextrema()[0] != 255)
    assert (report.format, report.bytes, report.frames) == (form.lower(), len(data), 1)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.sampled_from(["jpeg", "png", "webp", "bmp"]), st.integers(0, 6000), st.binary(min_size=1, max_size=60), st.integers(1, 6000))
def test_no_bytes_bring_the_look_down(form: str, at: int, junk: bytes, end: int) -> None:
    data = _small(form)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        path.write_bytes((data[:at] + junk + data[at + len(junk) :])[:end])
        try:
            report = inspect_image(path)
        except FileRefused:
            return
        assert report.width * report.height <= looking.MOST_PIXELS


@pytest.mark.parametrize("form", ["jpeg", "png", "webp", "bmp"])
def test_a_picture_that_ends_early_is_damaged(form: str, keep: Keep) -> None:
    data = _small(form)
    with pytest.raises(FileDamaged) as refused:
        inspect_image(keep(data[: len(data) * 3 // 4]))
    assert refused.value.field == "image"


@pytest.mark.parametrize("form", ["jpeg", "png", "webp", "bmp"])
def test_sixty_thousand_pixels_a_side_are_refused_by_the_header(form: str, keep: Keep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("PIL.ImageFile.ImageFile.load")
    with pytest.raises(FileTooBig) as refused:
        inspect_image(keep(made.pixel_bomb(form)))  # type: ignore[arg-type]
    assert refused.value.params["max_pixels"] == looking.MOST_PIXELS


def test_just_over_eighty_megapixels_are_refused_and_just_under_are_not(keep: Keep) -> None:
    with pytest.raises(FileTooBig):
        inspect_image(keep(made.pixel_bomb("png", 8945), "over"))
    with pytest.raises(FileDamaged):  # its rows are missing, but its size was not what stopped it
        inspect_image(keep(made.pixel_bomb("png", 8944), "under"))


def test_over_forty_megabytes_are_refused_before_reading(tmp_path: Path) -> None:
    path = tmp_path / "big.jpg"
    with path.open("wb") as file:
        file.truncate(looking.LONGEST_FILE + 1)
    with pytest.raises(FileTooBig) as refused:
        inspect_image(path)
    assert refused.value.params == {"bytes": looking.LONGEST_FILE + 1, "max": looking.LONGEST_FILE}


def test_a_jpeg_of_thousands_of_scans_is_refused_undecoded(keep: Keep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("PIL.ImageFile.ImageFile.load")
    with pytest.raises(FileDamaged):
        inspect_image(keep(made.scan_bomb()))


def test_fewer_scans_are_allowed_the_bigger_the_picture(keep: Keep) -> None:
    few = made.scan_bomb(40)
    assert inspect_image(keep(few, "small")).format == "jpeg"
    size = few.index(b"\xff\xc2") + 5
    with pytest.raises(FileDamaged):
        inspect_image(keep(few[:size] + b"\x20\x00\x20\x00" + few[size + 4 :], "big"))


def test_a_film_behind_a_jpeg_does_not_make_it_a_scan_bomb(keep: Keep) -> None:
    assert inspect_image(keep(made.jpeg() + b"\xff\xda" * 5000)).format == "jpeg"


def test_a_text_that_unpacks_to_gigabytes_is_damaged_or_left_alone(keep: Keep) -> None:
    import zlib  # noqa: PLC0415

    bomb = made.insert_png_chunk(made.png(), b"zTXt", b"Comment\0\0" + zlib.compress(bytes(30_000_000), 9))
    with pytest.raises(FileDamaged):
        inspect_image(keep(bomb))


@pytest.mark.parametrize(
    "exif",
    [b"", b"Exif\0\0", b"Exif\0\0II*\0", b"Exif\0\0II*\0\xff\xff\xff\x7f", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b"Exif\0\0nonsense"],
)
def test_broken_exif_means_upright(exif: bytes) -> None:
    picture = Image.new("RGB", (2, 2))
    picture.info["exif"] = exif
    assert looking.orientation_of(picture) == 1


def test_a_wrong_ending_does_not_matter(keep: Keep) -> None:
    assert inspect_image(keep(made.webp(), "photo.jpg")).format == "webp"


def test_what_is_no_picture_is_named(keep: Keep) -> None:
    with pytest.raises(UnknownFile) as refused:
        inspect_image(keep(made.heic_head(), "photo.jpg"))
    assert (refused.value.field, refused.value.params) == ("image", {"kind": "heic"})


def test_an_empty_picture_is_empty(keep: Keep) -> None:
    with pytest.raises(FileEmpty):
        inspect_image(keep(b""))


def test_a_file_that_is_not_there_is_not_called_damaged(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        inspect_image(tmp_path / "nowhere.jpg")
