from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest

from components.settings import Settings
from components.studio.keys import Secrets
from components.studio.proof import AGAIN_S, NONCE_S, PublicAddress
from tests.unit.studio.files_bench import HandClock

if TYPE_CHECKING:
    from collections.abc import Callable

KEYS = Secrets((b"k" * 32,))
HOST = "me-films.hf.space"


class World:
    """The way from outside to this program: what is asked, and what comes back."""

    def __init__(self, **settings: str) -> None:
        self.clock = HandClock()
        self.asked: list[str] = []
        self.reply: Callable[[str], httpx.Response] = self.ours
        self.address = PublicAddress(Settings(_env_file=None, **settings), KEYS, self.clock, client=self.client)  # type: ignore[arg-type]

    def client(self) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self.handle))

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        return self.reply(str(request.url).rpartition("/")[2])

    def ours(self, nonce: str) -> httpx.Response:
        said = self.address.answer(nonce)
        return httpx.Response(200, text=said) if said else httpx.Response(404)

    @staticmethod
    def unreachable(_nonce: str) -> httpx.Response:
        raise httpx.ConnectError("nobody")


def test_without_any_address_there_is_none() -> None:
    world = World()
    assert world.address.prove() is None
    assert world.address.url_for("/gradio_api/studio/media/x") is None
    assert world.asked == []


def test_the_operators_address_is_believed_without_asking() -> None:
    world = World(public_url="https://films.example.org/")
    assert world.address.url_for("/gradio_api/studio/media/x") == "https://films.example.org/gradio_api/studio/media/x"
    assert world.asked == []


@pytest.mark.parametrize("url", ["http://films.example.org", "http://192.0.2.1:7860"])
def test_an_address_without_encryption_is_given_to_no_service(url: str) -> None:
    assert World(public_url=url).address.prove() is None


def test_an_address_on_this_machine_will_do_for_doubles_on_this_machine() -> None:
    assert World(public_url="http://127.0.0.1:7860").address.prove() == "http://127.0.0.1:7860"


def test_a_spaces_address_is_not_looked_at_before_it_is_needed() -> None:
    world = World(space_host=HOST)
    assert world.address.base is None
    assert world.asked == []


def test_a_spaces_address_is_proved_by_meeting_ourselves_there() -> None:
    world = World(space_host=f"{HOST},other.example.org")
    assert world.address.prove() == f"https://{HOST}"
    (asked,) = world.asked
    assert asked.startswith(f"https://{HOST}/gradio_api/studio/proof/")
    assert world.address.url_for("a") == f"https://{HOST}/a"
    assert len(world.asked) == 1


async def test_it_is_proved_from_a_coroutine_too() -> None:
    world = World(space_host=HOST)
    assert await asyncio.gather(*(world.address.proved() for _ in range(5))) == [f"https://{HOST}"] * 5
    assert len(world.asked) == 1


@pytest.mark.parametrize(
    "reply",
    [
        lambda nonce: httpx.Response(200, text=nonce),
        lambda _: httpx.Response(200, text=""),
        lambda _: httpx.Response(200, text="x" * 5000),
        lambda _: httpx.Response(404),
        lambda _: httpx.Response(302, headers={"location": "https://elsewhere.example.org"}),
        lambda nonce: httpx.Response(200, text=Secrets((b"another",)).sign("proof of address", nonce.encode()).hex()),
        World.unreachable,
    ],
    ids=["echo", "empty", "endless", "not found", "redirect", "another studio", "unreachable"],
)
def test_an_address_where_somebody_else_answers_is_not_used(reply: Callable[[str], httpx.Response]) -> None:
    world = World(space_host=HOST)
    world.reply = reply
    assert world.address.prove() is None
    assert world.address.url_for("a") is None


def test_an_address_that_was_not_proved_is_asked_again_after_a_while() -> None:
    world = World(space_host=HOST)
    world.reply = World.unreachable
    assert world.address.prove() is None
    world.reply = world.ours
    assert world.address.prove() is None
    assert len(world.asked) == 1
    world.clock.time += AGAIN_S
    assert world.address.prove() == f"https://{HOST}"


def test_a_share_link_is_proved_like_any_other() -> None:
    world = World()
    world.address.derive("https://abc.gradio.live/")
    assert world.address.prove() == "https://abc.gradio.live"


def test_a_new_share_link_has_to_be_proved_anew() -> None:
    world = World()
    world.address.derive("https://abc.gradio.live")
    world.address.prove()
    world.address.derive("https://def.gradio.live")
    assert world.address.base is None
    assert world.address.prove() == "https://def.gradio.live"


@pytest.mark.parametrize("nonce", ["", "made-up", "../me"])
def test_a_nonce_that_is_not_ours_gets_no_answer(nonce: str) -> None:
    assert World().address.answer(nonce) is None


def test_a_nonce_is_answered_once() -> None:
    world = World(space_host=HOST)
    answers: list[str | None] = []

    def twice(nonce: str) -> httpx.Response:
        answers.extend([world.address.answer(nonce), world.address.answer(nonce)])
        return httpx.Response(200, text=answers[0] or "")

    world.reply = twice
    assert world.address.prove() is not None
    assert answers[0] is not None
    assert answers[1] is None


def test_a_nonce_that_comes_back_late_is_not_answered() -> None:
    world = World(space_host=HOST)

    def late(nonce: str) -> httpx.Response:
        world.clock.time += NONCE_S
        return world.ours(nonce)

    world.reply = late
    assert world.address.prove() is None


def test_many_who_need_it_at_once_ask_once() -> None:
    world = World(space_host=HOST)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: world.address.prove(), range(8))) == {f"https://{HOST}"}
    assert len(world.asked) == 1
