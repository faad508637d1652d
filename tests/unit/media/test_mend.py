from __future__ import annotations

from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Protocol

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageOps, ImageStat
from pydantic import TypeAdapter, ValidationError

from components.errors import CannotMend, FileDamaged
from components.media.image import inspect_image
from components.media.mend import Flatten, ImageMend, PreparedImage, Recompress, Shrink, Turn, prepare_image
from tests import media_factory as made

if TYPE_CHECKING:
    from tests.unit.media.conftest import Keep

ALL = ("jpeg", "png", "webp", "bmp")


class Prepare(Protocol):
    def __call__(
        self, data: bytes, *mends: ImageMend, longest: int = 2000, max_bytes: int = 10_000_000, formats: tuple[str, ...] = ALL
    ) -> PreparedImage: ...


@pytest.fixture
def prepare(keep: Keep, tmp_path: Path) -> Prepare:
    out = tmp_path / "out"
    out.mkdir()

    def run(
        data: bytes, *mends: ImageMend, longest: int = 2000, max_bytes: int = 10_000_000, formats: tuple[str, ...] = ALL
    ) -> PreparedImage:
        prepared = prepare_image(keep(data), out, "sent", mends=mends, longest=longest, max_bytes=max_bytes, formats=formats)
        assert inspect_image(prepared.path) == prepared.report, "the report is that of the file"
        return prepared

    return run


def _shown(data: bytes | Path) -> Image.Image:
    with Image.open(BytesIO(data) if isinstance(data, bytes) else data) as image:
        return ImageOps.exif_transpose(image).convert("RGB")


def _difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference in levels."""
    assert one.size == other.size
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)


@pytest.mark.parametrize(
    "data", [made.jpeg(), made.jpeg(progressive=True), made.png(), made.png(mode="RGBA"), made.webp(), made.webp(lossless=True), made.bmp()]
)
def test_a_plain_picture_leaves_with_the_very_same_pixels(data: bytes, prepare: Prepare) -> None:
    prepared = prepare(data)
    assert prepared.applied == ()
    assert ImageChops.difference(_shown(prepared.path), _shown(data)).getbbox() is None


def test_metadata_and_location_stay_here_and_no_pixel_changes(prepare: Prepare) -> None:
    data = made.jpeg(gps=True, comment=b"taken at home") + b"PK\3\4 an archive behind it"
    prepared = prepare(data)
    sent = prepared.path.read_bytes()
    assert prepared.applied == ("strip",)
    assert not any(word in sent for word in (b"Exif", b"Camera", b"home", b"archive"))
    assert ImageChops.difference(_shown(sent), _shown(data)).getbbox() is None


@pytest.mark.parametrize(
    "data",
    [
        made.png(text="a secret"),
        made.png() + b"a secret behind",
        made.webp(orientation=1),
        made.mpo(),
        made.jpeg(orientation=1),
        made.insert_png_chunk(made.png(), b"prVt", b"a secret"),
    ],
)
def test_whatever_is_not_the_picture_is_left_out_and_said(data: bytes, prepare: Prepare) -> None:
    prepared = prepare(data)
    assert prepared.applied == ("strip",)
    assert len(prepared.path.read_bytes()) < len(data)
    assert not any(word in prepared.path.read_bytes() for word in (b"secret", b"Camera", b"Exif", b"MPF"))
    assert ImageChops.difference(_shown(prepared.path), _shown(data)).getbbox() is None


def test_zeros_hidden_behind_the_rows_of_a_png_stay_here(prepare: Prepare) -> None:
    prepared = prepare(made.padded_png())
    assert prepared.applied == ("strip",)
    assert ImageChops.difference(_shown(prepared.path), _shown(made.padded_png(hidden=0))).getbbox() is None
    assert prepared.report.bytes < 20_000


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize("form", ["jpeg", "png"])
def test_a_picture_lying_on_its_side_is_turned_upright(orientation: int, form: str, prepare: Prepare) -> None:
    data = (made.jpeg if form == "jpeg" else made.png)(640, 400, orientation=orientation)
    prepared = prepare(data)
    assert prepared.applied == ("upright", "strip")
    assert _difference(_shown(prepared.path), _shown(data)) < 2


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(1, 8), st.sampled_from([90, 180, 270]), st.integers(8, 64), st.integers(8, 64))
def test_turning_counts_from_the_upright_picture(orientation: int, degrees: int, width: int, height: int) -> None:
    drawing = made.picture(width, height).quantize(16).convert("RGB")
    data = made.saved(drawing, "PNG", exif=made.exif_of(orientation))
    with TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        source.write_bytes(data)
        mends = TypeAdapter(list[ImageMend]).validate_python([{"code": "turn", "degrees": degrees}])
        prepared = prepare_image(source, Path(folder), "sent", mends=mends, longest=2000, max_bytes=10**7, formats=ALL)
        wanted = _shown(data).rotate(-degrees, expand=True)
        assert ImageChops.difference(_shown(prepared.path), wanted).getbbox() is None
    assert prepared.applied[-1] == "turn"


def test_undoing_upright_gives_the_stored_pixels_back_without_loss(prepare: Prepare) -> None:
    data = made.jpeg(640, 400, orientation=6)
    prepared = prepare(data, Turn(degrees=270))
    with Image.open(BytesIO(data)) as stored:
        assert ImageChops.difference(_shown(prepared.path), stored.convert("RGB")).getbbox() is None
    assert prepared.applied == ("upright", "strip", "turn")


@pytest.mark.parametrize(
    ("data", "tolerance"),
    [
        (made.cmyk_jpeg(), 3.0),
        (made.jpeg(mode="L"), 1.0),
        (made.png(mode="L"), 0.0),
        (made.png(mode="1"), 0.0),
        (made.png(mode="P"), 1.0),
        (made.palette_png(), 0.0),
        (made.bmp(mode="P"), 1.0),
        (made.png(mode="LA"), 0.0),
    ],
)
def test_other_ways_to_store_colours_become_plain_rgb(data: bytes, tolerance: float, prepare: Prepare) -> None:
    prepared = prepare(data)
    assert prepared.applied == ("to_rgb",)
    with Image.open(prepared.path) as sent:
        assert sent.mode == "RGB"
    assert _difference(_shown(prepared.path), _shown(data)) <= tolerance


def test_sixteen_bits_of_grey_are_scaled_and_not_clipped(prepare: Prepare) -> None:
    prepared = prepare(made.gray16_png())
    assert prepared.applied == ("to_rgb",)
    levels = _shown(prepared.path).convert("L")
    assert [levels.getpixel((400, y)) for y in (0, 300, 599)] == pytest.approx([0, 127, 255], abs=2)


def test_sixteen_bits_of_colour_become_eight(prepare: Prepare) -> None:
    prepared = prepare(made.rgb16_png())
    assert prepared.applied == ("to_rgb",)
    assert prepared.path.read_bytes()[:2] == b"\xff\xd8" or prepared.path.read_bytes()[24] == 8


def test_a_wide_gamut_is_brought_to_srgb(prepare: Prepare) -> None:
    red = Image.new("RGB", (400, 400), (180, 90, 60))
    data = made.saved(red, "JPEG", quality=98, icc_profile=made.display_p3())
    prepared = prepare(data)
    r, g, _ = _shown(prepared.path).getpixel((200, 200))  # type: ignore[misc]
    assert prepared.applied == ("to_rgb",)
    assert r > 185
    assert g < 89
    assert b"ICC_PROFILE" not in prepared.path.read_bytes()


def test_an_srgb_profile_is_only_left_out(prepare: Prepare) -> None:
    from PIL import ImageCms  # noqa: PLC0415

    data = made.jpeg(icc=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    prepared = prepare(data)
    assert prepared.applied == ()
    assert b"ICC_PROFILE" not in prepared.path.read_bytes()
    assert ImageChops.difference(_shown(prepared.path), _shown(data)).getbbox() is None


def test_a_broken_profile_is_ignored(prepare: Prepare) -> None:
    assert prepare(made.jpeg(icc=b"no profile at all" * 20)).applied == ()


def test_a_bitmap_is_kept_where_it_is_taken_and_converted_where_not(prepare: Prepare) -> None:
    data = made.bmp()
    assert prepare(data).report.format == "bmp"
    converted = prepare(data, formats=("jpeg", "png"))
    assert (converted.applied, converted.report.format in ("jpeg", "png")) == (("to_png",), True)
    assert _difference(_shown(converted.path), _shown(data)) < 2


def test_a_bitmap_over_the_limit_is_packed_without_asking(prepare: Prepare) -> None:
    prepared = prepare(made.bmp(), max_bytes=1_000_000)
    assert prepared.applied == ("to_png",)
    assert prepared.report.bytes < 1_000_000


def test_a_drawing_stays_exact_and_a_photo_becomes_a_jpeg(prepare: Prepare) -> None:
    drawing = made.saved(made.picture(900, 600).quantize(32).convert("RGB"), "BMP")
    packed = prepare(drawing, formats=("jpeg", "png"))
    assert packed.report.format == "png"
    assert ImageChops.difference(_shown(packed.path), _shown(drawing)).getbbox() is None
    assert prepare(made.saved(made.picture(900, 600, noise=20), "BMP"), formats=("jpeg", "png")).report.format == "jpeg"


def test_a_clear_pixel_is_laid_on_the_colour_that_was_chosen(prepare: Prepare) -> None:
    image = Image.new("RGBA", (400, 400), (0, 0, 255, 255))
    image.paste((0, 0, 0, 0), (0, 0, 200, 400))
    prepared = prepare(made.saved(image, "PNG"), Flatten(color="#ff8000"))
    shown = _shown(prepared.path)
    assert prepared.applied == ("flatten",)
    assert not prepared.report.has_transparency
    assert (shown.getpixel((100, 200)), shown.getpixel((300, 200))) == ((255, 128, 0), (0, 0, 255))


@pytest.mark.parametrize("data", [made.palette_png(clear=True), made.colour_key_png(used=True), made.one_clear_pixel_png(alpha=0)])
def test_every_way_of_being_transparent_can_be_flattened(data: bytes, prepare: Prepare) -> None:
    prepared = prepare(data, Flatten())
    assert "flatten" in prepared.applied
    assert not prepared.report.has_transparency
    with Image.open(BytesIO(data)) as image:
        white = Image.new("RGBA", image.size, "white")
        white.alpha_composite(image.convert("RGBA"))
    assert _difference(_shown(prepared.path), white.convert("RGB")) < 1


def test_flattening_an_opaque_picture_changes_nothing(prepare: Prepare) -> None:
    assert prepare(made.png(mode="RGBA"), Flatten()).applied == ()


def test_transparency_that_nobody_asked_to_flatten_stays(prepare: Prepare) -> None:
    for data in (made.one_clear_pixel_png(), made.palette_png(clear=True), made.colour_key_png(used=True)):
        assert prepare(data).report.has_transparency


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.integers(40, 900), st.integers(40, 900), st.integers(1, 8), st.integers(60, 500))
def test_shrinking_keeps_the_shape_and_meets_the_longest_side(width: int, height: int, orientation: int, longest: int) -> None:
    with TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        source.write_bytes(made.jpeg(width, height, orientation=orientation))
        prepared = prepare_image(source, Path(folder), "sent", mends=[Shrink()], longest=longest, max_bytes=10**7, formats=ALL)
        shown = _shown(source.read_bytes())
        assert _difference(_shown(prepared.path), shown.resize(_shown(prepared.path).size)) < 6
    report = prepared.report
    assert max(report.width, report.height) == min(longest, max(width, height))
    scale = max(report.width, report.height) / max(width, height)
    assert (report.width, report.height) == pytest.approx((shown.width * scale, shown.height * scale), abs=0.51)
    assert ("shrink" in prepared.applied) == (max(width, height) > longest)


def test_a_heavy_picture_is_packed_until_it_fits(prepare: Prepare) -> None:
    data = made.jpeg(1200, 900, noise=60, quality=98)
    prepared = prepare(data, Recompress(), max_bytes=400_000)
    assert prepared.applied == ("recompress",)
    assert prepared.report.bytes <= 400_000 < len(data)
    assert (prepared.report.width, prepared.report.height) == (1200, 900)


def test_a_light_picture_is_not_packed_again(prepare: Prepare) -> None:
    data = made.jpeg()
    prepared = prepare(data, Recompress())
    assert prepared.applied == ()
    assert ImageChops.difference(_shown(prepared.path), _shown(data)).getbbox() is None


def test_what_cannot_get_small_enough_cannot_be_mended(prepare: Prepare) -> None:
    with pytest.raises(CannotMend):
        prepare(made.jpeg(1200, 900, noise=60), Recompress(), max_bytes=5000)


def test_all_mends_together_are_named_in_their_order(prepare: Prepare) -> None:
    image = made.picture(900, 600, mode="RGBA", noise=40)
    image.putpixel((3, 3), (1, 2, 3, 0))
    data = made.saved(image, "PNG", exif=made.exif_of(6))
    prepared = prepare(data, Recompress(), Shrink(), Flatten(), Turn(degrees=90), longest=500, max_bytes=200_000)
    assert prepared.applied == ("upright", "strip", "turn", "flatten", "shrink", "recompress")
    assert (prepared.report.format, prepared.report.width, prepared.report.height) == ("jpeg", 500, 333)


@pytest.mark.parametrize("form", ["WEBP", "PNG"])
def test_an_animation_keeps_its_frames_and_is_only_stripped(form: str, prepare: Prepare) -> None:
    data = made.animated(form)  # type: ignore[arg-type]
    prepared = prepare(data)
    assert (prepared.report.frames, prepared.applied) == (3, ())
    with pytest.raises(CannotMend):
        prepare(data, Shrink(), longest=100)


def test_a_format_that_is_not_taken_is_converted_and_said(prepare: Prepare) -> None:
    prepared = prepare(made.webp(), formats=("jpeg", "png"))
    assert (prepared.report.format, prepared.applied) == ("jpeg", ("convert",))


def test_a_damaged_picture_leaves_no_file_behind(keep: Keep, tmp_path: Path) -> None:
    source = keep(made.jpeg()[:5000])
    with pytest.raises(FileDamaged):
        prepare_image(source, tmp_path, "sent", mends=[], longest=2000, max_bytes=10**7, formats=ALL)
    assert sorted(tmp_path.iterdir()) == [source]


@pytest.mark.parametrize(
    "wrong",
    [{"code": "turn", "degrees": 45}, {"code": "turn"}, {"code": "flatten", "color": "red"}, {"code": "blur"}, {"code": "shrink", "to": 5}],
)
def test_a_mend_of_another_shape_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(ImageMend).validate_python(wrong)
