"""The message and the exit code of each error."""

import pytest

from pan123_tui.bootstrap import error_message, exit_code
from pan123_tui.domain import errors


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (errors.AccountMissing(), 3, "log in"),
        (errors.TokenRefused("gone", code=401), 3, "gone"),
        (errors.ProfileMissing("no such profile"), 3, "no such profile"),
        (errors.OtherAccount(), 3, "account"),
        (errors.SettingsInvalid("config.toml: ui.theme"), 2, "config.toml: ui.theme"),
        (errors.StoreVersionTooNew("schema 2"), 2, "a newer version of this program. Update"),
        (
            errors.StoreLocked("watch", pid=7),
            4,
            "Another pan123-tui (pid 7) is using this data folder.",
        ),
        (errors.StoreLocked("engine", pid=7, is_silent=True), 4, "(pid 7) does not answer"),
        (errors.EngineLost("cut"), 4, "cut"),
        (errors.EngineAbsent(), 4, "no engine runs"),
        (errors.HostUnreachable(errors.HostTrouble.NO_SSH, host="there"), 4, "OpenSSH"),
        (errors.StoreUnwritable("/data: full"), 1, "so nothing was done: /data: full"),
        (errors.StoreLost("/data"), 1, "/data"),
        (errors.RateLimited("slow", code=429), 1, "slow"),
        (FileNotFoundError(2, "No such file or directory", "a"), 1, "a: No such file or directory"),
        (OSError("broken"), 1, "broken"),
        (ValueError("a fault"), 1, ""),
    ],
    ids=repr,
)
def test_each_error_has_message_and_code(error: Exception, code: int, message: str) -> None:
    assert exit_code(error) == code
    said = error_message(error)
    assert (message.casefold() in said.casefold(), bool(said)) == (True, bool(message)), said
    assert not (isinstance(error, errors.StoreLost) and "so nothing was done" in said)
