from __future__ import annotations

from pathlib import Path

import pytest

from batchwright import settings
from batchwright.settings import BadSetting, Loaded, Settings


def load(
    flags: dict[str, object] | None = None, environ: dict[str, str] | None = None, folder: Path | None = None
) -> Loaded:
    return settings.load(flags, environ=environ or {}, folder=folder or Path("/nowhere"))


def test_without_any_source_every_value_is_the_default() -> None:
    loaded = load()
    assert loaded.settings == Settings()
    assert set(loaded.origins) == set(settings.names())
    assert set(loaded.origins.values()) == {"default"}


def test_flag_beats_variable_beats_file_beats_default(tmp_path: Path) -> None:
    (tmp_path / "batchwright.toml").write_text('port = 1\nhost = "file"\ndb = "file.db"\n')
    environ = {"BATCHWRIGHT_PORT": "2", "BATCHWRIGHT_HOST": "variable"}
    loaded = load({"port": 3, "host": None}, environ, tmp_path)
    assert (loaded.settings.port, loaded.origins["port"]) == (3, "flag")
    assert (loaded.settings.host, loaded.origins["host"]) == ("variable", "BATCHWRIGHT_HOST")
    assert (loaded.settings.db, loaded.origins["db"]) == ("file.db", "batchwright.toml")
    assert (loaded.settings.limits, loaded.origins["limits"]) == ("paid", "default")


def test_an_empty_variable_counts_as_not_set() -> None:
    assert load(environ={"BATCHWRIGHT_PORT": ""}).origins["port"] == "default"


@pytest.mark.parametrize(("word", "meant"), [("1", True), ("TRUE", True), ("off", False), ("no", False)])
def test_variables_say_yes_and_no_in_the_usual_words(word: str, meant: bool) -> None:
    assert load(environ={"BATCHWRIGHT_DEMO": word}).settings.demo is meant


@pytest.mark.parametrize("text", ["", "*", "https://a.example", "http://[::1]:8080,https://a.example:8443 http://b"])
def test_sites_are_named_as_browsers_name_them(text: str) -> None:
    assert load({"cors_origins": text}).settings.cors_origins == text.replace(",", " ")


def test_a_public_url_loses_its_trailing_slash() -> None:
    assert load({"public_url": "https://tasks.example.org/"}).settings.public_url == "https://tasks.example.org"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "http"),
        ("port", "-1"),
        ("port", " 80"),
        ("port", "1_000"),
        ("port", "9" * 30),
        ("port", 65536),
        ("port", True),
        ("port", 1.5),
        ("max_body_bytes", 0),
        ("demo", "maybe"),
        ("demo", 1),
        ("limits", "Paid"),
        ("log_format", "xml"),
        ("db", " "),
        ("db", "a\0b"),
        ("host", 7),
        ("cors_origins", "app.example.org"),
        ("cors_origins", "https://app.example.org/"),
        ("cors_origins", "https://App.example.org"),
        ("cors_origins", "https://app.example.org:443"),
        ("cors_origins", "https://*.example.org"),
        ("cors_origins", "* https://app.example.org"),
        ("cors_origins", "null"),
        ("public_url", "tasks.example.org"),
        ("public_url", "http://"),
        ("workers", 0),
        ("redis", "localhost:6379"),
        ("redis", "redis:"),
        ("limits_without_redis", "allow"),
        ("limit_per_minute", -1),
        ("limit_writes", "many"),
        ("limit_cost", 10**9 + 1),
    ],
)
def test_a_bad_value_is_refused_in_one_line_that_names_it(name: str, value: object) -> None:
    with pytest.raises(BadSetting) as refused:
        load({name: value})
    text = str(refused.value)
    assert text.startswith(f"{name} must be ")
    assert text.endswith("(from flag)")
    assert "\n" not in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("port = ", "is not valid TOML"),
        ("prot = 1", "there is no setting 'prot'"),
        ("port = 'x'", "(from batchwright.toml)"),
    ],
)
def test_a_bad_file_is_refused_by_name(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "batchwright.toml").write_text(text)
    with pytest.raises(BadSetting, match=r"batchwright\.toml") as refused:
        load(folder=tmp_path)
    assert said in str(refused.value)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "batchwright.toml").mkdir()
    with pytest.raises(BadSetting, match="cannot be read"):
        load(folder=tmp_path)


def test_every_setting_says_in_one_line_what_it_means() -> None:
    for name in settings.names():
        assert settings.meaning(name)
        assert "\n" not in settings.meaning(name)
    assert settings.default("port") == 8787
