"""A live platform at the end of a wire, for the credentials of a user: what counting and looking up have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

from smstock.web.address import safe_url
from smstock.web.client import Client
from smstock.web.credentials import credentials as credentials_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from pydantic import SecretStr

    from smstock.web.client import Reply
    from smstock.web.credentials import Credential, CredentialForm


class Wire(Protocol):
    """How calls are made: `smstock.web.client.Client`, or a simulation of what is behind it."""

    async def fetch(self, url: str, *, token: SecretStr, headers: Mapping[str, str], content: bytes | None) -> Reply:
        """Return what a GET of the URL brought, or a POST where there is content."""

    async def close(self) -> None:
        """Close the connections."""


class Connection:
    """A live platform; used with ``async with``, within one event loop.

    Parameters
    ----------
    credentials
        Tokens, and what they ask through.
    wire
        The HTTP client; closed at the end.
    url
        Where the platform is, if it is not at ``address``.

    Attributes
    ----------
    credential, address, variable
        What its credentials are made of, where it is, and the variable of the environment that puts another one in its
        place.

    Raises
    ------
    SettingsError
        At ``url`` a token would travel to another machine unencrypted.
    """

    credential: ClassVar[CredentialForm]
    address: ClassVar[str]
    variable: ClassVar[str]

    def __init__(self, credentials: Sequence[Credential], wire: Wire, *, url: str | None = None) -> None:
        self._credentials = list(credentials)
        self._wire = wire
        self._url = safe_url(self.address if url is None else url, self.variable).rstrip("/")

    @classmethod
    def connect(cls, environment: Mapping[str, str], home: Path, **options: Any) -> Self:
        """Return the live platform for the credentials of a user.

        Parameters
        ----------
        environment
            Variables, as `os.environ` holds them.
        home
            The user's home folder.
        options
            Further arguments of the class.

        Raises
        ------
        CredentialError
            There is none, or it cannot be used; see `smstock.web.credentials.credentials`.
        SettingsError
            The variable of the platform holds no address that a token may be sent to, or a proxy or a certificate of
            the environment cannot be used.

        Examples
        --------
        >>> from pathlib import Path
        >>> from smstock.platforms.meta.live import LiveMeta
        >>> set_up = {"SMSTOCK_META_TOKEN": "EAAB...", "SMSTOCK_META_ACCOUNT": "act_123"}
        >>> LiveMeta.connect(set_up, Path("nobody")).concurrency
        2
        """
        usable = credentials_of(cls.credential, environment, home)
        return cls(usable, Client(environment=environment), url=environment.get(cls.variable) or None, **options)

    async def close(self) -> None:
        """Close the connections."""
        await self._wire.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
