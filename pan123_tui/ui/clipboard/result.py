"""The result of reading a clipboard: a text, or why there is none."""

from enum import StrEnum

from msgspec import Struct

from pan123_tui.i18n import _, join_sentences


class ClipboardFailure(StrEnum):
    """Why there is no text."""

    REMOTE = "remote"
    """The program runs over SSH, so this machine's clipboard is not the user's."""
    NO_DISPLAY = "no_display"
    NO_TOOL = "no_tool"
    EMPTY = "empty"
    """The clipboard is empty or holds no text."""
    SECRET = "secret"  # noqa: S105 - a word, not a secret
    """A password manager has marked the contents."""
    FROZEN = "frozen"
    """The program that owns the clipboard does not respond."""
    BROKEN = "broken"
    """The clipboard cannot be reached."""
    NO_ANSWER = "no_answer"
    """The terminal was queried and has not replied."""
    CANNOT_ASK = "cannot_ask"
    """The terminal is not known to reply."""
    MARKS_UNSEEN = "marks_unseen"
    """The tool cannot see what a password manager has marked, so nothing is watched."""


class ClipboardResult(Struct, frozen=True):
    """A text or a failure."""

    text: str = ""
    failure: ClipboardFailure | None = None

    @property
    def is_failure(self) -> bool:
        """Whether reading failed, other than because there is nothing to read."""
        return self.failure not in (None, ClipboardFailure.EMPTY, ClipboardFailure.SECRET)


def failure_text(failure: ClipboardFailure) -> str:
    """Return what has failed and what to do instead."""
    texts = {
        ClipboardFailure.REMOTE: _("Over SSH, this machine's clipboard is not yours."),
        ClipboardFailure.NO_DISPLAY: _("This machine has no desktop, and so no clipboard."),
        ClipboardFailure.NO_TOOL: _(
            "No clipboard tool was found: install xclip or xsel, on Wayland wl-clipboard."
        ),
        ClipboardFailure.EMPTY: _("There is no text in the clipboard."),
        ClipboardFailure.SECRET: _(
            "A password manager has marked the clipboard as secret: it was not read."
        ),
        ClipboardFailure.FROZEN: _("The program that holds the clipboard does not answer."),
        ClipboardFailure.BROKEN: _("The clipboard cannot be reached."),
        ClipboardFailure.NO_ANSWER: _("The terminal has not handed out its clipboard."),
        ClipboardFailure.CANNOT_ASK: _("This terminal does not hand out its clipboard."),
        ClipboardFailure.MARKS_UNSEEN: _(
            "xsel does not show what a password manager has marked as secret: install xclip."
        ),
    }
    if failure in (ClipboardFailure.EMPTY, ClipboardFailure.SECRET):
        return texts[failure]
    return join_sentences(texts[failure], failure_hint())


def failure_hint() -> str:
    """Return what works everywhere."""
    return _("Press your terminal's paste key.")
