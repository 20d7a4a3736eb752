"""Every command against the simulator.

What is about processes runs in one of its own, and so does a Chinese help, whose texts are those
of the language at the start. The others have the engine in a thread of this process.
"""

import json
import re
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from pan123_tui.cli.program import COMMANDS, program
from pan123_tui.domain.links.file_names import clean_name
from pan123_tui.domain.sanitize import width
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, TaskState, TimelineEntry
from pan123_tui.store.task_store import TaskStore
from pan123_tui.system.folder_lock import is_listening
from tests.samples import a_task
from tests.service.faults import FaultKind
from tests.service.server import SimulatorServer
from tests.service.world import FOLDER_ID
from tests.shell import Shell

NO_FILE_YET = (
    "None of these tasks has a file on the drive yet; “pan123-tui wait” waits for those that are "
    "running."
)
URL = "https://example.com/fast/a.iso"
OTHER = "https://example.com/fast/b.iso"
PAGE = ArrivalCheck(ArrivalStatus.ERROR_PAGE, 1.0, "a.html", 5)
FIELDS = (
    *("id", "url", "name", "state", "percent", "task_id", "folder_id", "created_at", "sent_at"),
    *("finished_at", "checked_at", "message", "code", "trace_id", "fail_reason", "file_id"),
    *("history", "batch", "shown", "note"),
)


def test_added_links_wait_and_their_numbers_are_the_only_data(idle: Shell) -> None:
    idle.configure('[defaults]\nfolder_id = 7\ncallback_url = "https://me.example/done"\n')
    blanks = "https://example.com/fast/a[/foo] file.iso"
    ran = idle.call("add", URL, blanks, "--dir", "10023")
    assert (ran.code, ran.out) == (0, "1\n2\n")
    assert (
        ran.err == "2 links queued as 1, 2. No account is configured: "
        "run “pan123-tui login” to start sending.\n"
    )
    first, second = idle.tasks()
    assert (first["url"], second["url"]) == (URL, "https://example.com/fast/a%5B/foo%5D%20file.iso")
    assert first["state"] == "queued"
    assert (first["folder_id"], first["callback_url"]) == (10023, "https://me.example/done")
    idle.call("add", OTHER, "--callback", "https://other.example")
    third = idle.tasks()[2]
    assert (third["folder_id"], third["callback_url"]) == (7, "https://other.example")


def test_links_come_out_of_any_text_by_pipe_and_by_file(idle: Shell) -> None:
    text = f"小明 12:30\n看看\nreadme.txt\n看看这个：{URL}，解压密码 123\n谢谢\n"
    ran = idle.call("add", "-", stdin=text.encode("gbk"))
    assert (ran.code, ran.out, "refused" in ran.err) == (0, "1\n", False)
    assert "4 lines without a link" in ran.err
    file = idle.folder / "links.txt"
    file.write_text(f"<a href='{OTHER}'>b</a>\nmagnet:?xt=urn:btih:1\n")
    ran = idle.call("add", "-f", str(file))
    assert (ran.code, ran.out) == (1, "2\n")
    assert idle.call("add", "-f", "-", stdin="https://example.com/c.iso").out == "3\n"
    assert "refused: magnet:?xt=urn:btih:1 (123pan's website takes these; the open API" in ran.err
    assert [task["url"] for task in idle.tasks()][:2] == [URL, OTHER]


def test_a_link_that_a_task_has_already_is_skipped_unless_wanted_again(idle: Shell) -> None:
    gone = ArrivalCheck(ArrivalStatus.NOT_FOUND, 2.0)
    idle.store(a_task(1, TaskState.SUCCEEDED, url=URL, arrival=gone))
    ran = idle.call("add", URL, OTHER)
    assert (ran.code, ran.out) == (0, "2\n")
    assert "(same as task 1, done; --again adds it anyway)" in ran.err
    assert idle.call("add", URL, "--again").out == "3\n"


def test_a_dry_run_shows_what_would_be_queued_and_changes_nothing(idle: Shell) -> None:
    idle.call("add", URL)
    ran = idle.call(
        "add", "-", "--dry-run", "--json", stdin=f"{OTHER}\n{URL}\n{OTHER}\nftp://a.b/c\n"
    )
    assert ran.json == {
        "links": [
            {
                "url": OTHER,
                "name": "b.iso",
                "duplicate_of": None,
                "sent_before": None,
                "test": None,
            },
            {"url": URL, "name": "a.iso", "duplicate_of": 1, "sent_before": None, "test": None},
            {
                "url": OTHER,
                "name": "b.iso",
                "duplicate_of": OTHER,
                "sent_before": None,
                "test": None,
            },
        ],
        "look": [],
        "refused": [{"text": "ftp://a.b/c", "reason": "web_page_only"}],
    }
    assert len(idle.tasks()) == 1
    asked = ("add", URL, OTHER, "--name", "x-{n}{ext}", "--dry-run")
    assert idle.call(*asked).out == f"{OTHER}\n  out=x-1.iso\n"
    assert [it["name"] for it in idle.call(*asked, "--json").json["links"]] == ["a.iso", "x-1.iso"]
    idle.call(*asked[:-1])
    assert [task["name"] for task in idle.tasks()] == ["a.iso", "x-1.iso"]


def test_a_link_that_was_sent_before_is_added_only_again(idle: Shell) -> None:
    at = datetime(2020, 11, 12, 12)
    steps = (TimelineEntry(at.timestamp(), TaskState.SUCCEEDED),)
    store = TaskStore(idle.data)
    store.put([replace(a_task(1), url=URL, timeline=steps)])
    store.remove([1])
    store.close()
    ran = idle.call("add", URL)
    assert (ran.code, ran.out, idle.tasks()) == (0, "", [])
    assert ran.err == f"skipped: {URL} (sent 2020-11-12, done; --again sends it again)\n"
    (link,) = idle.call("add", URL, "--json", "--dry-run").json["links"]
    assert datetime.fromisoformat(link["sent_before"]["at"]).timestamp() == at.timestamp()
    assert link["sent_before"]["state"] == "succeeded"
    assert idle.call("add", URL, "--again").out == "2\n"


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
def test_what_cannot_be_meant_is_a_usage_error(idle: Shell, arguments: tuple[str, ...]) -> None:
    ran = idle.call("add", *arguments)
    assert (ran.code, ran.out, idle.tasks()) == (2, "", [])


@pytest.mark.parametrize(
    ("words", "stdin"), [("-", "roses are red\n"), ("-", ""), ("", ""), ("/dev/null", "")]
)
def test_text_without_a_link_counts_as_failed(idle: Shell, words: str, stdin: str) -> None:
    ran = idle.call("add", *(["-f", words] if "/" in words else [words]), stdin=stdin)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "There is no link in this text.\n"


def test_a_file_that_is_no_text_cannot_be_read(idle: Shell) -> None:
    file = idle.folder / "links.txt"
    file.write_bytes(b"\xff\xfe" + URL.encode())
    ran = idle.call("add", "-f", str(file))
    assert (ran.code, "cannot be read" in ran.err, idle.tasks()) == (1, True, [])


def test_add_with_wait_sends_the_links_and_names_what_went_wrong(shell: Shell) -> None:
    ran = shell.call("add", URL, "https://example.com/fast/fail/c.iso", "--wait")
    assert (ran.code, ran.out) == (1, "")
    queued, outcome, failed = ran.err.splitlines()
    assert (queued, outcome) == ("2 links queued as 1, 2.", "1 done, 1 failed")
    assert "c.iso" in failed
    ran = shell.call("add", OTHER, "--wait", "--json")
    assert ran.code == 0
    assert json.loads(ran.out)["links"][0]["url"] == OTHER
    ran = shell.call("add", OTHER, "magnet:?xt=urn:btih:1", "--wait")
    assert ran.code == 1, "the other one was refused"


def refuse_b(service: SimulatorServer) -> None:
    service.world.faults.add(
        FaultKind.REFUSE, "create", times=None, match="b.iso", code=9, message="不允许"
    )


def test_what_failed_and_what_is_queued_goes_to_another_folder_at_once(shell: Shell) -> None:
    states = TaskState.FAILED, TaskState.QUEUED, TaskState.SUCCEEDED
    tasks = (a_task(number, state, folder_id=77) for number, state in enumerate(states, 1))
    shell.store(*tasks, is_paused=True)
    assert shell.call("retry", "folder:77", "--dir", "", "--dry-run").out.count("\n") == 2
    assert shell.call("retry", "folder:77", "--dir", str(FOLDER_ID)).out == "1\n2\n"
    assert [task["folder_id"] for task in shell.tasks()] == [FOLDER_ID, FOLDER_ID, 77]
    assert shell.call("retry", "1", "--dir", "").out == "1\n"
    assert shell.tasks()[0]["folder_id"] is None
    assert [task["state"] for task in shell.tasks()] == ["queued", "queued", "succeeded"]


def test_unsure_ones_are_sent_again_only_by_the_users_word(shell: Shell) -> None:
    lost = a_task(1, TaskState.UNCONFIRMED, url=URL)
    gone = a_task(2, TaskState.MISSING, url=OTHER)
    came = replace(gone, id=3, task_id=71)
    shell.store(lost, gone, came)
    shell.call("pause")
    ran = shell.call("retry", "all")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("None of these tasks has failed. Unsure tasks need --unsure")
    hint = "Unsure tasks need --unsure, or “pan123-tui confirm” if the file has arrived."
    assert hint in shell.call("retry", "1").err
    assert shell.call("confirm", "3").out == "3\n"
    assert [shell.tasks()[2][field] for field in ("shown", "task_id")] == ["done", None]
    assert shell.call("retry", "all", "--unsure").out == "1\n2\n"
    ran = shell.call("retry", "all", "--unsure")
    assert (ran.code, ran.err) == (1, "None of these tasks has failed.\n")


def test_a_page_stays_done_and_is_named_and_only_its_number_sends_it_again(
    shell: Shell, service: SimulatorServer
) -> None:
    page, refused = "https://example.com/fast/htmlfile/page.iso", "https://example.com/no/b.iso"
    refuse_b(service)
    shell.queue(page, URL, refused)
    ran = shell.call("watch", "--until-done", "--quiet")
    assert ran.code == 1
    lines = "\n".join(sorted(ran.out.splitlines(), key=lambda line: line.split()[1]))
    assert re.fullmatch(".* 1 .*a web page, not a file.*\n.* 3 .*refused: .*", lines)
    assert shell.call("list", "state:failed", "--links").out == f"{refused}\n"
    assert shell.call("list", "state:trouble", "--links").out == f"{page}\n{refused}\n"
    ran = shell.call("list", "state:问题")
    assert ran.err == "“问题” is taken for trouble.\n"
    assert len(ran.out.splitlines()) == 2
    ran = shell.call("wait", "1", "2")
    assert (ran.code, ran.out) == (0, "")
    assert re.fullmatch(r"2 done\n +1  done .*\(a web page, not a file\)\n", ran.err)
    assert shell.call("retry", "2").code == 1
    assert shell.call("retry", "state:trouble", "batch~20", "--dry-run").out.split()[0] == "3"
    assert shell.call("retry", "1").out == "1\n"
    assert shell.call("wait", "1").code == 0
    assert [it["state"] for it in shell.tasks()[0]["history"]].count("succeeded") == 2


def test_ctrl_c_ends_a_wait_with_the_code_of_its_signal(offline: Shell) -> None:
    offline.queue(URL)
    with offline.running("wait", "1") as wait:
        offline.wait_until(lambda: is_listening(offline.data))  # an engine that `wait` has started
        wait.send_signal(signal.SIGINT)
        assert wait.wait(30) == 128 + signal.SIGINT


def test_watch_prints_where_it_listens_and_on_ctrl_c_what_remains_unsent(offline: Shell) -> None:
    offline.queue(URL, OTHER)
    is_held = re.compile("  2  active.*The queue waits: 123pan could not", re.DOTALL)
    with offline.watching() as watch:
        # Now and then one of them is on its way, and the first has not failed at once.
        offline.wait_until(lambda: is_held.search(offline.call("status").out))
        ran = offline.call("status")
        watch.send_signal(signal.SIGINT)
        _out, err = watch.communicate(timeout=30)
    assert (
        "The engine is running in this terminal: “pan123-tui” shows its tasks, ctrl+c "
        "ends it." in err
    )
    assert "Not sent yet: 2 links. Sending continues when “pan123-tui” runs again." in err
    beginning = rf"pan123-tui watch \(pid {watch.pid}\), since \d\d:\d\d:\d\d,"
    assert re.match(beginning, ran.out)
    assert "The queue waits: 123pan could not be reached" in ran.out


@pytest.mark.parametrize("command", ["list", "wait", "retry", "remove", "confirm", "url"])
def test_numbers_and_words_that_fit_no_task_end_with_1(idle: Shell, command: str) -> None:
    assert idle.call("list", "--json").json == []
    ran = idle.call(command, "99")
    assert (ran.code, ran.out, ran.err) == (1, "", "There is no task 99.\n")
    assert idle.call(command, "all").err == "No tasks.\n"
    idle.store(a_task(1, url=URL))
    for words in ("主机:nope", "state:done"):
        ran = idle.call(command, words)
        assert (ran.code, ran.out) == (1, "")
        assert ran.err.startswith(
            f"“{words}” matches nothing in a list of 1 task; “pan123-tui list” shows all"
        )
    assert idle.call("status").code == 1, "no engine was started"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("retry", "None of these tasks has failed."),
        ("retry --unsure", "None of these tasks has failed."),
        ("confirm", "None of these tasks is unsure."),
        ("url", NO_FILE_YET),
    ],
)
def test_tasks_that_a_command_is_not_for_are_counted(idle: Shell, command: str, words: str) -> None:
    idle.call("add", URL, OTHER)
    name, *options = command.split()
    ran = idle.call(name, "state:queued", *options)
    assert (ran.code, ran.out, ran.err) == (1, "", f"{words}\n")
    if name != "url":
        assert idle.call(name, "all", *options, "--dry-run").err == f"{words}\n"


@pytest.mark.parametrize(
    ("command", "ids"),
    [
        ("remove all", ["1", "2", "3"]),
        ("retry all", ["1"]),
        ("retry all --unsure", ["1", "2"]),
        ("confirm all", ["2"]),
    ],
)
def test_a_dry_run_shows_what_would_change(idle: Shell, command: str, ids: list[str]) -> None:
    states = TaskState.FAILED, TaskState.UNCONFIRMED, TaskState.QUEUED
    idle.store(*(a_task(n, it, url=URL) for n, it in enumerate(states, 1)))
    before = idle.tasks()
    ran = idle.call(*command.split(), "--dry-run")
    assert (ran.code, [line.split()[0] for line in ran.out.splitlines()]) == (0, ids)
    assert idle.tasks() == before
    assert idle.call("status").code == 1, "no engine was started"


def test_a_list_is_in_the_order_that_is_asked_for_and_may_be_empty(idle: Shell) -> None:
    idle.call("add", OTHER, URL)
    for order, ids in (("added", [2, 1]), ("name", [2, 1])):
        listed = idle.call("list", "host:example.com", "--sort", order, "--json").json
        assert [task["id"] for task in listed] == ids
    none = idle.call("list", "state:failed", "--json")
    assert (none.code, none.json) == (1, [])
    assert idle.call("list", "--sort", "x").code == 2


def test_list_says_the_word_and_the_note_of_the_screen(idle: Shell) -> None:
    idle.store(a_task(1, TaskState.SUCCEEDED, arrival=PAGE), a_task(2))
    listed = idle.call("list", "--json")
    assert [task["note"] for task in listed.json] == [
        "a web page, not a file",
        "no engine is running",
    ]
    assert listed.err == "", "for who reads JSON"
    idle.call("pause")
    first, second = idle.tasks()
    assert (first["state"], first["shown"], first["needs_you"]) == ("succeeded", "done", True)
    assert (second["shown"], second["note"], second["needs_you"]) == ("queued", "paused", False)
    lines = idle.call("list").out.splitlines()
    assert lines[1].split() == ["2", "queued", "file-2.iso", "(paused)"]


def test_the_counts_are_those_of_the_tabs(idle: Shell) -> None:
    states = [TaskState.SUCCEEDED, TaskState.MISSING, TaskState.QUEUED, TaskState.FAILED]
    tasks = [a_task(number, state) for number, state in enumerate(states, 1)]
    idle.store(*tasks, a_task(5, TaskState.SUCCEEDED, arrival=PAGE))
    counts = {"all": 5, "active": 1, "trouble": 3, "done": 1}
    assert idle.call("status", "--json").json["counts"] == counts
    assert "5  all\n      1  active\n      3  trouble\n      1  done" in idle.call("status").out
    ran = idle.call("doctor")
    report = ran.out
    assert "123pan neither makes nor endorses pan123-tui" in ran.err
    assert "tasks          5 all, 1 active, 3 trouble, 1 done" in report


def test_nothing_hostile_reaches_the_terminal(idle: Shell) -> None:
    url = "https://example.com/a.iso?x=\u202egnp"
    idle.call("add", url, "--name", "\x1b[2J\u202e\u200b.iso")
    for form in ((), ("--json",), ("--links",)):
        out = idle.call("list", *form).out
        assert not set(out) & set("\x1b\u202e\u200b\x9b")
    assert idle.tasks()[0]["name"] == "\x1b[2J\u202e\u200b.iso"


def test_a_list_has_the_documented_fields_and_no_escape_is_piped(shell: Shell) -> None:
    shell.extra_environ["FORCE_COLOR"] = "1"
    ran = [shell.call("add", URL, "--wait")]
    ran += [shell.call(command) for command in ("--help", "list", "doctor", "status")]
    assert not [it for it in ran if "\x1b" in it.out + it.err]
    (task,) = shell.tasks()
    assert set(FIELDS) <= set(task)
    for name in ("created_at", "sent_at", "finished_at"):
        assert task[name][10] == "T"
        assert task[name][-6] in "+-"
    assert task["arrival"]["verdict"] == "found"
    assert isinstance(task["file_id"], int)
    states = [step["state"] for step in task["history"]]
    assert states == ["queued", "submitting", "running", "succeeded"]


def test_a_batch_is_listed_and_removed_as_one(idle: Shell) -> None:
    idle.call("add", URL, OTHER, "--batch", "影视\x1b 1")
    idle.call("add", "https://example.com/c.iso")
    assert [task["batch"] for task in idle.tasks()][:2] == ["影视 1", "影视 1"]
    assert idle.call("list", "batch:last", "--links").out == "https://example.com/c.iso\n"
    ran = idle.call("remove", "batch:影视 1")
    assert ran.out == f"{URL}\n{OTHER}\n"
    assert ran.err == "2 tasks removed. To undo this, give the links to “add --again”.\n"
    assert [task["id"] for task in idle.tasks()] == [3]


@pytest.mark.parametrize("name", ["第 1 集.iso", "a\n  dir=x\x1b[31m\u202e.iso", "no extension "])
def test_the_links_of_a_list_are_read_back_by_add(idle: Shell, tmp_path: Path, name: str) -> None:
    idle.call("add", URL, "--name", name)
    idle.call("add", OTHER)
    links = idle.call("list", "--links").out
    assert all(line.isprintable() for line in links.splitlines())
    file = tmp_path / "again.txt"
    file.write_text(links, "utf-8")
    other = Shell(tmp_path / "other")
    assert other.call("add", "-f", str(file)).code == 0
    kept = [(task["url"], task["name"]) for task in other.tasks()]
    assert kept == [(URL, clean_name(name)), (OTHER, "b.iso")]


def test_without_an_account_watch_asks_for_a_login(shell: Shell) -> None:
    shell.token = ""
    for arguments in (("watch",), ("add", URL, "--wait"), ("wait", "1")):
        ran = shell.call(*arguments)
        assert ran.code == 3, ran.err
    assert [task["state"] for task in shell.tasks()] == ["queued"]


def test_a_refused_account_ends_a_watch_that_would_never_finish(shell: Shell) -> None:
    shell.token = "expired"
    shell.queue(URL)
    ran = shell.call("watch", "--until-done")
    assert ran.code == 3
    assert [task["state"] for task in shell.tasks()] == ["queued"]
    assert ran.err.count("The account comes from PAN123_ACCESS_TOKEN") == 1
    assert "next try" not in ran.err
    assert "login" not in ran.err, "it would not help"
    shell.token = "a b"
    ran = shell.call("watch")
    assert (ran.code, "PAN123_ACCESS_TOKEN: only letters" in ran.err) == (2, True)


def test_doctor_prints_everything_but_what_is_private(shell: Shell) -> None:
    shell.queue("https://secret-host.example/private.iso?sign=abc")
    shell.extra_environ["HOME"] = str(shell.folder)
    ran = shell.call("doctor")
    assert ran.code == 0
    for word in ("textual", "tinydb", "accepts it", "TERM=", "PAN123_CONFIG_DIR, PAN123_DATA_DIR"):
        assert word in ran.out
    assert "tasks          1 all, 1 active" in ran.out
    assert "states         1 queued" in ran.out
    for private in (shell.token, "secret-host", "小鱼", "sign=abc", str(shell.folder)):
        assert private not in ran.out + ran.err
    shell.token = ""
    assert shell.call("doctor").code == 3
    shell.configure("[ui\n")
    ran = shell.call("doctor")
    assert (ran.code, "config.toml cannot be read" in ran.out) == (2, True)


def test_what_must_be_looked_at_is_not_queued_unless_wanted_and_it_says_why(idle: Shell) -> None:
    page, www = "https://pan.baidu.com/s/1AbC", "https://www.example.com/b.zip"
    text = f"看 https://example.com/my file.zip 好\nwww.example.com/b.zip\n{page}\n{URL}\n"
    ran = idle.call("add", "-", stdin=text)
    assert (ran.code, ran.out) == (1, "1\n")
    err = " ".join(ran.err.split())
    longer = "https://example.com/my%20file.zip"
    assert f"not queued: {longer} — It is unclear whether the link ends here" in err
    assert f"not queued: {page} — A page on Baidu Netdisk, not a file" in err
    assert "--all adds such links too." in err
    assert [task["url"] for task in idle.tasks()] == [URL]
    ran = idle.call("add", "-", "--dry-run", "--json", stdin=text)
    assert ran.code == 1
    assert [(it["url"], it["reason"]) for it in ran.json["look"]] == [
        (longer, "end"),
        (www, "scheme"),
        (page, "share_page"),
    ]
    ran = idle.call("add", "-", "--all", stdin=text)
    assert (ran.code, ran.out, "not queued" in ran.err) == (0, "2\n3\n4\n", False)
    assert "3 links queued as 2-4. " in ran.err
    assert [task["url"] for task in idle.tasks()] == [URL, longer, www, page]
    assert idle.call("add", "-", "--all", stdin="www.example.com/b.zip").out == "", "a duplicate"


def test_stop_says_what_waits_and_list_and_doctor_report_a_damaged_store(idle: Shell) -> None:
    idle.call("add", URL)
    idle.extra_environ = {"PAN123_CLIENT_ID": "without a secret"}
    ran = idle.call("stop")
    assert "Not sent yet: 1 link. Sending continues when “pan123-tui” runs again." in ran.err
    idle.extra_environ = {}
    idle.call("add", OTHER)
    ran = idle.call("stop")
    assert "Not sent yet: 2 links. Sending continues after “pan123-tui login”." in ran.err
    assert ran.err.count("has ended") == 1
    (idle.data / "tasks.json").write_text("{broken")
    listed = idle.call("list", "--json")
    assert (
        "Files are damaged, so the list may be out of date or incomplete: tasks.json" in listed.err
    )
    assert listed.json == idle.tasks()
    assert "damaged        tasks.json" in idle.call("doctor").out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_has_an_example_and_fits_a_terminal(idle: Shell, command: str) -> None:
    ran = idle.call(command, "--help")
    assert (ran.code, ran.out) == (0, idle.call(command, "-h").out)
    assert f"pan123-tui {command}" in ran.out.split("Example", 1)[1]
    whole = idle.call("--help").out
    assert "  --version  " in whole
    assert "  -h, --help  " in whole
    for lines in (ran.out.splitlines(), whole.splitlines()):
        assert len(lines) < 24  # the last is the prompt
        assert max(map(width, lines)) <= 80


MISTAKES = ("lst", "add --bogus", "add --task-id /", "add -f", "wait 1 --timeout x", "logout x")


@pytest.mark.long
def test_the_chinese_helps_fit_a_terminal_too_and_all_that_click_says_is_chinese(
    idle: Shell,
) -> None:
    calls = ["--help", "--version", *(f"{it} --help" for it in COMMANDS), "completions", *MISTAKES]
    code = (
        "import sys\nfrom pan123_tui.cli.main import main\n"
        "for words in sys.stdin.read().split(';'):\n"
        "    sys.argv[1:] = words.split()\n    try: main()\n    except SystemExit: pass\n"
        "    print('END', flush=True)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=";".join(calls),
        env=idle.environ | {"PAN123_LANG": "zh"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    said = [text.strip().splitlines() for text in done.stdout.split("END\n")[:-1]]
    assert len(said) == len(calls)
    for lines in said:
        assert len(lines) < 24, lines
        assert max(map(width, lines)) <= 80, max(lines, key=width)
    english = "Usage|Options|Show |, version|Error|Try|Missing| such| not |Did|requires|Got"
    assert [line for lines in said for line in lines if re.search(english, line)] == []


@pytest.mark.parametrize(
    ("words", "links"),
    [
        (["https://example.com/a.iso"], "https://example.com/a.iso"),
        (["www.example.com/a", "magnet:?xt=1"], "www.example.com/a\nmagnet:?xt=1"),
        (["--ascii", "https://example.com/a.iso"], "https://example.com/a.iso"),
    ],
)
def test_links_in_the_place_of_a_command_open_the_review(
    monkeypatch: pytest.MonkeyPatch, words: list[str], links: str
) -> None:
    opened: list[dict[str, object]] = []

    def open_dashboard(_host: object, **options: object) -> int:
        opened.append(options)
        return 0

    monkeypatch.setattr("pan123_tui.programs.dashboard.open_dashboard", open_dashboard)
    assert program.main(words, "pan123-tui", standalone_mode=False) == 0
    assert opened == [{"links": links, "demo": False, "is_ascii": "--ascii" in words}]


def test_a_folder_that_cannot_be_made_is_an_error_without_a_traceback(idle: Shell) -> None:
    (idle.folder / "config").write_text("a file where a folder should be")
    for arguments in (("add", URL), ("login", "--token")):
        ran = idle.call(*arguments, stdin="token\n")
        assert ran.code in (1, 2)
        assert "Traceback" not in ran.err
        assert "config" in ran.err


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("add - <&-", 1, "There is no link in this text."),
        ("remove all >&-", 1, "pan123-tui: Cannot write to standard output: Bad file descriptor."),
        ("list | head -n 1", 0, ""),
    ],
)
def test_closed_streams_and_pipes_do_no_harm(idle: Shell, line: str, code: int, said: str) -> None:
    idle.queue(*(f"{URL}?{number}" for number in range(2000)))
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m pan123_tui {line}"],
        env=idle.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.strip()) == (code, said)
