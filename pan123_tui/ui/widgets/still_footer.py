"""A footer that is made anew only when it would say something else."""

from textual.screen import Screen
from textual.widgets import Footer


class StillFooter(Footer):
    """Stays as it is while the same keys do the same; the stock one is laid out again each time."""

    _said: object = None

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Compose again, if other keys are offered or can be pressed than before."""
        says = [
            (binding.action, binding.description, self.app.get_key_display(binding), enabled)
            for _node, binding, enabled, _tooltip in screen.active_bindings.values()
            if binding.show
        ]
        if says != self._said and screen.app.app_focus:
            self._said = says
            super().bindings_changed(screen)
