from __future__ import annotations

import asyncio
import io
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from components.errors import NotFound, PriceChanged, PricesUnusable, RequestInvalid, ServiceDown
from components.generation.rules import remedy, violations
from components.media.ffmpeg import find_ffmpeg
from components.services.pricelist import PriceList
from components.services.registry import build_services
from components.settings import SELLERS, Settings
from components.studio.estimate import Estimate, Estimates, Offer, sketched
from components.studio.links import Links
from components.studio.objects import Objects
from components.studio.pricing import AGAIN_S, FRESH_S
from components.studio.proof import PublicAddress
from components.studio.uploads import Uploads
from components.studio.wording import Wording
from tests.media_factory import mp3
from tests.unit.studio.money_bench import MoneyBench, Seller, ask, choosy, rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from components.generation.prices import PriceRow
    from components.generation.request import Request


@dataclass
class Shop:
    """Five services side by side."""

    money: MoneyBench
    uploads: Uploads
    estimates: Estimates
    visitor: str

    async def compare(self, **more: Any) -> Estimate:  # noqa: ANN401 - whatever a field holds
        return await self.estimates.estimate(ask(**more), self.visitor)

    async def offer(self, name: str, **more: Any) -> Offer:  # noqa: ANN401 - as above
        return next(offer for offer in (await self.compare(**more)).services if offer.id == name)

    def picture(self, width: int, height: int) -> str:
        data = io.BytesIO()
        Image.new("RGB", (width, height), "teal").save(data, "JPEG")
        return self._brought("image", "a.jpg", data.getvalue())

    def sound(self, seconds: float) -> str:
        return self._brought("audio", "a.mp3", mp3(seconds=seconds))

    def _brought(self, kind: Any, name: str, data: bytes) -> str:  # noqa: ANN401 - a literal
        part = self.uploads._objects.work_file()
        part.write_bytes(data)
        return self.uploads.receive(self.visitor, kind, name, part, "apimart").upload.id

    def seller(self, name: str) -> Seller:
        made = self.money.services[name]
        assert isinstance(made, Seller)
        return made

    def listed(self, name: str, **more: Any) -> str | None:  # noqa: ANN401 - whatever a field holds
        quote = self.money.prices.quote(name, ask(**more))
        return str(quote.at_most) if quote else None


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    sellers = (
        Seller("evolink", rows("0.035", "0.0883")),
        choosy("aimlapi"),
        choosy("apimart", rows("0.03")),
        Seller("dashscope", rows("0.05")),
    )
    money = MoneyBench(tmp_path, sellers=sellers)
    links = Links(money.secrets, money.clock)
    objects = Objects(tmp_path / "media", tmp_path / "work")
    uploads = Uploads(
        money.engine, objects, visitors=money.visitors, services=money.services, links=links, ffmpeg=find_ffmpeg(), clock=money.clock
    )
    estimates = Estimates(
        money.services,
        prices=money.prices,
        spending=money.spending,
        uploads=uploads,
        address=PublicAddress(money.settings, money.secrets, money.clock),
        wording=Wording.read(),
    )
    yield Shop(money, uploads, estimates, money.visitor())
    uploads.close()
    money.close()


async def test_all_services_stand_side_by_side_in_their_order(shop: Shop) -> None:
    assert [offer.id for offer in (await shop.compare()).services] == ["evolink", "aimlapi", "apimart", "dashscope"]


async def test_a_price_is_told_with_its_source_and_its_date(shop: Shop) -> None:
    price = (await shop.offer("evolink", duration=8)).price
    assert price is not None
    assert price.model_dump() == {"at_most": "0.28", "source": "list price", "as_of": "2026-10-10"}


async def test_a_short_film_costs_what_the_service_takes_at_least(shop: Shop) -> None:
    price = (await shop.offer("evolink", duration=2)).price
    assert price is not None
    assert price.at_most == "0.0883"


async def test_a_price_that_nobody_knows_is_told_as_unknown(shop: Shop) -> None:
    assert (await shop.offer("aimlapi")).price is None


async def test_the_cheapest_that_can_make_it_is_named(shop: Shop) -> None:
    assert (await shop.compare()).cheapest == "apimart"


async def test_the_cheapest_is_not_one_that_cannot_make_it(shop: Shop) -> None:
    assert (await shop.compare(duration=8)).cheapest == "evolink"


async def test_an_unknown_price_is_never_the_cheapest(shop: Shop) -> None:
    assert (await shop.compare(seed=7, quality="1080p")).cheapest == "apimart"
    shop.seller("apimart").prices = ()
    assert (await shop.compare(seed=7)).cheapest is None


async def test_free_is_not_the_cheapest_way_to_buy(tmp_path: Path) -> None:
    money = MoneyBench(tmp_path)
    quote = money.prices.quote("local", ask())
    assert quote is not None
    assert (str(quote.at_most), quote.source) == ("0", "free")
    money.close()


async def test_a_rule_that_is_broken_comes_with_its_sentence_and_the_value_that_mends_it(shop: Shop) -> None:
    offer = await shop.offer("apimart", duration=8)
    assert not offer.can
    assert [broken.model_dump() for broken in offer.violations] == [
        {
            "field": "duration",
            "code": "duration_choice",
            "message": "A film here is 5, 10 or 15 s long, nothing in between.",
            "fix": {"field": "duration", "value": 10},
            "mend": None,
        }
    ]


async def test_an_own_sound_needs_an_address_at_services_that_fetch_it(shop: Shop) -> None:
    sound = shop.sound(6)
    there = await shop.offer("evolink", sound="own", audio=sound)
    assert [(broken.field, broken.code) for broken in there.violations] == [("audio", "needs_public_url")]
    fix = there.violations[0].fix
    assert fix is not None
    assert (fix.field, fix.value) == ("sound", "under")
    assert (await shop.offer("apimart", sound="own", audio=sound)).can


async def test_a_sound_under_the_film_works_everywhere_and_is_bought_silent(shop: Shop) -> None:
    shop.seller("evolink").prices = tuple(row for row in rows("0.01") if row.silent)
    assert (await shop.offer("evolink", sound="under", audio=shop.sound(6))).can
    assert shop.listed("evolink", sound="under") == "0.0500"
    assert shop.listed("evolink", sound="auto") is None


async def test_a_picture_that_fits_one_service_may_need_a_mend_for_another(shop: Shop) -> None:
    picture = shop.picture(2400, 1600)
    assert (await shop.offer("apimart", image=picture)).can
    (broken,) = (await shop.offer("evolink", image=picture)).violations
    assert (broken.field, broken.code, broken.mend, broken.fix) == ("image", "image_too_large", "shrink", None)


async def test_a_start_that_leaves_too_little_to_hear_is_refused_with_the_latest_one(shop: Shop) -> None:
    (broken,) = (await shop.offer("apimart", sound="own", audio=shop.sound(6), audio_start_s=5)).violations
    assert (broken.field, broken.code) == ("audio_start_s", "audio_too_short")
    assert broken.fix is not None
    assert broken.fix.value == pytest.approx(3.0, abs=0.2)


async def test_somebody_elses_picture_is_not_there(shop: Shop) -> None:
    picture = shop.picture(640, 480)
    with pytest.raises(NotFound):
        await shop.estimates.estimate(ask(image=picture), shop.money.visitor())


async def test_whose_key_would_pay_is_told(shop: Shop) -> None:
    shop.money.vault.put(shop.visitor, "apimart", "sk-mine-mine-mine")
    assert [offer.key for offer in (await shop.compare()).services] == ["server", "none", "yours", "none"]


def test_a_form_without_a_picture_can_be_estimated_and_nonsense_cannot() -> None:
    assert sketched({"prompt": "a boat", "image": None, "service": "evolink"}).prompt == "a boat"
    with pytest.raises(RequestInvalid) as refused:
        sketched({"duration": "long"})
    assert refused.value.field == "duration"


# what services publish


async def test_a_published_price_that_is_absurdly_low_is_not_believed(shop: Shop) -> None:
    async def published() -> tuple[PriceRow, ...]:
        return rows("0.0001", source="misread")

    before = shop.listed("evolink")
    shop.seller("evolink").published = published
    await shop.compare()
    assert shop.listed("evolink") == before


async def test_published_prices_stand_above_the_list_and_are_asked_once_an_hour(shop: Shop) -> None:
    asked: list[str] = []

    async def published() -> tuple[PriceRow, ...]:
        asked.append("now")
        return rows("0.02", source="published")

    shop.seller("evolink").published = published
    for _ in range(2):
        price = (await shop.offer("evolink")).price
        assert price is not None
        assert (price.at_most, price.source) == ("0.10", "published")
    assert asked == ["now"]
    shop.money.clock.time += FRESH_S
    await shop.compare()
    assert asked == ["now", "now"]


async def test_prices_are_asked_only_where_there_is_a_key(shop: Shop) -> None:
    asked: list[str] = []

    async def published() -> tuple[PriceRow, ...]:
        asked.append("dashscope")
        return ()

    shop.seller("dashscope").published = published
    await shop.compare()
    assert asked == []


async def test_a_form_does_not_wait_for_a_service_that_is_slow_to_tell(shop: Shop) -> None:
    told = asyncio.Event()

    async def published() -> tuple[PriceRow, ...]:
        await told.wait()
        return rows("0.02")

    shop.seller("evolink").published = published
    assert (await shop.offer("evolink")).price is not None
    assert shop.listed("evolink") == "0.1750"
    told.set()
    await asyncio.gather(*shop.money.prices._asking.values())
    assert shop.listed("evolink") == "0.1000"


async def test_prices_that_were_seen_stay_while_the_service_tells_none(shop: Shop) -> None:
    answers: list[tuple[PriceRow, ...] | Exception] = [rows("0.02"), ServiceDown(), ()]

    async def published() -> tuple[PriceRow, ...]:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    shop.seller("evolink").published = published
    for wait in (0.0, FRESH_S, AGAIN_S):
        shop.money.clock.time += wait
        await shop.compare()
        assert shop.listed("evolink") == "0.1000"
    assert answers == []


# what was agreed


@pytest.mark.parametrize("agreed", [None, "0.175", "0.2"])
def test_a_price_that_is_not_over_what_was_agreed_stands(shop: Shop, agreed: str | None) -> None:
    assert shop.money.prices.agreed(ask(price_at_most=agreed)) == Decimal("0.175")


def test_a_price_over_what_was_agreed_is_told_and_nothing_happens(shop: Shop) -> None:
    with pytest.raises(PriceChanged) as changed:
        shop.money.prices.agreed(ask(price_at_most="0.17"))
    assert changed.value.params["at_most"] == "0.175"
    assert changed.value.status == 409


@pytest.mark.parametrize(("quality", "counts"), [("720p", "0.5"), ("1080p", "0.75")])
def test_an_unknown_price_counts_its_own_row(shop: Shop, quality: str, counts: str) -> None:
    assert shop.money.prices.counted("aimlapi", ask(service="aimlapi", quality=quality)) == Decimal(counts)


# the price file


def price_file(folder: Path, content: object) -> Path:
    file = folder / "prices.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return file


ROW = {
    "when": {"quality": "720p", "silent": False},
    "usd_per_s": "0.01",
    "least_usd": "0.02",
    "source": "my contract",
    "as_of": "2026-11-01",
}


def test_the_operators_prices_stand_above_everything(tmp_path: Path) -> None:
    money = MoneyBench(tmp_path, {"prices_file": price_file(tmp_path, {"evolink": [ROW]})})
    quote = money.prices.quote("evolink", ask())
    assert quote is not None
    assert (quote.at_most, quote.source) == (Decimal("0.05"), "my contract")
    money.close()


@pytest.mark.parametrize(
    "content",
    [
        "{",
        [],
        {"evolink": [{**ROW, "usd_per_s": "-1"}]},
        {"evolink": [{**ROW, "usd_per_s": "NaN"}]},
        {"evolink": [{**ROW, "surprise": 1}]},
        {"evolink": ROW},
    ],
)
def test_a_price_file_that_is_none_stops_the_start(tmp_path: Path, content: object) -> None:
    with pytest.raises(PricesUnusable) as refused:
        PriceList.read(price_file(tmp_path, content))
    assert refused.value.params["why"]


def test_a_price_file_that_is_missing_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(PricesUnusable):
        PriceList.read(tmp_path / "none.json")


# all of the program's services


def test_the_registry_holds_the_sellers_of_the_settings() -> None:
    assert tuple(build_services(Settings(_env_file=None)))[1:] == SELLERS


def test_a_price_of_evolink_is_that_of_its_list() -> None:
    services = build_services(Settings(_env_file=None))
    priced = {row.quality: str(row.usd_per_s) for row in services["evolink"].prices if not row.silent}
    assert priced == {"720p": "0.035", "1080p": "0.0585"}


SERVICES = build_services(Settings(_env_file=None))


def requests() -> st.SearchStrategy[Request]:
    sound = st.sampled_from(["auto", "own", "under", "silent"])
    return st.builds(
        ask,
        prompt=st.sampled_from(["", "a boat", "a\x00b", "x" * 1501]),
        sound=sound,
        audio=st.sampled_from([None, "upload-of-a-sound"]),
        duration=st.integers(1, 20),
        quality=st.sampled_from(["720p", "1080p"]),
        shot_type=st.sampled_from(["single", "multi"]),
        prompt_extend=st.booleans(),
        negative_prompt=st.sampled_from([None, "blur", "x" * 501]),
        seed=st.sampled_from([None, -1, 7, 2**31]),
        watermark=st.booleans(),
        template=st.sampled_from([None, "flying"]),
    )


@settings(max_examples=60, deadline=None)
@given(request=requests(), name=st.sampled_from(sorted(SERVICES)), reachable=st.booleans())
def test_pressing_the_offered_buttons_ends_at_a_request_that_only_needs_words(request: Request, name: str, reachable: bool) -> None:
    caps = SERVICES[name].capabilities
    for _ in range(20):
        fixes = [remedy(broken, request, caps, reachable=reachable) for broken in violations(request, caps, reachable=reachable)]
        fix = next((fix for fix in fixes if fix is not None), None)
        if fix is None:
            break
        request = request.model_copy(update={fix.field: fix.value})
    assert {broken.code for broken in violations(request, caps, reachable=reachable)} <= {"prompt_missing", "prompt_too_long"}
