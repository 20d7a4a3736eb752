"""The world that `--demo` shows: some twenty tasks in all states, moving at believable paces."""

from typing import Any, NotRequired, TypedDict

from pan123_tui.simulator.accounts import Rules
from pan123_tui.simulator.demo_data import DEMO_TASKS, LOCAL, DemoPlot
from pan123_tui.simulator.responses import LINK_UNREADABLE, trace_ids
from pan123_tui.simulator.scenarios import Scenario, Script, Snapshot, Status, uneven
from pan123_tui.simulator.tasks import CreateRequest
from pan123_tui.simulator.world import World

DEMO_RULES = Rules(max_running=60, duration_s=75.0)
"""Room for everything that runs, and links of one's own that take a little over a minute."""
_SAMPLES = 40
_LOOK_EVERY_S = 3.0
_STATES = {Status.FAILED: "failed", Status.SUCCEEDED: "succeeded", Status.RETRYING: "retrying"}
_FOLDERS = {
    "影视": ("纪录片", "公开课", "动画"),
    "系统镜像": (),
    "老照片": ("2019", "2020"),
    "音乐 🎧": (),
    "Datasets": (),
}


class Step(TypedDict):
    """One entry of a timeline: a state that was entered."""

    ago_s: float
    state: str
    task_id: int | None
    percent: float


class Trouble(TypedDict):
    """What the service said, or what happened (`kind` is one of the domain's words)."""

    kind: str
    code: int | None
    message: str
    trace_id: str


class DemoTask(TypedDict):
    """One row of the demo as the client would have stored it; times are seconds before now."""

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
    """(seconds ago, percentage), the oldest first."""
    steps: list[Step]
    problem: NotRequired[Trouble]


def demo_world(**options: Any) -> tuple[World, list[DemoTask]]:
    """Make the demo's world (`options` as for `World`) and the rows that a client had stored."""
    world = World(DEMO_RULES, **options)
    return world, seed_demo(world)


def seed_demo(world: World) -> list[DemoTask]:
    """Fill `world` with folders and tasks that are under way; give the client's rows, oldest first.

    The rows agree with the world, so that a client that polls them goes on where they are.
    """
    folders = _seed_folders(world)
    rows = [
        _seed_task(world, plot, folders.get(plot.folder))
        for plot in sorted(DEMO_TASKS, key=lambda plot: -plot.age_s)
    ]
    rows += [_local_row(index, folders) for index in range(len(LOCAL))]
    return sorted(rows, key=lambda row: -row["created_ago_s"])


def _seed_folders(world: World) -> dict[str, int]:
    drive, ids = world.drive(), {}
    for name, children in _FOLDERS.items():
        ids[name] = drive.add_folder(name)
        for child in children:
            ids[child] = drive.add_folder(child, ids[name])
    drive.entries[drive.add_folder("旧的备份")].trashed = True
    return ids


def _seed_task(world: World, plot: DemoPlot, folder_id: int | None) -> DemoTask:
    order = CreateRequest(plot.url, plot.name or None, folder_id)
    script = uneven(plot.script, plot.url)
    scenario = Scenario(script=script, fail_reason=plot.fail_reason, size=plot.size)
    task = world.add_task(order, scenario, age_s=plot.age_s)
    moment = script.moment(plot.age_s)
    end = script.ends_at if script.ends_at is not None and script.ends_at <= plot.age_s else None
    forgotten = script.forgotten_at
    if forgotten is not None and forgotten <= plot.age_s:
        end, state = forgotten, "missing"
    else:
        state = _state(moment)
    samples = _samples(script, plot.age_s, until=end)
    row = DemoTask(
        url=plot.url,
        name=plot.name,
        folder_id=folder_id,
        state=state,
        status=moment.status,
        percent=samples[-1][1] if state in ("failed", "missing") else moment.percent,
        task_id=task.id,
        created_ago_s=plot.age_s + 4,
        sent_ago_s=plot.age_s,
        finished_ago_s=None if end is None else plot.age_s - end,
        fail_reason=plot.fail_reason if state == "failed" else "",
        file_id=task.file_id or None,
        retries=0,
        samples=samples,
        steps=_steps(script, plot.age_s, task.id, until=end),
    )
    row["retries"] = sum(step["state"] == "retrying" for step in row["steps"])
    if state == "missing":
        row["steps"].append(_step(plot.age_s - (end or 0), "missing", task.id, row["percent"]))
        row["problem"] = Trouble(
            kind="task_unknown", code=1, message="未找到任务ID", trace_id=next(trace_ids())
        )
    return row


def _state(moment: Snapshot) -> str:
    return (
        _STATES.get(Status(moment.status), "running") if moment.status in set(Status) else "running"
    )


def _samples(script: Script, age_s: float, *, until: float | None) -> list[tuple[float, float]]:
    """Look at the percentage as a client would have: evenly over the task's life, no repeats."""
    span = age_s if until is None else until
    failed = until is not None and not script.succeeds
    looks = max(1, min(_SAMPLES, int(span / _LOOK_EVERY_S)))
    times = [span * step / looks for step in range(looks + (not failed))]
    samples: list[tuple[float, float]] = []
    for at in times:
        percent = script.moment(at).percent
        if not samples or samples[-1][1] != percent:
            samples.append((age_s - at, percent))
    return samples


def _steps(script: Script, age_s: float, task_id: int, *, until: float | None) -> list[Step]:
    """Write the timeline: added, sent, then each change of state that has happened."""
    steps = [
        _step(age_s + 4, "queued", None, 0),
        _step(age_s + 1, "submitting", None, 0),
        _step(age_s, "running", task_id, 0),
    ]
    for key in script.keys:
        if key.at > (age_s if until is None else until):
            break
        state = _state(Snapshot(key.percent, key.status))
        if state != steps[-1]["state"]:
            before = script.moment(max(0.0, key.at - 0.1)).percent
            percent = before if state == "failed" else key.percent
            steps.append(_step(age_s - key.at, state, task_id, round(percent, 2)))
    return steps


def _step(ago_s: float, state: str, task_id: int | None, percent: float) -> Step:
    return Step(ago_s=ago_s, state=state, task_id=task_id, percent=percent)


def _local_row(index: int, folders: dict[str, int]) -> DemoTask:
    """Make a row that has no task at the service: queued, rejected or unconfirmed."""
    local = LOCAL[index]
    steps = [_step(local.age_s, "queued", None, 0)]
    if local.state != "queued":
        steps.append(_step(local.age_s - 3, "submitting", None, 0))
        steps.append(_step(local.age_s - 4, local.state, None, 0))
    row = DemoTask(
        url=local.url,
        name=local.name,
        folder_id=folders.get(local.folder),
        state=local.state,
        status=None,
        percent=0.0,
        task_id=None,
        created_ago_s=local.age_s,
        sent_ago_s=None,
        finished_ago_s=local.age_s - 4 if local.state == "rejected" else None,
        fail_reason="",
        file_id=None,
        retries=0,
        samples=[],
        steps=steps,
    )
    if local.state == "rejected":
        row["problem"] = Trouble(
            kind="link_unreadable", code=2, message=LINK_UNREADABLE, trace_id=next(trace_ids())
        )
    elif local.state == "unconfirmed":
        row["problem"] = Trouble(kind="answer_lost", code=None, message="ReadTimeout", trace_id="")
    return row
