"""A certificate for one cell's address, issued on the fly by an authority that exists as long as its folder."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from .atomic_files import write_bytes


@dataclass(frozen=True, slots=True)
class Certificate:
    """The files for a server (PEM), and the authority that its clients trust."""

    certificate: Path
    key: Path
    authority: Path

    def context(self) -> ssl.SSLContext:
        """An SSL context that trusts only this server."""
        return ssl.create_default_context(cafile=str(self.authority))


def make(folder: Path, host: str) -> Certificate:
    """Create an authority, and a certificate for an IP address; the certificate's file includes its chain."""
    import trustme  # it takes longer than all else that a cell imports, and few cells use TLS

    authority = trustme.CA()
    issued = authority.issue_cert(host)
    made = Certificate(folder / "certificate.pem", folder / "key.pem", folder / "authority.pem")
    write_bytes(made.certificate, b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    write_bytes(made.key, issued.private_key_pem.bytes())
    write_bytes(made.authority, authority.cert_pem.bytes())
    return made
