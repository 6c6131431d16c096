"""Who may ask: tokens and advertising accounts, from the environment or from a file that only its owner can read.

One stands in the environment: ``SMSTOCK_META_TOKEN`` and ``SMSTOCK_META_ACCOUNT``, and if wanted ``SMSTOCK_META_APP``,
``SMSTOCK_META_APP_SECRET``, ``SMSTOCK_META_ACTIVE_ADS``. Any number of them stand in ``credentials.toml``::

    [[meta]]
    token = "..."         # ads_read is enough
    account = "act_123"   # or "123"
    app = "statistics"    # any label of the token's app: what throttles an app pauses its accounts together
    app_secret = "..."    # if the app demands appsecret_proof
    active_ads = 2        # each adds 40 calls an hour to the quota of the account

    [[linkedin]]
    token = "..."         # of a member, by the three-legged flow
    app = "statistics"    # any label of the token's app: the quota of the day is the app's
    calls_per_day = 500   # if the Developer Portal tells it; otherwise the app is asked until it refuses
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import SecretStr

from smstock import files, toml
from smstock.errors import CredentialError
from smstock.web.redact import redact

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE: Final = Path(".config", "smstock", "credentials.toml")
"""Where the file is looked for in the user's home, unless ``SMSTOCK_CREDENTIALS`` names another one."""

# the token becomes a header and the secret a key: what a terminal or an editor added must not go with them
TOKEN, LABEL, NUMBER = r"[!-~]+", r".*", r"[0-9]{1,6}"
"""Forms of the parts of a credential: what is sent, what names something, what counts."""


@dataclass(frozen=True)
class CredentialForm:
    """What a credential of a platform is made of.

    Attributes
    ----------
    platform
        Name of the platform; it names the variables and the table of the file.
    parts
        The form of each part, as a regular expression.
    required
        Parts that none is without.
    allowed
        The forms in words.
    """

    platform: str
    parts: Mapping[str, str]
    required: tuple[str, ...]
    allowed: str


@dataclass(frozen=True)
class Credential:
    """A token and the advertising account it asks through; neither ``repr`` nor ``str`` shows a secret.

    ``account`` is the bare number of the account. An app without a label is the same app as every other one without.

    Examples
    --------
    >>> Credential(SecretStr("EAAB..."), "123")
    Credential(token=SecretStr('**********'), account='123', app='', app_secret=None, active_ads=0, calls_per_day=0)
    """

    token: SecretStr
    account: str
    app: str = ""
    app_secret: SecretStr | None = None
    active_ads: int = 0
    calls_per_day: int = 0


def credentials(form: CredentialForm, environment: Mapping[str, str], home: Path) -> tuple[Credential, ...]:
    """Return the credentials for a platform: the one in the environment, or else those of the file, in its order.

    Parameters
    ----------
    form
        What they are made of.
    environment
        Variables, as `os.environ` holds them.
    home
        The user's home folder.

    Raises
    ------
    CredentialError
        There is none (the message lists every place that was looked at), a part of one is missing or unusable, or
        others than its owner may read the file.

    Examples
    --------
    >>> given = {"SMSTOCK_META_TOKEN": "EAAB...", "SMSTOCK_META_ACCOUNT": "act_123"}
    >>> form = CredentialForm("meta", {"token": TOKEN, "account": r"(act_)?[0-9]+"}, ("token", "account"), "any")
    >>> [credential.account for credential in credentials(form, given, Path("nobody"))]
    ['123']
    """
    platform, required = form.platform, form.required
    prefix = f"SMSTOCK_{platform.upper()}_"
    given = {part: environment[prefix + part.upper()] for part in form.parts if environment.get(prefix + part.upper())}
    if given:
        return (_credential(form, given, "the environment: " + ", ".join(prefix + part.upper() for part in given)),)
    named = environment.get("SMSTOCK_CREDENTIALS")
    path = Path(named) if named else home / FILE
    entries = _entries(path, platform)
    if not entries:
        one = "both" if len(required) > 1 else "the variable"
        lack = f"it has no table [[{platform}]]" if path.exists() else "there is no such file"
        raise CredentialError(
            f"there is no credential for {platform}",
            where=f"{' and '.join(prefix + part.upper() for part in required)} (not set); {path} ({lack})",
            allowed=f"{one}, or a file with [[{platform}]], {' and '.join(required)}; SMSTOCK_CREDENTIALS names another"
            " file",
            hint="give one of the two, or replay recorded answers with --replay",
        )
    return tuple(
        _credential(form, entry, f"{path}: [[{platform}]] number {place}") for place, entry in enumerate(entries, 1)
    )


def _entries(path: Path, platform: str) -> list[Any]:
    """Return the tables of a platform in the file, none if it is not there; refuse a file that others may read."""
    try:
        files.check(path, toml.LARGEST, CredentialError, hint="SMSTOCK_CREDENTIALS names the file of credentials")
        with path.open("rb") as file:
            readable = os.name == "posix" and stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077
            if readable:
                raise CredentialError(
                    "others than its owner can use the file of credentials",
                    where=str(path),
                    allowed="mode 600",
                    hint=f"chmod 600 {path}",
                )
            text = file.read(toml.LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise CredentialError(f"{path} cannot be read: {error.strerror}") from None
    try:
        content = toml.parse(text, CredentialError, where=str(path))
    except CredentialError as error:
        raise CredentialError(redact(error.what), where=error.where, hint=error.hint) from None
    entries = content.get(platform, [])
    if not isinstance(entries, list):
        raise CredentialError(
            f"{platform} is one table", where=str(path), allowed=f"[[{platform}]], in double brackets"
        )
    return entries


def _credential(form: CredentialForm, parts: Any, where: str) -> Credential:
    """Return a credential of its parts; the message that refuses one repeats no value, since any may be a secret."""
    if problem := _problem(form, parts):
        raise CredentialError(f"a credential {problem}", where=where, allowed=form.allowed)
    secret = parts.get("app_secret")
    return Credential(
        token=SecretStr(str(parts["token"])),
        account=str(parts.get("account", "")).removeprefix("act_"),
        app=str(parts.get("app", "")),
        app_secret=SecretStr(str(secret)) if secret else None,
        active_ads=int(parts.get("active_ads", 0)),
        calls_per_day=int(parts.get("calls_per_day", 0)),
    )


def _problem(form: CredentialForm, parts: Any) -> str:
    """Return what is wrong with a credential, empty if nothing is."""
    if not isinstance(parts, dict):
        return "is no table"
    if unknown := sorted(set(parts) - set(form.parts)):
        return f"has parts that are not known: {redact(', '.join(unknown))}"
    if missing := [part for part in form.required if part not in parts]:
        return f"lacks its {' and '.join(missing)}"
    readable = {part: str(value) for part, value in parts.items() if type(value) in (str, int)}
    usable = {part for part, text in readable.items() if re.fullmatch(form.parts[part], text)}
    unusable = [part for part in parts if part not in usable]
    return f"has an unusable {' and '.join(unusable)}" if unusable else ""
