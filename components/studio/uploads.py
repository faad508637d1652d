"""Pictures and sounds that people bring: judged, prepared, mended from the original, kept for a while.

A file that is fit is stored twice: as it came (``source_key``, to be mended again from) and as it may leave the house
(``key``: upright, stripped, plain RGB). One that could be mended is stored as it came, with ``key`` null. One that
cannot be helped leaves nothing behind.

The methods block on decoding and on the database; ``pooled`` runs them on a few threads of their own (Pillow and
ffmpeg let other threads run), so that two hundred uploads at once neither stop the page nor fill the memory.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from hashlib import file_digest
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from components.errors import NotFound, RequestInvalid
from components.generation.fitness import Fault, judge_audio, judge_image, mendable
from components.media.image import LONGEST_FILE, ImageReport, inspect_image
from components.media.mend import prepare_image
from components.media.sound import SoundReport, inspect_sound
from components.studio.gate import Gate
from components.studio.mending import image_mends, require_fit, sound_mends
from components.studio.objects import object_key
from components.studio.uploaded import UnfitUpload, UploadOutcome, UploadView, Usable, clean_name, fixes_for
from components.studio.uploadrows import UploadRows, without_original

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from sqlalchemy import Engine, Row

    from components.generation.capabilities import AudioLimits, Capabilities, ImageLimits
    from components.media.ffmpeg import Ffmpeg
    from components.media.mend import ImageMend
    from components.services.registry import Services
    from components.studio.clock import Clock
    from components.studio.links import Links
    from components.studio.mending import Asked
    from components.studio.objects import Objects
    from components.studio.uploaded import Kind
    from components.studio.visitors import Visitors


P = ParamSpec("P")
T = TypeVar("T")

SOUND_BYTES = 60_000_000
"""Longer sounds are not looked at (API.md §3)."""

_EXTENSIONS = {"jpeg": "jpg"}


class Uploads:
    """All uploads of all visitors.

    Args:
        engine: The database.
        objects: The media store.
        visitors: An upload may be a visitor's first write.
        services: Whose limits files are judged by.
        links: Makes the addresses of files.
        ffmpeg: Draws the waveform of a sound.
        clock: The time of day.
    """

    def __init__(
        self, engine: Engine, objects: Objects, *, visitors: Visitors, services: Services, links: Links, ffmpeg: Ffmpeg, clock: Clock
    ) -> None:
        self._objects = objects
        self._visitors = visitors
        self._services = services
        self._ffmpeg = ffmpeg
        self._rows = UploadRows(engine, links, clock)
        self._pool = ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 2), thread_name_prefix="uploads")
        self._gate = Gate(engine, objects, clock)

    def close(self) -> None:
        """Wait for what is being looked at, then free the threads."""
        self._pool.shutdown(cancel_futures=True)

    async def pooled(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one of the methods below on the threads for uploads."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: work(*args, **kwargs))

    @staticmethod
    def most_bytes(kind: Kind) -> int:
        """The largest file of a kind that is looked at at all."""
        return LONGEST_FILE if kind == "image" else SOUND_BYTES

    def begin(self, visitor: str, kind: Kind, length: int | None = None) -> AbstractAsyncContextManager[Path]:
        """A place for one upload's bytes; see ``Gate.begin`` for its limits and errors."""
        return self._gate.begin(visitor, kind, length, self.most_bytes(kind))

    def receive(self, visitor: str, kind: Kind, name: str, part: Path, service: str | None = None) -> UploadOutcome:
        """Look at a complete file, and keep it if it is fit or can be made so.

        Args:
            visitor: Whose it is.
            kind: What it is meant to be.
            name: As the browser called it, in any script.
            part: The file; it is gone afterwards.
            service: The id of the service it is for; None is the app's default.

        Raises:
            UnfitUpload: It breaks rules that no mend on offer cures.
            FileRefused: It is no picture or sound that we know, or it is damaged.
            RequestInvalid: There is no such service.
        """
        try:
            caps = self._capabilities(service)
            self._visitors.ensure(visitor)
            shown = clean_name(name, kind)
            if kind == "image":
                return self._receive_image(visitor, shown, part, caps.image)
            return self._receive_sound(visitor, shown, part, self._audio_limits(caps))
        finally:
            part.unlink(missing_ok=True)

    def fix(self, visitor: str, upload_id: str, fixes: Asked, service: str | None = None) -> UploadView:
        """A new upload, mended from the original of this one (also when this one is mended already).

        Args:
            visitor: Whose it is.
            upload_id: The upload.
            fixes: ``{"code", …params}`` each, in any order, or ``"auto"``: whatever the service asks for.
            service: The id of the service it is for; None is the app's default.

        Raises:
            NotFound: There is no such upload, or it is somebody else's.
            CannotMend: A mend that is unknown or does not suit this file.
            NeedsChoice: ``auto`` would have to crop or pad.
            UnfitUpload: With these mends it still breaks a rule.
        """
        row = self._rows.row(visitor, upload_id)
        caps = self._capabilities(service)
        self._rows.hold(row.id)
        self._gate.admit(visitor, self._objects.size_now(row.source_key))
        if row.kind == "image":
            return self._fix_image(row, fixes, caps.image)
        return self._fix_sound(row, fixes, self._audio_limits(caps))

    def get(self, visitor: str, upload_id: str) -> UploadView:
        """One upload.

        Raises:
            NotFound: There is none, its time is over, or it is somebody else's.
        """
        return self._rows.view(self._rows.row(visitor, upload_id))

    def delete(self, visitor: str, upload_id: str) -> None:
        """Forget an upload; its files stay as long as a film or another upload needs them.

        Raises:
            NotFound: There is none, or it is somebody else's.
        """
        row = self._rows.row(visitor, upload_id)
        free = self._rows.forget(row.id, [key for key in (row.key, row.source_key) if key])
        self._objects.delete_now(free)

    def usable(self, visitor: str, upload_id: str, kind: Kind, service: str) -> Usable:
        """The file that a film for this service may be made from; it stays at least an hour from now on.

        Raises:
            NotFound: There is none, or it is somebody else's, or of the other kind.
            UnfitUpload: It breaks a rule of this service.
        """
        row = self._rows.row(visitor, upload_id)
        if row.kind != kind:
            raise NotFound(field=kind)
        faults = self._faults(row, self._capabilities(service))
        if faults or row.key is None:
            raise UnfitUpload(kind, faults or (Fault("unfit"),))
        self._rows.hold(row.id)
        size = (row.report["width"], row.report["height"]) if kind == "image" else None
        return Usable(row.id, row.key, row.name, without_original(row.report), size)

    def faults(
        self, visitor: str, upload_id: str, kind: Kind, services: Iterable[str]
    ) -> tuple[dict[str, Any], dict[str, tuple[Fault, ...]]]:
        """What is known of a file, and by service what keeps it from being used there as it is; changes nothing.

        Raises:
            NotFound: There is none, or it is somebody else's, or of the other kind.
        """
        row = self._rows.row(visitor, upload_id)
        if row.kind != kind:
            raise NotFound(field=kind)
        found: dict[str, tuple[Fault, ...]] = {}
        for service in services:
            try:
                found[service] = self._faults(row, self._capabilities(service)) or ((Fault("unfit"),) if row.key is None else ())
            except UnfitUpload as unfit:
                found[service] = unfit.faults
        return without_original(row.report), found

    def adopt(self, visitor: str, kind: Kind, name: str, key: str) -> UploadView:
        """An upload of this visitor's over a file that is in the store already (an example's); the same one again if there is one."""
        self._visitors.ensure(visitor)
        found = self._rows.over(visitor, key)
        if found is not None:
            return self.get(visitor, found)
        path = self._objects.local_now(key)
        report = _facts(inspect_image(path) if kind == "image" else inspect_sound(path, self._ffmpeg))
        return self._rows.insert(visitor, kind, name, report=report, source_key=key, key=key, sha256=_digest(path), size=0)

    def _receive_image(self, visitor: str, name: str, part: Path, limits: ImageLimits) -> UploadOutcome:
        report = inspect_image(part)
        faults = judge_image(report, limits)
        if faults and not mendable(faults):
            raise UnfitUpload("image", faults)
        source_key = object_key("source", _EXTENSIONS.get(report.format, report.format))
        if faults:
            digest = _digest(part)
            self._objects.publish_now(part, source_key)
            view = self._rows.insert(visitor, "image", name, report=_facts(report), source_key=source_key, sha256=digest, size=report.bytes)
            return UploadOutcome(view, UnfitUpload("image", faults), fixes_for(faults))
        return UploadOutcome(self._publish_prepared(visitor, name, part, (), limits, publish_source_as=source_key))

    def _receive_sound(self, visitor: str, name: str, part: Path, limits: AudioLimits) -> UploadOutcome:
        report = inspect_sound(part, self._ffmpeg)
        faults = judge_audio(report, limits)
        if faults and not mendable(faults):
            raise UnfitUpload("audio", faults)
        digest, key = _digest(part), object_key("sound", report.format)
        self._objects.publish_now(part, key)
        fit = None if faults else key
        view = self._rows.insert(visitor, "audio", name, report=_facts(report), source_key=key, key=fit, sha256=digest, size=report.bytes)
        return UploadOutcome(view, UnfitUpload("audio", faults), fixes_for(faults)) if faults else UploadOutcome(view)

    def _fix_image(self, row: Row[Any], fixes: Asked, limits: ImageLimits) -> UploadView:
        source = self._objects.local_now(row.source_key)
        original = inspect_image(source)
        mends = image_mends(fixes, original, limits)
        return self._publish_prepared(row.visitor, row.name, source, mends, limits, source_key=row.source_key, of=(row, _facts(original)))

    def _fix_sound(self, row: Row[Any], fixes: Asked, limits: AudioLimits) -> UploadView:
        report = inspect_sound(self._objects.local_now(row.source_key), self._ffmpeg)
        codes = sound_mends(fixes, report, limits)
        facts = _facts(report)
        return self._rows.insert(
            row.visitor,
            "audio",
            row.name,
            report={**facts, "original": facts},
            applied=list(codes),
            source_key=row.source_key,
            key=row.source_key,
            sha256=row.sha256,
            size=0,
            original_id=row.original_id or row.id,
        )

    def _publish_prepared(
        self,
        visitor: str,
        name: str,
        source: Path,
        mends: Sequence[ImageMend],
        limits: ImageLimits,
        *,
        publish_source_as: str | None = None,
        source_key: str = "",
        of: tuple[Row[Any], dict[str, Any]] | None = None,
    ) -> UploadView:
        """Prepare the picture, judge what came out, store it, and only then write the row."""
        work = self._objects.work_file()
        prepared = prepare_image(
            source,
            work.parent,
            work.stem,
            mends=mends,
            longest=limits.side[1],
            max_bytes=limits.bytes,
            formats=limits.formats,
        )
        published: list[str] = []
        try:
            require_fit(prepared.report, limits)
            key = object_key("input", _EXTENSIONS.get(prepared.report.format, prepared.report.format))
            digest, size = _digest(prepared.path), prepared.report.bytes
            self._objects.publish_now(prepared.path, key)
            published.append(key)
            if publish_source_as is not None:
                size += source.stat().st_size
                self._objects.publish_now(source, publish_source_as)
                published.append(publish_source_as)
            report = _facts(prepared.report)
            return self._rows.insert(
                visitor,
                "image",
                name,
                report={**report, "original": of[1]} if of else report,
                applied=list(prepared.applied),
                source_key=publish_source_as or source_key,
                key=key,
                sha256=digest,
                size=size,
                original_id=(of[0].original_id or of[0].id) if of else None,
            )
        except BaseException:
            self._objects.delete_now(published)
            raise
        finally:
            prepared.path.unlink(missing_ok=True)

    def _faults(self, row: Row[Any], caps: Capabilities) -> tuple[Fault, ...]:
        if row.kind == "image":
            return judge_image(ImageReport.model_validate(row.report), caps.image)
        limits = self._audio_limits(caps)
        faults = judge_audio(SoundReport.model_validate(row.report), limits)
        # of a song that is heard in part, only the part is sent
        return tuple(fault for fault in faults if not (fault.fix == "part" and "part" in row.applied))

    def _capabilities(self, service: str | None) -> Capabilities:
        chosen = self._services.default if service is None else self._services.get(service)
        if chosen is None:
            raise RequestInvalid(field="service")
        return chosen.capabilities

    @staticmethod
    def _audio_limits(caps: Capabilities) -> AudioLimits:
        if caps.audio is None:
            raise UnfitUpload("audio", (Fault("not_offered", (("value", "audio"),)),))
        return caps.audio


def _facts(report: ImageReport | SoundReport) -> dict[str, Any]:
    return report.model_dump(mode="json")


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()
