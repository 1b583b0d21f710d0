/* SPDX-License-Identifier: Apache-2.0 */
/* know/tls_alert - alert numbers and what they say
 *
 * The registry of RFC 8446 section 6 with the older alerts of SSL 3 and TLS 1.0 to 1.2 that servers
 * still send. The meaning is what the sender claims; why it came to say so is diagnose's business.
 */
#include "know/tls_alert.h"

/* clang-format off */
static const struct know_tls_alert alerts[] = {
    {0, "close_notify", "the sender will send nothing more on this connection"},
    {10, "unexpected_message", "a message came that does not belong at this point"},
    {20, "bad_record_mac", "a record could not be decrypted or its checksum was wrong"},
    {21, "decryption_failed", "a record could not be decrypted (TLS 1.0 only)"},
    {22, "record_overflow", "a record was longer than the protocol allows"},
    {30, "decompression_failure", "a record could not be decompressed"},
    {40, "handshake_failure", "no acceptable set of security parameters could be found"},
    {41, "no_certificate", "the sender has no certificate (SSL 3 only)"},
    {42, "bad_certificate", "a certificate was corrupt or its signature did not verify"},
    {43, "unsupported_certificate", "a certificate was of a type the sender does not support"},
    {44, "certificate_revoked", "a certificate was revoked by its signer"},
    {45, "certificate_expired", "a certificate has expired or is not valid now"},
    {46, "certificate_unknown", "something else made the certificate unacceptable"},
    {47, "illegal_parameter", "a field was out of range or contradicted another field"},
    {48, "unknown_ca", "the chain leads to no authority that the sender trusts"},
    {49, "access_denied", "the certificate is valid, but the sender decided not to proceed"},
    {50, "decode_error", "a message could not be decoded: a field or the length is wrong"},
    {51, "decrypt_error", "a cryptographic check of the handshake failed"},
    {60, "export_restriction", "a negotiation that broke export rules (TLS 1.0 only)"},
    {70, "protocol_version", "the protocol version offered is known but not supported"},
    {71, "insufficient_security", "the sender requires stronger parameters than were offered"},
    {80, "internal_error", "an error that has nothing to do with the peer or the protocol"},
    {86, "inappropriate_fallback", "a retry with an older version although a newer one is supported"},
    {90, "user_canceled", "the sender cancels the handshake for a reason outside the protocol"},
    {100, "no_renegotiation", "the sender does not renegotiate"},
    {109, "missing_extension", "a message lacked an extension that it must carry"},
    {110, "unsupported_extension", "an extension came that was not asked for"},
    {111, "certificate_unobtainable", "a certificate could not be fetched from the given URL"},
    {112, "unrecognized_name", "no server is known under the name that was asked for"},
    {113, "bad_certificate_status_response", "the OCSP response that was stapled is not acceptable"},
    {114, "bad_certificate_hash_value", "a certificate hash does not match"},
    {115, "unknown_psk_identity", "no acceptable pre-shared key identity was offered"},
    {116, "certificate_required", "a client certificate is needed and none was given"},
    {120, "no_application_protocol", "none of the application protocols offered is supported"},
    {121, "ech_required", "encrypted client hello is needed and was not used"},
};
/* clang-format on */

const struct know_tls_alert *know_tls_alerts(size_t *count) {
    *count = sizeof(alerts) / sizeof(alerts[0]);
    return alerts;
}

const struct know_tls_alert *know_tls_alert_find(int id) {
    for (size_t i = 0; i < sizeof(alerts) / sizeof(alerts[0]); i++)
        if (alerts[i].id == id)
            return &alerts[i];
    return NULL;
}

const char *know_tls_alert_name(int id) {
    const struct know_tls_alert *a = know_tls_alert_find(id);
    if (id < 0)
        return "";
    return a ? a->name : "unknown";
}
