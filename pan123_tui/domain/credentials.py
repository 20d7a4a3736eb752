"""What proves to the service whose account it is; a secret never shows in a repr or a str."""

from enum import StrEnum

from msgspec import Struct


def is_header_safe(secret: str) -> bool:
    """Tell whether `secret` can stand in an HTTP header: printable ASCII without blanks."""
    return bool(secret) and all("!" <= character <= "~" for character in secret)


class AccessToken(Struct, frozen=True):
    """A ready access token: it works until it expires and cannot be renewed from here.

    Raises `ValueError`, without the secret in it, if the token cannot stand in a header.
    """

    token: str

    def __post_init__(self) -> None:
        if not is_header_safe(self.token):
            raise ValueError("an access token is printable ASCII without blanks")

    def __repr__(self) -> str:
        return "AccessToken()"


class ClientPair(Struct, frozen=True):
    """A client id with its secret: access tokens are asked for with it, and renewed.

    Raises `ValueError`, without the secret in it, if one of the two is empty or holds blanks.
    """

    client_id: str
    client_secret: str

    def __post_init__(self) -> None:
        if not (is_header_safe(self.client_id) and is_header_safe(self.client_secret)):
            raise ValueError("a client id and its secret are printable ASCII without blanks")

    def __repr__(self) -> str:
        return "ClientPair()"


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


class AccountSource(Struct, frozen=True):
    """What the account is proved with, and where that stands."""

    kind: AccountKind = AccountKind.NONE
    variable: str = ""
    """The environment variable that has the last word; empty: none, it is in the file."""
