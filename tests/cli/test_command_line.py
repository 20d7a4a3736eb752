"""Every command against the simulator.

What is about processes runs in one of its own, and so does a Chinese help, whose texts are those
of the language at the start. The others have the engine in a thread of this process.
"""

import asyncio
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

from pan123_tui import bootstrap
from pan123_tui.cli.engine_process import EngineProcess
from pan123_tui.cli.output import ProgressPrinter
from pan123_tui.client import engine_client as client
from pan123_tui.domain.events import Status
from pan123_tui.domain.sanitize import width
from pan123_tui.domain.task import Task
from pan123_tui.engine.queue_hold import FIRST_REFUSED_S
from pan123_tui.simulator.accounts import CLIENT_ID, CLIENT_SECRET
from pan123_tui.simulator.faults import FaultKind
from pan123_tui.simulator.oauth import APP_ID, REFRESH_TOKEN
from pan123_tui.simulator.server import SimulatorServer
from pan123_tui.simulator.world import FOLDER_ID
from tests.engine_stage import generous_world
from tests.shell import HANDLED_SIGNALS, PATIENCE_S, Shell

URL = "https://example.com/fast/a.iso"
OTHER = "https://example.com/fast/b.iso"
FIELDS = (
    *("id", "url", "name", "state", "percent", "task_id", "folder_id", "created_at", "sent_at"),
    *("finished_at", "checked_at", "message", "code", "trace_id", "fail_reason", "file_id"),
    *("history", "batch"),
)
SHORTEST_HOLD_S = FIRST_REFUSED_S / 2
COMMANDS = (
    *("add", "list", "watch", "wait", "retry", "remove", "redirect", "export", "login", "logout"),
    *("whoami", "doctor", "completions", "simulate", "status", "stop", "profiles", "folders"),
    *("confirm", "url"),
)


@pytest.fixture
def service() -> Iterator[SimulatorServer]:
    with SimulatorServer(generous_world(speed=50)) as server:
        yield server


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A user without an account: nothing moves."""
    return Shell(tmp_path, token="")


@pytest.fixture
def offline(tmp_path: Path) -> Shell:
    """A user whose service cannot be reached: each link is tried again and again."""
    return Shell(tmp_path)


@pytest.fixture
def online(tmp_path: Path, service: SimulatorServer) -> Shell:
    """A user whose service answers."""
    made = Shell(tmp_path, service.base_url)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    # The callbacks hurry the polls, and with them the tests.
    made.configure(
        "[service]\ncreate_per_s = 50\nprocess_per_s = 50\n"
        f'[callback]\nlisten = "127.0.0.1:{port}"\n'
        f'public_url = "http://127.0.0.1:{port}/pan123"\n'
    )
    return made


def test_added_links_wait_and_their_numbers_are_the_only_data(shell: Shell) -> None:
    ran = shell.call("add", URL, OTHER, "--dir", "10023")
    assert (ran.code, ran.out) == (0, "1\n2\n")
    assert (
        ran.err == "2 links queued. No account is set: run “pan123-tui login” to start sending.\n"
    )
    first, second = shell.tasks()
    assert (first["url"], second["url"]) == (URL, OTHER)
    assert first["state"] == "queued"
    assert first["folder_id"] == 10023


def test_links_come_out_of_any_text_by_pipe_and_by_file(shell: Shell) -> None:
    ran = shell.call("add", "-", stdin=f"看看这个：{URL}，解压密码 123\n".encode("gbk"))
    assert (ran.code, ran.out) == (0, "1\n")
    file = shell.folder / "links.txt"
    file.write_text(f"<a href='{OTHER}'>b</a>\nmagnet:?xt=urn:btih:1\n")
    ran = shell.call("add", "-f", str(file))
    assert (ran.code, ran.out) == (1, "2\n")
    assert "refused: magnet:?xt=urn:btih:1 (123pan's web page takes these, the open API" in ran.err
    assert [task["url"] for task in shell.tasks()] == [URL, OTHER]


def test_a_file_in_the_place_of_a_link_is_told_and_a_dash_is_the_pipe_also_after_f(
    shell: Shell,
) -> None:
    file = shell.folder / "eight.txt"
    file.write_text(URL)
    ran = shell.call("add", str(file), "x" * 5000)
    assert ran.code == 1
    assert f"“{file}” is a file: with -f before it" in ran.err
    assert shell.call("add", "-f", "-", stdin=OTHER).out == "1\n"


def test_a_link_that_a_task_has_already_is_skipped_unless_wanted_again(shell: Shell) -> None:
    shell.call("add", URL)
    ran = shell.call("add", URL, OTHER)
    assert (ran.code, ran.out) == (0, "2\n")
    assert "same as task 1, queued" in ran.err
    assert shell.call("add", URL, "--again").out == "3\n"


def test_a_dry_run_shows_what_would_be_queued_and_changes_nothing(shell: Shell) -> None:
    shell.call("add", URL)
    ran = shell.call(
        "add", "-", "--dry-run", "--json", stdin=f"{URL}\n{OTHER}\n{OTHER}\nftp://a.b/c\n"
    )
    assert ran.json == {
        "links": [
            {"url": URL, "name": "", "duplicate_of": 1},
            {"url": OTHER, "name": "", "duplicate_of": None},
            {"url": OTHER, "name": "", "duplicate_of": OTHER},
        ],
        "look": [],
        "refused": [{"text": "ftp://a.b/c", "reason": "web_page_only"}],
        "other_text": [],
    }
    assert len(shell.tasks()) == 1


def test_a_dry_run_shows_the_names_that_are_asked_for(shell: Shell) -> None:
    shell.call("add", URL)
    asked = ("add", URL, OTHER, "--name", "x-{n}{ext}", "--dry-run")
    assert shell.call(*asked).out == f"{OTHER}\n  out=x-1.iso\n"
    assert [it["name"] for it in shell.call(*asked, "--json").json["links"]] == ["", "x-1.iso"]


def test_several_links_are_named_by_a_template(shell: Shell) -> None:
    assert shell.call("add", URL, OTHER, "--name", "x-{n:03}{ext}").code == 0
    assert [task["name"] for task in shell.tasks()] == ["x-001.iso", "x-002.iso"]


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        (URL, "--dir", "0"),
        (URL, "--dir", "../x"),
        (URL, "--name", "a/b.iso"),
        (URL, OTHER, "--name", "same.iso"),
        (URL, "--callback", "ftp://a.b"),
        ("-f", "/no/such/file"),
        (URL, "--no-such-option"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(shell: Shell, arguments: tuple[str, ...]) -> None:
    ran = shell.call("add", *arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert "Traceback" not in ran.err
    assert shell.tasks() == []


def test_text_without_a_link_is_reported_and_counts_as_failed(shell: Shell) -> None:
    ran = shell.call("add", "-", stdin="roses are red\n")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "There is no link in it.\n"


def test_add_with_wait_sends_the_links_and_prints_each_result(online: Shell) -> None:
    ran = online.run("add", URL, "https://example.com/fast/fail/c.iso", "--wait")
    assert ran.code == 1
    first, second = ran.out.splitlines()
    assert "succeeded" in first
    assert "failed" in second
    ran = online.call("add", OTHER, "--wait", "--json")
    assert ran.code == 0
    assert json.loads(ran.out)["links"][0]["url"] == OTHER
    assert "succeeded" in ran.err


def refuse_b(service: SimulatorServer) -> None:
    service.world.faults.add(
        FaultKind.REFUSE, "create", times=None, match="b.iso", code=9, message="不允许"
    )


def test_watch_until_done_prints_each_change_and_ends(
    online: Shell, service: SimulatorServer
) -> None:
    refuse_b(service)
    online.queue(URL, "https://example.com/refused/b.iso")
    ran = online.run("watch", "--until-done")
    lines = ran.out.splitlines()
    assert any("running" in line for line in lines)
    assert any("succeeded" in line and "a.iso" in line for line in lines)
    (task,) = (task for task in online.tasks() if task["url"] == URL)
    assert task["state"] == "succeeded"
    assert [step["state"] for step in task["history"]][:3] == ["queued", "submitting", "running"]


def test_watch_until_done_with_nothing_to_do_ends_at_once(online: Shell) -> None:
    ran = online.call("watch", "--until-done")
    assert (ran.code, ran.out) == (0, "")


def test_a_quiet_watch_prints_only_what_went_wrong(online: Shell, service: SimulatorServer) -> None:
    refuse_b(service)
    online.queue(URL, "https://example.com/refused/b.iso")
    ran = online.call("watch", "--until-done", "--quiet")
    (line,) = ran.out.splitlines()
    assert "rejected" in line
    assert "不允许" in line
    assert ran.code == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_watch_cleanly(online: Shell, number: signal.Signals) -> None:
    with online.watching() as watch:
        online.wait_until((online.data / "engine.sock").exists)  # while it starts, it has a code
        watch.send_signal(number)
        _out, err = watch.communicate(timeout=30)
        assert watch.returncode == 0
        assert "Traceback" not in err
    assert not (online.data / "tasks.lock.pid").exists()


def test_a_signal_has_a_held_queue_tried_at_once(online: Shell, service: SimulatorServer) -> None:
    service.world.faults.add(FaultKind.BUSY, "create", times=None)
    online.queue(URL)
    with online.watching() as watch:
        watch.send_signal(signal.SIGUSR1)  # perhaps before its engine runs
        assert watch.stderr is not None
        held = next(line for line in watch.stderr if "The queue waits since" in line)
        assert "next try in" in held
        service.world.faults.clear()
        watch.send_signal(signal.SIGUSR1)
        signalled_at = time.monotonic()
        online.wait_until(service.world.tasks)
        assert time.monotonic() - signalled_at < SHORTEST_HOLD_S
        watch.terminate()
        watch.communicate(timeout=30)
        assert watch.returncode == 0


def test_a_signal_before_the_engine_runs_is_kept_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    polled: list[str] = []

    class FakeEngine:
        tasks: ClassVar[dict[int, Task]] = {}
        status = Status()

        def __init__(self) -> None:
            self._polled = asyncio.Event()
            os.kill(os.getpid(), signal.SIGUSR1)

        async def run(self) -> None:
            await self._polled.wait()

        async def poll_now(self) -> None:
            polled.append("now")
            self._polled.set()

        def stop(self) -> None: ...

        def save_now(self) -> None: ...

    monkeypatch.setattr(
        "pan123_tui.cli.engine_process.open_engine",
        lambda _context, _listener, **_options: (FakeEngine(), None),
    )
    former = {number: signal.getsignal(number) for number in HANDLED_SIGNALS}
    context = bootstrap.load_context(Shell(tmp_path).environ)
    try:
        EngineProcess(context, ProgressPrinter(), program="watch").run()
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
    assert polled == ["now"]


def test_a_signal_ends_wait_while_the_engine_works(offline: Shell) -> None:
    offline.queue(URL)
    with offline.watching(), offline.running("wait", "1") as wait:
        assert wait.stderr is not None
        wait.stderr.readline()  # that the service cannot be reached, as the engine says
        wait.terminate()
        # On a busy machine it may not be that far, and says so with its own code.
        assert wait.wait(30) in (-signal.SIGTERM, 128 + signal.SIGTERM)


def test_the_links_for_a_missing_folder_are_sent_elsewhere(
    online: Shell, service: SimulatorServer
) -> None:
    drive = service.world.drive()
    known = online.data / "state" / "folders.json"
    known.parent.mkdir(parents=True)
    known.write_text(f'{{"folders":[{{"id":{FOLDER_ID},"name":"资料","parent_id":0}}]}}', "utf-8")
    drive.move_to_trash(FOLDER_ID)
    online.store(Task(id=1, url=URL, created_at=time.time(), folder_id=FOLDER_ID))
    with online.watching() as watch:
        online.wait_until(lambda: service.world.stats.requests["create"])
        online.wait_until(lambda: "no folder" in online.call("list").out)
        advice = f": its links wait. “pan123-tui redirect {FOLDER_ID} --again”"
        assert advice in online.call("url", "1").err
        assert online.call("url", "--batch", "last").err.count(advice) == 1
        with online.running("wait", "1") as wait:
            assert wait.stderr is not None
            assert select.select([wait.stderr], [], [], PATIENCE_S)[0]
            line = wait.stderr.readline()
            assert f"资料 ({FOLDER_ID}) is gone" in line
            assert advice in line
        ran = online.call("redirect", str(FOLDER_ID), "--again")
        assert ran.code == 0, ran.err
        assert "1 link queued again." in ran.err
        online.wait_until(service.world.tasks)
        watch.terminate()
        _out, err = watch.communicate(timeout=30)
    assert drive.entry(int(ran.out)).name == "资料"
    told = [line for line in err.splitlines() if "The folder" in line]
    assert len(told) == 1
    assert "pan123-tui redirect 10023" in told[0]


def test_a_wait_does_not_tell_of_a_folder_that_is_there_again(
    online: Shell, service: SimulatorServer
) -> None:
    drive = service.world.drive()
    drive.move_to_trash(FOLDER_ID)
    online.call("add", URL, "--dir", str(FOLDER_ID))
    online.wait_until(lambda: "no folder" in online.call("list").out)
    online.call("stop")
    drive.entry(FOLDER_ID).trashed = False
    ran = online.call("wait", "1")
    assert (ran.code, "The folder" in ran.err) == (0, False), ran.err


def test_queued_links_are_redirected_also_without_an_account(shell: Shell) -> None:
    shell.call("add", URL, "--dir", "77")
    assert shell.call("redirect", "77", "--to", "88").out == "88\n"
    assert shell.call("list", "--json").json[0]["folder_id"] == 88
    assert shell.call("redirect", "77", "--default").code == 1
    assert shell.call("redirect", "88", "--again").code == 3  # which asks the service
    assert shell.call("redirect", "88").code == 2


def test_beside_watch_a_second_names_it_an_add_is_light_and_wait_hears_from_it(
    online: Shell,
) -> None:
    with online.watching() as watch:
        ran = online.call("watch")
        assert ran.code == 4
        assert str(watch.pid) in ran.err
        assert ran.out == ""
        assert _heavy_modules(online, "add", URL) == set()
        ran = online.call("wait", "1")
        assert ran.code == 0
        assert "succeeded" in ran.out


def test_while_watch_runs_add_retry_and_remove_are_carried_out_by_it(online: Shell) -> None:
    with online.watching():
        ran = online.call("add", "https://example.com/fast/fail/c.iso")
        assert (ran.code, ran.out) == (0, "1\n")
        assert ran.err == "1 link queued.\n"
        online.wait_until(lambda: online.tasks()[0]["state"] == "failed")
        ran = online.call("retry", "--failed")
        assert (ran.code, ran.out) == (0, "1\n")
        online.wait_until(
            lambda: [s["state"] for s in online.tasks()[0]["history"]].count("failed") == 2
        )
        ran = online.call("remove", "1")
        assert ran.code == 0
        assert online.tasks() == []


def test_links_that_are_added_by_many_processes_at_once_are_each_there_once(
    online: Shell,
) -> None:
    urls = [f"https://example.com/slow/{number}.iso" for number in range(8)]
    with online.watching():
        adding = [
            subprocess.Popen(
                [sys.executable, "-m", "pan123_tui", "add", url],
                env=online.environ,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            for url in urls
        ]
        assert [process.wait(60) for process in adding] == [0] * len(urls)
        online.wait_until(lambda: len(online.tasks()) == len(urls))
    assert sorted(task["url"] for task in online.tasks()) == urls


def test_a_program_that_hangs_is_named_in_time_and_what_it_has_saved_is_shown(
    offline: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "PATIENCE_S", 0.1)
    monkeypatch.setattr(client, "HANDSHAKE_TIMEOUT_S", 0.5)
    offline.queue(URL)
    with offline.watching() as watch:
        offline.wait_until((offline.data / "engine.sock").exists)
        watch.send_signal(signal.SIGSTOP)
        try:
            listed = offline.call("list", "--json")
            assert [task["url"] for task in listed.json] == [URL]
            assert "The engine does not answer" in listed.err
            ran = offline.call("add", OTHER)
            assert (ran.code, ran.out) == (4, "")
            assert f"watch (pid {watch.pid}) does not answer." in ran.err
            ran = offline.call("status", "--json")
            assert ran.code == 4
            assert (ran.json["answers"], sum(ran.json["tasks"].values())) == (False, 1)
        finally:
            watch.kill()
    assert [task["url"] for task in offline.tasks()] == [URL]


def test_a_page_in_place_of_a_file_has_failed_for_watch_export_and_retry(online: Shell) -> None:
    page = "https://example.com/fast/htmlfile/page.iso"
    online.queue(page, URL)
    ran = online.call("watch", "--until-done", "--quiet")
    (line,) = ran.out.splitlines()
    assert "a web page arrived in its place" in line
    assert ran.code == 1
    assert online.call("export", "--failed").out == f"{page}\n"
    assert online.call("retry", "2").code == 1
    assert online.call("retry", "--failed").out == "1\n"
    assert online.call("wait", "1").code in (0, 1)
    assert online.tasks()[0]["history"][-1]["state"] == "succeeded"


def test_wait_goes_on_itself_where_that_program_ends(online: Shell) -> None:
    with online.watching() as watch:
        online.call("add", "https://example.com/1min/a.iso")
        with online.running("wait", "1") as wait:
            # Killed before the answer is saved, the task would be unconfirmed.
            online.wait_until(lambda: online.call("list", "--state", "running").out)
            watch.kill()
            assert wait.wait(30) == 0


def test_ctrl_c_ends_a_wait_with_the_code_of_its_signal(offline: Shell) -> None:
    offline.queue(URL)
    with offline.running("wait", "1") as wait:
        assert wait.stderr is not None
        next(line for line in wait.stderr if "The queue waits since" in line)
        wait.send_signal(signal.SIGINT)
        assert wait.wait(30) == 128 + signal.SIGINT


def test_a_shell_without_account_does_not_say_that_the_engine_has_none(online: Shell) -> None:
    without = replace(online, token="")
    with online.watching():
        online.wait_until((online.data / "engine.sock").exists)
        assert without.call("add", URL).err == "1 link queued.\n"


def test_watch_prints_where_it_listens_and_on_ctrl_c_what_remains_unsent(offline: Shell) -> None:
    offline.queue(URL, OTHER)
    is_held = re.compile("  2  queued.*The queue waits: The service could not", re.DOTALL)
    with offline.running("watch") as watch:
        offline.wait_until((offline.data / "engine.sock").exists)
        # Now and then one of them is on its way, and the first has not failed at once.
        offline.wait_until(lambda: is_held.search(offline.call("status").out))
        ran = offline.call("status")
        watch.send_signal(signal.SIGINT)
        _out, err = watch.communicate(timeout=30)
    assert f"Listening at {offline.data / 'engine.sock'}. “pan123-tui” opens the" in err
    assert "2 links not sent yet: they wait until “pan123-tui” runs again." in err
    beginning = rf"pan123-tui watch \(pid {watch.pid}\), since \d\d:\d\d:\d\d,"
    assert re.match(beginning, ran.out)
    assert "The queue waits: The service could not be reached" in ran.out


def test_status_says_also_while_sending_is_paused_that_the_service_is_not_reached(
    offline: Shell,
) -> None:
    offline.queue(URL)
    with offline.running("watch"):
        offline.wait_until(lambda: "waits: The service could not" in offline.call("status").out)
        offline.call("pause")
        told = offline.call("status").out
    assert "Sending is paused" in told
    assert "The service could not be reached" in told


def test_wait_starts_the_engine_if_none_runs(online: Shell) -> None:
    online.queue(URL, "https://example.com/fast/fail/b.iso")
    assert online.call("wait", "1").code == 0
    assert online.call("wait", "1", "2").code == 1


def test_numbers_that_no_task_has_are_named(shell: Shell) -> None:
    for command in ("wait", "retry", "remove"):
        ran = shell.call(command, "99")
        assert (ran.code, ran.out) == (1, "")
        assert "There is no task 99." in ran.err
        assert shell.call(command, "0").code == 2


def test_retry_names_what_cannot_be_retried(shell: Shell) -> None:
    shell.call("add", URL)
    ran = shell.call("retry", "1")
    assert ran.code == 1
    assert "Task 1 (queued): there is nothing to retry." in ran.err
    assert shell.call("retry").code == 2
    assert shell.call("retry", "--failed").code == 0


def test_list_prints_the_documented_fields_with_times_that_have_a_zone(online: Shell) -> None:
    online.call("add", URL, "--wait")
    (task,) = online.tasks()
    assert set(FIELDS) <= set(task)
    for name in ("created_at", "sent_at", "finished_at"):
        assert task[name][10] == "T"
        assert task[name][-6] in "+-"
    assert task["arrival"]["verdict"] == "found"
    assert isinstance(task["file_id"], int)


def test_list_filters_by_state_and_writes_tab_separated_lines(shell: Shell) -> None:
    shell.call("add", URL, OTHER)
    ran = shell.call("list", "--tsv", "--state", "queued")
    head, first, second = ran.out.splitlines()
    assert head.split("\t")[:5] == ["id", "url", "name", "state", "percent"]
    assert first.split("\t")[1] == URL
    assert len(head.split("\t")) == len(second.split("\t"))
    assert shell.call("list", "--json", "--state", "failed").json == []
    for word in ("排队中", "Waiting"):
        assert len(shell.call("list", "--json", "--state", word).json) == 2, word
    for word in ("存疑", "no folder", "held"):
        assert shell.call("list", "--json", "--state", word).json == [], word
    shell.call("hold", "2")
    for word in ("已搁置", "held", "failed,held", "失败，¦ 已搁置"):
        assert [it["id"] for it in shell.call("list", "--json", "--state", word).json] == [2]
    both = ("--state", "failed, next try", "--state", "held,queued")
    assert len(shell.call("list", "--json", *both).json) == 2
    refused = shell.call("list", "--state", "held,nonsense")
    assert refused.code == 2
    assert "there is no state “nonsense”; there are active, waiting, " in refused.err
    assert "there is no state “”" in shell.call("list", "--state", "held,").err
    assert 'held, "next try", ' in refused.err.replace("\n", " ")


def test_nothing_hostile_reaches_the_terminal(shell: Shell) -> None:
    url = "https://example.com/a.iso?x=\u202egnp"
    shell.call("add", url, "--name", "\x1b[2J\u202e\u200b.iso")
    for form in ((), ("--json",), ("--tsv",)):
        out = shell.call("list", *form).out
        assert not set(out) & set("\x1b\u202e\u200b\x9b")
    assert shell.tasks()[0]["name"] == "\x1b[2J\u202e\u200b.iso"


def test_no_colour_and_no_escape_is_ever_piped(online: Shell) -> None:
    online.extra_environ["FORCE_COLOR"] = "1"
    ran = [online.run(command) for command in ("--help", "list", "doctor")]
    ran += [online.call("whoami"), online.call("add", URL, "--wait")]
    assert not [it for it in ran if "\x1b" in it.out + it.err]


def test_a_batch_is_listed_retried_exported_and_removed_as_one(shell: Shell) -> None:
    shell.call("add", URL, OTHER, "--batch", "影视\x1b 1")
    shell.call("add", "https://example.com/c.iso")
    assert [task["batch"] for task in shell.tasks()][:2] == ["影视 1", "影视 1"]
    (last,) = shell.call("list", "--batch", "last", "--json").json
    assert last["id"] == 3
    assert shell.call("export", "--batch", "影视 1").out.splitlines() == [URL, OTHER]
    ran = shell.call("retry", "--batch", last["batch"])
    assert (ran.code, "Nothing has failed." in ran.err) == (0, True)
    for shown in (last["batch"][5:-3], last["batch"][:-3]):
        assert shell.call("export", "--batch", shown).out == "https://example.com/c.iso\n"
    for command in ("list", "export", "retry", "remove", "wait"):
        ran = shell.call(command, "--batch", "影视")
        assert (ran.code, ran.out) == (1, "")
        assert "There is no batch “影视”." in ran.err
    assert shell.call("wait", "1", "--batch", "last").code == 2
    assert shell.call("remove").code == 2
    assert shell.call("remove", "--batch", "影视 1").err == "2 tasks removed.\n"
    assert [task["id"] for task in shell.tasks()] == [3]
    removed = shell.call("remove", "--batch", last["batch"][:-3])
    assert removed.err == f"Batch {last['batch']}: 1 task\n1 task removed.\n"


def test_all_batches_of_one_shown_time_are_taken_and_named(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    noon = time.mktime(time.strptime("2025-11-25 12:05", "%Y-%m-%d %H:%M"))
    for second, link in enumerate((URL, OTHER)):
        monkeypatch.setattr(time, "time", lambda at=noon + second: at)
        shell.call("add", link)
    assert len(shell.call("list", "--batch", "12:05", "--json").json) == 2
    assert shell.call("remove", "--batch", "12:05").err == (
        "Batch 2025-11-25 12:05:00: 1 task\nBatch 2025-11-25 12:05:01: 1 task\n2 tasks removed.\n"
    )


def test_the_name_of_the_newest_batch_is_no_label(shell: Shell) -> None:
    ran = shell.call("add", URL, "--batch", "LAST")
    assert ran.code == 2
    assert "always means the newest batch" in ran.err
    assert shell.tasks() == []


def test_wait_and_retry_take_what_failed_of_a_batch(online: Shell) -> None:
    online.call("add", URL, "https://example.com/fast/fail/b.iso", "--batch", "a")
    assert online.call("wait", "--batch", "a").code == 1
    assert online.call("retry", "--batch", "last").out == "2\n"
    assert [task["batch"] for task in online.tasks()] == ["a", "a"]


@pytest.mark.parametrize("name", ["第 1 集.iso", "a\n  dir=x\x1b[31m\u202e.iso", "no extension "])
def test_an_export_is_what_add_reads_back(shell: Shell, tmp_path: Path, name: str) -> None:
    shell.call("add", URL, "--name", name)
    shell.call("add", OTHER)
    assert all(line.isprintable() for line in shell.call("export").out.splitlines())
    file = tmp_path / "again.txt"
    file.write_text(shell.call("export").out, "utf-8")
    assert shell.call("export", "--failed").out == ""
    other = Shell(tmp_path / "other")
    assert other.call("add", "-f", str(file)).code == 0
    assert [(t["url"], t["name"]) for t in other.tasks()] == [(URL, name), (OTHER, "")]


def test_login_checks_and_saves_the_account_and_logout_deletes_it(online: Shell) -> None:
    online.token = ""
    assert online.call("whoami").code == 3
    ran = online.call("login", stdin=f"{CLIENT_ID}\n{CLIENT_SECRET}\n")
    assert (ran.code, ran.out) == (0, "")
    assert "Logged in as 小鱼." in ran.err
    assert CLIENT_SECRET not in ran.err
    kept = online.folder / "config" / "credentials.toml"
    assert kept.stat().st_mode & 0o077 == 0
    ran = online.call("whoami")
    assert ran.code == 0
    assert ran.out.startswith("小鱼 (uid ")
    assert online.call("whoami", "--json").json["nickname"] == "小鱼"
    assert online.call("logout").code == 0
    assert not kept.exists()
    assert online.call("whoami").code == 3


def test_login_takes_a_refresh_token_and_keeps_the_newest_for_the_next_command(
    online: Shell, service: SimulatorServer
) -> None:
    online.token = ""
    service.world.configure(package_days=3, login_life_s=0.5)
    ran = online.call("login", "--refresh-token", stdin=f"{REFRESH_TOKEN}\n{APP_ID}\n\n")
    assert (ran.code, ran.out) == (0, "")
    assert "Logged in as 小鱼." in ran.err
    newest = list(service.world.logins.refresh_tokens)[-1]
    (file,) = (online.folder / "config").glob("login-*.json")
    assert newest in file.read_text()
    tokens = service.world.tokens
    online.wait_until(lambda: tokens.logins[-1].expires_at < tokens.clock())
    ran = online.run("whoami")
    assert "package ends on" in ran.err
    assert online.call("whoami", "--json").json["package_until"]
    report = online.call("doctor").out
    assert "refresh token" in report
    assert "package ends" in report
    assert REFRESH_TOKEN not in report
    assert online.call("logout").code == 0
    assert not file.exists()
    assert service.world.logins.renewals >= 2
    assert service.world.logins.reused == 0


def test_login_takes_a_renew_address(online: Shell, service: SimulatorServer) -> None:
    online.token = ""
    url = f"{service.base_url}/_sim/renew?refresh_ui={{refresh_token}}"
    ran = online.call("login", "--renew-url", url, stdin=f"{REFRESH_TOKEN}\n")
    assert "Logged in as 小鱼." in ran.err
    ran = online.call("login", "--renew-url", "https://broker.example/", stdin="re\n")
    assert ran.code == 2
    assert "{refresh_token}" in ran.err
    ran = online.call("login", "--renew-url", url, stdin=f"{REFRESH_TOKEN}-wrong\n")
    assert ran.code == 3
    assert "log-in has ended" in ran.err


def test_a_refused_account_is_not_saved(online: Shell) -> None:
    online.token = ""
    ran = online.call("login", "--token", stdin="wrong-token\n")
    assert ran.code == 3
    assert "wrong-token" not in ran.err
    assert not (online.folder / "config" / "credentials.toml").exists()
    assert online.call("login", "--token", stdin="\n").code == 2


def test_an_account_that_cannot_be_asked_for_is_not_tried_again(offline: Shell) -> None:
    ran = offline.call("whoami")
    assert "The service could not be reached. Check the network." in ran.err
    assert "keeps trying" not in ran.err


@pytest.mark.parametrize("words", ["list --lang cn", "--lang=cn --help", "--lang cn --version"])
def test_an_unknown_language_is_refused(shell: Shell, words: str) -> None:
    ran = shell.call(*words.split())
    assert ran.code == 2
    assert "'cn' is not one of 'en', 'zh'." in ran.err


def test_usage_errors_in_chinese_have_chinese_marks(shell: Shell) -> None:
    assert "缺少参数“FOLDER_ID”。" in shell.call("--lang", "zh", "redirect").err
    refused = shell.call("--lang", "zh", "list", "--state", "x").err
    assert "“--state”的值无效" in refused
    assert "排队中、已搁置、待重试、缺文件夹" in refused
    assert refused.endswith("已丢失。\n")
    assert "“bash”、“zsh”、“fish”" in shell.call("--lang", "zh", "completions", "x").err
    assert "“--name”的值无效" in shell.call("--lang", "zh", "add", URL, "--name", "a/b").err
    assert "“--batch”的值无效" in shell.call("--lang", "zh", "add", URL, "--batch", "最近").err
    assert "请指定 --front 或 --back。" in shell.call("--lang", "zh", "move", "1").err


@pytest.mark.parametrize(
    ("words", "end"),
    [
        ("add https://example.com/a --name a/b", 'none of " \\ / : * ? | > < may be in a name.'),
        ("add https://example.com/a --dir 0", "root folder (0)."),
        ("list a b", "Got unexpected extra arguments (a b)."),
        ("--lang zh list a b", "多余的参数（a b）。"),
        (
            "--lang zh add https://example.com/a --name a/b",
            '名称中不能有 " \\ / : * ? | > < 这些字符。',
        ),
        ("list --sate", "(Did you mean one of: '--batch', '--state'?)"),
        ("retry x", "'x' is not a task number."),
        ("--lang zh move x", "“ID...”的值无效：“x”不是任务编号。"),
        ("nothing", "No such command 'nothing'."),
    ],
)
def test_a_usage_error_ends_with_one_mark(shell: Shell, words: str, end: str) -> None:
    assert shell.call(*words.split()).err.endswith(f"{end}\n")


def test_an_optional_argument_has_its_brackets_in_the_usage_line_only(shell: Shell) -> None:
    ran = shell.call("wait", "x")
    assert ran.err.startswith("Usage: pan123-tui wait [OPTIONS] [ID...]\n")
    assert "Invalid value for 'ID...': " in ran.err


def test_without_an_account_watch_asks_for_a_login(online: Shell) -> None:
    online.token = ""
    for arguments in (("watch",), ("add", URL, "--wait"), ("wait", "1")):
        ran = online.call(*arguments)
        assert ran.code == 3, ran.err
    assert [task["state"] for task in online.tasks()] == ["queued"]


def test_a_refused_account_ends_a_watch_that_would_never_finish(online: Shell) -> None:
    online.token = "expired"
    online.queue(URL)
    ran = online.call("watch", "--until-done")
    assert ran.code == 3
    assert [task["state"] for task in online.tasks()] == ["queued"]
    assert ran.err.count("The account comes from PAN123_ACCESS_TOKEN") == 1
    assert "next try" not in ran.err
    ran = online.call("whoami")
    assert ran.code == 3
    assert "correct or unset it, then start again" in ran.err
    online.token = "a b"
    ran = online.call("whoami")
    assert (ran.code, "PAN123_ACCESS_TOKEN: only letters" in ran.err) == (2, True)


def test_a_port_in_use_is_named_without_an_empty_part(
    shell: Shell, service: SimulatorServer
) -> None:
    ran = shell.call("simulate", "--port", service.base_url.rpartition(":")[2])
    assert ran.err.startswith("pan123-tui: Address already in use")


def test_doctor_prints_everything_but_what_is_private(online: Shell) -> None:
    online.queue("https://secret-host.example/private.iso?sign=abc")
    ran = online.call("doctor")
    assert ran.code == 0
    words = ("textual", "tinydb", "tasks          1 (1 queued)", "accepts it", "TERM=")
    for word in (*words, "PAN123_CONFIG_DIR, PAN123_DATA_DIR"):
        assert word in ran.out
    for private in (online.token, "secret-host", "小鱼", "sign=abc"):
        assert private not in ran.out + ran.err
    online.token = ""
    assert online.call("doctor").code == 3
    assert online.call("doctor", "--offline").code == 0


def test_a_link_with_blanks_that_is_one_argument_is_queued_whole(shell: Shell) -> None:
    ran = shell.call(
        "add", "https://example.com/fast/my file.zip", "https://example.com/a[/foo]b.mkv"
    )
    assert (ran.code, ran.out) == (0, "1\n2\n")
    assert [task["url"] for task in shell.tasks()] == [
        "https://example.com/fast/my%20file.zip",
        "https://example.com/a%5B/foo%5Db.mkv",
    ]


def test_what_must_be_looked_at_is_not_queued_and_it_says_why_and_how_to_take_it(
    shell: Shell,
) -> None:
    page = "https://pan.baidu.com/s/1AbC"
    text = f"看 https://example.com/my file.zip 好\nwww.example.com/b.zip\n{page}\n{URL}\n"
    ran = shell.call("add", "-", stdin=text)
    assert (ran.code, ran.out) == (1, "1\n")
    err = " ".join(ran.err.split())
    longer = "https://example.com/my%20file.zip"
    assert f"not queued: {longer} (It is unclear whether the link ends here" in err
    assert f"not queued: {page} (A page of Baidu Netdisk, not a file" in err
    assert "give it alone as one argument, in quotes and with its https://." in err
    assert "“pan123-tui LINK”, then space and ctrl+s." in err
    assert [task["url"] for task in shell.tasks()] == [URL]
    ran = shell.call("add", "-", "--dry-run", "--json", stdin=text)
    assert ran.code == 1
    assert [(it["url"], it["reason"]) for it in ran.json["look"]] == [
        (longer, "end"),
        ("https://www.example.com/b.zip", "scheme"),
        (page, "share_page"),
    ]
    assert shell.call("add", "https://example.com/my file.zip").out == "2\n"


def test_mere_text_beside_links_is_counted_once_and_no_error(shell: Shell) -> None:
    ran = shell.call("add", "-", stdin=f"小明 12:30\n看看\nreadme.txt\n{URL}\n谢谢\n")
    assert (ran.code, ran.out) == (0, "1\n")
    assert "4 lines without a link" in ran.err
    assert "refused" not in ran.err


def test_list_and_doctor_report_a_damaged_store(shell: Shell) -> None:
    shell.call("add", URL)
    shell.call("stop")
    (shell.data / "tasks.json").write_text("{broken")
    listed = shell.call("list", "--json")
    assert "Damaged, so the list may be an older one or incomplete: tasks.json" in listed.err
    assert listed.json == shell.tasks()
    assert "damaged        tasks.json" in shell.call("doctor", "--offline").out


def test_doctor_names_the_keys_that_do_not_work(shell: Shell) -> None:
    shell.configure('[keys]\ntasks.retry = "d"\ntasks.remove = 3\n')
    report = shell.call("doctor", "--offline").out
    assert "settings       [keys] tasks.retry: d is the key of tasks.remove too." in report
    assert "settings       [keys] tasks.remove: write its keys in quotes" in report


def test_a_wrong_key_table_keeps_no_command_from_running(shell: Shell) -> None:
    shell.configure("[keys]\ntasks.retry = d\n")
    assert shell.call("add", URL).out == "1\n"
    assert "[keys] has no effect: " in shell.call("doctor", "--offline").out
    assert 'tasks.remove = "x,delete"' in shell.call("--help").out


def test_an_unusable_data_folder_is_reported_with_what_to_do(shell: Shell) -> None:
    shell.extra_environ["PAN123_DATA_DIR"] = "/dev/null/data"
    ran = shell.call("add", URL)
    assert ran.code == 1
    assert ran.err.startswith(
        "pan123-tui: The data folder cannot be used, so nothing was done: /dev/null/data"
    )
    assert "choose another one with PAN123_DATA_DIR" in ran.err


@pytest.mark.parametrize("kind", ["bash", "zsh", "fish"])
def test_the_completion_scripts_are_printed(shell: Shell, kind: str) -> None:
    ran = shell.call("completions", kind)
    assert ran.code == 0
    assert "_PAN123_TUI_COMPLETE" in ran.out
    assert "pan123-tui" in ran.out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_has_an_example(shell: Shell, command: str) -> None:
    ran = shell.call(command, "--help")
    assert ran.code == 0
    assert f"pan123-tui {command}" in ran.out.split("Example", 1)[-1]
    assert "Example" in ran.out


def test_no_command_is_explained_by_half_a_sentence(shell: Shell) -> None:
    assert "..." not in shell.call("--help").out.split("Commands:", 1)[1]


def test_the_help_is_in_the_users_language(shell: Shell) -> None:
    shell.extra_environ["PAN123_LANG"] = "zh_CN.UTF-8"
    assert "示例：" in shell.run("add", "--help").out


@pytest.mark.parametrize("arguments", [("--help",), ("add", "--help")])
def test_the_chinese_help_is_aligned_and_has_chinese_punctuation(
    shell: Shell, arguments: tuple[str, ...]
) -> None:
    shell.extra_environ["PAN123_LANG"] = "zh"
    out = shell.run(*arguments).out
    assert "用法：pan123-tui" in out
    assert "\n选项：\n" in out
    described = re.findall(r"^(  -.*?  +)\S", out, re.MULTILINE)
    assert len(described) > 4
    assert {width(before) for before in described} == {width(described[0])}


@pytest.mark.parametrize("command", ["list", "profiles", "redirect"])
def test_the_chinese_help_fits_a_terminal_and_breaks_no_word(shell: Shell, command: str) -> None:
    shell.extra_environ |= {"PAN123_LANG": "zh", "COLUMNS": "80"}
    lines = shell.run(command, "--help").out.splitlines()
    assert max(map(width, lines)) <= 80
    assert not [line for line in lines if re.match(r" *[、，。：”）]", line)]
    words = re.findall("[a-z]+", " ".join(lines))
    assert {"list": {"failed", "last"}}.get(command, set()) <= set(words)
    assert "required" not in words


def test_what_is_no_number_is_called_so(shell: Shell) -> None:
    ran = shell.call("wait", "abc")
    assert ran.code == 2
    assert "'abc' is not a task number." in ran.err


def test_help_and_errors_are_in_the_language_of_the_settings(shell: Shell) -> None:
    shell.configure('[ui]\nlanguage = "zh"\n')
    shell.extra_environ |= {"PAN123_LANG": "", "LC_ALL": "en_US.UTF-8"}
    assert "123云盘" in shell.run("--help").out
    assert "没有命令" in shell.call("lst").err
    assert "没有任务。" in shell.call("list").err
    assert "No tasks." in shell.call("--lang", "en", "list").err


@pytest.mark.parametrize(
    "arguments",
    [
        ("--lang", "zh", "list", "--help"),
        ("list", "--lang", "zh", "--help"),
        ("list", "--lang=zh", "--help"),
        ("list", "--help", "--lang", "zh"),
    ],
)
def test_the_language_is_accepted_before_and_after_a_command(
    shell: Shell, arguments: tuple[str, ...]
) -> None:
    assert "列出任务" in shell.run(*arguments).out


@pytest.mark.parametrize("arguments", [("--help", "--lang", "zh"), ("--lang", "zh", "--help")])
def test_the_whole_help_is_in_the_requested_language(
    shell: Shell, arguments: tuple[str, ...]
) -> None:
    out = shell.run(*arguments).out
    words = (
        "用法：pan123-tui [选项] [命令] [参数]...",
        "123云盘",
        "显示此帮助并退出。",
        "列出任务",
    )
    assert all(it in out for it in words)


def test_every_command_accepts_the_language(shell: Shell) -> None:
    for name in ("add", "watch", "wait", "retry", "remove", "export", "login", "doctor"):
        refused = shell.call(name, "--lang", "zh", "--no-such-option").err
        assert "用法：" in refused
        assert "--no-such-option" in refused.rpartition("错误：")[2]


def test_an_argument_after_the_options_is_no_language(shell: Shell) -> None:
    ran = shell.call("add", "--dry-run", "--", URL, "--lang", "zh")
    assert ran.out
    assert "链接" not in ran.out + ran.err


@pytest.mark.parametrize(
    "arguments", [("--help",), ("--version",), ("list",), ("add", URL), ("export",)]
)
def test_light_commands_load_neither_the_screen_nor_the_network(
    shell: Shell, arguments: tuple[str, ...]
) -> None:
    assert _heavy_modules(shell, *arguments) == set()


def _heavy_modules(shell: Shell, *arguments: str) -> set[str]:
    code = (
        "import sys; sys.argv = ['pan123-tui', *sys.argv[1:]]\n"
        "from pan123_tui.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "loaded = {'textual', 'rich', 'httpx', 'starlette', 'uvicorn', 'pyperclip', 'asyncio'}\n"
        "print('LOADED', *sorted(loaded & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=shell.environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    line = next(line for line in done.stderr.splitlines() if line.startswith("LOADED"))
    return set(line.split()[1:]) - {"asyncio"}


def test_hooks_of_the_configuration_run_before_a_watch_until_done_ends(online: Shell) -> None:
    note, script = online.folder / "note", online.folder / "hook.py"
    script.write_text(
        "import os, sys\nopen(sys.argv[1], 'w').write(os.environ['PAN123_TASK_STATE'])\n"
    )
    command = ", ".join(f'"{part}"' for part in (sys.executable, script, note))
    online.configure(f"[hooks]\non_success = [{command}]\n")
    online.queue(URL)
    assert online.call("watch", "--until-done").code == 0
    assert note.read_text() == "succeeded"
    note.unlink()
    assert online.call("add", OTHER, "--wait").code == 0
    online.wait_until(lambda: note.exists() and note.read_text() == "succeeded")


def test_a_folder_that_cannot_be_made_is_an_error_without_a_traceback(shell: Shell) -> None:
    (shell.folder / "config").write_text("a file where a folder should be")
    for arguments in (("add", URL), ("login", "--token")):
        ran = shell.call(*arguments, stdin="token\n")
        assert ran.code in (1, 2)
        assert "Traceback" not in ran.err
        assert "config" in ran.err


def test_a_closed_pipe_is_no_error(shell: Shell) -> None:
    shell.call("add", "-", stdin="".join(f"{URL}?{number}\n" for number in range(2000)))
    listing = subprocess.Popen(
        [sys.executable, "-m", "pan123_tui", "list"],
        env=shell.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert listing.stdout is not None
    listing.stdout.readline()
    listing.stdout.close()
    assert listing.stderr is not None
    assert b"Traceback" not in listing.stderr.read()
    listing.stderr.close()
    listing.wait(60)


def test_from_a_pipe_into_a_running_watch_to_the_callbacks_reason_and_file_id(
    online: Shell,
) -> None:
    with online.watching():
        text = (
            "好的 https://example.com/fast/textcallback/a.iso\n"
            "坏的 https://example.com/fast/filereason/404/b.iso\n"
        )
        assert online.call("add", "-", stdin=text).out == "1\n2\n"
        online.wait_until(
            lambda: (
                [t["state"] for t in online.tasks()] == ["succeeded", "failed"]
                and online.tasks()[1]["fail_reason"]
                and online.tasks()[0]["file_id"]
            )
        )
    good, bad = online.tasks()
    assert isinstance(good["file_id"], int)
    assert good["callback_url"] == bad["callback_url"] == ""
    assert bad["fail_reason"] == "源站返回404，文件不存在"
