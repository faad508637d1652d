from __future__ import annotations

import errno
import os
from contextlib import aclosing
from pathlib import Path

import pytest

from components.errors import DiskFull, Gone, Unavailable
from components.studio.disk import RESERVE_BYTES, require, room
from components.studio.objects import PIECE_BYTES, Objects, object_key

KEY = "video/ab/" + "ab" * 16 + ".mp4"


@pytest.fixture
def store(tmp_path: Path) -> Objects:
    return Objects(tmp_path / "media", tmp_path / "work")


def grown(store: Objects, data: bytes) -> Path:
    path = store.work_file()
    path.write_bytes(data)
    return path


async def whole(store: Objects, key: str, start: int, end: int) -> list[bytes]:
    return [piece async for piece in store.read(key, start, end)]


async def test_what_is_published_is_read_back_and_leaves_the_work_folder(store: Objects) -> None:
    part = grown(store, b"a film")
    await store.publish(part, KEY)
    assert await whole(store, KEY, 0, 6) == [b"a film"]
    assert await store.size(KEY) == 6
    assert not part.exists()


async def test_reading_comes_in_pieces_of_a_mebibyte_and_from_any_place(store: Objects) -> None:
    data = os.urandom(PIECE_BYTES * 2 + 5)
    await store.publish(grown(store, data), KEY)
    assert [len(piece) for piece in await whole(store, KEY, 0, len(data))] == [PIECE_BYTES, PIECE_BYTES, 5]
    assert b"".join(await whole(store, KEY, 7, PIECE_BYTES + 9)) == data[7 : PIECE_BYTES + 9]
    assert await whole(store, KEY, 3, 3) == []


async def test_a_missing_object_is_gone_before_the_first_piece(store: Objects) -> None:
    with pytest.raises(Gone):
        await whole(store, KEY, 0, 1)
    with pytest.raises(Gone):
        await store.size(KEY)
    with pytest.raises(Gone):
        async with store.local(KEY):
            pytest.fail("there is no such file")


async def test_an_object_that_ends_early_is_an_error_and_not_a_short_film(store: Objects) -> None:
    await store.publish(grown(store, b"short"), KEY)
    with pytest.raises(Unavailable):
        await whole(store, KEY, 0, 100)


async def test_who_reads_keeps_reading_while_it_is_deleted(store: Objects) -> None:
    await store.publish(grown(store, bytes(PIECE_BYTES + 1)), KEY)
    async with aclosing(store.read(KEY, 0, PIECE_BYTES + 1)) as pieces:
        await anext(pieces)
        await store.delete([KEY])
        assert len(await anext(pieces)) == 1


async def test_deleting_what_is_not_there_is_no_error(store: Objects) -> None:
    await store.publish(grown(store, b"x"), KEY)
    await store.delete([KEY, KEY, "video/cd/" + "cd" * 16 + ".mp4", "../../etc/passwd"])
    assert not store.has_now(KEY)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/etc/passwd",
        "video/../../x.mp4",
        "video/ab/..",
        "film/ab/" + "ab" * 16 + ".mp4",
        "video/AB/" + "ab" * 16 + ".mp4",
        KEY + "\n",
        KEY + "/x",
    ],
)
async def test_a_key_that_is_not_ours_reaches_no_file(store: Objects, key: str) -> None:
    with pytest.raises(Gone):
        await whole(store, key, 0, 1)
    part = grown(store, b"x")
    with pytest.raises(ValueError, match="not a key"):
        await store.publish(part, key)
    assert part.exists()


async def test_a_link_out_of_the_folder_is_not_followed(store: Objects, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (store.media_dir / "video" / "ab").mkdir(parents=True)
    (store.media_dir / KEY).symlink_to(secret)
    with pytest.raises(Gone):
        await whole(store, KEY, 0, 6)


async def test_a_linked_folder_is_neither_written_nor_emptied(store: Objects, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / Path(KEY).name).write_text("theirs")
    (store.media_dir / "video").mkdir()
    (store.media_dir / "video" / "ab").symlink_to(outside)
    with pytest.raises(Unavailable):
        await store.publish(grown(store, b"x"), KEY)
    await store.delete([KEY])
    assert (outside / Path(KEY).name).read_text() == "theirs"


async def test_a_full_disk_is_said_and_the_file_stays_where_it_grew(store: Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    part = grown(store, b"x")

    def full(self: Path, target: Path) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(DiskFull):
        await store.publish(part, KEY)
    assert part.exists()
    assert not store.has_now(KEY)


async def test_another_disk_gets_a_copy_that_appears_whole(store: Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    part = grown(store, b"from another disk")
    rename = Path.replace

    def across(self: Path, target: Path) -> Path:
        if self.parent == store.work_dir:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", across)
    await store.publish(part, KEY)
    assert await whole(store, KEY, 0, 17) == [b"from another disk"]
    assert not part.exists()
    assert [path.name for path in (store.media_dir / KEY).parent.iterdir()] == [Path(KEY).name]


async def test_a_copy_that_fails_leaves_no_piece_of_itself(store: Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    part = grown(store, b"x")

    def never(self: Path, target: Path) -> Path:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    def broken(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", never)
    monkeypatch.setattr("components.studio.objects.shutil.copyfileobj", broken)
    with pytest.raises(DiskFull):
        await store.publish(part, KEY)
    assert list((store.media_dir / KEY).parent.iterdir()) == []
    assert part.exists()


async def test_entries_tell_keys_sizes_and_ages_and_nothing_that_is_not_ours(store: Objects) -> None:
    await store.publish(grown(store, b"12345"), KEY)
    (store.media_dir / KEY).with_name("notes.txt").write_text("not ours")
    (store.media_dir / KEY).with_name(".x.mp4.abc.part").write_text("half a copy")
    os.utime(store.media_dir / KEY, (1000, 1000))
    assert [(stored.key, stored.size, stored.modified) async for stored in store.entries("video")] == [(KEY, 5, 1000.0)]
    assert [stored async for stored in store.entries("poster")] == []


async def test_half_copies_are_swept_once_they_are_old(store: Objects) -> None:
    await store.publish(grown(store, b"x"), KEY)
    half = (store.media_dir / KEY).with_name(".x.mp4.abc.part")
    half.write_text("half a copy")
    os.utime(half, (1000, 1000))
    assert store.sweep_parts(before=1000) == 0
    assert store.sweep_parts(before=1001) == 1
    assert store.has_now(KEY)


def test_a_key_of_the_same_text_is_the_same_and_a_random_one_never() -> None:
    assert object_key("video", "mp4", of="job 1") == object_key("video", "mp4", of="job 1")
    assert object_key("video", "mp4") != object_key("video", "mp4")


def test_nothing_but_small_letters_gets_into_a_key() -> None:
    with pytest.raises(ValueError, match="not a key"):
        object_key("video", "mp4", word="../x")
    with pytest.raises(ValueError, match="not a key"):
        object_key("video", "MP4")


def test_room_is_asked_of_the_nearest_folder_there_is(tmp_path: Path) -> None:
    assert room(tmp_path / "not" / "yet") > 0


def test_a_disk_without_room_beside_the_reserve_refuses(tmp_path: Path) -> None:
    require(tmp_path, 1, reserve=0)
    with pytest.raises(DiskFull) as refused:
        require(tmp_path, room(tmp_path), reserve=RESERVE_BYTES)
    assert float(refused.value.params["need"]) > float(refused.value.params["free"])
