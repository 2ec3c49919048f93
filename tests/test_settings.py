"""Settings: each is documented, secrets may come from files and are never shown, and a wrong value is said in words."""

from pathlib import Path

import pytest

from breach_service.errors import ConfigurationError
from breach_service.settings import SECRETS, Settings, settings_from_environment

SECRET = "s3cret-that-nobody-may-read"


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_says_what_it_is(name: str) -> None:
    """Its description is its line in the README."""
    description = Settings.model_fields[name].description
    assert description
    assert not description.endswith(".")


def test_without_any_setting_the_service_runs_on_this_machine_alone() -> None:
    """SQLite, loopback, French, no Slack."""
    settings = settings_from_environment()
    assert (settings.is_sqlite, settings.host, settings.language) == (True, "127.0.0.1", "fr")
    assert settings.sqlalchemy_url().endswith("/data/breach.sqlite3")
    assert settings.slack_token is None


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With the prefix BREACH_; what is no setting of ours is left alone."""
    monkeypatch.setenv("BREACH_PORT", "9000")
    monkeypatch.setenv("BREACH_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("BREACH_QUALIFICATION_HOURS", "1.5")
    monkeypatch.setenv("BREACH_SOMETHING_ELSE", "x")
    settings = settings_from_environment()
    assert (settings.port, settings.data_dir, settings.qualification_hours) == (9000, tmp_path, 1.5)


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\n\n"])
def test_a_secret_can_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, ending: str) -> None:
    """As orchestrators mount them, with or without a line end."""
    value = "postgresql://u:p@h/d" if name == "database_url" else SECRET
    file = tmp_path / "secret"
    file.write_bytes((value + ending).encode())
    monkeypatch.setenv(f"BREACH_{name.upper()}_FILE", str(file))
    assert getattr(settings_from_environment(), name).get_secret_value() == value


def test_the_environment_outweighs_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """So that one setting can be tried without moving the file."""
    file = tmp_path / "token"
    file.write_text("from the file")
    monkeypatch.setenv("BREACH_METRICS_TOKEN_FILE", str(file))
    monkeypatch.setenv("BREACH_METRICS_TOKEN", "from the environment")
    token = settings_from_environment().metrics_token
    assert token is not None
    assert token.get_secret_value() == "from the environment"


def test_only_secrets_come_from_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`BREACH_PORT_FILE` is no setting."""
    (tmp_path / "port").write_text("9000")
    monkeypatch.setenv("BREACH_PORT_FILE", str(tmp_path / "port"))
    assert settings_from_environment().port == 8080


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"], ids=["missing", "no text"])
def test_a_secret_file_that_cannot_be_read_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    """With the variable that names it."""
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("BREACH_SECRET_KEY_FILE", str(file))
    with pytest.raises(ConfigurationError, match="BREACH_SECRET_KEY_FILE names a file that cannot be read"):
        settings_from_environment()


WRONG = {
    "BREACH_PORT": ("http", "70000", "-1"),
    "BREACH_MAX_BODY_BYTES": ("0", "1MB"),
    "BREACH_BACKLOG_LIMIT": ("0", "many"),
    "BREACH_QUALIFICATION_HOURS": ("0", "-2", "a day"),
    "BREACH_WORKING_HOURS": ("always", "09:00", "18:00-09:00", "9-25"),
    "BREACH_SESSION_HOURS": ("0", "soon"),
    "BREACH_SESSION_IDLE_HOURS": ("-1", "soon"),
    "BREACH_SECOND_FACTOR_GRACE_DAYS": ("-1", "later"),
    "BREACH_LANGUAGE": ("de",),
    "BREACH_LOG_LEVEL": ("loud",),
    "BREACH_LOG_FORMAT": ("xml",),
    "BREACH_DATABASE_URL": ("mysql://u:p@h/d", "somewhere", "postgresql+psycopg2://u:p@h/d"),
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_value_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """The variable as the operator wrote it, and what is wrong; one line, no stack trace."""
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as caught:
        settings_from_environment()
    sentence = str(caught.value)
    assert sentence.startswith(f"{name}: ")
    assert "\n" not in sentence
    assert "pydantic" not in sentence


def test_all_wrong_values_are_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line each: nobody should have to start the service three times."""
    monkeypatch.setenv("BREACH_PORT", "x")
    monkeypatch.setenv("BREACH_LANGUAGE", "de")
    with pytest.raises(ConfigurationError) as caught:
        settings_from_environment()
    assert [one.partition(":")[0] for one in str(caught.value).splitlines()] == ["BREACH_PORT", "BREACH_LANGUAGE"]


def test_a_wrong_address_of_a_database_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """It holds a password."""
    monkeypatch.setenv("BREACH_DATABASE_URL", f"mysql://u:{SECRET}@h/d")
    with pytest.raises(ConfigurationError) as caught:
        settings_from_environment()
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql://u:p@h:5433/d?sslmode=require", "postgresql+psycopg://u:p@h:5433/d?sslmode=require"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg://u@h/d"),
        ("sqlite:////srv/breach.sqlite3", "sqlite:////srv/breach.sqlite3"),
    ],
)
def test_the_usual_addresses_of_databases_are_understood(
    monkeypatch: pytest.MonkeyPatch, given: str, normal: str
) -> None:
    """Platforms hand out `postgres://`, the driver has a name of its own."""
    monkeypatch.setenv("BREACH_DATABASE_URL", given)
    settings = settings_from_environment()
    assert settings.sqlalchemy_url() == normal
    assert settings.is_sqlite is given.startswith("sqlite")


@pytest.mark.parametrize("level", ["DEBUG", "Info", "warning", "ERROR"])
def test_levels_may_be_written_in_any_case(monkeypatch: pytest.MonkeyPatch, level: str) -> None:
    """Every tool writes them otherwise."""
    monkeypatch.setenv("BREACH_LOG_LEVEL", level)
    assert settings_from_environment().log_level == level.lower()


@pytest.mark.parametrize("name", ["DATABASE_URL", "SECRET_KEY", "METRICS_TOKEN", "CONTENT_DIR", "PORT"])
def test_an_empty_variable_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Compose files and charts pass empty strings for what was left out."""
    monkeypatch.setenv(f"BREACH_{name}", "")
    assert settings_from_environment() == Settings()
    assert getattr(settings_from_environment(), name.lower()) == Settings.model_fields[name.lower()].default


def test_secrets_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither printed nor dumped."""
    for name in SECRETS:
        prefix = "postgresql://u:" if name == "database_url" else ""
        monkeypatch.setenv(f"BREACH_{name.upper()}", f"{prefix}{SECRET}")
    settings = settings_from_environment()
    for shown in (repr(settings), str(settings), str(settings.model_dump()), settings.model_dump_json()):
        assert SECRET not in shown


def test_the_address_of_slack_ends_with_a_slash() -> None:
    """Its client appends the method."""
    assert Settings(slack_api_url="http://127.0.0.1:1/api").slack_api_url == "http://127.0.0.1:1/api/"
