"""The links of `--demo`: some twenty in all states, progressing at realistic speeds."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from pan123_tui.simulator.drive import DriveEntry
from pan123_tui.simulator.messages import CreateRequest
from pan123_tui.simulator.world import Keyframe, Script, Task, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link that somebody has sent, or is about to."""

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
    folders = _add_folders(world, plot["folders"])
    links = [_add_link(world, row, folders) for row in (*plot["service"], *plot["client"])]
    return sorted(links, key=lambda link: link.sent_at)


def _add_folders(world: World, plot: Mapping[str, list[str]]) -> dict[str, int]:
    drive, ids = world.drive, {}
    for name, children in plot.items():
        ids[name] = drive.add_folder(name)
        ids |= {child: drive.add_folder(child, ids[name]) for child in children}
    drive.move_to_trash(drive.add_folder("旧的备份"))
    return ids


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
