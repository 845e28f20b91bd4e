"""Further servers within the process of the app "engine" that speak TLS."""
import ssl

from engine_channels import made
from engine_probes import probe

KEY = """-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgGCsvdKRAvNr8T2+M
pcwGY8xLbVpmsYpH8i/gUW82YMWhRANCAARdwS3HueiHj6DO+a/PBHeYm+W1P8HG
BxR+xZ5zXNNjHpu98CbhcLmAedsE0Ps8FUKsMsYn+1RDZQfVvLuN1oAG
-----END PRIVATE KEY-----
"""  # for these two certificates, and nothing else
BEFORE = """-----BEGIN CERTIFICATE-----
MIIBeTCCAR+gAwIBAgIUB6/rA6Q15Thc/Rcot+pUMN7PnfkwCgYIKoZIzj0EAwIw
ETEPMA0GA1UEAwwGYmVmb3JlMCAXDTI2MTEzMDAzMzQzMloYDzIxMjYxMTA2MDMz
NDMyWjARMQ8wDQYDVQQDDAZiZWZvcmUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AARdwS3HueiHj6DO+a/PBHeYm+W1P8HGBxR+xZ5zXNNjHpu98CbhcLmAedsE0Ps8
FUKsMsYn+1RDZQfVvLuN1oAGo1MwUTAdBgNVHQ4EFgQUa2ieGYzSrQvizY/MK0oJ
mGyrc5wwHwYDVR0jBBgwFoAUa2ieGYzSrQvizY/MK0oJmGyrc5wwDwYDVR0TAQH/
BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiBG9VTCwmpqkAnNRihPo1kn5TWJmaFj
s0hyC0LNvqLgGQIhAIeF+XImfupfI3/881v8iTMBPAjHflwhFpa0Jm3V2TwX
-----END CERTIFICATE-----
"""
AFTER = """-----BEGIN CERTIFICATE-----
MIIBdzCCAR2gAwIBAgIUGbH4/iCSfslNlWzP0XC+mOfaZHIwCgYIKoZIzj0EAwIw
EDEOMAwGA1UEAwwFYWZ0ZXIwIBcNMjYxMTMwMDMzNDMyWhgPMjEyNjExMDYwMzM0
MzJaMBAxDjAMBgNVBAMMBWFmdGVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
XcEtx7noh4+gzvmvzwR3mJvltT/BxgcUfsWec1zTYx6bvfAm4XC5gHnbBND7PBVC
rDLGJ/tUQ2UH1by7jdaABqNTMFEwHQYDVR0OBBYEFGtonhmM0q0L4s2PzCtKCZhs
q3OcMB8GA1UdIwQYMBaAFGtonhmM0q0L4s2PzCtKCZhsq3OcMA8GA1UdEwEB/wQF
MAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgCDZNesanApSHivgHGLCwXP0ir7hUzAdk
uQKnI+r6NhwCIQCgq3mkdiHVFObsIOQUVK1MFNx1gSQjS3gMbyaincvjDQ==
-----END CERTIFICATE-----
"""


@probe
def renewed_certificate(web, say):
    """A certificate that is replaced while the server is stopped."""
    server = made(web, socket_host="127.0.0.1", socket_port=0, ssl_certificate="renewed.pem")
    for certificate in (BEFORE, AFTER):
        with open("renewed.pem", "w") as file:
            file.write(KEY + certificate)
        server.start()
        shown = ssl.get_server_certificate(server.bound_addr)
        say("the client sees the one that is there: %s" % (shown.split() == certificate.split()))
        server.stop()
