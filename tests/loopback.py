"""For calls within this machine, which go without TLS."""

from __future__ import annotations

import ssl

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody: httpx else reads a few hundred certificates for each client, which takes it 30 ms."""
