"""kill -9 at every step of a bought film's life, at every seller: nothing is paid twice, nothing paid is lost, no key is left lying.

Each seller's double lives in this process and outlives the kills; its ledger, on the disk before each reply, is the truth.
The steps of a seller share one data folder: whoever comes next first brings the film of the one before to rest.
"""

from __future__ import annotations

import hashlib
import json
import random
import signal
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.chaos.paid_story import Seen, Story, of_its_own, plan_of, selling, workers
from tests.chaos.paid_worker import BEAT, REST
from tests.doubles.sellers import SELLERS
from tests.doubles.tasks import Pace
from tests.workshop import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.doubles.seller import Double

KILLED = -signal.SIGKILL
BUSY = 429
ROUNDS, FILMS, BEATS, SEED = 8, 2, 110, 20261122
"""Rounds of random kills, films ordered in each, and the latest of the things that happen at which a round dies."""
LINES = {
    "completed": ["reserved", "settled"],
    "unconfirmed": ["reserved"],
    "failed": ["reserved", "released"],
    "cancelled": ["reserved", "released"],
}
UPLOADERS = frozenset({"evolink", "apimart", "dashscope"})
CALLS = frozenset({"evolink"})
"""Who calls back, and deletes a picture when it is asked to."""
STOPS = frozenset({"dashscope"})

pytestmark = pytest.mark.timeout(600)


def all_is_well(_double: Double) -> None:
    """Nothing goes wrong at the seller."""


def busy(double: Double) -> None:
    double.fault("rate_limited", on="create", retry_after=0.1)


def busy_for_long(double: Double) -> None:
    double.fault("rate_limited", on="create", retry_after=60)


def cut(double: Double) -> None:
    double.fault("cut", on="result")


def in_line(double: Double) -> None:
    double.pace = Pace(pending=1_000_000)


def held(double: Double) -> None:
    double.hold = True


@dataclass(frozen=True, slots=True)
class Step:
    """A point at which the program dies, and what is true of the film once it was started again.

    Args:
        point: Its name in ``paid_worker``.
        ends: The film's state; None: there is no film.
        tasks: How many the seller has made of it.
        at: Only at these sellers.
        of: The point of the film that is settled here; default: one is ordered.
        prepare: What goes wrong at the seller.
    """

    point: str
    ends: str | None = "completed"
    tasks: int = 1
    at: frozenset[str] = frozenset(SELLERS)
    of: str | None = None
    prepare: Callable[[Double], None] = all_is_well

    @property
    def prompt(self) -> str:
        """Of the film that it is about."""
        return self.of or self.point


# where something goes wrong at the seller, the step before it is past the call that is hit
STEPS = (
    Step("inside the order", None, 0),
    Step("after the order"),
    Step("with the picture at the seller", at=UPLOADERS),
    Step("before the picture is remembered"),
    Step("before the intent"),
    Step("after the intent", "unconfirmed", 0),
    Step("before the seller is reached", "unconfirmed", 0),
    Step("with half an order sent", "unconfirmed", 0),
    Step("with the answer lost", "unconfirmed"),
    Step("with half an answer", "unconfirmed"),
    Step("before the task is written", "unconfirmed"),
    Step("after the task is written"),
    Step("while a busy seller is waited for", prepare=busy),
    Step("while the seller is asked"),
    Step("after the first look"),
    Step("while it is made"),
    Step("before it is known to be finished"),
    Step("when it is finished"),
    Step("before the film is looked at"),
    Step("between poster and film"),
    Step("after publishing"),
    Step("before it is completed"),
    Step("inside the settlement"),
    Step("after it is completed"),
    Step("with half a film", prepare=cut),
    Step("before the picture is deleted there", at=CALLS),
    Step("after the picture is deleted there", at=CALLS),
    Step("after it was cancelled in line", "cancelled", 0, prepare=busy_for_long),
    Step("after the wish to stop", "cancelled", at=STOPS, prepare=in_line),
    Step("after the seller stopped it", "cancelled", at=STOPS, prepare=in_line),
    Step("when its call came", at=CALLS, prepare=held),
    Step("after a task was attached", of="with the answer lost"),
    Step("after its call brought it back", at=CALLS, of="with half an answer"),
    Step("after it was never made", "failed", 0, of="after the intent"),
)
CASES = [(service, step) for service in sorted(SELLERS) for step in STEPS if service in step.at]


def lived(service: str, folder: Path) -> Story:
    """Die at every step, one after the other, and come to rest."""
    with selling(service, folder) as double, workers() as carry_out:
        story = Story(folder, double)
        last = None
        for number, step in enumerate([*(step for step in STEPS if service in step.at), Step(REST)]):
            double.pace, double.hold = Pace(), False
            step.prepare(double)
            task_id = next((task.id for task in story.tasks(step.prompt)), None)
            story.codes[step.point] = carry_out(plan_of(double, folder, step.point, step.prompt, task_id=task_id, number=number))
            if last is not None:
                story.after[last] = story.seen()
            if step.ends == "unconfirmed":  # a task that we do not know of goes its way all the same
                for task in story.tasks(step.prompt):
                    double.end(task.id)
            last = step.point
        return story


@pytest.fixture(scope="module")
def stories(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Future[Story]]]:
    """Of the sellers that this run is about; two at a time."""
    wanted = [service for service in sorted(SELLERS) if any(f"[{service}" in item.name for item in request.session.items)]
    with ThreadPoolExecutor(2) as pool:
        yield {service: pool.submit(lived, service, tmp_path_factory.mktemp(service)) for service in wanted}


@pytest.fixture(scope="module")
def story(request: pytest.FixtureRequest, stories: Mapping[str, Future[Story]]) -> Story:
    return stories[request.param].result()


def agrees(story: Story, prompt: str, seen: Seen) -> None:
    """What we say of a film and of its money is what the seller says."""
    tasks = story.tasks(prompt)
    assert len(tasks) <= 1
    assert ([kind for kind, _ in seen.lines], seen.settled) == (LINES[seen.state], seen.state != "unconfirmed")
    charged = sum((story.charge(task).settled_usd or 0 for task in tasks), start=Decimal(0))
    if seen.state == "unconfirmed":
        assert (seen.task_id, seen.spent) == (None, seen.reserved)
        assert seen.reserved > 0
        return
    if seen.state != "completed":
        assert seen.spent == charged == 0
        return
    (task,) = tasks
    kept = story.film(seen)
    assert kept == of_its_own(task)
    assert (seen.task_id, seen.sha256) == (task.id, hashlib.sha256(kept).hexdigest())
    assert seen.spent == {"service": charged, "unknown": seen.reserved}.get(seen.source or "", Decimal(seen.actual or 0))
    assert seen.spent > 0


@pytest.mark.parametrize(("story", "step"), CASES, indirect=["story"], ids=[f"{service}-{step.point}" for service, step in CASES])
def test_a_bought_film_outlives_a_kill(story: Story, step: Step) -> None:
    assert story.codes[step.point] == KILLED
    seen = story.after[step.point].get(step.prompt)
    assert (seen.state if seen else None, len(story.tasks(step.prompt))) == (step.ends, step.tasks)
    if seen is not None:
        agrees(story, step.prompt, seen)


@pytest.mark.parametrize("story", sorted(SELLERS), indirect=True)
def test_no_order_reaches_a_seller_twice(story: Story) -> None:
    taken = [call.request.body.decode() for call in story.double.calls("create") if call.status != BUSY]
    sent = {step.point: sum(json.dumps(step.point) in body for body in taken) for step in STEPS}
    assert set(sent.values()) == {0, 1}
    assert story.double.faults_left == ()


@pytest.mark.parametrize("story", sorted(SELLERS), indirect=True)
def test_kills_leave_nothing_lying(story: Story) -> None:
    assert story.codes[REST] == 0
    assert story.orders() == {"SUCCESS"}
    assert story.holding_secrets() == []
    assert list(settings(story.folder).work_dir.iterdir()) == []
    kept = {path for kind in ("video", "poster") for path in (story.media / kind).rglob("*") if path.is_file()}
    named = {story.media / key for seen in story.seen().values() for key in (seen.video_key, seen.poster_key) if key}
    assert kept == named


@pytest.mark.parametrize("story", sorted(CALLS), indirect=True)
def test_pictures_stay_with_the_seller_only_while_a_film_may_still_need_them(story: Story) -> None:
    never_learnt = {"with the picture at the seller", "before the picture is remembered"}
    """The address of these was lost with the program; the seller drops them by itself."""
    unsettled = {prompt for prompt, seen in story.seen().items() if seen.state == "unconfirmed"}
    assert len(story.double.files) == len(never_learnt | unsettled)


def test_many_bought_films_outlive_many_kills(tmp_path: Path) -> None:
    moments = random.Random(SEED)  # noqa: S311 - a plan that is the same each time
    with selling("evolink", tmp_path) as double, workers() as carry_out:

        def beat(number: int, films: int) -> int:
            return carry_out(plan_of(double, tmp_path, f"{BEAT}{number}", "film", films=films))

        codes = [beat(moments.randint(1, BEATS), FILMS * more) for more in range(1, ROUNDS + 1)]
        assert set(codes) <= {0, KILLED}
        assert codes.count(KILLED) >= ROUNDS // 2
        assert beat(1_000_000, FILMS * ROUNDS) == 0
        story = Story(tmp_path, double)
    found = story.seen()
    assert set(found) == {f"film {number}" for number in range(FILMS * ROUNDS)}
    assert {"completed"} <= {seen.state for seen in found.values()} <= {"completed", "unconfirmed"}
    for prompt, seen in found.items():
        agrees(story, prompt, seen)
    assert len(double.calls("create")) == len(double.tasks)
    assert story.orders() == {"SUCCESS"}
    assert story.holding_secrets() == []
