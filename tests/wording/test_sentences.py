"""Each thing that is said in one way only, in both languages: `sentences.md` has them all."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from pan123_tui import i18n
from pan123_tui.client.ssh import SshTarget
from pan123_tui.domain.arrival_check import confirm
from pan123_tui.domain.batches import BatchResult, batch_term, time_name
from pan123_tui.domain.commands import DownloadLink
from pan123_tui.domain.credentials import AccountKind
from pan123_tui.domain.errors import (
    HostTrouble,
    HostUnreachable,
    Problem,
    ProblemKind,
    RequestTrouble,
)
from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.filter import parse
from pan123_tui.domain.folders import FolderSearch
from pan123_tui.domain.links.extractor import extract
from pan123_tui.domain.links.file_names import NameFault
from pan123_tui.domain.links.probes import ProbeResult, ProbeStatus
from pan123_tui.domain.links.review import ReviewRow, judge, toggled, with_test
from pan123_tui.domain.links.url import Doubt, RejectionReason
from pan123_tui.domain.query import View
from pan123_tui.domain.task import (
    SOUGHT_FOR_S,
    ArrivalCheck,
    ArrivalStatus,
    AutoRetry,
    Shown,
    Task,
    TaskState,
    TimelineEntry,
)
from pan123_tui.system.push import PushFailure, PushTrouble
from pan123_tui.wording import actions, dashboard, engine, formats, inputs, notes
from pan123_tui.wording.accounts import WAYS
from pan123_tui.wording.link_tests import link_check_text
from pan123_tui.wording.problems import explain_problem, short_reason
from tests.wording.test_notes import NOTES

FOLDER_GONE = Problem(ProblemKind.FOLDER_MISSING)
LINK = "https://files.example.com/s/1AbC"
REDIRECT = "https://link.zhihu.com/?target=https%3A//files.example.com/paper.pdf"
SENTENCES = Path(__file__).with_name("sentences.md")
Sentences = Mapping[str, Callable[[], str]]


def a_task(state: TaskState = TaskState.SUCCEEDED, url: str = LINK) -> Task:
    return Task(id=1, url=url, created_at=1.0, state=state)


def explained(problem: Problem, state: TaskState | None = None) -> str:
    return explain_problem(problem, state).text


def problems() -> Iterator[tuple[str, Callable[[], str]]]:
    """Yield what is said of each problem, and where its task's state makes that another text."""
    for kind in ProblemKind:
        variables = {
            ProblemKind.OTHER_LOGIN: "X_TOKEN",
            ProblemKind.ENVIRONMENT_UNUSABLE: "https_proxy",
        }
        problem = Problem(kind, variable=variables.get(kind, ""))
        by_text: dict[str, list[TaskState]] = {}
        for state in (TaskState.QUEUED, TaskState.RUNNING, TaskState.RETRYING, TaskState.FAILED):
            by_text.setdefault(explained(problem, state), []).append(state)
        yield kind.value, partial(explained, problem)
        for text, states in by_text.items():
            if text != explained(problem):
                yield ", ".join((kind, *states)), partial(explained, problem, states[0])
    for why in RequestTrouble:
        problem = Problem(ProblemKind.REQUEST_NOT_SENT, why.value)
        yield f"{problem.kind}: {why.name}", partial(explained, problem)
    problem = Problem(ProblemKind.REQUEST_NOT_SENT, variable="https_proxy")
    yield f"{problem.kind} behind a proxy", partial(explained, problem)
    for kind, message, code in (
        (ProblemKind.REQUEST_REJECTED, "文件不存在", 5066),
        (ProblemKind.TOKEN_REFUSED, "tokens number has exceeded the limit", 401),
        (ProblemKind.TOKEN_REFUSED, "invalid_client", 401),
        (ProblemKind.REQUEST_REJECTED, "something new", 777),
        (ProblemKind.QUOTA_EXHAUSTED, "今日云下载次数已用完", 41006),
        (ProblemKind.QUOTA_EXHAUSTED, "", 41006),
    ):
        problem = Problem(kind, message, code, "9876-abc")
        yield f"{kind}: {message}", partial(explained, problem)
        yield f"{kind}, short: {message}", partial(short_reason, problem, TaskState.REJECTED)
    for message in ("invalid_client", "token is expired"):
        problem = Problem(ProblemKind.TOKEN_REFUSED, message, variable="X_ID, X_SECRET")
        yield f"{problem.kind} of variables: {message}", partial(explained, problem)


ROWS = {
    "new": ReviewRow(LINK),
    "skipped": ReviewRow(LINK, is_chosen=False),
    "repeated": ReviewRow(LINK, is_repeated=True, duplicate_of=1),
    "repeated, first skipped": ReviewRow(LINK, is_repeated=True),
    "repeated, kept": ReviewRow(LINK, is_repeated=True, duplicate_of=1, is_chosen=True),
    "repeated, kept, first skipped": ReviewRow(LINK, is_repeated=True, is_chosen=True),
    "mirror": ReviewRow(LINK, is_repeated=True, duplicate_of=1, is_mirror=True),
    "mirror, kept": ReviewRow(
        LINK, is_repeated=True, duplicate_of=1, is_mirror=True, is_chosen=True
    ),
    "known": ReviewRow(LINK, duplicate_of=1),
    "known, kept": ReviewRow(LINK, duplicate_of=1, is_chosen=True),
    "looked at": ReviewRow("HTTP://a.b/c", doubt=Doubt.SCHEME),
    **{it.value: ReviewRow(LINK, doubt=it) for it in Doubt},
    **{
        what: judge(extract(link), {})[0]
        for what, link in {
            "share_page": "https://pan.baidu.com/s/1AbC",
            "page": "https://example.com/",
            "page, a video": "https://www.bilibili.com/video/BV1xx",
            "expired": "https://a.b/c?Expires=1577880000&Signature=x",
            "page, a repository": "https://github.com/o/r",
            "redirect": REDIRECT,
            "redirect, unclear": "https://link.zhihu.com/?target=x",
        }.items()
    },
    "page, kept": ReviewRow(LINK, doubt=Doubt.PAGE, is_accepted=True),
    "end, known": ReviewRow(LINK, doubt=Doubt.END, duplicate_of=1),
    "end, private, password": ReviewRow("http://me:x@nas/a b", doubt=Doubt.END),
    **{
        f"tested, {it.value}": with_test(ReviewRow(LINK), ProbeResult(it, http_status, 5 * 2**30))
        for it, http_status in {
            **dict.fromkeys(ProbeStatus),
            ProbeStatus.NOT_FOUND: 404,
            ProbeStatus.LOGIN_PAGE: 401,
        }.items()
    },
    "tested, a web page": with_test(ReviewRow(LINK), ProbeResult(ProbeStatus.LOGIN_PAGE, 200)),
    "tested, size unknown": ReviewRow(LINK, test=ProbeResult(ProbeStatus.REACHABLE, 200)),
    "tested, bad, kept": toggled(
        with_test(ReviewRow(LINK), ProbeResult(ProbeStatus.NOT_FOUND, 404))
    ),
    **{it.value: ReviewRow("magnet:?xt=1", reason=it) for it in RejectionReason},
}


def introduction(way: str) -> str:
    return i18n.join_sentences(*WAYS[way].introduction.splitlines())


DENIED: Sentences = {
    "no task": lambda: actions.retry_reason([]),
    "link": lambda: actions.link_reason([a_task(url="")]),
    "retry": lambda: actions.retry_reason([a_task()]),
    "edit": lambda: actions.edit_reason([a_task()]),
    "front": lambda: actions.front_reason([a_task()]),
    "remove": lambda: actions.removal_reason([a_task(TaskState.SUBMITTING)]),
    "file, failed": lambda: actions.file_reason([a_task(TaskState.FAILED)]),
    "file, done": lambda: actions.file_reason([a_task()]),
    "poll": lambda: actions.poll_reason({}),
}
SEARCHES = {
    "nothing": FolderSearch(None, (), ("影视", "2024")),
    "a part": FolderSearch(None, ("影视", "2024"), ("05", "06")),
    "a likely name": FolderSearch(None, ("影视",), ("2o24",), ("2024",)),
    "no name": FolderSearch(None, (), ("a:b",), problem=NameFault.FORBIDDEN),
}

LOOKS = {
    "nothing": None,
    "found": ArrivalCheck(ArrivalStatus.FOUND, -1.0, "b.iso", 3072),
    "found, too small": ArrivalCheck(ArrivalStatus.TOO_SMALL, -1.0, "b.iso", 3072),
    "not found": ArrivalCheck(ArrivalStatus.NOT_FOUND, -1.0),
    "not readable": ArrivalCheck(ArrivalStatus.NOT_FOUND, -1.0, problem=FOLDER_GONE),
}
"""At a time that cannot be, so that none is said."""
NO_ACCOUNT = Status(Connection.NO_ACCOUNT)
REFUSED = Status(
    Connection.REFUSED,
    last_error=Problem(ProblemKind.TOKEN_REFUSED, variable="PAN123_ACCESS_TOKEN"),
)
LEFT: Mapping[str, dict[str, Any]] = {
    "nothing": {},
    "1 running": {"running": 1},
    "3 unsent": {"unsent": 3},
    "1 of each": {"running": 1, "unsent": 1},
    "2 and 12": {"running": 2, "unsent": 12},
    "paused": {"unsent": 2, "status": Status(is_paused=True)},
    "running, paused": {"running": 1, "unsent": 2, "status": Status(is_paused=True)},
    "no account": {"running": 2, "unsent": 1, "status": NO_ACCOUNT},
    "no account, paused": {"unsent": 1, "status": replace(NO_ACCOUNT, is_paused=True)},
    "on nas": {"running": 1, "host": "na\x1bs"},
    "no account on nas": {"unsent": 1, "status": NO_ACCOUNT, "host": "na\x1bs"},
    "refused": {"unsent": 1, "status": REFUSED},
}
COUNTS = {Shown.DONE: 41, Shown.FAILED: 3, Shown.UNSURE: 1, Shown.RUNNING: 1255}
BATCH = BatchResult("night", COUNTS, (10**9,) * 40 + (0,), is_open=False)
CONFIRMED = confirm(
    replace(a_task(TaskState.UNCONFIRMED), timeline=(TimelineEntry(1.0, TaskState.UNCONFIRMED),)),
    at=2.0,
)
REMOVED = [a_task(TaskState.RUNNING), a_task(TaskState.QUEUED), a_task(TaskState.RETRYING)]
FAILED = replace(a_task(TaskState.FAILED), fail_reason="HTTP 404")
RETRIED = replace(FAILED, auto_retry=AutoRetry(0, 3, 60.0))
NO_LINKS = [DownloadLink(n, f"{n}.mkv", problem=FOLDER_GONE) for n in (3, 5)] + [
    DownloadLink(4, "b")
]
DONE: Sentences = {
    "queued": lambda: actions.queued_text(2, 0),
    "queued, one skipped": lambda: actions.queued_text(1, 1),
    "skipped": lambda: actions.queued_text(0, 2),
    "confirmed": lambda: actions.confirmed_text(1),
    "confirmed, in the timeline": lambda: [*dashboard.step_texts(CONFIRMED.timeline)][-1],
    "search for a batch": lambda: dashboard.search_text(
        batch_term(time_name(1.0), i18n.language()),
        hits=2,
        total=3,
        is_cleared_next=False,
        is_typing=False,
    ),
    "search with a part of a word": lambda: inputs.guesses_text(parse("state:un state:排队").terms),
    "edited": lambda: actions.edit_result(2, 0),
    "edited late": lambda: actions.edit_result(0, 1),
    "edited, some late": lambda: actions.edit_result(1, 2),
    "removed": lambda: actions.removal_text([a_task()], sending=0),
    "removed, some go on": lambda: actions.removal_text(REMOVED, sending=1),
    "removed before": lambda: actions.already_removed(1),
    "unknown files": lambda: actions.unknown_files_text(2),
    "no links": lambda: " / ".join(actions.no_link_texts(NO_LINKS)),
    "no links, by name": lambda: " / ".join(actions.no_link_texts(NO_LINKS, by_name=True)),
    "draft": lambda: engine.unsent_draft(3),
    "silent engine": lambda: engine.does_not_answer("engine", 7),
    "silent watch": lambda: engine.does_not_answer("watch", 8),
    "other account": lambda: engine.keeps_account("", 7, "PAN123_ACCESS_TOKEN"),
    "folder gone": lambda: formats.missing_folders_text([7], {7: "影视"}),
    "folder gone, name unknown": lambda: formats.missing_folders_text([7], {8: "影视"}),
    "folders gone": lambda: formats.missing_folders_text([7, 8], {}),
    "batch": lambda: notes.batch_text(BATCH, 1.0),
    "batch, a file still looked for": lambda: notes.batch_text(
        replace(BATCH, sizes=(10**9,) * 39), 1.0
    ),
    "batch, all failed": lambda: notes.batch_text(
        replace(BATCH, counts={Shown.FAILED: 2}, sizes=()), 1.0
    ),
    "account": lambda: formats.account_label(AccountKind.REFRESH, "小鱼"),
    "account without a name": lambda: formats.account_label(AccountKind.PAIR, ""),
    "former account": lambda: formats.account_label(AccountKind.NONE, "小鱼"),
    "tasks": lambda: formats.count_tasks(2),
    "searched": lambda: notes.searched_note(FAILED, notes.NoteContext()),
    "searched, retried": lambda: notes.searched_note(RETRIED, notes.NoteContext()),
    "outcome": lambda: notes.outcome_text(BATCH.counts),
    "progress": lambda: notes.batch_progress_texts(BATCH.counts, 2400)[0],
    "title of a batch": lambda: notes.batch_title("night", 1.0),
    "title of a batch without a label": lambda: notes.batch_title(time_name(1.0), 1.0),
}


def left(*, has_ended: bool, **facts: Any) -> str:
    known: dict[str, Any] = {"running": 0, "unsent": 0, "status": Status()}
    return " / ".join(engine.rest_texts(**(known | facts), has_ended=has_ended))


def hosts(trouble: HostTrouble) -> str:
    command = SshTarget("nas").attempt(trouble)
    return engine.explain_host(HostUnreachable(trouble, host="nas", command=command))


def arrived(check: ArrivalCheck, *, after_s: float = SOUGHT_FOR_S) -> str:
    done = replace(a_task(), finished_at=check.at - after_s, arrival=check)
    return " / ".join(filter(None, notes.file_doubt(done)))


def looked(check: ArrivalCheck | None) -> str:
    return notes.look_text(replace(a_task(TaskState.UNCONFIRMED), arrival=check), now=1.0)


def translated(text: str) -> str:
    return i18n._(text)


SECTIONS: Mapping[str, Sentences] = {
    "Problems": dict(problems()),
    "Notes": {str(number): say for number, say in enumerate(NOTES, 1)},
    "Hosts": {it.name: partial(hosts, it) for it in HostTrouble},
    "Rows: verdict": {name: partial(inputs.verdict_text, row) for name, row in ROWS.items()}
    | {
        f"{name}, done": partial(inputs.verdict_text, ROWS[name], a_task())
        for name in ("known", "end, known")
    },
    "Rows: explanation": {name: partial(inputs.explanation, row) for name, row in ROWS.items()},
    "Typed": {str(fault): partial(translated, text) for fault, text in inputs._FAULTS.items()},
    "Folders": {
        name: partial(inputs.not_found_text, it, "Press enter to make it.")
        for name, it in SEARCHES.items()
    },
    "Link tests": {
        it.name: partial(link_check_text, ProbeResult(it, 206, 2048, "text/html", "a.example"))
        for it in ProbeStatus
    },
    "Arrivals": {
        it.value: partial(arrived, ArrivalCheck(it, 1.0, size=3072)) for it in ArrivalStatus
    }
    | {"not found yet": partial(arrived, ArrivalCheck(ArrivalStatus.NOT_FOUND, 1.0), after_s=0.0)},
    "Looks": {name: partial(looked, it) for name, it in LOOKS.items()},
    "Messages": {
        **{it.name: partial(engine.push_text, PushFailure(it), 2) for it in PushTrouble},
        "REFUSED, answered": partial(
            engine.push_text, PushFailure(PushTrouble.REFUSED, 403, "no keyword"), 2
        ),
    },
    "Words": {it.value: partial(formats.shown_label, it) for it in Shown}
    | {f"tab {it}": partial(translated, formats.VIEW_LABELS[it]) for it in View}
    | {f"account {it}": partial(translated, formats.ACCOUNT_LABELS[it]) for it in AccountKind},
    "Ways to log in": {name: partial(introduction, name) for name in WAYS},
    "Not possible": DENIED,
    "Done": DONE,
    "Left, engine goes on": {
        name: partial(left, has_ended=False, **it) for name, it in LEFT.items()
    },
    "Left, engine has ended": {
        name: partial(left, has_ended=True, **it) for name, it in LEFT.items()
    },
}


def said(sentences: Sentences) -> list[str]:
    """Return the rows of a table of `sentences`."""
    texts = []
    for language in ("en", "zh"):
        i18n.set_language(language)
        texts.append(
            [say().replace("|", "\\|").replace("\n", " / ") or "–" for say in sentences.values()]
        )
    return [f"| {key} | {en} | {zh} |" for key, en, zh in zip(sentences, *texts, strict=True)]


@pytest.mark.parametrize("section", SECTIONS)
def test_each_thing_has_its_own_sentence_in_both_languages(section: str) -> None:
    _before, _heading, rest = SENTENCES.read_text().partition(f"## {section}\n")
    written = [row for row in rest.partition("\n## ")[0].splitlines() if row.startswith("| ")]
    assert said(SECTIONS[section]) == written[1:]


def rewrite() -> None:
    """Write the sentences as they are now, to be read before they are committed."""
    lines = ["# What is said", "", "`python -m tests.wording.test_sentences` writes this anew."]
    for section, sentences in SECTIONS.items():
        head = ["", f"## {section}", "", "| of | English | 中文 |", "|---|---|---|"]
        lines += [*head, *said(sentences)]
    SENTENCES.write_text("\n".join([*lines, ""]))


if __name__ == "__main__":
    rewrite()
