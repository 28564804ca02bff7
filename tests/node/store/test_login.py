"""Passwords, their age, and who is refused."""

from __future__ import annotations

import pytest

from labctl.node.base.log import Log
from labctl.node.store import crypt, login
from labctl.node.store.login import Doorkeeper, Shadow, expired


@pytest.mark.parametrize(
    "setting",
    [
        pytest.param("$y$j9T$F5Jx5fExrKuPp53xLKQ..1$", id="yescrypt"),
        pytest.param("$6$saltsalt$", id="sha512"),
        pytest.param("$5$saltsalt$", id="sha256"),
        pytest.param("$1$saltsalt$", id="md5"),
    ],
)
def test_every_kind_of_password_that_debian_has(setting):
    """chpasswd(8) may have been told to use any of them."""
    encrypted = crypt.crypt("secret", setting)

    assert crypt.matches("secret", encrypted)
    assert not crypt.matches("Secret", encrypted)


@pytest.mark.parametrize("encrypted", ["", "*", "!", "!$6$saltsalt$x", "nonsense"])
def test_a_locked_account_has_no_password(encrypted):
    """passwd -l puts a mark before it."""
    assert not crypt.matches("", encrypted)


@pytest.mark.parametrize(
    ("shadow", "over"),
    [
        pytest.param(Shadow("x", 100), False, id="without limits"),
        pytest.param(Shadow("x", 100, 30), True, id="password too old"),
        pytest.param(Shadow("x", 100, 99, 5), False, id="password in its days of grace"),
        pytest.param(Shadow("x", 100, expires=200), True, id="account over"),
        pytest.param(Shadow("x", 0), True, id="password must be changed first"),
    ],
)
def test_expiry(shadow, over):
    """shadow(5); today is day 200."""
    assert expired(shadow, 200) is over


def test_the_fourth_guess_is_not_looked_at(tmp_path, monkeypatch):
    """Three failures, and the session is of no more use to a guesser."""
    guesses = []
    monkeypatch.setattr(login, "check", lambda name, password: guesses.append(password))
    monkeypatch.setattr(login.time, "sleep", lambda _seconds: None)
    keeper = Doorkeeper(Log("imapd", path=str(tmp_path / "log")), "client.test [198.18.0.9]")

    for password in ("a", "b", "c", "d"):
        assert keeper.login("eve", password) is None

    assert guesses == ["a", "b", "c"]
    assert (
        (tmp_path / "log")
        .read_text()
        .endswith(
            "Login excessive login failures user=eve auth=eve host=client.test [198.18.0.9]\n"
        )
    )
