"""The states of paid films for ``tests.browser.shots``: services, keys, prices, the owner's switch, notes and cards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

from tests.browser.desk import WORDS, mp3_file
from tests.browser.gallery_media import film, picture
from tests.browser.gallery_stage import PREFIX, FakeStudio, iso
from tests.browser.paid_desk import LENGTHS, PAID, STUDIO, UNREACHABLE, PaidDesk, Sellers, body_of, offer
from tests.browser.wire import Answer, Asked, by_hand

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from playwright.sync_api import FilePayload, Locator, Page, Route

    from tests.browser.desk import Desk

    State = Callable[[Desk, Callable[[], FilePayload]], None]

PRICES = {"evolink": "0.4680", "aimlapi": None, "apimart": "0.5155", "dashscope": "0.5600"}
BALANCE = {"usd": "12.30", "amount": "836", "unit": "credits", "unlimited": False}
COST = {"estimate": "0.1750", "reserved": "0.1750", "actual": None}
TOO_LARGE = {"field": "image", "code": "image_too_large", "message": "This picture is 2400 × 1600 px.", "fix": None, "mend": "shrink"}
NO_TEMPLATE = {
    "field": "shot_type",
    "code": "not_offered",
    "message": "There is no “Multi” at this service.",
    "fix": {"field": "shot_type", "value": "single"},
    "mend": None,
}
REFUSED_KEY = {
    "code": "key_refused",
    "message": "EvoLink does not accept the key.",
    "hint": "Check it under Keys: it may be mistyped, switched off, or of another region.",
    "field": "key",
}
TURNED_DOWN = {
    "code": "content_refused",
    "message": "EvoLink turned this picture down.",
    "hint": "Another picture, or a calmer prompt, often passes.",
    "charged": "no",
}
NEVER = {"code": "never_made", "message": "As you have said.", "hint": "", "charged": "no"}


# --- the form


def sold(desk: Desk, painted: Callable[[], FilePayload], **offers: tuple[Any, ...]) -> PaidDesk:
    """The form filled, with EvoLink chosen and answers by hand of what services say."""
    told = [offer("preview", "0", key="none")]
    for name in PAID:
        price, *broken = offers.get(name, (PRICES[name],))
        told.append(offer(name, price, *broken, key="yours" if name in {"evolink", "apimart"} else "none"))
    sellers = Sellers(offers=told, keys={"evolink": "yours", "apimart": "server"}, tails={"evolink": "a1b2"}, balances={"evolink": BALANCE})
    sellers.play(desk.page)
    desk.page.reload()
    desk.page.locator("#form[data-ready]").wait_for()
    paid = PaidDesk(desk.page, sellers)
    paid.put_picture(painted())
    paid.prompt.fill(WORDS)
    paid.duration.fill("8")
    paid.choose("Quality", "1080p")
    paid.take("evolink")
    expect(paid.price).to_contain_text("at most $0.47")
    return paid


def services(desk: Desk, painted: Callable[[], FilePayload]) -> None:
    """All services side by side, all of which can do it."""
    sold(desk, painted).open_list()


def services_change(desk: Desk, painted: Callable[[], FilePayload]) -> None:
    """One would need one change, one a mended file, one two changes."""
    paid = sold(desk, painted, aimlapi=(None, LENGTHS), apimart=("0.5155", TOO_LARGE), dashscope=("0.5600", LENGTHS, NO_TEMPLATE))
    paid.open_list()


def evolink(desk: Desk, painted: Callable[[], FilePayload]) -> None:
    """EvoLink, what it costs and what is left there."""
    paid = sold(desk, painted)
    expect(paid.price).to_contain_text("$12.30 left there")
    paid.generate.scroll_into_view_if_needed()


def chosen(service: str) -> State:
    """Another service, with the settings that it has more."""

    def state(desk: Desk, painted: Callable[[], FilePayload]) -> None:
        paid = sold(desk, painted)
        paid.take(service)
        more = paid.page.get_by_role("button", name="More settings")
        if more.is_visible():
            more.click()
        paid.generate.scroll_into_view_if_needed()

    state.__name__ = service
    return state


def price_changed(desk: Desk, painted: Callable[[], FilePayload]) -> None:
    """It costs more than was shown."""
    paid = sold(desk, painted)
    error = {"code": "price_changed", "message": "", "hint": "", "field": "money", "params": {"at_most": "0.5850"}, "charged": "no"}

    def answer(route: Route) -> None:
        ticket = body_of(route)["data"][-1]
        told = {"token": ticket["client_token"], "error": error}
        route.fulfill(json={"data": [told], "is_generating": False, "duration": 0.1, "average_duration": 0.1})

    paid.page.route("**/run/predict*", answer)
    paid.press()
    expect(paid.price).to_contain_text("$0.59 now")


def fetched(desk: Desk, painted: Callable[[], FilePayload]) -> None:
    """An mp3 that the service can fetch."""
    paid = sold(desk, painted)
    paid.choose("Sound", "My mp3")
    paid.put_sound(mp3_file(12.4))
    paid.says.scroll_into_view_if_needed()


def unfetched(desk: Desk, painted: Callable[[], FilePayload]) -> None:
    """An mp3 that the service cannot fetch."""
    paid = sold(desk, painted, evolink=("0.4680", UNREACHABLE))
    paid.choose("Sound", "My mp3")
    paid.put_sound(mp3_file(12.4))
    expect(paid.price).to_contain_text("cannot fetch your mp3")
    paid.says.scroll_into_view_if_needed()


def laid_under(desk: Desk, painted: Callable[[], FilePayload]) -> None:
    """The same, laid under."""
    unfetched(desk, painted)
    desk.price.get_by_role("button", name="Lay it under").click()
    expect(desk.says).to_contain_text("Bought silent")


# --- keys and the owner


def keyless(desk: Desk, painted: Callable[[], FilePayload]) -> PaidDesk:
    """Keys, none of which are there."""
    paid = sold(desk, painted)
    paid.sellers.keys.clear()
    paid.sellers.tails.clear()
    paid.page.reload()
    paid.page.locator("#form[data-ready]").wait_for()
    paid.page.locator(".keys-btn").click()
    expect(paid.key_row("evolink")).to_contain_text("No key")
    return paid


def keys_empty(desk: Desk, painted: Callable[[], FilePayload]) -> None:
    """Nobody has a key."""
    keyless(desk, painted)


def keys_wrong(desk: Desk, painted: Callable[[], FilePayload]) -> None:
    """A key that is refused."""
    keyless(desk, painted).sellers.refusal = REFUSED_KEY
    desk.page.get_by_label("Key for EvoLink", exact=True).fill("sk-of-nobody")
    desk.page.get_by_role("button", name="Try and keep the key for EvoLink").click()
    expect(desk.page.locator("#key-said-evolink")).to_contain_text("does not accept")


def keys(desk: Desk, painted: Callable[[], FilePayload]) -> None:
    """Keys, one of them the visitor's own, one the server's."""
    paid = sold(desk, painted)
    paid.page.locator(".keys-btn").click()
    expect(paid.key_row("evolink")).to_contain_text("a1b2")


def stands(page: Page, **me: Any) -> None:  # noqa: ANN401 - whatever JSON holds
    """How the visitor stands from now on."""
    told = {"owner": False, "claimable": True, "signed_in": False, "token": "t", "paid": True, "left": None, **me}
    by_hand(page, {f"{STUDIO}/me": lambda _asked: Answer({"me": told})})


def to_its_end(page: Page) -> None:
    """Scroll Keys to what only the owner sees."""
    page.get_by_role("dialog").evaluate("dialog => dialog.scrollTo(0, dialog.scrollHeight)")


def owner_claim(desk: Desk, painted: Callable[[], FilePayload]) -> None:
    """Somebody says that the studio is theirs."""
    stands(desk.page)
    keys(desk, painted)
    desk.page.get_by_role("button", name="I run this studio").click()
    to_its_end(desk.page)


def owner(desk: Desk, painted: Callable[[], FilePayload]) -> None:
    """The owner has paused paid films."""
    left = {"usd": "8.40", "spent_usd": "1.60", "until": "2026-10-11T00:00:00Z"}
    keys(desk, painted)
    stands(desk.page, owner=True, paid=False, left=left)
    desk.page.get_by_role("button", name="Close").click()
    desk.page.locator(".keys-btn").click()
    switch = desk.page.get_by_role("dialog").get_by_label("No paid films now", exact=True)
    expect(switch).to_be_checked()
    to_its_end(desk.page)


def paused(desk: Desk, painted: Callable[[], FilePayload]) -> None:
    """The same, as everybody sees it before Generate."""
    paid = sold(desk, painted)
    stands(paid.page, claimable=False, paid=False)
    paid.open_list()
    expect(paid.row("evolink")).to_contain_text("No paid films now")


def paused_price(desk: Desk, painted: Callable[[], FilePayload]) -> None:
    """And what stands by Generate."""
    paused(desk, painted)
    desk.page.keyboard.press("Escape")
    expect(desk.price).to_contain_text("No paid films")


# --- the films


class Told:
    """The real page with jobs by hand."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.now = datetime.now(UTC)
        self.studio = FakeStudio()
        offers = Answer({"services": self.offers(), "cheapest": None})
        by_hand(page, {f"{STUDIO}/jobs*": self._answer, f"{STUDIO}/estimate": lambda _asked: offers, "*/media/*": self._media})

    @staticmethod
    def offers() -> list[dict[str, Any]]:
        return [offer("preview", "0", key="none"), offer("evolink", "0.1750"), offer("apimart", "0.5155"), offer("dashscope", "0.5600")]

    def ago(self, **since: float) -> str:
        return iso(self.now - timedelta(**since))

    def ahead(self, **until: float) -> str:
        return iso(self.now + timedelta(**until))

    def job(self, name: str, state: str, words: str, *, scene: str = "sea", minutes: float = 1, **changes: Any) -> None:  # noqa: ANN401 - as JSON
        """A paid film."""
        request = {"service": "evolink", "prompt": words, "duration": 5, "quality": "720p", "sound": "auto"}
        since = self.ago(minutes=minutes)
        ended = {"finished_at": since} if state in {"completed", "failed", "cancelled"} else {}
        told = {"service": "evolink", "request": request, "created_at": since, "started_at": since, "cost": COST, **ended, **changes}
        self.studio.put(name, state, scene=scene, **told)

    def card(self, name: str) -> Locator:
        return self.page.locator(f'article[data-job="{name}"]')

    def open(self) -> None:
        self.page.reload()
        self.page.locator(".videos[data-ready]").wait_for()

    def look(self) -> None:
        """Nothing has the focus, and the films stand at the upper edge."""
        self.page.evaluate("document.activeElement.blur(); document.querySelector('.videos').scrollIntoView()")

    def _answer(self, asked: Asked) -> Answer:
        where = urlsplit(asked.url)
        query = {name: values[0] for name, values in parse_qs(where.query).items()}
        path = where.path.removeprefix(PREFIX)
        if path.endswith("/film"):
            return Answer(film(), content_type="video/mp4")
        status, answer = self.studio.answer(asked.method, path, query, asked.headers.get("if-none-match"), asked.body)
        return Answer(answer, status, headers={"ETag": f'"{self.studio.revision}"'})

    @staticmethod
    def _media(asked: Asked) -> Answer:
        name = urlsplit(asked.url).path.rsplit("/", 1)[-1]
        is_film = name.startswith("film-")
        return Answer(film(), content_type="video/mp4") if is_film else Answer(picture(name), content_type="image/jpeg")


def with_films(desk: Desk) -> Told:
    """One bought film on the wall, with what it cost."""
    told = Told(desk.page)
    cost = {"estimate": "0.1750", "reserved": None, "actual": "0.1734", "source": "service"}
    told.job("done", "completed", "Boats rock a little as the light goes.", minutes=64, cost=cost)
    return told


def at_work(desk: Desk, painted: Callable[[], FilePayload]) -> None:
    """Waiting after 429, in line, at work, in the slow lane, being saved."""
    del painted
    told = with_films(desk)
    busy = {"until": told.ahead(seconds=24), "reason": "busy"}
    told.job("slow", "processing", "A leaf turns in the wind.", scene="tower", minutes=22, asked_at=told.ago(seconds=41))
    told.job(
        "saving", "saving", "Dogs run along the shore.", scene="road", stage="Saving your film", progress=100, asked_at=told.ago(seconds=3)
    )
    told.job(
        "working",
        "processing",
        "A paper boat drifts off.",
        stage="EvoLink is making the film",
        progress=62,
        eta_s=50,
        asked_at=told.ago(seconds=8),
    )
    told.job("line", "pending", "Fog lifts.", scene="tower", stage="EvoLink has it in line", progress=0, asked_at=told.ago(seconds=2))
    told.job("busy", "queued", "The forest breathes.", scene="hills", wait=busy, minutes=0.5)
    told.open()
    expect(told.card("busy")).to_contain_text("EvoLink is busy")
    told.card("working").get_by_role("button", name="Cancel").click()
    expect(told.card("working")).to_contain_text("cannot stop it")
    told.look()


def notes(desk: Desk, painted: Callable[[], FilePayload]) -> None:
    """Not saved yet, unconfirmed, failed with an offer elsewhere."""
    del painted
    told = with_films(desk)
    told.job("failed", "failed", "The lighthouse turns.", scene="lamp", minutes=9, error=TURNED_DOWN, cost={**COST, "reserved": None})
    told.job("asked", "unconfirmed", "Fog lifts.", scene="tower", minutes=4)
    remote = {"task_id": "t", "expires_at": told.ahead(hours=21, minutes=40, seconds=30)}
    links = {"url": "/gradio_api/studio/jobs/unsaved/film", "download_url": "/gradio_api/studio/jobs/unsaved/film?download=1"}
    wait = {"until": told.ahead(minutes=5), "reason": "disk_full"}
    told.job("unsaved", "saving", "A paper boat drifts off.", minutes=2, wait=wait, remote={**remote, **links})
    told.open()
    told.card("failed").scroll_into_view_if_needed()  # what is offered is asked for when the note is read
    expect(told.card("failed")).to_contain_text("Make it at APIMart for $0.52")
    expect(told.card("unsaved").get_by_role("link", name="Download")).to_be_visible()
    told.look()


def unsaved_open(desk: Desk, painted: Callable[[], FilePayload]) -> None:
    """A film that is not saved yet, being watched."""
    notes(desk, painted)
    desk.page.locator('article[data-job="unsaved"] .play').click()
    expect(desk.page.locator("article video")).to_be_visible()


def settling(desk: Desk, painted: Callable[[], FilePayload]) -> None:
    """Unconfirmed films at every step of their settlement."""
    del painted
    told = with_films(desk)
    for minutes, name in enumerate(("never", "found", "wrong", "listed"), start=2):
        told.job(name, "unconfirmed", "Fog lifts.", scene="tower" if name == "wrong" else "hills", minutes=minutes)
    listed = [
        {"task_id": "task-unified-1790000000-8217a", "created_at": told.ago(minutes=4), "status": "processing"},
        {"task_id": "task-unified-1790000001-90b1c", "created_at": None, "status": "processing"},
    ]
    refusals: Mapping[str, tuple[int, Any]] = {
        "POST jobs/listed/look": (200, {"job": told.studio.jobs["listed"], "candidates": listed}),
        "POST jobs/wrong/resolve": (200, {"found": None}),
        "POST jobs/found/resolve": (200, {"found": {"task_id": "task-8217a", "status": "working", "progress": 20}}),
    }
    told.studio.refusals.update(refusals)
    told.job("said", "failed", "The lighthouse turns.", minutes=8, error=NEVER, cost={**COST, "reserved": None})
    told.open()
    more = told.page.get_by_role("button", name="Show 2 more")
    more.click()
    told.card("listed").get_by_role("button", name="Look again").click()
    told.card("never").get_by_role("button", name="It was never made").click()
    for name in ("wrong", "found"):
        told.card(name).get_by_role("button", name="I have its task number").click()
        told.card(name).get_by_label("Task number").fill("task-8217")
        told.card(name).get_by_role("button", name="Check it", exact=True).click()
    expect(told.card("wrong")).to_contain_text("Is a letter missing?")
    expect(told.card("found")).to_contain_text("belongs to your key")
    expect(told.card("listed").locator(".candidates li")).to_have_count(2)
    told.look()


PAID_STATES: tuple[State, ...] = (
    services,
    services_change,
    evolink,
    chosen("aimlapi"),
    chosen("apimart"),
    chosen("dashscope"),
    price_changed,
    fetched,
    unfetched,
    laid_under,
    keys_empty,
    keys_wrong,
    keys,
    owner_claim,
    owner,
    paused,
    paused_price,
    at_work,
    notes,
    unsaved_open,
    settling,
)
