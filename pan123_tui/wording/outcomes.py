"""What has become of tasks: results of link tests, arrival checks, folder searches, batches."""

from collections.abc import Mapping

from pan123_tui.domain.arrival_check import was_found
from pan123_tui.domain.batches import BatchResult
from pan123_tui.domain.link_probe import ProbeResult
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.shown import Shown
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, Task
from pan123_tui.i18n import N_, _, join_list, join_sentences, ngettext, with_aside
from pan123_tui.wording.formats import (
    batch_label,
    batch_title,
    day_and_hour,
    eta,
    number,
    shown_label,
    size,
)
from pan123_tui.wording.problems import explain_problem

_ARRIVALS: Mapping[ArrivalStatus, tuple[str, str]] = {
    ArrivalStatus.NOT_FOUND: (
        N_("not in the folder"),
        N_("Look on the drive: the file may have another name there."),
    ),
    ArrivalStatus.ERROR_PAGE: (
        N_("a web page, not a file"),
        N_("Probably an error or login page. Edit the link and retry."),
    ),
    ArrivalStatus.TOO_SMALL: (
        N_("too small: {size}"),
        N_("The file may be an error page under the right name: open it to check."),
    ),
    ArrivalStatus.BLOCKED: (
        N_("blocked by 123pan"),
        N_("The file is on the drive, but cannot be opened; the website may say why."),
    ),
}
_MAX_NAME_CELLS = 30
"""Longest name of a batch in the heading of the list."""


def link_check_text(result: ProbeResult) -> str:
    facts = [
        f"HTTP {result.http_status}" if result.http_status else "",
        sanitize(result.content_type, 60),
        size(result.size) if result.size is not None else "",
        sanitize(result.host, 80),
    ]
    return with_aside(_(result.status.value), join_list(facts))


def arrival_warning(check: ArrivalCheck) -> tuple[str, str]:
    """Return what is wrong with the file and what to do; ("", "") if nothing is."""
    if check.status not in _ARRIVALS:
        return "", ""
    what, advice = map(_, _ARRIVALS[check.status])
    return what.format(size=size(check.size)), advice


def look_text(task: Task, *, now: float) -> str:
    """Return what was found in an unconfirmed task's folder; "" if it was not searched yet."""
    check = task.arrival
    if check is None:
        return ""
    time = day_and_hour(check.at, now)
    if was_found(task):
        found = _("Found in the folder at {time}: {name}, {size}.").format(
            time=time, name=sanitize(check.name, 200), size=size(check.size)
        )
        what, advice = arrival_warning(check)
        return join_sentences(found, what and _("{what}.").format(what=what), advice)
    if check.problem is None:
        return _("Not in the folder yet, last checked at {time}.").format(time=time)
    why = explain_problem(check.problem).summary
    return _("The folder could not be read at {time}: {why}").format(time=time, why=why)


def outcome_text(counts: Mapping[Shown, int]) -> str:
    """Return how tasks have ended: "12 done, 2 failed"."""
    return join_list(shown_counts(counts, Shown.DONE, Shown.FAILED, Shown.UNSURE))


def batch_text(result: BatchResult, now: float) -> str:
    """Return how a batch has ended: "Batch 14:05: 41 done, 18 failed, 38.2 GB in 41 files".

    The files are left out while some are still being looked for: a partial sum would mislead.
    """
    found = len(result.sizes)
    files = ngettext("{size} in {count} file", "{size} in {count} files", found)
    is_all = found >= max(1, result.counts.get(Shown.DONE, 0))
    files = files.format(size=size(sum(result.sizes))) if is_all else ""
    label = sanitize(batch_label(result.name, now), 80)
    known = join_list((outcome_text(result.counts), files))
    return _("Batch {name}: {counts}").format(name=label, counts=known)


def shown_counts(counts: Mapping[Shown, int], *words: Shown) -> list[str]:
    text = _("{count} {word}")
    return [
        text.format(count=number(counts[word]), word=shown_label(word))
        for word in words
        if counts.get(word)
    ]


def batch_progress_text(
    name: str, counts: Mapping[Shown, int], now: float, *, left_s: float | None = None
) -> str:
    """Return how far a batch is: "night: 212 of 300, 3 failed, ~40 min"."""
    done, total = number(counts.get(Shown.DONE, 0)), number(sum(counts.values()))
    parts = [
        _("{hits} of {total}").format(hits=done, total=total),
        *shown_counts(counts, Shown.FAILED, Shown.UNSURE),
        "" if left_s is None else eta(left_s),
    ]
    label = sanitize(batch_title(name, now), _MAX_NAME_CELLS)
    return _("{name}: {counts}").format(name=label, counts=join_list(parts))


def since_text(since: float, counts: Mapping[Shown, int], *, now: float) -> str:
    """Return what ended while nobody looked: "Since yesterday 23:10: 41 done, 1 unsure"."""
    time = day_and_hour(since, now)
    return _("Since {time}: {counts}").format(time=time, counts=outcome_text(counts))
