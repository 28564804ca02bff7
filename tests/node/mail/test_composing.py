"""What a person types into a message."""

from labctl.node.mail.composing import Composition, State
from labctl.node.mail.sending import Draft


def composed(*lines):
    composition = Composition(Draft(["bob"]))
    said = [composition.take(line.encode() + b"\n") for line in lines]
    return composition, "".join(said)


def test_escapes_change_the_header_and_not_the_text():
    """One notices only while writing who else should have it."""
    composition, _ = composed("hello", "~s New subject", "~c ann, eve", "~b root", "~t tom")

    assert composition.body == b"hello\n"
    assert composition.draft == Draft(["bob", "tom"], "New subject", ["ann", "eve"], ["root"])


def test_a_dot_ends_and_two_tildes_are_one():
    """What is typed must be able to contain what would be obeyed."""
    composition, _ = composed("~~s is not obeyed", ".")

    assert composition.body == b"~s is not obeyed\n"
    assert composition.state is State.DONE


def test_a_file_can_be_read_and_the_text_written(tmp_path):
    """The log that one wants to show is in a file."""
    (tmp_path / "log").write_text("one\ntwo\n")
    composition, said = composed(f"~r {tmp_path}/log", f"~w {tmp_path}/copy", "~r /nonexistent")

    assert said.splitlines() == [
        f'"{tmp_path}/log" 2/8',
        f'"{tmp_path}/copy" 2/8',
        "/nonexistent: No such file or directory",
    ]
    assert (tmp_path / "copy").read_bytes() == composition.body == b"one\ntwo\n"


def test_a_command_can_change_the_text():
    """`~|fmt` and `~|sort` are what it is for."""
    composition, said = composed("b", "a", "~|sort", "~|false")

    assert composition.body == b"a\nb\n"
    assert said == '"|sort" 2/4\n"false" produced no output\n'


def test_the_message_so_far_is_shown():
    """Before it goes out one wants to read it once more."""
    assert composed("hello", "~s x", "~p")[1] == (
        "-------\nMessage contains:\nTo: bob\nSubject: x\n\nhello\n(continue)\n"
    )


def test_an_unknown_escape_is_not_sent():
    """A typing error should not reach the recipient as text."""
    composition, said = composed("~y")

    assert (composition.body, said) == (b"", "Unknown tilde escape.\n")


def test_one_can_give_up():
    """~q keeps what was written, ~x does not."""
    assert composed("~q")[0].state is State.GIVEN_UP
    assert composed("~x")[0].state is State.FORGOTTEN
