"""Recipes and formail against what procmail 3.22 of Debian made of the same input."""

import io
import json
import os
import sys
from pathlib import Path

import pytest

from labctl.node.procmail import clones, formail
from labctl.node.procmail.diary import Diary
from labctl.node.procmail.interpreter import deliver_by_default, finish, run
from labctl.node.procmail.message import Message
from labctl.node.procmail.rcfile import parse
from labctl.node.procmail.state import Processor
from labctl.node.procmail.variables import FIXED

GOLDEN = Path(__file__).parent / "golden"
RECIPES = json.loads((GOLDEN / "recipes.json").read_text())
FORMAIL = json.loads((GOLDEN / "formail.json").read_text())


def follow(rcfile, directory):
    """What procmail does after its options; in a process of its own, which may clone itself."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        os.chdir(directory)
        os.umask(0o077)
        variables = {**FIXED, "DEFAULT": "inbox", "PATH": os.environ["PATH"], "LOGNAME": "joe"}
        message = Message.parse(RECIPES["message"].encode())
        processor = Processor(message, variables, Diary())
        if not run(processor, parse(rcfile)):
            deliver_by_default(processor)
        finish(processor)
        clones.release(processor)
    except BaseException:  # the parent must not see a second copy of the test runner
        os._exit(1)
    os._exit(0)


@pytest.mark.parametrize("case", RECIPES["cases"], ids=lambda case: case["id"])
def test_recipes_do_what_procmail_does(case, tmp_path):
    """Folders and LOGFILE to the byte: students compare with what the manual shows."""
    status = follow(case["rc"], tmp_path)
    made = {
        str(path.relative_to(tmp_path)): path.read_bytes().decode("utf-8", "surrogateescape")
        for path in tmp_path.rglob("*")
        if path.is_file()
    }
    expected = {
        name: text.replace("{MBOX}", RECIPES["mbox"]).replace("{MSG}", RECIPES["message"])
        for name, text in case["files"].items()
        if text != "directory"
    }

    assert status == 0
    assert made == expected


@pytest.mark.parametrize("case", FORMAIL, ids=lambda case: case["id"])
def test_formail_does_what_formail_does(case, monkeypatch, capfdbinary):
    """Scripts of others depend on every blank."""
    text = case["input"].encode("utf-8", "surrogateescape")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    status = formail.main(["formail", *case["arguments"]])
    output = capfdbinary.readouterr().out

    assert status == case["status"]
    assert output == case["output"].encode("utf-8", "surrogateescape")
