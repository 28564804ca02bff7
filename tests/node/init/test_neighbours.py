"""The message that shortens ARP's question time."""

from labctl.node.init.neighbours import NDTPA_RETRANS_TIME, request


def test_the_request_is_what_the_kernel_reads():
    """One wrong length and the kernel changes nothing, or another interface."""
    message = request(interface=7, times={NDTPA_RETRANS_TIME: 200})

    assert message.hex(" ", 4) == (
        "3c000000 43000500 01000000 00000000 "  # length 60, RTM_SETNEIGHTBL, request + ack
        "02000000 "  # AF_INET
        "0e000100 6172705f 63616368 65000000 "  # NDTA_NAME "arp_cache"
        "18000600 08000100 07000000 0c000500 c8000000 00000000"  # NDTA_PARMS
    )
