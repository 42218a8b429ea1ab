"""Every setting of the application: an environment variable or a line in `commonground.toml` of the home.

`COMMONGROUND_PORT=9000` and `port = 9000` say the same; the environment wins. docs/settings.md describes each of them,
and a test holds the two together. Nothing is read at import: call `Settings.load()`.
"""

from __future__ import annotations

import os
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX = "COMMONGROUND_"
FILE_NAME = "commonground.toml"
PACKAGED_MODEL = "packaged"
CHAT_PROVIDERS = ("openai", "anthropic", "ollama")
_GUID = "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
CHECKOUT = Path(__file__).resolve().parent.parent


class SettingsError(ValueError):
    """A setting that cannot be used. The message is one line: where it stands, what is wrong, how to mend it."""


def default_home() -> Path:
    """The data folder where COMMONGROUND_HOME names none: `.commonground/` in the checkout."""
    return CHECKOUT / ".commonground"


def chosen_home(home: Path | str | None = None) -> Path:
    """`home` when given, else COMMONGROUND_HOME, else the default; absolute, with `~` expanded."""
    return Path(home or os.environ.get(PREFIX + "HOME") or default_home()).expanduser().absolute()


class Settings(BaseSettings):
    """The settings of one home. Values given to the constructor win over the environment, that over the file."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True, validate_default=True
    )

    home: Annotated[Path, Field(description="Data folder: database, vectors, dialogue store, logs, settings file.")]
    host: Annotated[str, Field(description="Address the application listens on.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535, description="Port the application listens on.")] = 8000
    public_url: Annotated[
        str, Field(description="Address people use when it is not http://host:port, for example behind a proxy.")
    ] = ""
    organisation: Annotated[
        str, Field(description="Name of the organisation this installation belongs to; it sees its own records.")
    ] = ""
    trust_local: Annotated[
        bool,
        Field(
            description="Treat direct loopback requests without forwarding headers as the operator's. "
            "Everybody else is a visitor, who sees public records; with a public_url of another host, all are."
        ),
    ] = True
    today: Annotated[
        date | None, Field(description="Date that counts as today (ISO), for exercises and tests. Unset: the clock's.")
    ] = None
    embedding_model: Annotated[
        str,
        Field(
            min_length=1,
            description="Sentence-transformers model: 'packaged' for the installed all-MiniLM-L6-v2, else a folder "
            "or the name of a model that is already on this machine.",
        ),
    ] = PACKAGED_MODEL
    embedding_backend: Annotated[
        Literal["auto", "openvino", "sentence-transformers"],
        Field(
            description="What runs the embedding model: OpenVINO, which is several times quicker, or the reference, "
            "sentence-transformers. 'auto' takes OpenVINO where it gives the same results."
        ),
    ] = "auto"
    chat_model: Annotated[
        str,
        Field(
            description="Language model that may word answers: 'openai:NAME', 'anthropic:NAME', 'ollama:NAME', or the "
            "name that the OpenAI-compatible service of chat_base_url knows it by. Unset: code alone words them."
        ),
    ] = ""
    chat_base_url: Annotated[
        str, Field(description="Base address of the chat model's service. Unset: the provider's own.")
    ] = ""
    chat_api_key: Annotated[SecretStr, Field(description="Key of the chat model's service.")] = SecretStr("")
    chat_timeout: Annotated[
        float,
        Field(
            gt=0,
            le=600,
            description="Seconds to wait for the chat model in all, at most four fifths of engine_timeout; "
            "then the answer goes out as code worded it.",
        ),
    ] = 20.0
    model: Annotated[Path, Field(description="Trained dialogue model that Rasa loads.")] = (
        CHECKOUT / "bot" / "engine" / "models" / "dialogue.tar.gz"
    )
    engine_url: Annotated[
        str, Field(description="Address of a Rasa that already runs. Unset: the supervisor starts one on loopback.")
    ] = ""
    engine_port: Annotated[
        int, Field(ge=0, le=65535, description="Loopback port for the Rasa the supervisor starts; 0 takes a free one.")
    ] = 0
    engine_secret: Annotated[
        SecretStr,
        Field(
            description="Bearer secret between Rasa and the application, 16 characters or more. "
            "Unset: a new one at every start."
        ),
    ] = SecretStr("")
    engine_start_timeout: Annotated[
        float, Field(gt=0, le=3600, description="Seconds Rasa may take to become ready.")
    ] = 240.0
    engine_timeout: Annotated[float, Field(gt=0, le=600, description="Seconds one turn may take in Rasa.")] = 30.0
    max_text: Annotated[int, Field(ge=1, le=4000, description="Longest message of one turn, in characters.")] = 4000
    turns_per_minute: Annotated[
        int, Field(ge=1, le=100_000, description="Turns one person may send in a minute; more get a polite refusal.")
    ] = 60
    tenant_turns_per_minute: Annotated[
        int,
        Field(ge=1, le=1_000_000, description="Turns all people of one chat workspace together may send in a minute."),
    ] = 600
    slack_bot_token: Annotated[
        SecretStr, Field(description="Bot token (xoxb-...) of the one Slack workspace this installation serves.")
    ] = SecretStr("")
    slack_signing_secret: Annotated[
        SecretStr, Field(description="Signing secret of the Slack app; with it Slack's requests are taken over HTTP.")
    ] = SecretStr("")
    slack_app_token: Annotated[
        SecretStr,
        Field(description="App-level token (xapp-...) of the Slack app; with it Slack is reached by Socket Mode."),
    ] = SecretStr("")
    slack_client_id: Annotated[
        str,
        Field(description="Client id of the Slack app, for workspaces that install it themselves (needs public_url)."),
    ] = ""
    slack_client_secret: Annotated[SecretStr, Field(description="Client secret of the Slack app.")] = SecretStr("")
    slack_organisations: Annotated[
        str,
        Field(
            description="Who speaks for whom on Slack, separated by semicolons: 'TEAM=ORGANISATION' or "
            "'TEAM/USER=ORGANISATION', also 'community', 'public', or 'operator' for one user. Unset: all are visitors."
        ),
    ] = ""
    slack_api_url: Annotated[
        str, Field(description="Address of Slack's Web API; another one only for tests and gateways.")
    ] = "https://slack.com/api"
    widget_origins: Annotated[
        str,
        Field(
            description="Sites that may embed the chat, separated by commas: 'https://example.org'. "
            "This installation's own pages always may."
        ),
    ] = ""
    teams_app_id: Annotated[
        str, Field(description="Id of the app that is registered for Microsoft Teams (a GUID).")
    ] = ""
    teams_app_secret: Annotated[SecretStr, Field(description="Client secret of the app for Teams.")] = SecretStr("")
    teams_app_tenant: Annotated[
        str,
        Field(description="Tenant in which the app is registered; 'botframework.com' for an app of many tenants."),
    ] = "botframework.com"
    teams_tenants: Annotated[
        str,
        Field(description="Tenants whose people may ask on Teams, by id, separated by commas. All others are refused."),
    ] = ""
    teams_organisations: Annotated[
        str,
        Field(
            description="Who speaks for whom on Teams, separated by semicolons: 'TENANT=ORGANISATION' or "
            "'TENANT/PERSON=ORGANISATION' by their ids in Entra, also 'community', 'public', or 'operator' for one "
            "person. Unset: all are visitors."
        ),
    ] = ""
    teams_service_hosts: Annotated[
        str,
        Field(description="Hosts of Teams that requests may come for and answers go to, separated by commas."),
    ] = "smba.trafficmanager.net, smba.infra.gcc.teams.microsoft.com"
    teams_login_url: Annotated[
        str, Field(description="Address where the app fetches its tokens; another one only for tests and gateways.")
    ] = "https://login.microsoftonline.com"
    teams_openid_url: Annotated[
        str, Field(description="Address that names the keys of Teams' requests; another one only for tests.")
    ] = "https://login.botframework.com/v1/.well-known/openidconfiguration"
    fetch_allow_private: Annotated[
        str,
        Field(
            description="Hosts, separated by commas (host or host:port), that `sync` may reach although their "
            "addresses are private. All others must have public addresses."
        ),
    ] = ""
    fetch_proxy: Annotated[
        str,
        Field(
            description="Address of a proxy that `sync` fetches through. The proxy then decides which addresses are "
            "reached. Proxies named in other variables are not used."
        ),
    ] = ""
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Field(description="Least severe message that is logged.")
    ] = "info"

    @classmethod
    def load(cls, home: Path | str | None = None) -> Self:
        """The settings of `home` (else of COMMONGROUND_HOME, else of the checkout's `.commonground/`).

        Raises SettingsError, whose message is one line for people and never holds a secret's value.
        """
        folder = chosen_home(home)
        try:
            return cls(home=folder)
        except ValidationError as error:
            raise SettingsError(
                "; ".join(_explain(item, folder) for item in error.errors(include_input=False))
            ) from None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        given = init_settings().get("home")
        folder = chosen_home(given)
        home = InitSettingsSource(settings_cls, init_kwargs={"home": folder})
        return init_settings, env_settings, home, InitSettingsSource(settings_cls, init_kwargs=_read_file(folder))

    @field_validator("chat_base_url")
    @classmethod
    def _known_service(cls, value: str, info: ValidationInfo) -> str:
        chat_model = str(info.data.get("chat_model", ""))
        provider, colon, _ = chat_model.partition(":")
        if not value and chat_model and (not colon or provider not in CHAT_PROVIDERS):
            # Else a key could go to a service that it is not of.
            raise ValueError(
                f"should be the address of the service that has {chat_model!r}, "
                f"or chat_model should begin with {', '.join(CHAT_PROVIDERS)} and a colon"
            )
        return value

    @field_validator("home", "model")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("engine_secret")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value) < 16:
            raise ValueError("should have 16 characters or more")
        return value

    @field_validator("slack_organisations")
    @classmethod
    def _readable_people(cls, value: str) -> str:
        for line in filter(str.strip, value.split(";")):
            who, equals, name = (part.strip() for part in line.partition("="))
            if not (equals and name and re.fullmatch(r"[TE][A-Z0-9]+(/[UW][A-Z0-9]+)?", who)):
                raise ValueError("should be written as T024BE7LD=Organisation; T024BE7LD/U2147483697=Organisation")
            if "/" not in who and name.casefold() == "operator":
                raise ValueError("should make one user (TEAM/USER) the operator, never a whole workspace")
        return value

    @field_validator("widget_origins")
    @classmethod
    def _readable_origins(cls, value: str) -> str:
        for one in filter(None, map(str.strip, value.split(","))):
            if not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?", one):
                raise ValueError("should be written as https://example.org, https://www.example.org:8443")
            web_origin(one)  # a port that there is not is an error too
        return value

    @field_validator("teams_tenants", "teams_app_id")
    @classmethod
    def _readable_ids(cls, value: str) -> str:
        if any(not re.fullmatch(_GUID, one) for one in filter(None, map(str.strip, value.split(",")))):
            raise ValueError("should be written as 0e9f8d7c-6b5a-4a3b-8c2d-1e0f9a8b7c6d")
        return value.strip()

    @field_validator("teams_organisations")
    @classmethod
    def _readable_members(cls, value: str) -> str:
        for line in filter(str.strip, value.split(";")):
            who, equals, name = (part.strip() for part in line.partition("="))
            if not (equals and name and re.fullmatch(f"{_GUID}(/{_GUID})?", who)):
                raise ValueError("should be written as TENANT=Organisation; TENANT/PERSON=Organisation, ids as GUIDs")
            if "/" not in who and name.casefold() == "operator":
                raise ValueError("should make one person (TENANT/PERSON) the operator, never a whole tenant")
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator(
        "public_url",
        "chat_base_url",
        "engine_url",
        "fetch_proxy",
        "slack_api_url",
        "teams_login_url",
        "teams_openid_url",
    )
    @classmethod
    def _web_address(cls, value: str) -> str:
        if value and (urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname):
            raise ValueError("should be an address that starts with http:// or https://")
        return value.rstrip("/")

    @property
    def database_path(self) -> Path:
        return self.home / "commonground.db"

    @property
    def vectors_path(self) -> Path:
        return self.home / "vectors"

    @property
    def sources_path(self) -> Path:
        """Copies of what was fetched from elsewhere."""
        return self.home / "sources"

    @property
    def models_path(self) -> Path:
        """Embedding models as they were converted for quick running; may be removed at any time."""
        return self.home / "models"

    @property
    def channels_path(self) -> Path:
        """What chat channels write down: events, answers under way, sealed tokens."""
        return self.home / "channels.db"

    @property
    def logs_path(self) -> Path:
        return self.home / "logs"

    @property
    def lock_path(self) -> Path:
        """Held by the one process that has the home open."""
        return self.home / "home.lock"

    @property
    def server_path(self) -> Path:
        """Written by the running server: where it can be reached."""
        return self.home / "server.json"

    @property
    def settings_path(self) -> Path:
        return self.home / FILE_NAME

    @property
    def local_url(self) -> str:
        """Where the application answers on this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)
        return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{self.port}"

    @property
    def address(self) -> str:
        """Where people reach the application."""
        return self.public_url or self.local_url

    def current_date(self) -> date:
        return self.today or date.today()


def web_origin(address: str) -> str:
    """The origin of an address as browsers write it: scheme, host, and the port where it is not the usual one."""
    parts = urlsplit(address.strip().lower())
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port not in (None, usual) else "")


def _read_file(folder: Path) -> dict[str, Any]:
    """The lines of the settings file; empty where there is none. Raises SettingsError when it cannot be read."""
    path = folder / FILE_NAME
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except NotADirectoryError:
        raise SettingsError(f"{folder} is not a folder. Set {PREFIX}HOME to one") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}. Write lines such as port = 8000 (TOML, UTF-8)") from None
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}. Make the file readable or remove it") from None
    if "home" in values:
        raise SettingsError(f"{path}: home: the file stands in the home. Remove the line, or set {PREFIX}HOME")
    unknown = sorted(set(values) - set(Settings.model_fields))
    if unknown:
        raise SettingsError(f"{path}: {', '.join(unknown)}: no such setting. docs/settings.md lists them all")
    return values


def _explain(item: Any, folder: Path) -> str:
    name = ".".join(str(part) for part in item["loc"])
    variable = PREFIX + name.upper()
    where = f"environment variable {variable}" if os.environ.get(variable) else f"{folder / FILE_NAME}: {name}"
    return f"{where}: {item['msg']}. docs/settings.md says what {name} takes"
