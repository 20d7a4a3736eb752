"""The engine of another process, for the commands that do not draw a screen."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Self, TypeVar

from pan123_tui.bootstrap import AppContext, socket_client
from pan123_tui.domain.commands import Command, SetVisible
from pan123_tui.domain.errors import EngineLost, Pan123Error, Problem
from pan123_tui.engine.remote.protocol import Hello
from pan123_tui.ui.task_model import TaskModel

T = TypeVar("T")
CLOSE_TIMEOUT_S = 1.0
ANSWER_TIMEOUT_S = 3.0
FIRST_UPDATE_S = 5.0
"""How long a part of the first state may take."""


class RemoteEngine:
    """A connection to the engine of the program that holds the data folder, in a `with` block."""

    def __init__(
        self, context: AppContext, *, wants_updates: bool = False, patience_s: float | None = None
    ) -> None:
        """`patience_s` is how long the engine may take until it listens."""
        self.model = TaskModel()
        self.is_complete = False
        """Whether `model` has all tasks."""
        self._client = socket_client(context, patience_s=patience_s, wants_updates=wants_updates)
        self._announced = threading.Event()
        self._error: Pan123Error | None = None

    def __enter__(self) -> Self:
        threading.Thread(target=self._run, daemon=True, name="remote-engine").start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._client.stop(CLOSE_TIMEOUT_S)

    @property
    def hello(self) -> Hello | None:
        """Who serves; None while nobody has answered."""
        return self._client.engine

    @property
    def store_problem(self) -> Problem | None:
        """Why the effects of the latest command are in memory only, if they are."""
        return self._client.store_problem

    @property
    def is_paused(self) -> bool:
        """Whether sending was paused after the latest command."""
        return self._client.is_paused

    def call(self, command: Command[T], *, timeout_s: float | None = None) -> T:
        """Have `command` carried out; raises an `EngineError` if no answer comes in time.

        `timeout_s` is shorter than the client's own limit.
        """
        try:
            return asyncio.run(asyncio.wait_for(self._client.call(command), timeout_s))
        except (asyncio.CancelledError, TimeoutError):
            raise self._error or EngineLost("no answer in time") from None

    def changes(self) -> Iterator[TaskModel]:
        """Yield the model whenever it has changed; raises an `EngineError` at the end."""
        while True:
            timeout_s = None if self.is_complete else FIRST_UPDATE_S
            if not self._announced.wait(timeout_s) and self.hello is not None:
                raise EngineLost("no update in time")
            yield self.update()

    def update(self) -> TaskModel:
        """Return the model with what has come so far; raises an `EngineError` at the end."""
        self._announced.clear()
        updates = self._client.drain()
        is_lost = updates.attachment is not None and not updates.attachment.is_reachable
        if is_lost or self._error is not None:
            raise self._error or EngineLost("the connection ended")
        if updates.is_complete is not None:
            self.is_complete = updates.is_complete
        self.model.apply(updates)
        return self.model

    def load(self) -> TaskModel:
        """Return the model once it has all tasks; raises an `EngineError`."""
        return next(model for model in self.changes() if self.is_complete)

    def answers(self) -> bool:
        """Return whether the engine answers a command that changes nothing."""
        try:
            self.call(SetVisible(), timeout_s=ANSWER_TIMEOUT_S)
        except EngineLost:
            return False
        return True

    def _run(self) -> None:
        try:
            self._client.run(self._announced.set)
        except Pan123Error as error:
            self._error = error
        finally:
            self._announced.set()
