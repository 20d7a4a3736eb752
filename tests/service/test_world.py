"""The service as a state machine, with a clock that the test moves."""

from datetime import datetime

import pytest

from pan123_tui.simulator.requests import CreateRequest
from pan123_tui.simulator.responses import Refusal
from tests.service.accounts import (
    ACCESS_TOKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    OTHER_ACCESS_TOKEN,
    OTHER_CLIENT_ID,
    TOKEN_LIFE_S,
    Account,
)
from tests.service.world import FOLDER_ID, World

HOST = "https://files.example/"


class FakeClock:
    """A clock that the test sets."""

    at = 1_700_000_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def world(clock: FakeClock) -> World:
    return World(clock=clock)


@pytest.fixture
def account(world: World) -> Account:
    return world.tokens.accounts[CLIENT_ID]


def create(world: World, path: str, **fields: object) -> int:
    """Create a task of the first account."""
    request = CreateRequest(HOST + path, **fields)  # type: ignore[arg-type]
    return world.create(world.tokens.accounts[CLIENT_ID], request)


@pytest.mark.parametrize(
    ("path", "arrived"),
    [
        ("700mb/a.iso", [("a.iso", 700 * 2**20, 0)]),
        ("1kb/blockedfile/a.iso", [("a.iso", 1024, 101)]),
        ("htmlfile/a.iso", [("a.iso.html", 1482, 0)]),
        ("smallfile/a.iso", [("a.iso", 1482, 0)]),
        ("nofile/a.iso", []),
        ("fail/a.iso", []),
    ],
)
def test_a_task_goes_to_its_end_and_what_arrives_can_be_wrong(
    world: World, account: Account, clock: FakeClock, path: str, arrived: list[tuple[str, int, int]]
) -> None:
    task_id = create(world, path, dir_id=FOLDER_ID)
    assert world.progress(account, task_id) == (0, 0)
    clock.at += 20
    (task,) = world.tasks()
    assert world.progress(account, task_id) == ((0, 1) if "fail" in path else (100, 2))
    files, _last = world.drive().page(FOLDER_ID, limit=100, after=0)
    assert [(file.name, file.size, file.status) for file in files] == arrived
    assert ([file.id for file in files] or [0]) == [task.file_id]


def test_a_fourth_token_logs_the_oldest_out_and_one_that_expires_as_it_says_makes_room(
    world: World, clock: FakeClock
) -> None:
    expired = world.tokens.issue(CLIENT_ID, CLIENT_SECRET)
    assert datetime.fromisoformat(expired.expires_at_text).timestamp() == clock.at + TOKEN_LIFE_S
    assert expired.expires_at_text.endswith("+08:00")
    clock.at += TOKEN_LIFE_S
    oldest, *live = [world.tokens.issue(CLIENT_ID, CLIENT_SECRET) for _ in range(4)]
    for token, words in ((expired, "is expired"), (oldest, "number has exceeded the limit")):
        with pytest.raises(Refusal, match=words) as no:
            world.tokens.owner(token.text)
        assert no.value.code == 401
    assert world.tokens.live(CLIENT_ID) == live
    owners = [world.tokens.owner(text).client_id for text in (live[0].text, ACCESS_TOKEN)]
    assert owners == [CLIENT_ID, CLIENT_ID]
    assert world.tokens.owner(OTHER_ACCESS_TOKEN).client_id == OTHER_CLIENT_ID
    with pytest.raises(Refusal):
        world.tokens.issue(CLIENT_ID, "wrong")


def test_a_client_that_keeps_the_rate_survives_jitter_and_one_that_does_not_is_refused(
    world: World, clock: FakeClock
) -> None:
    for delay in (0, 0.7, 1.3, 0.8, 1.2, 1.0):
        clock.at += delay
        world.check_rate(CLIENT_ID, "create")
    world.check_rate(CLIENT_ID, "create")
    with pytest.raises(Refusal) as no:
        world.check_rate(CLIENT_ID, "create")
    assert (no.value.code, no.value.message) == (429, "请求太频繁")
    world.check_rate(OTHER_CLIENT_ID, "create")
    world.check_rate(CLIENT_ID, "process")
    world.configure(has_rates=False)
    for _ in range(100):
        world.check_rate(CLIENT_ID, "create")
