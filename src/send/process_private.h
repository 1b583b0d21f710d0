/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_PROCESS_PRIVATE_H
#define WAXSEAL_SEND_PROCESS_PRIVATE_H

#include "send/mistake.h"
#include "send/process.h"

/* What the files of the resolution share. */
struct send_process {
    struct send_settings *s;
    struct base_arena *arena;
    const struct send_args *args;
    struct send_prompt *prompt;
    struct send_transcript transcript;
    enum send_exit exit; /* other than SEND_EXIT_OK: it is over */
};

/* Writes "*** ..." and sets the exit code. Always returns false. */
bool send_fail(struct send_process *p, enum send_exit code, const char *fmt, ...) WS_PRINTF(3, 4);

/* The same with a text of the table of mistakes and its exit code. */
bool send_wrong(struct send_process *p, enum send_mistake m, const char *a, const char *b,
                const char *c);
/* Writes such a text, and goes on. */
void send_remark(struct send_process *p, enum send_mistake m, const char *a);

/* The value of an option; NULL: not given. An empty one is asked for or refused as the table says;
 * after a failure it is NULL, with p->exit set. */
const char *send_value(struct send_process *p, enum send_option_id id);
/* The same for an entry of a list. */
const char *send_given_value(struct send_process *p, const struct send_given *g);
/* The value with "-", "@file" and "@@text" resolved. False: not given, or failed. */
bool send_value_bytes(struct send_process *p, enum send_option_id id, struct base_bytes *out);
bool send_content_bytes(struct send_process *p, enum send_option_id id, const char *value,
                        struct base_bytes *out);
bool send_has(const struct send_process *p, enum send_option_id id);

/* The stages, each NULL-safe after a failure: false ends the resolution. */
bool send_process_check(struct send_process *p);
bool send_process_output(struct send_process *p);
bool send_process_transport_kind(struct send_process *p);
bool send_process_protocol(struct send_process *p);
bool send_process_envelope(struct send_process *p);
bool send_process_route(struct send_process *p);
bool send_process_content(struct send_process *p);
bool send_process_tls(struct send_process *p);
bool send_process_port(struct send_process *p);
bool send_process_xclient(struct send_process *p);
bool send_process_proxy(struct send_process *p);
bool send_process_auth(struct send_process *p);
bool send_process_beyond(struct send_process *p);

/* A port number or the name of a service, as a number; false: an error was written. */
bool send_port_number(struct send_process *p, const char *port, const char **out);
/* "host", "host:port", "[host]:port", "host/port", a bare IPv6 address; *port is NULL if none. */
void send_host_split(struct base_arena *arena, const char *text, const char **host,
                     const char **port);

#endif
