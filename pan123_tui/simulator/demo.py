"""The tasks of `--demo`: some twenty in all states, progressing at realistic speeds."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from pan123_tui.simulator.requests import CreateRequest
from pan123_tui.simulator.responses import LINK_UNREADABLE
from pan123_tui.simulator.scripts import Keyframe, Script, Snapshot, Status, with_uneven_pace
from pan123_tui.simulator.world import World

Row = dict[str, Any]
"""A task as in `demo.toml`, or as the client stores it, without its id."""
UNCONFIRMED_SIZE = 1_503_238_553
_MAX_SAMPLES = 40
_SAMPLE_INTERVAL_S = 3.0
_STATES: Mapping[int, str] = {
    Status.FAILED: "failed",
    Status.SUCCEEDED: "succeeded",
    Status.RETRYING: "retrying",
}
_PROBLEMS = {
    "missing": {"kind": "task_unknown", "code": 1, "message": "未找到任务ID"},
    "rejected": {"kind": "link_unreadable", "code": 2, "message": LINK_UNREADABLE},
    "unconfirmed": {"kind": "answer_lost", "message": "ReadTimeout"},
}


def fill(world: World) -> list[Row]:
    """Put the demo's tasks into `world`; return the rows of a client that sent them.

    The oldest comes first. A client that polls them continues from there.
    """
    plot = tomllib.loads(files("pan123_tui.simulator").joinpath("demo.toml").read_text("utf-8"))
    folders = _add_folders(world, plot["folders"])
    rows = [_service_row(world, task, folders) for task in plot["service"]]
    rows += [_client_row(world, task, folders) for task in plot["client"]]
    return sorted(rows, key=lambda row: row["created_at"])


def _add_folders(world: World, plot: Mapping[str, list[str]]) -> dict[str, int]:
    drive, ids = world.drive, {}
    for name, children in plot.items():
        ids[name] = drive.add_folder(name)
        ids |= {child: drive.add_folder(child, ids[name]) for child in children}
    drive.move_to_trash(drive.add_folder("旧的备份"))
    return ids


def _service_row(world: World, task: Row, folders: Mapping[str, int]) -> Row:
    keys = (Keyframe(key[0] * 60, *key[1:]) for key in task["keys"])
    forgotten_s = task["forgotten"] * 60 if "forgotten" in task else None
    script = with_uneven_pace(Script(tuple(keys), forgotten_s), task["url"])
    now, age_s = world.clock(), task["age"] * 60
    sent_at, snapshot = now - age_s, script.snapshot_at(age_s)
    request = CreateRequest(task["url"], task.get("name"), folders.get(task.get("folder", "")))
    created = world.add_task(request, script, size=task.get("mb", 700) * 2**20, age_s=age_s)
    end = next((at for at in (forgotten_s, script.ends_at) if at and at <= age_s), None)
    is_missing = end is not None and end == forgotten_s
    state = "missing" if is_missing else _state(snapshot)
    samples = _samples(script, age_s if end is None else end, sent_at)
    steps = _steps(script, created.id, sent_at, until=age_s if end is None else end)
    row = _row(task, state, folders, sent_at - 4, steps) | {
        "status": snapshot.status,
        "percent": samples[-1][1] if state == "missing" else snapshot.percent,
        "task_id": created.id,
        "sent_at": sent_at,
        "checked_at": now if end is None else sent_at + end,
        "finished_at": None if end is None else sent_at + end,
        "retries": sum(step["state"] == "retrying" for step in steps),
        "samples": samples,
    }
    if state == "failed":
        row |= {"percent": steps[-1]["percent"], "fail_reason": task["reason"]}
    elif is_missing:
        steps.append(_step(sent_at + (end or 0), "missing", created.id, row["percent"]))
    if created.file_id:
        file = world.drive.entries[created.file_id]
        found = {"verdict": "found", "at": file.at + 5, "name": file.name, "size": file.size}
        row |= {"file_id": file.id, "arrival": found}
    return row


def _client_row(world: World, task: Row, folders: Mapping[str, int]) -> Row:
    """Return a row without a task at the service: queued, rejected or unconfirmed."""
    state, created_at = task["state"], world.clock() - task["age"] * 60
    steps = [_step(created_at, "queued")]
    if state != "queued":
        steps += [_step(created_at + 3, "submitting"), _step(created_at + 4, state)]
    row = _row(task, state, folders, created_at, steps)
    if state == "rejected":
        row["finished_at"] = created_at + 4
    elif state == "unconfirmed":  # only the answer was lost
        world.drive.add_file(
            task["name"], folders[task["folder"]], size=UNCONFIRMED_SIZE, at=created_at + 300
        )
    return row


def _row(
    task: Row, state: str, folders: Mapping[str, int], created_at: float, steps: list[Row]
) -> Row:
    return {
        "url": task["url"],
        "name": task.get("name", ""),
        "folder_id": folders.get(task.get("folder", "")),
        "state": state,
        "created_at": created_at,
        "problem": _PROBLEMS.get(state),
        "steps": steps,
    }


def _state(snapshot: Snapshot) -> str:
    return _STATES.get(snapshot.status, "running")


def _samples(script: Script, span_s: float, sent_at: float) -> list[tuple[float, float]]:
    """Sample the percentage as a client would have: evenly over the task's life, no repeats."""
    count = max(1, min(_MAX_SAMPLES, int(span_s / _SAMPLE_INTERVAL_S)))
    samples: list[tuple[float, float]] = []
    for step in range(count + 1):
        at = span_s * step / count
        percent, status = script.snapshot_at(at)
        if status != Status.FAILED and (not samples or samples[-1][1] != percent):
            samples.append((sent_at + at, percent))
    return samples


def _steps(script: Script, task_id: int, sent_at: float, *, until: float) -> list[Row]:
    """Return the timeline: added, sent, then each change of state so far."""
    steps = [_step(sent_at - 4, "queued"), _step(sent_at - 1, "submitting")]
    steps.append(_step(sent_at, "running", task_id))
    for key in script.keyframes:
        state = _state(Snapshot(key.percent, key.status))
        if key.at <= until and state != steps[-1]["state"]:
            before = script.snapshot_at(max(0.0, key.at - 0.1)).percent
            percent = before if state == "failed" else key.percent
            steps.append(_step(sent_at + key.at, state, task_id, round(percent, 2)))
    return steps


def _step(at: float, state: str, task_id: int | None = None, percent: float = 0.0) -> Row:
    return {"at": at, "state": state, "task_id": task_id, "percent": percent}
