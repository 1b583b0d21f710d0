# SPDX-License-Identifier: Apache-2.0
"""Asks `openssl s_client` about a server and reads from its report what waxseal must agree with."""

import base64
import functools
import hashlib
import re
import subprocess
from dataclasses import dataclass

from .pki import HOST, openssl

SECONDS = 300

_GROUPS = {"X25519": "x25519", "X448": "x448", "prime256v1": "secp256r1",
           "secp384r1": "secp384r1", "secp521r1": "secp521r1"}
_CURVE_SCHEMES = {"SHA256": "ecdsa_secp256r1_sha256", "SHA384": "ecdsa_secp384r1_sha384",
                  "SHA512": "ecdsa_secp521r1_sha512", "SHA1": "ecdsa_sha1"}


@dataclass(frozen=True)
class Session:
    established: bool
    protocol: str
    openssl_name: str
    group: str
    signature: str  # as an IANA signature scheme, "" when nothing was signed
    chain: tuple  # SHA-256 of each certificate, hexadecimal, in the order sent
    code: int
    staple: bool
    alert: int
    text: str


def ask(port, service, ca_file):
    argv = ["openssl", "s_client", "-connect", "127.0.0.1:%d" % port, "-servername", HOST,
            "-verify_hostname", HOST, "-CAfile", str(ca_file), "-showcerts", "-status",
            "-cipher", "DEFAULT:@SECLEVEL=0"]
    if not service.implicit:
        argv += ["-starttls", service.protocol]
    done = subprocess.run(argv, input=b"", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=SECONDS, check=False,
                          env={"PATH": "/usr/bin:/bin", "OPENSSL_CONF": "/dev/null"})
    return read(done.stdout.decode(errors="replace"))


def read(text):
    """A Session from what s_client wrote."""
    digest = _first(r"^Peer signing digest: (\S+)", text)
    kind = _first(r"^Peer signature type: (\S+)", text)
    protocol = _first(r"^    Protocol +: (\S+)", text) or _first(r"^New, (\S+), Cipher is", text)
    alert = _first(r"SSL alert number (\d+)", text)
    cipher = _first(r"Cipher is (\S+)", text)
    return Session(
        established=cipher not in ("", "(NONE)") and not alert,
        protocol=protocol,
        openssl_name=cipher,
        group=_group(_first(r"^Server Temp Key: (.*)$", text)),
        signature=_scheme(kind, digest, protocol),
        chain=tuple(hashlib.sha256(base64.b64decode(body)).hexdigest() for body in re.findall(
            r"-----BEGIN CERTIFICATE-----\n(.*?)-----END", _sent(text), re.S)),
        code=int(_first(r"Verify return code: (\d+)", text) or -1),
        staple="OCSP Response Status: successful" in text,
        alert=int(alert or -1),
        text=text)


def _sent(text):
    """The part with the chain as sent: before it may stand the signer of an OCSP answer, after it
    the leaf is printed again."""
    return text.split("\nCertificate chain\n")[-1].split("\nServer certificate\n")[0]


def _first(pattern, text):
    found = re.search(pattern, text, re.M)
    return found.group(1).strip() if found else ""


def _group(temp_key):
    """ "X25519, 253 bits" or "ECDH, prime256v1, 256 bits" or "DH, 2048 bits" with IANA's name
    for the first two kinds."""
    parts = [p.strip() for p in temp_key.split(",")]
    return next((_GROUPS[p] for p in parts if p in _GROUPS), temp_key)


def _scheme(kind, digest, protocol):
    digest_name = digest.lower().replace("-", "_")
    if not kind:
        return ""
    if kind.lower() in ("ed25519", "ed448"):
        return kind.lower()
    if protocol in ("TLSv1", "TLSv1.1"):
        # no scheme is negotiated there; these are what the old versions always use
        return "ecdsa_sha1" if kind == "ECDSA" else "rsa_pkcs1_md5_sha1"
    if kind == "ECDSA":
        return _CURVE_SCHEMES.get(digest, "ecdsa_" + digest_name)
    return {"RSA-PSS": "rsa_pss_rsae_", "RSA": "rsa_pkcs1_"}.get(kind, kind) + digest_name


@functools.cache
def standard_names():
    """OpenSSL's suite name → IANA's."""
    lines = openssl("ciphers", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0").decode().split("\n")
    return {f[2]: f[0] for f in map(str.split, lines) if len(f) > 2 and f[1] == "-"}
