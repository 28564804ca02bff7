"""A machine before its services: files that are mounted, routes that lead out."""

from __future__ import annotations

from labctl.node.init import machine

ROUTES = """\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t01120CC6\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t00120CC6\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
"""


def test_mounted_files_are_written_in_place(tmp_path):
    """Docker mounts resolv.conf: it can be written, and not replaced."""
    source, target = tmp_path / "mounted", tmp_path / "etc"
    source.mkdir()
    target.mkdir()
    (source / "resolv.conf").write_text("nameserver 198.18.0.2\n")
    (target / "resolv.conf").write_text("nameserver 127.0.0.11\n")
    inode = (target / "resolv.conf").stat().st_ino
    machine.write_mounted_files(source, target)

    assert (target / "resolv.conf").read_text() == "nameserver 198.18.0.2\n"
    assert (target / "resolv.conf").stat().st_ino == inode


def test_the_way_out_is_found():
    """Lab mail must never reach the Internet."""
    assert list(machine.default_routes(ROUTES)) == ["eth0"]


def test_a_route_to_a_lab_network_is_not_a_way_out():
    """Without it the node would reach nobody."""
    assert list(machine.default_routes("\n".join(ROUTES.splitlines()[::2]))) == []


def test_the_request_has_the_size_that_the_kernel_reads():
    """struct rtentry: 120 bytes on a 64-bit machine."""
    assert machine.RTENTRY.size == 120
