# SPDX-License-Identifier: Apache-2.0
"""Keys and certificates made by the openssl command: a root, an intermediate, and leaves.

Leaves bear mx.lab.test and lab.test. For each leaf NAME there are NAME.key, NAME.pem (the leaf
alone), NAME.chain.pem (leaf and intermediate) and NAME.all.pem (key and chain in one file).
"""

import subprocess
from pathlib import Path

HOST = "mx.lab.test"
NAMES = "DNS:mx.lab.test,DNS:lab.test"

KEYS = {
    "ec": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "ec384": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
    "ec521": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
    "rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    "pss": ["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"],
    "ed25519": ["-algorithm", "ED25519"],
    "ed448": ["-algorithm", "ED448"],
}

_CA = ("basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign\n"
       "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n")
_LEAF = ("basicConstraints=critical,CA:false\nkeyUsage=critical,digitalSignature%s\n"
         "extendedKeyUsage=serverAuth\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
         "subjectAltName=%s\n")


def openssl(*argv, data=None):
    """Runs the openssl command without the machine's settings; returns what it wrote."""
    done = subprocess.run(["openssl", *map(str, argv)], input=data, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=300, check=False,
                          env={"PATH": "/usr/bin:/bin", "OPENSSL_CONF": "/dev/null"})
    if done.returncode != 0:
        raise RuntimeError("openssl %s: %s" % (argv[0], done.stderr.decode(errors="replace")))
    return done.stdout


class Pki:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.root = self.folder / "root.pem"
        self._serial = 0x1000
        self._ca("root", None, "Lab Root")
        self._ca("inter", "root", "Lab Intermediate")
        for name in KEYS:
            self._leaf(name)
        self._leaf("wrongname", key="ec", names="DNS:other.lab.test")
        self._leaf("expired", key="ec", dates=("20200101000000Z", "20210101000000Z"))
        self._self_signed()
        self._staple("ec")

    def path(self, name):
        return self.folder / name

    def _key(self, name, kind):
        openssl("genpkey", *KEYS[kind], "-out", self.path(name + ".key"))

    def _sign(self, name, ca, subject, extensions, dates=None):
        """Issues NAME.pem for NAME.key; ca None means by itself. `openssl ca` sets any dates."""
        self._serial += 1
        text = self.path(name + ".cnf")
        text.write_text(
            "[ca]\ndefault_ca=d\n[d]\ndatabase=%s\nserial=%s\nnew_certs_dir=%s\nunique_subject=no\n"
            "policy=p\ndefault_md=sha256\nx509_extensions=x\n[p]\ncommonName=supplied\n"
            "[req]\ndistinguished_name=n\n[n]\n[x]\n%s"
            % (self.path(name + ".db"), self.path(name + ".srl"), self.folder, extensions))
        self.path(name + ".db").write_text("")
        self.path(name + ".srl").write_text("%x\n" % self._serial)
        openssl("req", "-new", "-config", text, "-key", self.path(name + ".key"),
                "-subj", "/CN=" + subject, "-out", self.path(name + ".csr"))
        issuer = (["-selfsign", "-keyfile", self.path(name + ".key")] if ca is None else
                  ["-cert", self.path(ca + ".pem"), "-keyfile", self.path(ca + ".key")])
        when = (["-days", "90"] if dates is None else
                ["-startdate", dates[0], "-enddate", dates[1]])
        openssl("ca", "-batch", "-notext", "-config", text, *issuer, *when,
                "-in", self.path(name + ".csr"), "-out", self.path(name + ".pem"))

    def _ca(self, name, ca, subject):
        self._key(name, "ec")
        self._sign(name, ca, subject, _CA)

    def _leaf(self, name, key=None, names=NAMES, dates=None):
        key = key or name
        self._key(name, key)
        usage = ",keyEncipherment" if key == "rsa" else ""
        self._sign(name, "inter", HOST, _LEAF % (usage, names), dates)
        self._bundle(name, [name, "inter"])

    def client(self, name, subject):
        """NAME.key and NAME.pem: a certificate for a client."""
        self._key(name, "ec")
        self._sign(name, "inter", subject, _LEAF.replace("serverAuth", "clientAuth")
                   % ("", "email:%s@lab.test" % subject))

    def _self_signed(self):
        self._key("self", "ec")
        self._sign("self", None, HOST, _LEAF.replace("authorityKeyIdentifier=keyid\n", "")
                   % ("", NAMES))
        self._bundle("self", ["self"])

    def _bundle(self, name, parts):
        chain = "".join(self.path(p + ".pem").read_text() for p in parts)
        self.path(name + ".chain.pem").write_text(chain)
        self.path(name + ".all.pem").write_text(self.path(name + ".key").read_text() + chain)

    def _staple(self, name):
        """NAME.ocsp: a good OCSP answer for NAME.pem, signed by the intermediate."""
        serial = openssl("x509", "-in", self.path(name + ".pem"), "-noout", "-serial")
        number = serial.decode().strip().split("=")[1]
        self.path("index").write_text("V\t351231235959Z\t\t%s\tunknown\t/CN=%s\n" % (number, HOST))
        openssl("ocsp", "-index", self.path("index"), "-CA", self.path("inter.pem"),
                "-rsigner", self.path("inter.pem"), "-rkey", self.path("inter.key"),
                "-issuer", self.path("inter.pem"), "-cert", self.path(name + ".pem"),
                "-ndays", "5", "-respout", self.path(name + ".ocsp"))
