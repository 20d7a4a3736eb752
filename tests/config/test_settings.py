"""Settings: environment before file before defaults, and errors that name where they are."""

import re
from pathlib import Path

import pytest

from pan123_tui.config.fields import mask
from pan123_tui.config.schema import FIELDS, duration_s
from pan123_tui.config.settings import Settings, load
from pan123_tui.domain.errors import SettingsInvalid
from pan123_tui.domain.sanitize import redact


def written(folder: Path, text: str) -> Path:
    (folder / "config.toml").write_text(text, "utf-8")
    return folder


def loaded(folder: Path, text: str, **environ: str) -> Settings:
    return load(environ, written(folder, text))


def test_without_a_file_and_variables_all_is_default(tmp_path: Path) -> None:
    settings = load({}, tmp_path / "nowhere")
    assert settings == Settings()
    assert settings.service.base_url == "https://open-api.123pan.com"
    assert (settings.service.create_per_s, settings.service.process_per_s) == (1, 5)
    assert settings.warnings == ()


def test_the_file_is_read_section_by_section(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path,
        """
        [service]
        base_url = "https://pan.example"  # ours
        create_per_s = 2
        [defaults]
        folder_id = 10023
        folder_name = "电影"
        callback_url = "https://cb.example/x?y=1"
        [ui]
        language = "zh"
        ascii = true
        [clipboard]
        allow_hosts = ["a.example"]
        interval_s = 0.5
        [callback]
        listen = "127.0.0.1:8123"
        public_url = "https://my.host/pan123"
        [hooks]
        on_end = ["notify-send", "done"]
        on_batch_end = ["true"]
        [retry]
        times = 3
        after = "90s"
        [notify]
        push = ["ntfy://topic"]
        [keys]
        "task.retry" = "r,ctrl+r"
        [arrival]
        check = false
        """,
    )
    assert settings.service.create_per_s == 2
    assert settings.defaults.folder_id == 10023
    assert settings.defaults.folder_name == "电影"
    assert settings.ui.ascii
    assert settings.clipboard.allow_hosts == ("a.example",)
    assert settings.hooks.on_end == ("notify-send", "done")
    assert settings.hooks.on_batch_end == ("true",)
    assert (settings.retry.times, settings.retry.after_s) == (3, 90.0)
    assert settings.notify.push == ("ntfy://topic",)
    assert settings.keys == {"task.retry": "r,ctrl+r"}
    assert not settings.arrival.check
    assert settings.key_faults == ()


def test_a_variable_goes_before_the_file_and_is_named(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path,
        '[service]\nbase_url = "https://file.example"\n[ui]\nlanguage = "en"',
        PAN123_BASE_URL="http://127.0.0.1:8000",
        PAN123_LANG="zh_CN.UTF-8",
        PAN123_ACCESS_TOKEN="t",
    )
    assert settings.service.base_url == "http://127.0.0.1:8000"
    assert settings.ui.language == "zh"
    assert settings.overrides.get("service.base_url") == "PAN123_BASE_URL"
    assert settings.overrides.get("ui.language") == "PAN123_LANG"
    assert settings.overrides.get("account.access_token") == "PAN123_ACCESS_TOKEN"
    assert settings.overrides.get("account.client_id") is None
    assert settings.overrides.get("ui.theme") is None


def test_unknown_keys_are_named_and_ignored(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path,
        'colour = 1\nwarnings = ["x"]\n[ui]\nthem = "x"\nascii = true\n[weather]\nrain = true',
    )
    assert settings.ui.ascii
    file = tmp_path / "config.toml"
    assert settings.warnings == tuple(
        f"{file}: {key} is not known and has no effect."
        for key in ("colour", "warnings", "ui.them", "weather.rain")
    )


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ('[keys]\n"tasks.remove" = "x"', {"tasks.remove": "x"}),
        ('[keys]\ntasks.remove = "x, delete"', {"tasks.remove": "x, delete"}),
        ('[keys.tasks]\nremove = ["x", "delete"]', {"tasks.remove": "x,delete"}),
        ('keys.tasks.remove = "x"', {"tasks.remove": "x"}),
    ],
)
def test_keys_are_read_in_every_form_of_toml(
    text: str, keys: dict[str, str], tmp_path: Path
) -> None:
    settings = loaded(tmp_path, text)
    assert settings.keys == keys
    assert settings.key_faults == ()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("keys = 3", "[keys] keys: write its keys in quotes"),
        ("[keys]\ntasks.remove = 3", "[keys] tasks.remove: write its keys in quotes"),
        ("[keys]\ntasks.remove = [1]", "[keys] tasks.remove: write its keys in quotes"),
        ("[keys]\ntasks.remove = x", "[keys] has no effect: "),
        ('[keys]\na = "x"\na = "y"', "[keys] has no effect: "),
    ],
)
def test_a_wrong_key_is_a_warning_and_the_rest_is_used(
    text: str, shown: str, tmp_path: Path
) -> None:
    after = "\n[ui]\nascii = true\n" if text.startswith("[") else ""
    settings = loaded(tmp_path, f"{text}{after}")
    assert settings.keys == {}
    assert settings.ui.ascii == bool(after)
    (fault,) = settings.key_faults
    assert fault.startswith(shown)
    assert settings.warnings == ()


@pytest.mark.parametrize(
    ("text", "key", "instead"),
    [
        ('[hooks]\non_success = ["true"]', "hooks.on_success", "Use hooks.on_end instead."),
        ('[hooks]\non_failure = ["true"]', "hooks.on_failure", "Use hooks.on_end instead."),
        ("[notify]\nbell = false", "notify.bell", "Use notify.tell instead."),
        ("[notify]\ntoast = false", "notify.toast", "remove the line."),
        ("[ui]\nwindow_rows = 500", "ui.window_rows", "remove the line."),
    ],
)
def test_a_field_that_is_gone_is_a_warning_that_names_what_to_use(
    text: str, key: str, instead: str, tmp_path: Path
) -> None:
    (warning,) = loaded(tmp_path, text).warnings
    assert f"{key} no longer has any effect" in warning
    assert warning.endswith(instead)


PUSH = '[notify]\npush = ["ntfy://s3cret-topic"]\n'


def test_the_addresses_of_messages_are_in_no_text_but_their_file(tmp_path: Path) -> None:
    settings = loaded(tmp_path, PUSH)
    assert settings.notify.push == ("ntfy://s3cret-topic",)
    assert "s3cret" not in repr(settings)
    assert "s3cret" not in redact("POST ntfy://s3cret-topic failed")
    assert [mask(address) for address in settings.notify.push] == ["ntfy://…"]
    with pytest.raises(SettingsInvalid) as caught:
        loaded(tmp_path, '[notify]\npush = ["s3cret topic"]')
    assert "s3cret" not in str(caught.value)


def test_addresses_of_messages_in_a_file_that_others_can_read_are_a_warning(
    tmp_path: Path,
) -> None:
    (tmp_path / "config.toml").touch(mode=0o600)
    assert loaded(tmp_path, PUSH).warnings == ()
    (tmp_path / "config.toml").chmod(0o644)
    (warning,) = loaded(tmp_path, PUSH).warnings
    assert f"run “chmod 600 {tmp_path / 'config.toml'}”" in warning
    assert "s3cret" not in warning
    assert loaded(tmp_path, "[notify]\npush = []").warnings == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[service]\ncreate_per_s = 99", "it must be a number above 0, at most 50, not 99"),
        ("[retry]\ntimes = 21", "it must be a whole number from 0 to 20, not 21"),
        ('[ui]\nlanguage = "fr"', 'it must be one of auto, en, zh, not "fr"'),
        ('[ui]\nascii = "yes"', "it must be true or false"),
        ("[defaults]\nfolder_id = 0", "it must be the id of a folder, not 0"),
        ("[hooks]\non_end = 3", "it must be a list of quoted strings, not 3"),
        ("[ui]\ntheme = 3", "it must be a quoted string, not 3"),
        ('[retry]\nafter = "soon"', "it must be a time from 10s to 1d, such as 90s, 10m or 2h"),
        ("ui = 3", "it must be a section: [ui]"),
    ],
)
def test_an_error_says_what_the_value_must_be(text: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match=re.escape(f": {reason}. Correct it")):
        loaded(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "seconds"), [("10s", 10), ("10m", 600), ("1.5 h", 5400), (" 1d ", 86400)]
)
def test_a_duration_has_a_unit(text: str, seconds: float) -> None:
    assert duration_s(text) == seconds


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("service.max_running", " 3 ", 3),
        ("service.create_per_s", "0.5", 0.5),
        ("defaults.folder_id", "7", 7),
        ("retry.after", "2h", "2h"),
        ("notify.push", "ntfy://a  bark://b", ("ntfy://a", "bark://b")),
        ("retry.times", "  ", None),
    ],
)
def test_what_is_typed_for_a_field_becomes_its_type(key: str, text: str, value: object) -> None:
    assert FIELDS[key].parse(text) == value


@pytest.mark.parametrize(
    ("key", "text"),
    [("service.max_running", "1.5"), ("retry.times", "x"), ("notify.push", "topic")],
)
def test_what_is_typed_and_cannot_be_used_says_why(key: str, text: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        FIELDS[key].parse(text)


def test_every_field_has_a_meaning_and_the_type_of_its_default() -> None:
    for field in FIELDS.values():
        assert field.about.meaning.endswith("."), field.key
        assert field.convert(field.default) == field.default
        assert set(field.about.words) in (set(), set(field.choices))


def test_a_secret_in_the_file_is_not_used_and_not_repeated(tmp_path: Path) -> None:
    settings = loaded(tmp_path, '[account]\naccess_token = "s3cret"\n')
    (warning,) = settings.warnings
    assert "account.access_token is not read from here" in warning
    assert "s3cret" not in warning
    assert "s3cret" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('[service]\nmax_running = "many"', "service.max_running"),
        ("[service]\nmax_running = true", "service.max_running"),
        ("[service]\nmax_running = 1.5", "service.max_running"),
        ('[retry]\nafter = "9s"', "retry.after"),
        ('[retry]\nafter = "25h"', "retry.after"),
        ("[retry]\nafter = 600", "retry.after"),
        ('[defaults]\nbatch_folders = "month"', "defaults.batch_folders"),
        ('[notify]\ntell = "shout"', "notify.tell"),
        ('[notify]\npush = "ntfy://topic"', "notify.push"),
        ('[notify]\npush = ["topic"]', "notify.push"),
        ("[service]\ncreate_per_s = 0", "service.create_per_s"),
        ("[service]\nprocess_per_s = -1", "service.process_per_s"),
        ("[service]\nprocess_per_s = inf", "service.process_per_s"),
        ("[service]\nprocess_per_s = nan", "service.process_per_s"),
        ("[clipboard]\nallow_hosts = [1]", "clipboard.allow_hosts"),
        ('[hooks]\non_end = "rm"', "hooks.on_end"),
        ('[callback]\nlisten = "8123"', "callback.listen"),
        ('[callback]\nlisten = "host:99999"', "callback.listen"),
        ('[callback]\npublic_url = "ftp://x"', "callback.public_url"),
        ('[defaults]\ncallback_url = "my host"', "defaults.callback_url"),
        ('[service]\nbase_url = "http://pan.example"', "service.base_url"),
    ],
)
def test_a_wrong_value_names_file_key_and_what_to_do(text: str, where: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        loaded(tmp_path, text)
    shown = str(caught.value)
    assert f"{tmp_path / 'config.toml'}: {where}" in shown
    assert "Correct it" in shown


@pytest.mark.parametrize("content", [b"[ui", b"\xff\xfe", b"ui = {"])
def test_a_file_that_is_no_toml_is_named(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(content)
    with pytest.raises(SettingsInvalid, match="config"):
        load({}, tmp_path)


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.toml").mkdir()
    with pytest.raises(SettingsInvalid, match="config"):
        load({}, tmp_path)


@pytest.mark.parametrize(
    "url",
    [
        "https://open-api.123pan.com",
        "https://pan.example:8443/prefix/",
        "http://127.0.0.1:9000",
        "http://127.8.9.10",
        "http://localhost:1",
        "http://[::1]:9000",
    ],
)
def test_the_service_may_be_at_https_or_on_this_machine(url: str, tmp_path: Path) -> None:
    assert load({"PAN123_BASE_URL": url}, tmp_path).service.base_url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://open-api.123pan.com",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://127.0.0.1@evil.example",
        "http://evil.example#@127.0.0.1",
        "http://0.0.0.0",
        "http://10.0.0.1",
        "http://[::2]",
        "http://2130706433",
        "https://user:s3cret@pan.example",
        "https://pan.example/?key=s3cret",
        "https://pan.example/#s3cret",
        "https://pan.example:99999",
        "https://pan.example/a b",
        "https://",
        "ftp://pan.example",
        "pan.example",
        "https://[::1",
        "https://pan.example\n",
    ],
)
def test_the_token_is_never_sent_anywhere_else(url: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="PAN123_BASE_URL") as caught:
        load({"PAN123_BASE_URL": url}, tmp_path)
    assert "s3cret" not in str(caught.value)
