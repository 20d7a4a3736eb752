"""A task survives its document, and an invalid document affects no other."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.json import encode
from msgspec.structs import replace

from pan123_tui.domain.errors import ProblemKind, StoreVersionTooNew
from pan123_tui.domain.task import Task
from pan123_tui.store.atomic_storage import AtomicStorage
from pan123_tui.store.task_files import TaskFiles
from pan123_tui.store.task_store import TaskStore
from tests.store.store_samples import any_task, plain_task


def loaded(folder: Path, *documents: dict[str, Any], **meta: Any) -> TaskFiles:
    """Return the files of a folder with `documents`, after they have been loaded."""
    tables = {
        "tasks": {str(it.get("id", 99)): it for it in documents},
        "meta": {"1": {"schema_version": 1} | meta},
    }
    AtomicStorage(folder / "tasks.json").write(tables)
    files = TaskFiles(folder)
    files.load(read_only=True)
    return files


def document(task: Task, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(encode(task))
    return found | changes


def test_fields_of_a_newer_version_are_ignored_and_missing_ones_have_their_defaults(
    tmp_path: Path,
) -> None:
    least = {"id": 4, "url": "http://h", "created_at": 5}
    loaded(tmp_path, document(plain_task(3), colour="blue"), least)
    tasks = TaskFiles(tmp_path).load()
    assert tasks == {3: plain_task(3), 4: Task(id=4, url="http://h", created_at=5.0)}


@settings(max_examples=50)
@given(task=any_task(st.integers(1, 2**53)))
def test_any_task_comes_back(tmp_path_factory: pytest.TempPathFactory, task: Task) -> None:
    folder = tmp_path_factory.mktemp("any")
    TaskFiles(folder).save({task.id: task})
    kept = replace(task, samples=()) if task.is_finished else task
    assert TaskFiles(folder).load() == {task.id: kept}


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": None},
        {"url": 7},
        {"state": "flying"},
        {"percent": "half"},
        {"task_id": "12"},
        {"samples": [[1]]},
        {"steps": {}},
        {"problem": "none"},
        {"id": 0},
        {"id": -4},
        {"created_at": True},
        {"id": 2**63 - 1},
        {"task_id": 10**25},
        {"misses": {"count": 10**25, "over_s": 1, "last_at": 1.0}},
        {"misses": {"count": 1, "over_s": -(10**25), "last_at": 1.0}},
    ],
)
def test_a_document_of_wrong_types_is_quarantined_alone(
    tmp_path: Path, wrong: dict[str, Any]
) -> None:
    odd = document(plain_task(2), **wrong)
    files = loaded(tmp_path, document(plain_task(1)), odd)
    assert files.damaged == (f"tasks.json (quarantine): {odd['id']}",)
    files.next_id = 9
    files.save({})
    assert TaskFiles(tmp_path).load() == {1: plain_task(1)}
    [record] = json.loads((tmp_path / "tasks.json").read_bytes())["quarantine"].values()
    assert record["document"] == odd
    assert record["reason"]


@pytest.mark.parametrize("key", ["5", "soon", ""])
def test_a_document_under_another_id_is_quarantined(tmp_path: Path, key: str) -> None:
    tables = {"tasks": {key: document(plain_task(6)), "7": document(plain_task(7))}}
    AtomicStorage(tmp_path / "tasks.json").write(tables)
    files = TaskFiles(tmp_path)
    assert files.load() == {7: plain_task(7)}
    files.save({8: plain_task(8)})
    again = TaskFiles(tmp_path)
    assert again.load().keys() == {7, 8}
    assert (files.damaged, again.damaged) == ((f"tasks.json (quarantine): {key}",), ())


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreVersionTooNew, match="schema 2, this program knows 1"):
        loaded(tmp_path, schema_version=2, next_id="of another type")


@pytest.mark.parametrize("meta", [{"schema_version": "1"}, {"next_id": "x"}, {"removed": 3}])
def test_invalid_meta_is_damage(tmp_path: Path, meta: dict[str, Any]) -> None:
    assert loaded(tmp_path, **meta).damaged == ("tasks.json",)


# A store written by version 0.1.0 is read, and written under the same names

WRITTEN = (
    b'{"tasks":{"1":{"id":1,"url":"https://h/a","created_at":1.0,"name":"a.mkv",'
    b'"folder_id":5,"callback_url":"http://c","callback_secret":"s","state":"failed",'
    b'"status":1,"percent":50.0,"task_id":9,"sent_at":2.0,"finished_at":4.0,'
    b'"checked_at":3.0,"problem":{"kind":"not_reached","message":"no route","code":7,'
    b'"trace_id":"t"},"fail_reason":"r","file_id":8,"arrival":{"verdict":"found","at":5.0,'
    b'"name":"n","size":6},"request_id":"q","retries":2,"samples":[[2.5,10.0]],'
    b'"steps":[{"at":1.0,"state":"queued"},{"at":2.0,"state":"running","task_id":9,'
    b'"percent":1.0,"problem":{"kind":"not_reached","message":"no route","code":7,'
    b'"trace_id":"t"}}],"silences":[{"since":2.0,"until":3.0,"times":4,'
    b'"problem":{"kind":"not_reached","message":"no route","code":7,"trace_id":"t"}}]}},'
    b'"meta":{"1":{"schema_version":1,"next_id":3,"removed":[]}},'
    b'"seal":{"1":{"crc32":1447773942}}}'
)
"""`tasks.json` as 0.1.0 wrote it, with a value in every field."""
PROBLEM_KINDS = """
rate_limited too_many_tasks link_unreadable token_refused task_unknown refused not_reached
answer_lost bad_answer account_missing settings_invalid interrupted store_locked store_unlocked
store_newer store_unwritable store_damaged callback_unusable internal
"""


def test_every_field_of_version_0_1_0_is_read_and_written_again(tmp_path: Path) -> None:
    (tmp_path / "tasks.json").write_bytes(WRITTEN)
    store = TaskStore(tmp_path)
    assert store.notice is None
    [task] = store.tasks.values()
    written = json.loads(WRITTEN)["tasks"]["1"]
    del written["silences"], written["request_id"]  # which are no longer kept
    del written["samples"]  # those of a task that has ended
    assert document(task) == written
    assert store.new_ids(1) == range(3, 4)


def test_every_stored_problem_of_version_0_1_0_has_a_kind() -> None:
    assert set(PROBLEM_KINDS.split()) <= set(ProblemKind)
