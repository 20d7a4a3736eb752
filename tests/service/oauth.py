"""OAuth logins: refresh tokens that work once, and the access tokens that each one brings."""

from collections.abc import Callable
from dataclasses import dataclass, field

from pan123_tui.simulator.responses import TOKEN_UNKNOWN, bad_request, token_refused
from tests.service.accounts import CLIENT_ID, Token, TokenRegistry
from tests.service.faults import REFRESH_TOKEN_INVALID

APP_ID = "sim-app-id"
APP_SECRET = "sim-app-secret"
REFRESH_TOKEN = "sim-refresh-token"
"""The first account's first refresh token, which works once as every other."""
REFRESH_LIFE_S = 90 * 24 * 3600.0


@dataclass(slots=True)
class RefreshToken:
    """One refresh token of a login; `access` is the token that came with it."""

    text: str
    client_id: str
    expires_at: float
    access: Token | None = None
    is_used: bool = False


@dataclass(slots=True)
class LoginRegistry:
    """Renews logins; `clock` returns Unix seconds."""

    clock: Callable[[], float]
    tokens: TokenRegistry
    refresh_tokens: dict[str, RefreshToken] = field(default_factory=dict)
    renewals: int = 0
    """How many were carried out."""
    reused: int = 0
    """How often a used refresh token was presented again."""

    def add(self, text: str = REFRESH_TOKEN, *, client_id: str = CLIENT_ID) -> RefreshToken:
        """Log in: return a refresh token with the given text."""
        token = RefreshToken(text, client_id, self.clock() + REFRESH_LIFE_S)
        self.refresh_tokens[text] = token
        return token

    def check_app(self, app_id: str, app_secret: str) -> None:
        """Raise a refusal unless the app is known; it may leave its secret out."""
        if app_id != APP_ID or app_secret not in ("", APP_SECRET):
            raise bad_request("client_id或client_secret错误")

    def renew(self, text: str, *, life_s: float) -> RefreshToken:
        """Use up a refresh token: its access token dies, and another of both is returned."""
        old = self.refresh_tokens.get(text)
        if old is not None and old.is_used:
            self.reused += 1
        if old is None or old.is_used or old.expires_at <= self.clock():
            raise token_refused(REFRESH_TOKEN_INVALID)
        old.is_used = True
        if old.access is not None:
            old.access.refused = TOKEN_UNKNOWN
        self.renewals += 1
        new = self.add(f"sim-refresh-{len(self.refresh_tokens)}", client_id=old.client_id)
        uid = self.tokens.accounts[old.client_id].uid
        new.access = Token(f"sim-login-{uid}-{self.renewals}", old.client_id, self.clock() + life_s)
        self.tokens.logins.append(new.access)
        return new
