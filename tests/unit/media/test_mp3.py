from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.errors import FileDamaged, FileEmpty, FileRefused
from components.media import mp3
from components.media.sound import decode_pcm
from tests import media_factory as made

if TYPE_CHECKING:
    from components.media.ffmpeg import Ffmpeg
    from tests.unit.media.conftest import Keep

RATES = {
    44_100: (64, 128, 320),
    48_000: (32, 192),
    32_000: (64,),
    24_000: (32, 160),
    22_050: (64,),
    16_000: (24,),
    12_000: (24,),
    8_000: (8, 32),
}


def _decoded(path: Path, ffmpeg: Ffmpeg, rate_hz: int) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return np.frombuffer(decode_pcm(path, ffmpeg, rate_hz=rate_hz, channels=1), dtype="<i2")


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([(rate, kbps) for rate, many in RATES.items() for kbps in many]),
    st.floats(0.5, 6),
    st.integers(1, 2),
    st.booleans(),
    st.booleans(),
)
def test_the_length_is_that_of_the_decoded_sound(kind: tuple[int, int], seconds: float, channels: int, vbr: bool, xing: bool) -> None:
    rate, kbps = kind
    data = made.mp3(seconds, kbps=kbps, rate_hz=rate, channels=channels, vbr=vbr, xing=xing)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.mp3"
        path.write_bytes(data)
        assert mp3.walk(path).duration_s == pytest.approx(made.decoded_seconds(path, rate_hz=rate), abs=0.001)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 40_000), st.binary(min_size=1, max_size=400), st.integers(0, 40_000))
def test_no_bytes_bring_the_walker_down(at: int, junk: bytes, end: int) -> None:
    data = made.mp3(2, tags=True)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.mp3"
        path.write_bytes((data[:at] + junk + data[at + len(junk) :])[: end + 1])
        try:
            found = mp3.walk(path)
        except FileRefused:
            return
        assert 0 < found.duration_s <= 2.1
        assert 0 <= found.start < found.end <= found.bytes


def test_facts_beside_the_length_are_those_of_the_encoder(keep: Keep) -> None:
    found = mp3.walk(keep(made.mp3(5, kbps=64, rate_hz=24_000, channels=1)))
    assert (found.bitrate_kbps, found.sample_rate_hz, found.channels, found.vbr) == (64, 24_000, 1, False)


def test_a_varying_bit_rate_is_noticed_and_averaged(keep: Keep) -> None:
    data = made.mp3(5, vbr=True)
    found = mp3.walk(keep(data))
    assert found.vbr
    assert found.bitrate_kbps == pytest.approx(len(data) * 8 / 5000, rel=0.05)


def test_a_last_frame_that_is_cut_is_said_and_not_counted(keep: Keep) -> None:
    data = made.mp3(3, xing=False)
    whole, cut = mp3.walk(keep(data, "whole")), mp3.walk(keep(data[:-50], "cut"))
    assert (whole.truncated, cut.truncated) == (False, True)
    assert whole.duration_s - cut.duration_s == pytest.approx(1152 / 44_100)


def test_a_change_of_the_sample_rate_is_followed_and_said(keep: Keep) -> None:
    data = made.mp3(3, xing=False) + made.mp3(3, xing=False, rate_hz=48_000)
    found = mp3.walk(keep(data))
    parts = [mp3.walk(keep(made.mp3(3, xing=False, rate_hz=rate), str(rate))).duration_s for rate in (44_100, 48_000)]
    assert found.mixed
    assert found.duration_s == pytest.approx(sum(parts))


def test_the_lower_of_two_tags_is_jumped_too(keep: Keep) -> None:
    assert mp3.walk(keep(made.id3(bytes(90)) + made.id3(bytes(5000)) + made.mp3(3))).duration_s == 3


def test_a_tag_with_a_footer_is_jumped_whole(keep: Keep) -> None:
    tag = bytearray(made.id3(b"\xff\xfb\x90\x64" * 100))
    tag[5] = 0x10
    assert mp3.walk(keep(bytes(tag) + b"3DI\4\0\x10" + bytes(4) + made.mp3(3))).start == len(tag) + 10


def test_counting_stops_soon_after_the_longest_that_is_looked_at(keep: Keep) -> None:
    found = mp3.walk(keep(made.long_quiet_mp3(hours=1)))
    assert mp3.LONGEST_S < found.duration_s < mp3.LONGEST_S + 0.1


def test_sound_behind_too_much_junk_does_not_count(keep: Keep) -> None:
    sound = made.mp3(3)
    assert mp3.walk(keep(bytes(mp3.JUNK_BYTES - 1) + sound, "near")).duration_s == 3
    with pytest.raises(FileDamaged):
        mp3.walk(keep(bytes(mp3.JUNK_BYTES + 2) + sound, "far"))


def test_a_description_frame_alone_is_no_sound(keep: Keep) -> None:
    frame = made.mp3(1)[:417]
    with pytest.raises(FileDamaged):
        mp3.walk(keep(frame))


@pytest.mark.parametrize("data", [made.false_starts(300_000), b"ID3", b"ID3\3\0\0\xff\xff\xff\xff", b"\xff\xfb\x90", b"\xff" * 100_000])
def test_bytes_that_only_look_like_sound_are_damaged(data: bytes, keep: Keep) -> None:
    with pytest.raises(FileDamaged):
        mp3.walk(keep(data))


def test_an_empty_file_is_empty(keep: Keep) -> None:
    with pytest.raises(FileEmpty):
        mp3.walk(keep(b""))


@pytest.mark.parametrize(("start_s", "seconds"), [(0, 3), (1.2345, 3), (4.9, 1), (7, 30)])
@pytest.mark.parametrize("vbr", [False, True])
def test_a_cut_holds_the_very_samples_of_the_source(start_s: float, seconds: float, vbr: bool, keep: Keep, ffmpeg: Ffmpeg) -> None:
    source = keep(made.with_cover(made.mp3(10, kbps=192, vbr=vbr)))
    target = source.with_name("cut.mp3")
    mp3.cut(source, target, start_s, seconds)
    whole, piece = _decoded(source, ffmpeg, 44_100), _decoded(target, ffmpeg, 44_100)
    wanted = whole[round(start_s * 44_100) :][: round(seconds * 44_100)]
    assert len(piece) == len(wanted)
    apart = np.abs(piece.astype(int) - wanted)
    settled = 2 * 1152  # borrowed bits from far back are missing at first
    assert apart[:settled].max() <= 64
    assert apart[settled:].max(initial=0) <= 1


def test_a_cut_says_its_own_true_length(keep: Keep) -> None:
    source = keep(made.lying_xing(made.mp3(10, vbr=True), seconds=36_000))
    target = source.with_name("cut.mp3")
    mp3.cut(source, target, 0, 5)
    data = target.read_bytes()
    frames = int.from_bytes(data[data.index(b"Xing") + 8 :][:4], "big")
    assert mp3.walk(target).duration_s == 5
    assert frames * 1152 / 44_100 == pytest.approx(5, abs=0.06)


def test_a_cut_carries_no_tag_and_no_cover(keep: Keep) -> None:
    source = keep(made.with_cover(made.mp3(4, tags=True)))
    target = source.with_name("cut.mp3")
    mp3.cut(source, target, 0, 4)
    data = target.read_bytes()
    assert data[0] == 0xFF
    assert not any(word in data for word in (b"ID3", b"TAG", b"APIC", b"A tune"))


def test_a_source_without_lames_tag_is_cut_at_whole_frames_and_not_short(keep: Keep) -> None:
    source = keep(made.mp3(10, xing=False))
    target = source.with_name("cut.mp3")
    mp3.cut(source, target, 0, 3)
    assert 3 <= mp3.walk(target).duration_s < 3 + 1152 / 44_100


def test_a_cut_behind_the_end_is_refused(keep: Keep) -> None:
    source = keep(made.mp3(3))
    with pytest.raises(FileDamaged):
        mp3.cut(source, source.with_name("cut.mp3"), 3.5, 3)
