"""Screen on which the keys of all actions are changed."""

from collections.abc import Iterable, Iterator
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.getters import query_one
from textual.screen import Screen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from pan123_tui.config.settings_store import KEYS_PREFIX
from pan123_tui.domain.errors import Pan123Error, SettingsInvalid
from pan123_tui.domain.sanitize import pad_or_truncate, width
from pan123_tui.i18n import N_, _, join_list, join_sentences, with_parenthetical
from pan123_tui.ui.dialogs.help import GROUPS
from pan123_tui.ui.dialogs.prompts import ConfirmScreen, KeyPrompt
from pan123_tui.ui.keymap import KeyDraft, Scope, is_typed, key_name, key_of
from pan123_tui.ui.settings.controller import SettingsController
from pan123_tui.ui.settings.screen import save_error
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.ui.widgets.styled_text import plain_content
from pan123_tui.ui.widgets.text_input import TextInput
from pan123_tui.wording.problems import explain_problem

_TEXT_GROUPS = frozenset(("add", "edit", "row", "filter", "help", "file", "account", "new_folder"))
"""Groups of actions beside a field, in which a letter is typed."""
_ROOMY_CELLS = 70
"""Screen width from which the ids are shown."""
_FIRST_KEYS = ("keys.save", "keys.change", "keys.search", "keys.add", "keys.reset", "keys.leave")
_KEY_CELLS = (12, 20)
"""Cells for the keys of an action, on a narrow screen and on others."""


class KeysList(OptionList):
    """A list of actions."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", N_("change"), id="keys.change", tooltip=N_("Set a new key")),
    ]


class KeysScreen(Screen[None]):
    """Lists all actions with their keys; saves all changes at once or none."""

    AUTO_FOCUS = "#keys-list"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", N_("save"), id="keys.save", tooltip=N_("Save the changes")),
        Binding("plus,a", "change(True)", N_("add a key"), id="keys.add"),
        Binding(
            "d,delete",
            "reset",
            N_("reset"),
            id="keys.reset",
            tooltip=N_("Back to the default keys"),
        ),
        Binding("D", "reset_all", N_("reset all"), id="keys.reset_all", show=False),
        Binding("slash", "search", N_("search"), id="keys.search"),
        Binding("j", "move('down')", N_("down"), id="keys.down", show=False),
        Binding("k", "move('up')", N_("up"), id="keys.up", show=False),
        Binding("g", "move('first')", N_("first"), id="keys.first", show=False),
        Binding("G", "move('last')", N_("last"), id="keys.last", show=False),
        Binding("escape", "leave", N_("back"), id="keys.leave"),
    ]

    search = query_one("#keys-search", Input)
    actions = query_one(KeysList)
    note = query_one("#keys-note", Static)

    def __init__(self, controller: SettingsController, scopes: Iterable[Scope]) -> None:
        """`scopes` are the bindings of all screens."""
        super().__init__()
        self._controller = controller
        self._saved = controller.settings.keys
        self._draft = KeyDraft(self._saved, scopes)
        self._label_cells = max(width(self._label(it)) for it in self._draft.actions)

    def compose(self) -> ComposeResult:
        yield Static(_("Keys"), id="settings-title", markup=False)
        hint = with_parenthetical(_("search"), key_of(self, "keys.search"))
        search = TextInput(id="keys-search", placeholder=hint, compact=True)
        search.cursor_blink = False
        yield search
        yield KeysList(id="keys-list", compact=True, markup=False)
        yield Static("", id="keys-note", markup=False)
        yield KeyBar(first=_FIRST_KEYS)

    def on_resize(self) -> None:
        self._show()

    @on(Input.Changed)
    def filter(self) -> None:
        self._show()

    @on(Input.Submitted)
    def keep_search(self) -> None:
        self.actions.focus()

    @on(OptionList.OptionSelected)
    def change_clicked(self) -> None:
        self.action_change()

    def action_search(self) -> None:
        self.search.focus()

    def action_move(self, where: str) -> None:
        moves = {
            "down": self.actions.action_cursor_down,
            "up": self.actions.action_cursor_up,
            "first": self.actions.action_first,
            "last": self.actions.action_last,
        }
        moves[where]()

    @work(group="change key", exclusive=True)
    async def action_change(self, is_added: bool = False) -> None:
        """Let the user press a key, and show who has it before it is taken."""
        if (binding_id := self._chosen) is None:
            return
        key = await self.app.push_screen_wait(KeyPrompt(self._label(binding_id)))
        if key is None:
            return
        changed = self._draft.with_key(binding_id, key, is_added=is_added)
        if changed is None:
            text = _("{key} is the only key of {other}: give that another one first.")
            self._say(text.format(key=key_name(key), other=self._owners(key, binding_id)))
            return
        if detail := self._consequences(binding_id, key, changed):
            question = _("Use {key} for “{action}”?")
            screen = ConfirmScreen(
                question.format(key=key_name(key), action=self._label(binding_id)),
                detail=detail,
                yes=_("Change the keys"),
                no=_("Leave them"),
            )
            if not await self.app.push_screen_wait(screen):
                return
        self._change(changed)

    def action_reset(self) -> None:
        if self._chosen is not None:
            self._change(self._draft.without(self._chosen))

    def action_reset_all(self) -> None:
        self._change(self._draft.without())

    @work(group="save-settings", exclusive=True)
    async def action_save(self) -> None:
        """Save the changed keys, and leave unless that failed."""
        changes = self._draft.changes_from(self._saved)
        try:
            if changes:
                prefixed = {KEYS_PREFIX + binding_id: keys for binding_id, keys in changes.items()}
                await self._controller.save(prefixed)
        except SettingsInvalid as error:
            self._say(str(error))
        except OSError as error:
            self._say(save_error(error))
        except Pan123Error as error:  # they are saved, but the engine was not told
            self._say(explain_problem(error.problem).text)
        else:
            self.notify(_("Saved.") if changes else _("Nothing was changed."), markup=False)
            self._close()

    @work(group="leave")
    async def action_leave(self) -> None:
        """Clear the search, else leave, after a confirmation if there are unsaved changes."""
        if not self.is_active:  # its question is open
            return
        if self.search.value or self.search.has_focus:
            self.search.clear()
            self.actions.focus()
            return
        if self._draft.changes_from(self._saved):
            question = ConfirmScreen(
                _("Discard the changes?"), yes=_("Discard"), no=_("Keep editing")
            )
            if not await self.app.push_screen_wait(question):
                return
        self._close()

    @property
    def _chosen(self) -> str | None:
        """The id of the action under the cursor."""
        option = self.actions.highlighted_option
        return option.id if option else None

    def _change(self, draft: KeyDraft) -> None:
        self._draft = draft
        self._show()

    def _show(self) -> None:
        """List the actions that match the search; the cursor stays on its action."""
        chosen = self._chosen
        words = self.search.value.casefold().split()
        self.actions.clear_options()
        self.actions.add_options(self._options(words))
        if chosen and chosen in {option.id for option in self.actions.options}:
            self.actions.highlighted = self.actions.get_option_index(chosen)
        elif self.actions.option_count:
            self.actions.action_first()
        conflicts = self._draft.conflicts()
        self._say(str(conflicts[0]) if conflicts else self._usual_note())

    def _usual_note(self) -> str:
        if not self.actions.option_count:
            return _("No match.")
        if count := len(self._draft.overrides):
            return _("* changed: {count}").format(count=count)
        return _("All keys are the default ones.")

    def _say(self, text: str) -> None:
        self.note.update(plain_content(text))

    def _options(self, words: list[str]) -> Iterator[Option]:
        groups: dict[str, list[str]] = {}
        for binding_id in self._draft.actions:
            group = binding_id.partition(".")[0]
            groups.setdefault(group if group in GROUPS else "", []).append(binding_id)
        for group, heading in GROUPS.items():
            title = _(heading) if group else _("Other screens")
            found = [it for it in groups.get(group, []) if self._matches(it, title, words)]
            if found:
                yield Option(Content.styled(title, "bold $text-primary"), disabled=True)
            for binding_id in found:
                yield Option(self._row(binding_id), id=binding_id)

    def _row(self, binding_id: str) -> Content:
        is_changed = binding_id in self._draft.overrides
        mark = ("* ", "bold $text-accent") if is_changed else "  "
        is_roomy = self.size.width >= _ROOMY_CELLS
        keys = pad_or_truncate(self._keys(binding_id), _KEY_CELLS[is_roomy])
        label = pad_or_truncate(self._label(binding_id), self._label_cells)
        shown_id = f"  {binding_id}" if is_roomy else ""
        return Content.assemble(
            mark, (keys, "bold $text-accent"), "  ", label, (shown_id, "$text-muted")
        )

    def _matches(self, binding_id: str, title: str, words: list[str]) -> bool:
        binding = self._draft.actions[binding_id]
        explanation = _(binding.tooltip) if binding.tooltip else ""
        texts = (title, self._label(binding_id), explanation, self._keys(binding_id), binding_id)
        text = " ".join(texts).casefold()
        return all(word in text for word in words)

    def _label(self, binding_id: str) -> str:
        return _(self._draft.actions[binding_id].description)

    def _keys(self, binding_id: str) -> str:
        return " ".join(map(key_name, self._draft.keys(binding_id)))

    def _owners(self, key: str, binding_id: str) -> str:
        owners = self._draft.owners(key, binding_id)
        return join_list([f"“{self._label(owner)}” ({owner})" for owner in owners])

    def _consequences(self, binding_id: str, key: str, changed: KeyDraft) -> str:
        """Return which action loses the key and what it has then; "" if none does."""
        lines = []
        for owner in self._draft.owners(key, binding_id):
            text = _("{key} is the key of “{other}” ({id}), which then has {keys}.")
            lines.append(
                text.format(
                    key=key_name(key),
                    other=self._label(owner),
                    id=owner,
                    keys=join_list([key_name(it) for it in changed.keys(owner)]),
                )
            )
        if is_typed(key) and self._draft.actions[binding_id].priority:
            lines.append(_("No text field takes {key} any more.").format(key=key_name(key)))
        elif is_typed(key) and binding_id.partition(".")[0] in _TEXT_GROUPS:
            lines.append(_("In a text field it types the letter instead."))
        return join_sentences(*lines)

    def _close(self) -> None:
        if self.is_active:
            self.dismiss(None)
