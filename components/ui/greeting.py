"""What the terminal says: where to open the page, how to stop, where data lives, or why it cannot start."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError

    from components.errors import StartRefused
    from components.settings import Settings
    from components.studio.wording import Wording
    from components.ui.texts import Texts

_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - a name to compare with


def say(text: str, *, wrong: bool = False) -> None:
    """Write lines to the terminal; what is ``wrong`` goes to the stream for errors."""
    stream = sys.stderr if wrong else sys.stdout
    stream.write(f"{text}\n")
    stream.flush()


def local_address(settings: Settings) -> str:
    """What to type into a browser on this machine."""
    host = "127.0.0.1" if settings.listens_on_space in _EVERYWHERE else settings.listens_on_space
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.server_port}"


def greeting(settings: Settings, texts: Texts, share_url: str | None = None) -> str:
    """The lines after a good start."""
    lines = [texts("terminal.ready"), "", texts("terminal.open", address=share_url or settings.public_url or local_address(settings))]
    if not settings.on_space:
        lines.append(texts("terminal.stop"))
    lines.append(texts("terminal.data", folder=str(settings.data_dir)))
    if not settings.lasting:
        lines += ["", texts("terminal.not_lasting")]
    return "\n".join(lines)


def unknown_setting(name: str, texts: Texts) -> str:
    """The warning about a ``STUDIO_…`` variable that nobody reads."""
    return texts("terminal.unknown_setting", name=name)


def wrong_setting(error: ValidationError, texts: Texts) -> str:
    """A sentence for each setting whose value cannot be used; the value itself may be a secret and is not repeated."""
    sentences = []
    for fault in error.errors(include_input=False, include_url=False):
        name = str(fault["loc"][0]) if fault["loc"] else "?"
        sentences.append(texts("terminal.settings_wrong", name=name, reason=fault["msg"].removeprefix("Value error, ")))
    return "\n".join(sentences)


def refusal(error: StartRefused, wording: Wording) -> str:
    """One plain sentence about why the program does not start, and one about what to do."""
    told = wording.word(error)
    return f"{told['message']} {told['hint']}"
