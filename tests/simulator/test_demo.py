"""The demo's world moves as a real service does, and refuses what that refuses."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import httpx
import pytest

from pan123_tui.simulator.messages import FORBIDDEN, CreateRequest, Refusal, checked
from pan123_tui.simulator.server import service_of
from pan123_tui.simulator.world import (
    MAX_RUNNING,
    MOST_S,
    Keyframe,
    Script,
    Status,
    World,
    fill,
)

START = 1_760_000_000.0
CREATE = "/api/v1/offline/download"
LINK, FILES = "https://example.com/a.iso", "https://files.example/"


class Stage:
    """The demo's world under a clock of the test."""

    def __init__(self) -> None:
        self.now = START
        self.world = World(clock=lambda: self.now)
        self.reasons = {link.url: link.reason for link in fill(self.world)}

    def states(self) -> dict[int, tuple[int, float]]:
        """Return what the service says of each task that it knows."""
        self.world.catch_up()
        now = {}
        for task_id in self.world.tasks:
            try:
                moment = self.world.progress(task_id)
            except Refusal:
                continue
            now[task_id] = (moment.status, moment.percent)
        return now


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    world = World()
    fill(world)
    with httpx.Client(base_url="http://127.0.0.1", transport=service_of(world)) as client:
        yield client


def test_the_picture_moves_from_the_first_minute_on_for_half_an_hour_or_more(stage: Stage) -> None:
    seen = stage.states()
    finished_first = 0
    for minute in range(40):
        stage.now += 60
        new = stage.states()
        assert new != seen, f"nothing moved in minute {minute}"
        if minute == 0:
            finished_first = sum(new[i][0] == 2 != seen[i][0] for i in seen if i in new)
        seen = new
    assert finished_first >= 2
    assert any(status == 0 for status, _ in seen.values())


def test_meanwhile_a_task_fails_one_falls_back_one_recovers_one_stands_still(stage: Stage) -> None:
    courses: dict[int, list[tuple[int, float]]] = {}
    for _ in range(90):
        for task_id, moment in stage.states().items():
            courses.setdefault(task_id, []).append(moment)
        stage.now += 20
    moving = [course for course in courses.values() if course[0][0] not in (1, 2)]
    assert any(course[-1][0] == 1 for course in moving)
    assert any(course[0][0] == 3 and course[-1][0] == 2 for course in moving)
    assert any(any(status == 13 for status, _ in course) for course in moving)
    assert any(len(set(course)) == 1 and course[0][0] == 0 for course in moving)
    assert any(
        a[1] > b[1] > 0 and a[0] == b[0] == 0 for course in moving for a, b in pairwise(course)
    )


def test_a_new_link_arrives_once_in_its_folder_within_two_minutes(stage: Stage) -> None:
    world, drive = stage.world, stage.world.drive
    (folder,) = [it.id for it in drive.entries.values() if it.name == "影视"]
    for folder_id, own, name in ((folder, {"fileName": "b.iso"}, "b.iso"), (0, {}, "a.iso")):
        began = stage.now
        request = checked({"url": LINK, "dirID": folder_id, **own}, CreateRequest)
        task = world.tasks[world.create(request)]
        assert world.progress(task.id) == (0, 0)
        for passed in (MOST_S, 100):
            stage.now += passed
            world.catch_up()
            assert world.progress(task.id) == (100, 2)
        (file,) = [it for it in drive.entries.values() if it.name == name]
        assert (file.id, file.parent_id) == (task.file_id, folder_id or drive.default_folder())
        assert file.at == began + (task.script.ends_at or 0)


def test_a_link_leads_to_the_same_size_each_time_and_a_share_link_to_a_page(stage: Stage) -> None:
    world = stage.world
    (film,) = (url for url in world.sizes if url.endswith("%E9%9B%AA%E5%B1%B1.mp4"))
    share = "https://pan.example.com/s/1AbC-d?pwd=8k2m"
    for url in (film, film, share, f"{share}.zip", "https://example.com/s/a.zip"):
        world.create(CreateRequest(url, dir_id=world.drive.default_folder()))
    world.create(CreateRequest(share, "film.mkv"))
    stage.now += 600
    world.catch_up()
    made = [it for it in world.drive.entries.values() if it.at > START and not it.is_folder]
    sizes = {it.name: it.size for it in made}
    assert {world.sizes[film], *(sizes[name] for name in ("雪山.mp4", "雪山(1).mp4"))} == {
        1434 * 2**20
    }
    pages = {name for name, size in sizes.items() if size < 2**20}
    assert pages == {"1AbC-d.html", "1AbC-d(1).html", "film.mkv.html"}


def test_what_failed_fails_again_unless_that_passes_or_the_link_is_edited(stage: Stage) -> None:
    world = stage.world
    ends: dict[str, int] = {}
    scripts = {task.request.url: task.script for task in world.tasks.values()}
    failed = [url for url, script in scripts.items() if script.ends_at and not script.succeeds]
    (unexplained,) = (url for url in failed if not stage.reasons[url])
    assert "game-assets" in unexplained  # as without a callback
    for url in [*failed, *(f"{url}?edited" for url in failed)]:
        task_id = world.create(CreateRequest(url))
        stage.now += 600
        ends[url.rpartition("/")[2]] = world.progress(task_id).status
    assert ends == {
        "%E8%B5%84%E6%96%99.rar?id=9f2c": 2,  # 503
        "winamp295.exe": 1,
        "game-assets-v2.7z?sign=c4ca4238a0b9": 1,
        "%E8%B5%84%E6%96%99.rar?id=9f2c?edited": 2,
        "winamp295.exe?edited": 2,
        "game-assets-v2.7z?sign=c4ca4238a0b9?edited": 2,
    }
    (unreadable,) = (url for url, script in world.scripts.items() if script is None)
    with pytest.raises(Refusal, match="解析失败"):
        world.create(CreateRequest(unreadable))
    assert world.create(CreateRequest(f"{unreadable}&edited=1"))


def test_the_drive_numbers_names_pages_its_content_and_has_a_trash(stage: Stage) -> None:
    drive = stage.world.drive
    folder = drive.add_folder("新")
    files = [drive.add_file("a.iso", folder, size=1) for _ in range(3)]
    assert [it.name for it in files] == ["a.iso", "a(1).iso", "a(2).iso"]
    assert drive.page(folder, limit=2, after=0) == (files[:2], files[1].id)
    assert drive.page(folder, limit=2, after=files[1].id) == (files[2:], -1)
    assert drive.page(folder, limit=3, after=0) == (files, -1)
    drive.entry(files[0].id).trashed = True
    assert drive.page(folder, limit=3, after=0) == (files, -1)
    with pytest.raises(Refusal, match="文件不存在"):
        drive.require_file(files[0].id)
    assert drive.add_file("a.iso", folder, size=1).name == "a.iso"
    assert drive.make_folder("a.iso", folder)
    for name, parent, words in (("a.iso", folder, "同名文件夹"), ("b", files[1].id, "父级文件ID")):
        with pytest.raises(Refusal, match=words):
            drive.make_folder(name, parent)


def test_too_many_tasks_at_once_are_refused(stage: Stage) -> None:
    free = MAX_RUNNING - sum(task.runs(stage.now) for task in stage.world.tasks.values())
    for number in range(free):
        stage.world.create(CreateRequest(f"{LINK}?{number}"))
    with pytest.raises(Refusal, match="同时下载的任务超出最大限制"):
        stage.world.create(CreateRequest(LINK))


def asked(response: httpx.Response) -> tuple[int, dict[str, Any]]:
    body: dict[str, Any] = response.json()
    assert response.status_code == 200
    return body["code"], body["data"]


def test_each_call_answers_in_the_envelope(client: httpx.Client) -> None:
    assert asked(client.post(CREATE, content="[]"))[0] == 1
    _code, created = asked(client.post(CREATE, json={"url": LINK}))
    code, moment = asked(client.get(f"{CREATE}/process", params=created))
    assert (code, moment["status"]) == (0, 0)
    assert asked(client.get("/api/v1/user/info"))[1]["nickname"] == "小鱼"
    code, made = asked(client.post("/upload/v1/file/mkdir", json={"name": "新", "parentID": 0}))
    assert (code, bool(made["dirID"])) == (0, True)
    assert asked(client.post("/upload/v1/file/mkdir", json={"name": " ", "parentID": 0}))[0] == 1
    page = {"parentFileId": 0, "limit": 100}
    assert asked(client.get("/api/v2/file/list", params=page | {"limit": 101}))[0] == 1
    files = asked(client.get("/api/v2/file/list", params=page))[1]["fileList"]
    (folder,) = [it for it in files if it["filename"] == "影视"]
    files = asked(client.get("/api/v2/file/list", params=page | {"parentFileId": folder["fileId"]}))
    (film,) = [it for it in files[1]["fileList"] if it["type"] == 0]
    detail = asked(client.get("/api/v1/file/detail", params={"fileID": film["fileId"]}))[1]
    assert (detail["fileID"], detail["size"]) == (film["fileId"], film["size"])
    link = asked(client.get("/api/v1/file/download_info", params={"fileId": film["fileId"]}))[1]
    assert link["downloadUrl"].startswith("https://")
    assert asked(client.get("/api/v1/file/download_info", params={"fileId": 7}))[0] == 5066


# What both services have: how a task moves, and how a create is read


def test_a_percentage_glides_from_key_to_key_and_jumps_where_two_share_a_time() -> None:
    script = Script(
        (Keyframe(0, 0), Keyframe(10, 50), Keyframe(10, 20), Keyframe(20, 100, Status.SUCCEEDED))
    )
    moments = [script.snapshot_at(at) for at in (0, 5, 10, 15, 20, 999)]
    assert moments == [(0, 0), (25, 0), (20, 0), (60, 0), (100, 2), (100, 2)]


WRONG: dict[str, list[object]] = {
    "url": ["", 5, "ftp://a.example/x", "https://"],
    "dirID": [-1, None, "12a", True],
    "fileName": ["", "  ", None, "x" * 256, *(f"a{char}b.png" for char in sorted(FORBIDDEN))],
    "callBackUrl": ["", "ftp://a.example"],
}


@pytest.mark.parametrize("wrong", [{key: it} for key, values in WRONG.items() for it in values])
def test_a_create_with_a_fault_is_refused_with_code_1_in_chinese(wrong: dict[str, object]) -> None:
    with pytest.raises(Refusal) as no:
        checked({"url": FILES} | wrong, CreateRequest)
    assert no.value.code == 1
    assert any("\u4e00" <= char <= "\u9fff" for char in no.value.message)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"url": FILES + "a/%E9%9B%AA.mp4?x=1"}, "雪.mp4"),
        ({"url": FILES}, "files.example"),
        ({"url": FILES + "a%2Fb%3A.zip"}, "a_b_.zip"),
        ({"url": FILES, "fileName": "片子.mkv"}, "片子.mkv"),  # no image, yet the service takes it
    ],
)
def test_a_file_is_called_as_asked_or_as_its_link_ends(body: dict[str, object], name: str) -> None:
    assert checked(body, CreateRequest).saved_as == name
