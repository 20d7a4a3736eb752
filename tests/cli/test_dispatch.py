"""Who a request is handed to while another program holds the data folder."""

import time
from pathlib import Path

import pytest
from filelock import FileLock

from pan123_tui import bootstrap
from pan123_tui.bootstrap import AppContext, load_context
from pan123_tui.cli import dispatch
from pan123_tui.domain.commands import AddTasks
from pan123_tui.domain.task import DownloadRequest

REQUEST = AddTasks((DownloadRequest("https://example.com/a.iso"),))


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppContext:
    monkeypatch.setattr(bootstrap, "ONE_SHOT_WAIT_S", 0.1)
    monkeypatch.setattr(dispatch, "DISPATCH_TIMEOUT_S", 0.1)
    folders = {"PAN123_CONFIG_DIR": str(tmp_path), "PAN123_DATA_DIR": str(tmp_path / "data")}
    context = load_context(folders)
    context.paths.ensure_directories()
    return context


def test_a_request_to_a_holder_without_a_name_is_reported_as_in_the_inbox(
    context: AppContext, capsys: pytest.CaptureFixture[str]
) -> None:
    with FileLock(context.paths.data_dir / "tasks.lock"):
        result = dispatch.dispatch(context, REQUEST)
    assert not result.is_taken
    dispatch.print_queue_status(result, 1)
    assert (
        "in the inbox, another pan123-tui (pid ?) has not looked there" in capsys.readouterr().err
    )


def test_a_holder_that_signs_its_lock_late_is_named(
    context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    signature = context.paths.data_dir / "tasks.lock.pid"
    monkeypatch.setattr(time, "sleep", lambda _s: signature.write_text("7 watch\n"))
    with FileLock(context.paths.data_dir / "tasks.lock"):
        result = dispatch.dispatch(context, REQUEST)
    assert (result.program, result.pid) == ("watch", 7)
