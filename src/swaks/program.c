/* SPDX-License-Identifier: Apache-2.0 */
/* program - from the words of the command line to the exit code.
 *
 * Options are collected (layers) and resolved (process); then something is printed (--version,
 * --support, --help, --dump, --dump-mail) or the transaction runs (transport).
 *
 * Ownership: one arena holds all texts until the end.
 */
#include "swaks/program.h"

#include "base/file.h"
#include "send/transport.h"
#include "swaks/dump.h"
#include "swaks/manual.h"

#include <errno.h>
#include <string.h>

#define ARENA_MAX ((size_t)1 << 30)
#define OUTPUT_MAX ((size_t)1 << 30)
#define SWAKS_VERSION "20240103.0"

static int print(int fd, struct base_buf *text) {
    bool good = !text->failed && base_file_write(fd, base_buf_view(text));
    base_buf_release(text);
    return good ? SEND_EXIT_OK : SEND_EXIT_OPTION;
}

/* --- printing instead of sending --- */

static int print_version(const struct swaks_call *call, const char *version) {
    struct base_buf out;
    base_buf_init(&out, OUTPUT_MAX);
    if (call->manner == SWAKS_MANNER_SWAKS)
        base_buf_printf(&out, "swaks version %s\n\n        as done by ", version);
    base_buf_append_str(&out, "waxseal " WAXSEAL_VERSION "\n");
    return print(call->out, &out);
}

/* swaks lists Perl modules by what they give; scripts look for these lines, so they are all here:
 * everything is built in. waxseal send adds what swaks has not. */
static const char *const features[] = {
    "AUTH CRAM-MD5",
    "AUTH CRAM-SHA1",
    "AUTH DIGEST-MD5",
    "AUTH NTLM",
    "Basic AUTH",
    "Date Manipulation",
    "High Resolution Timing",
    "IPv4/v6 Socket Transport",
    "Legacy IPv4 Socket Transport",
    "Legacy IPv4/v6 Socket Transport",
    "Local Hostname Detection",
    "MX Routing",
    "Netrc Credentials",
    "Pipe Transport",
    "TLS",
    "UNIX Socket Transport",
};

static const char *const more[] = {
    "AUTH ANONYMOUS",
    "AUTH EXTERNAL",
    "AUTH OAUTHBEARER",
    "AUTH SCRAM-SHA-1, SCRAM-SHA-256, SCRAM-SHA-512 and -PLUS",
    "AUTH XOAUTH2",
    "Byte-exact messages (--message)",
    "MIME types by content (--attach-file)",
};

static void list_support(enum swaks_manner manner, struct base_buf *out) {
    for (size_t i = 0; i < sizeof features / sizeof *features; i++)
        base_buf_printf(out, "%s supported\n", features[i]);
    if (manner == SWAKS_MANNER_WAXSEAL)
        for (size_t i = 0; i < sizeof more / sizeof *more; i++)
            base_buf_printf(out, "%s supported\n", more[i]);
}

static int print_support(const struct swaks_call *call) {
    struct base_buf list, out;
    base_buf_init(&list, OUTPUT_MAX);
    base_buf_init(&out, OUTPUT_MAX);
    list_support(call->manner, &list);
    struct base_bytes rest = base_buf_view(&list);
    while (rest.len > 0) {
        size_t end = base_bytes_find(rest, '\n');
        base_buf_append_str(&out, "=== ");
        base_buf_append_bytes(&out, base_bytes_slice(rest, 0, end + 1));
        rest = base_bytes_slice(rest, end + 1, rest.len);
    }
    base_buf_release(&list);
    return print(call->out, &out);
}

/* Writes the message to the transcript's stream. */
static enum ws_err print_message(const struct swaks_settings *s, enum message_form form,
                                 struct base_error *e) {
    struct base_bytes piece = BASE_BYTES_EMPTY;
    enum ws_err err = message_start(s->plan.message, form, e);
    while (err == WS_OK && (err = message_next(s->plan.message, &piece, e)) == WS_OK &&
           piece.len > 0)
        if (!base_file_write(s->plan.output.out_fd, piece))
            return base_error_set(e, WS_IO, "the output could not be written: %s", strerror(errno));
    return err;
}

static void dump_support(const struct swaks_settings *s) {
    struct send_transcript t;
    struct base_buf list;
    base_buf_init(&list, OUTPUT_MAX);
    list_support(s->manner, &list);
    base_buf_truncate(&list, list.len - 1);
    send_transcript_init(&t, &s->plan.output);
    t.error_seen = s->error_seen;
    send_transcript_text(&t, SEND_LINE_INFO, false, base_buf_view(&list));
    send_transcript_release(&t);
    base_buf_release(&list);
}

#define BIT(section) (1u << SWAKS_SECTION_##section)

static int dump(const struct swaks_settings *s, struct base_error *e) {
    unsigned middle = s->dump & ~(BIT(SUPPORT) | BIT(DATA)) & ((1u << SWAKS_SECTION_COUNT) - 1);
    struct base_buf out;
    base_buf_init(&out, OUTPUT_MAX);
    if (s->dump & BIT(SUPPORT))
        dump_support(s);
    if (s->dump & BIT(SUPPORT) && s->dump & ~BIT(SUPPORT))
        base_buf_append_str(&out, "\n");
    swaks_dump_sections(s, middle, false, &out);
    if (s->dump & BIT(DATA))
        base_buf_printf(&out, "%sDATA Info:\n  data = <<.\n", middle ? "\n" : "");
    int code = print(s->plan.output.out_fd, &out);
    if (!(s->dump & BIT(DATA)) || code != SEND_EXIT_OK)
        return code;
    if (print_message(s, MESSAGE_FORM_DUMP, e) != WS_OK)
        return SEND_EXIT_OPTION;
    base_file_write(s->plan.output.out_fd, base_bytes_of_str("\n"));
    return SEND_EXIT_OK;
}

/* --- the message --- */

/* --dump-as-body: the body is known only now. */
static void fill_body(struct swaks_settings *s) {
    struct base_buf text;
    if (!s->message.body_is_dump)
        return;
    base_buf_init(&text, OUTPUT_MAX);
    bool hidden = !swaks_args_given(s->args, SWAKS_OPT_DUMP_AS_BODY_SHOWS_PASSWORD);
    swaks_dump_sections(s, swaks_dump_body_sections(s), hidden, &text);
    s->message.body = base_arena_bytes(s->arena, base_buf_view(&text));
    base_buf_release(&text);
}

static int complain(const struct swaks_settings *s, const char *text, int code) {
    struct send_transcript t;
    send_transcript_init(&t, &s->plan.output);
    send_transcript_error(&t, "%s", text);
    send_transcript_release(&t);
    return code;
}

static struct message *make_message(void *arg, unsigned sequence, struct base_error *e) {
    const struct swaks_settings *s = arg;
    struct message_input input = s->message;
    struct message *m = NULL;
    input.sequence = sequence;
    return message_new(&m, &input, e) == WS_OK ? m : NULL;
}

/* The message is made even when nothing of it may be sent: its mistakes are reported first. */
static int act(struct swaks_settings *s) {
    struct base_error e = {0};
    int code = SEND_EXIT_OK;
    fill_body(s);
    s->plan.make_message = make_message;
    s->plan.make_message_arg = s;
    if (message_new(&s->plan.message, &s->message, &e) != WS_OK)
        return complain(s, base_error_message(&e), SEND_EXIT_OPTION);
    if (s->dump_given)
        code = dump(s, &e);
    else if (s->dump_mail)
        code = print_message(s, MESSAGE_FORM_MAIL, &e) == WS_OK ? SEND_EXIT_OK : SEND_EXIT_OPTION;
    else if (!swaks_process_proxy_header(s, &e))
        code = SEND_EXIT_PROXY;
    else
        code = (int)send_transport_run(&s->plan);
    if (e.code != WS_OK)
        complain(s, base_error_message(&e), code);
    message_free(s->plan.message);
    return code;
}

/* --- the whole --- */

static int resolve_and_act(const struct swaks_call *call, struct base_arena *arena,
                           const struct swaks_args *args, const char *version) {
    struct swaks_prompt prompt;
    struct swaks_settings s = {.manner = call->manner,
                               .arena = arena,
                               .args = args,
                               .program = call->program,
                               .version = version,
                               .own_out = call->out,
                               .own_err = call->err};
    swaks_prompt_init(&prompt, arena, call->in, call->out);
    int code = (int)swaks_process(&s, &prompt);
    if (code == SEND_EXIT_OK)
        code = act(&s);
    swaks_prompt_release(&prompt);
    return code;
}

static int run(const struct swaks_call *call, struct base_arena *arena) {
    const char *version = call->version ? call->version : SWAKS_VERSION;
    struct base_buf complaints;
    struct swaks_args args;
    base_buf_init(&complaints, OUTPUT_MAX);
    swaks_args_init(&args, arena, call->manner);
    if (!swaks_layers_load(&call->sources, &args, &complaints)) {
        print(call->err, &complaints);
        return SEND_EXIT_OPTION;
    }
    base_buf_release(&complaints);
    if (swaks_args_given(&args, SWAKS_OPT_HELP))
        return swaks_manual_show(call->manner, call->out, call->paged);
    if (swaks_args_given(&args, SWAKS_OPT_VERSION))
        return print_version(call, version);
    if (swaks_args_given(&args, SWAKS_OPT_SUPPORT))
        return print_support(call);
    return resolve_and_act(call, arena, &args, version);
}

int swaks_run(const struct swaks_call *call) {
    struct base_arena arena;
    base_arena_init(&arena, ARENA_MAX);
    int code = run(call, &arena);
    base_arena_release(&arena);
    return code;
}
