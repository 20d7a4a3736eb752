"""A store written by version 0.1.0 is read, and written under the same names."""

import json
from pathlib import Path

from pan123_tui.domain.errors import ProblemKind
from pan123_tui.store.task_files import encode
from pan123_tui.store.task_store import TaskStore

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
    del written["silences"]  # failed polls, which are no longer kept
    assert json.loads(bytes(encode(task))) == written
    assert store.new_ids(1) == range(3, 4)


def test_every_stored_problem_of_version_0_1_0_has_a_kind() -> None:
    assert set(PROBLEM_KINDS.split()) <= set(ProblemKind)
