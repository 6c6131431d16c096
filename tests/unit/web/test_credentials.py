from __future__ import annotations

import pickle
import traceback
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from smstock.errors import CredentialError
from smstock.platforms.linkedin.live import CREDENTIAL as LINKEDIN
from smstock.platforms.meta.accounts import CREDENTIAL as META
from smstock.web.credentials import Credential, credentials

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "EAAGm0PX4ZCpsBAcanarycanary7Qf9"
SECRET = "0123456789abcdef0123456789abcdef"
TOKEN, ACCOUNT = "SMSTOCK_META_TOKEN", "SMSTOCK_META_ACCOUNT"


def home_with(folder: Path, text: str | bytes, mode: int = 0o600) -> Path:
    path = folder / ".config" / "smstock" / "credentials.toml"
    path.parent.mkdir(parents=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    path.chmod(mode)
    return folder


def refusal(environment: dict[str, str], home: Path) -> CredentialError:
    with pytest.raises(CredentialError) as caught:
        credentials(META, environment, home)
    error = caught.value
    printed = "".join(traceback.TracebackException.from_exception(error).format())
    assert CANARY not in printed + repr(error) + repr(error.args)
    assert SECRET not in printed
    assert error.exit_code == 2
    return error


def test_one_credential_stands_in_the_environment(tmp_path: Path) -> None:
    home_with(tmp_path, '[[meta]]\ntoken = "other"\naccount = "9"\n')
    given = {
        TOKEN: CANARY,
        ACCOUNT: "act_123",
        "SMSTOCK_META_APP": "statistics",
        "SMSTOCK_META_APP_SECRET": SECRET,
        "SMSTOCK_META_ACTIVE_ADS": "2",
        "SMSTOCK_META_URL": "http://127.0.0.1:8765",
    }
    whole = Credential(SecretStr(CANARY), "123", "statistics", SecretStr(SECRET), 2)
    assert credentials(META, given, tmp_path) == (whole,)
    assert credentials(META, {TOKEN: CANARY, ACCOUNT: "123"}, tmp_path) == (Credential(SecretStr(CANARY), "123"),)


def test_any_number_of_credentials_stand_in_a_file_in_its_order(tmp_path: Path) -> None:
    text = f"""
    [[meta]]
    token = "{CANARY}"
    account = "act_1"
    app = "statistics"
    app_secret = "{SECRET}"
    active_ads = 3

    [[meta]]
    token = "two"
    account = 2

    [[linkedin]]
    token = "three"
    """
    found = credentials(META, {}, home_with(tmp_path, text))
    assert found == (
        Credential(SecretStr(CANARY), "1", "statistics", SecretStr(SECRET), 3),
        Credential(SecretStr("two"), "2"),
    )


def test_the_environment_may_name_the_file(tmp_path: Path) -> None:
    path = tmp_path / "elsewhere.toml"
    path.write_text('[[meta]]\ntoken = "one"\naccount = "1"\n')
    path.chmod(0o400)
    home = home_with(tmp_path, '[[meta]]\ntoken = "two"\naccount = "2"\n')
    assert [found.account for found in credentials(META, {"SMSTOCK_CREDENTIALS": str(path)}, home)] == ["1"]


def test_a_miss_lists_every_place(tmp_path: Path) -> None:
    path = tmp_path / ".config" / "smstock" / "credentials.toml"
    error = refusal({}, tmp_path)
    assert error.where == f"{TOKEN} and {ACCOUNT} (not set); {path} (there is no such file)"
    assert "[[meta]]" in error.allowed
    assert "SMSTOCK_CREDENTIALS" in error.allowed
    home_with(tmp_path, '[[linkedin]]\ntoken = "three"\n')
    assert refusal({}, tmp_path).where.endswith(f"{path} (it has no table [[meta]])")
    named = refusal({"SMSTOCK_CREDENTIALS": str(tmp_path / "none.toml")}, tmp_path)
    assert f"{tmp_path / 'none.toml'} (there is no such file)" in named.where


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601, 0o777])
def test_a_file_that_others_can_use_is_refused(tmp_path: Path, mode: int) -> None:
    home = home_with(tmp_path, f'[[meta]]\ntoken = "{CANARY}"\naccount = "1"\n', mode)
    error = refusal({}, home)
    assert error.hint == f"chmod 600 {home / '.config' / 'smstock' / 'credentials.toml'}"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('[[meta]]\naccount = "1"\n', "a credential lacks its token"),
        ("[[meta]]\n", "a credential lacks its token and account"),
        (f'[[meta]]\ntoken = "{CANARY}"\n', "a credential lacks its account"),
        (f'[[meta]]\ntoken = "{CANARY}\\n"\naccount = "1"\n', "a credential has an unusable token"),
        (f'[[meta]]\ntoken = "Bearer {CANARY}"\naccount = "1"\n', "a credential has an unusable token"),
        (f'[[meta]]\ntoken = "{CANARY}é"\naccount = "1"\n', "a credential has an unusable token"),
        ('[[meta]]\ntoken = ""\naccount = "1"\n', "a credential has an unusable token"),
        (f'[[meta]]\ntoken = "1"\naccount = "{CANARY}"\n', "a credential has an unusable account"),
        ('[[meta]]\ntoken = "1"\naccount = "act_"\n', "a credential has an unusable account"),
        ('[[meta]]\ntoken = "1"\naccount = "1"\nactive_ads = -1\n', "a credential has an unusable active_ads"),
        ('[[meta]]\ntoken = "1"\naccount = "1"\nactive_ads = true\n', "a credential has an unusable active_ads"),
        (f'[[meta]]\ntoken = ["{CANARY}"]\naccount = "1"\n', "a credential has an unusable token"),
        ("[[meta]]\ntoken = true\naccount = 1.5\n", "a credential has an unusable token and account"),
        ('[[meta]]\ntoken = "1"\naccount = "1"\nsecret = "x"\n', "a credential has parts that are not known: secret"),
        (f'[[meta]]\ntoken = "1"\naccount = "1"\n{CANARY} = 1\n', "has a key that is none: EAAG… (31 characters)"),
        ('meta = ["x"]\n', "a credential is no table"),
        ('[meta]\ntoken = "1"\naccount = "1"\n', "meta is one table"),
        (f"[[meta]]\ntoken = {CANARY}\n", "cannot be read: not valid TOML: Invalid value (at line 2"),
        (f"[{CANARY}]\n[{CANARY}]\n", "cannot be read: not valid TOML: Cannot declare ('***',) twice"),
        (f"[[meta]]\n{CANARY}\n", "cannot be read: "),
        (
            b"[[meta]]\ntoken = '\xff\xfe" + CANARY.encode(),
            "cannot be read: it is no UTF-8 text",
        ),
    ],
)
def test_an_unusable_file_is_refused_in_words_without_its_secrets(tmp_path: Path, text: str | bytes, what: str) -> None:
    error = refusal({}, home_with(tmp_path, text))
    assert what in error.what
    assert CANARY not in str(error)


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({TOKEN: CANARY}, "a credential lacks its account"),
        ({ACCOUNT: "1"}, "a credential lacks its token"),
        ({TOKEN: f"{CANARY}\n", ACCOUNT: "1"}, "a credential has an unusable token"),
        ({TOKEN: CANARY, ACCOUNT: "1", "SMSTOCK_META_ACTIVE_ADS": "two"}, "a credential has an unusable active_ads"),
    ],
)
def test_an_unusable_environment_is_refused_and_its_variables_named(
    tmp_path: Path, given: dict[str, str], what: str
) -> None:
    error = refusal(given, tmp_path)
    assert error.what == what
    assert all(name in error.where for name in given)


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    error = refusal({"SMSTOCK_CREDENTIALS": str(tmp_path)}, tmp_path)
    assert "is a folder, no file" in error.what


def test_a_credential_shows_no_secret() -> None:
    credential = Credential(SecretStr(CANARY), "1", app_secret=SecretStr(SECRET))
    for shown in (repr(credential), str(credential), f"{credential}", repr([credential]), repr(vars(credential))):
        assert CANARY not in shown
        assert SECRET not in shown
    assert pickle.loads(pickle.dumps(credential)) == credential


def test_a_linkedin_credential_needs_no_account(tmp_path: Path) -> None:
    text = '[[linkedin]]\ntoken = "three"\napp = "statistics"\ncalls_per_day = 500\n[[linkedin]]\ntoken = "four"\n'
    found = credentials(LINKEDIN, {}, home_with(tmp_path, text))
    assert found == (
        Credential(SecretStr("three"), "", "statistics", calls_per_day=500),
        Credential(SecretStr("four"), ""),
    )
    assert credentials(LINKEDIN, {"SMSTOCK_LINKEDIN_TOKEN": "five"}, tmp_path) == (Credential(SecretStr("five"), ""),)


def test_a_missing_linkedin_credential_names_one_variable(tmp_path: Path) -> None:
    with pytest.raises(CredentialError) as caught:
        credentials(LINKEDIN, {}, tmp_path)
    assert caught.value.where.startswith("SMSTOCK_LINKEDIN_TOKEN (not set);")
    home_with(tmp_path, '[[linkedin]]\ntoken = "three"\naccount = "1"\n')
    with pytest.raises(CredentialError, match="parts that are not known: account"):
        credentials(LINKEDIN, {}, tmp_path)
