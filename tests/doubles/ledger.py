"""What a seller would have charged: the truth of every test about money."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Charge:
    """One create that was accepted.

    Args:
        task_id: The task that it made.
        at: UTC seconds.
        usd: Set aside when it was accepted.
        amount: The same in the seller's unit.
        unit: ``credits``, ``USD``, ``CNY``.
        client_ref: What the client named the request, where it did.
        settled_usd: What was taken in the end; None while it is at work.
    """

    task_id: str
    at: float
    usd: Decimal
    amount: Decimal
    unit: str
    client_ref: str | None = None
    settled_usd: Decimal | None = None


class Ledger:
    """A file of lines; a line is on the disk before the reply that it is about leaves.

    Args:
        path: Where it is; it is carried on where it exists.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._closed: tuple[Charge, ...] | None = None

    def reserve(self, charge: Charge) -> None:
        """A create was accepted."""
        self._append({"kind": "reserved", **{name: _plain(value) for name, value in asdict(charge).items()}})

    def settle(self, task_id: str, usd: Decimal) -> None:
        """The task has ended and took so much."""
        self._append({"kind": "settled", "task_id": task_id, "usd": str(usd)})

    def read(self) -> list[Charge]:
        """All accepted creates in their order, as the file has them."""
        if self._closed is not None:
            return list(self._closed)
        charges: dict[str, Charge] = {}
        with self._lock:
            lines = self._path.read_text(encoding="utf-8").splitlines() if self._path.exists() else []
        for line in lines:
            row = json.loads(line)
            kind, task_id, usd = row.pop("kind"), row["task_id"], Decimal(row["usd"])
            if kind == "reserved":
                charges[task_id] = Charge(**{**row, "usd": usd, "amount": Decimal(row["amount"])})
            else:
                charges[task_id] = replace(charges[task_id], settled_usd=usd)
        return list(charges.values())

    def close(self) -> None:
        """Remember what it says; the file may go."""
        self._closed = tuple(self.read())

    def _append(self, row: dict[str, object]) -> None:
        line = json.dumps(row, ensure_ascii=False).encode() + b"\n"
        with self._lock:
            there = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(there, line)
                os.fsync(there)
            finally:
                os.close(there)


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Decimal) else value
