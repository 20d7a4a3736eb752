"""A task survives its document, and an invalid document affects no other."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw

from pan123_tui.domain.errors import ProblemKind, StoreVersionTooNew
from pan123_tui.domain.task import Task
from pan123_tui.store.atomic_storage import DamagedFile
from pan123_tui.store.task_files import Meta, decode_tables, encode
from pan123_tui.store.task_store import TaskStore
from tests.store.store_samples import any_task, plain_task


def tables(*documents: dict[str, Any], **meta: Any) -> dict[str, dict[str, Raw]]:
    """Return the tables of a file with `documents`."""
    return {
        "tasks": {str(d.get("id", 99)): Raw(msgspec.json.encode(d)) for d in documents},
        "meta": {"1": Raw(msgspec.json.encode({"schema_version": 1} | meta))},
    }


def document(task: Task, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(bytes(encode(task)))
    return found | changes


def test_fields_of_a_newer_version_are_ignored_and_missing_ones_have_their_defaults() -> None:
    task = plain_task(3)
    assert decode_tables(tables(document(task, colour="blue"))).tasks == {3: task}
    least = {"tasks": {"3": Raw(b'{"id": 3, "url": "http://h", "created_at": 5}')}}
    contents = decode_tables(least)
    assert contents.tasks == {3: Task(id=3, url="http://h", created_at=5.0)}
    assert contents.meta == Meta()


@settings(max_examples=50)
@given(any_task(st.integers(1, 2**53)))
def test_any_task_comes_back(task: Task) -> None:
    assert decode_tables({"tasks": {str(task.id): encode(task)}}).tasks == {task.id: task}


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
def test_a_document_of_wrong_types_is_quarantined_alone(wrong: dict[str, Any]) -> None:
    contents = decode_tables(tables(document(plain_task(1)), document(plain_task(2), **wrong)))
    assert contents.tasks == {1: plain_task(1)}
    [invalid_record] = [json.loads(bytes(raw)) for raw in contents.quarantine]
    assert invalid_record["document"] == document(plain_task(2), **wrong)
    assert contents.invalid_keys == (invalid_record["key"],)
    assert invalid_record["reason"]


def test_a_document_under_another_id_is_quarantined() -> None:
    contents = decode_tables({"tasks": {"5": encode(plain_task(6))}})
    assert contents.tasks == contents.documents == {}
    assert contents.invalid_keys == ("5",)
    [invalid_record] = contents.quarantine
    assert json.loads(bytes(invalid_record))["reason"] == "the id 6 stands under 5"


def test_a_document_that_is_not_utf8_is_kept_as_readable_text() -> None:
    raw = Raw(bytes(encode(plain_task(1))).replace(b".mkv", b"\xff\xfe"))
    [invalid_record] = decode_tables({"tasks": {"1": raw}}).quarantine
    assert "\ufffd" in json.loads(bytes(invalid_record))["document"]


def test_what_was_in_the_quarantine_stays_there() -> None:
    kept = Raw(b'{"key":"4","reason":"wrong","document":7}')
    contents = decode_tables(tables() | {"quarantine": {"1": kept}})
    assert contents.quarantine == (kept,)
    assert contents.invalid_keys == ()


def test_a_newer_schema_is_refused() -> None:
    with pytest.raises(StoreVersionTooNew, match="schema 2, this program knows 1"):
        decode_tables(tables(schema_version=2, next_id="of another type"))


@pytest.mark.parametrize("meta", [{"schema_version": "1"}, {"next_id": "x"}, {"removed": 3}])
def test_invalid_meta_is_damage(meta: dict[str, Any]) -> None:
    with pytest.raises(DamagedFile, match=r"table meta: .*Expected"):
        decode_tables(tables(**meta))


def test_documents_that_are_trusted_are_not_checked_again_and_keep_the_quarantine() -> None:
    archive = tables({"id": 4, "url": 7}) | {"quarantine": {"1": Raw(b'{"key":"9"}')}}
    contents = decode_tables(archive, is_trusted=True)
    assert (list(contents.documents), contents.tasks) == ([4], {})
    assert contents.quarantine == (Raw(b'{"key":"9"}'),)
    assert decode_tables({"meta": archive["meta"]}, is_trusted=True).documents == {}
    assert decode_tables(archive).invalid_keys == ("4",)


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
    assert json.loads(bytes(encode(task))) == written
    assert store.new_ids(1) == range(3, 4)


def test_every_stored_problem_of_version_0_1_0_has_a_kind() -> None:
    assert set(PROBLEM_KINDS.split()) <= set(ProblemKind)
