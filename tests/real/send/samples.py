# SPDX-License-Identifier: Apache-2.0
"""Messages that are easily damaged on their way."""

from dataclasses import dataclass

HEAD = (b"From: Sender <sender@lab.test>\r\nTo: you@lab.test\r\nSubject: sample\r\n"
        b"Date: Tue, 24 Nov 2026 10:00:00 +0000\r\nMessage-Id: <sample@lab.test>\r\n")


@dataclass(frozen=True)
class Sample:
    name: str
    data: bytes


def _text(body, head=b""):
    return HEAD + head + b"\r\n" + body


_DOTS = b".\r\n..\r\n.a\r\n...b\r\n. \r\n\r\n.\r\n\r\n.\r\nend\r\n.\r\n"
_BYTES = bytes(b for b in range(1, 256) if b not in (10, 13))
_EIGHT = b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n" \
         b"Content-Transfer-Encoding: 8bit\r\n"
_LONG = b"".join(bytes([65 + n % 26]) * n + b"\r\n" for n in (995, 996, 997, 998)) \
    + b"." + b"d" * 996 + b"\r\n"

_SMIME = HEAD + b"""MIME-Version: 1.0\r
Content-Type: multipart/signed; protocol="application/pkcs7-signature";\r
\tmicalg=sha-256; boundary="----=_next \t part_42"\r
\r
This is an S/MIME signed message  \r
\r
------=_next \t part_42\r
Content-Type: text/plain; charset=us-ascii\r
Content-Transfer-Encoding: 7bit\r
\r
Trailing blanks count:   \r
\tTabs too\t\r
.leading dot\r
\r
\r
------=_next \t part_42\r
Content-Type: application/pkcs7-signature; name=smime.p7s\r
Content-Transfer-Encoding: base64\r
Content-Disposition: attachment; filename=smime.p7s\r
\r
MIIBogYJKoZIhvcNAQcCoIIBkzCCAY8CAQExDzANBglghkgBZQMEAgEFADALBgkqhkiG9w0BBwEx\r
\r
------=_next \t part_42--\r
\r
"""

_DKIM = b"""DKIM-Signature: v=1; a=rsa-sha256; c=simple/simple; d=lab.test; s=sel;\r
\th=From:To:Subject : Date;  bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r
\tb=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB4nujc7YopdG5dWLSdNg6x\r
\t NAZpOPr+kHxt1IrE+NahM6L/LbvaHutKVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrI=\r
from:   Odd  Spacing <sender@lab.test>  \r
TO: you@lab.test,\r
 \tthem@lab.test\r
SUBJECT:   =?utf-8?Q?=C3=BCber?=   two  blanks \r
Date: Tue, 24 Nov 2026 10:00:00 +0000\r
Message-ID: <dkim.sample@lab.test>\r
X-Empty:\r
X-Twice: 1\r
X-Twice: 2\r
\r
A line.  \r
 \t \r
Another.\r
\r
\r
\r
"""

SAMPLES = (
    Sample("CRLF file", _text(b"one\r\n\r\nthree\r\n")),
    Sample("LF file", _text(b"one\n\nthree\n").replace(b"\r\n", b"\n")),
    Sample("dots", _text(_DOTS)),
    Sample("8-bit bytes", _text("grüße €\r\n".encode() + _BYTES + b"\r\n", _EIGHT)),
    Sample("long lines", _text(_LONG)),
    Sample("no final newline", _text(b"the end")),
    Sample("no body", HEAD + b"\r\n"),
    Sample("S/MIME", _SMIME),
    Sample("DKIM", _DKIM),
    Sample("many blocks", _text(b"".join(b"%06d .\r\n.\r\n" % i for i in range(20000)))),
)
