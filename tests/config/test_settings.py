"""Settings: environment before file before defaults, and errors that name where they are."""

from pathlib import Path

import msgspec
import pytest

from pan123_tui.config.settings import Settings, SettingsWarning, WarningKind, load
from pan123_tui.domain.errors import SettingsInvalid


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
    assert settings.ui.window_rows == 150
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
        on_success = ["notify-send", "done"]
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
    assert settings.hooks.on_success == ("notify-send", "done")
    assert settings.keys == {"task.retry": "r,ctrl+r"}
    assert not settings.arrival.check
    assert settings.warnings == ()


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
    assert settings.overridden_by("service.base_url") == "PAN123_BASE_URL"
    assert settings.overridden_by("ui.language") == "PAN123_LANG"
    assert settings.overridden_by("account.access_token") == "PAN123_ACCESS_TOKEN"
    assert settings.overridden_by("account.client_id") is None
    assert settings.overridden_by("ui.theme") is None


def test_an_empty_variable_overrides_nothing(tmp_path: Path) -> None:
    settings = loaded(tmp_path, "", PAN123_BASE_URL="", PAN123_LANG="")
    assert settings == Settings()


def test_unknown_keys_are_named_and_ignored(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path,
        'colour = 1\nwarnings = ["x"]\n[ui]\nthem = "x"\nascii = true\n[weather]\nrain = true',
    )
    assert settings.ui.ascii
    file = tmp_path / "config.toml"
    assert settings.warnings == tuple(
        SettingsWarning(WarningKind.UNKNOWN, file, key)
        for key in ("colour", "warnings", "ui.them", "weather.rain")
    )
    assert "ui.them" in str(settings.warnings[2])


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
    assert settings.warnings == ()


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
    (warning,) = settings.warnings
    assert warning.is_about_keys
    assert str(warning).startswith(shown)


def test_a_secret_in_the_file_is_not_used_and_not_repeated(tmp_path: Path) -> None:
    settings = loaded(tmp_path, '[account]\naccess_token = "s3cret"\n')
    (warning,) = settings.warnings
    assert warning.kind is WarningKind.SECRET
    assert "account.access_token" in str(warning)
    assert "s3cret" not in str(warning)
    assert "s3cret" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('[ui]\nwindow_rows = "many"', "ui.window_rows"),
        ("[ui]\nwindow_rows = 3", "ui.window_rows"),
        ('[ui]\nlanguage = "fr"', "ui.language"),
        ('[ui]\nascii = "yes"', "ui.ascii"),
        ("ui = 3", "ui"),
        ("[service]\ncreate_per_s = 0", "service.create_per_s"),
        ("[service]\nprocess_per_s = -1", "service.process_per_s"),
        ("[service]\nprocess_per_s = inf", "service.process_per_s"),
        ("[service]\nprocess_per_s = nan", "service.process_per_s"),
        ("[defaults]\nfolder_id = 0", "defaults.folder_id"),
        ("[clipboard]\nallow_hosts = [1]", "clipboard.allow_hosts"),
        ('[hooks]\non_success = "rm"', "hooks.on_success"),
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


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    with pytest.raises(AttributeError):
        load({}, tmp_path).ui.ascii = True  # type: ignore[misc]


def test_every_field_has_a_default() -> None:
    assert msgspec.convert({}, Settings) == Settings()
