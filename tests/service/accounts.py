"""Accounts and their access tokens; at most three tokens per client id are valid."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pan123_tui.simulator.drive import CHINA
from pan123_tui.simulator.responses import TOKEN_UNKNOWN, bad_request, token_refused
from tests.service.faults import TOKEN_EXPIRED, TOKENS_EXCEEDED
from tests.service.rates import DEFAULT_RATES, Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the service allows."""

    rates: Mapping[str, Rate] | None = field(default_factory=lambda: DEFAULT_RATES)
    """By endpoint; None: no limits."""
    max_running: int | None = 10
    """Tasks running at once, per account; None: no limit."""
    caps: Sequence[int] = ()
    """If any: the values that `max_running` takes in turn, each for `cap_s`."""
    cap_s: float = 60.0
    """Seconds of the simulated clock."""
    max_tokens: int = 3
    token_life_s: float = 30 * 24 * 3600.0
    """Real seconds."""
    login_life_s: float = 7200.0
    """Real seconds that an access token of a login lives."""
    package_days: float | None = 365.0
    """Days until the developer package ends; None: there is none."""
    duration_s: float = 20.0
    """Duration of a link whose words name none."""
    has_traffic: bool = True
    """Whether the account has traffic left, without which there are no links to files."""
    strict_names: bool = False
    """Whether `fileName` needs an image's suffix, as the specification says."""

    def cap_at(self, elapsed_s: float) -> int | None:
        """Return how many tasks may run at once, `elapsed_s` after the start."""
        return (
            self.caps[int(elapsed_s / self.cap_s) % len(self.caps)]
            if self.caps
            else (self.max_running)
        )


CLIENT_ID = "sim-client-id"
CLIENT_SECRET = "sim-client-secret"
ACCESS_TOKEN = "sim-access-token"
"""A permanent token of the first account; not counted among the three."""
OTHER_CLIENT_ID = "sim-other-client-id"
OTHER_CLIENT_SECRET = "sim-other-client-secret"
OTHER_ACCESS_TOKEN = "sim-other-access-token"
"""A second account, whose tasks the first one cannot see."""

GIB = 2**30


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The account of a client id."""

    client_id: str
    client_secret: str
    uid: int
    nickname: str
    space_permanent: int = 2048 * GIB
    space_temp: int = 0
    base_usage: int = 0
    """Bytes in use in addition to the simulated files."""


@dataclass(slots=True)
class Token:
    """One access token; times are Unix seconds."""

    text: str
    client_id: str
    expires_at: float
    refused: str = ""
    """The message of its refusal; empty: it is valid."""

    @property
    def expires_at_text(self) -> str:
        """The time in the format of `expiredAt`: RFC 3339 with a zone."""
        at = datetime.fromtimestamp(int(self.expires_at), UTC).astimezone(CHINA)
        return at.isoformat(timespec="seconds")


@dataclass(slots=True)
class TokenRegistry:
    """Issues and checks tokens; `clock` returns Unix seconds."""

    clock: Callable[[], float]
    accounts: dict[str, Account] = field(default_factory=dict)
    """By client id."""
    ready: dict[str, str] = field(default_factory=dict)
    """Permanent tokens with their client ids."""
    issued: list[Token] = field(default_factory=list)
    logins: list[Token] = field(default_factory=list)
    """Access tokens of logins, which count apart."""

    def issue(self, client_id: str, client_secret: str, *, life_s: float, limit: int) -> Token:
        """Issue a token; the oldest valid ones beyond `limit` are revoked."""
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
        """Return the valid tokens of `client_id`, oldest first."""
        now = self.clock()
        return [
            token
            for token in self.issued
            if token.client_id == client_id and not token.refused and token.expires_at > now
        ]

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
        if token is None:
            raise token_refused(TOKEN_UNKNOWN)
        if token.refused:
            raise token_refused(token.refused)
        if token.expires_at <= self.clock():
            raise token_refused(TOKEN_EXPIRED)
        return self.accounts[token.client_id]


def initial_accounts() -> dict[str, Account]:
    """Return the accounts that every world starts with."""
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
