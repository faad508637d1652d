"""Paid films on the real engine: ordered with money set aside, so many at once, stopped, settled after a restart."""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from components.errors import CannotCancel, CapReached, Charged, Doubtful, NeedsKey, PriceChanged, RateLimited, RuleBroken
from components.generation.job import JobState, Stage
from components.media.ffmpeg import find_ffmpeg
from components.media.sound import encode_mp3
from components.media.video import look_at
from components.services.base import Cancelled, Cost, Working
from components.studio.fleet import take_back
from tests.doubles.local import film_arguments
from tests.doubles.scripted import Seller
from tests.workshop import finished, picture, request, studio, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from components.studio.studio import Studio
    from components.studio.views import JobView

ANN, BOB = "visitor-ann-----", "visitor-bob-----"
KEY = "sk-of-the-server-0123456789"


@pytest.fixture
def seller(tmp_path: Path) -> Seller:
    """Its films are real."""
    made = Seller()
    film = tmp_path / "real.mp4"
    find_ffmpeg().run(film_arguments(film, request("upload-one", service="evolink", duration=5, sound="silent")))
    made.script.film = film.read_bytes()
    return made


@pytest.fixture
def made(tmp_path: Path, seller: Seller) -> Iterator[Studio]:
    with studio(tmp_path, seller, evolink_api_key=KEY) as started:
        yield started


def order(made: Studio, token: str = "one", visitor: str = ANN, **more: Any) -> JobView:  # noqa: ANN401, S107 - whatever a field holds; no secret
    return made.submit(visitor, request(picture(made, visitor), token, service="evolink", **more)).job


def at_work(made: Studio, job: str, visitor: str = ANN) -> None:
    until(lambda: made.job(visitor, job).state == JobState.PROCESSING, f"{job} is at work")


def spent(made: Studio, visitor: str = ANN) -> Decimal:
    return made.spending.left(visitor).spent


def test_a_film_is_bought_with_the_servers_key_and_settled(made: Studio, seller: Seller) -> None:
    seller.script.cost = Cost(Decimal("0.31"), Decimal(21), "credits")
    job = order(made)
    assert (job.cost.estimate, job.cost.reserved, job.cost.source) == ("0.50", "0.50", "a list")
    done = finished(made, ANN, job.id)
    assert done.video is not None
    assert (done.state, done.cost.actual, done.cost.source) == ("completed", "0.31", "service")
    assert done.cost.original == {"amount": "21", "unit": "credits"}
    assert done.remote is not None
    assert done.remote.expires_at is not None
    assert (seller.keys, spent(made)) == ({KEY}, Decimal("0.31"))


def test_a_film_at_work_shows_when_it_was_asked_for_and_what_is_set_aside(made: Studio, seller: Seller) -> None:
    seller.script.held = True
    job = order(made)
    at_work(made, job.id)
    first = made.job(ANN, job.id).asked_at
    assert first is not None
    until(lambda: (made.job(ANN, job.id).asked_at or first) > first, "it is asked for again")
    assert (made.job(ANN, job.id).cost.reserved, spent(made)) == ("0.50", Decimal("0.5"))


def test_without_a_key_nothing_is_ordered(tmp_path: Path, seller: Seller) -> None:
    with studio(tmp_path, seller) as made:
        with pytest.raises(NeedsKey):
            order(made)
        assert made.page(ANN, None, 10).jobs == ()


def test_beyond_the_cap_nothing_is_ordered(tmp_path: Path, seller: Seller) -> None:
    with studio(tmp_path, seller, evolink_api_key=KEY, visitor_budget_usd_per_day=Decimal("0.7")) as made:
        finished(made, ANN, order(made).id)
        with pytest.raises(CapReached):
            order(made, "two")
        assert len(made.page(ANN, None, 10).jobs) == 1
        assert len(seller.charged) == 1


def test_a_price_that_has_risen_is_asked_about_first(made: Studio, seller: Seller) -> None:
    with pytest.raises(PriceChanged) as changed:
        order(made, price_at_most="0.4")
    assert (changed.value.params["at_most"], seller.events) == ("0.50", [])
    assert order(made, price_at_most="0.50").state == "queued"


def test_an_own_sound_that_the_service_could_not_fetch_is_refused_before_it_costs(made: Studio) -> None:
    with pytest.raises(RuleBroken) as broken:
        order(made, sound="own", audio=song(made))
    assert broken.value.text_code == "needs_public_url"


def song(made: Studio) -> str:
    part = made.objects.work_file()
    encode_mp3(b"\1\0" * 8000 * 6, part, find_ffmpeg(), rate_hz=8000, channels=1)
    made.visitors.ensure(ANN)
    outcome = made.uploads.receive(ANN, "audio", "song.mp3", part)
    assert outcome.error is None
    return outcome.upload.id


def test_a_sound_is_laid_under_a_silent_film_and_both_are_kept(made: Studio, seller: Seller) -> None:
    done = finished(made, ANN, order(made, sound="under", audio=song(made)).id)
    row = made.jobs.load(done.id)
    assert row is not None
    assert done.video is not None
    assert done.video.original_url is not None
    assert made.objects.local_now(row.original_key or "").read_bytes() == seller.script.film
    laid = look_at(made.objects.local_now(row.video_key or ""), find_ffmpeg())
    assert (laid.has_audio, laid.duration_s, done.cost.actual) == (True, 5.0, "0.25")


def test_a_film_that_waits_for_a_busy_service_is_cancelled_at_once_and_costs_nothing(made: Studio, seller: Seller) -> None:
    seller.script.creates = [RateLimited(retry_after=100.0)]
    job = order(made)
    until(lambda: made.job(ANN, job.id).wait is not None, "it waits")
    wait = made.job(ANN, job.id).wait
    assert wait is not None
    assert wait.reason == "busy"
    cancelled = made.cancel(ANN, job.id)
    assert (cancelled.state, cancelled.cost.actual, spent(made)) == ("cancelled", "0", Decimal(0))


def test_a_film_that_its_service_cannot_stop_says_that_it_is_charged(made: Studio, seller: Seller) -> None:
    seller.script.held = True
    job = order(made)
    at_work(made, job.id)
    with pytest.raises(CannotCancel) as refused:
        made.cancel(ANN, job.id)
    assert refused.value.charged is Charged.YES
    seller.script.held = False
    assert finished(made, ANN, job.id).state == "completed"


def test_a_film_in_line_is_stopped_by_its_service_and_costs_nothing(made: Studio, seller: Seller) -> None:
    seller.script.readings.extend([Working(Stage.IN_LINE)] * 100_000)
    job = order(made)
    until(lambda: made.job(ANN, job.id).state == JobState.PENDING, "it is in line")
    made.cancel(ANN, job.id)
    until(lambda: "cancel task-1" in seller.events, "its service was told")
    seller.script.readings[:] = [Cancelled()]
    assert finished(made, ANN, job.id).state == "cancelled"
    assert spent(made) == Decimal(0)


def test_an_account_makes_only_so_many_films_at_once(made: Studio, seller: Seller) -> None:
    seller.script.held = True
    image = picture(made, ANN)
    jobs = [made.submit(ANN, request(image, f"t-{n}", service="evolink", duration=2)).job.id for n in range(5)]
    until(lambda: len(seller.charged) == 2, "two are at work")
    assert sum(made.job(ANN, job).state == JobState.QUEUED for job in jobs) == 3
    seller.script.held = False
    for job in jobs:
        assert finished(made, ANN, job).state == "completed"
    assert (seller.most_at_once, sorted(seller.charged)) == (2, sorted(jobs))


def test_an_unconfirmed_film_is_settled_after_a_restart(tmp_path: Path, seller: Seller) -> None:
    seller.script.doubts = [Doubtful()]
    with studio(tmp_path, seller, evolink_api_key=KEY) as made:
        job = order(made).id
        until(lambda: made.job(ANN, job).state == JobState.UNCONFIRMED, "nobody knows")
        with pytest.raises(CannotCancel) as refused:
            made.cancel(ANN, job)
        assert refused.value.charged is Charged.MAYBE
    with studio(tmp_path, seller, evolink_api_key=KEY) as made:
        assert spent(made) == Decimal("0.5")
        found = made.resolver.check(ANN, job, "task-1")
        assert found is not None
        assert found.status == "finished"
        made.resolver.attach(ANN, job, "task-1")
        assert finished(made, ANN, job).state == "completed"
        assert (seller.charged, spent(made)) == ([job], Decimal("0.5"))


def test_a_film_at_work_is_followed_under_its_task_after_a_restart(tmp_path: Path, seller: Seller) -> None:
    seller.script.held = True
    with studio(tmp_path, seller, evolink_api_key=KEY) as made:
        job = order(made).id
        at_work(made, job)
    seller.script.held = False
    with studio(tmp_path, seller, evolink_api_key=KEY) as made:
        assert finished(made, ANN, job).state == "completed"
    assert seller.charged == [job]


def test_pictures_that_a_crash_left_with_a_service_are_deleted_by_the_fleet(
    made: Studio, seller: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    seller.script.keeps_until = made.clock.now() + 100_000
    monkeypatch.setattr(made.films.handover, "_free", lambda _job: (_ for _ in ()).throw(OSError("killed here")))
    job = order(made)
    finished(made, ANN, job.id)
    until(lambda: job.id not in made.films.running, "it is let go of")
    assert seller.forgotten == []
    monkeypatch.undo()
    assert take_back(made.films.handover, made._runner) == 1
    assert (seller.forgotten, made.films.handover.left_behind()) == (["file-1"], [])


def test_services_can_be_asked_before_any_film_is_made(made: Studio, seller: Seller) -> None:
    assert made._runner.call(seller.account(None).cancel("task-9")) is True


def test_the_key_is_in_no_log_line(made: Studio, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    finished(made, ANN, order(made).id)
    assert KEY not in caplog.text
