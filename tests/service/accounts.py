"""Accounts, their tokens and logins, and what each may do."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from pan123_tui.simulator.drive import CHINA
from pan123_tui.simulator.messages import Refusal, bad_request
from tests.service.faults import REFRESH_TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the service allows."""

    max_running: int | None = None
    """Tasks running at once, per account; None: no limit."""
    login_life_s: float = 7200.0
    """Real seconds that an access token of a login lives."""
    duration_s: float = 20.0
    """Duration of a link whose words name none."""
    has_traffic: bool = True
    """Whether the account has traffic left, without which there are no links to files."""


CLIENT_ID = "sim-client-id"
CLIENT_SECRET = "sim-client-secret"
ACCESS_TOKEN = "sim-access-token"
"""A permanent token of the first account."""
OTHER_CLIENT_ID = "sim-other-client-id"
OTHER_CLIENT_SECRET = "sim-other-client-secret"
OTHER_ACCESS_TOKEN = "sim-other-access-token"
"""A second account, whose tasks the first one cannot see."""
APP_ID = "sim-app-id"
APP_SECRET = "sim-app-secret"
REFRESH_TOKEN = "sim-refresh-token"
"""The first account's first refresh token, which works once as every other."""
TOKEN_LIFE_S = 30 * 24 * 3600.0
"""Real seconds."""


class Account(NamedTuple):
    """The account of a client id."""

    client_id: str
    client_secret: str
    uid: int
    nickname: str


@dataclass(slots=True)
class Token:
    """One access token; times are Unix seconds."""

    text: str
    client_id: str
    expires_at: float
    is_revoked: bool = False

    @property
    def expires_at_text(self) -> str:
        """The time in the format of `expiredAt`: RFC 3339 with a zone."""
        at = datetime.fromtimestamp(int(self.expires_at), UTC).astimezone(CHINA)
        return at.isoformat(timespec="seconds")


@dataclass(slots=True)
class TokenRegistry:
    """Issues and checks tokens; `clock` returns Unix seconds."""

    clock: Callable[[], float]
    accounts: dict[str, Account]
    """By client id."""
    ready: dict[str, str]
    """Permanent tokens with their client ids."""
    issued: list[Token] = field(default_factory=list)
    logins: list[Token] = field(default_factory=list)
    """Access tokens of logins."""

    def issue(self, client_id: str, client_secret: str) -> Token:
        """Issue a token; raises `Refusal` if the secret is wrong."""
        account = self.accounts.get(client_id)
        if account is None or account.client_secret != client_secret:
            raise bad_request("clientID或clientSecret错误")
        text = f"sim-token-{account.uid}-{len(self.issued) + 1}"
        self.issued.append(Token(text, client_id, self.clock() + TOKEN_LIFE_S))
        return self.issued[-1]

    def expire_all(self) -> None:
        """Expire every issued token."""
        for token in (*self.issued, *self.logins):
            token.expires_at = min(token.expires_at, self.clock())

    def owner(self, text: str) -> Account:
        """Return the account of token `text`; raises `Refusal` if it is not valid."""
        if client_id := self.ready.get(text):
            return self.accounts[client_id]
        issued = (*self.issued, *self.logins)
        token = next((token for token in issued if token.text == text), None)
        if token is None or token.is_revoked:
            raise Refusal(401, TOKEN_UNKNOWN)
        if token.expires_at <= self.clock():
            raise Refusal(401, TOKEN_EXPIRED)
        return self.accounts[token.client_id]


@dataclass(slots=True)
class RefreshToken:
    """One refresh token of a login; `access` is the token that came with it."""

    text: str
    access: Token | None = None
    is_used: bool = False


@dataclass(slots=True)
class LoginRegistry:
    """Renews logins of the first account; `clock` returns Unix seconds."""

    clock: Callable[[], float]
    tokens: TokenRegistry
    refresh_tokens: dict[str, RefreshToken] = field(default_factory=dict)
    renewals: int = 0
    """How many were carried out."""
    reused: int = 0
    """How often a used refresh token was presented again."""

    def add(self, text: str = REFRESH_TOKEN) -> RefreshToken:
        """Log in: return a refresh token with the given text."""
        self.refresh_tokens[text] = token = RefreshToken(text)
        return token

    def renew(self, text: str, *, life_s: float) -> tuple[str, str]:
        """Use up a refresh token: its access token dies, and another of both is returned."""
        old = self.refresh_tokens.get(text)
        if old is not None and old.is_used:
            self.reused += 1
        if old is None or old.is_used:
            raise Refusal(401, REFRESH_TOKEN_INVALID)
        old.is_used = True
        if old.access is not None:
            old.access.is_revoked = True
        self.renewals += 1
        new = self.add(f"sim-refresh-{len(self.refresh_tokens)}")
        access = Token(f"sim-login-{self.renewals}", CLIENT_ID, self.clock() + life_s)
        new.access = access
        self.tokens.logins.append(access)
        return access.text, new.text


def initial_accounts() -> dict[str, Account]:
    """Return the accounts that every world starts with."""
    return {
        CLIENT_ID: Account(CLIENT_ID, CLIENT_SECRET, 1815309870, "小鱼"),
        OTHER_CLIENT_ID: Account(OTHER_CLIENT_ID, OTHER_CLIENT_SECRET, 1815309871, "阿木"),
    }
