"""A link that has left the list is not sent again unasked, a month later and after a crash."""

import time

from pan123_tui.domain.task import DownloadRequest, TaskState, new_task, transition
from tests.journey.terminal import Terminal
from tests.service.server import SimulatorServer
from tests.shell import Shell

LINKS = [f"https://example.com/fast/good/{word}.zip" for word in ("first", "second", "third")]
MONTH_S = 30 * 86_400


def sent_a_month_ago(shell: Shell) -> None:
    """Write three tasks that were done then."""
    at = time.time() - MONTH_S
    tasks = []
    for number, link in enumerate(LINKS, start=1):
        task = new_task(DownloadRequest(link), task_id=number, at=at - 9)
        task = transition(task, TaskState.SUBMITTING, at=at - 8)
        task = transition(task, TaskState.RUNNING, at=at - 7, task_id=number)
        tasks.append(transition(task, TaskState.SUCCEEDED, at=at, finished_at=at))
    shell.store(*tasks)


def test_what_was_sent_a_month_ago_is_skipped_on_screen_and_in_a_shell(
    shell: Shell, service: SimulatorServer
) -> None:
    sent_a_month_ago(shell)
    with Terminal(environ=shell.environ) as terminal:
        terminal.sees("third.zip")
        terminal.press("d", "c")
        terminal.misses("third.zip")
        terminal.misses("first.zip")
        terminal.press("q")
    assert shell.call("list", "--json").json == []
    day = time.strftime("%m-%d", time.localtime(time.time() - MONTH_S))
    with Terminal(environ=shell.environ) as terminal:
        terminal.paste("\n".join(LINKS))
        terminal.sees(day, "done")
        terminal.sees("3 sent before")
        terminal.press("ctrl+s", "escape", "q")
    added = shell.call("add", *LINKS)
    assert (added.code, added.out) == (0, "")
    assert added.err.count("--again sends it again") == 3
    assert service.world.stats.creates == {}
    assert shell.call("add", LINKS[0], "--again", "--wait").code == 0
    assert service.world.stats.creates == {LINKS[0]: 1}
