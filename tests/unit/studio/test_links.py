from __future__ import annotations

import pytest

from components.studio.keys import Secrets
from components.studio.links import STEP_S, Links
from components.studio.objects import object_key
from tests.unit.studio.files_bench import HOUR, NOON, HandClock

KEY = object_key("video", "mp4", of="a film")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def links(clock: HandClock) -> Links:
    return Links(Secrets((b"key",)), clock)


def test_a_link_opens_what_it_was_made_for(links: Links) -> None:
    media = links.open(links.sign(KEY, "照片 & film.mp4"))
    assert media is not None
    assert (media.key, media.content_type, media.name) == (KEY, "video/mp4", "照片 & film.mp4")
    assert links.url(KEY).startswith("/gradio_api/studio/media/")


def test_every_link_lives_12_to_24_hours(links: Links, clock: HandClock) -> None:
    for step in range(40):
        clock.time = NOON + step * HOUR * 0.71
        media = links.open(links.sign(object_key("video", "mp4", of=f"film {step}")))
        assert media is not None
        assert 12 * HOUR < media.expires_at - clock.time <= 24 * HOUR


def test_a_link_dies_at_its_time(links: Links, clock: HandClock) -> None:
    signed = links.sign(KEY)
    media = links.open(signed)
    assert media is not None
    clock.time = media.expires_at - 1
    assert links.open(signed) is not None
    clock.time = media.expires_at
    assert links.open(signed) is None


def test_a_link_keeps_its_text_for_hours_so_that_browsers_find_it_in_their_cache(links: Links, clock: HandClock) -> None:
    texts = []
    for _ in range(24 * 4):
        texts.append(links.sign(KEY, "film.mp4"))
        clock.time += HOUR / 4
    assert len(set(texts)) <= 1 + 24 * HOUR / STEP_S


def test_not_all_links_turn_over_at_the_same_moment(links: Links) -> None:
    ends = set()
    for n in range(20):
        media = links.open(links.sign(object_key("poster", "jpg", of=str(n))))
        assert media is not None
        ends.add(media.expires_at)
    assert len(ends) > 10


def test_a_link_that_was_touched_anywhere_opens_nothing(links: Links) -> None:
    signed = links.sign(KEY, "film.mp4")
    for place in range(len(signed) - 1):  # the last sign may carry spare bits
        other = "A" if signed[place] != "A" else "B"
        assert links.open(signed[:place] + other + signed[place + 1 :]) is None


@pytest.mark.parametrize("text", ["", "x", "../../etc/passwd", "A" * 100, "A" * 5000, "é" * 80, "A" * 97])
def test_what_we_never_signed_opens_nothing(links: Links, text: str) -> None:
    assert links.open(text) is None


def test_another_studios_link_opens_nothing(links: Links, clock: HandClock) -> None:
    assert links.open(Links(Secrets((b"other",)), clock).sign(KEY)) is None


def test_a_name_cannot_change_what_the_link_opens(links: Links) -> None:
    media = links.open(links.sign(KEY, "a\nvideo/ff/x.mp4\r\nSet-Cookie: a"))
    assert media is not None
    assert media.key == KEY
    assert media.name == "avideo/ff/x.mp4Set-Cookie: a"


def test_the_type_follows_the_key_and_never_the_name(links: Links) -> None:
    media = links.open(links.sign(object_key("input", "png", of="x"), "page.html"))
    assert media is not None
    assert media.content_type == "image/png"
    odd = links.open(links.sign(object_key("source", "bin", of="x"), "page.html"))
    assert odd is not None
    assert odd.content_type == "application/octet-stream"


def test_a_download_is_called_by_its_name_in_any_script(links: Links) -> None:
    media = links.open(links.sign(KEY, 'Fête "照片".mp4'))
    assert media is not None
    header = media.disposition(download=True)
    assert header == "attachment; filename=\"Fete __.mp4\"; filename*=UTF-8''F%C3%AAte%20%22%E7%85%A7%E7%89%87%22.mp4"
    assert media.disposition(download=False).startswith("inline; ")


def test_a_header_never_holds_what_would_break_it(links: Links) -> None:
    media = links.open(links.sign(KEY, 'a";\\ \r\n\t' + "界" * 300 + ".mp4"))
    assert media is not None
    header = media.disposition(download=True)
    assert header.isascii()
    assert header.isprintable()
    assert media.name.endswith(".mp4")


def test_the_longest_name_in_the_widest_script_still_makes_a_link_that_opens(links: Links) -> None:
    assert links.open(links.sign(KEY, "\U0001f6f6" * 1000 + ".mp4")) is not None


def test_two_objects_have_two_etags_and_one_has_one(links: Links) -> None:
    first, again = links.open(links.sign(KEY)), links.open(links.sign(KEY, "x.mp4"))
    other = links.open(links.sign(object_key("video", "mp4", of="another")))
    assert first is not None
    assert again is not None
    assert other is not None
    assert first.etag == again.etag != other.etag
