"""The one place that runs ffmpeg.

ffmpeg comes inside the wheel ``imageio-ffmpeg`` and always runs as a process of its own: without a terminal, with a
time limit, with a memory limit where the system has one (Linux), and with its complaints in a file instead of a pipe
that nobody reads. Every input is opened with the demuxer that its first bytes call for (``source``): a text file
named ``.mp3`` that holds an ffconcat list would otherwise make ffmpeg read other files of the same folder.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import imageio_ffmpeg

from components.errors import FfmpegMissing

if sys.platform == "linux":
    import resource

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MEMORY_BYTES = 2 * 1024**3  # address space: x264 at 1080p needs just under 1 GiB, an mp3 256-512 MiB (thread arenas)
TIMEOUT_S = 20.0  # more than 15 times what any look at a legal file takes
_COMPLAINT_BYTES = 2000


class FfmpegFailed(Exception):
    """ffmpeg gave up, was killed or took too long; stays in this room, callers say what it means for the file.

    Args:
        complaint: The end of what it said, for the log.
        timed_out: It was stopped because its time was over.
    """

    def __init__(self, complaint: str, *, timed_out: bool = False) -> None:
        super().__init__(complaint)
        self.complaint = complaint
        self.timed_out = timed_out


@dataclass(frozen=True, slots=True)
class Ffmpeg:
    """An ffmpeg program; ``exe`` is its absolute path."""

    exe: Path

    def command(self, args: Sequence[str]) -> list[str]:
        """The whole command line for ``args``: quiet, and never asking questions."""
        return [str(self.exe), "-v", "error", "-hide_banner", "-nostdin", *args]

    @contextmanager
    def running(
        self,
        args: Sequence[str],
        *,
        complaints: IO[bytes],
        stdin: int = subprocess.PIPE,
        stdout: int = subprocess.PIPE,
        memory_bytes: int = MEMORY_BYTES,
    ) -> Iterator[subprocess.Popen[bytes]]:
        """A running ffmpeg with its limits; whatever happens inside the block, it is dead and waited for afterwards.

        Args:
            args: What follows the common flags (see ``command``).
            complaints: An open file that takes what it says; read it with ``complaint`` when it failed.
            stdin: ``subprocess.PIPE`` for frames written by the caller, or ``subprocess.DEVNULL``.
            stdout: As ``subprocess.Popen`` takes it.
            memory_bytes: Limit on its address space (Linux).
        """
        process = subprocess.Popen(self.command(args), stdin=stdin, stdout=stdout, stderr=complaints)
        try:
            limit_memory(process.pid, memory_bytes)
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    _close(pipe)
            process.wait()

    def run(
        self, args: Sequence[str], *, timeout_s: float = TIMEOUT_S, stdin: bytes | None = None, memory_bytes: int = MEMORY_BYTES
    ) -> bytes:
        """Run to the end and return what it wrote to its standard output (``pipe:1``).

        Args:
            args: What follows the common flags.
            timeout_s: It is killed after so many seconds.
            stdin: Bytes for ``pipe:0``, or None for an empty one.
            memory_bytes: Limit on its address space (Linux).

        Raises:
            FfmpegFailed: Its exit code was not 0, or its time was over.
        """
        with (
            tempfile.TemporaryFile() as complaints,
            self.running(
                args, complaints=complaints, stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE, memory_bytes=memory_bytes
            ) as process,
        ):
            try:
                output, _ = process.communicate(stdin, timeout=timeout_s)
            except subprocess.TimeoutExpired as late:
                raise FfmpegFailed(f"stopped after {timeout_s:g} s", timed_out=True) from late
            if process.returncode != 0:
                raise FfmpegFailed(complaint(complaints) or f"exit code {process.returncode}")
            return output


def find_ffmpeg() -> Ffmpeg:
    """The ffmpeg of ``IMAGEIO_FFMPEG_EXE``, else the one inside the wheel, else the system's.

    Raises:
        FfmpegMissing: There is none (a platform without a wheel and without a system ffmpeg).
    """
    try:
        return Ffmpeg(Path(imageio_ffmpeg.get_ffmpeg_exe()).absolute())
    except RuntimeError as none:
        raise FfmpegMissing from none


def source(path: Path | None, demuxer: str) -> list[str]:
    """Arguments that open ``path`` (None: standard input) with this demuxer only and no protocol but files and pipes."""
    return ["-protocol_whitelist", "file,pipe", "-f", demuxer, "-i", "pipe:0" if path is None else str(path.absolute())]


def limit_memory(pid: int, limit_bytes: int) -> None:
    """Limit the address space of a running process (Linux; elsewhere nothing).

    Done from outside right after the start: ``preexec_fn`` is not safe in a program with threads.
    """
    if sys.platform == "linux":
        try:
            resource.prlimit(pid, resource.RLIMIT_AS, (limit_bytes, limit_bytes))
        except ProcessLookupError:
            return  # already over


def complaint(complaints: IO[bytes]) -> str:
    """The end of what ffmpeg said into this file."""
    size = complaints.seek(0, 2)
    complaints.seek(max(0, size - _COMPLAINT_BYTES))
    return complaints.read().decode("utf-8", "replace").strip()


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except BrokenPipeError:
        return  # unsent bytes for a process that is dead
