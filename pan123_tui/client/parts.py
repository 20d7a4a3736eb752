"""Divides commands for many tasks into parts that fit into a frame, as do their results."""

import time
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from msgspec.structs import replace

from pan123_tui.client.protocol import MAX_FRAME_BYTES, to_raw
from pan123_tui.domain.batches import time_name
from pan123_tui.domain.commands import (
    AddTasks,
    AdoptTasks,
    Command,
    ConfirmTasks,
    RemoveTasks,
    RestoreTasks,
    RetryTasks,
)

T = TypeVar("T")
MAX_RESULT_TASKS = 500
"""A task has at most some 20 KiB, with its whole history."""
MAX_PART_BYTES = MAX_FRAME_BYTES // 16


def split(command: Command[Any]) -> list[Command[Any]]:
    """Return the parts of `command`, one after the other."""
    match command:
        case AddTasks(downloads, batch, again=again):
            parts = list(_by_size(downloads))
            if len(parts) > 1:  # each gets a time of its own, but they are one batch
                batch = batch or time_name(time.time())
            return [
                replace(
                    command,
                    downloads=part,
                    batch=batch,
                    again=again.intersection(download.url for download in part),
                )
                for part in parts
            ]
        case AdoptTasks(adoptions):
            return [replace(command, adoptions=part) for part in _by_size(adoptions)]
        case RestoreTasks(tasks):
            return [replace(command, tasks=part) for part in _by_size(tasks)]
        case RemoveTasks(ids) | RetryTasks(ids=tuple(ids)) | ConfirmTasks(ids):
            starts = range(0, max(1, len(ids)), MAX_RESULT_TASKS)
            return [replace(command, ids=ids[at : at + MAX_RESULT_TASKS]) for at in starts]
    return [command]


def join(results: Sequence[Any]) -> Any:
    """Return the result of a command from the results of its parts."""
    return None if results[0] is None else tuple(task for part in results for task in part)


def _by_size(values: tuple[T, ...]) -> Iterator[tuple[T, ...]]:
    start, size = 0, 0
    for index, value in enumerate(values):
        value_bytes = len(bytes(to_raw(value)))
        if (size and size + value_bytes > MAX_PART_BYTES) or index - start >= MAX_RESULT_TASKS:
            yield values[start:index]
            start, size = index, 0
        size += value_bytes
    yield values[start:]
