"""Whether the page's port is free: Gradio would only find out late, and say it with a trace."""

from __future__ import annotations

import socket

from components.errors import PortTaken


def ensure_port_free(host: str, port: int) -> None:
    """Say so before anything is started.

    Raises:
        PortTaken: Another program listens there.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as cause:
            raise PortTaken(port=port) from cause
