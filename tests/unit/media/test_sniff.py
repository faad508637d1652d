from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.media.sniff import HEAD_BYTES, Kind, sniff
from tests import media_factory as made


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (made.jpeg(32, 32), Kind.JPEG),
        (made.mpo(64, 64), Kind.JPEG),
        (made.png(32, 32), Kind.PNG),
        (made.webp(32, 32), Kind.WEBP),
        (made.bmp(32, 32), Kind.BMP),
        (made.animated("GIF", 32, 32), Kind.GIF),
        (made.heic_head(), Kind.HEIC),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", Kind.AVIF),
        (b"\0\0\0\x18ftypavif\0\0\0\0avifmif1", Kind.AVIF),
        (b"\0\0\0\x18ftypM4A \0\0\0\0M4A isom", Kind.M4A),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", Kind.VIDEO),
        (b"\x1a\x45\xdf\xa3\x01\0\0\0", Kind.VIDEO),
        (b"G" + bytes(187) + b"G" + bytes(187) + b"G", Kind.VIDEO),
        (b"RIFF\x10\0\0\0AVI LIST", Kind.VIDEO),
        (b"RIFF\x10\0\0\0WAVEfmt ", Kind.WAV),
        (b"FORM\0\0\0\x10AIFFCOMM", Kind.AIFF),
        (b"II*\0\x08\0\0\0", Kind.TIFF),
        (b"8BPS\0\1", Kind.PSD),
        (b"%PDF-1.4\n", Kind.PDF),
        (b"\xef\xbb\xbf  <SVG width='1'>", Kind.SVG),
        (b"<!doctype html><p>hello</p>", Kind.TEXT),
        ("Überschrift\n".encode(), Kind.TEXT),
        ("word".encode("utf-16"), Kind.TEXT),
        (b"PK\3\4\x14\0", Kind.ZIP),
        (b"BM is not always a bitmap", Kind.TEXT),
        (b"", Kind.UNKNOWN),
        (b"\0" * 100, Kind.UNKNOWN),
        (np.random.default_rng(5).bytes(HEAD_BYTES), Kind.UNKNOWN),
    ],
)
def test_the_first_bytes_say_what_a_file_is(head: bytes, kind: Kind) -> None:
    assert sniff(head) is kind


def test_an_mp3_is_known_with_and_without_a_tag_in_front() -> None:
    bare = made.mp3(1)
    assert sniff(bare) is Kind.MP3
    assert sniff(made.id3(bytes(300)) + bare) is Kind.MP3


def test_a_tag_longer_than_the_head_is_taken_for_an_mp3s() -> None:
    assert sniff(made.with_cover(made.mp3(1))[:HEAD_BYTES]) is Kind.MP3


def test_a_tag_before_flac_or_aac_does_not_make_it_an_mp3() -> None:
    assert sniff(made.id3(bytes(300)) + made.flac(1)) is Kind.FLAC
    assert sniff(made.id3(bytes(300)) + made.aac(1)) is Kind.AAC


def test_text_whose_last_letter_is_cut_by_the_end_of_the_head_is_still_text() -> None:
    assert sniff("ü".encode() * 40_000) is Kind.TEXT
    assert sniff(b"x" + "ü".encode() * 40_000) is Kind.TEXT


@given(st.binary(max_size=600))
def test_any_bytes_have_an_answer(head: bytes) -> None:
    assert sniff(head) in Kind
