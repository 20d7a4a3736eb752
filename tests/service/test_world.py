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
    Account,
    Rules,
)
from tests.service.faults import Fault, FaultKind, Faults
from tests.service.world import FOLDER_ID, World, WorldClock

HOST = "https://files.example/"


class FakeClock:
    """A clock that the test sets."""

    def __init__(self, at: float = 1_700_000_000.0) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def fake_clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def world(fake_clock: FakeClock) -> World:
    return World(clock=fake_clock)


@pytest.fixture
def account(world: World) -> Account:
    return world.tokens.accounts[CLIENT_ID]


def refusal(world: World, account: Account, path: str) -> tuple[int, str]:
    with pytest.raises(Refusal) as no:
        world.create(account, CreateRequest(HOST + path))
    return no.value.code, no.value.message


def test_the_clock_runs_at_its_speed_and_can_be_pushed(fake_clock: FakeClock) -> None:
    clock = WorldClock(fake_clock, speed=10)
    start = clock.now()
    fake_clock.at += 2
    assert clock.now() - start == 20
    clock.speed = 1
    fake_clock.at += 2
    clock.advance(100)
    assert clock.now() - start == 122


def test_a_task_goes_to_its_end_and_its_file_lies_in_the_folder(
    world: World, account: Account, fake_clock: FakeClock
) -> None:
    task_id = world.create(account, CreateRequest(HOST + "700mb/a.iso", dir_id=FOLDER_ID))
    assert world.progress(account, task_id) == (0, 0)
    fake_clock.at += 10
    assert world.progress(account, task_id) == (50, 0)
    fake_clock.at += 10
    assert world.progress(account, task_id) == (100, 2)
    (entry,), last = world.list_files(account, FOLDER_ID)
    assert (entry.name, entry.size, last) == ("a.iso", 700 * 2**20, -1)
    assert entry.id == world.task(task_id).file_id


def test_without_a_folder_files_land_in_the_default_one(
    world: World, account: Account, fake_clock: FakeClock
) -> None:
    world.create(account, CreateRequest(HOST + "a.iso"))
    world.create(account, CreateRequest(HOST + "b.iso", file_name="a.iso"))
    fake_clock.at += 20
    folders, _ = world.list_files(account, 0)
    default = next(folder for folder in folders if folder.name == "来自:离线下载")
    files, _ = world.list_files(account, default.id)
    assert [file.name for file in files] == ["a.iso", "a(1).iso"]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("htmlfile", [("a.iso.html", 1482)]),
        ("smallfile", [("a.iso", 1482)]),
        ("nofile", []),
        ("fail", []),
    ],
)
def test_what_arrives_can_be_wrong(
    world: World,
    account: Account,
    fake_clock: FakeClock,
    word: str,
    expected: list[tuple[str, int]],
) -> None:
    world.create(account, CreateRequest(f"{HOST}{word}/a.iso", dir_id=FOLDER_ID))
    fake_clock.at += 20
    files, _ = world.list_files(account, FOLDER_ID)
    assert [(file.name, file.size) for file in files] == expected


def test_too_many_running_tasks_are_refused_until_one_ends(
    world: World, account: Account, fake_clock: FakeClock
) -> None:
    world.configure(max_running=2)
    for path in ("a", "missing/b"):
        world.create(account, CreateRequest(HOST + path))
    assert refusal(world, account, "c") == (2, "同时下载的任务超出最大限制，不能下载")
    fake_clock.at += 10
    world.create(account, CreateRequest(HOST + "c"))
    assert refusal(world, account, "d")[0] == 2
    fake_clock.at += 10
    assert world.running() == 1


def test_a_forgotten_and_an_unknown_and_anothers_task_are_not_found(
    world: World, account: Account, fake_clock: FakeClock
) -> None:
    forgotten = world.create(account, CreateRequest(HOST + "missing/a"))
    other = world.create(world.tokens.accounts[OTHER_CLIENT_ID], CreateRequest(HOST + "a"))
    fake_clock.at += 10
    for task_id in (forgotten, other, 7):
        with pytest.raises(Refusal, match="未找到任务ID"):
            world.progress(account, task_id)


def test_the_cap_on_running_tasks_can_change_by_itself(
    world: World, account: Account, fake_clock: FakeClock
) -> None:
    world.configure(caps=(1, 3), cap_s=60)
    world.create(account, CreateRequest(HOST + "stall/a"))
    assert refusal(world, account, "stall/b")[0] == 2
    fake_clock.at += 60
    for path in ("stall/b", "stall/c"):
        world.create(account, CreateRequest(HOST + path))
    assert refusal(world, account, "stall/d")[0] == 2


def test_a_folder_can_go_away_with_a_create(world: World, account: Account) -> None:
    for path in ("foldergone/a", "b"):
        with pytest.raises(Refusal, match="指定目录ID文件不存在"):
            world.create(account, CreateRequest(HOST + path, dir_id=FOLDER_ID))


def test_a_file_can_be_blocked_by_the_review(
    world: World, account: Account, fake_clock: FakeClock
) -> None:
    world.create(account, CreateRequest(HOST + "blockedfile/a.iso", dir_id=FOLDER_ID))
    fake_clock.at += 20
    (file,), _ = world.list_files(account, FOLDER_ID)
    assert file.status > 100
    assert file.size > 2**20


def test_a_second_account_has_a_token_of_its_own(world: World) -> None:
    assert world.tokens.owner(OTHER_ACCESS_TOKEN).client_id == OTHER_CLIENT_ID


def test_an_unknown_folder_is_refused(world: World, account: Account) -> None:
    with pytest.raises(Refusal) as no:
        world.create(account, CreateRequest(HOST, dir_id=999))
    assert no.value.code == 1
    assert not world.stats.creates


def test_creates_and_attempts_are_counted_per_link(world: World, account: Account) -> None:
    url = HOST + "toomany/a"
    for _ in range(2):
        refusal(world, account, "toomany/a")
    world.create(account, CreateRequest(url))
    world.create(account, CreateRequest(url))
    assert world.stats.attempts[url] == 4
    assert world.stats.creates[url] == 2


def test_the_callback_is_due_once_with_status_the_other_way_round(
    world: World, account: Account, fake_clock: FakeClock
) -> None:
    to = "http://127.0.0.1:9/cb"
    good = world.create(account, CreateRequest(HOST + "10s/a", callback_url=to))
    world.create(account, CreateRequest(HOST + "filereason/404/b", callback_url=to))
    world.create(account, CreateRequest(HOST + "nocallback/c", callback_url=to))
    world.create(account, CreateRequest(HOST + "latecallback/d", callback_url=to))
    world.create(account, CreateRequest(HOST + "10s/e"))
    fake_clock.at += 9
    assert world.take_due_callbacks() == []
    fake_clock.at += 11
    due = world.take_due_callbacks()
    assert [callback.body["url"] for callback in due] == [HOST + "10s/a", HOST + "filereason/404/b"]
    assert due[0].body == {
        "url": HOST + "10s/a",
        "status": 0,
        "failReason": "",
        "fileID": world.task(good).file_id,
    }
    assert due[1].body["status"] == 1
    assert "404" in due[1].body["fileReason"]
    assert world.take_due_callbacks() == []
    fake_clock.at += 60
    assert [callback.body["url"] for callback in world.take_due_callbacks()] == [
        HOST + "latecallback/d"
    ]


def test_a_callback_can_have_its_numbers_as_text(
    world: World, account: Account, fake_clock: FakeClock
) -> None:
    to = "http://127.0.0.1:9"
    task = world.create(account, CreateRequest(HOST + "textcallback/a", callback_url=to))
    fake_clock.at += 20
    (callback,) = world.take_due_callbacks()
    assert callback.body["status"] == "0"
    assert callback.body["fileID"] == str(world.task(task).file_id)


def test_a_callback_can_come_twice(world: World, account: Account, fake_clock: FakeClock) -> None:
    world.create(
        account, CreateRequest(HOST + "twicecallback/a", callback_url="http://127.0.0.1:9")
    )
    fake_clock.at += 20
    assert len(world.take_due_callbacks()) == 2


def test_a_task_can_be_ended_by_hand(world: World, account: Account) -> None:
    good = world.create(account, CreateRequest(HOST + "stall/a", dir_id=FOLDER_ID))
    bad = world.create(account, CreateRequest(HOST + "b", callback_url="http://127.0.0.1:9"))
    world.finish(good)
    world.finish(bad, reason="磁盘已满")
    assert world.progress(account, good) == (100, 2)
    assert world.progress(account, bad) == (0, 1)
    assert world.running() == 0
    assert world.task(good).file_id
    assert [c.body["failReason"] for c in world.take_due_callbacks()] == ["磁盘已满"]


def test_a_fourth_token_logs_the_oldest_out(world: World) -> None:
    tokens = [world.issue_token(CLIENT_ID, CLIENT_SECRET) for _ in range(4)]
    with pytest.raises(Refusal, match="tokens number has exceeded the limit") as no:
        world.tokens.owner(tokens[0].text)
    assert no.value.code == 401
    for token in tokens[1:]:
        assert world.tokens.owner(token.text).client_id == CLIENT_ID
    assert world.tokens.owner(ACCESS_TOKEN).client_id == CLIENT_ID


def test_a_token_expires_when_it_says(world: World, fake_clock: FakeClock) -> None:
    world.configure(token_life_s=600)
    token = world.issue_token(CLIENT_ID, CLIENT_SECRET)
    at = datetime.fromisoformat(token.expires_at_text)
    assert at.timestamp() == fake_clock.at + 600
    assert token.expires_at_text.endswith("+08:00")
    fake_clock.at += 600
    with pytest.raises(Refusal, match="token is expired"):
        world.tokens.owner(token.text)


def test_an_expired_token_makes_room_for_a_new_one(world: World) -> None:
    first = world.issue_token(CLIENT_ID, CLIENT_SECRET)
    world.tokens.expire_all()
    live = [world.issue_token(CLIENT_ID, CLIENT_SECRET) for _ in range(3)]
    assert world.tokens.live(CLIENT_ID) == live
    with pytest.raises(Refusal, match="token is expired"):
        world.tokens.owner(first.text)


def test_wrong_credentials_get_no_token(world: World) -> None:
    with pytest.raises(Refusal):
        world.issue_token(CLIENT_ID, "wrong")


def test_a_client_that_keeps_the_rate_survives_jitter_and_one_that_does_not_is_refused(
    world: World, fake_clock: FakeClock
) -> None:
    for delay in (0, 0.7, 1.3, 0.8, 1.2, 1.0):
        fake_clock.at += delay
        world.check_rate(CLIENT_ID, "create")
    world.check_rate(CLIENT_ID, "create")
    with pytest.raises(Refusal) as no:
        world.check_rate(CLIENT_ID, "create")
    assert (no.value.code, no.value.message) == (429, "请求太频繁")
    assert world.stats.refused_429["create"] == 1
    world.check_rate(OTHER_CLIENT_ID, "create")
    world.check_rate(CLIENT_ID, "process")


def test_rates_can_be_switched_off(fake_clock: FakeClock) -> None:
    world = World(Rules(rates=None), clock=fake_clock)
    for _ in range(100):
        world.check_rate(CLIENT_ID, "create")
    assert not world.stats.refused_429


def test_the_list_has_pages_and_the_trash_and_ends_with_minus_one(
    world: World, account: Account
) -> None:
    drive = world.drive()
    ids = [drive.add_file(f"{n}.bin", FOLDER_ID, size=n).id for n in range(5)]
    drive.entries[ids[1]].trashed = True
    seen, after, pages = [], 0, 0
    while after != -1:
        page, after = world.list_files(account, FOLDER_ID, limit=2, after=after)
        seen += [entry.id for entry in page]
        pages += 1
    assert (seen, pages) == (ids, 3)


def test_an_entry_is_found_by_its_id_in_the_trash_too(world: World, account: Account) -> None:
    drive = world.drive()
    entry = drive.add_file("a.bin", FOLDER_ID, size=1, trashed=True)
    assert world.file_detail(account, entry.id) is entry
    with pytest.raises(Refusal, match="文件不存在"):
        world.file_detail(account, 999)


def test_a_folder_of_the_same_name_is_refused(world: World, account: Account) -> None:
    made = world.make_folder(account, "电影", 0)
    with pytest.raises(Refusal, match="该目录下已经有同名文件夹,无法进行创建"):
        world.make_folder(account, "电影", 0)
    assert world.make_folder(account, "电影", made) != made
    with pytest.raises(Refusal):
        world.make_folder(account, "x", 999)


def test_faults_strike_where_and_as_often_as_ordered() -> None:
    faults = Faults()
    faults.add("hang", "create", times=2, skip=1, match="b.iso")
    faults.add(FaultKind.HTTP_500, times=None)
    kinds = [faults.take("create", text) for text in ("a.iso", "b.iso", "b.iso", "b.iso", "b.iso")]
    assert [fault.kind.value for fault in kinds if fault] == [
        "http_500",
        "http_500",
        "hang",
        "hang",
        "http_500",
    ]
    assert faults.pending() == (Fault(kind=FaultKind.HTTP_500, times=None),)
    assert faults.fired == {"http_500": 3, "hang": 2}
    faults.clear()
    assert faults.take("create", "b.iso") is None


def test_an_unknown_kind_of_fault_is_refused() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        Faults().add("nonsense")
