"""What was found in a text: links, what is refused, and the other lines."""

from collections.abc import Sequence
from itertools import chain

from msgspec import Struct

from pan123_tui.domain.links.file_names import clean_name, split_name
from pan123_tui.domain.links.url import Look, RejectionReason


class ExtractedLink(Struct, frozen=True):
    """A link that the service may accept."""

    url: str
    """As found or unwrapped; if its end is unclear, with all that may belong to it."""
    name: str = ""
    """The name that the text around the link suggests or asks for, or empty."""
    is_named: bool = False
    """Whether it asks for the name; a mere label is often a word for the link (“download”)."""
    source: str = ""
    """The line that contains the link, or the part of it around the link."""
    look: Look | None = None
    """Why the user must look at it first."""

    @property
    def file_name(self) -> str:
        """The valid name, empty if there is none but a label without an extension."""
        if self.is_named:
            return self.name
        name = clean_name(self.name)
        return name if split_name(name)[1] else ""


class RejectedText(Struct, frozen=True):
    """A link that cannot be queued."""

    text: str
    reason: RejectionReason
    source: str = ""


class ExtractionResult(Struct, frozen=True):
    """The links, the rejected parts and the other lines of a text, each in its order."""

    links: tuple[ExtractedLink, ...] = ()
    rejected: tuple[RejectedText, ...] = ()
    texts: tuple[str, ...] = ()


def merge_results(results: Sequence[ExtractionResult]) -> ExtractionResult:
    """Join the results of several texts in their order."""
    return ExtractionResult(
        tuple(chain.from_iterable(result.links for result in results)),
        tuple(chain.from_iterable(result.rejected for result in results)),
        tuple(chain.from_iterable(result.texts for result in results)),
    )
