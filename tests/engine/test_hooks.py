"""Hooks: which commands run, with what in their environment, and what they cannot do."""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from pan123_tui.config import schema
from pan123_tui.domain.credentials import ACCOUNT_VARIABLES
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import TasksChanged, TasksLoaded
from pan123_tui.domain.send_queue import without_plan
from pan123_tui.domain.task import (
    ArrivalCheck,
    ArrivalStatus,
    AutoRetry,
    Task,
    TaskState,
)
from pan123_tui.engine import hooks as hooks_module
from pan123_tui.engine.hooks import MAX_CONCURRENT, Hooks, task_environ
from pan123_tui.system.processes import CommandResult
from tests.paper_service import or_raise
from tests.samples import a_task

S = TaskState


def task_in(state: TaskState, number: int = 1) -> Task:
    return a_task(number, state, url="https://example.com/a.iso")


def python(code: str, *arguments: object) -> tuple[str, ...]:
    return (sys.executable, "-c", code, *map(str, arguments))


@asynccontextmanager
async def working(commands: schema.Hooks, environ: Mapping[str, str] = {}) -> AsyncIterator[Hooks]:
    hooks = Hooks(lambda: commands, environ=environ)
    hooks.on_event(TasksLoaded((task_in(S.RUNNING), task_in(S.SUCCEEDED, 99))))
    work = asyncio.create_task(hooks.run())
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


async def test_each_end_runs_its_command_once(tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    async with working(schema.Hooks(on_end=noting(ended))) as hooks:
        hooks.on_event(TasksChanged((task_in(S.SUCCEEDED),)))
        hooks.on_event(TasksChanged((replace(task_in(S.SUCCEEDED), file_id=7),)))
        for number, state in enumerate((S.FAILED, S.REJECTED, S.MISSING, S.UNCONFIRMED), 2):
            hooks.on_event(TasksChanged((task_in(state, number),)))
        hooks.on_event(TasksChanged((task_in(S.SUCCEEDED, 99),)))  # a task of a former run
        for state in (S.QUEUED, S.RUNNING, S.SUCCEEDED):
            hooks.on_event(TasksChanged((task_in(state, 2),)))  # which is retried and ends again
        hooks.on_event(TasksChanged(removed={n: task_in(S.SUCCEEDED, n) for n in (1, 3)}))
        hooks.on_event(TasksChanged((task_in(S.SUCCEEDED),)))  # its removal is undone
    lines = sorted(ended.read_text().splitlines())
    assert lines == ["1 succeeded", "2 failed", "2 succeeded", "3 rejected", "4 missing"]


async def test_a_failure_that_is_retried_is_no_end_until_it_is_not(tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    async with working(schema.Hooks(on_end=noting(ended))) as hooks:
        planned = replace(task_in(S.FAILED), auto_retry=AutoRetry(0, 1, 9.0))
        hooks.on_event(TasksChanged((planned,)))
        await hooks.wait_idle()
        assert not ended.exists()
        hooks.on_event(TasksChanged((without_plan(planned),)))
    assert ended.read_text() == "1 failed\n"


def of_batch(state: TaskState, number: int, **facts: Any) -> Task:
    return replace(task_in(state, 10 + number), batch="night", **facts)


def noting_batch(path: Path) -> tuple[str, ...]:
    """A command that notes the batch that it is told of."""
    code = (
        "import os,sys; e=os.environ; n='PAN123_BATCH_'\n"
        "f=[e[n+k] for k in ('NAME','DONE','FAILED','UNSURE','FILES','BYTES')]\n"
        "open(sys.argv[1],'a').write(' '.join(f)+'\\n')"
    )
    return python(code, path)


async def test_a_batch_that_ends_runs_its_command_once_with_its_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks_module, "SETTLE_S", 0.2)
    out = tmp_path / "batches"

    def become(*changed: Task) -> None:
        hooks.on_event(TasksChanged(changed))

    async with working(schema.Hooks(on_batch_end=noting_batch(out))) as hooks:
        become(*(of_batch(S.QUEUED, number) for number in range(1, 6)))
        found = ArrivalCheck(ArrivalStatus.FOUND, 1.0, size=1000)
        become(of_batch(S.SUCCEEDED, 1), of_batch(S.UNCONFIRMED, 2))
        become(of_batch(S.MISSING, 3), of_batch(S.REJECTED, 4))
        become(of_batch(S.FAILED, 5, auto_retry=AutoRetry(0, 1, 9.0)))
        await hooks.wait_idle()
        assert not out.exists(), "one is still to be retried"
        become(of_batch(S.FAILED, 5, auto_retry=AutoRetry(1, 1)))
        become(of_batch(S.SUCCEEDED, 1, arrival=found))  # looked for after the batch's end
        await hooks.wait_idle()
        assert out.read_text() == "night 1 2 2 1 1000\n"
        become(of_batch(S.QUEUED, 5))
        become(of_batch(S.FAILED, 5))
        become(of_batch(S.QUEUED, 5))  # it goes on again before it has settled
        await hooks.wait_idle()
        become(of_batch(S.FAILED, 5))
        become(of_batch(S.QUEUED, 5))
        become(of_batch(S.SUCCEEDED, 5))  # two ends within that time are one
    assert out.read_text().splitlines()[1:] == ["night 2 1 2 1 1000"]


async def test_a_batch_that_had_ended_before_the_start_or_is_gone_runs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks_module, "SETTLE_S", 0.2)
    out = tmp_path / "batches"
    async with working(schema.Hooks(on_batch_end=noting_batch(out))) as hooks:
        hooks.on_event(TasksChanged((replace(task_in(S.SUCCEEDED, 99), file_id=7),)))
        hooks.on_event(TasksChanged((of_batch(S.QUEUED, 5),)))
        hooks.on_event(TasksChanged(removed={15: task_in(S.SUCCEEDED, 15)}))
    assert not out.exists()


async def test_a_command_learns_about_the_task_but_not_the_secrets(tmp_path: Path) -> None:
    code = "import os,sys,json; json.dump(dict(os.environ), open(sys.argv[1],'w'))"
    out = tmp_path / "environment"
    environ = dict.fromkeys(ACCOUNT_VARIABLES.values(), "hidden") | {"KEPT": "yes"}
    async with working(schema.Hooks(on_end=python(code, out)), environ=environ) as hooks:
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


async def test_no_more_than_a_few_run_at_once(tmp_path: Path) -> None:
    code = (
        "import os,sys,time; d=sys.argv[1]; me=os.path.join(d,str(os.getpid()))\n"
        "open(me,'w').close(); n=len(os.listdir(d)); time.sleep(0.05)\n"
        "os.remove(me); open(sys.argv[2],'a').write(str(n)+'\\n')"
    )
    folder, counts = tmp_path / "running", tmp_path / "counts"
    folder.mkdir()
    async with working(schema.Hooks(on_end=python(code, folder, counts))) as hooks:
        hooks.on_event(TasksChanged(tuple(task_in(S.SUCCEEDED, n) for n in range(200, 212))))
    seen = [int(line) for line in counts.read_text().split()]
    assert len(seen) == 12
    assert max(seen) <= MAX_CONCURRENT


async def test_its_output_is_logged_cut_and_clean(caplog: pytest.LogCaptureFixture) -> None:
    code = "print('see https://a.b/c?sign=xyz', '\\x1b[2J', 'x' * 100000)"
    with caplog.at_level(logging.INFO):
        async with working(schema.Hooks(on_end=python(code))) as hooks:
            hooks.on_event(TasksChanged((task_in(S.SUCCEEDED),)))
    assert "exit code 0" in caplog.text
    assert "xyz" not in caplog.text
    assert "\x1b" not in caplog.text
    assert len(caplog.text) < 6000


async def test_an_error_that_nobody_expects_costs_one_command(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes: Iterator[Exception | CommandResult] = iter(
        [ValueError("a bug"), CommandResult(0, b"well")]
    )

    async def run(*_command: object, **_limits: object) -> CommandResult:
        return or_raise(next(outcomes))

    monkeypatch.setattr(hooks_module, "run_command", run)
    with caplog.at_level(logging.INFO):
        async with working(schema.Hooks(on_end=("command",))) as hooks:
            hooks.on_event(TasksChanged((task_in(S.SUCCEEDED), task_in(S.SUCCEEDED, 3))))
    assert "ValueError: a bug" in caplog.text
    assert "exit code 0 well" in caplog.text


async def test_a_missing_command_is_logged_only(caplog: pytest.LogCaptureFixture) -> None:
    async with working(schema.Hooks(on_end=("/no/such/program",))) as hooks:
        hooks.on_event(TasksChanged((task_in(S.SUCCEEDED), task_in(S.SUCCEEDED, 3))))
    assert caplog.text.count("/no/such/program") >= 2
