"""A task survives its document, and an invalid document affects no other."""

import json
import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw
from msgspec.structs import replace

from pan123_tui.domain.errors import StoreVersionTooNew
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, Sample, Task, TaskState
from pan123_tui.store import schema
from pan123_tui.store.atomic_storage import DamagedFile
from pan123_tui.store.schema import (
    Meta,
    decode_tables,
    encode_meta,
    encode_task,
)
from tests.store.store_samples import any_task, plain_task


def tables(*documents: dict[str, Any], **meta: Any) -> dict[str, dict[str, Raw]]:
    """Return the tables of a file with `documents`."""
    return {
        "tasks": {str(d.get("id", 99)): Raw(msgspec.json.encode(d)) for d in documents},
        "meta": {"1": Raw(msgspec.json.encode({"schema_version": 1} | meta))},
    }


def document(task: Task, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(bytes(encode_task(task)))
    return found | changes


def read_back(task: Task) -> Task:
    return decode_tables({"tasks": {str(task.id): encode_task(task)}}).tasks[task.id]


@given(any_task(st.just(7)))
def test_any_task_survives_the_round_trip(task: Task) -> None:
    found = read_back(task)
    assert found == task
    assert found.checked_at == task.checked_at
    assert isinstance(found.state, TaskState)


@given(any_task(st.just(7)))
def test_a_document_is_plain_json(task: Task) -> None:
    assert json.loads(bytes(encode_task(task)))["id"] == 7


def test_text_of_ten_megabytes_survives() -> None:
    task = replace(plain_task(1), url="http://h/" + "长" * 3_500_000)
    assert read_back(task) == task


@given(st.text(st.characters(categories=("Cs", "Lu")), min_size=1))
def test_lone_surrogates_become_replacement_characters(text: str) -> None:
    found = read_back(replace(plain_task(1), name=text))
    assert len(found.name) == len(text)
    assert found.name == "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_cannot_hold_becomes_zero(number: float) -> None:
    arrival = ArrivalCheck(ArrivalStatus.FOUND, at=number)
    task = replace(plain_task(1), percent=number, samples=(Sample(1.0, number),), arrival=arrival)
    assert read_back(task) == replace(
        task, percent=0.0, samples=(Sample(1.0, 0.0),), arrival=replace(arrival, at=0.0)
    )


def test_fields_of_a_newer_version_are_ignored() -> None:
    task = plain_task(3)
    assert decode_tables(tables(document(task, colour="blue"))).tasks == {3: task}


def test_missing_fields_have_their_defaults() -> None:
    contents = decode_tables(tables({"id": 3, "url": "http://h", "created_at": 5}))
    assert contents.tasks == {3: Task(id=3, url="http://h", created_at=5.0)}


def test_a_link_that_a_former_version_held_is_queued_like_any_other() -> None:
    queued = plain_task(3, TaskState.QUEUED)
    (task,) = decode_tables(tables(document(queued, held=True))).tasks.values()
    assert task == queued


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
    ],
)
def test_a_document_of_wrong_types_is_quarantined_and_affects_no_other(
    wrong: dict[str, Any],
) -> None:
    contents = decode_tables(tables(document(plain_task(1)), document(plain_task(2), **wrong)))
    assert contents.tasks == {1: plain_task(1)}
    [invalid_record] = [json.loads(bytes(raw)) for raw in contents.quarantine]
    assert invalid_record["document"] == document(plain_task(2), **wrong)
    assert contents.invalid_keys == (invalid_record["key"],)
    assert invalid_record["reason"]


def test_a_document_under_another_id_is_quarantined() -> None:
    contents = decode_tables({"tasks": {"5": encode_task(plain_task(6))}})
    assert contents.tasks == contents.documents == {}
    assert contents.invalid_keys == ("5",)
    [invalid_record] = contents.quarantine
    assert json.loads(bytes(invalid_record))["reason"] == "the id 6 stands under 5"


def test_a_document_that_is_not_utf8_is_kept_as_readable_text() -> None:
    raw = Raw(bytes(encode_task(plain_task(1))).replace(b".mkv", b"\xff\xfe"))
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


@pytest.mark.parametrize(
    "meta", [{"schema_version": "1"}, {"schema_version": 0}, {"next_id": "x"}, {"removed": 3}]
)
def test_invalid_meta_is_damage(meta: dict[str, Any]) -> None:
    with pytest.raises(DamagedFile):
        decode_tables(tables(**meta))


@pytest.mark.parametrize(
    ("meta", "why"),
    [(b'{"schema_version": "1"}', "version '1'"), (b"[]", "Expected `object`")],
)
def test_damage_of_meta_says_what_is_wrong(meta: bytes, why: str) -> None:
    with pytest.raises(DamagedFile, match=f"table meta: .*{why}"):
        decode_tables({"meta": {"1": Raw(meta)}})


def test_without_meta_the_tasks_are_accepted() -> None:
    contents = decode_tables({"tasks": {"1": encode_task(plain_task(1))}})
    assert contents.meta == Meta()
    assert contents.tasks == {1: plain_task(1)}


def test_meta_survives_the_round_trip() -> None:
    meta = Meta(next_id=77, removed=(3, 5))
    assert decode_tables({"meta": {"1": encode_meta(meta)}}).meta == meta


def test_an_older_schema_is_upgraded_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    def name_the_link(old: schema.Tables) -> schema.Tables:
        for found in old["tasks"].values():
            found["url"] = found.pop("link")
        old["meta"]["1"]["next_id"] = old["meta"]["1"].pop("next")
        return old

    def refuse(old: schema.Tables) -> schema.Tables:
        raise ValueError("not this one")

    monkeypatch.setattr(schema, "UPGRADES", {0: name_the_link})
    old = tables({"id": 4, "link": "http://h", "created_at": 1.0}, schema_version=0, next=9)
    contents = decode_tables(old)
    assert contents.tasks == {4: Task(id=4, url="http://h", created_at=1.0)}
    assert contents.meta == Meta(next_id=9)
    archive = decode_tables(old, is_trusted=True)
    assert decode_tables({"tasks": {"4": archive.documents[4]}}).tasks == contents.tasks
    upgrades = {0: refuse, 1: name_the_link}
    monkeypatch.setattr(schema, "UPGRADES", upgrades)
    monkeypatch.setattr(schema, "SCHEMA_VERSION", 2)
    old = tables({"id": 4, "link": "http://h", "created_at": 1.0}, schema_version=1, next=9)
    assert decode_tables(old).tasks == contents.tasks, "the steps of older versions are left out"


def test_documents_that_are_trusted_are_not_checked_again_and_keep_the_quarantine() -> None:
    archive = tables({"id": 4, "url": 7}) | {"quarantine": {"1": Raw(b'{"key":"9"}')}}
    contents = decode_tables(archive, is_trusted=True)
    assert (list(contents.documents), contents.tasks) == ([4], {})
    assert contents.quarantine == (Raw(b'{"key":"9"}'),)
    assert decode_tables({"meta": archive["meta"]}, is_trusted=True).documents == {}
    assert decode_tables(archive).invalid_keys == ("4",)
