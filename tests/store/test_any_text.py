"""Whatever text comes in, through whichever door, is saved and read again."""

import json
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pan123_tui.api.schemas import FileDetail, parse_response
from pan123_tui.cli.add import add
from pan123_tui.client.protocol import to_raw
from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.commands import AddTasks
from pan123_tui.domain.errors import ServiceError, StoreUnwritable
from pan123_tui.domain.links.extractor import extract_argument
from pan123_tui.domain.links.review import to_requests
from pan123_tui.domain.sanitize import clean_label
from pan123_tui.domain.task import DownloadRequest, Task, TaskState, new_task
from pan123_tui.store.task_store import TaskStore
from pan123_tui.ui.add_links.draft import Draft
from pan123_tui.ui.add_links.review import Review
from tests.store.store_samples import plain_task

any_text = st.lists(st.sampled_from("\ud83d\udcff") | st.text(max_size=20)).map("".join)
"""Half characters too, which UTF-8 cannot hold."""
FAILED = plain_task(1, TaskState.FAILED)


def sent(command: AddTasks) -> list[Task]:
    """Return the tasks of `command` as the engine gets it."""
    got = msgspec.msgpack.decode(to_raw(command), type=AddTasks)
    return [new_task(it, task_id=1, at=1.0, batch=got.batch) for it in got.downloads]


def pasted(text: str) -> list[Task]:
    review = Review(TaskModel())
    review.replace((), review.read(f"{text} https://example.com/{text}.zip"))
    with TemporaryDirectory() as name:
        draft = Draft(rows=review.rows)
        assert draft.is_empty or draft.write(Path(name, "draft.json"))
        assert Draft.read(Path(name, "draft.json")) == draft
    return sent(review.command(DownloadRequest("", name="{stem}{n}{ext}"), clean_label(text)))


def given_to_a_command(text: str) -> list[Task]:
    options = ["--name", text, "--batch", text, "--", "https://example.com/1.zip"]
    chosen = add.make_context("add", options).params
    rows = map(extract_argument, (f"https://example.com/{text}.zip", "https://example.com/1.zip"))
    requests = to_requests([*chain(*rows)], DownloadRequest("", name=chosen["name"]))
    return sent(AddTasks(requests, batch=chosen["batch"]))


def said_by_the_service(text: str, *, is_escaped: bool = True) -> list[Task]:
    answer = {"code": 5, "message": text, "x-traceID": text}
    content = json.dumps(answer, ensure_ascii=is_escaped).encode("utf-8", "surrogatepass")
    with pytest.raises(ServiceError) as raised:
        parse_response(httpx.Response(200, content=content), msgspec.Raw)
    return [replace(FAILED, problem=raised.value.problem)]


def name_of_a_file(text: str) -> list[Task]:
    entry = {"filename": text, "type": 0, "size": 1, "trashed": 0}
    content = json.dumps({"code": 0, "data": entry}).encode()
    found = parse_response(httpx.Response(200, content=content), FileDetail).filename
    return [replace(FAILED, name=found)]


def told_by_the_system(text: str) -> list[Task]:
    error = OSError(28, "No space left", text)
    return [replace(FAILED, problem=StoreUnwritable(f"{text}: {error}").problem)]


DOORS: dict[str, Callable[[str], list[Task]]] = {
    "paste": pasted,
    "command": given_to_a_command,
    "answer": said_by_the_service,
    "answer not in UTF-8": lambda text: said_by_the_service(text, is_escaped=False),
    "file name": name_of_a_file,
    "path": told_by_the_system,
}


@pytest.mark.parametrize("door", DOORS)
@given(any_text)
def test_every_text_from_outside_is_saved_and_read_again(door: str, text: str) -> None:
    tasks = {i: replace(it, id=i) for i, it in enumerate(DOORS[door](text), 1)}
    with TemporaryDirectory() as name:
        store = TaskStore(Path(name))
        store.put(tasks.values())
        store.close()
        again = TaskStore(Path(name))
        assert again.notice is None
        assert dict(again.tasks) == tasks


def test_half_characters_alone_are_replaced_in_what_the_service_says() -> None:
    (task,) = said_by_the_service("电\ud83d \\ud83d 😀\udc00\ud83d")
    assert task.problem
    assert task.problem.message == "电� \\ud83d 😀��"
