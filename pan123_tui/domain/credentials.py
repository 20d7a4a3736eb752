"""What proves to the service whose account it is; a secret never shows in a repr or a str."""

from dataclasses import dataclass, field
from enum import StrEnum


def is_sendable(secret: str) -> bool:
    """Tell whether `secret` can stand in an HTTP header: printable ASCII without blanks."""
    return bool(secret) and all("!" <= character <= "~" for character in secret)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A ready access token: it works until it expires and cannot be renewed from here.

    Raises `ValueError`, without the secret in it, if the token cannot stand in a header.
    """

    token: str = field(repr=False)

    def __post_init__(self) -> None:
        if not is_sendable(self.token):
            raise ValueError("an access token is printable ASCII without blanks")


@dataclass(frozen=True, slots=True)
class ClientPair:
    """A client id with its secret: access tokens are asked for with it, and renewed.

    Raises `ValueError`, without the secret in it, if one of the two is empty or holds blanks.
    """

    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)

    def __post_init__(self) -> None:
        if not (is_sendable(self.client_id) and is_sendable(self.client_secret)):
            raise ValueError("a client id and its secret are printable ASCII without blanks")


Credentials = AccessToken | ClientPair


def secrets_of(credentials: Credentials | None) -> tuple[str, ...]:
    """Give what of `credentials` no log and no message may hold."""
    match credentials:
        case AccessToken(token):
            return (token,)
        case ClientPair(client_id, client_secret):
            return (client_secret, client_id)
        case None:
            return ()


class AccountKind(StrEnum):
    """What there is of an account; never what it is."""

    NONE = "none"
    TOKEN = "token"  # noqa: S105 - a word, not a secret
    PAIR = "pair"


@dataclass(frozen=True, slots=True)
class AccountSource:
    """What the account is proved with, and where that stands."""

    kind: AccountKind = AccountKind.NONE
    variable: str = ""
    """The environment variable that has the last word; empty: none, it is in the file."""
