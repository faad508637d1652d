"""The page as a person sees it: what tests do on it, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from tests import media_factory

if TYPE_CHECKING:
    from playwright.sync_api import FilePayload, Locator, Page

NOTHING_BUT_FAULTS = {"resultTypes": ["violations"]}
"""What axe is to tell; to list all that is well takes it as long again."""
WORDS = "The boats rock a little as the light goes. Slow push in along the shore."


def jpeg_file(width: int = 1280, height: int = 720, name: str = "boats.jpg") -> FilePayload:
    """A picture that fits everywhere."""
    return {"name": name, "mimeType": "image/jpeg", "buffer": media_factory.jpeg(width, height)}


def png_file(width: int = 2400, height: int = 1600, name: str = "big.png") -> FilePayload:
    """A picture that is too large for the first service."""
    return {"name": name, "mimeType": "image/png", "buffer": media_factory.png(width, height)}


def mp3_file(seconds: float, name: str = "harbour-bell.mp3") -> FilePayload:
    """A sound of about so many seconds (whole MPEG frames)."""
    return {"name": name, "mimeType": "audio/mpeg", "buffer": media_factory.mp3(seconds)}


@dataclass(frozen=True, slots=True)
class Desk:
    """A page that is open at the studio."""

    page: Page

    @property
    def prompt(self) -> Locator:
        return self.page.get_by_label("Prompt", exact=True)

    @property
    def duration(self) -> Locator:
        return self.page.get_by_label("Duration", exact=True)

    @property
    def generate(self) -> Locator:
        return self.page.get_by_role("button", name="Generate", exact=True)

    @property
    def price(self) -> Locator:
        return self.page.locator(".price")

    @property
    def end(self) -> Locator:
        return self.page.get_by_role("slider", name="End of the film")

    @property
    def says(self) -> Locator:
        """The sentence under the strip."""
        return self.page.locator(".strip .says")

    @property
    def frame(self) -> Locator:
        return self.page.locator(".frame")

    @property
    def track(self) -> Locator:
        return self.page.locator(".track")

    @property
    def cards(self) -> Locator:
        return self.page.locator("article[data-job]")

    def option(self, group: str, name: str) -> Locator:
        """One segment of Sound, Quality or Shot type."""
        return self.page.get_by_role("group", name=group).get_by_label(name, exact=True)

    def choose(self, group: str, name: str) -> None:
        self.option(group, name).check()

    def put_picture(self, file: FilePayload | None = None) -> None:
        """Choose a picture and wait until it is there."""
        self.page.get_by_label("First frame", exact=True).set_input_files(file or jpeg_file())
        expect(self.frame).to_have_attribute("data-state", "ready")

    def put_sound(self, file: FilePayload) -> None:
        """Choose a sound and wait until it is there."""
        self.page.get_by_label("Soundtrack", exact=True).set_input_files(file)
        expect(self.track).to_have_attribute("data-state", "ready")

    def fill(self) -> None:
        """Everything that Generate needs."""
        self.put_picture()
        self.prompt.fill(WORDS)
        expect(self.generate).to_have_attribute("data-missing", "")

    def press(self) -> None:
        """Press Generate, whether it waits for something or not."""
        self.generate.click(force=True)

    def service(self, name: str) -> None:
        """Choose a service from the list."""
        self.page.locator(".svc-btn").click()
        self.page.get_by_role("radio", name=name).check()
        self.page.keyboard.press("Escape")

    def saved(self) -> None:
        """Wait until what is in the form is kept."""
        self.page.wait_for_function("() => document.querySelector('#form').dataset.draft === 'kept'")

    def call(self, path: str, method: str = "GET") -> Any:  # noqa: ANN401 - whatever JSON holds
        """What one of our calls answers this visitor."""
        ask = "([path, method]) => fetch(`/gradio_api/studio/${path}`, {method}).then(answer => answer.json())"
        return self.page.evaluate(ask, [path, method])

    def jobs(self) -> list[dict[str, Any]]:
        """The visitor's jobs, newest first."""
        return list(self.call("jobs?limit=50")["jobs"])

    def cancel_all(self) -> None:
        """Nothing that the visitor ordered is made any longer."""
        for job in self.jobs():
            self.call(f"jobs/{job['id']}/cancel", "POST")
