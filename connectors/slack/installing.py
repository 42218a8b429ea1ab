"""Workspaces that install the app themselves: their tokens in the vault, and the state of an installation under way."""

from __future__ import annotations

import secrets
from typing import Any

from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from connectors.channels.database import ChannelDatabase
from connectors.channels.vault import Vault

STATE_SECONDS = 600.0
_KEPT = (
    "app_id", "enterprise_id", "enterprise_name", "team_id", "team_name", "bot_token", "bot_id", "bot_user_id",
    "bot_scopes", "user_id", "is_enterprise_install", "token_type",
)  # fmt: skip
"""Of an installation. Tokens of people are not asked for, and would not be kept."""


class Workspaces(AsyncInstallationStore):
    """Installations by workspace, sealed."""

    def __init__(self, vault: Vault, database: ChannelDatabase) -> None:
        self._vault, self._database = vault, database

    async def async_save(self, installation: Installation) -> None:
        values: dict[str, Any] = {name: getattr(installation, name, None) for name in _KEPT}
        name = _name(installation.enterprise_id, installation.team_id, bool(installation.is_enterprise_install))
        await self._database.do(self._vault.put, "installation", name, values)

    async def async_save_bot(self, bot: Bot) -> None:
        """Nothing more than `async_save` has kept."""

    async def async_find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,
        is_enterprise_install: bool | None = False,
    ) -> Installation | None:
        name = _name(enterprise_id, team_id, bool(is_enterprise_install))
        values = await self._database.do(self._vault.get, "installation", name)
        return Installation(**values) if values else None

    async def async_find_bot(
        self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = False
    ) -> Bot | None:
        found = await self.async_find_installation(
            enterprise_id=enterprise_id, team_id=team_id, is_enterprise_install=is_enterprise_install
        )
        return found.to_bot() if found else None

    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """A person's own token is none of ours: only `async_delete_bot` ends an installation."""

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        await self._database.do(self._vault.remove, "installation", _name(enterprise_id, team_id, not team_id))

    async def async_delete_all(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        await self.async_delete_bot(enterprise_id=enterprise_id, team_id=team_id)

    async def token(self, enterprise_id: str | None, team_id: str | None) -> Installation | None:
        """The installation of the workspace, else that of its whole organisation."""
        found = await self.async_find_installation(enterprise_id=enterprise_id, team_id=team_id) if team_id else None
        if found is None and enterprise_id:
            found = await self.async_find_installation(
                enterprise_id=enterprise_id, team_id=None, is_enterprise_install=True
            )
        return found


class States(AsyncOAuthStateStore):
    """States of installations under way; each is good once, for ten minutes."""

    def __init__(self, vault: Vault, database: ChannelDatabase) -> None:
        self._vault, self._database = vault, database

    async def async_issue(self, *args: Any, **kwargs: Any) -> str:
        state = secrets.token_urlsafe(24)
        await self._database.do(self._vault.put, "state", state, {})
        return state

    async def async_consume(self, state: str) -> bool:
        return await self._database.do(self._vault.take, "state", state, STATE_SECONDS) is not None


class Authorize(AsyncAuthorize):
    """What bolt asks of each request: is the workspace connected? Read from the store, never asked of Slack, so that an
    event is written down also while Slack does not answer."""

    def __init__(self, workspaces: Workspaces, token: str) -> None:
        self._workspaces, self._token = workspaces, token
        self.own_team = ""
        """The workspace of the one token, once Slack has told it; requests of any other are refused then."""
        self.own_user = ""

    async def token(self, enterprise_id: str | None, team_id: str | None) -> tuple[str, str]:
        """The bot's token in a workspace and its user id there ("" where not known); ("", "") where not connected."""
        if self._token:
            return (self._token, self.own_user) if self.own_team in ("", team_id) else ("", "")
        found = await self._workspaces.token(enterprise_id, team_id)
        return (found.bot_token or "", found.bot_user_id or "") if found else ("", "")

    async def __call__(self, *, context: Any, enterprise_id: Any, team_id: Any, user_id: Any, **_: Any) -> Any:
        token, bot = await self.token(enterprise_id, team_id)
        if not token:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id, team_id=team_id, user_id=user_id, bot_token=token, bot_user_id=bot or None
        )


def _name(enterprise_id: str | None, team_id: str | None, whole: bool) -> str:
    return f"E:{enterprise_id}" if whole or not team_id else f"T:{team_id}"
