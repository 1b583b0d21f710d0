/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_KNOW_TLS_ALERT_H
#define WAXSEAL_KNOW_TLS_ALERT_H

#include <stddef.h>
#include <stdint.h>

/* An alert a peer may send. */
struct know_tls_alert {
    uint8_t id;
    const char *name;    /* RFC 8446's spelling, "handshake_failure" */
    const char *meaning; /* what its sender says, one sentence without a full stop */
};

/* All rows, sorted by id. */
const struct know_tls_alert *know_tls_alerts(size_t *count);
/* NULL when there is no such alert. */
const struct know_tls_alert *know_tls_alert_find(int id);
/* "handshake_failure", "unknown" for a number without a row, "" for -1. */
const char *know_tls_alert_name(int id);

#endif
