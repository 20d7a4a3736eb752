"""Hooks: which commands run, with what in their environment, and what they cannot do."""

import asyncio
import logging
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace

from pan123_tui.domain.credentials import ACCOUNT_VARIABLES
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import TasksChanged, TasksLoaded
from pan123_tui.domain.task import DownloadRequest, Task, TaskState, new_task
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.hooks import MAX_CONCURRENT, HookCommands, Hooks, task_environ

S = TaskState
NOBODY = cast("Engine", None)


def task_in(state: TaskState, number: int = 1) -> Task:
    task = new_task(DownloadRequest("https://example.com/a.iso"), task_id=number, at=1.0)
    return replace(task, state=state)


def python(code: str, *arguments: object) -> tuple[str, ...]:
    return (sys.executable, "-c", code, *map(str, arguments))


def is_at_work(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and ") Z " not in state.read_text()


def is_seen_off(pid: int) -> bool:
    """Return whether a killed process ends within the time that the system may take."""
    deadline = time.monotonic() + 30
    while is_at_work(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not is_at_work(pid)


@asynccontextmanager
async def working(commands: HookCommands) -> AsyncIterator[Hooks]:
    hooks = Hooks(commands)
    hooks.on_event(TasksLoaded(TaskCollection([task_in(S.RUNNING), task_in(S.SUCCEEDED, 99)])))
    work = asyncio.create_task(hooks.run(NOBODY))
    try:
        async with asyncio.timeout(30):
            yield hooks
            await hooks.wait_idle()
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


def noting(path: Path) -> tuple[str, ...]:
    """A command that notes the task that it is told of."""
    code = (
        "import os,sys; e=os.environ\n"
        "open(sys.argv[1],'a').write(e['PAN123_TASK_ID']+' '+e['PAN123_TASK_STATE']+'\\n')"
    )
    return python(code, path)


async def test_what_is_learned_of_a_task_of_a_former_run_runs_nothing(tmp_path: Path) -> None:
    good, done = tmp_path / "good", task_in(S.SUCCEEDED)
    hooks = Hooks(HookCommands(on_success=noting(good)))
    hooks.on_event(TasksLoaded(TaskCollection([done])))
    hooks.on_event(TasksChanged((replace(done, file_id=7),)))
    assert hooks._queue.empty()


async def test_each_end_runs_its_command_once(tmp_path: Path) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    async with working(HookCommands(on_success=noting(good), on_failure=noting(bad))) as hooks:
        hooks.on_event(TasksChanged((task_in(S.SUCCEEDED),)))
        hooks.on_event(TasksChanged((replace(task_in(S.SUCCEEDED), file_id=7),)))
        for number, state in enumerate((S.FAILED, S.REJECTED, S.MISSING, S.UNCONFIRMED), 2):
            hooks.on_event(TasksChanged((task_in(state, number),)))
    assert good.read_text() == "1 succeeded\n"
    assert sorted(bad.read_text().splitlines()) == ["2 failed", "3 rejected", "4 missing"]


async def test_what_had_ended_before_the_start_runs_nothing(tmp_path: Path) -> None:
    async with working(HookCommands(on_success=noting(tmp_path / "good"))) as hooks:
        hooks.on_event(TasksChanged((task_in(S.SUCCEEDED, 99),)))
    assert not (tmp_path / "good").exists()


async def test_a_command_learns_about_the_task_but_not_the_secrets(tmp_path: Path) -> None:
    code = "import os,sys,json; json.dump(dict(os.environ), open(sys.argv[1],'w'))"
    out = tmp_path / "environment"
    environ = dict.fromkeys(ACCOUNT_VARIABLES.values(), "hidden") | {"KEPT": "yes"}
    async with working(HookCommands(on_success=python(code, out), environ=environ)) as hooks:
        hooks.on_event(TasksChanged((replace(task_in(S.SUCCEEDED), file_id=4711),)))
    told = out.read_text()
    assert '"PAN123_TASK_FILE_ID": "4711"' in told
    assert '"PAN123_TASK_NAME": "a.iso"' in told
    assert '"KEPT": "yes"' in told
    assert "hidden" not in told


def test_hostile_text_cannot_break_the_environment() -> None:
    problem = Problem(ProblemKind.REQUEST_REJECTED, "a\0b", 1, "t")
    hostile = replace(task_in(S.FAILED), problem=problem, fail_reason="\ud800\x1b[2J")
    told = task_environ(hostile)
    assert told["PAN123_TASK_MESSAGE"] == "a\\x00b"
    assert "\x1b" not in told["PAN123_TASK_FAIL_REASON"]
    assert all(value.encode() is not None for value in told.values())


async def test_a_command_that_hangs_is_ended_with_what_it_started(tmp_path: Path) -> None:
    code = (
        "import subprocess,sys,time\n"
        "p=subprocess.Popen([sys.executable,'-c','import time; time.sleep(600)'])\n"
        "open(sys.argv[1],'w').write(str(p.pid)); time.sleep(600)"
    )
    began = time.monotonic()
    commands = HookCommands(on_success=python(code, tmp_path / "pid"), timeout_s=2)
    async with working(commands) as hooks:
        hooks.on_event(TasksChanged((task_in(S.SUCCEEDED),)))
    assert time.monotonic() - began < 60
    pid = int((tmp_path / "pid").read_text())
    assert is_seen_off(pid)


async def test_no_more_than_a_few_run_at_once(tmp_path: Path) -> None:
    code = (
        "import os,sys,time; d=sys.argv[1]; me=os.path.join(d,str(os.getpid()))\n"
        "open(me,'w').close(); n=len(os.listdir(d)); time.sleep(0.05)\n"
        "os.remove(me); open(sys.argv[2],'a').write(str(n)+'\\n')"
    )
    folder, counts = tmp_path / "running", tmp_path / "counts"
    folder.mkdir()
    async with working(HookCommands(on_success=python(code, folder, counts))) as hooks:
        hooks.on_event(TasksChanged(tuple(task_in(S.SUCCEEDED, n) for n in range(200, 212))))
    seen = [int(line) for line in counts.read_text().split()]
    assert len(seen) == 12
    assert max(seen) <= MAX_CONCURRENT


async def test_its_output_goes_to_the_log_cut_and_without_secrets(
    caplog: pytest.LogCaptureFixture,
) -> None:
    code = "print('see https://a.b/c?sign=xyz', '\\x1b[2J', 'x' * 100000)"
    with caplog.at_level(logging.INFO):
        async with working(HookCommands(on_success=python(code))) as hooks:
            hooks.on_event(TasksChanged((task_in(S.SUCCEEDED),)))
    assert "exit code 0" in caplog.text
    assert "xyz" not in caplog.text
    assert "\x1b" not in caplog.text
    assert len(caplog.text) < 6000


async def test_a_command_that_does_not_exist_is_logged_and_stops_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with working(HookCommands(on_success=("/no/such/program",))) as hooks:
        hooks.on_event(TasksChanged((task_in(S.SUCCEEDED), task_in(S.SUCCEEDED, 3))))
    assert caplog.text.count("/no/such/program") >= 2
