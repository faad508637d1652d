"""Why the program cannot start."""

from __future__ import annotations

from components.errors.base import StudioError


class StartRefused(StudioError):
    """The program cannot start; said in the terminal, exit code 1."""


class PortTaken(StartRefused):
    """Another program listens on the port."""

    code = "port_taken"


class DataFolderUnusable(StartRefused):
    """The data folder cannot be written."""

    code = "data_folder_unusable"


class AlreadyRunning(StartRefused):
    """Another process holds the lock on the data folder."""

    code = "already_running"


class FfmpegMissing(StartRefused):
    """Neither the wheel nor the system has an ffmpeg."""

    code = "ffmpeg_missing"


class PricesUnusable(StartRefused):
    """``STUDIO_PRICES`` names a file that is no price list; params ``path``, ``why``."""

    code = "prices_unusable"


class CloudEngine(StartRefused):
    """The environment would hand our jobs to the engine maker's cloud (``DBOS__CLOUD``)."""

    code = "cloud_engine"
