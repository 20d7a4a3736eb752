"""The demo's service without HTTP: one account with its folders, files, tasks, and its links."""

import re
import time
import tomllib
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from importlib.resources import files
from itertools import count
from typing import Any, NamedTuple

from msgspec.structs import replace

from pan123_tui.simulator.drive import Drive, DriveEntry
from pan123_tui.simulator.messages import (
    FOLDER_MISSING,
    LINK_UNREADABLE,
    TASK_UNKNOWN,
    TOO_MANY_TASKS,
    CreateRequest,
    Refusal,
    bad_request,
)

ACCESS_TOKEN = "demo-access-token"  # noqa: S105 - what the demo accepts, no real secret
UID = 1815309870
MAX_RUNNING = 60
"""Tasks at once; one more is refused."""
LEAST_S, MOST_S = 40, 110
"""How long a new link takes, depending on its text."""


class Status(IntEnum):
    """The `status` of *process* (specification, section two, (三))."""

    RUNNING = 0
    FAILED = 1
    SUCCEEDED = 2
    RETRYING = 3


class Snapshot(NamedTuple):
    percent: float
    status: int


class Keyframe(NamedTuple):
    """From `at` (seconds after the create), `status` holds and the percentage moves to the next.

    Two keyframes at the same time are a jump.
    """

    at: float
    percent: float
    status: int = Status.RUNNING


@dataclass(frozen=True, slots=True)
class Script:
    """The keyframes of a task, in order of time; the last one stays in effect."""

    keyframes: tuple[Keyframe, ...]
    forgotten_at: float | None = None
    """Seconds after the create when the service forgets the task; None: never."""

    def snapshot_at(self, elapsed_s: float) -> Snapshot:
        elapsed_s = max(elapsed_s, self.keyframes[0].at)
        passed = [key for key in self.keyframes if key.at <= elapsed_s]
        at, percent, status = passed[-1]
        if len(passed) < len(self.keyframes):
            following = self.keyframes[len(passed)]
            part = (elapsed_s - at) / (following.at - at)
            percent += (following.percent - percent) * part
        return Snapshot(round(percent, 2), int(status))

    @property
    def ends_at(self) -> float | None:
        """Seconds after the create when it succeeds or fails; None: never."""
        last = self.keyframes[-1]
        return last.at if last.status in (Status.FAILED, Status.SUCCEEDED) else None

    @property
    def succeeds(self) -> bool:
        return self.keyframes[-1].status == Status.SUCCEEDED


def done_in(seconds: float) -> Script:
    end = Keyframe(seconds, 100, Status.SUCCEEDED)
    return Script((Keyframe(0, 0), Keyframe(seconds, 100), end))


@dataclass(slots=True, kw_only=True)
class Task:
    """A task; `created_at` in Unix seconds."""

    id: int
    request: CreateRequest
    script: Script
    size: int
    created_at: float
    file_id: int = 0
    """Its file in the folder; 0: none yet."""

    def has_passed(self, moment_s: float | None, now: float) -> bool:
        return moment_s is not None and now >= self.created_at + moment_s

    def runs(self, now: float) -> bool:
        script = self.script
        return not any(self.has_passed(it, now) for it in (script.ends_at, script.forgotten_at))


class World:
    """The state of the service; `clock` returns Unix seconds."""

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self._task_ids, self._file_ids = count(394_756), count(14_900_001)
        self.tasks: dict[int, Task] = {}
        self.scripts: dict[str, Script | None] = {}
        """How links go whenever they are sent; None: they are refused."""
        self.sizes: dict[str, int] = {}  # of the files that links lead to
        self.drive = Drive(lambda: next(self._file_ids), clock)
        self.drive.default_folder()

    def create(self, request: CreateRequest) -> int:
        if request.dir_id:
            self.drive.require_folder(request.dir_id, bad_request(FOLDER_MISSING))
        if sum(task.runs(self.clock()) for task in self.tasks.values()) >= MAX_RUNNING:
            raise Refusal(2, TOO_MANY_TASKS)
        number = zlib.crc32(request.url.encode("utf-8", "replace"))
        usual = done_in(LEAST_S + number % (MOST_S - LEAST_S))
        if (script := self.scripts.get(request.url, usual)) is None:
            raise Refusal(2, LINK_UNREADABLE)
        size = 5 * 2**20 + number % 2**31
        if re.match(r"\w+://[^/]+/s/[\w-]+([?#]|$)", request.url):  # a page that shares a file
            request, size = replace(request, file_name=f"{request.saved_as}.html"), 18 * 2**10
        self.sizes.setdefault(request.url, size)
        return self.add_task(request, script).id

    def resume(self, request: CreateRequest, *, task_id: int, at: float) -> None:
        """Go on with a task that a former process of the demo created `at` that time."""
        self._task_ids = count(task_id)
        with suppress(Refusal):  # as its folder went with that process
            self.tasks[self.create(request)].created_at = at
        self._task_ids = count(task_id + 1)

    def progress(self, task_id: int) -> Snapshot:
        task, now = self.tasks.get(task_id), self.clock()
        if task is None or task.has_passed(task.script.forgotten_at, now):
            raise bad_request(TASK_UNKNOWN)
        return task.script.snapshot_at(now - task.created_at)

    def add_task(self, request: CreateRequest, script: Script, *, age_s: float = 0.0) -> Task:
        """Add a task that was created `age_s` ago, without any check."""
        task = Task(
            id=next(self._task_ids),
            request=request,
            script=script,
            size=self.sizes[request.url],
            created_at=self.clock() - age_s,
        )
        self.tasks[task.id] = task
        self.catch_up()
        return task

    def catch_up(self) -> None:
        """Add the files of the tasks that have succeeded since the last call."""
        now = self.clock()
        for task in self.tasks.values():
            end = task.script.ends_at
            if end and task.script.succeeds and task.has_passed(end, now) and not task.file_id:
                folder = task.request.dir_id or self.drive.default_folder()
                name, at = task.request.saved_as, task.created_at + end
                task.file_id = self.drive.add_file(name, folder, size=task.size, at=at).id


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    url: str
    name: str
    folder_id: int | None
    sent_at: float
    """Unix seconds."""
    task: Task | None
    """What the service made of it."""
    file: DriveEntry | None
    state: str
    """Without a task, what its sender knows: queued, rejected or unconfirmed."""
    reason: str
    """Why its task fails."""


def fill(world: World) -> list[Link]:
    """Put the tasks of `demo.toml` into `world`; return all its links, the oldest first."""
    plot = tomllib.loads(files("pan123_tui.simulator").joinpath("demo.toml").read_text("utf-8"))
    drive, folders = world.drive, dict[str, int]()
    for name, children in plot["folders"].items():
        folders[name] = drive.add_folder(name)
        folders |= {child: drive.add_folder(child, folders[name]) for child in children}
    drive.entry(drive.add_folder("旧的备份")).trashed = True
    links = [_add_link(world, row, folders) for row in (*plot["service"], *plot["client"])]
    return sorted(links, key=lambda link: link.sent_at)


def _add_link(world: World, row: Mapping[str, Any], folders: Mapping[str, int]) -> Link:
    age_s, folder_id, task = row["age"] * 60, folders.get(row.get("folder", "")), None
    sent_at = world.clock() - age_s
    size = world.sizes[row["url"]] = row.get("mb", 700) * 2**20
    if "keys" in row:
        keys = tuple(Keyframe(key[0] * 60, *key[1:]) for key in row["keys"])
        script = Script(keys, row["forgotten"] * 60 if "forgotten" in row else None)
        request = CreateRequest(row["url"], row.get("name", ""), folder_id or 0)
        task = world.add_task(request, script, age_s=age_s)
        if "reason" in row and "passes" not in row:
            world.scripts[row["url"]] = script
    elif row["state"] == "rejected":
        world.scripts[row["url"]] = None
    elif row["state"] == "unconfirmed":  # only the answer was lost
        folder = folders[row["folder"]]
        world.drive.add_file(row["name"], folder, size=size, at=sent_at + 300)
    return Link(
        url=row["url"],
        name=row.get("name", ""),
        folder_id=folder_id,
        sent_at=sent_at,
        task=task,
        file=world.drive.entries[task.file_id] if task and task.file_id else None,
        state=row.get("state", ""),
        reason=row.get("reason", ""),
    )
