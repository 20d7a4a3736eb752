"""The credentials of an account; a secret never appears in a repr or a str."""

from enum import StrEnum

from msgspec import Struct


def is_header_safe(secret: str) -> bool:
    """Return whether `secret` can be sent in an HTTP header: printable ASCII without blanks."""
    return bool(secret) and all("!" <= character <= "~" for character in secret)


class AccessToken(Struct, frozen=True):
    """An access token that cannot be renewed and works until it expires.

    Raises `ValueError`, without the secret in it, if the token cannot be sent in a header.
    """

    token: str

    def __post_init__(self) -> None:
        if not is_header_safe(self.token):
            raise ValueError("an access token is printable ASCII without blanks")

    def __repr__(self) -> str:
        return "AccessToken()"


class ClientPair(Struct, frozen=True):
    """A client id with its secret, from which access tokens are requested and renewed.

    Raises `ValueError`, without the secret in it, if either cannot be sent in a header.
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
    """Return the parts of `credentials` that must not appear in a log or a message."""
    match credentials:
        case AccessToken(token):
            return (token,)
        case ClientPair(client_id, client_secret):
            return (client_secret, client_id)
        case None:
            return ()


class AccountKind(StrEnum):
    """Which credentials are configured, without the credentials themselves."""

    NONE = "none"
    TOKEN = "token"  # noqa: S105 - a word, not a secret
    PAIR = "pair"


class AccountSource(Struct, frozen=True):
    """Which credentials are in use and where they are configured."""

    kind: AccountKind = AccountKind.NONE
    variable: str = ""
    """The environment variable that overrides the file; empty if none does."""
