"""One line for one link: a paste into it is read as text with links, not cut to its first line."""

from dataclasses import dataclass

from textual.events import Paste
from textual.message import Message
from textual.widgets import Input

from pan123_tui.domain.links import extract


class LinkInput(Input):
    """Takes the link out of whatever is pasted; several links are handed on."""

    @dataclass
    class LinksPasted(Message):
        """A paste with more than one link came in; nothing of it was inserted."""

        text: str

    def on_paste(self, event: Paste) -> None:
        """Insert the only link of the paste, or its text as one line if it has none."""
        event.prevent_default()
        event.stop()
        links = extract(event.text[:_ENOUGH_CHARS]).links
        if len(links) > 1 or len(event.text) > _ENOUGH_CHARS:
            self.post_message(self.LinksPasted(event.text))
            return
        text = links[0].url if links else " ".join(event.text.split())
        self.replace(text, *self.selection)


_ENOUGH_CHARS = 20_000
"""A longer paste is surely more than one link."""
