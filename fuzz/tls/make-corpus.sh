#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes the seed corpora of the targets in this folder: certificates of many kinds as DER, and the
# first flights of `openssl s_server` on loopback. Run by hand when a kind is to be added; the result
# is committed, since keys are random and no two runs are alike.
#
# usage: make-corpus.sh [PORT]
set -eu
port=${1:-24433}
here=$(cd "$(dirname "$0")" && pwd)
certificates=$here/../corpus/pki_certificate
hellos=$here/../corpus/wire_server_hello
work=$(mktemp -d)
server=
trap 'test -z "$server" || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
mkdir -p "$certificates" "$hellos"
cd "$work"

# certificate NAME ALGORITHM OPTION... : one self-signed certificate
certificate() {
    name=$1
    shift
    openssl req -x509 -nodes -keyout key.pem -out cert.pem -days 30 "$@" 2>/dev/null
    openssl x509 -in cert.pem -outform DER -out "$certificates/$name.der"
}

ec='-newkey ec -pkeyopt ec_paramgen_curve:P-256'
# $ec is several words on purpose
# shellcheck disable=SC2086
{
    certificate ec $ec -subj '/C=XX/O=Example, "Inc."/CN=mx.example.org' \
        -addext 'subjectAltName=DNS:mx.example.org,DNS:*.example.org,IP:192.0.2.1,IP:2001:db8::1,email:a@example.org,URI:https://example.org/,otherName:1.2.3.4;UTF8:x,dirName:dir,RID:1.2.3' \
        -config /dev/stdin <<'CONF'
[req]
distinguished_name = dn
[dn]
[dir]
CN = directory name
CONF
    certificate rsa -newkey rsa:1024 -subj /CN=rsa -sha1
    certificate pss -newkey rsa-pss -pkeyopt rsa_keygen_bits:1024 -subj /CN=pss -sha256
    certificate ed25519 -newkey ed25519 -subj /CN=ed25519
    certificate ed448 -newkey ed448 -subj /CN=ed448
    certificate p521 -newkey ec -pkeyopt ec_paramgen_curve:P-521 -subj /CN=p521
    certificate explicit -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
        -pkeyopt ec_param_enc:explicit -subj /CN=explicit
    certificate utf8 $ec -utf8 -subj '/O=Müller ✉/CN=xn--mller-kva.example'
    certificate extensions $ec -subj /CN=extensions \
        -addext 'tlsfeature=status_request,status_request_v2' \
        -addext 'authorityInfoAccess=OCSP;URI:http://ocsp.example/,caIssuers;URI:http://ca.example/' \
        -addext 'extendedKeyUsage=serverAuth,clientAuth,1.2.3.4' \
        -addext 'keyUsage=critical,digitalSignature,keyEncipherment,keyCertSign' \
        -addext '1.3.6.1.4.1.11129.2.4.2=DER:04:0a:00:08:00:01:61:00:03:62:63:64' \
        -addext 'certificatePolicies=1.2.3.4' \
        -addext 'nameConstraints=permitted;DNS:example.org'
    certificate empty $ec -subj / -addext 'subjectAltName=critical,DNS:mx.example.org'
}
head -c 100 "$certificates/ec.der" >"$certificates/cut.der"
{ cat "$certificates/ec.der"; printf x; } >"$certificates/trailing.der"

# flight NAME SERVER-OPTIONS CLIENT-OPTIONS: what the server sends until the handshake ends
# shellcheck disable=SC2086
flight() {
    openssl s_server -accept "127.0.0.1:$port" -cert cert.pem -key key.pem -naccept 1 -quiet \
        $2 >/dev/null 2>&1 </dev/null &
    server=$!
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        # -msg prints the bytes of each message the client reads, in hex
        if openssl s_client -connect "127.0.0.1:$port" -msg $3 </dev/null >out 2>&1 ||
            grep -q ServerHello out; then break; fi
        sleep 0.1
    done
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    server=
    awk -v want="<<<" '
        /^(<<<|>>>)/ { on = ($1 == want && /Handshake|RecordHeader|Alert/) ; next }
        /^    ([0-9a-f][0-9a-f] )*[0-9a-f][0-9a-f] *$/ { if (on) print; next }
        { on = 0 }' out | tr -d ' \n' | xxd -r -p >"$hellos/$1"
}
# shellcheck disable=SC2086
{
    openssl req -x509 -nodes -newkey rsa:2048 -keyout key.pem -out cert.pem -days 30 -subj /CN=x 2>/dev/null
    flight tls13 '' ''
    flight tls13-retry '-groups P-384' ''
    flight tls12-ecdhe '-tls1_2' ''
    flight tls12-dhe '-tls1_2 -cipher DHE-RSA-AES128-GCM-SHA256' ''
    flight tls12-rsa '-tls1_2 -cipher AES128-SHA' ''
    flight tls10 '-tls1 -cipher ALL:@SECLEVEL=0' '-tls1 -cipher ALL:@SECLEVEL=0'
    flight refused '-tls1_3' '-tls1_2'
}
printf '\025\003\003\000\002\002\050' >"$hellos/alert"
printf '\200\056\004\000\000\000\002\000\000\000\000\000\020' >"$hellos/sslv2"
printf '454 4.7.0 TLS not available\r\n' >"$hellos/smtp"
printf 'HTTP/1.1 400 Bad Request\r\n\r\n' >"$hellos/http"
find "$hellos" -size 0 -delete
ls -l "$certificates" "$hellos"
