from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from components.errors import CannotMend, FileDamaged, FileEmpty, FileTooBig, UnknownFile
from components.media import mp3, sound
from tests import media_factory as made

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from components.media.ffmpeg import Ffmpeg
    from tests.unit.media.conftest import Keep


def test_peaks_are_twenty_a_second_and_show_loud_and_soft(keep: Keep, ffmpeg: Ffmpeg) -> None:
    peaks = sound.inspect_sound(keep(made.mp3(6)), ffmpeg).peaks
    assert len(peaks) == 120
    assert all(0 <= peak <= 1 for peak in peaks)
    loud, soft = np.mean(peaks[2:18]), np.mean(peaks[22:38])
    assert loud > 3 * soft


def test_a_long_sound_has_six_hundred_peaks(keep: Keep, ffmpeg: Ffmpeg) -> None:
    assert len(sound.inspect_sound(keep(made.mp3(45, kbps=64)), ffmpeg).peaks) == 600


def test_a_sound_over_twenty_minutes_is_too_big(keep: Keep, ffmpeg: Ffmpeg) -> None:
    with pytest.raises(FileTooBig) as refused:
        sound.inspect_sound(keep(made.long_quiet_mp3(hours=0.5)), ffmpeg)
    assert refused.value.params == {"max_seconds": mp3.LONGEST_S}


def test_a_file_over_sixty_megabytes_is_too_big_before_it_is_read(tmp_path: Path, ffmpeg: Ffmpeg) -> None:
    path = tmp_path / "big.mp3"
    with path.open("wb") as file:
        file.truncate(sound.LONGEST_FILE + 1)
    with pytest.raises(FileTooBig):
        sound.inspect_sound(path, ffmpeg)


def test_frames_filled_with_noise_are_damaged(keep: Keep, ffmpeg: Ffmpeg) -> None:
    rng = np.random.default_rng(2)
    frames = b"".join(b"\xff\xfb\x90\x64" + rng.bytes(413) for _ in range(200))
    with pytest.raises(FileDamaged):
        sound.inspect_sound(keep(frames), ffmpeg)


def test_other_sounds_are_named_in_the_refusal(keep: Keep, ffmpeg: Ffmpeg) -> None:
    with pytest.raises(UnknownFile) as refused:
        sound.inspect_sound(keep(made.wav(3), "x.mp3"), ffmpeg)
    assert (refused.value.field, refused.value.params) == ("audio", {"kind": "wav"})


@pytest.mark.parametrize(("seconds", "expected"), [(2, 3), (5, 5), (8, 6)])
def test_the_heard_piece_is_as_long_as_the_film_but_three_seconds_at_least(
    seconds: float, expected: float, keep: Keep, ffmpeg: Ffmpeg
) -> None:
    source = keep(made.mp3(6))
    target = source.with_name("piece.mp3")
    sound.heard_piece(source, target, start_s=0, seconds=seconds, ffmpeg=ffmpeg)
    assert mp3.walk(target).duration_s == expected


@pytest.mark.parametrize("other", [made.wav, made.m4a, made.ogg, made.opus, made.flac])
def test_a_heard_piece_of_another_kind_of_sound_is_encoded_anew(other: Callable[[float], bytes], keep: Keep, ffmpeg: Ffmpeg) -> None:
    source = keep(other(6))
    target = source.with_name("piece.mp3")
    sound.heard_piece(source, target, start_s=1, seconds=4, ffmpeg=ffmpeg)
    assert mp3.walk(target).duration_s == pytest.approx(4, abs=0.001)


def test_a_heard_piece_of_changing_sample_rates_is_encoded_anew(keep: Keep, ffmpeg: Ffmpeg) -> None:
    source = keep(made.mp3(2, xing=False) + made.mp3(4, xing=False, rate_hz=48_000))
    target = source.with_name("piece.mp3")
    sound.heard_piece(source, target, start_s=0, seconds=4, ffmpeg=ffmpeg)
    found = mp3.walk(target)
    assert not found.mixed
    assert found.duration_s == pytest.approx(4, abs=0.03)


def test_a_piece_that_starts_behind_the_end_cannot_be_made(keep: Keep, ffmpeg: Ffmpeg) -> None:
    for source in (keep(made.mp3(4), "a.mp3"), keep(made.wav(4), "b.wav")):
        with pytest.raises(CannotMend):
            sound.heard_piece(source, source.with_name("piece.mp3"), start_s=4.5, seconds=3, ffmpeg=ffmpeg)


def test_a_text_never_reaches_the_decoder(tmp_path: Path, ffmpeg: Ffmpeg) -> None:
    (tmp_path / "secret.wav").write_bytes(made.wav(4))
    path = tmp_path / "song.mp3"
    path.write_bytes(made.playlist())
    for look in (lambda: sound.inspect_sound(path, ffmpeg), lambda: sound.decode_pcm(path, ffmpeg)):
        with pytest.raises(UnknownFile) as refused:
            look()
        assert refused.value.params == {"kind": "text"}


def test_samples_come_at_the_rate_and_from_the_time_asked_for(keep: Keep, ffmpeg: Ffmpeg) -> None:
    path = keep(made.mp3(4))
    whole = np.frombuffer(sound.decode_pcm(path, ffmpeg, rate_hz=44_100, channels=1), dtype="<i2")
    part = np.frombuffer(sound.decode_pcm(path, ffmpeg, start_s=1, seconds=2, rate_hz=44_100, channels=1), dtype="<i2")
    assert len(whole) == 4 * 44_100
    assert np.array_equal(part, whole[44_100 : 3 * 44_100])


def test_an_empty_sound_is_empty(keep: Keep, ffmpeg: Ffmpeg) -> None:
    with pytest.raises(FileEmpty):
        sound.inspect_sound(keep(b""), ffmpeg)
