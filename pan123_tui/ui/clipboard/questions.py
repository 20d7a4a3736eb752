"""Questions that were put to the terminal, and the answers to them as they come."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from pan123_tui.ui.intake.sorter import Replied

T = TypeVar("T")


class Questions:
    """Gives each reply to the first question that it answers; what nobody asked is dropped."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._open: list[tuple[Callable[[Replied], Any], asyncio.Future[Any]]] = []

    def ask(self, sequence: str, accept: Callable[[Replied], T | None]) -> "asyncio.Future[T]":
        """Send `sequence`; the future is done when `accept` makes something of a reply.

        Cancel it to stop waiting.
        """
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._open.append((accept, answer))
        self._write(sequence)
        return answer

    def hear(self, reply: Replied) -> None:
        """Take a reply of the terminal."""
        self._open = [question for question in self._open if not question[1].done()]
        for accept, answer in self._open:
            if (made := accept(reply)) is not None:
                answer.set_result(made)
                return
