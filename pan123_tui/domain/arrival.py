"""What lies in the target folder after a success: the answer that the percentage cannot give."""

from enum import StrEnum

from msgspec import Struct


class ArrivalVerdict(StrEnum):
    """What the look into the target folder found."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    """The service reported success, but no such file is in the folder."""
    ERROR_PAGE = "error_page"
    """A web page stands where another kind of file was expected."""
    TOO_SMALL = "too_small"
    """Far smaller than a file of its kind is: perhaps an error page under the right name."""


class Arrival(Struct, frozen=True, omit_defaults=True, gc=False):
    """The result of the arrival check of one task."""

    verdict: ArrivalVerdict
    at: float
    """When it was looked for; Unix seconds."""
    name: str = ""
    """The file's real name: outside text, never markup."""
    size: int = 0
    """Bytes."""

    @property
    def is_wrong(self) -> bool:
        """Whether the success is doubtful: the file is not there, or is not what it should be."""
        return self.verdict is not ArrivalVerdict.FOUND
