"""Pictures, sounds and films for tests, all synthesised; nothing is read from anywhere.

Pictures come as bytes (``picture``, ``jpeg``, ``png`` …, and the hostile ones by name), sounds as bytes encoded by our
own ffmpeg (``mp3`` …), films as bytes (``film``).
"""

from __future__ import annotations

import struct
import zlib
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import numpy as np
from PIL import Image

from components.media.ffmpeg import Ffmpeg, find_ffmpeg, source

ORIENTATION, GPS = 0x0112, 0x8825


# ---------------------------------------------------------------------------------------------------- pictures


def picture(width: int, height: int, *, mode: str = "RGB", noise: int = 0, seed: int = 1) -> Image.Image:
    """A smooth picture whose four corners differ (so that turning shows); ``noise`` in levels makes it heavy."""
    x, y = np.linspace(0, 1, width)[None, :], np.linspace(0, 1, height)[:, None]
    planes = np.stack([230 * x * (1 - y) + 20 + 0 * y, 200 * y + 25 + 0 * x, 255 * (1 - x) * (1 - y) + 0 * x], axis=2)
    if noise:
        planes = planes + np.random.default_rng(seed).integers(-noise, noise + 1, planes.shape)
    return Image.fromarray(planes.clip(0, 255).astype(np.uint8)).convert(mode)


def jpeg(
    width: int = 800,
    height: int = 600,
    *,
    mode: str = "RGB",
    quality: int = 90,
    noise: int = 0,
    orientation: int | None = None,
    gps: bool = False,
    progressive: bool = False,
    comment: bytes | None = None,
    icc: bytes | None = None,
) -> bytes:
    """A JPEG; ``orientation`` 1-8 and ``gps`` go into its EXIF data."""
    options: dict[str, object] = {"quality": quality, "progressive": progressive}
    exif = exif_of(orientation, gps=gps)
    options |= {"exif": exif} if exif else {}
    options |= {"comment": comment} if comment else {}
    options |= {"icc_profile": icc} if icc else {}
    return saved(picture(width, height, mode=mode, noise=noise), "JPEG", **options)


def png(width: int = 800, height: int = 600, *, mode: str = "RGB", noise: int = 0, orientation: int | None = None, text: str = "") -> bytes:
    """A PNG of the mode ``RGB``, ``RGBA`` (opaque), ``L``, ``LA``, ``P`` or ``1``."""
    exif = exif_of(orientation)
    data = saved(picture(width, height, mode=mode, noise=noise), "PNG", **({"exif": exif} if exif else {}))
    return insert_png_chunk(data, b"tEXt", b"Comment\0" + text.encode("latin-1")) if text else data


def webp(width: int = 800, height: int = 600, *, lossless: bool = False, mode: str = "RGB", orientation: int | None = None) -> bytes:
    """A WebP of one frame."""
    exif = exif_of(orientation)
    return saved(picture(width, height, mode=mode), "WEBP", lossless=lossless, **({"exif": exif} if exif else {}))


def bmp(width: int = 800, height: int = 600, *, mode: str = "RGB") -> bytes:
    """A BMP of 24 bits (``RGB``), 8 (``P``, ``L``) or 1."""
    return saved(picture(width, height, mode=mode), "BMP")


def cmyk_jpeg(width: int = 800, height: int = 600) -> bytes:
    """A JPEG in printing colours."""
    return jpeg(width, height, mode="CMYK")


def gray16_png(width: int = 800, height: int = 600) -> bytes:
    """A grey PNG of 16 bits a pixel, from black to white."""
    ramp = np.linspace(0, 65535, width * height).reshape(height, width).astype(np.uint16)
    return saved(Image.fromarray(ramp), "PNG")


def rgb16_png(width: int = 400, height: int = 400) -> bytes:
    """A colour PNG of 16 bits a channel (Pillow cannot write one)."""
    row = b"\0" + np.linspace(0, 65535, width * 3).astype(">u2").tobytes()
    return png_of(width, height, depth=16, colour=2, idat=zlib.compress(row * height))


def palette_png(width: int = 800, height: int = 600, *, clear: bool = False) -> bytes:
    """A PNG with a palette; ``clear`` makes one used colour see-through, else an unused one is."""
    image = Image.new("P", (width, height), 1)
    image.putpalette([255, 0, 0, 0, 160, 0, 0, 0, 255])
    image.paste(0, (0, 0, width // 2, height // 2))
    return saved(image, "PNG", transparency=0 if clear else 2)


def one_clear_pixel_png(width: int = 800, height: int = 600, *, alpha: int = 254) -> bytes:
    """An RGBA picture in which one pixel is not opaque."""
    image = picture(width, height, mode="RGBA")
    r, g, b = image.convert("RGB").getpixel((width // 3, height // 3))  # type: ignore[misc]
    image.putpixel((width // 3, height // 3), (int(r), int(g), int(b), alpha))
    return saved(image, "PNG")


def colour_key_png(width: int = 400, height: int = 400, *, used: bool) -> bytes:
    """An RGB PNG in which one colour stands for clear; ``used``: a pixel has it."""
    image = Image.new("RGB", (width, height), (10, 20, 30))
    if used:
        image.putpixel((5, 5), (1, 2, 3))
    return saved(image, "PNG", transparency=(1, 2, 3))


def animated(form: Literal["WEBP", "PNG", "GIF"] = "WEBP", width: int = 400, height: int = 400, *, frames: int = 3) -> bytes:
    """An animation of a few frames."""
    first, *rest = [picture(width, height, noise=8, seed=n) for n in range(frames)]
    return saved(first, form, save_all=True, append_images=rest, duration=100)


def mpo(width: int = 800, height: int = 600, *, orientation: int | None = None) -> bytes:
    """A multi-picture JPEG as phones write it: the photo and a second, smaller picture behind it."""
    exif = exif_of(orientation)
    return saved(
        picture(width, height), "MPO", save_all=True, append_images=[picture(width // 2, height // 2)], **({"exif": exif} if exif else {})
    )


def wide_gamut_jpeg(width: int = 800, height: int = 600) -> bytes:
    """A JPEG whose numbers are meant as Display P3."""
    return jpeg(width, height, icc=display_p3())


def scan_bomb(scans: int = 4000, *, width: int = 256, height: int = 256) -> bytes:
    """A small progressive JPEG that repeats its last scan."""
    data = jpeg(width, height, progressive=True, quality=30)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * scans + data[-2:]


def pixel_bomb(form: Literal["png", "jpeg", "bmp", "webp"], side: int = 60_000) -> bytes:
    """A few bytes that announce ``side`` by ``side`` pixels."""
    if form == "png":
        return png_of(side, side, depth=8, colour=2, idat=zlib.compress(bytes(1000)))
    if form == "bmp":
        return b"BM" + struct.pack("<IHHIIiiHHIIiiII", 200, 0, 0, 54, 40, side, side, 1, 24, 0, 0, 0, 0, 0, 0) + bytes(146)
    if form == "webp":
        frame = webp(16, 16)[12:]
        canvas = (side - 1).to_bytes(3, "little")
        body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + canvas + canvas + frame
        return b"RIFF" + struct.pack("<I", len(body)) + body
    data = jpeg(64, 64)
    size = data.index(b"\xff\xc0") + 5
    return data[:size] + struct.pack(">HH", side, side) + data[size + 4 :]


def padded_png(width: int = 400, height: int = 400, *, hidden: int = 50_000_000) -> bytes:
    """A PNG whose packed data go on for ``hidden`` bytes of zeros behind the picture."""
    rows = b"".join(b"\0" + bytes((n % 256, 90, 200)) * width for n in range(height))
    return png_of(width, height, depth=8, colour=2, idat=zlib.compress(rows + bytes(hidden)))


def heic_head() -> bytes:
    """The first bytes of an iPhone's photo."""
    return b"\0\0\0\x24ftypheic\0\0\0\0mif1heicmiafMiHB" + bytes(500)


def exif_of(orientation: int | None, *, gps: bool = False) -> bytes:
    """EXIF data with a camera's name, or nothing where nothing is asked for."""
    if orientation is None and not gps:
        return b""
    exif = Image.Exif()
    exif[0x010F] = "Camera & Sons"
    if orientation is not None:
        exif[ORIENTATION] = orientation
    if gps:
        exif.get_ifd(GPS).update({1: "N", 2: (48.0, 51.0, 29.6), 3: "E", 4: (2.0, 17.0, 40.2)})
    return exif.tobytes()


def png_of(width: int, height: int, *, depth: int, colour: int, idat: bytes) -> bytes:
    """A PNG from its packed rows."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) + png_chunk(b"IDAT", idat) + png_chunk(b"IEND", b"")


def png_chunk(name: bytes, body: bytes) -> bytes:
    """Length, name, body, checksum."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def insert_png_chunk(data: bytes, name: bytes, body: bytes) -> bytes:
    """A PNG with one more chunk behind its header."""
    return data[:33] + png_chunk(name, body) + data[33:]


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    """What Pillow writes."""
    out = BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def display_p3() -> bytes:
    """A small ICC profile of Display P3's primaries (D50-adapted) with a plain gamma of 2.2."""

    def fixed(*values: float) -> bytes:
        return b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + fixed(*values)

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256)) + b"\0\0"
    name = b"Display P3\0"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + bytes(79),
        b"cprt": b"text\0\0\0\0none\0\0\0\0",
        b"wtpt": xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": xyz(0.51512, 0.24120, -0.00105),
        b"gXYZ": xyz(0.29198, 0.69225, 0.04189),
        b"bXYZ": xyz(0.15710, 0.06657, 0.78407),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    table, body = b"", b""
    offset = 128 + 4 + 12 * len(tags)
    for tag, value in tags.items():
        filled = value.ljust(-(-len(value) // 4) * 4, b"\0")
        table += tag + struct.pack(">II", offset + len(body), len(value))
        body += filled
    size = offset + len(body)
    head = struct.pack(">I4sI", size, b"test", 0x02400000) + b"mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(28) + fixed(0.9642, 1.0, 0.8249)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


# ------------------------------------------------------------------------------------------------------ sounds


@cache
def ffmpeg() -> Ffmpeg:
    """The ffmpeg of the wheel."""
    return find_ffmpeg()


def tune(seconds: float, *, rate_hz: int = 44_100, channels: int = 2, seed: int = 1) -> bytes:
    """Samples (16 bits, interleaved) of notes that follow each other, with a little noise and loud and soft halves."""
    count = round(seconds * rate_hz)
    t = np.arange(count) / rate_hz
    notes = 220 * 2 ** (np.floor(t * 4) * 7 % 12 / 12)
    wave = 0.4 * np.sin(2 * np.pi * np.cumsum(notes) / rate_hz) + np.random.default_rng(seed).normal(0, 0.01, count)
    wave *= np.where(t % 2 < 1, 1.0, 0.2)
    return np.repeat((wave.clip(-1, 1) * 32_000).astype("<i2"), channels).tobytes()


@cache
def mp3(
    seconds: float = 5,
    *,
    kbps: int = 128,
    rate_hz: int = 44_100,
    channels: int = 2,
    vbr: bool = False,
    xing: bool = True,
    tags: bool = False,
) -> bytes:
    """An mp3 whose sound is ``seconds`` long; without ``xing`` nothing in it states the length."""
    options = ["-q:a", "4"] if vbr else ["-b:a", f"{kbps}k"]
    return encoded(
        seconds,
        *("-c:a", "libmp3lame", *options, "-write_xing", str(int(xing)), "-f", "mp3"),
        *(("-metadata", "title=A tune", "-id3v2_version", "3") if tags else ("-map_metadata", "-1", "-id3v2_version", "0")),
        rate_hz=rate_hz,
        channels=channels,
    )


@cache
def encoded(seconds: float, *options: str, rate_hz: int = 44_100, channels: int = 2) -> bytes:
    """A tune, encoded with ffmpeg's ``options`` (they name the format)."""
    raw = ["-f", "s16le", "-ar", str(rate_hz), "-ac", str(channels), "-i", "pipe:0"]
    with TemporaryDirectory() as folder:
        target = Path(folder) / "sound"  # into a file: only there ffmpeg can go back and note the length in front
        ffmpeg().run([*raw, *options, str(target)], stdin=tune(seconds, rate_hz=rate_hz, channels=channels))
        return target.read_bytes()


def wav(seconds: float = 5) -> bytes:
    """PCM in RIFF."""
    return encoded(seconds, "-f", "wav")


def m4a(seconds: float = 5) -> bytes:
    """AAC in an ISO file, in fragments as a pipe wants it."""
    return encoded(seconds, "-c:a", "aac", "-movflags", "frag_keyframe+empty_moov", "-brand", "M4A ", "-f", "mp4")


def ogg(seconds: float = 5) -> bytes:
    """Vorbis in Ogg."""
    return encoded(seconds, "-c:a", "libvorbis", "-f", "ogg")


def opus(seconds: float = 5) -> bytes:
    """Opus in Ogg."""
    return encoded(seconds, "-c:a", "libopus", "-f", "ogg", rate_hz=48_000)


def flac(seconds: float = 5) -> bytes:
    """FLAC."""
    return encoded(seconds, "-c:a", "flac", "-f", "flac")


def aac(seconds: float = 5) -> bytes:
    """AAC in ADTS frames."""
    return encoded(seconds, "-c:a", "aac", "-f", "adts")


def mp2(seconds: float = 5) -> bytes:
    """MPEG layer II."""
    return encoded(seconds, "-c:a", "mp2", "-f", "mp2")


def id3(body: bytes, *, states: int | None = None) -> bytes:
    """An ID3v2.3 tag; ``states`` is the size it claims where that is not the truth."""
    size = len(body) if states is None else states
    return b"ID3\3\0\0" + bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0)) + body


def with_cover(sound: bytes, *, cover_bytes: int = 300_000) -> bytes:
    """An mp3 with a big cover picture in front and an old tag behind."""
    cover = np.random.default_rng(7).bytes(cover_bytes)
    frame = b"APIC" + struct.pack(">I", len(cover) + 14) + b"\0\0" + b"\0image/jpeg\0\3\0" + cover
    return id3(frame) + sound + b"TAG" + b"A tune".ljust(125, b"\0")


def id3_zlib_bomb(sound: bytes, *, unpacked: int = 64_000_000) -> bytes:
    """A tag with a frame that unpacks to ``unpacked`` bytes."""
    packed = struct.pack(">I", unpacked) + zlib.compress(bytes(unpacked), 9)
    return id3(b"TXXX" + struct.pack(">I", len(packed)) + b"\0\x80" + packed) + sound


def id3_of_many_frames(sound: bytes, *, frames: int = 900_000) -> bytes:
    """A tag of so many tiny frames."""
    return id3((b"TXXX" + struct.pack(">I", 4) + b"\0\0" + b"\0a\0b") * frames) + sound


def id3_lying_size(sound: bytes) -> bytes:
    """A tag that says it is longer than the file."""
    return id3(b"TIT2\0\0\0\7\0\0\0A tune".ljust(2000, b"\0"), states=200_000_000) + sound


def lying_xing(sound: bytes, *, seconds: float) -> bytes:
    """The same sound, whose description frame claims another length."""
    at = max(sound.find(b"Info"), sound.find(b"Xing"))
    return sound[: at + 8] + struct.pack(">I", round(seconds * 44_100 / 1152)) + sound[at + 12 :]


def long_quiet_mp3(hours: float = 4) -> bytes:
    """Hours of the smallest frames there are (8 kbit/s, MPEG 2): the longest walk for its bytes."""
    frame = b"\xff\xf3\x14\xc4" + bytes(20)  # 24 kHz, mono
    return frame * round(hours * 3600 * 24_000 / 576)


def false_starts(size: int = 13_000_000) -> bytes:
    """Bytes full of headers that lead nowhere."""
    return b"\xff\xfb\x90\x64" * (size // 4)


def playlist() -> bytes:
    """A text that makes an unguarded ffmpeg read another file."""
    return b"ffconcat version 1.0\nfile secret.wav\n"


def decoded_seconds(path: Path, *, rate_hz: int) -> float:
    """How long the sound of an mp3 is when ffmpeg has decoded all of it."""
    pcm = ffmpeg().run([*source(path, "mp3"), *("-map", "0:a:0", "-ac", "1", "-ar", str(rate_hz), "-f", "s16le", "pipe:1")], timeout_s=60)
    return len(pcm) / 2 / rate_hz


# ------------------------------------------------------------------------------------------------------- films


@cache
def film(
    seconds: float = 2, *, width: int = 320, height: int = 180, fps: int = 30, sound: bool = True, options: tuple[str, ...] = ()
) -> bytes:
    """A small mp4 (H.264, AAC) that plays while it loads, unless ``options`` say otherwise."""
    with TemporaryDirectory() as folder:
        target = Path(folder) / "film.mp4"
        picture_in = ["-f", "lavfi", "-i", f"testsrc2=s={width}x{height}:r={fps}:d={seconds}"]
        sound_in = ["-f", "lavfi", "-i", f"sine=f=330:d={seconds}"] if sound else []
        codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", str(fps), "-c:a", "aac", "-threads", "1"]
        ffmpeg().run([*picture_in, *sound_in, *codecs, "-movflags", "+faststart", *options, str(target)])
        return target.read_bytes()
