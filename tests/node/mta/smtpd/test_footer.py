"""Texts behind refusals, and what the client may bring into them."""

from labctl.node.mta.smtpd import footer
from labctl.node.wire.smtp import Reply

NO = Reply(550, "5.7.1", ("no",))


def test_a_footer_goes_on_in_the_line_or_in_new_ones(talk):
    """postconf(5) smtpd_reject_footer: \\c at its beginning, \\n within."""
    same = talk(smtpd_reject_footer="\\c. Call us.").session
    lines = talk(smtpd_reject_footer="Call us.\\nOr write.").session

    assert footer.add(same, NO).encode() == b"550 5.7.1 no. Call us.\r\n"
    assert footer.add(lines, NO).encode() == (
        b"550-5.7.1 no\r\n550-5.7.1 Call us.\r\n550 5.7.1 Or write.\r\n"
    )


def test_a_table_knows_better(talk):
    """smtpd_reject_footer_maps: by the whole text of the reply."""
    session = talk(
        smtpd_reject_footer="everybody",
        smtpd_reject_footer_maps="inline:{{550 5.7.1 no = this one}}",
    ).session

    assert footer.add(session, NO).lines == ("no", "this one")
    assert footer.add(session, Reply(450, "", ("x",))).lines == ("x", "everybody")
    assert footer.add(session, Reply(250, "", ("x",))).lines == ("x",)


def test_names_stand_for_what_the_client_said(talk):
    """A client chooses its names, and must not choose how our reply goes on."""
    talking = talk(smtpd_reject_footer="$client_name $helo_name $nothing")
    talking.session.helo = "x\x01y"

    assert footer.add(talking.session, NO).lines[-1] == "client.outside.test x_y "
    assert talking.log.lines == ['warning: unknown macro name "nothing" in expansion request']
