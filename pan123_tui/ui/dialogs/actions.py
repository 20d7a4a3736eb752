"""All actions of a screen with their keys: searched, explained, and run."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple, Protocol, runtime_checkable

from textual import on
from textual.app import App, ComposeResult
from textual.binding import ActiveBinding, Binding
from textual.containers import VerticalGroup
from textual.content import Content
from textual.dom import DOMNode
from textual.events import Click
from textual.getters import query_one
from textual.screen import Screen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from pan123_tui.domain.sanitize import pad_or_truncate, width
from pan123_tui.i18n import N_, _
from pan123_tui.ui.dialogs import Dialog
from pan123_tui.ui.keymap import group_of
from pan123_tui.ui.widgets.form_fields import TextInput
from pan123_tui.ui.widgets.styled_text import GAP, wrapped

GROUPS: Mapping[str, str] = {
    "links": N_("Links"),
    "tasks": N_("Tasks"),
    "queue": N_("Queue"),
    "files": N_("Files on the drive"),
    "marks": N_("Marks"),
    "view": N_("View"),
    "add": N_("Add links"),
    "review": N_("Review"),
    "edit": N_("This task"),
    "": N_("This screen"),
    "table": N_("Movement"),
    "detail": N_("Movement"),
    "app": N_("Program"),
}
"""Headings by the first part of a binding's id; "" is for all other bindings."""
MAX_KEYS_PER_ACTION = 2
"""How many of an action's keys are named, the shortest ones first."""
_MAX_WORDS_CELLS = 24
_BOX_SHARE, _BOX_CELLS, _CELLS_AROUND = 0.94, 100, 7
"""How wide the box is at most, and what it takes beside the columns."""
_MIN_EXPLANATION_CELLS = 20
"""With less room for them, explanations are only below the list, one at a time."""


class Offer(NamedTuple):
    """A line: an action with its keys."""

    group: str
    keys: str
    words: str
    explanation: str = ""
    id: str = ""
    """The action's name in `[keys]`."""
    action: str = ""
    """What it runs; empty: nothing."""
    node: DOMNode | None = None
    is_possible: bool = True
    reason: str = ""
    other_words: str = ""
    """Not shown: it is only found by them."""

    def line(self, keys: int, words: int, explanation: int) -> Content:
        """Return the line in columns of these widths; a long text in the second pushes the rest."""
        blank = " " * max(words - width(self.words), GAP)
        second = width(self.words + blank)
        text = self.explanation if explanation else ""
        lines = wrapped(text, explanation + words - second, "$text-muted")
        return Content.assemble(
            (pad_or_truncate(self.keys, keys), "bold $text-accent"),
            (self.words + blank, "" if self.is_possible else "$text-disabled"),
            Content("\n" + " " * (keys + second)).join(lines),
        )

    def contains(self, words: Sequence[str], *, is_name: bool = False) -> bool:
        """Return whether all `words` (casefolded) are in its texts, or in its names alone."""
        texts = [self.words, self.other_words]
        texts += [] if is_name else [self.group, self.keys, self.explanation, self.reason, self.id]
        return all(word in " ".join(texts).casefold() for word in words)


@runtime_checkable
class HasActions(Protocol):
    """A screen with actions that are not always possible, or that have no key."""

    def all_actions(self) -> Iterable[tuple[Binding, str, str]]:
        """Return the actions; of each also why it is not possible now, and other words for it."""


class ActionsScreen(Dialog[Offer | None]):
    """Returns the chosen one of the `offers`, or None.

    Textual's `CommandPalette` has no headings, no action that is seen but not possible, and no
    language but English ("No matches found").
    """

    AUTO_FOCUS = "#actions-search"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (80, "-normal")]
    BINDINGS = [
        Binding("escape", "back", N_("back"), id="actions.back"),
        Binding("f1,ctrl+p", "cancel", show=False),
        Binding("down", "move('cursor_down')", show=False, priority=True),
        Binding("up", "move('cursor_up')", show=False, priority=True),
        Binding("pagedown", "move('page_down')", show=False),
        Binding("pageup", "move('page_up')", show=False),
    ]

    options = query_one("#actions-list", OptionList)
    explanation = query_one("#actions-explanation", Static)

    def __init__(self, offers: Sequence[Offer]) -> None:
        super().__init__()
        self._offers = offers
        self._shown: dict[str, Offer] = {}
        """By the id of its line."""

    def compose(self) -> ComposeResult:
        with VerticalGroup(id="actions-box", classes="dialog") as box:
            box.border_title = Content(_("Help: actions and keys"))
            yield TextInput(id="actions-search", placeholder=_("search"), compact=True)
            yield OptionList(id="actions-list", compact=True, markup=False)
            yield Static(id="actions-explanation", markup=False)

    def on_mount(self) -> None:
        self._show("")

    def on_resize(self) -> None:
        self._show(self.query_one(Input).value)

    @on(Input.Changed)
    def _search(self, event: Input.Changed) -> None:
        event.stop()
        self._show(event.value)

    def action_back(self) -> None:
        """Clear the search; without one, close."""
        field = self.query_one(Input)
        if not field.value:
            self.close()
        field.clear()

    def _show(self, query: str) -> None:
        clears, closes = _("{actions.back} clears the search"), _("{actions.back} closes")
        self.query_one("#actions-box").border_subtitle = Content(clears if query else closes)
        words = query.casefold().split()
        found = [offer for offer in self._offers if offer.contains(words)]
        if words:  # a key is the likeliest match, a name likelier than an explanation
            found.sort(
                key=lambda offer: (
                    query not in offer.keys.split(),
                    query.casefold() not in offer.keys.casefold().split(),
                    not offer.contains(words, is_name=True),
                )
            )
        self._shown = {str(number): offer for number, offer in enumerate(found)}
        self.options.set_options(self._lines(has_groups=not words))
        self.options.highlighted = next(
            (i for i, option in enumerate(self.options.options) if not option.disabled), None
        )
        self._explain()

    @on(OptionList.OptionHighlighted)
    def _explain(self) -> None:
        option = self.options.highlighted_option
        offer = self._shown.get(option.id or "") if option else None
        texts = [offer.explanation, offer.reason] if offer else []
        self.explanation.update("\n".join(filter(None, texts)))

    def _lines(self, *, has_groups: bool) -> Iterator[Option]:
        if not self._shown:
            yield Option(Content.styled(_("No match."), "$text-muted"), disabled=True)
            return
        offers = self._shown.values()
        keys = max(width(offer.keys) for offer in offers) + GAP
        words = min(max(width(offer.words) for offer in offers), _MAX_WORDS_CELLS) + GAP
        box = min(int(self.app.size.width * _BOX_SHARE), _BOX_CELLS)
        rest = box - _CELLS_AROUND - keys - words
        for group, members in groupby(self._shown.items(), key=lambda item: item[1].group):
            if has_groups:
                yield Option(Content.styled(group, "bold $text-primary"), disabled=True)
            for line_id, offer in members:
                line = offer.line(keys, words, rest if rest >= _MIN_EXPLANATION_CELLS else 0)
                yield Option(line, line_id)

    @on(Input.Submitted)
    def _run_highlighted(self, event: Input.Submitted) -> None:
        event.stop()
        self.options.action_select()

    @on(OptionList.OptionSelected)
    def _run_chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        offer = self._shown[event.option_id or ""]
        if offer.action:
            self.close(offer)

    def on_click(self, event: Click) -> None:
        if event.widget is self:
            self.close()

    async def action_move(self, how: str) -> None:
        await self.options.run_action(how)


def offers_of(app: App[Any], screen: Screen[Any]) -> list[Offer]:
    known = screen.all_actions() if isinstance(screen, HasActions) else ()
    actions = {action[0].id or "": action for action in known}
    found: dict[str, list[ActiveBinding]] = {action_id: [] for action_id in actions}
    for active in screen.active_bindings.values():
        if active.binding.description and active.binding.id:
            found.setdefault(active.binding.id, []).append(active)
    offers = []
    for action_id, bindings in found.items():
        binding, reason, other_words = actions.get(action_id) or (bindings[0].binding, "", "")
        shown = bindings or [ActiveBinding(screen, binding, enabled=True)]
        offers.append(_offer(app, shown, reason, other_words))
    order = list(GROUPS)
    return sorted(offers, key=lambda it: (order.index(_group_of(it.id)), it.id in actions))


def _offer(
    app: App[Any], bindings: Sequence[ActiveBinding], reason: str, other_words: str
) -> Offer:
    active = bindings[0]
    binding = active.binding
    keys = {app.get_key_display(it.binding) for it in bindings if it.binding.key}
    shortest = sorted(keys, key=lambda it: (len(it), it))[:MAX_KEYS_PER_ACTION]
    return Offer(
        _(GROUPS[_group_of(binding.id or "")]),
        " ".join(shortest),
        _(binding.description),
        _(binding.tooltip) if binding.tooltip else "",
        binding.id or "",
        binding.action,
        active.node,
        is_possible=active.enabled and not reason,
        reason=reason,
        other_words=other_words,
    )


def _group_of(binding_id: str) -> str:
    group = group_of(binding_id)
    return group if group in GROUPS else ""
