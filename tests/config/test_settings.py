"""Settings: environment before file before defaults, and errors that name where they are."""

from pathlib import Path

import pytest

from pan123_tui.config.schema import SETTINGS, Retry, mask
from pan123_tui.config.settings import Settings, load
from pan123_tui.domain.errors import SettingsInvalid
from pan123_tui.domain.sanitize import redact


def written(folder: Path, text: str) -> Path:
    (folder / "config.toml").write_text(text, "utf-8")
    return folder


def loaded(folder: Path, text: str, **environ: str) -> Settings:
    return load(environ, written(folder, text))


def test_the_file_is_read_section_by_section_over_the_defaults(tmp_path: Path) -> None:
    default = load({}, tmp_path / "nowhere")
    assert default == Settings()
    assert default.service.base_url == "https://open-api.123pan.com"
    assert (default.service.create_per_s, default.service.process_per_s) == (1, 5)
    settings = loaded(
        tmp_path,
        """
        defaults.folder_name = "电影"
        [service]
        create_per_s = 2  # ours
        [hooks]
        on_end = ["notify-send", "done"]
        [retry]
        after = "90s"
        [notify]
        push = ["ntfy://topic"]
        [arrival]
        check = false
        """,
    )
    assert (settings.service.create_per_s, settings.service.process_per_s) == (2, 5)
    assert settings.defaults.folder_name == "电影"
    assert settings.hooks.on_end == ("notify-send", "done")
    assert settings.retry.after_s == 90.0
    assert settings.notify.push == ("ntfy://topic",)
    assert not settings.arrival.check


def test_a_variable_goes_before_the_file_and_is_named_unless_it_is_empty(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path,
        text := '[service]\nbase_url = "https://file.example"\n[ui]\nlanguage = "en"',
        PAN123_BASE_URL="http://127.0.0.1:8000",
        PAN123_LANG="zh_CN.UTF-8",
        PAN123_ACCESS_TOKEN="t",
        PAN123_CLIENT_ID="",
    )
    assert settings.service.base_url == "http://127.0.0.1:8000"
    assert settings.ui.language == "zh"
    assert settings.overrides.get("service.base_url") == "PAN123_BASE_URL"
    assert settings.overrides.get("ui.language") == "PAN123_LANG"
    assert settings.overrides.get("account.access_token") == "PAN123_ACCESS_TOKEN"
    assert settings.overrides.get("account.client_id") is None
    assert settings.overrides.get("ui.theme") is None
    settings = loaded(tmp_path, text, PAN123_BASE_URL="", PAN123_LANG="")
    assert (settings.service.base_url, settings.ui.language) == ("https://file.example", "en")
    assert not settings.overrides


def test_unknown_keys_are_named_and_ignored(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path,
        'colour = 1\n[ui]\nthem = "x"\nascii = true\n[notify]\nbell = true\n'
        '[account]\naccess_token = "s3cret"',
    )
    assert settings.ui.ascii
    file = tmp_path / "config.toml"
    assert settings.warnings == tuple(
        f"{file}: {key} is not known and has no effect."
        for key in ("colour", "ui.them", "notify.bell", "account.access_token")
    )
    assert "s3cret" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ('[keys]\n"tasks.remove" = "x"', {"tasks.remove": "x"}),
        ('[keys]\ntasks.remove = "x, delete"', {"tasks.remove": "x, delete"}),
        ('[keys.tasks]\nremove = ["x", "delete"]', {"tasks.remove": "x,delete"}),
        ('keys.tasks.remove = "x"', {"tasks.remove": "x"}),
    ],
)
def test_keys_are_read_in_any_form_of_toml(text: str, keys: dict[str, str], tmp_path: Path) -> None:
    settings = loaded(tmp_path, text)
    assert settings.keys == keys
    assert settings.warnings == ()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("keys = 3", "keys"),
        ("[keys]\ntasks.remove = 3", "tasks.remove"),
        ("[keys]\ntasks.remove = [1]", "tasks.remove"),
    ],
)
def test_a_wrong_key_is_a_warning_and_the_rest_is_used(text: str, key: str, tmp_path: Path) -> None:
    settings = loaded(tmp_path, f"{text}\n[ui]\nascii = true\n")
    assert (settings.keys, settings.ui.ascii) == ({}, True)
    (fault,) = settings.warnings
    assert fault.startswith(f"[keys] {key}: write its keys in quotes")


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    text = (
        '[service]\ncreate_per_s = 0\n[ui]\nlanguage = "fr"\nascii = 1\n[hooks]\ntimeout_s = "x"\n'
    )
    with pytest.raises(SettingsInvalid) as error:
        loaded(tmp_path, f"retry = 3\n{text}", PAN123_BASE_URL="ftp://a")
    lines = str(error.value).splitlines()
    wrong = ("create_per_s", "ui.language", "ui.ascii", "hooks.timeout_s", "retry", "PAN123_BASE")
    assert all(sum(it in line for line in lines) == 1 for it in wrong), lines
    assert len(lines) == len(wrong)


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


def test_addresses_of_messages_in_a_file_that_others_can_read_are_a_warning(tmp_path: Path) -> None:
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
        ("[service]\ncreate_per_s = 99", "it must be a number above 0, at most 50"),
        ("[retry]\ntimes = 21", "it must be a whole number from 0 to 20"),
        ('[ui]\nlanguage = "fr"', "it must be one of auto, en, zh"),
        ('[ui]\nascii = "yes"', "it must be true or false"),
        ("[defaults]\nfolder_id = 0", "it must be the id of a folder"),
        ("[hooks]\non_end = 3", "it must be a list of quoted strings"),
        ("[ui]\ntheme = 3", "it must be a quoted string"),
        ('[retry]\nafter = "soon"', "it must be a time from 10s to 1d, such as 90s, 10m or 2h"),
        ("ui = 3", "it must be a section: [ui]"),
    ],
)
def test_an_error_says_its_place_and_what_is_wanted(text: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        loaded(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path / 'config.toml'}: ")
    assert f": {reason}. Correct it" in str(caught.value)


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("service.max_running", " 3 ", 3),
        ("service.create_per_s", "0.5", 0.5),
        ("defaults.folder_id", "7", 7),
        ("retry.after", "10s", "10s"),
        ("retry.after", "1d", "1d"),
        ("retry.after", " 20 分钟 ", "20 分钟"),
        ("notify.push", "ntfy://a  bark://b", ("ntfy://a", "bark://b")),
        ("retry.times", "  ", None),
    ],
)
def test_what_is_typed_for_a_field_becomes_its_type(key: str, text: str, value: object) -> None:
    assert SETTINGS[key].parse(text) == value


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("90 秒", 90), ("1.5 min", 90), ("20分", 1200), ("2 小时", 7200), ("1天", 86400)],
)
def test_a_wait_is_a_number_with_a_unit_in_either_language(text: str, seconds: float) -> None:
    assert Retry(after=text).after_s == seconds


def test_every_field_has_a_meaning_and_the_type_of_its_default() -> None:
    for field in SETTINGS.values():
        assert field.about.meaning.endswith("."), field.key
        assert field.convert(field.default) == field.default
        assert set(field.about.words) <= {*field.choices, str(field.default)}
    of_screen = {field.section for field in SETTINGS.values() if field.is_of_screen}
    assert of_screen == {"ui", "clipboard", "notify"}
    assert not SETTINGS["notify.push"].is_of_screen, "the engine sends the messages"


@pytest.mark.parametrize("content", [b"[ui", b"\xff\xfe", b"[keys]\na = x", None])
def test_a_file_that_cannot_be_read_is_named(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.mkdir() if content is None else file.write_bytes(content)
    with pytest.raises(SettingsInvalid, match="config"):
        load({}, tmp_path)


OURS = "https://open-api.123pan.com https://pan.example:8443/prefix/ http://127.0.0.1:9000"
OTHERS = """http://open-api.123pan.com http://127.0.0.1.evil.example http://localhost.evil.example
http://127.0.0.1@evil.example http://evil.example#@127.0.0.1 http://0.0.0.0 ftp://pan.example
https://user:s3cret@pan.example https://pan.example/?key=s3cret https://pan.example/#s3cret
https://pan.example:99999 pan.example https://[::1"""


@pytest.mark.parametrize("url", [*OURS.split(), "http://localhost:1", "http://[::1]:9000"])
def test_the_service_may_be_at_https_or_on_this_machine(url: str, tmp_path: Path) -> None:
    assert load({"PAN123_BASE_URL": url}, tmp_path).service.base_url == url


@pytest.mark.parametrize(
    "url", [*OTHERS.split(), "https://pan.example/a b", "https://pan.example\n"]
)
def test_the_token_is_never_sent_anywhere_else(url: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="PAN123_BASE_URL") as caught:
        load({"PAN123_BASE_URL": url}, tmp_path)
    assert "s3cret" not in str(caught.value)
