"""postmap, postalias and newaliases as a student types them."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from labctl.node.base.log import Fatal
from labctl.node.mta.commands import newaliases, postalias, postmap


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a main.cf, which is also the current one."""
    (tmp_path / "main.cf").write_text(
        f"myhostname = mail.example.test\nalias_database = hash:{tmp_path}/aliases\n"
    )
    monkeypatch.setenv("MAIL_CONFIG", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def type_in(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def test_a_table_is_made_and_asked(site: Path, capfd: pytest.CaptureFixture[str]):
    """The first exercise of every course."""
    Path("t").write_text("# comment\nKey one two\nbad\nkey again\nlong a\n  b\n")

    assert postmap.main(["postmap", "t"]) == 0
    assert postmap.main(["postmap", "-q", "KEY", "hash:t"]) == 0
    assert postmap.main(["postmap", "-q", "nokey", "t"]) == 1
    assert postmap.main(["postmap", "-s", "t"]) == 0
    out, err = capfd.readouterr()
    assert out == "one two\nkey\tone two\nlong\ta  b\n"
    assert err == (
        "postmap: warning: t, line 3: expected format: key whitespace value\n"
        'postmap: warning: t.db: duplicate entry: "key"\n'
    )


def test_the_file_is_as_readable_as_its_source(site: Path):
    """A table with passwords must not become public."""
    Path("t").write_text("a b\n")
    os.chmod("t", 0o600)
    postmap.main(["postmap", "t"])

    assert os.stat("t.db").st_mode & 0o777 == 0o600


def test_entries_come_and_go_one_by_one(
    site: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    """-i adds, -r replaces, -d removes."""
    type_in(monkeypatch, "a 1\n")
    postmap.main(["postmap", "-i", "hash:t"])
    type_in(monkeypatch, "a 2\nb 3\n")
    postmap.main(["postmap", "-r", "-i", "hash:t"])

    assert postmap.main(["postmap", "-d", "b", "hash:t"]) == 0
    assert postmap.main(["postmap", "-d", "b", "hash:t"]) == 1
    postmap.main(["postmap", "-s", "hash:t"])
    assert capfd.readouterr().out == "a\t2\n"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["missing"], "open missing: No such file or directory"),
        (["-q", "x", "missing"], "open database missing.db: No such file or directory"),
        (["-q", "x", "-s", "t"], "specify only one of -s or -q or -d"),
        (["-q", "x", "fail:y"], "table fail:y: query error: Application error"),
        (["-d", "x", "static:y"], "table static:y: delete operation is not supported"),
    ],
)
def test_what_cannot_be_done_is_said(site: Path, words: list[str], complaint: str):
    """The words are those that people search for."""
    with pytest.raises(Fatal) as failure:
        postmap.main(["postmap", *words])
    assert str(failure.value) == complaint


def test_a_failed_build_leaves_the_old_table(site: Path):
    """Mail goes on while somebody repairs the source."""
    Path("t").write_text("a 1\n")
    postmap.main(["postmap", "t"])
    Path("t").unlink()

    with pytest.raises(Fatal):
        postmap.main(["postmap", "t"])
    assert postmap.main(["postmap", "-q", "a", "t"]) == 0


def test_aliases_are_read_as_addresses(site: Path, capfd: pytest.CaptureFixture[str]):
    """Quotes, commas and continuation lines, as sendmail had them."""
    Path("aliases").write_text(
        'A.B: x,y\n"q r": s\nc: "|prog a  b", /file\nbad\nx@y: z\nd: e,\n  f\n'
    )

    assert newaliases.main(["newaliases"]) == 0
    for key in ("a.b", "Q R", "c", "d"):
        postalias.main(["postalias", "-q", key, "hash:aliases"])
    out, err = capfd.readouterr()
    assert out == 'x, y\ns\n"|prog a  b", /file\ne, f\n'
    assert "aliases, line 4: need name:value pair\n" in err
    assert "aliases, line 5: name must be local\n" in err


def test_a_remade_table_keeps_its_mode(site: Path):
    """Postfix writes in place: what was opened to a group stays open to it."""
    Path("t").write_text("a b\n")
    postmap.main(["postmap", "t"])
    os.chmod("t.db", 0o640)
    postmap.main(["postmap", "t"])

    assert os.stat("t.db").st_mode & 0o777 == 0o640


def test_quotes_and_backslashes_of_aliases_are_made_regular(
    site: Path, capfd: pytest.CaptureFixture[str]
):
    """As Postfix's own postalias does: an open quote is closed, a needless backslash goes."""
    Path("aliases").write_text('j: "unclosed\np: \\q\n')

    postalias.main(["postalias", "aliases"])
    postalias.main(["postalias", "-q", "j", "aliases"])
    postalias.main(["postalias", "-q", "p", "aliases"])
    assert capfd.readouterr().out == '"unclosed"\nq\n'
