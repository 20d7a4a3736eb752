"""The message and the exit code of each error."""

import pytest

from pan123_tui.domain.errors import (
    AccountMissing,
    EngineAbsent,
    EngineLost,
    HostTrouble,
    HostUnreachable,
    OtherAccount,
    ProfileMissing,
    RateLimited,
    SettingsInvalid,
    StoreLocked,
    StoreLost,
    StoreUnwritable,
    StoreVersionTooNew,
    TokenRefused,
)
from pan123_tui.programs.errors import error_message, exit_code


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (AccountMissing(), 3, "log in"),
        (TokenRefused("gone", code=401), 3, "gone"),
        (ProfileMissing("no such profile"), 3, "no such profile"),
        (OtherAccount(), 3, "account"),
        (SettingsInvalid("config.toml: ui.theme"), 2, "config.toml: ui.theme"),
        (StoreVersionTooNew("schema 2"), 2, "a newer version of this program. Update"),
        (StoreLocked("watch", pid=7), 4, "Another pan123-tui (pid 7) is using this data folder."),
        (StoreLocked("engine", pid=7, is_silent=True), 4, "(pid 7) does not answer"),
        (EngineLost("cut"), 4, "cut"),
        (EngineAbsent(), 4, "no engine runs"),
        (HostUnreachable(HostTrouble.NO_SSH, host="there"), 4, "OpenSSH"),
        (StoreUnwritable("/data: full"), 1, "so nothing was done: /data: full"),
        (StoreLost("/data"), 1, "/data"),
        (RateLimited("slow", code=429), 1, "slow"),
        (FileNotFoundError(2, "No such file or directory", "a"), 1, "a: No such file or directory"),
        (OSError("broken"), 1, "broken"),
        (ValueError("a fault"), 1, None),
    ],
    ids=repr,
)
def test_each_error_has_message_and_code(error: Exception, code: int, message: str | None) -> None:
    assert exit_code(error) == code
    said = error_message(error)
    if message is None:
        assert said is None
    else:
        assert said is not None
        assert message.casefold() in said.casefold(), said
    if isinstance(error, StoreLost):
        assert said is not None
        assert "so nothing was done" not in said
