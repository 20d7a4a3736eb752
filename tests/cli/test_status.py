"""`status` of an engine that begins, and what the commands of one task say."""

import shutil
import sys
from unittest.mock import Mock

import pytest
from msgspec.structs import replace

from pan123_tui.bootstrap import load_context
from pan123_tui.cli.remote import Effect
from pan123_tui.cli.selection import Known
from pan123_tui.cli.status import Found, _print_lines, found_document
from pan123_tui.client.protocol import Hello
from pan123_tui.domain.errors import Problem, ProblemKind, StoreUnwritable
from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.task import TaskState
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.system.folder_lock import FolderLock
from pan123_tui.wording.notes import NoteContext
from pan123_tui.wording.problems import explain_problem
from tests.samples import a_task
from tests.service.server import SimulatorServer
from tests.shell import Shell

URL = "https://example.com/fast/a.iso"


def test_a_deaf_engine_does_not_answer(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    with FolderLock(shell.data, program="engine"):
        monkeypatch.setattr("pan123_tui.cli.remote.START_TIMEOUT_S", 0.1)
        ran = shell.call("status")
        assert (ran.code, "does not answer" in ran.out) == (4, True)


def test_a_paused_queue_is_not_said_to_wait_and_an_unreached_service_is_named_once(
    idle: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    context, problem = load_context(idle.environ), Problem(ProblemKind.SERVICE_UNAVAILABLE)
    for is_paused in (True, False):
        status = Status(Connection.TROUBLE, hold=problem, last_error=problem, is_paused=is_paused)
        status = replace(status, missing_folders=(7,))
        notes = NoteContext(folder_names={7: "影视/动画"})
        _print_lines(Found(context, 1, "engine", Known(TaskCollection(), status, notes)))
        out = capsys.readouterr().out
        assert "folder 影视/动画 is gone" in out
        assert ("Sending is paused" in out, "The queue waits" in out) == (is_paused, not is_paused)
        assert out.count(explain_problem(problem, TaskState.RUNNING).text[:20]) == 1


def test_the_rates_in_use_are_told_as_links_a_second_and_as_the_time_between_two(
    idle: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    status, hello = Status(create_interval_s=2.5, polls_per_s=4.0), Hello(id="run")
    known = Known(TaskCollection(), status, NoteContext(), hello)
    found = Found(load_context(idle.environ), 1, "engine", known)
    facts = found_document(found)
    assert (facts["links_per_s"], facts["checks_per_s"]) == (0.4, 4.0)
    _print_lines(found)
    assert "At most 4 checks a second, a link every 2.5 s\n" in capsys.readouterr().out


def test_a_failure_without_a_known_link_is_not_retried_without_a_word(shell: Shell) -> None:
    shell.store(a_task(1, url="", name="theirs.iso", task_id=5, state=TaskState.FAILED))
    ran = shell.call("retry", "1")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("Task 1 (failed): there is nothing to retry.")


def test_a_test_message_needs_an_address_and_names_the_one_that_it_did_not_reach(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = shell.call("doctor", "--push")
    assert (ran.code, "contains no address" in ran.err) == (2, True)
    shell.configure('[notify]\npush = ["json://127.0.0.1:9/s3cret"]\n')
    ran = shell.call("doctor", "--push")
    assert (ran.code, ran.out) == (1, "")
    said = "Push failed: The connection was refused. Check address 1 in notify.push.\n"
    assert ran.err == said
    assert "\npush  " not in shell.call("doctor").out
    monkeypatch.setitem(sys.modules, "apprise", None)
    assert "push           Messages need apprise" in shell.call("doctor").out
    send = Mock(return_value={})
    monkeypatch.setattr("pan123_tui.cli.doctor.send_message", send)
    config = shell.folder / "config"
    work = config / "profiles" / "work"
    work.mkdir(parents=True)
    shutil.copy(config / "config.toml", work)
    ran = shell.call("doctor", "--push", "--profile", "work")
    assert (ran.code, ran.err) == (0, "The message was sent.\n")
    assert send.call_args.args[1] == "pan123-tui · work"


def test_a_store_that_cannot_be_read_is_named_for_its_profile_and_completes_nothing(
    idle: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    idle.queue(URL)
    monkeypatch.setattr("pan123_tui.store.task_files.TaskFiles.load", refuse)
    ran = idle.call("status", "--all-profiles")
    assert (ran.code, "Permission denied" in ran.out) == (0, True)
    assert "tasks          StoreUnwritable: Permission denied" in idle.call("doctor").out
    assert idle.complete("fish", "list", "batch:") == []


def refuse(*_arguments: object, **_options: bool) -> None:
    raise StoreUnwritable("Permission denied")


def test_links_at_the_front_are_sent_first(shell: Shell, service: SimulatorServer) -> None:
    shell.call("pause")
    shell.call("add", URL)
    shell.call("add", *(f"https://example.com/fast/{n}.iso" for n in "bc"), "--front")
    assert [task["place"] for task in shell.tasks()] == [3, 1, 2]
    assert shell.call("list", "1", "--json").json[0]["place"] == 3
    shell.call("resume")
    assert shell.call("wait", "all").code == 0
    assert [task.request.url[-5:] for task in service.world.tasks()] == ["b.iso", "c.iso", "a.iso"]


@pytest.mark.parametrize("command", ["retry 1", "confirm 2", "remove 1", "resume"])
def test_unsaved_work_fails(idle: Shell, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    tasks = a_task(1, TaskState.FAILED), a_task(2, TaskState.UNCONFIRMED)
    idle.store(*tasks)
    result = Effect(tasks, is_saved=False, why_unsent="")
    monkeypatch.setattr("pan123_tui.cli.tasks.carry_out", lambda *_: result)
    ran = idle.call(*command.split())
    assert (ran.code, "Sending has resumed." in ran.err) == (1, False)


def test_a_link_being_sent_is_not_removed(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    sending, queued = (a_task(n, url=URL) for n in (1, 2))
    shell.store(sending, queued)
    result = Effect((queued,), is_saved=True, why_unsent="")
    monkeypatch.setattr("pan123_tui.cli.tasks.carry_out", lambda *_: result)
    ran = shell.call("remove", "1", "2")
    assert ran.code == 1
    removed, sent = ran.err.splitlines()
    assert removed == "1 task removed. To undo this, give the links to “add --again”."
    assert sent == "Task 1 is being sent right now: try again."


def test_address_and_secret_for_the_browser_are_printed_and_whether_they_are_in_use(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "switch on" in shell.call("status", "--secret").err
    shell.configure('[aria2]\nenabled = true\nlisten = "0.0.0.0:6811"\n')
    url = "http://<IP of this machine>:6811/jsonrpc"
    (shell.folder / "config" / "aria2-secret").write_text("s3cret\n")
    ran = shell.call("status", "--secret")
    assert (ran.code, ran.out) == (1, f"{url}\ns3cret\n")
    assert "not taken at the moment" in ran.err
    taken = Problem(ProblemKind.ARIA2_UNUSABLE, "0.0.0.0:6811: Address already in use")
    known = Known(TaskCollection(), Status(notice=taken), NoteContext())
    monkeypatch.setattr("pan123_tui.cli.status.load_known", lambda _context: known)
    for ran in (shell.call("status", "--secret"), shell.call("status")):
        assert "choose another address" in ran.out + ran.err
        assert "“0.0.0.0:6811: Address already in use”" in ran.out + ran.err
    known = Known(TaskCollection(), Status(listens_at="0.0.0.0:6811"), NoteContext())
    assert (shell.call("status", "--secret").code, shell.call("status", "--secret").err) == (0, "")
    assert "s3cret" not in shell.call("status").out
