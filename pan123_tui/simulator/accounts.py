"""Accounts and their access tokens: at most three live ones per client id."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

from pan123_tui.simulator.responses import (
    TOKEN_EXPIRED,
    TOKEN_UNKNOWN,
    TOKENS_EXCEEDED,
    bad_request,
    token_refused,
)


class Rate(NamedTuple):
    """So many requests a second, and so many at once after a rest."""

    per_s: float
    burst: float


DEFAULT_RATES: Mapping[str, Rate] = {
    "create": Rate(1, 2),
    "process": Rate(5, 8),
    "access_token": Rate(8, 10),
    "user_info": Rate(10, 12),
    "file_list": Rate(5, 8),
    "file_detail": Rate(5, 8),
    "mkdir": Rate(5, 8),
}
"""A little above what is allowed, so that a client that keeps the rate survives some jitter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the service allows."""

    rates: Mapping[str, Rate] | None = field(default_factory=lambda: DEFAULT_RATES)
    """By endpoint; None: no limits."""
    max_running: int | None = 10
    """Tasks running at once, per account; None: no limit."""
    max_tokens: int = 3
    token_life_s: float = 30 * 24 * 3600.0
    """Real seconds."""
    duration_s: float = 20.0
    """How long a link takes whose words name no pace."""
    strict_names: bool = False
    """Whether `fileName` needs an image's suffix, as the specification says."""


class RateLimiter:
    """Says whether one more request is within the rate."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}

    def allows(self, client: str, endpoint: str, rate: Rate) -> bool:
        """Take one request of `client` out of its bucket, if there is one left."""
        now = self._clock()
        left, at = self._buckets.get((client, endpoint), (rate.burst, now))
        left = min(rate.burst, left + max(0.0, now - at) * rate.per_s)
        allowed = left >= 1
        self._buckets[client, endpoint] = (left - allowed, now)
        return allowed


CLIENT_ID = "sim-client-id"
CLIENT_SECRET = "sim-client-secret"  # noqa: S105 - what the simulator accepts, no real secret
ACCESS_TOKEN = "sim-access-token"  # noqa: S105 - the same
"""A ready token of the first account: it never expires and does not count among the three."""
OTHER_CLIENT_ID = "sim-other-client-id"
OTHER_CLIENT_SECRET = "sim-other-client-secret"  # noqa: S105 - the same
"""A second account, whose tasks the first one may not see."""

GIB = 2**30
CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who a client id belongs to."""

    client_id: str
    client_secret: str
    uid: int
    nickname: str
    space_permanent: int = 2048 * GIB
    space_temp: int = 0
    base_usage: int = 0
    """Bytes in use besides the files that the simulator knows."""


@dataclass(slots=True)
class Token:
    """One access token; times are Unix seconds."""

    text: str
    client_id: str
    expires_at: float
    refused: str = ""
    """The message that it is refused with; empty: it is live."""

    @property
    def expires_at_text(self) -> str:
        """The moment as `expiredAt` gives it: RFC 3339 with a zone."""
        at = datetime.fromtimestamp(int(self.expires_at), UTC).astimezone(CHINA)
        return at.isoformat(timespec="seconds")


@dataclass(slots=True)
class TokenRegistry:
    """Issues tokens and judges them; `clock` gives Unix seconds."""

    clock: Callable[[], float]
    accounts: dict[str, Account] = field(default_factory=dict)
    """By client id."""
    ready: dict[str, str] = field(default_factory=dict)
    """Tokens that never expire, with their client ids."""
    issued: list[Token] = field(default_factory=list)

    def issue(self, client_id: str, client_secret: str, *, life_s: float, limit: int) -> Token:
        """Make a new token; the oldest live ones beyond `limit` are logged out."""
        account = self.accounts.get(client_id)
        if account is None or account.client_secret != client_secret:
            raise bad_request("clientID或clientSecret错误")
        token = Token(
            f"sim-token-{account.uid}-{len(self.issued) + 1}", client_id, self.clock() + life_s
        )
        self.issued.append(token)
        for old in self.live(client_id)[:-limit]:
            old.refused = TOKENS_EXCEEDED
        return token

    def live(self, client_id: str) -> list[Token]:
        """The tokens of `client_id` that are still accepted, oldest first."""
        now = self.clock()
        return [
            token
            for token in self.issued
            if token.client_id == client_id and not token.refused and token.expires_at > now
        ]

    def expire_all(self) -> None:
        """Let every issued token run out now."""
        for token in self.issued:
            token.expires_at = min(token.expires_at, self.clock())

    def owner(self, text: str) -> Account:
        """Tell whose token `text` is; raises the refusal that the service would answer."""
        if client_id := self.ready.get(text):
            return self.accounts[client_id]
        token = next((token for token in self.issued if token.text == text), None)
        if token is None:
            raise token_refused(TOKEN_UNKNOWN)
        if token.refused:
            raise token_refused(token.refused)
        if token.expires_at <= self.clock():
            raise token_refused(TOKEN_EXPIRED)
        return self.accounts[token.client_id]


def first_accounts() -> dict[str, Account]:
    """The accounts that every world begins with."""
    accounts = (
        Account(
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            uid=1815309870,
            nickname="小鱼",
            base_usage=386 * GIB,
        ),
        Account(
            client_id=OTHER_CLIENT_ID,
            client_secret=OTHER_CLIENT_SECRET,
            uid=1815309871,
            nickname="阿木",
        ),
    )
    return {account.client_id: account for account in accounts}
