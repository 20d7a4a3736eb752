"""The credentials of an account; a secret never appears in a repr or a str."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import astuple, fields

ACCOUNT_VARIABLES: Mapping[str, str] = {
    "access_token": "PAN123_ACCESS_TOKEN",
    "refresh_token": "PAN123_REFRESH_TOKEN",
    "client_id": "PAN123_CLIENT_ID",
    "client_secret": "PAN123_CLIENT_SECRET",
    "renew_url": "PAN123_RENEW_URL",
}
"""The environment variable of each part of an account; no other process may see them."""


ARIA2_VARIABLE = "PAN123_ARIA2_SECRET"
"""Overrides the secret for those that speak aria2's JSON-RPC."""


def without_account(environ: Mapping[str, str]) -> dict[str, str]:
    account = {*ACCOUNT_VARIABLES.values(), ARIA2_VARIABLE}
    return {name: value for name, value in environ.items() if name not in account}


def is_header_safe(secret: str) -> bool:
    """Return whether `secret` can be sent in an HTTP header: printable ASCII without blanks."""
    return bool(secret) and all("!" <= character <= "~" for character in secret)


class _Secret(Struct, frozen=True):
    """Raises `ValueError`, without the secret in it, if a part cannot be sent in a header."""

    def __post_init__(self) -> None:
        required = (getattr(self, field.name) for field in fields(self) if field.required)
        if not all(map(is_header_safe, (*required, *secrets_of(self)))):
            raise ValueError("an account is printable ASCII without blanks")

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class AccessToken(_Secret, frozen=True):
    """An access token that cannot be renewed and works until it expires."""

    token: str


class ClientPair(_Secret, frozen=True):
    client_id: str
    client_secret: str


TOKEN_PLACEHOLDER = "{refresh_token}"  # noqa: S105 - a word, not a secret
OPENLIST_RENEW_URL = (
    f"https://api.oplist.org/123cloud/renewapi?refresh_ui={TOKEN_PLACEHOLDER}"
    "&server_use=true&driver_txt=123cloud_oa"
)
"""Used by those alone who choose it: the server keeps the secret of OpenList's app."""


class RefreshToken(_Secret, frozen=True):
    """Replaced at each renewal, by an app's client id or through an address that the user gives."""

    token: str
    client_id: str = ""
    client_secret: str = ""
    """Empty: the app has none, or the service asks for none."""
    renew_url: str = ""
    """The address that renews it, with `TOKEN_PLACEHOLDER`; takes precedence over the client id."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if TOKEN_PLACEHOLDER not in self.renew_url and (self.renew_url or not self.client_id):
            raise ValueError("a refresh token needs a client id or an address that renews it")


Credentials = AccessToken | ClientPair | RefreshToken


def digest(secret: str) -> str:
    """Return a text that identifies `secret` without revealing it."""
    import hashlib  # noqa: PLC0415 - it loads OpenSSL, which the start does not need

    return hashlib.sha256(secret.encode()).hexdigest()


def secrets_of(credentials: _Secret | None) -> tuple[str, ...]:
    return () if credentials is None else tuple(filter(None, astuple(credentials)))


class AccountKind(StrEnum):
    NONE = "none"
    TOKEN = "token"  # noqa: S105 - a word, not a secret
    PAIR = "pair"
    REFRESH = "refresh"


class AccountSource(Struct, frozen=True):
    kind: AccountKind = AccountKind.NONE
    variable: str = ""
    """The environment variable that overrides the file; empty if none does."""
