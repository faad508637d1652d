"""A small studio for the upload boxes: it judges and mends like the real one, and says what a test wants it to say."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from components.errors import FileRefused
from components.generation.capabilities import AudioLimits, Capabilities, DurationChoice, DurationRange, ImageLimits, PromptLimits
from components.generation.fitness import judge_audio, judge_image
from components.media import mp3
from components.media.image import inspect_image
from components.media.mend import prepare_image
from components.media.sound import SoundReport
from components.studio.mending import image_mends, sound_mends

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


PREFIX = "/gradio_api/studio"
Json = dict[str, Any]


def capabilities(**changes: object) -> Capabilities:
    """EvoLink's, as Preview has them, with ``changes``."""
    common: Json = {
        "prompt": PromptLimits(max=1500),
        "image": ImageLimits(formats=("jpeg", "png", "webp", "bmp"), side=(360, 2000), bytes=10_000_000),
        "audio": AudioLimits(formats=("mp3",), seconds=(3, 30), bytes=15_000_000),
        "duration": DurationRange(start=2, to=15),
        "quality": ("720p", "1080p"),
        "sound": ("auto", "own", "silent"),
        "shot_type": ("single", "multi"),
        "paid": False,
        "cancel": "always",
        "progress": True,
    }
    return Capabilities.model_validate({**common, **changes})


TABLES = {
    "preview": capabilities(),
    "other": capabilities(
        image=ImageLimits(formats=("jpeg", "png"), side=(240, 8000), bytes=20_000_000),
        audio=AudioLimits(formats=("mp3",), seconds=(2, 200), bytes=20_000_000),
        duration=DurationChoice(one_of=(5, 10, 15)),
    ),
}
NAMES = {"preview": "Preview", "other": "Elsewhere"}


@dataclass(frozen=True, slots=True)
class Call:
    """One request, as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever JSON holds
        """Its body."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to a request; ``hang_up`` closes the connection without a word."""

    status: int = 200
    body: Json | None = None
    headers: dict[str, str] = field(default_factory=dict)
    hang_up: bool = False


HANG_UP = Answer(hang_up=True)


def refusal(
    status: int, code: str, message: str = "Something is wrong.", hint: str = "Do this.", *, wait: int | None = None, **beside: object
) -> Answer:
    """An error as the routes word it."""
    error = {"code": code, "message": message, "hint": hint, "field": "image", "params": {}, "charged": "no"}
    return Answer(status, {"error": error, **beside}, {"Retry-After": str(wait)} if wait is not None else {})


@dataclass
class SmallStudio:
    """What the server knows.

    Args:
        calls: Every request to our own routes, in order.
        script: Answers that are given before it answers by itself.
        open: Cleared, it holds every answer back (the request has arrived).
        reads: Cleared, it reads only the first piece of an upload's body.
    """

    calls: list[Call] = field(default_factory=list)
    script: list[Answer | Callable[[Call], Answer]] = field(default_factory=list)
    open: threading.Event = field(default_factory=threading.Event)
    reads: threading.Event = field(default_factory=threading.Event)
    files: dict[str, tuple[str, str, bytes]] = field(default_factory=dict)
    uploads: dict[str, Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.open.set()
        self.reads.set()

    def sent(self, method: str = "POST") -> list[str]:
        """The paths of the requests with this method."""
        return [call.path for call in self.calls if call.method == method]

    def answer(self, call: Call) -> Answer:
        """The next scripted answer, or what the real one would say."""
        self.calls.append(call)
        self.open.wait()
        if self.script:
            step = self.script.pop(0)
            return step if isinstance(step, Answer) else step(call)
        parts = call.path.split("/")
        if call.method == "POST" and call.path == "uploads":
            return self.bring(call.query["kind"], unquote(call.headers["x-filename"]), call.body, call.query["service"])
        if call.method == "POST" and parts[-1] == "fix":
            return self.fix(parts[1], call.json)
        if call.method == "GET" and parts[0] == "uploads" and parts[1] in self.uploads:
            return Answer(200, {"upload": self.uploads[parts[1]]})
        return refusal(404, "not_found")

    def bring(self, kind: str, name: str, body: bytes, service: str) -> Answer:
        """``POST uploads``."""
        limits = TABLES[service]
        with TemporaryDirectory() as folder:
            path = Path(folder) / "file"
            path.write_bytes(body)
            try:
                if kind == "image":
                    report = inspect_image(path)
                    faults = judge_image(report, limits.image)
                    facts = report.model_dump(mode="json")
                else:
                    sound = sound_report(path)
                    assert limits.audio is not None
                    faults = judge_audio(sound, limits.audio)
                    facts = sound.model_dump(mode="json")
            except FileRefused as refused:
                return refusal(refused.status, refused.code)
            fixes = [{"code": fault.fix, "params": {}} for fault in faults if fault.fix]
            if faults and len(fixes) < len(faults):
                return refusal(422, faults[0].code)
            if faults:
                upload = self.store(kind, name, facts, body, original=body, fit=False)
                return refusal(422, faults[0].code, upload=upload, fixes=fixes)
            if kind == "audio":
                return Answer(201, {"upload": self.store(kind, name, facts, body, original=body)})
            return self.prepared(name, body, (), limits, None)

    def fix(self, upload_id: str, asked: Json) -> Answer:
        """``POST uploads/{id}/fix``."""
        kind, name, original = self.files[upload_id]
        limits = TABLES[asked["service"]]
        with TemporaryDirectory() as folder:
            path = Path(folder) / "file"
            path.write_bytes(original)
            if kind == "image":
                report = inspect_image(path)
                return self.prepared(
                    name, original, image_mends(asked["fixes"], report, limits.image), limits, report.model_dump(mode="json")
                )
            sound = sound_report(path)
            assert limits.audio is not None
            codes = sound_mends(asked["fixes"], sound, limits.audio)
            facts = sound.model_dump(mode="json")
            return Answer(201, {"upload": self.store(kind, name, facts, original, original=original, applied=codes, facts_before=facts)})

    def prepared(self, name: str, original: bytes, mends: Sequence[Any], limits: Capabilities, before: Json | None) -> Answer:
        """A picture made fit."""
        with TemporaryDirectory() as folder:
            source = Path(folder) / "file"
            source.write_bytes(original)
            image = limits.image
            made = prepare_image(
                source, Path(folder), "made", mends=mends, longest=image.side[1], max_bytes=image.bytes, formats=image.formats
            )
            facts = made.report.model_dump(mode="json")
            return Answer(
                201,
                {
                    "upload": self.store(
                        "image", name, facts, made.path.read_bytes(), original=original, applied=made.applied, facts_before=before
                    )
                },
            )

    def store(
        self,
        kind: str,
        name: str,
        report: Json,
        data: bytes,
        *,
        original: bytes,
        applied: Sequence[str] = (),
        facts_before: Json | None = None,
        fit: bool = True,
    ) -> Json:
        """Keep an upload and say what API.md says of one."""
        upload_id = f"upload-{len(self.uploads) + 1}"
        self.files[upload_id] = (kind, name, original)
        self.files[f"file:{upload_id}"] = (kind, name, data)
        self.uploads[upload_id] = {
            "id": upload_id, "kind": kind, "name": name, "bytes": report["bytes"], "report": report, "applied": list(applied),
            "original": facts_before, "url": f"/media/{upload_id}", "expires_at": "2026-10-12T10:00:00Z", "fit": fit,
        }  # fmt: skip
        return self.uploads[upload_id]


def sound_report(path: Path) -> SoundReport:
    """What the walker finds, without drawing the waveform."""
    facts = mp3.walk(path)
    return SoundReport(
        format="mp3",
        duration_s=round(facts.duration_s, 3),
        bytes=facts.bytes,
        bitrate_kbps=facts.bitrate_kbps,
        sample_rate_hz=facts.sample_rate_hz,
        channels=facts.channels,
        vbr=facts.vbr,
        peaks=(0.2, 0.8),
    )
