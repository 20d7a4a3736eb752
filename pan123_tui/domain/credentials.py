"""The credentials of an account; a secret never appears in a repr or a str."""

from collections.abc import Mapping
from enum import StrEnum

import msgspec
from msgspec import Struct

ACCOUNT_VARIABLES: Mapping[str, str] = {
    "access_token": "PAN123_ACCESS_TOKEN",
    "refresh_token": "PAN123_REFRESH_TOKEN",
    "client_id": "PAN123_CLIENT_ID",
    "client_secret": "PAN123_CLIENT_SECRET",
    "renew_url": "PAN123_RENEW_URL",
}
"""The environment variable of each part of an account; all that must be kept from others."""


def without_account(environ: Mapping[str, str]) -> dict[str, str]:
    """Return `environ` without the account in it."""
    account = ACCOUNT_VARIABLES.values()
    return {name: value for name, value in environ.items() if name not in account}


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


TOKEN_PLACEHOLDER = "{refresh_token}"  # noqa: S105 - a word, not a secret
"""Where the refresh token stands in a renew address."""


class RefreshToken(Struct, frozen=True):
    """A refresh token, renewed with an app's client id or through an address that the user names.

    Each renewal replaces it by another one. Raises `ValueError`, without a secret in it, if a
    part cannot be sent in a header or neither way to renew it is given.
    """

    token: str
    client_id: str = ""
    client_secret: str = ""
    """Empty: the app has none, or the service asks for none."""
    renew_url: str = ""
    """The address that renews it, with `TOKEN_PLACEHOLDER`; it goes before the client id."""

    def __post_init__(self) -> None:
        optional = (self.client_id, self.client_secret, self.renew_url)
        if not is_header_safe(self.token) or not all(map(is_header_safe, filter(None, optional))):
            raise ValueError("a refresh token and its client id are printable ASCII without blanks")
        if not (self.client_id or self.renew_url):
            raise ValueError("a refresh token needs a client id or an address that renews it")
        if self.renew_url and TOKEN_PLACEHOLDER not in self.renew_url:
            raise ValueError("the place of the refresh token is missing")

    def __repr__(self) -> str:
        return "RefreshToken()"


Credentials = AccessToken | ClientPair | RefreshToken


def digest(secret: str) -> str:
    """Return a text that names `secret` without telling it."""
    import hashlib  # noqa: PLC0415 - it loads OpenSSL, which the start does not need

    return hashlib.sha256(secret.encode()).hexdigest()


def secrets_of(credentials: Credentials | None) -> tuple[str, ...]:
    """Return the parts of `credentials` that must not appear in a log or a message."""
    match credentials:
        case AccessToken(token):
            return (token,)
        case ClientPair(client_id, client_secret):
            return (client_secret, client_id)
        case RefreshToken():
            parts = msgspec.structs.astuple(credentials)
            return tuple(part for part in parts if part)
        case None:
            return ()


class AccountKind(StrEnum):
    """Which credentials are configured, without the credentials themselves."""

    NONE = "none"
    TOKEN = "token"  # noqa: S105 - a word, not a secret
    PAIR = "pair"
    REFRESH = "refresh"


class AccountSource(Struct, frozen=True):
    """Which credentials are in use and where they are configured."""

    kind: AccountKind = AccountKind.NONE
    variable: str = ""
    """The environment variable that overrides the file; empty if none does."""
