"""Which tests this machine can run, and why not the others."""

from __future__ import annotations

import os
import shutil
from functools import cache

import pytest

from labctl.engine.docker.answers import answers
from labctl.engine.native.identity import may_have_user_namespace


@cache
def reason_not_to_run(marker: str) -> str:
    """Say what this machine lacks for the tests with a marker; empty when it lacks nothing."""
    return REASONS[marker]()


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if group := _group(item):
            item.add_marker(pytest.mark.xdist_group(group))
        for marker in REASONS:
            if item.get_closest_marker(marker) and (reason := reason_not_to_run(marker)):
                item.add_marker(pytest.mark.skip(reason=reason))


def _group(item: pytest.Item) -> str:
    """Name what must run one after the other when tests run side by side (pytest-xdist)."""
    shared = ("docker", "native", "slow", "interop", "oracle")  # a module's tests share a lab
    return item.path.stem if any(map(item.get_closest_marker, shared)) else ""


def _native() -> str:
    if os.getuid() == 0:
        return ""
    why = may_have_user_namespace()
    return f"this machine gives us no user namespace: {why}" if why else ""


def _docker() -> str:
    return "" if answers() else "no Docker engine answers"


def _root() -> str:
    return "" if os.getuid() == 0 else "needs to be root"


def _interop() -> str:
    return "" if shutil.which("docker") and answers() else "needs docker and its engine"


REASONS = {"native": _native, "docker": _docker, "root": _root, "interop": _interop}
