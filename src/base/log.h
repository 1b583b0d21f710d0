/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_BASE_LOG_H
#define WAXSEAL_BASE_LOG_H

#include "base/bytes.h"
#include "base/error.h"

enum base_log_level {
    BASE_LOG_ERROR,
    BASE_LOG_WARN,
    BASE_LOG_INFO,  /* -v: one line per step */
    BASE_LOG_DEBUG, /* --debug: every state transition, every line in and out */
    BASE_LOG_BYTES, /* --debug-bytes: handshake bytes in hex */
};

/* Where messages go. Zero-initialised = silent. The line has control bytes already escaped. */
struct base_log {
    enum base_log_level level;
    void (*sink)(void *arg, enum base_log_level level, const char *line);
    void *arg;
};

/* `log` may be NULL. `who` names the connection or module ("mx.example.org[192.0.2.1]:25"). */
void base_log_line(const struct base_log *log, enum base_log_level level, const char *who,
                   const char *fmt, ...) WS_PRINTF(4, 5);
/* A line with bytes from the network behind a prefix such as "< "; escaped here. */
void base_log_bytes(const struct base_log *log, enum base_log_level level, const char *who,
                    const char *prefix, struct base_bytes b);
/* Hex dump, 16 bytes a line, at BASE_LOG_BYTES. */
void base_log_hex(const struct base_log *log, const char *who, const char *prefix,
                  struct base_bytes b);
bool base_log_wants(const struct base_log *log, enum base_log_level level);

#endif
