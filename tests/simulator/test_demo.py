"""The demo's world and the client's stored rows match, now and later."""

import subprocess
import sys
from collections import Counter
from itertools import pairwise

import pytest

from pan123_tui.simulator.accounts import CLIENT_ID
from pan123_tui.simulator.demo import DemoRow, demo_world
from pan123_tui.simulator.responses import Refusal
from pan123_tui.simulator.world import World

START = 1_760_000_000.0
STATES = ["queued", "unconfirmed", "rejected", "running", "retrying", "succeeded", "failed"]


@pytest.fixture
def seeded() -> tuple[World, list[DemoRow]]:
    return demo_world(clock=lambda: START)


def states_now(world: World) -> dict[int, tuple[int, float]]:
    account, now = world.tokens.accounts[CLIENT_ID], {}
    for task in world.tasks():
        try:
            moment = world.progress(account, task.id)
        except Refusal:
            continue
        now[task.id] = (moment.status, moment.percent)
    return now


def test_there_are_some_twenty_rows_in_all_states(seeded: tuple[World, list[DemoRow]]) -> None:
    _, rows = seeded
    counts = Counter(row["state"] for row in rows)
    assert 20 <= len(rows) <= 30
    assert set(counts) == {*STATES, "missing"}
    assert counts["running"] >= 8


def test_each_row_agrees_with_what_the_service_says(seeded: tuple[World, list[DemoRow]]) -> None:
    world, rows = seeded
    now = states_now(world)
    for row in rows:
        if row["task_id"] is None or row["state"] == "missing":
            continue
        status, percent = now[row["task_id"]]
        assert row["status"] == status
        if row["state"] != "failed":
            assert row["percent"] == percent == row["samples"][-1][1]


def test_samples_and_steps_run_forward_and_begin_with_the_order(
    seeded: tuple[World, list[DemoRow]],
) -> None:
    _, rows = seeded
    for row in rows:
        agos = [ago for ago, _ in row["samples"]]
        assert agos == sorted(agos, reverse=True)
        steps = [step["ago_s"] for step in row["steps"]]
        assert steps == sorted(steps, reverse=True)
        assert row["steps"][0]["state"] == "queued"
        assert row["steps"][-1]["state"] == row["state"]
        assert min([*agos, *steps]) >= 0


def test_the_picture_moves_from_the_first_minute_on_for_half_an_hour_and_longer(
    seeded: tuple[World, list[DemoRow]],
) -> None:
    world, _ = seeded
    seen = states_now(world)
    finished_first = 0
    for minute in range(40):
        world.clock.advance(60)
        new = states_now(world)
        assert new != seen, f"nothing moved in minute {minute}"
        if minute == 0:
            finished_first = sum(new[i][0] == 2 != seen[i][0] for i in seen if i in new)
        seen = new
    assert finished_first >= 2
    assert any(status == 0 for status, _ in seen.values())


def test_while_one_watches_a_task_fails_one_falls_back_one_recovers_and_one_stands_still(
    seeded: tuple[World, list[DemoRow]],
) -> None:
    world, _ = seeded
    courses: dict[int, list[tuple[int, float]]] = {}
    for _ in range(90):
        for task_id, moment in states_now(world).items():
            courses.setdefault(task_id, []).append(moment)
        world.clock.advance(20)
    moving = [course for course in courses.values() if course[0][0] not in (1, 2)]
    assert any(course[-1][0] == 1 for course in moving)
    assert any(course[0][0] == 3 and course[-1][0] == 2 for course in moving)
    assert any(any(status == 13 for status, _ in course) for course in moving)
    assert any(len(set(course)) == 1 and course[0][0] == 0 for course in moving)
    assert any(
        a[1] > b[1] > 0 and a[0] == b[0] == 0 for course in moving for a, b in pairwise(course)
    )


def test_folders_have_chinese_names_and_the_trash_is_not_empty(
    seeded: tuple[World, list[DemoRow]],
) -> None:
    world, rows = seeded
    entries, _ = world.list_files(world.tokens.accounts[CLIENT_ID], 0)
    assert {"影视", "老照片", "来自:离线下载"} <= {entry.name for entry in entries}
    assert any(entry.trashed for entry in entries)
    folders = {row["folder_id"] for row in rows} - {None}
    assert folders <= set(world.drive().entries)


def test_the_package_itself_imports_nothing_heavy() -> None:
    code = (
        "import sys, pan123_tui.simulator;"
        "print([m for m in ('starlette', 'uvicorn', 'httpx', 'textual') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
