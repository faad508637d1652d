"""The real program on a free port with a data folder of its own: as a child process, or in this one."""

from __future__ import annotations

import asyncio
import gc
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import warnings
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from components.services.registry import Services
from components.studio.studio import Studio
from components.ui.environment import prepare_environment
from tests.doubles.local import Local
from tests.loopback import NO_TLS
from tests.workshop import QUICK, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from components.services.base import Service
    from components.ui.launch import App

ROOT = Path(__file__).resolve().parents[2]
API = "/gradio_api/studio"
START_S = 60.0
STOP_S = 15.0
PORTS = range(20_000, 32_000)
_OURS = ("STUDIO_", "GRADIO_", "SPACE_", "SYSTEM", "FORWARDED_", "HF_")


def free_port() -> int:
    """A port of 127.0.0.1 that is free now, and stays so until the program is up: not of those that systems give to who asks for any."""
    while True:
        port = secrets.choice(PORTS)
        with suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port


def until(condition: Callable[[], bool], what: str, seconds: float = 30.0) -> None:
    """Wait for a condition; fails in words after ``seconds``."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s for {what}")
        time.sleep(0.05)


def environment(data_dir: Path, port: int, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without anything that means something to the program, and with these."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    ours = {"STUDIO_DATA_DIR": str(data_dir), "GRADIO_SERVER_PORT": str(port), "STUDIO_EXAMPLES": "off"}
    return {**clean, **ours, **(more or {})}


def no_cookies() -> CookieJar:
    """A jar that keeps none: each call is a script's, also after it has looked at the page."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))


def script(base: str, token: str) -> httpx.Client:
    """A script of the visitor with this token; the caller closes it."""
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=f"{base}{API}/", headers=headers, timeout=60, trust_env=False, verify=NO_TLS)


@dataclass(slots=True)
class Running:
    """One started program; ``said`` holds what it wrote to the terminal."""

    port: int
    data_dir: Path
    process: subprocess.Popen[bytes]
    log: Path
    web: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.web = httpx.Client(base_url=self.base, timeout=30, trust_env=False, verify=NO_TLS, cookies=no_cookies())

    @property
    def base(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        """All that it wrote so far."""
        return self.log.read_text(encoding="utf-8")

    def answers(self) -> bool:
        """Whether ``/healthz`` says 200; fails when the program has ended."""
        if self.process.poll() is not None:
            raise AssertionError(f"the program ended with {self.process.returncode}:\n{self.said}")
        try:
            return self.web.get("/healthz").status_code == 200
        except httpx.TransportError:
            return False

    def token(self) -> str:
        """A new visitor's token."""
        return self.web.get(f"{API}/me").headers["x-studio-visitor"]

    def visitor(self) -> httpx.Client:
        """A script with a token of its own; the caller closes it."""
        return script(self.base, self.token())

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise
        return self.process.returncode


def start(
    data_dir: Path,
    *,
    port: int | None = None,
    more: Mapping[str, str] | None = None,
    command: list[str] | None = None,
    log: Path | None = None,
) -> Running:
    """Start the program without waiting for it.

    Args:
        data_dir: Its data folder.
        port: Where it listens; default: any free one.
        more: Further environment variables.
        command: What is run instead of ``python app.py``.
        log: Where its output goes; default: beside the data folder.
    """
    port = port or free_port()
    log = log or data_dir.with_name(f"{data_dir.name}-{port}.log")
    with log.open("wb") as out:
        process = subprocess.Popen(
            command or [sys.executable, str(ROOT / "app.py")],
            cwd=ROOT,
            env=environment(data_dir, port, more),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    return Running(port, data_dir, process, log)


@contextmanager
def running(data_dir: Path, **options: Any) -> Iterator[Running]:  # noqa: ANN401 - as ``start`` takes them
    """A program that answers; it is ended at the end of the block, and killed if it does not want to."""
    app = start(data_dir, **options)
    try:
        until(app.answers, "the program to answer", START_S)
        yield app
    finally:
        app.web.close()
        try:
            app.stop()
        finally:
            if app.process.poll() is None:
                app.process.kill()
                app.process.wait()


@dataclass(frozen=True, slots=True)
class Inside:
    """The real program in this very process: its studio can be looked into and its world changed."""

    app: App
    base: str

    def visitor(self) -> httpx.Client:
        """A script with a token of its own; the caller closes it."""
        token = httpx.get(f"{self.base}{API}/me", trust_env=False, verify=NO_TLS).headers["x-studio-visitor"]
        return script(self.base, token)


@contextmanager
def inside(folder: Path, *services: Service, stall_s: float = 30.0, **more: Any) -> Iterator[Inside]:  # noqa: ANN401 - whatever a setting holds
    """Start the program here, quick, with the local double unless services are given; the environment is put back afterwards.

    Args:
        folder: Its data folder lies in it.
        services: What it offers.
        stall_s: Seconds without a byte after which a sender is given up.
        more: Further settings.
    """
    port = free_port()
    before = dict(os.environ)
    chosen = settings(folder, **{"server_port": port, "examples": False, **more})
    try:
        prepare_environment(chosen)
        from components.ui.launch import build_app  # noqa: PLC0415 - gradio reads the environment when it is imported

        with ExitStack() as stack:
            with forgotten_loops():
                made = Studio(chosen, Services(*(services or (Local(),))), pace=QUICK)
                app = build_app(made, ROOT / "assets", stall_s=stall_s)
                stack.enter_context(app.run())
            yield Inside(app, f"http://127.0.0.1:{port}")
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def forgotten_loops() -> Iterator[None]:
    """Gradio makes an event loop for each of its locks and never closes one; they are collected here, unsaid."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        asyncio.set_event_loop(None)
        gc.collect()
