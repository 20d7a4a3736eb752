"""Texts about what can be done, what was typed, and engines, beyond the table of sentences."""

from collections.abc import Callable, Mapping, Sequence

import pytest
from msgspec.structs import replace

from pan123_tui.domain.batches import BatchResult
from pan123_tui.domain.errors import HostTrouble, HostUnreachable, Problem, ProblemKind
from pan123_tui.domain.events import Status
from pan123_tui.domain.filter import FIELD_WORDS, FilterSyntaxError
from pan123_tui.domain.folders import FolderSearch
from pan123_tui.domain.links.probes import ProbeResult, ProbeStatus
from pan123_tui.domain.selection import parse_selection
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, Shown, Task, TaskState
from pan123_tui.wording import actions, notes
from pan123_tui.wording.engine import explain_host, program_name, rest_texts
from pan123_tui.wording.formats import missing_folders_text
from pan123_tui.wording.inputs import filter_faults, not_found_text, selection_error_text
from pan123_tui.wording.link_tests import link_check_text
from pan123_tui.wording.problems import explain_problem, short_reason
from tests.samples import a_task

S = TaskState
POSSIBLE: list[tuple[Callable[[Sequence[Task]], str], set[TaskState]]] = [
    (actions.retry_reason, {S.FAILED, S.REJECTED, S.MISSING, S.UNCONFIRMED}),
    (actions.edit_reason, {S.QUEUED, S.FAILED, S.REJECTED}),
    (actions.front_reason, {S.QUEUED}),
    (actions.removal_reason, set(S) - {S.SUBMITTING}),
]


@pytest.mark.parametrize(("reason", "states"), POSSIBLE)
def test_an_action_is_possible_if_one_of_the_tasks_allows_it(
    reason: Callable[[Sequence[Task]], str], states: set[TaskState]
) -> None:
    assert {state for state in S if not reason([a_task(1, state)])} == states
    assert not reason([a_task(1, state) for state in S])
    assert reason([]) == actions.no_task_reason()


def test_where_a_file_may_be_found_the_key_that_looks_for_it_is_named() -> None:
    named = {state for state in S if "f5" in actions.file_reason([a_task(1, state)])}
    assert named == {S.SUCCEEDED, S.UNCONFIRMED}
    assert not actions.file_reason([a_task(1, S.FAILED), a_task(1, S.SUCCEEDED, file_id=7)])


def test_only_what_is_queued_or_runs_can_be_checked() -> None:
    checked = {word for word in Shown if not actions.poll_reason({word: 1})}
    assert checked == {Shown.QUEUED, Shown.RUNNING}


NO_FIELD = f"no such field; use quotes to search for the text, or one of {', '.join(FIELD_WORDS)}"


def test_a_fault_is_said_with_its_place() -> None:
    assert filter_faults("iso size>2") == [(4, 10, "this must be a size such as 500MB or 1.5GB")]


@pytest.mark.parametrize(
    ("line", "typed", "done"),
    [("state:", 0, 1), ("a -", 0, 1), ("state: name:", 1, 2), ("host: ", 1, 1), ("size>x", 1, 1)],
)
def test_a_value_that_is_still_to_be_typed_is_no_fault(line: str, typed: int, done: int) -> None:
    assert len(filter_faults(line, is_typed=True)) == typed
    assert len(filter_faults(line)) == done


def test_the_states_of_a_fault_can_be_typed_as_they_stand_there() -> None:
    ((_start, _end, reason),) = filter_faults("state:held")
    words = reason.removeprefix("no such state; the states are ").split(", ")
    assert words[:2] == ["queued", "sending"]
    assert not any(filter_faults(f"state:{word}") for word in words)


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("age<2", "“age<2”: this must be a time such as 30s, 5m, 2h, 3d or 1w. Example: it 12"),
        ("stat:x", f"“stat:x”: {NO_FIELD}. Example: it 12"),
        ("stat:\x1b[31m", "“stat:\\x1b[31m”: no such field"),
    ],
)
def test_a_word_of_a_command_that_is_wrong_is_named_with_an_example(word: str, text: str) -> None:
    with pytest.raises(FilterSyntaxError) as caught:
        parse_selection([word])
    assert selection_error_text(caught.value, "it 12").startswith(text)


@pytest.mark.parametrize(
    ("program", "pid", "name"),
    [
        ("engine", 7, "The engine (pid 7)"),
        ("watch", 7, "pan123-tui watch (pid 7)"),
        ("", 7, "Another pan123-tui (pid 7)"),
        ("one of tomorrow", 7, "Another pan123-tui (pid 7)"),
    ],
)
def test_a_holder_is_named_with_its_number(program: str, pid: int, name: str) -> None:
    assert program_name(program, pid) == name


EVIL, TAMED = "a\x1b[31m\nb\u202e", "a\\x1b[31m\\nb\\u202e"
FOUND = ArrivalCheck(ArrivalStatus.FOUND, 1.0, EVIL, 2)
FROM_OUTSIDE: Mapping[str, Callable[[], str]] = {
    "host": lambda: explain_host(HostUnreachable(HostTrouble.SSH_FAILED, host=EVIL)),
    "host of the engine": lambda: " ".join(
        rest_texts(Status(), running=1, unsent=0, has_ended=False, host=EVIL)
    ),
    "folder that is gone": lambda: missing_folders_text([7], {7: EVIL}),
    "folder in a path": lambda: not_found_text(FolderSearch(None, (EVIL,), ("x",))),
    "folder not found": lambda: not_found_text(FolderSearch(None, (), (EVIL,))),
    "folder like it": lambda: not_found_text(FolderSearch(None, (), (EVIL,), (EVIL,))),
    "folder in a note": lambda: notes.note(
        a_task(folder_id=7),
        notes.NoteContext(status=Status(missing_folders=(7,)), folder_names={7: EVIL}),
    ),
    "kind of file": lambda: link_check_text(ProbeResult(ProbeStatus.REACHABLE, content_type=EVIL)),
    "host of a link": lambda: link_check_text(ProbeResult(ProbeStatus.REACHABLE, host=EVIL)),
    "file that was found": lambda: notes.look_text(
        replace(a_task(1, S.UNCONFIRMED), arrival=FOUND), now=2.0
    ),
    "batch": lambda: notes.batch_text(BatchResult(EVIL, {Shown.DONE: 1}, (), is_open=False), 1.0),
    "title of a batch": lambda: notes.batch_title(EVIL, 1.0),
    "reason of the source": lambda: notes.failure_reason(
        replace(a_task(1, S.FAILED), fail_reason=EVIL)
    ),
    "message": lambda: explain_problem(Problem(ProblemKind.INTERNAL, EVIL)).text,
    "message as the reason": lambda: short_reason(
        Problem(ProblemKind.REQUEST_REJECTED, EVIL), S.REJECTED
    ),
    "trace ID": lambda: explain_problem(Problem(ProblemKind.INTERNAL, trace_id=EVIL)).details,
    "variable": lambda: explain_problem(Problem(ProblemKind.TOKEN_REFUSED, variable=EVIL)).text,
}


@pytest.mark.parametrize("said", FROM_OUTSIDE.values(), ids=FROM_OUTSIDE)
def test_words_from_outside_are_shown_and_do_nothing(said: Callable[[], str]) -> None:
    text = said()
    assert TAMED in text
    assert text.isprintable()
