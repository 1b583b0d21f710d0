# SPDX-License-Identifier: Apache-2.0
"""The servers of the street: what each offers, and how it is started.

SERVERS lists them all with the services they offer, before anything is started, so that a server
that fails to come up fails the tests of all its services. A start function takes the street, the
PKI and a dict service name → port, and returns when all of these ports are open.
"""

import os
import shutil
from dataclasses import dataclass

from . import front, packages, unpacked
from .process import free_port


@dataclass(frozen=True)
class Service:
    name: str
    protocol: str = "smtp"
    implicit: bool = False
    versions: tuple = ("TLSv1.3",)  # what may be negotiated
    key: str = "ec"  # the key of pki.KEYS that it presents
    code: int = 0  # OpenSSL's verification code of that chain
    handshake: bool = True  # False: the handshake is bound to fail
    ehlo_tls: bool = True  # False: nothing sensible is said inside TLS
    findings: str = "any"  # errors and warnings: "none" for a healthy server, "some", "any"


@dataclass(frozen=True)
class Server:
    name: str
    start: object
    services: tuple
    unpacked: tuple = ()


def install(home, inside, pki, *names):
    """Copies files of the PKI into a server's folder; returns their paths as the server sees them
    (its keys readable by it alone)."""
    paths = []
    for name in names:
        shutil.copyfile(pki.path(name), home / name)
        (home / name).chmod(0o600 if name.endswith((".key", ".all.pem")) else 0o644)
        paths.append(inside + "/" + name)
    return paths


def uid(user):
    return packages.FIRST_UID + packages.USERS.index(user)


# ---- Postfix

_POSTFIX_MAIN = """compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.lab.test
mydestination = lab.test
mynetworks = 127.0.0.0/8
maillog_file = {home}/data/log
maillog_file_prefixes = /tmp
smtpd_peername_lookup = no
smtpd_tls_security_level = may
smtpd_tls_chain_files = {cert}
smtpd_tls_loglevel = 1
alias_maps =
alias_database =
local_recipient_maps =
"""

_POSTFIX_OPTIONS = {
    "postfix": "",
    "postfix-wrapper": "-o smtpd_tls_wrappermode=yes",
    "postfix-tls13": "-o smtpd_tls_security_level=encrypt"
                     " -o smtpd_tls_mandatory_protocols=>=TLSv1.3",
    "postfix-tls12": "-o smtpd_tls_protocols=TLSv1.2",
    "postfix-tls10": "-o smtpd_tls_protocols=TLSv1 -o smtpd_tls_ciphers=medium"
                     " -o tls_medium_cipherlist=ALL:@SECLEVEL=0",
    "postfix-rsa": "-o smtpd_tls_chain_files={rsa}",
}

POSTFIX_REST = """tlsmgr unix - - n 1000? 1 tlsmgr
cleanup unix n - n - 0 cleanup
rewrite unix - - n - - trivial-rewrite
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
qmgr unix n - n 300 1 qmgr
bounce unix - - n - 0 bounce
error unix - - n - - error
discard unix - - n - - discard
"""


def make_queue(queue):
    """What `postfix check` would make; it is a shell script, and the root has no shell."""
    postfix, postdrop = uid("postfix"), uid("postdrop")
    queue.mkdir()
    for name in ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming",
                 "private", "saved", "trace"):
        (queue / name).mkdir(mode=0o700)
        os.chown(queue / name, postfix, -1)
    for name, mode in (("public", 0o710), ("maildrop", 0o730)):
        (queue / name).mkdir()
        os.chown(queue / name, postfix, postdrop)
        (queue / name).chmod(mode)
    (queue / "pid").mkdir()


def start_postfix(street, pki, ports, address="127.0.0.1", options=None):
    """Returns Postfix's configuration folder, as seen from here and as seen by Postfix. `options`:
    of each service in master.cf, when they are not the street's own."""
    home, inside = street.home("postfix")
    cert, rsa = install(home, inside, pki, "ec.all.pem", "rsa.all.pem")
    (home / "main.cf").write_text(_POSTFIX_MAIN.format(home=inside, cert=cert))
    lines = ["%s:%d inet n - n - - smtpd %s"
             % (address, port, (options or _POSTFIX_OPTIONS)[name].format(rsa=rsa))
             for name, port in ports.items()]
    (home / "master.cf").write_text("\n".join(lines) + "\n" + POSTFIX_REST)
    make_queue(home / "queue")
    (home / "data").mkdir()
    os.chown(home / "data", uid("postfix"), -1)
    log = street.folder / "postfix.log"
    street.start("postfix", ["/usr/lib/postfix/sbin/master", "-c", inside, "-d"], ports.values(),
                 log, root="postfix")
    return home, inside


# ---- Exim (GnuTLS)

_EXIM = """primary_hostname = mx.lab.test
local_interfaces = 127.0.0.1
daemon_smtp_ports = {ports[exim]} : {ports[exim-smtps]}
tls_on_connect_ports = {ports[exim-smtps]}
tls_advertise_hosts = *
tls_certificate = {home}/ec.chain.pem
tls_privatekey = {home}/ec.key
spool_directory = {home}/spool
log_file_path = {home}/%slog
pid_file_path = {home}/pid
host_lookup =
rfc1413_hosts =
acl_smtp_rcpt = everyone
begin acl
everyone:
  accept
begin routers
all:
  driver = accept
  transport = nowhere
begin transports
nowhere:
  driver = appendfile
  file = /dev/null
"""


def start_exim(street, pki, ports, replace=("", "")):
    """`replace`: a piece of the configuration, and what stands there instead."""
    home, inside = street.home("exim")
    for path in install(home, inside, pki, "ec.chain.pem", "ec.key"):
        (home / path.rsplit("/", 1)[1]).chmod(0o644)  # Exim reads it as its own user
    (home / "spool").mkdir()
    for path in (home, home / "spool"):
        os.chown(path, uid("Debian-exim"), -1)
    conf = home / "exim.conf"
    conf.write_text(_EXIM.replace(*replace, 1).format(ports=ports, home=inside))
    conf.chmod(0o644)
    street.start("exim", ["/usr/sbin/exim4", "-C", inside + "/exim.conf", "-bdf"], ports.values(),
                 street.folder / "exim.log", root="exim")


# ---- Dovecot

_DOVECOT = """base_dir = {home}/run
state_dir = {home}/state
log_path = /dev/stderr
instance_name = lab
protocols = imap pop3 lmtp sieve submission
listen = 127.0.0.1
hostname = mx.lab.test
ssl = yes
ssl_cert = <{home}/rsa.chain.pem
ssl_key = <{home}/rsa.key
ssl_min_protocol = TLSv1.2
mail_location = maildir:{home}/mail/%u
submission_relay_host = 127.0.0.1
submission_relay_port = 9
default_internal_user = dovecot
default_login_user = dovenull
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid=vmail gid=vmail home={home}/mail/%u
}}
service imap-login {{
  inet_listener imap {{
    port = {ports[dovecot-imap]}
  }}
  inet_listener imaps {{
    port = {ports[dovecot-imaps]}
  }}
}}
service pop3-login {{
  inet_listener pop3 {{
    port = {ports[dovecot-pop3]}
  }}
  inet_listener pop3s {{
    port = {ports[dovecot-pop3s]}
  }}
}}
service submission-login {{
  inet_listener submission {{
    port = {ports[dovecot-submission]}
  }}
}}
service managesieve-login {{
  inet_listener sieve {{
    port = {ports[dovecot-sieve]}
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {ports[dovecot-lmtp]}
  }}
}}
service stats {{
  chroot =
}}
"""


def start_dovecot(street, pki, ports):
    home, inside = street.home("dovecot")
    install(home, inside, pki, "rsa.chain.pem", "rsa.key")
    for name in ("run", "state", "mail"):
        (home / name).mkdir()
    (home / "dovecot.conf").write_text(_DOVECOT.format(home=inside, ports=ports))
    street.start("dovecot", ["/usr/sbin/dovecot", "-F", "-c", inside + "/dovecot.conf"],
                 ports.values(), street.folder / "dovecot.log", root="dovecot")


# ---- OpenSMTPD: its handshakes die under OpenSSL 3

_OPENSMTPD = """pki mx.lab.test cert "{home}/ec.chain.pem"
pki mx.lab.test key "{home}/ec.key"
queue ttl 1h
listen on 127.0.0.1 port {ports[opensmtpd]} tls pki mx.lab.test hostname mx.lab.test
listen on 127.0.0.1 port {ports[opensmtpd-smtps]} smtps pki mx.lab.test hostname mx.lab.test
action "d" relay host 127.0.0.1
match from any for any action "d"
"""


def start_opensmtpd(street, pki, ports, name="opensmtpd"):
    """`name`: of its root. In each there can be but one, as it has one control socket."""
    street.claim(name)
    home, inside = street.home(name)
    install(home, inside, pki, "ec.chain.pem", "ec.key")
    root = unpacked.root_of(name)
    spool = root / "var/spool/smtpd"
    spool.mkdir(parents=True, exist_ok=True)
    spool.chmod(0o711)
    conf = home / "smtpd.conf"
    conf.write_text(_OPENSMTPD.format(home=inside, ports=ports))
    conf.chmod(0o600)
    street.start("opensmtpd", ["/usr/sbin/smtpd", "-d", "-f", inside + "/smtpd.conf"],
                 ports.values(), street.folder / "opensmtpd.log", root=name)


# ---- stunnel: a TLS layer that speaks just enough SMTP; its EHLO reply comes in two segments

_STUNNEL = """foreground = yes
pid =
syslog = no
output = /dev/stderr
[stunnel]
accept = 127.0.0.1:{ports[stunnel]}
connect = 127.0.0.1:{sink}
protocol = smtp
cert = {home}/ec.all.pem
sslVersionMin = TLSv1.2
[stunnel-tls10]
accept = 127.0.0.1:{ports[stunnel-tls10]}
connect = 127.0.0.1:{sink}
protocol = smtp
cert = {home}/rsa.all.pem
sslVersionMax = TLSv1
sslVersionMin = TLSv1
ciphers = ALL:@SECLEVEL=0
"""


def start_stunnel(street, pki, ports):
    home, inside = street.home("stunnel")
    install(home, inside, pki, "ec.all.pem", "rsa.all.pem")
    sink = front.Sink()
    street.on_close(sink.close)
    (home / "stunnel.conf").write_text(_STUNNEL.format(home=inside, ports=ports, sink=sink.port))
    street.start("stunnel", ["/usr/bin/stunnel4", inside + "/stunnel.conf"], ports.values(),
                 street.folder / "stunnel.log", root="stunnel")


# ---- nodemailer's smtp-server

_NODE = """const fs = require('fs');
const {{ SMTPServer }} = require('smtp-server');
const tls = {{ key: fs.readFileSync('{key}'), cert: fs.readFileSync('{cert}'),
  name: 'mx.lab.test', authOptional: true, logger: false, closeTimeout: 1000,
  disableReverseLookup: true }};
new SMTPServer({{ ...tls }}).listen({ports[node]}, '127.0.0.1');
new SMTPServer({{ ...tls, secure: true }}).listen({ports[node-smtps]}, '127.0.0.1');
"""


def start_node(street, pki, ports):
    script = street.folder / "smtp-server.js"
    script.write_text(_NODE.format(key=pki.path("ec.key"), cert=pki.path("ec.chain.pem"),
                                   ports=ports))
    node = shutil.which("node", path=os.environ.get("PATH", "") + ":/usr/bin:/usr/local/bin")
    if node is None:
        raise RuntimeError("no program node on PATH")
    street.start("node", [node, script], ports.values(), street.folder / "node.log",
                 env={"NODE_PATH": str(unpacked.root_of("node") / "node_modules")})


# ---- openssl s_server behind a STARTTLS front, with an SMTP dialogue inside TLS

_S_SERVER = {
    "openssl-ec": ["ec"],
    "openssl-rsa": ["rsa"],
    "openssl-ed25519": ["ed25519", "-tls1_3"],
    "openssl-ec384": ["ec384", "-tls1_3", "-groups", "P-384"],
    "openssl-ec521": ["ec521", "-tls1_3", "-groups", "P-521"],
    "openssl-ed448": ["ed448", "-tls1_3"],
    "openssl-pss": ["pss", "-tls1_3"],
    "openssl-tls12-pss": ["pss", "-tls1_2"],
    "openssl-tls12-ed25519": ["ed25519", "-tls1_2", "-groups", "X25519"],
    "openssl-tls12-chacha": ["ec", "-tls1_2", "-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305"],
    "openssl-tls12-cbc": ["rsa", "-tls1_2", "-cipher", "ECDHE-RSA-AES256-SHA384"],
    "openssl-ticketless": ["ec", "-num_tickets", "0"],
    "openssl-asks": ["ec", "-verify", "1", "-CAfile", "{root}"],
    "openssl-tls12-asks": ["rsa", "-tls1_2", "-verify", "1", "-CAfile", "{root}"],
    "openssl-aes128": ["ec", "-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256"],
    "openssl-tls12-rsa": ["rsa", "-tls1_2"],
    "openssl-tls12-ec": ["ec", "-tls1_2", "-groups", "P-256"],
    "openssl-tls12-dhe": ["rsa", "-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256"],
    "openssl-tls12-static": ["rsa", "-tls1_2", "-cipher", "AES128-SHA256"],
    "openssl-tls11": ["rsa", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"],
    "openssl-chacha": ["ec", "-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"],
    "openssl-x448": ["ec", "-tls1_3", "-groups", "X448"],
    "openssl-expired": ["expired"],
    "openssl-self": ["self"],
    "openssl-wrongname": ["wrongname"],
    "openssl-incomplete": ["ec"],
    "openssl-staple": ["ec"],
}


def start_openssl(street, pki, ports):
    for name, port in ports.items():
        leaf, *options = _S_SERVER[name]
        options = [str(pki.root) if o == "{root}" else o for o in options]
        inner = free_port()
        # -cert_chain wants the certificates above the leaf; without it only the leaf is sent
        chain = [] if name in ("openssl-incomplete", "openssl-self") else [
            "-cert_chain", pki.path("inter.pem")]
        if name == "openssl-staple":
            options = [*options, "-status_file", pki.path("ec.ocsp")]
        log = street.folder / (name + ".log")
        process = street.start(
            name, ["openssl", "s_server", "-quiet", "-accept", "127.0.0.1:%d" % inner,
                   "-cert", pki.path(leaf + ".pem"), "-key", pki.path(leaf + ".key"),
                   *chain, *options],
            [inner], log, pipes=True, env={"OPENSSL_CONF": "/dev/null"})
        street.on_close(front.Front(port, inner, front.Talker(process)).close)


# ---- gnutls-serv behind the same front; inside TLS it echoes what it is told

_GNUTLS_SERV = {
    "gnutls": ["ec", "NORMAL"],
    "gnutls-tls12-rsa": ["rsa", "NORMAL:-VERS-ALL:+VERS-TLS1.2"],
    "gnutls-ed25519": ["ed25519", "NORMAL"],
    "gnutls-ec384": ["ec384", "NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:+GROUP-SECP384R1"],
    "gnutls-tls12-dhe": ["rsa", "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+DHE-RSA:-GROUP-ALL"
                         ":+GROUP-FFDHE3072"],
}


def start_gnutls(street, pki, ports):
    for name, port in ports.items():
        leaf, priorities = _GNUTLS_SERV[name]
        inner = free_port()
        street.start(name, ["gnutls-serv", "--echo", "--port", inner, "--priority", priorities,
                            "--x509certfile", pki.path(leaf + ".chain.pem"),
                            "--x509keyfile", pki.path(leaf + ".key")],
                     [inner], street.folder / (name + ".log"))
        street.on_close(front.Front(port, inner).close)


SERVERS = (
    Server("postfix", start_postfix, (
        Service("postfix", findings="none"),
        Service("postfix-wrapper", implicit=True, findings="none"),
        Service("postfix-tls13", findings="none"),
        Service("postfix-tls12", versions=("TLSv1.2",)),
        Service("postfix-tls10", versions=("TLSv1",), findings="some"),
        Service("postfix-rsa", key="rsa", findings="none"),
    ), ("postfix",)),
    Server("exim", start_exim, (
        Service("exim", findings="none"),
        Service("exim-smtps", implicit=True, findings="none"),
    ), ("exim",)),
    Server("dovecot", start_dovecot, (
        Service("dovecot-imap", protocol="imap", key="rsa"),
        Service("dovecot-imaps", protocol="imap", key="rsa", implicit=True),
        Service("dovecot-pop3", protocol="pop3", key="rsa"),
        Service("dovecot-pop3s", protocol="pop3", key="rsa", implicit=True),
        Service("dovecot-lmtp", protocol="lmtp", key="rsa"),
        Service("dovecot-sieve", protocol="sieve", key="rsa"),
        Service("dovecot-submission", key="rsa"),
    ), ("dovecot",)),
    Server("openssl", start_openssl, (
        Service("openssl-ec", findings="none"),
        Service("openssl-rsa", key="rsa", findings="none"),
        Service("openssl-ed25519", key="ed25519"),
        Service("openssl-ec384", key="ec384", findings="none"),
        Service("openssl-ec521", key="ec521"),
        Service("openssl-ed448", key="ed448"),
        Service("openssl-pss", key="pss"),
        Service("openssl-tls12-pss", key="pss", versions=("TLSv1.2",)),
        Service("openssl-tls12-ed25519", key="ed25519", versions=("TLSv1.2",)),
        Service("openssl-tls12-chacha", versions=("TLSv1.2",)),
        Service("openssl-tls12-cbc", key="rsa", versions=("TLSv1.2",)),
        Service("openssl-ticketless", findings="none"),
        Service("openssl-asks", findings="none"),
        Service("openssl-tls12-asks", key="rsa", versions=("TLSv1.2",)),
        Service("openssl-aes128", findings="none"),
        Service("openssl-tls12-rsa", key="rsa", versions=("TLSv1.2",)),
        Service("openssl-tls12-ec", versions=("TLSv1.2",)),
        Service("openssl-tls12-dhe", key="rsa", versions=("TLSv1.2",)),
        Service("openssl-tls12-static", key="rsa", versions=("TLSv1.2",)),
        Service("openssl-tls11", key="rsa", versions=("TLSv1.1",), findings="some"),
        Service("openssl-chacha", findings="none"),
        Service("openssl-x448", findings="none"),
        Service("openssl-expired", findings="some", code=10),
        Service("openssl-self", findings="some", code=18),
        Service("openssl-wrongname", findings="some", code=62),
        Service("openssl-incomplete", findings="some", code=21),
        Service("openssl-staple", findings="none"),
    )),
    Server("gnutls", start_gnutls, (
        Service("gnutls", ehlo_tls=False),
        Service("gnutls-tls12-rsa", key="rsa", versions=("TLSv1.2",), ehlo_tls=False),
        Service("gnutls-ed25519", key="ed25519", ehlo_tls=False),
        Service("gnutls-ec384", key="ec384", ehlo_tls=False),
        Service("gnutls-tls12-dhe", key="rsa", versions=("TLSv1.2",), ehlo_tls=False),
    )),
    Server("stunnel", start_stunnel, (
        Service("stunnel", findings="none"),
        Service("stunnel-tls10", key="rsa", versions=("TLSv1",), findings="some"),
    ), ("stunnel",)),
    Server("node", start_node, (
        Service("node", findings="some"),  # it offers AUTH before TLS
        Service("node-smtps", implicit=True, findings="none"),
    ), ("node",)),
    Server("opensmtpd", start_opensmtpd, (
        Service("opensmtpd", handshake=False),
        Service("opensmtpd-smtps", implicit=True, handshake=False),
    ), ("opensmtpd",)),
)
