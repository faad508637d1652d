"""The media store: films, posters, pictures and sounds under keys of our own.

Nobody else knows where they lie. Today it is a folder; every call is shaped so that a bucket can stand behind it
(no renames, no appends, reads in pieces). Calls that end in ``_now`` block and are for threads; the others are for
coroutines and go through a thread.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import re
import secrets
import shutil
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from components.errors import DiskFull, Gone, Unavailable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator

log = logging.getLogger(__name__)

PIECE_BYTES = 1024 * 1024
"""What one read brings (measured: CPU per GB is a third to a half of Starlette's 64 KB pieces)."""

Kind = Literal["video", "poster", "input", "source", "sound"]
KINDS: tuple[Kind, ...] = ("video", "poster", "input", "source", "sound")

KEY = re.compile(r"(?:video|poster|input|source|sound)/[0-9a-f]{2}/[0-9a-f]{32}(?:-[a-z0-9]{1,20})?\.[a-z0-9]{1,5}", re.ASCII)
PART = ".part"


def object_key(kind: Kind, extension: str, *, of: str | None = None, word: str | None = None) -> str:
    """A key that no user text is part of.

    Args:
        kind: The folder.
        extension: Without the dot, lower case; it alone decides the content type.
        of: The same text gives the same key for ever (job id and run, say); None gives a new random one.
        word: Something for people who look into the folder.
    """
    name = secrets.token_hex(16) if of is None else sha256(of.encode()).hexdigest()[:32]
    key = f"{kind}/{name[:2]}/{name}{f'-{word}' if word else ''}.{extension}"
    if not KEY.fullmatch(key):
        msg = f"not a key: {key!r}"
        raise ValueError(msg)
    return key


@dataclass(frozen=True, slots=True)
class Stored:
    """One object; ``size`` in bytes, ``modified`` in UTC seconds."""

    key: str
    size: int
    modified: float


class Objects:
    """The store in a folder.

    Args:
        media_dir: Where objects lie.
        work_dir: Where files grow before they are published; best on the same disk.
    """

    def __init__(self, media_dir: Path, work_dir: Path) -> None:
        with _storage_errors():
            media_dir.mkdir(parents=True, exist_ok=True)
            work_dir.mkdir(parents=True, exist_ok=True)
        self.media_dir = media_dir
        self.work_dir = work_dir
        self._root = media_dir.resolve()

    def work_file(self) -> Path:
        """A new name in ``work/`` for a file that is still growing; nothing is created."""
        return self.work_dir / f"{secrets.token_hex(16)}{PART}"

    # for coroutines

    async def publish(self, path: Path, key: str) -> None:
        """Move a complete local file in: it appears whole or not at all, and survives a power cut.

        Raises:
            DiskFull: It did not fit; ``path`` is still there.
            Unavailable: The store does not take it.
        """
        await asyncio.to_thread(self.publish_now, path, key)

    async def size(self, key: str) -> int:
        """Bytes of an object.

        Raises:
            Gone: There is none.
        """
        return await asyncio.to_thread(self.size_now, key)

    async def read(self, key: str, start: int, end: int) -> AsyncGenerator[bytes, None]:
        """The bytes from ``start`` up to, not including, ``end``, in pieces of 1 MiB.

        Ask for the first piece before sending headers: its errors can still become an answer.

        Raises:
            Gone: There is no such object.
            Unavailable: It ended early or cannot be read.
        """
        path = await asyncio.to_thread(self.local_now, key)
        with _storage_errors():
            stream = await asyncio.to_thread(path.open, "rb", buffering=0)
        try:
            with _storage_errors():
                stream.seek(start)
            while start < end:
                with _storage_errors():
                    piece = await asyncio.to_thread(stream.read, min(PIECE_BYTES, end - start))
                if not piece:
                    raise Unavailable
                start += len(piece)
                yield piece
        finally:
            stream.close()

    @asynccontextmanager
    async def local(self, key: str) -> AsyncIterator[Path]:
        """A real file to read from (ffmpeg needs one), for as long as the block lasts; never write to it.

        Raises:
            Gone: There is no such object.
        """
        yield await asyncio.to_thread(self.local_now, key)

    async def delete(self, keys: Iterable[str]) -> None:
        """Remove objects; a missing one is no error."""
        await asyncio.to_thread(self.delete_now, tuple(keys))

    async def entries(self, prefix: Kind) -> AsyncIterator[Stored]:
        """What lies in one folder of the store."""
        for stored in await asyncio.to_thread(self.entries_now, prefix):
            yield stored

    # for threads

    def publish_now(self, path: Path, key: str) -> None:
        """See ``publish``."""
        if not KEY.fullmatch(key):
            msg = f"not a key: {key!r}"
            raise ValueError(msg)
        target = self.media_dir / key
        with _storage_errors():
            self._make_folder(target.parent)
            _fsync(path)
            try:
                path.replace(target)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                _copy_in(path, target)
            _fsync_folder(target.parent)

    def size_now(self, key: str) -> int:
        """See ``size``."""
        with _storage_errors():
            return self.local_now(key).stat().st_size

    def has_now(self, key: str) -> bool:
        """Whether there is such an object."""
        try:
            self.local_now(key)
        except Gone:
            return False
        return True

    def local_now(self, key: str) -> Path:
        """See ``local``."""
        if not KEY.fullmatch(key):
            raise Gone
        with _storage_errors():
            path = (self.media_dir / key).resolve(strict=True)
        # somebody may have laid a link into the folder: it must not lead out of it
        if not path.is_relative_to(self._root) or not path.is_file():
            raise Gone
        return path

    def delete_now(self, keys: Iterable[str]) -> None:
        """See ``delete``."""
        for key in keys:
            if not KEY.fullmatch(key):
                continue
            path = self.media_dir / key
            if not path.parent.resolve().is_relative_to(self._root):
                continue
            try:
                path.unlink(missing_ok=True)
            except PermissionError:
                # Windows, while somebody reads it; the sweep finds it again
                log.info("%s is in use and goes later", key)
            except OSError as error:
                raise _translated(error) from error

    def entries_now(self, prefix: Kind) -> tuple[Stored, ...]:
        """See ``entries``."""
        with _storage_errors():
            return tuple(
                Stored(key, facts.st_size, facts.st_mtime)
                for path, facts in self._files(prefix)
                if KEY.fullmatch(key := f"{prefix}/{path.parent.name}/{path.name}")
            )

    def sweep_parts(self, before: float) -> int:
        """Remove what a copy that was killed half-way left beside its target, if older than ``before`` (UTC seconds)."""
        removed = 0
        with _storage_errors():
            for kind in KINDS:
                for path, facts in self._files(kind):
                    if path.name.startswith(".") and path.name.endswith(PART) and facts.st_mtime < before:
                        path.unlink(missing_ok=True)
                        removed += 1
        return removed

    def _files(self, kind: Kind) -> Iterator[tuple[Path, os.stat_result]]:
        folder = self.media_dir / kind
        if not folder.is_dir():
            return
        with os.scandir(folder) as shards:
            for shard in shards:
                if shard.is_dir(follow_symlinks=False):
                    with os.scandir(shard.path) as files:
                        for file in files:
                            if file.is_file(follow_symlinks=False):
                                yield Path(file.path), file.stat(follow_symlinks=False)

    def _make_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            for made in (folder.parent, folder.parent.parent):
                _fsync_folder(made)
        if not folder.resolve().is_relative_to(self._root):
            raise Unavailable


@contextmanager
def _storage_errors() -> Iterator[None]:
    """What the operating system says, as a leaf of our tree."""
    try:
        yield
    except OSError as error:
        raise _translated(error) from error


def _translated(error: OSError) -> DiskFull | Gone | Unavailable:
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return DiskFull()
    if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}:
        return Gone()
    return Unavailable()


def _fsync(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def _fsync_folder(folder: Path) -> None:
    """Make names last too; Windows has no such call and does it by itself."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _copy_in(path: Path, target: Path) -> None:
    """Another disk, or a mount: copy beside the target in order, then rename."""
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}{PART}")
    try:
        with path.open("rb") as source, part.open("wb") as copy:
            shutil.copyfileobj(source, copy, PIECE_BYTES)
            copy.flush()
            os.fsync(copy.fileno())
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    path.unlink()
