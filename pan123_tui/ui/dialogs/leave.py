"""The dialog that asks what becomes of unfinished tasks when the user quits."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from textual.app import App
from textual.events import Key
from textual.widgets import OptionList

from pan123_tui.config.schema import OnQuit
from pan123_tui.domain.errors import SettingsInvalid
from pan123_tui.domain.task import ACTIVE_STATES, UNSENT_STATES
from pan123_tui.i18n import _
from pan123_tui.ui.dialogs.prompts import Choice, ChoiceScreen
from pan123_tui.ui.task_model import TaskModel
from pan123_tui.wording.engine import unsent_if_ended, unwatched
from pan123_tui.wording.queue import paused_text

_REMEMBER = "r"
_RESULTS: dict[str, OnQuit] = {"l": "leave-running", "e": "end"}


class LeaveScreen(ChoiceScreen):
    """Returns "leave-running" or "end", or None to stay; `is_remembered` for the next times too."""

    def __init__(self, *, unsent: int, held: int, running: int, is_paused: bool = False) -> None:
        """An end leaves `unsent` links (`held` ones wait in any case), and `running` unwatched.

        While sending `is_paused`, the others wait in any case too.
        """
        self.is_remembered = False
        consequences = [unsent_if_ended(unsent, held)] if unsent else []
        if running:
            consequences.append(unwatched(running))
        if unsent > held or running:
            consequences.insert(0, _("If the program ends:"))
        if unsent > held and is_paused:
            consequences.append(paused_text())
        super().__init__(
            _("Quit?"),
            self._choices_now(),
            text="\n".join(consequences),
        )

    def on_key(self, event: Key) -> None:
        """Ignore the key that asked: pressed twice, it would leave the question unseen."""
        if event.key == "q":
            event.stop()

    def close(self, result: str | None = None) -> None:
        """Dismiss the screen with the choice, or switch whether it is remembered."""
        if result == _REMEMBER:
            self.is_remembered = not self.is_remembered
            self._choices = self._choices_now()
            options = self.query_one(OptionList)
            options.replace_option_prompt_at_index(3, self._options()[3].prompt)
        else:
            super().close(_RESULTS.get(result or ""))

    def _choices_now(self) -> list[Choice]:
        return [
            ("l", _("leave it running"), ""),
            ("e", _("end it"), ""),
            ("s", _("stay"), ""),
            (_REMEMBER, _("remember this choice"), _("yes") if self.is_remembered else _("no")),
        ]


async def choose_how_to_leave(
    app: App[Any],
    model: TaskModel,
    on_quit: OnQuit,
    save: Callable[[Mapping[str, Any]], Awaitable[None]] | None,
) -> str:
    """Return "leave-running", "end" or "stay": the setting `on_quit`, or what the user chooses.

    Ask only where tasks are unfinished and saved. `save` saves the choice as a setting.
    """
    unsent = sum(model.counts[state] for state in UNSENT_STATES)
    running = sum(model.counts[state] for state in ACTIVE_STATES)
    if model.status.store_problem is not None or not (unsent or running):
        return "end"
    if on_quit != "ask":
        return on_quit
    is_paused = model.status.is_paused
    screen = LeaveScreen(unsent=unsent, held=model.held_count, running=running, is_paused=is_paused)
    choice = await app.push_screen_wait(screen)
    if choice is not None and screen.is_remembered and save is not None:
        with suppress(SettingsInvalid, OSError):  # it is asked again then
            await save({"ui.on_quit": choice})
    return choice or "stay"
