"""One lab for all clients; each test begins with an empty mailbox, in one of the two modes."""

from __future__ import annotations

import imaplib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

import pytest

from tests.clients.laboratory import PASSWORD, USER, Lab, laboratory

MODES = ("uw", "shared")
Begin = Callable[[Sequence[bytes]], Lab]
Imap = Callable[[], AbstractContextManager[imaplib.IMAP4]]


@pytest.fixture(scope="session")
def machines() -> Iterator[Lab]:
    with laboratory() as lab:
        yield lab


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    """How sessions share a mailbox; a test for one of them names it in ``parametrize``."""
    return str(request.param)


@pytest.fixture
def begin(machines: Lab, mode: str) -> Begin:
    """Begin with these letters in the mailbox."""

    def with_letters(letters: Sequence[bytes]) -> Lab:
        machines.begin(mode, letters)
        return machines

    return with_letters


@pytest.fixture
def imap(machines: Lab) -> Imap:
    """Python's own client, logged in."""

    @contextmanager
    def session() -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4(machines.node.address, timeout=30) as client:
            client.login(USER, PASSWORD)
            yield client

    return session
