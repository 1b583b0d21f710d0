# SPDX-License-Identifier: Apache-2.0
"""The servers that take mail: Postfix, Exim and Dovecot, each with the mechanisms it has.

USER with PASSWORD may log in everywhere, at Dovecot the owner of every box, too. Mail for b000 ...
b999 at lab.test ends in a Maildir of that name below `mail` of the server that took it (at
lmtp.test: through Postfix to Dovecot).
"""

import base64
import hashlib
import hmac
import json
import os
import subprocess
import time
from pathlib import Path

from lab import unpacked
from lab.process import free_port
from lab.servers import POSTFIX_REST, install, make_queue, uid

USER, PASSWORD = "someone", "Sesam öffne =, dich"
NT_USER, NT_PASSWORD = "other", "Sesam oeffne dich"  # servers' NTLM knows ASCII only
BOXES = ["b%03d" % i for i in range(1000)]
KEY = b"a key that signs tokens, 32 byte"  # HMAC of the bearer tokens that Dovecot believes
HELO = "client.lab.test"

# ---- Dovecot: submission (relayed to Postfix), LMTP over TCP and a unix socket, SASL for Postfix

_DOVECOT = """base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
instance_name = send
protocols = lmtp submission
listen = 127.0.0.1
hostname = mx.lab.test
ssl = yes
ssl_cert = <{home}/rsa.chain.pem
ssl_key = <{home}/rsa.key
ssl_ca = <{home}/ca.pem
ssl_verify_client_cert = yes
ssl_require_crl = no
auth_ssl_username_from_cert = yes
auth_mechanisms = plain login cram-md5 digest-md5 scram-sha-1 scram-sha-256 xoauth2 \
 oauthbearer external anonymous
auth_failure_delay = 0
auth_anonymous_username = b000
auth_username_chars =
auth_realms = mx.lab.test
mail_location = maildir:{home}/mail/%n
mail_save_crlf = yes
haproxy_trusted_networks = 127.0.0.0/8
submission_relay_host = 127.0.0.1
submission_relay_port = {postfix}
submission_max_mail_size = 100M
default_internal_user = dovecot
default_login_user = dovenull
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {home}/oauth2
}}
passdb {{
  driver = passwd-file
  mechanisms = external
  args = username_format=%n {home}/certified
}}
passdb {{
  driver = passwd-file
  mechanisms = plain login cram-md5 digest-md5 scram-sha-1 scram-sha-256
  args = username_format=%n {home}/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%n {home}/users
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service auth {{
  inet_listener {{
    port = {ports[sasl]}
  }}
}}
service submission-login {{
  inet_listener submission {{
    port = {ports[submission]}
  }}
  inet_listener submissions {{
    port = {ports[submissions]}
    ssl = yes
  }}
  inet_listener behind {{
    port = {ports[submission-proxied]}
    haproxy = yes
  }}
}}
service lmtp {{
  unix_listener {home}/lmtp {{
    mode = 0666
  }}
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {ports[lmtp]}
  }}
}}
service stats {{
  chroot =
}}
"""

_OAUTH2 = """introspection_mode = local
local_validation_key_dict = fs:posix:prefix={home}/keys/
username_attribute = sub
"""


def token(user, key=KEY, lifetime=3600):
    """A JSON web token for this user."""
    def part(value):
        return base64.urlsafe_b64encode(value).rstrip(b"=")
    now = int(time.time())
    text = b".".join(part(json.dumps(v).encode()) for v in (
        {"typ": "JWT", "alg": "HS256"},
        {"sub": user, "iat": now - 60, "nbf": now - 60, "exp": now + lifetime}))
    return (text + b"." + part(hmac.new(key, text, hashlib.sha256).digest())).decode()


def start_dovecot(street, pki, ports, postfix):
    home, inside = street.home("dovecot")
    install(home, inside, pki, "rsa.chain.pem", "rsa.key")
    (home / "ca.pem").write_text(pki.path("inter.pem").read_text() + pki.root.read_text())
    for name in ("run", "state", "mail", "locked", "keys/default/HS256"):
        (home / name).mkdir(parents=True)
    os.chown(home / "mail", uid("vmail"), uid("vmail"))
    (home / "keys/default/HS256/default").write_bytes(base64.b64encode(KEY))
    (home / "oauth2").write_text(_OAUTH2.format(home=inside))
    (home / "certified").write_text("%s::::::: nopassword\n" % USER)
    line = "%s:{PLAIN}%s:%d:%d::%s:%s:%s\n"
    number = uid("vmail")
    home_of = inside + "/mail/"
    (home / "users").write_text(
        "".join(line % (name, PASSWORD, number, number, home_of + name, "", "")
                for name in (USER, *BOXES))
        + line % (NT_USER, NT_PASSWORD, number, number, home_of + NT_USER, "", "")
        + line % ("locked", PASSWORD, number, number, inside + "/locked", "",
                  "userdb_mail=maildir:%s/locked" % inside))
    (home / "dovecot.conf").write_text(_DOVECOT.format(home=inside, ports=ports, postfix=postfix))
    street.start("dovecot", ["/usr/sbin/dovecot", "-F", "-c", inside + "/dovecot.conf"],
                 ports.values(), home / "log", root="dovecot")
    return home


# ---- Postfix: into Maildirs by itself, or to Dovecot's LMTP; SASL by Dovecot or by Cyrus

_POSTFIX_MAIN = """compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.lab.test
mydestination =
mynetworks = 192.0.2.128/25
maillog_file = {home}/data/log
maillog_file_prefixes = /tmp
smtpd_peername_lookup = no
smtpd_tls_security_level = may
smtpd_tls_chain_files = {cert}
smtpd_sasl_security_options =
smtpd_sasl_tls_security_options =
smtpd_error_sleep_time = 0
smtpd_authorized_xclient_hosts = 127.0.0.0/8
smtpd_authorized_xforward_hosts = 127.0.0.0/8
cyrus_sasl_config_path = {home}/sasl
local_header_rewrite_clients =
message_size_limit = 120000000
mailbox_size_limit = 0
virtual_mailbox_limit = 0
virtual_mailbox_domains = lab.test
virtual_mailbox_base = {home}/mail
virtual_mailbox_maps = texthash:{home}/boxes
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{uid}
relay_domains = lmtp.test
relay_recipient_maps =
transport_maps = regexp:{home}/transports
alias_maps =
alias_database =
lmtp_destination_recipient_limit = 10
"""

_ONLY_KNOWN = " -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject"
_BY_DOVECOT = ("-o smtpd_sasl_auth_enable=yes -o smtpd_sasl_type=dovecot"
               " -o smtpd_sasl_path=inet:127.0.0.1:{sasl}" + _ONLY_KNOWN)
_BY_CYRUS = ("-o smtpd_sasl_auth_enable=yes -o smtpd_sasl_path=waxseal"
             " -o smtpd_sasl_local_domain=mx.lab.test" + _ONLY_KNOWN)
_POSTFIX = {
    "postfix": "",
    "postfix-dovecot": _BY_DOVECOT,
    "postfix-dovecot-s": _BY_DOVECOT + " -o smtpd_tls_wrappermode=yes",
    "postfix-cyrus": _BY_CYRUS,
    "postfix-cyrus-s": _BY_CYRUS + " -o smtpd_tls_wrappermode=yes",
    "postfix-proxied": "-o smtpd_upstream_proxy_protocol=haproxy",
}

_CYRUS = """pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: {home}/sasldb
mech_list: PLAIN LOGIN CRAM-MD5 DIGEST-MD5 NTLM SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-512 ANONYMOUS
"""


def _make_sasldb(home, inside):
    (home / "sasl").mkdir()
    (home / "sasl/waxseal.conf").write_text(_CYRUS.format(home=inside))
    for user, password in ((USER, PASSWORD), (NT_USER, NT_PASSWORD)):
        subprocess.run(["chroot", str(unpacked.root_of("postfix")), "/usr/sbin/saslpasswd2", "-p",
                        "-c", "-f", inside + "/sasldb", "-u", "mx.lab.test", user],
                       input=password.encode(), check=True, timeout=300, stdout=subprocess.DEVNULL,
                       stderr=subprocess.PIPE)
    os.chown(home / "sasldb", uid("postfix"), -1)


def start_postfix(street, pki, ports, lmtp, sasl):
    home, inside = street.home("postfix")
    (cert,) = install(home, inside, pki, "ec.all.pem")
    number = uid("vmail")
    (home / "main.cf").write_text(_POSTFIX_MAIN.format(home=inside, cert=cert, uid=number))
    boxes = [*BOXES, *("jörg-" + name for name in BOXES)]
    (home / "boxes").write_text("".join("%s@lab.test %s/\n" % (name, name) for name in boxes))
    (home / "transports").write_text("/@lmtp\\.test$/ lmtp:inet:127.0.0.1:%d\n" % lmtp)
    lines = ["127.0.0.1:%d inet n - n - - smtpd %s" % (port, _POSTFIX[name].format(sasl=sasl))
             for name, port in ports.items()]
    (home / "master.cf").write_text(
        "\n".join(lines) + "\n" + POSTFIX_REST + "virtual unix - n n - - virtual\n"
        "lmtp unix - - n - - lmtp\ntrace unix - - n - 0 bounce\ndefer unix - - n - 0 bounce\n")
    make_queue(home / "queue")
    (home / "data").mkdir()
    os.chown(home / "data", uid("postfix"), -1)
    (home / "mail").mkdir()
    os.chown(home / "mail", number, number)
    _make_sasldb(home, inside)
    street.start("postfix", ["/usr/lib/postfix/sbin/master", "-c", inside, "-d"], ports.values(),
                 street.folder / "postfix.log", root="postfix")
    return home


# ---- Exim (GnuTLS)

_EXIM = """primary_hostname = mx.lab.test
local_interfaces = 127.0.0.1
daemon_smtp_ports = {ports[exim]} : {ports[exim-auth]} : {ports[exim-auth-s]}
tls_on_connect_ports = {ports[exim-auth-s]}
tls_advertise_hosts = *
tls_certificate = {home}/rsa.chain.pem
tls_privatekey = {home}/rsa.key
tls_verify_certificates = {home}/ca.pem
tls_try_verify_hosts = *
hosts_proxy = 127.0.0.2
prdr_enable = true
chunking_advertise_hosts = *
smtputf8_advertise_hosts = *
accept_8bitmime = true
dsn_advertise_hosts = *
pipelining_connect_advertise_hosts = *
message_size_limit = 120M
spool_directory = {home}/spool
log_file_path = {home}/%slog
pid_file_path = {home}/pid
log_selector = +smtp_protocol_error +smtp_syntax_error +received_recipients
host_lookup =
rfc1413_hosts =
queue_only = false
never_users =
allow_utf8_domains = true
smtp_enforce_sync = true
acl_smtp_rcpt = recipient
acl_smtp_data_prdr = each
begin acl
recipient:
  deny condition = ${{if inlist{{$received_port}}{{{ports[exim-auth]}:{ports[exim-auth-s]}}}}}
       !authenticated = *
  accept local_parts = dsearch;{home}/boxes
  deny message = no such box
each:
  deny local_parts = b399
       message = not for me
  accept
begin routers
all:
  driver = accept
  local_parts = dsearch;{home}/boxes
  transport = box
begin transports
box:
  driver = appendfile
  directory = {home}/mail/$local_part_data
  create_directory
  maildir_format
  use_crlf
  user = Debian-exim
  group = Debian-exim
  message_prefix =
  message_suffix =
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and {{{{eq{{$auth2}}{{{user}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = <| Username: | Password:
  server_condition = ${{if and {{{{eq{{$auth1}}{{{user}}}}}{{eq{{$auth2}}{{{password}}}}}}}}}
  server_set_id = $auth1
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = ${{if eq{{$auth1}}{{{user}}}{{{password}}}fail}}
  server_set_id = $auth1
ntlm:
  driver = spa
  public_name = NTLM
  server_password = ${{if eq{{$auth1}}{{{nt_user}}}{{{nt_password}}}fail}}
  server_set_id = $auth1
external:
  driver = external
  public_name = EXTERNAL
  server_advertise_condition = ${{if eq{{$tls_in_certificate_verified}}{{1}}}}
  server_param2 = ${{certextract{{subj_altname,mail,>:}}{{$tls_in_peercert}}}}
  server_condition = ${{if inlisti{{$auth1@lab.test}}{{$auth2}}}}
  server_set_id = $auth1
"""


def start_exim(street, pki, ports):
    home, inside = street.home("exim")
    for path in install(home, inside, pki, "rsa.chain.pem", "rsa.key"):
        (home / path.rsplit("/", 1)[1]).chmod(0o644)  # Exim reads it as its own user
    (home / "ca.pem").write_text(pki.path("inter.pem").read_text() + pki.root.read_text())
    for name in ("spool", "mail", "boxes"):
        (home / name).mkdir()
        os.chown(home / name, uid("Debian-exim"), uid("Debian-exim"))
    for name in BOXES:
        (home / "boxes" / name).touch()
    os.chown(home, uid("Debian-exim"), -1)
    conf = home / "exim.conf"
    conf.write_text(_EXIM.format(ports=ports, home=inside, user=USER, password=PASSWORD,
                                 nt_user=NT_USER, nt_password=NT_PASSWORD))
    conf.chmod(0o644)
    street.start("exim", ["/usr/sbin/exim4", "-C", inside + "/exim.conf", "-bdf"], ports.values(),
                 street.folder / "exim.log", root="exim")
    return home


# ---- OpenSMTPD: without TLS, which is broken in Debian 12, so without AUTH; to Dovecot's LMTP

_OPENSMTPD = """queue ttl 1h
smtp max-message-size 100M
listen on 127.0.0.1 port {port} hostname mx.lab.test
action "keep" relay host "lmtp://127.0.0.1:{lmtp}"
match from any for domain "lab.test" action "keep"
"""


def start_opensmtpd(street, lmtp):
    """Returns its port. It has a root of its own, as there can be but one in a root."""
    unpacked.ensure(["opensmtpd-relay"])
    street.claim("opensmtpd-relay")
    home, inside = street.home("opensmtpd-relay")
    spool = unpacked.root_of("opensmtpd-relay") / "var/spool/smtpd"
    spool.mkdir(parents=True, exist_ok=True)
    spool.chmod(0o711)
    port = free_port()
    conf = home / "smtpd.conf"
    conf.write_text(_OPENSMTPD.format(port=port, lmtp=lmtp))
    conf.chmod(0o600)
    street.start("opensmtpd", ["/usr/sbin/smtpd", "-d", "-f", inside + "/smtpd.conf"], [port],
                 street.folder / "opensmtpd-relay.log", root="opensmtpd-relay")
    return port


# ---- the whole

class Servers:
    """Where they are: ports by name, and the folders that they deliver into."""

    NAMES = {"postfix": [*_POSTFIX],
             "exim": ["exim", "exim-auth", "exim-auth-s"],
             "dovecot": ["sasl", "submission", "submissions", "submission-proxied", "lmtp"]}

    def __init__(self, street, pki):
        unpacked.ensure([*self.NAMES])
        pki.client("client", USER)
        pki.client("stranger", "stranger")
        self.pki = pki
        self.street = street
        self.ports = {n: free_port() for names in self.NAMES.values() for n in names}
        mine = {server: {n: self.ports[n] for n in names} for server, names in self.NAMES.items()}
        self.homes = {
            "dovecot": start_dovecot(street, pki, mine["dovecot"], self.ports["postfix"]),
            "postfix": start_postfix(street, pki, mine["postfix"], self.ports["lmtp"],
                                     self.ports["sasl"]),
            "exim": start_exim(street, pki, mine["exim"]),
        }

    def log_of(self, server):
        logs = {"dovecot": "log", "postfix": "data/log", "exim": "mainlog"}
        try:
            return (self.homes[server] / logs[server]).read_text(errors="replace")
        except OSError:
            return ""

    def mail(self, server, box, count=1, seconds=120.0):
        """The messages in this box, as bytes, once there are `count`."""
        folder = Path(self.homes[server]) / "mail" / box / "new"
        deadline = time.monotonic() + seconds
        while True:
            found = sorted(folder.iterdir()) if folder.is_dir() else []
            if len(found) >= count or time.monotonic() > deadline:
                return [f.read_bytes() for f in found]
            time.sleep(0.02)
