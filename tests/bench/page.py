"""The page against a bare one-button Gradio: start to first byte, cold page weight; and 50 tabs that poll.

Ratios within one run: both programs are started in turn on the same machine.
"""

from __future__ import annotations

import contextlib
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import psutil
from playwright.sync_api import Request, sync_playwright

from tests.browser_setup import LAUNCH_ARGS, find_or_get_browser
from tests.integration.server import until

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 3
TABS = 50
TAB_SECONDS = 20.0
BUSY_S, QUIET_S = 2.0, 15.0  # the gallery's pauses: while something is at work, and without news

BARE = """
import os, gradio as gr
with gr.Blocks() as demo:
    gr.Button("Go")
demo.launch(ssr_mode=False, server_name="127.0.0.1", server_port=int(os.environ["GRADIO_SERVER_PORT"]), quiet=True)
"""


def run() -> None:
    """Print all figures of the page."""
    ours, bare = [sys.executable, "app.py"], [sys.executable, "-c", BARE]
    with tempfile.TemporaryDirectory() as folder:
        with _running(ours, folder) as (url, _seconds, _pid):
            _until_examples_are_made(url)
        starts: dict[str, list[float]] = {"studio": [], "bare": []}
        for _ in range(ROUNDS):
            for name, command in (("studio", ours), ("bare", bare)):
                with _running(command, folder) as (_url, seconds, _pid):
                    starts[name].append(seconds)
        middle = {name: statistics.median(values) for name, values in starts.items()}
        print(f"start to first byte: {middle['studio']:.2f} s, bare {middle['bare']:.2f} s, ratio {middle['studio'] / middle['bare']:.2f}")
        with _running(bare, folder) as (url, _seconds, _pid):
            weight_bare = page_weight(url)
        with _running(ours, folder) as (url, _seconds, pid):
            weight = page_weight(url)
            print(f"cold page weight: {weight / 1e3:.0f} KB, bare {weight_bare / 1e3:.0f} KB, ratio {weight / weight_bare:.2f}")
            idle = _cpu_ms_per_s(pid, lambda: time.sleep(TAB_SECONDS / 2))
            for pause_s, what in ((QUIET_S, "without news, as the page asks then"), (BUSY_S, "as if each waited for a film")):
                busy = _tabs(url, pid, "jobs?since=0", pause_s)
                print(f"idle {idle:.1f} ms/s; {TABS} tabs {what}, every {pause_s:g} s: {busy - idle:.1f} ms/s above idle (goal 20)")
            floor = _tabs(url, pid, "healthz", BUSY_S)
            print(f"  the emptiest route at the same pace, every {BUSY_S:g} s: {floor - idle:.1f} ms/s above idle")


def _until_examples_are_made(url: str) -> None:
    """The first start makes the data folder and the examples; what is measured is any later one."""
    with httpx.Client(base_url=url) as client:

        def made() -> bool:
            return all(example["video_url"] for example in client.get("gradio_api/studio/examples").json()["examples"])

        until(made, "the examples", 300)


def page_weight(url: str) -> int:
    """Bytes over the wire for a cold load, without pictures and films."""
    total = 0

    def count(request: Request) -> None:
        nonlocal total
        if request.resource_type not in {"image", "media"}:
            sizes = request.sizes()
            total += sizes["responseBodySize"] + sizes["responseHeadersSize"]

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=find_or_get_browser(), args=list(LAUNCH_ARGS))
        page = browser.new_page()
        page.on("requestfinished", count)
        page.goto(url)
        page.get_by_role("button").first.wait_for()
        page.wait_for_load_state("networkidle")
        browser.close()
    return total


@contextlib.contextmanager
def _running(command: list[str], folder: str) -> Iterator[tuple[str, float, int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {**os.environ, "GRADIO_SERVER_PORT": str(port), "STUDIO_DATA_DIR": folder, "GRADIO_ANALYTICS_ENABLED": "False"}
    began = time.monotonic()
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        url = f"http://127.0.0.1:{port}/"
        try:
            while process.poll() is None:
                with contextlib.suppress(httpx.TransportError):
                    httpx.get(url, timeout=5)
                    break
                time.sleep(0.02)
            yield url, time.monotonic() - began, process.pid
        finally:
            process.terminate()


def _tabs(url: str, pid: int, path: str, pause_s: float) -> float:
    """Processor time of tabs that poll ``path``, ms/s, once each has been welcomed and has seen its gallery."""
    open_tabs = threading.Barrier(TABS + 1)
    closed = threading.Event()

    def tab(n: int) -> None:
        with httpx.Client(base_url=url + "gradio_api/studio/", timeout=10) as client:
            token = client.get("me").headers["X-Studio-Visitor"]
            headers = {"Authorization": f"Bearer {token}"}
            headers["If-None-Match"] = client.get("jobs?since=0", headers=headers).headers["ETag"]
            open_tabs.wait()
            pause = pause_s * n / TABS  # tabs are not opened in step
            while not closed.wait(pause):
                client.get(path, headers=headers)
                pause = pause_s

    with ThreadPoolExecutor(TABS) as pool:
        tabs = [pool.submit(tab, n) for n in range(TABS)]
        open_tabs.wait()
        figure = _cpu_ms_per_s(pid, lambda: time.sleep(TAB_SECONDS))
        closed.set()
        for one in tabs:
            one.result()
    return figure


def _cpu_ms_per_s(pid: int, what: object) -> float:
    assert callable(what)
    process = psutil.Process(pid)
    before, began = sum(process.cpu_times()[:2]), time.monotonic()
    what()
    return 1000 * (sum(process.cpu_times()[:2]) - before) / (time.monotonic() - began)
