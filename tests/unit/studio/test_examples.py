from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from components.errors import NotFound, Unavailable
from components.generation.rules import violations
from components.media.ffmpeg import find_ffmpeg
from components.services.base import Cancelled
from components.services.preview.service import Preview
from components.studio.examples import Examples
from components.studio.scenes.catalogue import EXAMPLE_KEYS, EXAMPLES
from components.studio.scenes.make import Maker, request_of
from tests import media_factory as media
from tests.doubles.local import Local
from tests.unit.studio.files_bench import DAY, FilesBench

if TYPE_CHECKING:
    from collections.abc import Iterator

LAKE = EXAMPLES[0]


@pytest.fixture
def examples(bench: FilesBench) -> Iterator[Examples]:
    made = Examples(bench.objects, bench.links, bench.uploads)
    yield made
    made.stop()


def put_all(bench: FilesBench, *, but: str = "") -> None:
    """Something of the right kind under every key."""
    data = {"jpg": media.jpeg(400, 400), "mp3": media.mp3(4), "mp4": b"a film"}
    for key in sorted(EXAMPLE_KEYS - {but}):
        bench.put(key, data[key.rpartition(".")[2]])


def test_there_are_three_of_different_shapes_and_two_sounds() -> None:
    assert len(EXAMPLES) == 3
    assert {(width > height) - (width < height) for width, height in (example.size for example in EXAMPLES)} == {-1, 0, 1}
    assert len({example.sound for example in EXAMPLES if example.sound}) == 2
    assert len(EXAMPLE_KEYS) == 11


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.id)
def test_the_preview_takes_every_example_as_it_is(example: object) -> None:
    assert violations(request_of(example, "preview"), Preview.capabilities) == ()  # type: ignore[arg-type]


def test_what_is_to_be_made_is_shown_without_addresses_while_it_is_made(examples: Examples) -> None:
    examples.start()
    assert not examples.complete
    assert [(view.poster_url, view.video_url) for view in examples.listing()] == [(None, None)] * 3


def test_what_nobody_makes_is_not_shown(examples: Examples) -> None:
    assert not examples.complete
    assert examples.listing() == ()


def test_an_example_without_its_film_shows_its_picture(bench: FilesBench, examples: Examples) -> None:
    put_all(bench, but=LAKE.video_key)
    lake, *others = examples.listing()
    assert lake.image_url
    assert lake.video_url is None
    assert all(view.video_url for view in others)
    put_all(bench)
    assert examples.complete


def test_the_addresses_open_the_files(bench: FilesBench, examples: Examples) -> None:
    put_all(bench)
    url = examples.listing()[0].video_url
    assert url
    opened = bench.links.open(url.rpartition("/")[2])
    assert opened is not None
    assert (opened.key, opened.content_type) == (LAKE.video_key, "video/mp4")


def test_using_an_example_gives_the_visitor_uploads_of_their_own_that_a_film_can_be_made_of(bench: FilesBench, examples: Examples) -> None:
    put_all(bench)
    visitor = bench.visitor()
    used = examples.use(visitor, "lake")
    assert used.audio is not None
    assert used.request["sound"] == "own"
    assert used.request["prompt"] == LAKE.prompt
    assert bench.uploads.usable(visitor, used.image.id, "image", "preview").key == LAKE.image_key
    assert bench.uploads.usable(visitor, used.audio.id, "audio", "preview").key == LAKE.sound_key
    with pytest.raises(NotFound):
        bench.uploads.get(bench.visitor(), used.image.id)


def test_an_example_without_a_sound_leaves_the_sound_to_the_service(bench: FilesBench, examples: Examples) -> None:
    put_all(bench)
    used = examples.use(bench.visitor(), "lighthouse")
    assert used.audio is None
    assert used.request["sound"] == "auto"


def test_using_it_again_gives_the_same_uploads_and_later_fresh_ones(bench: FilesBench, examples: Examples) -> None:
    put_all(bench)
    visitor = bench.visitor()
    first = examples.use(visitor, "lake")
    assert examples.use(visitor, "lake") == first
    bench.clock.time += 2 * DAY
    assert examples.use(visitor, "lake").image.id != first.image.id


def test_an_example_can_be_mended_like_any_picture(bench: FilesBench, examples: Examples) -> None:
    put_all(bench)
    visitor = bench.visitor()
    view = bench.uploads.fix(visitor, examples.use(visitor, "lake").image.id, [{"code": "turn", "degrees": 90}])
    bench.uploads.delete(visitor, view.id)
    assert bench.objects.has_now(LAKE.image_key)


def test_an_unknown_example_is_not_there(examples: Examples, bench: FilesBench) -> None:
    with pytest.raises(NotFound):
        examples.use(bench.visitor(), "../lake")


def test_an_example_that_is_still_being_painted_says_when_to_come_back(examples: Examples, bench: FilesBench) -> None:
    with pytest.raises(Unavailable) as refused:
        examples.use(bench.visitor(), "lake")
    assert refused.value.retry_after


async def test_the_maker_makes_only_what_is_missing(bench: FilesBench) -> None:
    put_all(bench, but=LAKE.video_key)
    before = {key: bench.objects.local_now(key).read_bytes() for key in EXAMPLE_KEYS - {LAKE.video_key, LAKE.poster_key}}
    service = Local()
    await Maker(bench.objects, find_ffmpeg(), service).make()
    assert service.created == ["example-lake"]
    assert {key: bench.objects.local_now(key).read_bytes() for key in before} == before
    assert bench.objects.local_now(LAKE.video_key).read_bytes()[4:8] == b"ftyp"
    assert bench.objects.local_now(LAKE.poster_key).read_bytes()[:2] == b"\xff\xd8"
    assert bench.leftovers() == []
    await service.close()


class Watched(Preview):
    """Tells when somebody waits for its first film."""

    def __init__(self) -> None:
        super().__init__()
        self.awaited = asyncio.Event()

    def pause_s(self, age_s: float, *, called_back: bool = False) -> float:
        self.awaited.set()
        return super().pause_s(age_s, called_back=called_back)


async def test_a_film_that_is_wanted_no_more_is_stopped_before_its_folder_goes(bench: FilesBench) -> None:
    put_all(bench, but=LAKE.video_key)
    service = Watched()
    making = asyncio.ensure_future(Maker(bench.objects, find_ffmpeg(), service).make())
    await service.awaited.wait()
    (task,) = service._tasks
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making
    assert await service.read(task) == Cancelled()
    assert bench.leftovers() == []


def test_a_complete_set_starts_no_process(bench: FilesBench, examples: Examples) -> None:
    put_all(bench)
    examples.start()
    assert examples._maker is None


def test_a_full_disk_leaves_the_examples_out(bench: FilesBench, examples: Examples, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.studio.disk.room", lambda _path: 0)
    examples.start()
    assert examples._maker is None


def test_the_process_makes_what_is_missing_and_ends(bench: FilesBench, examples: Examples) -> None:
    assert LAKE.sound_key is not None
    put_all(bench, but=LAKE.sound_key)
    examples.start()
    assert examples._maker is not None
    assert examples._maker.wait(60) == 0
    assert examples.complete


def test_stopping_ends_the_process_at_once_and_leaves_nothing(bench: FilesBench, examples: Examples) -> None:
    put_all(bench, but=LAKE.video_key)
    examples.start()
    maker = examples._maker
    assert maker is not None
    examples.stop()
    assert maker.poll() is not None
    assert bench.leftovers() == []
