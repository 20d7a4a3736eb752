"""The engine, for the commands that do not draw a screen."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Self, TypeVar, cast

from msgspec import Struct

from pan123_tui.bootstrap import AppContext, engine_client, print_message
from pan123_tui.client.engine_client import AttachmentState
from pan123_tui.client.protocol import Hello
from pan123_tui.client.starter import START_TIMEOUT_S, explained, silence
from pan123_tui.client.task_model import TaskModel
from pan123_tui.config.credentials import has_account
from pan123_tui.domain.commands import Command, SetVisible, StopEngine
from pan123_tui.domain.errors import (
    EngineError,
    EngineLost,
    ProblemKind,
    StoreLocked,
    error_of,
)
from pan123_tui.domain.events import Status
from pan123_tui.domain.task import UNSENT_STATES, Task
from pan123_tui.i18n import _, join_list, join_sentences
from pan123_tui.system.folder_lock import (
    HOLDER_NAME,
    Holder,
    find_holder,
    is_listening,
)
from pan123_tui.wording.actions import paused_text
from pan123_tui.wording.engine import rest_texts
from pan123_tui.wording.formats import count_links
from pan123_tui.wording.problems import explain_problem

T = TypeVar("T")
CHECK_INTERVAL_S = 0.05
STOP_TIMEOUT_S = 10.0
"""How long the engine may take to save and end after being told to."""
NEXT_SAVE_S = 5.0
"""By then the engine has tried to save once more."""
TICK_S = 1.0
"""How often a waiting caller is asked whether it has seen enough."""


class RemoteEngine:
    """A connection to the engine, which is started if none runs; in a `with` block."""

    def __init__(
        self, context: AppContext, *, may_start: bool = True, wants_updates: bool = False
    ) -> None:
        """Without `may_start`, only an engine that runs is asked."""
        self.model = TaskModel()
        self._data_dir = context.paths.data_dir
        if may_start:
            for text in context.paths.ensure_directories():
                print_message(text)
        self.client = engine_client(context, may_start=may_start, wants_updates=wants_updates)
        self._loop = asyncio.Runner()
        self._has_news = asyncio.Event()
        self.client.on_update = self._has_news.set
        self._running = self._loop.get_loop().create_task(self.client.run())
        self._running.add_done_callback(lambda ran: ran.cancelled() or ran.exception())
        self._running.add_done_callback(lambda _ran: self._has_news.set())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._loop.close()  # which cancels the connection

    @property
    def hello(self) -> Hello | None:
        """The engine's greeting; None while no engine has answered."""
        return self.client.engine

    def call(self, command: Command[T]) -> T:
        """Have `command` carried out; raises a `Pan123Error`."""
        try:
            return self._loop.run(self.client.call(command))
        except EngineLost as error:
            raise explained(error, self.hello, self._data_dir) from None

    def changes(self) -> Iterator[TaskModel]:
        """Yield the model whenever it has changed or a second has passed; raises an `EngineError`.

        After an engine that was ended, another is waited for: a `watch` may take its place.
        """
        while True:
            self._loop.run(self._wait_for_news())
            self._has_news.clear()
            self.model.apply(*self.client.drain())
            attachment = self.model.attachment
            if attachment.state is AttachmentState.SILENT:
                raise silence(self._data_dir)
            if not attachment.is_reachable and attachment.trouble is not None:
                raise error_of(attachment.trouble)
            yield self.model

    @property
    def is_complete(self) -> bool:
        return self.model.is_loaded and self.model.is_complete

    async def _wait_for_news(self) -> None:
        is_up_to_date = self.is_complete and self.model.attachment.is_reachable
        longest_s = TICK_S if is_up_to_date else START_TIMEOUT_S
        try:
            # The connection ends by itself where no engine comes.
            async with asyncio.timeout(None if self.hello is None else longest_s):
                await self._has_news.wait()
            if self._running.done():
                await self._running
        except TimeoutError:
            if not is_up_to_date:
                raise explained(EngineLost(), self.hello, self._data_dir) from None
        except EngineLost as error:
            raise explained(error, self.hello, self._data_dir) from None

    def load(self) -> TaskModel:
        """Return the model once it has all tasks; raises an `EngineError`."""
        return next(model for model in self.changes() if self.is_complete)


def wait_for_socket(context: AppContext) -> Holder:
    """Wait a while until the holder listens, and return it."""
    folder = context.paths.data_dir
    while True:
        holder = find_holder(folder)
        began_at = 0.0
        with suppress(OSError):
            began_at = (folder / HOLDER_NAME).stat().st_mtime
        is_late = time.time() - began_at >= START_TIMEOUT_S
        if holder.pid is None or is_late or is_listening(folder):
            return holder
        time.sleep(CHECK_INTERVAL_S)


def end_engine(context: AppContext, pid: int, *, is_forced: bool = False) -> bool:
    """Have the engine `pid` end, and return whether it has; raises `StoreLocked`.

    Unless `is_forced`, raises `StoreUnwritable` where the disk has refused what it knows.
    """
    folder = context.paths.data_dir
    if wait_for_socket(context).pid is not None:
        if not is_forced:
            _check_saved(context)
        with RemoteEngine(context, may_start=False) as engine, suppress(EngineLost, StoreLocked):
            engine.call(StopEngine())
        if engine.hello is None and is_listening(folder):
            raise silence(folder)
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while find_holder(folder).pid == pid:
        if time.monotonic() >= deadline:
            return False
        time.sleep(CHECK_INTERVAL_S)
    return True


def _check_saved(context: AppContext) -> None:
    """Raise `StoreUnwritable`, and say so, if something would be lost with the engine."""
    until = time.monotonic() + NEXT_SAVE_S
    with suppress(EngineError, StoreLocked), RemoteEngine(context, may_start=False) as engine:
        while True:
            engine.call(SetVisible())
            problem = engine.client.answer.store_problem
            if problem is None or problem.kind is not ProblemKind.STORE_UNWRITABLE:
                return  # where the folder is lost, ending the engine is the way out
            if time.monotonic() > until:
                break
            time.sleep(CHECK_INTERVAL_S)
        print_message(
            _("Changes are not saved yet. “pan123-tui stop --force” ends the engine without them.")
        )
        raise error_of(problem)


class Effect(Struct, frozen=True):
    """What became of a command."""

    tasks: tuple[Task, ...]
    """The tasks that it has added, queued or removed."""
    is_saved: bool
    """False if the engine has it in memory only."""
    why_unsent: str
    """What keeps links from being sent; empty if nothing does."""


def print_unfinished(tasks: Mapping[int, Task], status: Status) -> None:
    running = sum(task.is_active for task in tasks.values())
    unsent = sum(task.state in UNSENT_STATES for task in tasks.values())
    for text in rest_texts(status, running=running, unsent=unsent, has_ended=True):
        print_message(text)


def print_queued(result: Effect, *, again: bool = False) -> None:
    ids = [task.id for task in result.tasks]
    is_range = len(ids) - 1 == ids[-1] - ids[0] > 1
    numbers = f"{ids[0]}-{ids[-1]}" if is_range else join_list(map(str, ids))
    text = _("{links} queued again as {numbers}.") if again else _("{links} queued as {numbers}.")
    text = text.format(links=count_links(len(ids)), numbers=numbers)
    print_message(join_sentences(text, result.why_unsent))


@contextmanager
def reach_engine(context: AppContext) -> Iterator[RemoteEngine]:
    """Yield a connection to an engine with the account of this process; raises `OtherAccount`."""
    with RemoteEngine(context) as engine:
        engine.call(SetVisible())  # so that it is known who answers
        if engine.client.account_trouble is not None:
            raise error_of(engine.client.account_trouble)
        yield engine


def carry_out(context: AppContext, command: Command[Any]) -> Effect:
    """Have the engine carry out `command`, and print why that cannot be saved, if it cannot."""
    with reach_engine(context) as engine:
        tasks = cast("tuple[Task, ...]", engine.call(command) or ())
        answer, hello = engine.client.answer, engine.hello
    if answer.store_problem is not None:
        print_message(explain_problem(answer.store_problem).text)
    why = paused_text() if answer.is_paused else ""
    if hello is not None and not has_account(hello.login, hello.id):
        why = _("No account is configured: run “pan123-tui login” to start sending.")
    trouble = explain_problem(answer.trouble).text if answer.trouble else ""
    return Effect(tasks, answer.store_problem is None, join_sentences(why, trouble))
