"""What the screens count: the same as the commands do, and nothing that is gone."""

from typing import Any

import pytest
from msgspec.structs import replace

from pan123_tui.client.engine_client import Attachment, AttachmentState
from pan123_tui.client.protocol import Update
from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Status
from pan123_tui.domain.folders import ROOT_ID, Folder, FolderTree
from pan123_tui.domain.query import View
from pan123_tui.domain.task import (
    ArrivalCheck,
    ArrivalStatus,
    AutoRetry,
    DownloadRequest,
    Sample,
    Shown,
    Task,
    TaskState,
    count_shown,
    new_task,
)

S = TaskState


def task(number: int, state: TaskState, **facts: Any) -> Task:
    request = DownloadRequest(f"https://example.com/{number}.iso")
    return replace(new_task(request, task_id=number, at=1.0), state=state, **facts)


BLOCKED = ArrivalCheck(ArrivalStatus.BLOCKED, 1.0)
ONE_OF_EACH_KIND = [
    task(1, S.QUEUED),
    task(2, S.QUEUED, problem=Problem(ProblemKind.LINK_NOT_PARSED)),
    task(3, S.RUNNING, sent_at=1.0, checked_at=1e6, samples=(Sample(1.0, 5.0),)),
    task(4, S.SUCCEEDED, arrival=ArrivalCheck(ArrivalStatus.FOUND, 1.0)),
    task(5, S.SUCCEEDED, arrival=BLOCKED),
    task(6, S.FAILED),
]


@pytest.fixture
def model() -> TaskModel:
    """A model that has one task of each kind that is counted."""
    model = TaskModel()
    model.apply(Update(snapshot=tuple(ONE_OF_EACH_KIND), is_first=True))
    return model


def counts_of(model: TaskModel) -> tuple[int, ...]:
    assert sum(model.counts.values()) == model.views[View.ALL]
    return tuple(model.views[it] for it in (View.ALL, View.DONE, View.TROUBLE))


def test_each_task_is_counted_once_and_one_that_needs_the_user_as_trouble(model: TaskModel) -> None:
    assert model.counts == count_shown(ONE_OF_EACH_KIND)
    assert counts_of(model) == (6, 1, 2)
    doubtful = task(4, S.SUCCEEDED, arrival=BLOCKED)
    model.apply(Update(news=(doubtful,)))
    assert counts_of(model) == (6, 0, 3)
    model.apply(Update(removed=tuple(task.id for task in ONE_OF_EACH_KIND)))
    assert not any(model.counts.values())
    assert model.mean_percent is None


def test_what_comes_later_is_counted_and_is_no_news(model: TaskModel) -> None:
    later = task(7, S.SUCCEEDED), task(8, S.RUNNING, percent=50.0)
    change = model.apply(Update(snapshot=later))
    assert (counts_of(model), model.mean_percent) == ((8, 2, 2), 25.0)
    assert (change.tasks, change.moved, change.rest_loaded) == ((), (), True)


def test_the_parts_of_many_tasks_are_counted_once_at_the_end(model: TaskModel) -> None:
    model.apply(Update(snapshot=(task(7, S.SUCCEEDED),), remaining=1))
    assert counts_of(model) == (6, 1, 2)
    model.apply(Update())  # the last one is gone
    assert counts_of(model) == (7, 2, 2)


def test_what_has_ended_while_the_engine_was_lost_runs_no_more(model: TaskModel) -> None:
    assert (model.counts[Shown.RUNNING], model.mean_percent) == (1, 0.0)
    model.apply(Update(snapshot=(task(3, S.FAILED),), is_first=True))
    assert (model.counts[Shown.RUNNING], model.mean_percent, counts_of(model)) == (
        0,
        None,
        (1, 0, 1),
    )


@pytest.mark.parametrize(
    ("facts", "moves"),
    [
        ({"percent": 7.0}, False),
        ({"state": S.RETRYING}, True),
        ({"rank": -1}, True),
        ({"batch": "night"}, True),
        ({"state": S.FAILED, "auto_retry": AutoRetry(0, 3, 9.0)}, True),
    ],
)
def test_a_task_moves_in_the_list_unless_only_its_progress_has_changed(
    model: TaskModel, facts: dict[str, Any], moves: bool
) -> None:
    before = model.tasks[3]
    change = model.apply(Update(news=((now := replace(before, **facts)),)))
    assert change.moved == (((before, now),) if moves else ())
    assert change.is_more_than_progress is moves


def test_a_check_counts_only_where_it_is_later_than_what_is_known(model: TaskModel) -> None:
    for at, known in ((5.0, 1e6), (2e6, 2e6)):
        model.apply(Update(checked={3: at}))
        assert model.tasks[3].checked_at == known


def test_a_folder_is_called_by_its_path_where_that_is_known_and_else_by_its_name() -> None:
    folders = [Folder(1, "影视", ROOT_ID), Folder(2, "剧集", 1), Folder(3, "far", 99)]
    model = TaskModel()
    model.apply(Update(folders=FolderTree().with_seen(folders)))
    model.default_folder = Folder(7, "mine", ROOT_ID)
    assert model.folder_names == {7: "mine", 1: "影视", 2: "影视/剧集", 3: "far"}


def test_it_is_told_what_of_folders_and_settings_has_changed() -> None:
    model, folders = TaskModel(), FolderTree({7: Folder(7, "films", ROOT_ID)})
    changes = [
        model.apply(Update(folders=folders, status=Status(settings_revision=1))),
        model.apply(Update(folders=folders, status=Status(settings_revision=1))),
        model.apply(Update(status=Status(settings_revision=2))),
        model.apply(),
    ]
    told = [(change.folders_changed, change.settings_saved) for change in changes]
    assert told == [(True, True), (False, False), (False, True), (False, False)]
    assert model.status.settings_revision == 2


def test_what_is_tried_again_by_itself_is_not_said_once_the_engine_has_ended() -> None:
    model, problem = TaskModel(), Problem(ProblemKind.SERVICE_UNAVAILABLE)
    status = Status(hold=problem, hold_until=99.0)
    model.apply(Update(status=status), Attachment(AttachmentState.LOST))
    assert model.status == status
    model.apply(Attachment(AttachmentState.ENDED))
    assert model.status == Status()
