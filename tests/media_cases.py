"""The table of files that holds the checks of the server and of the browser equal; its media come from ``media_factory``."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from tests.media_factory import (
    aac,
    animated,
    bmp,
    cmyk_jpeg,
    colour_key_png,
    film,
    flac,
    gray16_png,
    heic_head,
    id3,
    id3_lying_size,
    id3_zlib_bomb,
    jpeg,
    lying_xing,
    m4a,
    mp2,
    mp3,
    mpo,
    ogg,
    one_clear_pixel_png,
    opus,
    palette_png,
    picture,
    pixel_bomb,
    playlist,
    png,
    rgb16_png,
    saved,
    wav,
    webp,
    wide_gamut_jpeg,
    with_cover,
)

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Case:
    """A file and what every check has to say about it.

    Args:
        name: The file's name in the folder.
        kind: Which upload box it is dropped into.
        report: Facts of a good file (those that both sides can know), or None.
        error: Code of the refusal, or None.
        found: What an unknown file is called in its refusal, or None.
    """

    name: str
    kind: Literal["image", "audio"]
    report: dict[str, str | int | float | bool] | None = None
    error: str | None = None
    found: str | None = None

    def as_json(self) -> dict[str, object]:
        """For the checks in the browser."""
        return asdict(self)


def write_cases(folder: Path) -> list[Case]:
    """Write the files of the table into ``folder`` and return the table."""
    cases: list[Case] = []
    for name, data, facts in _image_rows():
        (folder / name).write_bytes(data)
        report = None if isinstance(facts, str) else {**facts, "bytes": len(data)}
        cases.append(_case(name, "image", report, facts if isinstance(facts, str) else None))
    for name, data, facts in _audio_rows():
        (folder / name).write_bytes(data)
        report = None if isinstance(facts, str) else {**facts, "bytes": len(data), "format": "mp3"}
        cases.append(_case(name, "audio", report, facts if isinstance(facts, str) else None))
    return cases


def _case(name: str, kind: Literal["image", "audio"], report: dict[str, str | int | float | bool] | None, verdict: str | None) -> Case:
    """A refusal is written as its code, or as ``unknown_file:`` and what the file is called."""
    error, _, found = (verdict or "").partition(":")
    return Case(name, kind, report, error or None, found or None)


Facts = dict[str, str | int | float | bool] | str


def _image(form: str, width: int, height: int, *, orientation: int = 1, clear: bool = False, frames: int = 1) -> Facts:
    return {"format": form, "width": width, "height": height, "orientation": orientation, "has_transparency": clear, "frames": frames}


def _image_rows() -> list[tuple[str, bytes, Facts]]:
    on_its_side = [
        (f"orientation-{n}.jpg", jpeg(640, 400, orientation=n), _image("jpeg", *((640, 400) if n < 5 else (400, 640)), orientation=n))
        for n in range(1, 9)
    ]
    return [
        *on_its_side,
        ("plain.jpg", jpeg(), _image("jpeg", 800, 600)),
        ("gps.jpg", jpeg(gps=True), _image("jpeg", 800, 600)),
        ("orientation-9.jpg", jpeg(640, 400, orientation=9), _image("jpeg", 640, 400)),
        ("progressive.jpg", jpeg(progressive=True), _image("jpeg", 800, 600)),
        ("cmyk.jpg", cmyk_jpeg(), _image("jpeg", 800, 600)),
        ("gray.jpg", jpeg(mode="L"), _image("jpeg", 800, 600)),
        ("wide-gamut.jpg", wide_gamut_jpeg(), _image("jpeg", 800, 600)),
        ("multi-picture.jpg", mpo(orientation=6), _image("jpeg", 600, 800, orientation=6)),
        ("side-359.jpg", jpeg(359, 500), _image("jpeg", 359, 500)),
        ("side-2001.jpg", jpeg(2001, 500), _image("jpeg", 2001, 500)),
        ("really-a.png", jpeg(), _image("jpeg", 800, 600)),
        ("plain.png", png(), _image("png", 800, 600)),
        ("turned.png", png(640, 400, orientation=6), _image("png", 400, 640, orientation=6)),
        ("gray-16.png", gray16_png(), _image("png", 800, 600)),
        ("rgb-16.png", rgb16_png(), _image("png", 400, 400)),
        ("opaque-alpha.png", png(mode="RGBA"), _image("png", 800, 600)),
        ("one-clear-pixel.png", one_clear_pixel_png(), _image("png", 800, 600, clear=True)),
        ("palette-unused-clear.png", palette_png(), _image("png", 800, 600)),
        ("palette-clear.png", palette_png(clear=True), _image("png", 800, 600, clear=True)),
        ("colour-key-unused.png", colour_key_png(used=False), _image("png", 400, 400)),
        ("colour-key.png", colour_key_png(used=True), _image("png", 400, 400, clear=True)),
        ("animated.png", animated("PNG"), _image("png", 400, 400, frames=3)),
        ("plain.webp", webp(), _image("webp", 800, 600)),
        ("lossless.webp", webp(lossless=True), _image("webp", 800, 600)),
        ("turned.webp", webp(640, 400, orientation=8), _image("webp", 400, 640, orientation=8)),
        ("animated.webp", animated("WEBP"), _image("webp", 400, 400, frames=3)),
        ("plain.bmp", bmp(), _image("bmp", 800, 600)),
        ("empty.jpg", b"", "empty_file"),
        ("truncated.jpg", jpeg()[:5000], "file_damaged"),
        ("truncated.png", png()[:3000], "file_damaged"),
        ("truncated.webp", webp()[:1500], "file_damaged"),
        ("truncated.bmp", bmp()[:50_000], "file_damaged"),
        ("pixel-bomb.png", pixel_bomb("png"), "file_too_big"),
        ("pixel-bomb.jpg", pixel_bomb("jpeg"), "file_too_big"),
        ("pixel-bomb.bmp", pixel_bomb("bmp"), "file_too_big"),
        ("pixel-bomb.webp", pixel_bomb("webp"), "file_too_big"),
        ("animation.gif", animated("GIF"), "unknown_file:gif"),
        ("photo.heic", heic_head(), "unknown_file:heic"),
        ("photo.avif", saved(picture(64, 64), "AVIF"), "unknown_file:avif"),
        ("scan.tiff", saved(picture(64, 64), "TIFF"), "unknown_file:tiff"),
        ("drawing.svg.png", b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "unknown_file:svg"),
        ("paper.pdf.jpg", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "unknown_file:pdf"),
        ("film.jpg", film(1, sound=False), "unknown_file:video"),
        ("words.jpg", b"not a picture at all\n", "unknown_file:text"),
        ("random.jpg", np.random.default_rng(3).bytes(20_000), "unknown_file:unknown"),
    ]


def _sound(duration_s: float, *, rate_hz: int = 44_100, channels: int = 2, vbr: bool = False) -> Facts:
    return {"duration_s": duration_s, "sample_rate_hz": rate_hz, "channels": channels, "vbr": vbr}


def _frames_s(seconds: float, rate_hz: int = 44_100) -> float:
    """Length in whole frames of what LAME makes of ``seconds`` where nothing says how much silence it added."""
    delay, samples = 576 + 529, 1152
    return -(-(round(seconds * rate_hz) + delay) // samples) * samples / rate_hz


def _audio_rows() -> list[tuple[str, bytes, Facts]]:
    ten = mp3(10)
    bare = mp3(10, xing=False)
    half, half_s = _whole_frames(bare, len(bare) // 2)
    junk = b"\0junk\xff"
    return [
        ("plain.mp3", ten, _sound(10)),
        ("tagged.mp3", mp3(10, tags=True), _sound(10)),
        ("cover.mp3", with_cover(ten), _sound(10)),
        ("vbr.mp3", mp3(10, vbr=True), _sound(10, vbr=True)),
        ("vbr-no-xing.mp3", mp3(10, vbr=True, xing=False), _sound(_frames_s(10), vbr=True)),
        ("cbr-no-xing.mp3", bare, _sound(_frames_s(10))),
        ("mono-24k.mp3", mp3(10, kbps=64, rate_hz=24_000, channels=1), _sound(10, rate_hz=24_000, channels=1)),
        ("mono-8k.mp3", mp3(4, kbps=8, rate_hz=8000, channels=1), _sound(4, rate_hz=8000, channels=1)),
        ("48k.mp3", mp3(4, kbps=320, rate_hz=48_000), _sound(4, rate_hz=48_000)),
        ("just-too-short.mp3", mp3(2.99), _sound(2.99)),
        ("just-too-long.mp3", mp3(30.01, kbps=64), _sound(30.01)),
        ("a-song.mp3", mp3(180, kbps=64), _sound(180)),
        ("says-ten-hours.mp3", lying_xing(ten, seconds=36_000), _sound(10)),
        ("says-one-second.mp3", lying_xing(ten, seconds=1), _sound(10)),
        ("two-in-one.mp3", bare + id3(b"\0" * 500) + bare, _sound(2 * _frames_s(10))),
        ("junk-in-front.mp3", junk * 2000 + bare, _sound(_frames_s(10))),
        ("junk-inside.mp3", half + junk * 500 + bare, _sound(_frames_s(10) + half_s)),
        ("truncated.mp3", bare[: len(half) + 200], _sound(half_s)),
        ("tag-lies.mp3", id3_lying_size(ten), _sound(10)),
        ("tag-bomb.mp3", id3_zlib_bomb(ten), _sound(10)),
        ("no-sound.mp3", id3(b"\0" * 5000), "file_damaged"),
        ("empty.mp3", b"", "empty_file"),
        ("playlist.mp3", playlist(), "unknown_file:text"),
        ("hls.mp3", b"#EXTM3U\n#EXTINF:10,\nother.ts\n", "unknown_file:text"),
        ("random.mp3", np.random.default_rng(4).bytes(50_000), "unknown_file:unknown"),
        ("wav.mp3", wav(4), "unknown_file:wav"),
        ("m4a.mp3", m4a(4), "unknown_file:m4a"),
        ("ogg.mp3", ogg(4), "unknown_file:ogg"),
        ("opus.mp3", opus(4), "unknown_file:opus"),
        ("flac.mp3", flac(4), "unknown_file:flac"),
        ("aac.mp3", aac(4), "unknown_file:aac"),
        ("mp2.mp3", mp2(4), "unknown_file:mp2"),
        ("film.mp3", film(1), "unknown_file:video"),
        ("picture.mp3", png(64, 64), "unknown_file:png"),
    ]


def _whole_frames(bare: bytes, most: int) -> tuple[bytes, float]:
    """The whole frames within ``most`` bytes of a sound of 128 kbit/s at 44.1 kHz (417 or 418 bytes each), and their seconds."""
    at = frames = 0
    while (end := at + 417 + (bare[at + 2] >> 1 & 1)) <= most:
        at, frames = end, frames + 1
    return bare[:at], frames * 1152 / 44_100
