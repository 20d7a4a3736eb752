"""The words for how a task stands: those of the tabs and of the list, in English and Chinese.

A word means the same in the list, after `state:` in a filter, and after `list --state`.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from pan123_tui.domain.arrival_check import was_found
from pan123_tui.domain.errors import ProblemKind
from pan123_tui.domain.forecast import is_stalled
from pan123_tui.domain.task import WAITING_STATES, ArrivalStatus, Task, TaskState

StateTest = Callable[[Task], bool]
"""Tells whether a word fits a task."""


def _is(state: TaskState) -> StateTest:
    return lambda task: task.state is state


def _waits_for(kind: ProblemKind) -> StateTest:
    return lambda task: (
        task.state is TaskState.QUEUED and task.problem is not None and task.problem.kind is kind
    )


def _doubted(status: ArrivalStatus) -> StateTest:
    return lambda task: (
        task.is_doubtful and task.arrival is not None and task.arrival.status is status
    )


_STATES: Mapping[str, tuple[str, StateTest]] = {
    "active": ("进行中", lambda task: task.is_active),
    "waiting": ("待处理", lambda task: task.state in WAITING_STATES),
    "failed": ("失败", lambda task: task.has_failed),
    "succeeded": (
        "成功",
        lambda task: task.state is TaskState.SUCCEEDED and not task.is_doubtful,
    ),
    "stalled": ("停滞", is_stalled),
    "finished": ("已结束", lambda task: task.is_finished),
    "queued": ("排队中", _is(TaskState.QUEUED)),
    "next try": ("待重试", _waits_for(ProblemKind.LINK_NOT_PARSED)),
    "no folder": ("缺文件夹", _waits_for(ProblemKind.FOLDER_MISSING)),
    "submitting": ("提交中", _is(TaskState.SUBMITTING)),
    "unconfirmed": ("待确认", _is(TaskState.UNCONFIRMED)),
    "found there": (
        "已找到",
        lambda task: task.state is TaskState.UNCONFIRMED and was_found(task),
    ),
    "running": ("进行中", _is(TaskState.RUNNING)),
    "retrying": ("重试中", _is(TaskState.RETRYING)),
    "doubtful": ("存疑", lambda task: task.is_doubtful),
    "not found": ("未找到", _doubted(ArrivalStatus.NOT_FOUND)),
    "web page": ("网页", _doubted(ArrivalStatus.ERROR_PAGE)),
    "too small": ("太小", _doubted(ArrivalStatus.TOO_SMALL)),
    "blocked": ("已屏蔽", _doubted(ArrivalStatus.BLOCKED)),
    "rejected": ("被拒绝", _is(TaskState.REJECTED)),
    "missing": ("已丢失", _is(TaskState.MISSING)),
}
"""The titles of the tabs, which come first, and the words of the list in the order of a life.

`failed` and `succeeded` are what these tabs show.
"""
STATE_WORDS: Mapping[str, str] = {word: chinese for word, (chinese, _) in _STATES.items()}
"""English word → Chinese word."""
_OF_CHECKS = {
    "found there",
    "not found",
    "web page",
    "too small",
    "blocked",
}
OFFERED_STATES: Mapping[str, str] = {
    word: chinese for word, chinese in STATE_WORDS.items() if word not in _OF_CHECKS
}
"""Those that helps and completions list; all 22 would fill a small screen."""

_SHOWN_SIGN = re.compile(r"^[\Wx0]\s+")
"""The sign of a state; x and 0 are those of failed and missing in ASCII."""


def state_tests(word: str) -> Sequence[StateTest]:
    """Return the tests for what `word` means, one of which must hold; empty if it is unknown.

    A Chinese word may stand for two English ones. The sign that the list shows before it is not
    part of it.
    """
    word = _SHOWN_SIGN.sub("", word.casefold().strip())
    return [test for english, (chinese, test) in _STATES.items() if word in (english, chinese)]
