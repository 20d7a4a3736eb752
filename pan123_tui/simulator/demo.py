"""The world of `--demo`: some twenty tasks in all states, progressing at realistic speeds."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

from pan123_tui.simulator.accounts import Rules
from pan123_tui.simulator.demo_data import CLIENT_TASKS, SERVICE_TASKS, ClientTask, ServiceTask
from pan123_tui.simulator.responses import LINK_UNREADABLE, trace_ids
from pan123_tui.simulator.scenarios import Scenario, Script, Snapshot, Status, with_uneven_pace
from pan123_tui.simulator.tasks import CreateRequest
from pan123_tui.simulator.world import World

DEMO_RULES = Rules(max_running=60, duration_s=75.0)
"""Enough running tasks for the demo; new links take 75 seconds."""
_MAX_SAMPLES = 40
_SAMPLE_INTERVAL_S = 3.0
_STATES: Mapping[int, str] = {
    Status.FAILED: "failed",
    Status.SUCCEEDED: "succeeded",
    Status.RETRYING: "retrying",
}
_FOLDERS = {
    "影视": ("纪录片", "公开课", "动画"),
    "系统镜像": (),
    "老照片": ("2019", "2020"),
    "音乐 🎧": (),
    "Datasets": (),
}


class TimelineStep(TypedDict):
    """An entry of a timeline: a state that was entered."""

    ago_s: float
    state: str
    task_id: int | None
    percent: float


class RowProblem(TypedDict):
    """The problem of a row (`kind` is one of the domain's)."""

    kind: str
    code: int | None
    message: str
    trace_id: str


class DemoRow(TypedDict):
    """A row as the client would have stored it; times are seconds before now."""

    url: str
    name: str
    folder_id: int | None
    state: str
    status: int | None
    percent: float
    task_id: int | None
    created_ago_s: float
    sent_ago_s: float | None
    finished_ago_s: float | None
    fail_reason: str
    file_id: int | None
    retries: int
    samples: list[tuple[float, float]]
    """(seconds ago, percentage), oldest first."""
    steps: list[TimelineStep]
    problem: NotRequired[RowProblem]


UNCONFIRMED_SIZE = 1_503_238_553


def demo_world(**options: Any) -> tuple[World, list[DemoRow]]:
    """Return the demo's world (`options` as for `World`) and the client's rows, oldest first.

    The rows match the world: a client that polls them continues from there.
    """
    world = World(DEMO_RULES, **options)
    folders = _seed_folders(world)
    rows = [
        _seed_task(world, plot, folders.get(plot.folder))
        for plot in sorted(SERVICE_TASKS, key=lambda plot: -plot.age_s)
    ]
    for task in CLIENT_TASKS:
        rows.append(_client_row(task, folders))
        if task.state == "unconfirmed":  # the answer alone was lost
            at = world.clock.real() - task.age_s / 2
            world.drive().add_file(task.name, folders[task.folder], size=UNCONFIRMED_SIZE, at=at)
    return world, sorted(rows, key=lambda row: -row["created_ago_s"])


def _seed_folders(world: World) -> dict[str, int]:
    drive, ids = world.drive(), {}
    for name, children in _FOLDERS.items():
        ids[name] = drive.add_folder(name)
        for child in children:
            ids[child] = drive.add_folder(child, ids[name])
    drive.entries[drive.add_folder("旧的备份")].trashed = True
    return ids


def _seed_task(world: World, spec: ServiceTask, folder_id: int | None) -> DemoRow:
    request = CreateRequest(spec.url, spec.name or None, folder_id)
    script = with_uneven_pace(spec.script, spec.url)
    scenario = Scenario(script=script, fail_reason=spec.fail_reason, size=spec.size)
    task = world.add_task(request, scenario, age_s=spec.age_s)
    snapshot = script.snapshot_at(spec.age_s)
    end = script.ends_at if script.ends_at is not None and script.ends_at <= spec.age_s else None
    forgotten = script.forgotten_at
    if forgotten is not None and forgotten <= spec.age_s:
        end, state = forgotten, "missing"
    else:
        state = _state(snapshot)
    samples = _samples(script, spec.age_s, until=end)
    row = DemoRow(
        url=spec.url,
        name=spec.name,
        folder_id=folder_id,
        state=state,
        status=snapshot.status,
        percent=samples[-1][1] if state in ("failed", "missing") else snapshot.percent,
        task_id=task.id,
        created_ago_s=spec.age_s + 4,
        sent_ago_s=spec.age_s,
        finished_ago_s=None if end is None else spec.age_s - end,
        fail_reason=spec.fail_reason if state == "failed" else "",
        file_id=task.file_id or None,
        retries=0,
        samples=samples,
        steps=_steps(script, spec.age_s, task.id, until=end),
    )
    row["retries"] = sum(step["state"] == "retrying" for step in row["steps"])
    if state == "missing":
        row["steps"].append(_step(spec.age_s - (end or 0), "missing", task.id, row["percent"]))
        row["problem"] = RowProblem(
            kind="task_unknown", code=1, message="未找到任务ID", trace_id=next(trace_ids())
        )
    return row


def _state(snapshot: Snapshot) -> str:
    return _STATES.get(snapshot.status, "running")


def _samples(script: Script, age_s: float, *, until: float | None) -> list[tuple[float, float]]:
    """Sample the percentage as a client would have: evenly over the task's life, no repeats."""
    span = age_s if until is None else until
    failed = until is not None and not script.succeeds
    count = max(1, min(_MAX_SAMPLES, int(span / _SAMPLE_INTERVAL_S)))
    times = [span * step / count for step in range(count + (not failed))]
    samples: list[tuple[float, float]] = []
    for at in times:
        percent = script.snapshot_at(at).percent
        if not samples or samples[-1][1] != percent:
            samples.append((age_s - at, percent))
    return samples


def _steps(
    script: Script, age_s: float, task_id: int, *, until: float | None
) -> list[TimelineStep]:
    """Return the timeline: added, sent, then each change of state so far."""
    steps = [
        _step(age_s + 4, "queued", None, 0),
        _step(age_s + 1, "submitting", None, 0),
        _step(age_s, "running", task_id, 0),
    ]
    for key in script.keyframes:
        if key.at > (age_s if until is None else until):
            break
        state = _state(Snapshot(key.percent, key.status))
        if state != steps[-1]["state"]:
            before = script.snapshot_at(max(0.0, key.at - 0.1)).percent
            percent = before if state == "failed" else key.percent
            steps.append(_step(age_s - key.at, state, task_id, round(percent, 2)))
    return steps


def _step(ago_s: float, state: str, task_id: int | None, percent: float) -> TimelineStep:
    return TimelineStep(ago_s=ago_s, state=state, task_id=task_id, percent=percent)


def _client_row(task: ClientTask, folders: dict[str, int]) -> DemoRow:
    """Return a row without a task at the service: queued, rejected or unconfirmed."""
    steps = [_step(task.age_s, "queued", None, 0)]
    if task.state != "queued":
        steps.append(_step(task.age_s - 3, "submitting", None, 0))
        steps.append(_step(task.age_s - 4, task.state, None, 0))
    row = DemoRow(
        url=task.url,
        name=task.name,
        folder_id=folders.get(task.folder),
        state=task.state,
        status=None,
        percent=0.0,
        task_id=None,
        created_ago_s=task.age_s,
        sent_ago_s=None,
        finished_ago_s=task.age_s - 4 if task.state == "rejected" else None,
        fail_reason="",
        file_id=None,
        retries=0,
        samples=[],
        steps=steps,
    )
    if task.state == "rejected":
        row["problem"] = RowProblem(
            kind="link_unreadable", code=2, message=LINK_UNREADABLE, trace_id=next(trace_ids())
        )
    elif task.state == "unconfirmed":
        row["problem"] = RowProblem(
            kind="answer_lost", code=None, message="ReadTimeout", trace_id=""
        )
    return row
