"""``python -m tests.doubles``: all four sellers on fixed ports of this machine, and a page that says how to use them."""

from __future__ import annotations

import argparse
import asyncio
import html
import signal
import tempfile
from contextlib import ExitStack
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from tests.doubles.faults import at_creates
from tests.doubles.seller import Double  # noqa: TC001 - Pages is also asked for its types
from tests.doubles.sellers import SELLERS, environment
from tests.doubles.tasks import Pace
from tests.doubles.wire import Answer, Wire

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.doubles.wire import Request

FIRST_PORT = 9400
PAGE = Path(__file__).parent / "page.html"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run until interrupted."""
    options = _options(arguments)
    with ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="doubles-")))
        folder.mkdir(parents=True, exist_ok=True)
        doubles = [stack.enter_context(double) for double in make(folder, options.port, options.seconds)]
        page = Wire(Pages(doubles, folder, options.seconds), lambda _: False, {"page": options.port}, name="doubles-page")
        page.start()
        stack.callback(page.stop)
        print(exports(doubles))
        print(f"\nAll of this, and the ledger: http://127.0.0.1:{options.port}/  (Ctrl+C ends it)", flush=True)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            asyncio.run(asyncio.Event().wait())
        except KeyboardInterrupt:
            print("\nGone.")


def make(folder: Path, port: int, seconds: float) -> list[Double]:
    """One double of each seller, on the ports after ``port``; a film takes ``seconds``."""
    pace = Pace(pending=seconds / 5, processing=seconds * 4 / 5, by="seconds")
    made: list[Double] = []
    for number, double in enumerate(SELLERS.values()):
        at = port + 1 + 2 * number if port else 0
        made.append(double(folder=folder, port=at, files_port=at + 1 if port else 0, pace=pace))
    return made


def exports(doubles: Sequence[Double]) -> str:
    """The variables that point the app at them, as a shell takes them."""
    return "\n".join(f"export {name}={value}" for double in doubles for name, value in environment(double).items())


class Pages:
    """The page, made anew for every look."""

    def __init__(self, doubles: Sequence[Double], folder: Path, seconds: float) -> None:
        self._doubles, self._folder, self._seconds = doubles, folder, seconds

    async def __call__(self, request: Request) -> Answer:
        if request.path != "/":
            return Answer(404)
        charges = [(double, charge) for double in self._doubles for charge in double.ledger()]
        rows = [
            (double.name, charge.task_id, state_of(double, charge.task_id), f"${charge.usd}", _money(charge.settled_usd))
            for double, charge in reversed(charges)
        ]
        shown: Mapping[str, str] = {
            "environment": html.escape(exports(self._doubles)),
            "faults": html.escape("  ".join(f"fault:{kind}" for kind in at_creates())),
            "seconds": f"{self._seconds:g}",
            "total": f"{sum((charge.usd if charge.settled_usd is None else charge.settled_usd for _, charge in charges), start=0)}",
            "rows": "\n".join(_row(row) for row in rows) or '<tr><td colspan="5">Nothing yet.</td></tr>',
            "folder": html.escape(str(self._folder)),
        }
        text = Template(PAGE.read_text(encoding="utf-8")).substitute(shown)
        return Answer(200, text.encode(), {"content-type": "text/html; charset=utf-8", "cache-control": "no-store"})


def state_of(double: Double, task_id: str) -> str:
    """How a task stands; a ledger may know tasks from before the start."""
    task = double.tasks.get(task_id)
    return task.state if task is not None else "from before"


def _money(usd: object) -> str:
    return "" if usd is None else f"${usd}"


def _row(cells: Sequence[str]) -> str:
    kinds = [' class="money"' if cell.startswith("$") else "" for cell in cells]
    return "<tr>" + "".join(f"<td{kind}>{html.escape(cell)}</td>" for kind, cell in zip(kinds, cells, strict=True)) + "</tr>"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.doubles", description=__doc__)
    parser.add_argument("--port", type=int, default=FIRST_PORT, help="of the page; the sellers take the eight after it")
    parser.add_argument("--seconds", type=float, default=20, help="how long a film takes")
    parser.add_argument("--folder", type=Path, help="where the ledgers lie; else a temporary one")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
