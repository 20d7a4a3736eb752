"""What a command prints of an engine that has another disk, or other links, than it thought."""

import errno
import os

import pytest

from pan123_tui.cli.selection import Known
from pan123_tui.domain.events import Status
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.wording.notes import NoteContext
from tests.shell import Shell

URL, OTHER = "https://example.com/a.iso", "https://example.com/b.iso"


def test_a_disk_that_refuses_is_reported_though_the_engine_has_the_link(
    offline: Shell, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("pan123_tui.engine.repository.SAVE_INTERVAL_S", 0.1)
    ran = offline.call("add", URL)
    assert (ran.code, "The tasks cannot be saved" in ran.err) == (0, False), ran.err
    with monkeypatch.context() as full:
        full.setattr(os, "fsync", refuse)
        full.setattr("pan123_tui.cli.remote.NEXT_SAVE_S", 0.3)
        ran = offline.call("add", OTHER)
        assert (ran.code, ran.out, "The tasks cannot be saved" in ran.err) == (1, "2\n", True)
        assert [task["url"] for task in offline.tasks()] == [URL, OTHER]
        ran = offline.call("add", OTHER)  # a duplicate of what is not on disk
        assert (ran.code, "The tasks cannot be saved" in ran.err) == (1, True), ran.err
        offline.call("pause")
        ran = offline.call("stop")
        assert (ran.code, offline.call("status").code) == (1, 0), "it has not ended"
        lost = "Not saved yet: 1 link, that sending is paused. “pan123-tui stop --force” ends"
        assert ran.err.startswith(lost)
        assert "No space left on device" in ran.err
        assert offline.call("stop", "--force").code == 0
    assert [task["url"] for task in offline.tasks()] == [URL]
    offline.start_engine()
    with monkeypatch.context() as full:
        full.setattr(os, "fsync", refuse)
        assert offline.call("add", OTHER).code == 1
    ran = offline.call("stop")  # there is room again
    assert (ran.code, len(offline.tasks())) == (0, 2), ran.err
    assert "what was not saved is lost: " in caplog.text


def test_a_link_that_another_command_adds_in_the_same_instant_is_named(
    offline: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert offline.call("add", URL).out == "1\n"
    empty = Known(TaskCollection(), Status(), NoteContext())
    monkeypatch.setattr("pan123_tui.cli.add.load_shown", lambda _: empty)
    ran = offline.call("add", URL, OTHER)
    assert (ran.code, ran.out) == (0, "2\n")
    skipped, queued = ran.err.splitlines()
    assert skipped == "1 link was added meanwhile and is skipped."
    assert queued.startswith("1 link queued")
    ran = offline.call("add", URL)
    assert (ran.code, ran.out, ran.err) == (0, "", skipped + "\n")
    assert offline.call("add", URL, "--again").out == "3\n"
