"""A PNG of every state of the page at 1440, 1024 and 390 px in both themes: ``python -m tests.browser.shots [folder] [state …]``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw
from playwright.sync_api import expect, sync_playwright

from components.studio.scenes import balloons, lake, lighthouse
from tests import media_factory
from tests.browser.conftest import SERVE, visit
from tests.browser.desk import WORDS, Desk, mp3_file
from tests.browser.paid_shots import PAID_STATES
from tests.browser_setup import LAUNCH_ARGS, find_or_get_browser
from tests.integration.server import running

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from playwright.sync_api import Browser, FilePayload

    from tests.browser.paid_shots import State as PaidState
    from tests.integration.server import Running

SIZES = {1440: 960, 1024: 900, 390: 844}
THEMES = ("light", "dark")
PHONE = 640
"""Width in px below which a page is longer than it is wide."""


class Stage:
    """What the states are made of.

    Args:
        program: The studio.
    """

    def __init__(self, program: Running) -> None:
        self.program = program
        self.hold = program.data_dir / "hold"
        self._painted: dict[str, bytes] = {}

    def picture(self, name: str = "lake") -> FilePayload:
        """A scene as a JPEG."""
        scenes: Mapping[str, Callable[[], Image.Image]] = {"lake": lake.paint, "balloons": balloons.paint, "lighthouse": lighthouse.paint}
        if name not in self._painted:
            self._painted[name] = media_factory.saved(scenes[name](), "JPEG", quality=90)
        return {"name": f"{name}.jpg", "mimeType": "image/jpeg", "buffer": self._painted[name]}

    def cut_out(self) -> FilePayload:
        """The same, too large and with see-through parts."""
        if "cut-out" not in self._painted:
            scene = balloons.paint()
            large = scene.resize((round(scene.width * 3024 / max(scene.size)), round(scene.height * 3024 / max(scene.size))))
            large.putalpha(lens(*large.size))
            self._painted["cut-out"] = media_factory.saved(large, "PNG", compress_level=1)
        return {"name": "evening-balloons.png", "mimeType": "image/png", "buffer": self._painted["cut-out"]}


def lens(width: int, height: int) -> Image.Image:
    """White in an oval, black round it."""
    mask = Image.new("L", (width, height))
    ImageDraw.Draw(mask).ellipse((width * 0.04, height * 0.04, width * 0.96, height * 0.96), fill=255)
    return mask


def first(desk: Desk, _stage: Stage) -> None:
    """Nothing is in the form, no film was made; the examples are there."""
    expect(desk.page.locator("article.example .play:visible")).to_have_count(3, timeout=240_000)


def filled(desk: Desk, stage: Stage) -> None:
    """Everything is there; the mp3 is longer than the film."""
    desk.put_picture(stage.picture())
    desk.prompt.fill(WORDS)
    desk.choose("Sound", "My mp3")
    desk.put_sound(mp3_file(12.4))
    desk.duration.fill("8")
    desk.choose("Quality", "1080p")


def refused(desk: Desk, stage: Stage) -> None:
    """A picture that needs two changes."""
    desk.prompt.fill(WORDS)
    file = stage.cut_out()
    desk.page.get_by_label("First frame", exact=True).set_input_files(file)
    expect(desk.frame).to_have_attribute("data-state", "refused")


def mended(desk: Desk, stage: Stage) -> None:
    """The same, after one click."""
    refused(desk, stage)
    desk.page.get_by_role("button", name="Fix both").click()
    expect(desk.frame).to_have_attribute("data-state", "ready")


def sound_refused(desk: Desk, stage: Stage) -> None:
    """A song that is too long."""
    desk.put_picture(stage.picture())
    desk.choose("Sound", "My mp3")
    desk.page.get_by_label("Soundtrack", exact=True).set_input_files(mp3_file(64, "night-drive.mp3"))
    expect(desk.track).to_have_attribute("data-state", "refused")
    desk.track.scroll_into_view_if_needed()


def tail(desk: Desk, stage: Stage) -> None:
    """An mp3 that is shorter than the film."""
    desk.put_picture(stage.picture("balloons"))
    desk.choose("Sound", "My mp3")
    desk.put_sound(mp3_file(3.6))
    desk.duration.fill("9")


def silent_multi(desk: Desk, stage: Stage) -> None:
    """No sound, several shots, more settings open, a prompt near its limit."""
    desk.put_picture(stage.picture("lighthouse"))
    desk.prompt.fill((WORDS + " ") * 19)
    desk.choose("Sound", "Silent")
    desk.page.locator("#improve input").uncheck()
    desk.choose("Shot type", "Multi")
    desk.page.get_by_role("button", name="More settings").click()
    desk.page.get_by_label("Seed", exact=True).scroll_into_view_if_needed()


def picker(desk: Desk, stage: Stage) -> None:
    """The list of services."""
    filled(desk, stage)
    desk.page.locator(".svc-btn").click()


def working(desk: Desk, stage: Stage) -> None:
    """One film at 62 %, one finished."""
    make_one(desk, stage, "lake")
    desk.service("Local")
    stage.hold.touch()
    desk.put_picture(stage.picture("balloons"))
    desk.press()
    expect(desk.page.locator("article .len", has_text="62 %")).to_be_visible()


def finished(desk: Desk, stage: Stage) -> None:
    """Three films, one open."""
    for name in ("lighthouse", "balloons", "lake"):
        make_one(desk, stage, name)
    desk.page.locator("article[data-state=completed] .play").first.click()
    expect(desk.page.locator("article video")).to_be_visible()


def failed(desk: Desk, stage: Stage) -> None:
    """A film that was not made, above one that was."""
    make_one(desk, stage, "lake")
    desk.service("Local")
    (stage.program.data_dir / "refuse").touch()
    desk.put_picture(stage.picture("lighthouse"))
    desk.press()
    expect(desk.page.locator("article[data-state=failed]")).to_be_visible()


def offline(desk: Desk, stage: Stage) -> None:
    """Generate was pressed while the server was away."""
    filled(desk, stage)
    desk.page.route("**/gradio_api/studio/draft", lambda route: route.abort())
    desk.press()
    expect(desk.price).to_contain_text("cannot be reached")


def make_one(desk: Desk, stage: Stage, name: str) -> None:
    """Let one film be made to its end."""
    count = desk.page.locator("article[data-state=completed]").count()
    desk.put_picture(stage.picture(name))
    desk.prompt.fill(f"{WORDS} ({name})")
    desk.duration.fill("2")
    desk.press()
    expect(desk.page.locator("article[data-state=completed]")).to_have_count(count + 1, timeout=60_000)


PLAIN: dict[str, Callable[[Desk, Stage], None]] = {
    state.__name__: state
    for state in (
        first,
        filled,
        refused,
        mended,
        sound_refused,
        tail,
        silent_multi,
        picker,
        working,
        finished,
        failed,
        offline,
    )
}


def on_stage(state: PaidState) -> Callable[[Desk, Stage], None]:
    """A state of paid films, as the others are."""
    return lambda desk, stage: state(desk, stage.picture)


PAID = {state.__name__: on_stage(state) for state in PAID_STATES}
STATES = {**PLAIN, **PAID}
WIDTHS_OF_PAID = (1440, 390)


def shoot(browser: Browser, stage: Stage, folder: Path, names: list[str]) -> None:
    """Make the PNGs, named ``state-theme-width.png``; of a phone the next screen too."""
    for name in names:
        for width, height in SIZES.items():
            if name in PAID and width not in WIDTHS_OF_PAID:
                continue
            context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce", has_touch=width < PHONE)
            desk = Desk(visit(context.new_page(), stage.program))
            STATES[name](desk, stage)
            for theme in THEMES:
                desk.page.evaluate("dark => document.body.classList.toggle('dark', dark)", theme == "dark")
                if name not in PAID:
                    desk.page.evaluate("scrollTo(0, 0)")
                desk.page.wait_for_timeout(250)  # pictures are decoded; nothing in the page tells when
                desk.page.screenshot(path=folder / f"{name}-{theme}-{width}.png")
                if width < PHONE:
                    desk.page.evaluate("scrollBy(0, innerHeight * 0.8)")
                    desk.page.screenshot(path=folder / f"{name}-{theme}-{width}-below.png")
                    desk.page.evaluate("scrollBy(0, -innerHeight * 0.8)")
            context.close()
            stage.hold.unlink(missing_ok=True)
        print(name, flush=True)


def main(arguments: list[str]) -> int:
    """Start the program, make the pictures, stop it."""
    folder = Path(arguments[0] if arguments else "out")
    names = arguments[1:] or list(STATES)
    folder.mkdir(parents=True, exist_ok=True)
    examples = {"STUDIO_EXAMPLES": "on" if first.__name__ in names else "off"}  # making them takes a processor for a while
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as data,
        running(Path(data) / "data", command=SERVE, more=examples) as program,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(executable_path=find_or_get_browser(), args=list(LAUNCH_ARGS))
        shoot(chromium, Stage(program), folder, names)
        chromium.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
