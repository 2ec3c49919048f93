"""Settings: the only reader of the environment. Each is an environment variable with the prefix `BREACH_`.

A secret can also be given as a file: `BREACH_SECRET_KEY_FILE=/run/secrets/key` reads `secret_key` from that file.
"""

import os
from datetime import time
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from breach_service.errors import ConfigurationError

SECRETS = (
    "database_url",
    "secret_key",
    "oidc_client_secret",
    "metrics_token",
    "slack_token",
    "slack_signing_secret",
    "smtp_password",
    "mailbox_password",
    "pager_alertmanager_token",
    "pager_pagerduty_key",
    "pager_goalert_token",
    "pager_ilert_key",
    "heartbeat_url",
)
DATABASES = ("sqlite:///", "postgresql://", "postgres://", "postgresql+psycopg://")


class Settings(BaseSettings):
    """Everything that can be set. The descriptions are the settings table of the README."""

    model_config = SettingsConfigDict(env_prefix="BREACH_", env_ignore_empty=True, extra="ignore")

    data_dir: Path = Field(Path("data"), description="where the SQLite database and the generated key live")
    database_url: SecretStr | None = Field(
        None, description="PostgreSQL address; SQLite in the data directory where it is not set"
    )
    secret_key: SecretStr | None = Field(
        None, description="32 random bytes in base64; generated with mode 0600 on SQLite, required on PostgreSQL"
    )
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8080, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    public_url: str = Field("", description="address under which people reach the service; used in messages")
    trusted_proxies: str = Field(
        "127.0.0.1,::1",
        description="addresses or networks of proxies, separated by commas, that are believed who a request comes from",
    )
    language: Literal["fr", "en"] = Field("fr", description="language of messages and of pages before sign-in")
    content_dir: Path | None = Field(
        None, description="directory with playbooks/ and templates/ that override the shipped files by id"
    )
    max_body_bytes: int = Field(1_048_576, gt=0, description="largest webhook body; above it the answer is 413")
    evidence_max_bytes: int = Field(
        26_214_400, gt=0, description="largest file handed in as evidence; of a larger one only its digest is taken"
    )
    backlog_limit: int = Field(100_000, gt=0, description="waiting alerts above which the answer is 503")
    qualification_hours: float = Field(24.0, gt=0, description="hours within which an incident must be qualified")
    working_hours: str = Field(
        "09:00-18:00",
        description="from when to when people are at work on working days: early reminders are moved into these hours",
    )
    observe_hours: float = Field(
        24.0,
        ge=0,
        description="hours for which a new sender is observed before anything is sent because of it; 0: none",
    )
    keep_bodies_days: int = Field(
        365, ge=30, description="days for which raw bodies are kept, in an incident counted from its end"
    )
    keep_observed_days: int = Field(
        180, ge=30, description="days for which alerts in no incident are kept; at most as long as raw bodies"
    )
    keep_set_aside_days: int = Field(
        90, ge=7, description="days for which reports that were set aside are kept with what they say"
    )
    session_hours: float = Field(12.0, gt=0, description="hours after which a person must sign in again")
    session_idle_hours: float = Field(
        4.0, ge=0, description="hours without a request after which a person must sign in again; 0: none"
    )
    second_factor_roles: str = Field(
        "dpo,decider,admin",
        description="roles, separated by commas, that must have a second factor beside their password; `none`: nobody",
    )
    second_factor_grace_days: float = Field(
        14.0, ge=0, description="days for which a new account of these roles may do without one"
    )
    glass_hours: float = Field(
        12.0, gt=0, le=72, description="hours for which a broken glass lets whoever is on call decide in one incident"
    )
    oidc_issuer: str = Field(
        "", description="address of the OpenID provider, as it calls itself; nobody signs in there where it is not set"
    )
    oidc_client_id: str = Field("", description="name under which the provider knows this service")
    oidc_client_secret: SecretStr | None = Field(
        None, description="its secret; without one the service is a public client (PKCE is always used)"
    )
    oidc_groups: str = Field(
        "", description="groups of the provider that come in, with their roles: `group=role; group=role`"
    )
    oidc_groups_claim: str = Field(
        "groups", description="claim that holds the groups; a dot leads into an object: `realm_access.roles`"
    )
    oidc_scopes: str = Field("openid profile email", description="what the provider is asked for")
    oidc_name: str = Field("", description="name of the provider on the pages; its host where it is not set")
    local_sign_in: bool = Field(
        True, description="false: passwords and passkeys open nothing, only the OpenID provider lets people in"
    )
    metrics_token: SecretStr | None = Field(
        None, description="bearer token of /metrics; without one only loopback may read"
    )
    slack_token: SecretStr | None = Field(None, description="bot token; without one messages go to the console")
    slack_signing_secret: SecretStr | None = Field(
        None, description="signing secret of the Slack app; with it people report there by a command of yours"
    )
    slack_channel: str = Field("", description="channel id that the incident cards are posted to")
    slack_api_url: str = Field("https://slack.com/api/", description="base address of the Slack API")
    way_hosts: str = Field(
        "",
        description="own hosts, `name` or `name:port`, separated by commas, that messages to persons may go to: an "
        "ntfy, a Signal gateway, webhooks",
    )
    wake_second_minutes: float = Field(
        10.0, gt=0, le=1440, description="minutes without an answer after which a wake calls the second level"
    )
    wake_everyone_minutes: float = Field(
        20.0, gt=0, le=1440, description="minutes without an answer after which a wake calls everybody"
    )
    wake_again_minutes: float = Field(
        30.0, gt=0, le=1440, description="minutes after which everybody is called again while nobody answers"
    )
    pager_alertmanager_url: str = Field(
        "", description="Alertmanager that pages people, `http://alertmanager:9093`; all members of a cluster, "
        "separated by commas",
    )  # fmt: skip
    pager_alertmanager_token: SecretStr | None = Field(None, description="bearer token of it, where it asks for one")
    pager_pagerduty_key: SecretStr | None = Field(None, description="PagerDuty: integration key of Events API v2")
    pager_pagerduty_url: str = Field(
        "https://events.pagerduty.com/v2/enqueue", description="its address; that of the EU service is another one"
    )
    pager_goalert_url: str = Field("", description="GoAlert that pages people, `https://goalert.example.org`")
    pager_goalert_token: SecretStr | None = Field(None, description="token of an integration key (generic API) there")
    pager_ilert_key: SecretStr | None = Field(None, description="ilert: integration key of an alert source")
    pager_ilert_url: str = Field("https://api.ilert.com/api/events", description="its address")
    smtp_host: str = Field("", description="mail server for invitations, new passwords and messages to persons")
    smtp_port: int = Field(587, gt=0, le=65535, description="its port; 465 with `tls`")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="how the connection is encrypted: `starttls`, `tls`, or `none`"
    )
    smtp_user: str = Field("", description="name to sign in with there, where it asks for one")
    smtp_password: SecretStr | None = Field(None, description="its password")
    smtp_from: str = Field("", description="address that mails come from")
    smtp_ca: Path | None = Field(
        None, description="authority of the server's certificate, PEM; those that the system trusts where it is not set"
    )
    mailbox_host: str = Field(
        "", description="IMAP server of the mailbox that incidents are reported to; none is read where it is not set"
    )
    mailbox_port: int = Field(993, gt=0, le=65535, description="its port; 143 with `starttls`")
    mailbox_security: Literal["tls", "starttls", "none"] = Field(
        "tls", description="how the connection is encrypted: `tls`, `starttls`, or `none` on this machine"
    )
    mailbox_user: str = Field("", description="name to sign in with there")
    mailbox_password: SecretStr | None = Field(None, description="its password")
    mailbox_address: str = Field(
        "", description="address that people write to; mails from it are loops and open nothing"
    )
    mailbox_folder: str = Field("INBOX", description="folder that is read")
    mailbox_taken_folder: str = Field(
        "", description="folder that mails go to once they were taken; they stay, as seen, where it is not set"
    )
    mailbox_ca: Path | None = Field(
        None, description="authority of its certificate, PEM; those that the system trusts where it is not set"
    )
    mailbox_seconds: float = Field(30.0, ge=1, le=3600, description="seconds between two looks into the mailbox")
    token_days: float = Field(90.0, gt=0, le=36_500, description="days that a new API token lasts where nobody says")
    token_longest_days: float = Field(365.0, gt=0, le=36_500, description="days that an API token may last at most")
    syslog_udp: str = Field("", description="`host:port`, or `:port`, for syslog over UDP; off where it is not set")
    syslog_tcp: str = Field("", description="the same for TCP")
    syslog_tls: str = Field("", description="the same for TLS")
    syslog_tls_certificate: Path | None = Field(None, description="certificate of the listener, PEM")
    syslog_tls_key: Path | None = Field(None, description="its key, where it is not in the same file")
    syslog_tls_clients: Path | None = Field(
        None, description="authority that the certificates of senders must be of; none asked where it is not set"
    )
    syslog_allow: str = Field(
        "127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,::1/128,fc00::/7,fe80::/10",
        description="networks that may send syslog, separated by commas",
    )
    syslog_source: str = Field("", description="source, added with `source add`, that lines of syslog belong to")
    key_hosts: str = Field(
        "",
        description="own hosts, separated by commas, whose public keys may be fetched over https: a Keycloak's",
    )
    heartbeat_url: SecretStr | None = Field(
        None,
        description="secret address of a dead-man's switch; asked for each minute while the worker is healthy, so that "
        "it calls somebody once this service is down",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="least level of log lines")
    log_format: Literal["json", "console"] = Field("json", description="form of log lines")

    @field_validator("log_level", "log_format", "language", "smtp_security", "mailbox_security", mode="before")
    @classmethod
    def _in_any_case(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("database_url")
    @classmethod
    def _is_a_database_we_know(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(DATABASES):
            raise ValueError("is no address of a database: write postgresql://user:password@host/name")
        return value

    @field_validator("working_hours")
    @classmethod
    def _is_a_span_of_one_day(cls, value: str) -> str:
        begins, ends = _span(value)
        if begins >= ends:
            raise ValueError("ends before it begins: write it as 09:00-18:00")
        return value

    @property
    def at_work(self) -> tuple[time, time]:
        """From when to when people are at work, on the organisation's clock."""
        return _span(self.working_hours)

    @field_validator("slack_api_url")
    @classmethod
    def _ends_with_a_slash(cls, value: str) -> str:
        return value if value.endswith("/") else value + "/"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the environment, then the files that the environment names."""
        return init_settings, env_settings, _SecretFiles(settings_cls)

    @property
    def is_sqlite(self) -> bool:
        """True where the embedded database is used."""
        return self.database_url is None or self.database_url.get_secret_value().startswith("sqlite")

    def sqlalchemy_url(self) -> str:
        """The database address as SQLAlchemy wants it."""
        if self.database_url is None:
            return f"sqlite:///{self.data_dir.absolute() / 'breach.sqlite3'}"
        url = self.database_url.get_secret_value()
        for prefix in ("postgres://", "postgresql://"):
            if url.startswith(prefix):
                return "postgresql+psycopg://" + url.removeprefix(prefix)
        return url


def _span(value: str) -> tuple[time, time]:
    begins, _, ends = value.partition("-")
    try:
        return time.fromisoformat(begins.strip()), time.fromisoformat(ends.strip())
    except ValueError as error:
        raise ValueError("is no span of a day: write it as 09:00-18:00") from error


def settings_from_environment() -> Settings:
    """The settings of this process; ConfigurationError with one sentence per setting that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        sentences = [f"BREACH_{str(one['loc'][0]).upper()}: {_in_words(one['msg'])}" for one in error.errors()]
        raise ConfigurationError("\n".join(sentences)) from None  # the cause holds the values, secrets among them


def _in_words(message: str) -> str:
    return message.removeprefix("Value error, ")


class _SecretFiles(PydanticBaseSettingsSource):
    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        path = os.environ.get(f"BREACH_{field_name.upper()}_FILE") if field_name in SECRETS else None
        if path is None:
            return None, field_name, False
        try:
            return Path(path).read_text(encoding="utf-8").strip(), field_name, False
        except (OSError, UnicodeDecodeError) as error:
            name = f"BREACH_{field_name.upper()}_FILE"
            raise ConfigurationError(f"{name} names a file that cannot be read: {error}") from error

    def __call__(self) -> dict[str, Any]:
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}
