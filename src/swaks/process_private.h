/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SWAKS_PROCESS_PRIVATE_H
#define WAXSEAL_SWAKS_PROCESS_PRIVATE_H

#include "swaks/mistake.h"
#include "swaks/process.h"

#define SWAKS_CONTENT_MAX ((size_t)256 << 20) /* of a file or input that is read whole */

/* What the files of the resolution share. */
struct swaks_process {
    struct swaks_settings *s;
    struct base_arena *arena;
    const struct swaks_args *args;
    struct swaks_prompt *prompt;
    struct send_transcript transcript;
    enum send_exit exit; /* other than SEND_EXIT_OK: it is over */
};

/* Writes "*** ..." and sets the exit code. Always returns false. */
bool swaks_fail(struct swaks_process *p, enum send_exit code, const char *fmt, ...) WS_PRINTF(3, 4);

/* The same with a text of the table of mistakes and its exit code. */
bool swaks_wrong(struct swaks_process *p, enum swaks_mistake m, const char *a, const char *b,
                 const char *c);
/* Writes such a text, and goes on. */
void swaks_remark(struct swaks_process *p, enum swaks_mistake m, const char *a);

/* The value of an option; NULL: not given. An empty one is asked for or refused as the table says;
 * after a failure it is NULL, with p->exit set. */
const char *swaks_value(struct swaks_process *p, enum swaks_option_id id);
/* The same for an entry of a list. */
const char *swaks_given_value(struct swaks_process *p, const struct swaks_given *g);
/* A value with "-", "@file" and "@@text" resolved. False: it failed. */
bool swaks_content_bytes(struct swaks_process *p, enum swaks_option_id id, const char *value,
                         struct base_bytes *out);
bool swaks_has(const struct swaks_process *p, enum swaks_option_id id);

/* The stages, each NULL-safe after a failure: false ends the resolution. */
bool swaks_process_check(struct swaks_process *p);
bool swaks_process_output(struct swaks_process *p);
bool swaks_process_transport_kind(struct swaks_process *p);
bool swaks_process_protocol(struct swaks_process *p);
bool swaks_process_envelope(struct swaks_process *p);
bool swaks_process_route(struct swaks_process *p);
bool swaks_process_content(struct swaks_process *p);
bool swaks_process_tls(struct swaks_process *p);
bool swaks_process_port(struct swaks_process *p);
bool swaks_process_xclient(struct swaks_process *p);
bool swaks_process_proxy(struct swaks_process *p);
bool swaks_process_auth(struct swaks_process *p);
bool swaks_process_beyond(struct swaks_process *p);

/* A port number or the name of a service, as a number; false: an error was written. */
bool swaks_port_number(struct swaks_process *p, const char *port, const char **out);
/* "host", "host:port", "[host]:port", "host/port", a bare IPv6 address; *port is NULL if none. */
void swaks_host_split(struct base_arena *arena, const char *text, const char **host,
                      const char **port);

/* --- netrc.c --- */

/* Finds an entry of a .netrc: the first for this machine (and this login, unless NULL), else
 * "default". False: there is none. What the entry does not have is NULL. */
bool swaks_netrc_find(struct base_arena *arena, struct base_bytes text, const char *machine,
                      const char *login, const char **found_login, const char **found_password);

/* --- process_check.c --- */

/* What is wrong with an address that is to stand between angle brackets; NULL: nothing. What would
 * break the command line that carries it; whether a server likes it is the server's affair. */
const char *swaks_address_fault(const char *address);

#endif
