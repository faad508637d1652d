"""Processes that are to be killed, as forks of one that has loaded everything: what they do begins at opening the data folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
LONGEST_S = 60
"""Then a process is hanging, and ends."""


def serve(carry_out: Callable[[str], None]) -> None:
    """Read plans, a line each; carry each out in a fork, one after the other, and answer with its exit code.

    Args:
        carry_out: Takes the line. What it raises goes to where its output goes, and the exit code is 1.
    """
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            signal.alarm(LONGEST_S)
            os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # nothing that it says is taken for an answer
            code = 1
            try:
                carry_out(line)
                code = 0
            except BaseException:  # noqa: BLE001 - this is the end of the process
                traceback.print_exc()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


@contextmanager
def loaded(module: str) -> Iterator[Callable[[str], int]]:
    """Carries out lines of plans by a module that serves; gives the exit code of each."""
    command = [sys.executable, "-W", "ignore", "-m", module]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        given, said = process.stdin, process.stdout

        def carry_out(line: str) -> int:
            given.write(line)
            given.flush()
            return int(said.readline())

        try:
            yield carry_out
        finally:
            given.close()
