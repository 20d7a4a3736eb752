"""A screen whose greyed keys say why they do nothing."""

from dataclasses import replace
from time import monotonic

from textual.binding import Binding
from textual.screen import Screen

EXCUSE_S = 4.0
"""How long it stands there."""


def excused(*bindings: Binding) -> tuple[Binding, ...]:
    """Give `bindings`, and for each of them what its key does while it cannot be used: say why.

    Of two bindings of one key, the second is looked for only when the first is greyed out.
    """
    return tuple(part for binding in bindings for part in (binding, excuse_of(binding)))


def excuse_of(binding: Binding) -> Binding:
    """Give the binding of the same key that says why `binding` cannot be used."""
    name, _, rest = binding.action.partition("(")
    arguments = ", ".join(part for part in (repr(name), rest.rstrip(")")) if part)
    return replace(binding, action=f"excuse({arguments})", description="", tooltip="", show=False)


class Excusing(Screen[None]):
    """Offers an action only where `why_not` has nothing against it."""

    _said = ""
    _said_at = 0.0

    def why_not(self, action: str, *parameters: object) -> str:
        """Say why `action` cannot be done now; empty: it can."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        # None, not False: the help names the key all the same.
        return None if not self.is_mounted or self.why_not(action, *parameters) else True

    def action_excuse(self, action: str, *parameters: object) -> None:
        why = self.why_not(action, *parameters)
        # A key that is held down says it once.
        if why and (why != self._said or monotonic() > self._said_at + EXCUSE_S):
            self._said, self._said_at = why, monotonic()
            self.notify(why, timeout=EXCUSE_S, markup=False)
