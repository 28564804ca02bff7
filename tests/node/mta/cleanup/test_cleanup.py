"""All stages of cleanup over the records of one message, into a real queue file."""

import os

import pytest

from labctl.node.base.log import Log
from labctl.node.mta.cleanup import finish, service, settings
from labctl.node.mta.cleanup.message import Message, QueueWriter
from labctl.node.mta.cleanup.records import Records
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.queue import queue_file
from labctl.node.mta.lib.queue.directory import QueueDirectory, is_complete
from labctl.node.mta.lib.services.cleanup import Flags, Stat
from labctl.node.mta.lib.services.rewrite import RewriteUnavailable
from labctl.node.mta.rewrite.standard import local_rules, remote_rules, standard_form

BASE = {
    "myhostname": "mx.example.test",
    "mydomain": "example.test",
    "myorigin": "example.test",
    "mydestination": "example.test",
    "inet_interfaces": "127.0.0.1",
    "inet_protocols": "ipv4",
}


class Rewriter:
    """The decisions of trivial-rewrite without its socket."""

    def __init__(self, config):
        self.rules = {"local": local_rules(config), "remote": remote_rules(config)}

    def rewrite(self, address, context="local"):
        return standard_form(address, self.rules[context])


class Cleanup:
    """A queue directory, a configuration, and one message after the other."""

    def __init__(self, root, parameters):
        for name in ("incoming", "hold"):
            (root / name).mkdir(exist_ok=True)
        self.root = root
        config = Config({**BASE, "queue_directory": str(root), **parameters})
        self.log_path = root / "log"
        site = settings.read(config, Log("cleanup", path=str(self.log_path)))
        site = site._replace(rewriter=Rewriter(config))
        self.site, self.queue = site, QueueDirectory(config)

    def send(
        self,
        text,
        recipients=("bob",),
        *,
        sender="ann",
        flags=Flags.EXTERNAL,
        context="local",
        limit=0,
    ):
        """The result, and the envelope and content of what is in the queue."""
        file = self.queue.create("incoming")
        message = Message(file.queue_id, flags, QueueWriter(file.fd, limit), 1000.0)
        service.copy_records(
            message, self.site, stream(records(sender, recipients, text, context))
        )
        finish.end(message)
        result = finish.settle(message, self.site, self.queue, file)
        os.close(file.fd)
        self.queue_id = file.queue_id
        return result

    def path(self, name="incoming"):
        return self.root / name / self.queue_id

    def envelope(self):
        return queue_file.read(self.path())

    def recipients(self):
        return [rcpt.address for rcpt in self.envelope().recipients]

    def content(self):
        return queue_file.content(self.path()).decode()

    def log(self):
        return self.log_path.read_text() if self.log_path.exists() else ""


def records(sender, recipients, text, context):
    yield queue_file.TIME, b"1000 0"
    yield queue_file.ATTRIBUTE, b"rewrite_context=" + context.encode()
    yield queue_file.FROM, sender.encode()
    for recipient in recipients:
        yield queue_file.RECIPIENT, recipient.encode()
    yield queue_file.CONTENT, b""
    for line in text.split("\n"):
        yield queue_file.NORMAL, line.encode()
    yield queue_file.EXTRACTED, b""
    yield queue_file.END, b""


def stream(items):
    """What a client sends, in pieces that cut records in the middle."""
    data = b"".join(queue_file.encode(kind, item) for kind, item in items)
    pieces = [data[start : start + 1000] for start in range(0, len(data), 1000)]
    return Records(lambda _size: pieces.pop(0) if pieces else b"")


@pytest.fixture
def cleanup(tmp_path):
    def make(**parameters):
        return Cleanup(tmp_path, parameters)

    return make


def test_a_local_message_becomes_complete(cleanup):
    """Addresses get their domain, missing headers are added after those that are there."""
    site = cleanup()

    assert site.send("Subject: x\nTo: bob\n\nhello").ok

    assert site.envelope().sender == "ann@example.test"
    assert site.recipients() == ["bob@example.test"]
    head, _, body = site.content().partition("\n\n")
    names = [line.partition(":")[0] for line in head.split("\n")]
    assert names == ["Subject", "To", "Message-Id", "Date", "From"]
    assert "To: bob@example.test" in head
    assert body == "hello\n"


def test_a_strangers_headers_are_left_alone(cleanup):
    """postconf(5) remote_header_rewrite_domain is empty: hands off."""
    site = cleanup()

    site.send("To: bob\n\nhello", context="remote")

    assert site.content() == "To: bob\n\nhello\n"


def test_the_file_counts_only_when_all_of_it_is_there(cleanup):
    """The owner-execute bit is the moment of responsibility."""
    site = cleanup()
    site.send("Subject: x\n\nhello")

    assert is_complete(site.path().stat())


def test_sizes_and_offsets_of_the_size_record_fit_the_file(cleanup):
    """qmgr jumps over the content with them."""
    site = cleanup()
    site.send("Subject: x\n\nhello", context="remote")

    envelope, data = site.envelope(), site.path().read_bytes()
    assert data[envelope.data_offset :].startswith(b"N\x0aSubject: x")
    assert data[envelope.data_offset + envelope.data_length] == queue_file.EXTRACTED
    assert data[envelope.recipients[0].offset] == queue_file.RECIPIENT


def test_virtual_aliases_expand_in_depth_and_each_recipient_once(cleanup):
    """Two lists with a common member deliver one copy to it."""
    site = cleanup(
        virtual_alias_maps="inline:{{all=team, boss}, {team=bob, eve}, {boss=bob@example.test}}"
    )

    site.send("\n", ["all"])

    assert site.recipients() == ["bob@example.test", "eve@example.test"]


def test_an_alias_loop_is_not_accepted_now(cleanup):
    """virtual_alias_recursion_limit: the sender tries again when it is repaired."""
    site = cleanup(virtual_alias_maps="inline:{{a=b}, {b=a}}")

    result = site.send("\n", ["a"])

    assert (result.status, result.reason) == (Stat.DEFER, "4.6.0 Alias expansion error")
    assert list((site.root / "incoming").iterdir()) == []


def test_an_address_may_expand_into_itself_once(cleanup):
    """user -> user, copy is how copies are kept."""
    site = cleanup(virtual_alias_maps="inline:{{bob=bob, copy}}")

    site.send("\n", ["bob"])

    assert site.recipients() == ["bob@example.test", "copy@example.test"]


def test_extensions_are_propagated(cleanup):
    """postconf(5) propagate_unmatched_extensions = canonical, virtual."""
    site = cleanup(recipient_delimiter="+", virtual_alias_maps="inline:{{bob=eve}}")

    site.send("\n", ["bob+list"])

    assert site.recipients() == ["eve+list@example.test"]


def test_canonical_classes_say_where_a_table_is_used(cleanup):
    """An envelope table must not change headers."""
    site = cleanup(
        canonical_maps="inline:{{ann=Ann.Smith}}", canonical_classes="envelope_sender"
    )

    site.send("From: ann\n\n")

    assert site.envelope().sender == "Ann.Smith@example.test"
    assert "From: ann@example.test" in site.content()


def test_blind_copies_are_added_once_and_never_reported(cleanup):
    """postconf(5) always_bcc: as with NOTIFY=NEVER."""
    site = cleanup(always_bcc="audit", recipient_bcc_maps="inline:{{bob=audit}}")

    site.send("\n")

    bob, audit = site.envelope().recipients
    assert (audit.address, str(audit.notify), str(bob.notify)) == (
        "audit@example.test",
        "NEVER",
        "",
    )


def test_bcc_and_return_path_headers_are_dropped(cleanup):
    """postconf(5) message_drop_headers, in mail of strangers too."""
    site = cleanup()

    site.send("Bcc: eve\nReturn-Path: <x>\nSubject: y\n\n", context="remote")

    assert site.content() == "Subject: y\n\n\n"


def test_too_many_hops_are_refused(cleanup):
    """RFC 5321 6.3: a loop ends."""
    site = cleanup(hopcount_limit="2")

    result = site.send("Received: a\nReceived: b\n\n")

    assert result.status is Stat.HOPS
    assert result.verdict.text == "too many hops"


@pytest.mark.parametrize(
    ("action", "log"),
    [
        pytest.param("WARN look", "warning: header Subject: spam from local; ", id="warn"),
        pytest.param("INFO look", "info: header Subject: spam from local; ", id="info"),
        pytest.param("FROBNICATE", "unknown command in header_checks map: FROB", id="unknown"),
        pytest.param("REDIRECT eve", "bad REDIRECT target", id="bad redirect"),
        pytest.param("FILTER smtp", "bad FILTER command", id="bad filter"),
        pytest.param("REPLACE spam", "bad REPLACE header text", id="bad replace"),
    ],
)
def test_actions_that_only_speak_leave_the_message_alone(cleanup, action, log):
    """A typing error in a table must not cost mail."""
    site = cleanup(header_checks=f"inline:{{{{Subject: spam={action}}}}}")

    assert site.send("Subject: spam\n\nx", context="remote").ok
    assert site.content() == "Subject: spam\n\nx\n"
    assert log in site.log()


def test_reject_tells_the_client_why(cleanup):
    """header_checks(5) REJECT with a status of its own."""
    site = cleanup(header_checks="inline:{{Subject: spam=REJECT 5.7.9 no spam}}")

    result = site.send("Subject: spam\n\nx")

    assert (result.status, result.reason) == (Stat.CONT, "5.7.9 no spam")


def test_hold_puts_the_message_aside(cleanup):
    """qmgr never sees it in incoming."""
    site = cleanup(header_checks="inline:{{Subject: odd=HOLD}}")

    assert site.send("Subject: odd\n\nx").ok
    assert site.path("hold").exists()
    assert not site.path("incoming").exists()


def test_discard_claims_success_and_keeps_nothing(cleanup):
    """header_checks(5) DISCARD."""
    site = cleanup(header_checks="inline:{{Subject: junk=DISCARD}}")

    assert site.send("Subject: junk\n\nx").ok
    assert not site.path().exists()


def test_filter_and_redirect_are_for_qmgr(cleanup):
    """The last FILTER wins over content_filter, which smtpd and pickup say, each its own."""
    site = cleanup(
        content_filter="scan:[127.0.0.1]:10025",
        header_checks="inline:{{X-F: 1=FILTER other:x}, {X-R: 1=REDIRECT eve@example.test}}",
    )

    site.send("X-F: 1\nX-R: 1\n\nx")

    assert (site.envelope().filter, site.envelope().redirect) == ("other:x", "eve@example.test")


def test_content_filter_is_for_who_brings_the_mail_to_say(cleanup):
    """With "pickup -o content_filter=" what a filter gives back does not go round again."""
    site = cleanup(content_filter="scan:[127.0.0.1]:10025")

    site.send("Subject: x\n\nx")

    assert site.envelope().filter == ""


def test_checks_are_for_mail_from_outside(cleanup):
    """A bounce is not filtered again."""
    site = cleanup(header_checks="inline:{{Subject: spam=REJECT}}")

    assert site.send("Subject: spam\n\nx", flags=Flags.INTERNAL).ok


def test_body_lines_can_be_replaced_and_dropped(cleanup):
    """body_checks(5)."""
    site = cleanup(body_checks="inline:{{a=REPLACE b}, {c=IGNORE}, {d=PREPEND e}}")

    site.send("Subject: x\n\na\nc\nd", context="remote")

    assert site.content() == "Subject: x\n\nb\ne\nd\n"


def test_no_recipients_is_an_error(cleanup):
    """Nobody would ever know of the message."""
    assert cleanup().send("\n", []).status is Stat.RCPT


def test_a_stream_that_ends_early_is_no_message(cleanup):
    """The client will send it again."""
    site = cleanup()
    file = site.queue.create("incoming")
    message = Message(file.queue_id, Flags.EXTERNAL, QueueWriter(file.fd), 0.0)

    with pytest.raises(EOFError):
        service.copy_records(message, site.site, stream([(queue_file.TIME, b"1")]))
    os.close(file.fd)


def test_a_large_message_is_written_in_pieces_with_its_size_in_front(cleanup):
    """Memory is bounded, the size record still right."""
    site = cleanup()
    site.send("Subject: x\n\n" + "line of text\n" * 40_000, context="remote")

    assert site.envelope().size > 500_000
    assert site.content().count("line of text") == 40_000


def test_without_trivial_rewrite_nothing_is_accepted(cleanup):
    """The client tries again; incomplete addresses must not be delivered anywhere."""
    site = cleanup()

    def unavailable(address, context="local"):
        raise RewriteUnavailable("rewrite service: gone")

    site.site.rewriter.rewrite = unavailable

    assert site.send("From: ann\n\nx").status & Stat.WRITE
    assert list((site.root / "incoming").iterdir()) == []


def test_mime_headers_have_their_own_table_in_attached_messages_too(cleanup):
    """header_checks(5): nested_header_checks see the other headers."""
    site = cleanup(
        mime_header_checks="inline:{{Content-ID: 1=IGNORE}}",
        nested_header_checks="inline:{{Content-ID: 1=REJECT}, {Subject: in=IGNORE}}",
    )
    inner = "Subject: in\nContent-ID: 1\nX: y\n\ntext"

    site.send(f"Content-Type: message/rfc822\n\n{inner}", context="remote")

    assert site.content() == "Content-Type: message/rfc822\n\nX: y\n\ntext\n"


def test_a_blind_copy_goes_to_one_address(cleanup):
    """postconf(5) recipient_bcc_maps: no lists, whatever the entry looks like."""
    site = cleanup(recipient_bcc_maps="inline:{{bob=arch, eve}}")

    site.send("\n")

    assert site.recipients() == ["bob@example.test", "arch, eve@example.test"]


def test_recipients_that_were_called_differently_are_told_apart(cleanup):
    """postconf(5) enable_original_recipient: X-Original-To would be wrong for one of them."""
    table = "inline:{{a=bob}, {b=bob}}"
    apart = cleanup(virtual_alias_maps=table)
    apart.send("\n", ["a", "b", "A"])
    assert len(apart.recipients()) == 2

    together = cleanup(virtual_alias_maps=table, enable_original_recipient="no")
    together.send("\n", ["a", "b"])
    assert together.recipients() == ["bob@example.test"]


def test_the_null_sender_has_an_entry_of_its_own(cleanup):
    """Tables of patterns see it as two quotes."""
    site = cleanup(sender_canonical_maps="static:ann")

    site.send("\n", sender="")

    assert site.envelope().sender == "ann@example.test"


def test_mail_of_the_mailer_daemon_has_the_null_sender(cleanup):
    """A report about it would go to the mail system itself."""
    site = cleanup()

    site.send("\n", sender="MAILER-DAEMON")

    assert site.envelope().sender == ""


def test_strict_sites_refuse_eight_bits_in_headers(cleanup):
    """postconf(5) strict_7bit_headers; reports and forwarded mail pass."""
    site = cleanup(strict_7bit_headers="yes")

    result = site.send("Subject: \u00e9\n\nx", context="remote")

    assert (result.status, result.reason) == (
        Stat.CONT,
        "5.6.0 improper use of 8-bit data in message header",
    )
    assert ": reject: mime-error improper use" in site.log()
    assert site.send("Subject: \u00e9\n\nx", flags=Flags.INTERNAL).ok


def test_without_mime_all_of_the_body_is_one(cleanup):
    """postconf(5) disable_mime_input_processing: body_checks see every line."""
    site = cleanup(disable_mime_input_processing="yes", body_checks="inline:{{X: 1=WARN}}")
    head = "Content-Type: multipart/mixed; boundary=b\n\n"

    site.send(head + "--b\nX: 1\n\nx", context="remote")

    assert "warning: body X: 1 from local" in site.log()


@pytest.mark.parametrize(
    ("text", "sender", "bits"),
    [
        pytest.param("Subject: x\n\n", "ann", 0, id="ascii"),
        pytest.param("Subject: \u00e9\n\n", "ann", 3, id="header"),
        pytest.param("Subject: x\n\n", "\u00e9", 5, id="sender"),
        pytest.param("Subject: x\n\n\u00e9", "ann", 0, id="body"),
    ],
)
def test_what_needs_smtputf8_is_found(cleanup, text, sender, bits):
    """postconf(5) smtputf8_autodetect_classes: sendmail(1) cannot say it."""
    site = cleanup()

    site.send(text, sender=sender, flags=Flags.EXTERNAL | Flags.AUTOUTF8)

    assert site.envelope().smtputf8 == bits


def test_the_encoding_of_any_part_counts(cleanup):
    """postconf(5) detect_8bit_encoding_header: what smtp(8) must not send to old servers."""
    site = cleanup()
    head = "Content-Type: multipart/mixed; boundary=b\n\n--b\n"

    site.send(head + "Content-Transfer-Encoding: 8bit\n\nx\n--b--", context="remote")

    assert site.envelope().attributes["encoding"] == "8bit"


def test_rejected_local_mail_comes_back_without_its_text(cleanup, monkeypatch):
    """Nobody needs to read again what was refused for what it says."""
    asked = []
    monkeypatch.setattr(finish.bounce, "append", lambda *arguments: True)
    monkeypatch.setattr(
        finish.bounce, "flush", lambda _, subject: asked.append(subject) or True
    )
    site = cleanup(header_checks="inline:{{Subject: spam=REJECT}}")

    assert site.send("Subject: spam\n\nx", flags=Flags.EXTERNAL | Flags.BOUNCE).ok
    assert [subject.dsn_ret for subject in asked] == ["HDRS"]


@pytest.mark.parametrize(
    ("parameter", "whom"),
    [("recipient_canonical_maps", " for bob@example.test"), ("recipient_bcc_maps", "")],
)
def test_a_table_of_addresses_that_is_broken_has_no_reason_of_its_own(cleanup, parameter, whom):
    """The client hears of a queue file that was not written; the log has the table."""
    site = cleanup(**{parameter: "fail:broken"})
    result = site.send("Subject: x\n\nx")

    assert (result.status & Stat.WRITE, result.reason) == (Stat.WRITE, "")
    assert f"{parameter} map lookup problem{whom} -- message not accepted" in site.log()


def test_a_table_of_checks_that_is_broken_is_named(cleanup):
    """Mail must not pass unseen because a file is missing."""
    site = cleanup(header_checks="fail:broken")

    assert site.send("Subject: x\n\nx").status & Stat.WRITE
    assert "header_checks map lookup problem -- message not accepted" in site.log()


def test_a_header_ends_at_a_nul(cleanup):
    """Nobody can be asked about an address with a NUL, and cleanup died of the question."""
    site = cleanup(header_checks="inline:{{Subject: one = INFO seen}}")
    site.send("To: eve\0 <bob@example.test>\nSubject: one\0two\n\nhi")

    assert site.content().startswith("To: eve@example.test\nSubject: one\n")
    assert "info: header Subject: one from" in site.log()


def test_an_envelope_address_ends_at_a_nul(cleanup):
    """Otherwise a file in maildrop could end one cleanup after the other."""
    site = cleanup()
    site.send("\nhi", ["eve\0x"], sender="ann\0x")

    assert site.recipients() == ["eve@example.test"]
    assert site.envelope().sender == "ann@example.test"


def test_the_sender_at_is_somebody(cleanup):
    """Mail from the null sender is never returned; this is not it."""
    site = cleanup()
    site.send("\nhi", sender="@")

    assert site.envelope().sender == "@"


def test_a_message_that_is_put_off_gets_no_more_headers(cleanup):
    """The log would name a Message-Id that nobody will ever see."""
    site = cleanup(header_checks="regexp:{{/^X-Def/ REJECT 4.7.1 not now}}")
    result = site.send("X-Def: 1\n\nhi", flags=Flags.EXTERNAL | Flags.BOUNCE)

    assert result.status is Stat.DEFER
    assert "message-id" not in site.log()


@pytest.mark.parametrize(
    ("limit", "recipients"),
    [
        pytest.param(700, ["bob"], id="in the content"),
        pytest.param(400, ["bob", *(f"u{number}" for number in range(30))], id="before it"),
    ],
)
def test_local_mail_beyond_the_size_limit_comes_back(cleanup, monkeypatch, limit, recipients):
    """Who cut the file must still be able to read its recipients out of it."""
    told = []
    monkeypatch.setattr(finish.bounce, "append", lambda *said: told.append(said[3].address))
    monkeypatch.setattr(finish.bounce, "flush", lambda *_: True)
    site = cleanup()
    flags = Flags.EXTERNAL | Flags.BOUNCE
    result = site.send("\n" + "x" * 2000, recipients, flags=flags, limit=limit)

    assert result.status is Stat.OK
    assert told[0] == "bob@example.test"
    assert not site.path().exists()
