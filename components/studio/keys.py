"""The secret that signs visitors and links: made once, or given as ``STUDIO_SECRET_KEY``."""

from __future__ import annotations

import hmac
import os
import secrets
from hashlib import sha256
from typing import TYPE_CHECKING

from components.errors import DataFolderUnusable

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "secret.key"
KEY_BYTES = 32


class Secrets:
    """Signs for one purpose at a time, so that a signature made for one thing is worth nothing for another.

    Args:
        keys: The first one signs, all of them are accepted (that is how a key is changed without losing visitors).
    """

    def __init__(self, keys: tuple[bytes, ...]) -> None:
        if not keys:
            msg = "at least one key is needed"
            raise ValueError(msg)
        self._keys = keys

    @classmethod
    def load(cls, data_dir: Path, given: str | None = None) -> Secrets:
        """The keys of ``STUDIO_SECRET_KEY`` (comma separated), else the one in the data folder, made if it is not there.

        Raises:
            DataFolderUnusable: The key file can be neither read nor written, or holds something else.
        """
        listed = tuple(part.strip().encode() for part in (given or "").split(",") if part.strip())
        if listed:
            return cls(listed)
        file = data_dir / FILE_NAME
        try:
            if not file.exists():
                _make(file)
            key = bytes.fromhex(file.read_text(encoding="ascii"))
        except (OSError, ValueError) as cause:
            raise DataFolderUnusable(path=str(file)) from cause
        if len(key) != KEY_BYTES:
            raise DataFolderUnusable(path=str(file))
        return cls((key,))

    def sign(self, purpose: str, message: bytes) -> bytes:
        """32 bytes that only a holder of the first key can make."""
        return _mac(self._keys[0], purpose, message)

    def derive(self, purpose: str) -> tuple[bytes, ...]:
        """32 bytes of each key for one purpose, to encrypt with: the first one encrypts, any may decrypt."""
        return tuple(_mac(key, "encryption", purpose.encode()) for key in self._keys)

    def accepts(self, purpose: str, message: bytes, signature: bytes) -> bool:
        """Whether one of the keys made this signature; takes the same time for every wrong one."""
        # no short cut: `any` over a list, not over a generator
        return any([hmac.compare_digest(_mac(key, purpose, message), signature) for key in self._keys])  # noqa: C419


def _mac(key: bytes, purpose: str, message: bytes) -> bytes:
    derived = hmac.new(key, b"wan-flash-studio:" + purpose.encode(), sha256).digest()
    return hmac.new(derived, message, sha256).digest()


def _make(file: Path) -> None:
    """Write a new key, whole or not at all, readable by its owner only."""
    part = file.with_name(f"{file.name}.{secrets.token_hex(4)}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(secrets.token_hex(KEY_BYTES))
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
