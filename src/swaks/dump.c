/* SPDX-License-Identifier: Apache-2.0 */
/* dump - what was understood, section by section.
 *
 * Names, order and columns are swaks', scripts read them. Where it prints addresses of its file
 * handles, a fixed one stands here.
 */
#include "swaks/dump.h"

#include "base/base64.h"

#include <string.h>

/* --- rows --- */

/* Prints rows of one section with its names padded. */
struct table {
    struct base_buf *out;
    int width;
};

static void row(const struct table *t, const char *name, const char *value) {
    base_buf_printf(t->out, "  %-*s = %s\n", t->width, name, value ? value : "");
}

static void row_bool(const struct table *t, const char *name, bool value) {
    row(t, name, value ? "TRUE" : "FALSE");
}

static void row_number(const struct table *t, const char *name, unsigned value) {
    base_buf_printf(t->out, "  %-*s = %u\n", t->width, name, value);
}

static void row_quoted(const struct table *t, const char *name, const char *value) {
    base_buf_printf(t->out, "  %-*s = '%s'\n", t->width, name, value);
}

static void join(struct base_buf *out, const struct swaks_texts *list) {
    for (size_t i = 0; i < list->count; i++)
        base_buf_printf(out, "%s%s", i ? ", " : "", list->items[i]);
}

static void row_list(const struct table *t, const char *name, const struct swaks_texts *list) {
    base_buf_printf(t->out, "  %-*s = ", t->width, name);
    join(t->out, list);
    base_buf_append_str(t->out, "\n");
}

/* --- sections --- */

static void dump_app(const struct swaks_settings *s, bool for_body, struct base_buf *out) {
    base_buf_append_str(out, "App Info:\n");
    if (s->manner == SWAKS_MANNER_SWAKS)
        base_buf_printf(out, "  X-Mailer = swaks v%s jetmore.org/john/code/swaks/\n", s->version);
    else
        base_buf_append_str(out, "  X-Mailer = waxseal " WAXSEAL_VERSION "\n");
    base_buf_append_str(out, "  Cmd Line = ");
    swaks_dump_command(s, for_body, out);
    base_buf_append_str(out, "\n");
}

static void row_stream(const struct swaks_settings *s, const struct table *t, const char *name,
                       const char *value) {
    if (s->manner == SWAKS_MANNER_SWAKS)
        base_buf_printf(t->out, "  %-*s = %s (GLOB(0x1),GLOB(0x1))\n", t->width, name, value);
    else
        row(t, name, value);
}

static void dump_output(const struct swaks_settings *s, bool for_body, struct base_buf *out) {
    static const char *const lapses[] = {"FALSE", "TRUE (hires)", "TRUE (integer)"};
    const struct send_output *o = &s->plan.output;
    const struct table t = {out, 18};
    (void)for_body;
    base_buf_append_str(out, "Output Info:\n");
    row(&t, "show_time_lapse", lapses[o->lapse]);
    row_bool(&t, "show_raw_text", o->raw);
    row_bool(&t, "suppress_data", o->suppress_data);
    row_bool(&t, "protect_prompt", s->protect_prompt);
    row_bool(&t, "no_hints_send", o->no_send_hints);
    row_bool(&t, "no_hints_recv", o->no_receive_hints);
    row_bool(&t, "no_hints_info", o->no_info_hints);
    row_number(&t, "silent", (unsigned)o->silence);
    row_bool(&t, "dump_mail", s->dump_mail);
    row_bool(&t, "hide_send", o->hide_send);
    row_bool(&t, "hide_receive", o->hide_receive);
    row_bool(&t, "hide_informational", o->hide_informational);
    row_bool(&t, "hide_all", o->hide_all);
    row_stream(s, &t, "trans_fh_of", s->out_name);
    row_stream(s, &t, "trans_fh_ef", s->err_name);
}

static void dump_transport(const struct swaks_settings *s, bool for_body, struct base_buf *out) {
    static const char *const families[] = {"any", "4", "6"};
    const struct send_target *target = &s->plan.target;
    const struct table t = {out, 15};
    (void)for_body;
    base_buf_append_str(out, "Transport Info:\n");
    if (target->transport == SEND_UNIX) {
        row(&t, "type", "socket-unix");
        row(&t, "sockfile", target->socket_path);
    } else if (target->transport == SEND_PIPE) {
        row(&t, "type", "pipe");
        row(&t, "process", target->command);
    } else {
        row(&t, "type", "socket-inet");
        row(&t, "inet protocol", families[target->family]);
        row(&t, "server", target->server);
        row(&t, "port", target->port);
        row(&t, "local interface", target->local_interface);
        row(&t, "local port", target->local_port);
        row(&t, "copy routing", s->copy_routing ? s->copy_routing : "FALSE");
    }
}

static void dump_protocol(const struct swaks_settings *s, bool for_body, struct base_buf *out) {
    const struct table t = {out, 15};
    (void)for_body;
    base_buf_append_str(out, "Protocol Info:\n");
    row(&t, "protocol", s->protocol);
    row(&t, "helo", s->plan.helo);
    row(&t, "from", s->plan.from);
    row(&t, "to", s->all_recipients);
    row_bool(&t, "force getpwuid", s->force_getpwuid);
    row(&t, "quit after", s->quit_after);
    row(&t, "drop after", s->drop_after);
    row(&t, "drop after send", s->drop_after_send);
    row_bool(&t, "server_only", s->server_only);
    row(&t, "timeout", s->timeout);
    row_bool(&t, "pipeline", s->plan.pipeline);
    row_bool(&t, "prdr", s->plan.prdr);
}

static const char *demand_name(enum send_demand demand) {
    static const char *const names[] = {"no", "required", "optional", "optional-strict"};
    return names[demand];
}

static void dump_xclient(const struct swaks_settings *s, bool for_body, struct base_buf *out) {
    const struct send_xclient *x = &s->plan.xclient;
    const struct table t = {out, 15};
    (void)for_body;
    base_buf_append_str(out, "XCLIENT Info:\n");
    if (x->demand == SEND_NOT_WANTED) {
        base_buf_append_str(out, "  xclient = no\n");
        return;
    }
    row(&t, "xclient", demand_name(x->demand));
    row_bool(&t, "no_verify", x->no_verify);
    row_bool(&t, "before starttls", x->before_starttls);
    for (size_t i = 0; i < x->group_count; i++)
        base_buf_printf(out, "%sXCLIENT %s\n", i ? "                    " : "  strings         = ",
                        x->groups[i].arguments);
}

static void dump_proxy(const struct swaks_settings *s, bool for_body, struct base_buf *out) {
    const struct table t = {out, 11};
    (void)for_body;
    base_buf_append_str(out, "PROXY Info:\n");
    if (!s->proxy_wanted) {
        base_buf_append_str(out, "  proxy = no\n");
        return;
    }
    row(&t, "proxy", "yes");
    row_number(&t, "version", s->proxy_version);
    if (s->proxy_raw.len > 0) {
        base_buf_append_str(out, "  raw string  = ");
        if (s->proxy_version == 2)
            base_base64_encode(out, s->proxy_raw);
        else
            base_buf_append_bytes(out, s->proxy_raw);
        base_buf_append_str(out, "\n");
        return;
    }
    row(&t, "family", s->proxy.family);
    row(&t, "source", s->proxy.source);
    row(&t, "source port", s->proxy.source_port);
    row(&t, "dest", s->proxy.dest);
    row(&t, "dest port", s->proxy.dest_port);
    row(&t, "protocol", s->proxy.protocol);
    row(&t, "command", s->proxy.command);
}

static void dump_tls(const struct swaks_settings *s, bool for_body, struct base_buf *out) {
    const struct send_tls *tls = &s->plan.tls;
    const struct table t = {out, 19};
    (void)for_body;
    base_buf_append_str(out, "TLS / Encryption Info:\n");
    if (tls->demand == SEND_NOT_WANTED) {
        base_buf_append_str(out, "  tls = no\n");
        return;
    }
    base_buf_printf(out, "  %-*s = starttls%s (%s)\n", t.width, "tls",
                    tls->on_connect ? " on connect" : "", demand_name(tls->demand));
    row(&t, "peer cert", s->tls_peer_cert);
    row(&t, "peer chain", s->tls_peer_chain);
    row(&t, "local cert", s->tls_certificate);
    row(&t, "local key", s->tls_key);
    row(&t, "local chain", s->tls_chain);
    row(&t, "local cipher list", s->tls_cipher);
    row(&t, "ca path", s->tls_ca_path);
    row(&t, "sni string", s->tls_sni);
    row(&t, "verify server cert",
        tls->verify_ca && tls->verify_host ? "CA, HOST"
        : tls->verify_ca                   ? "CA"
        : tls->verify_host                 ? "HOST"
                                           : "FALSE");
    row(&t, "verify target host", s->tls_verify_target);
    row(&t, "available protocols", "TLSv1, TLSv1_1, TLSv1_2, TLSv1_3");
    row_list(&t, "requested protocols", &s->tls_protocols);
}

static void dump_auth_map(const struct swaks_settings *s, struct base_buf *out) {
    for (size_t i = 0; i < s->auth_row_count; i++) {
        base_buf_append_str(out, i ? "                   " : "  type map       = ");
        base_buf_printf(out, "%s = ", s->auth_rows[i].type);
        join(out, &s->auth_rows[i].aliases);
        base_buf_append_str(out, "\n");
    }
}

static void dump_auth(const struct swaks_settings *s, bool for_body, struct base_buf *out) {
    const struct send_auth *a = &s->plan.auth;
    const struct table t = {out, 14};
    base_buf_append_str(out, "Authentication Info:\n");
    if (a->demand == SEND_NOT_WANTED) {
        base_buf_append_str(out, "  auth = no\n");
        return;
    }
    const char *hidden = a->show.hide_password ? a->show.hide_password : "PROVIDED_BUT_REMOVED";
    row(&t, "auth", demand_name(a->demand));
    row_quoted(&t, "username", a->who.user);
    base_buf_append_str(out, "  password       = ");
    swaks_dump_quoted(out, for_body || a->show.hide_all ? hidden : a->who.password);
    base_buf_append_str(out, "\n");
    row_bool(&t, "show plaintext", a->show.plaintext);
    row(&t, "hide password", a->show.hide_password ? a->show.hide_password : "FALSE");
    row_list(&t, "allowed types", &s->auth_allowed);
    row_list(&t, "extras", &s->auth_extras);
    dump_auth_map(s, out);
}

/* --- the whole --- */

static const struct section_row {
    const char *name;
    void (*dump)(const struct swaks_settings *s, bool for_body, struct base_buf *out);
} sections[SWAKS_SECTION_COUNT] = {
    [SWAKS_SECTION_SUPPORT] = {"SUPPORT", NULL},
    [SWAKS_SECTION_APP] = {"APP", dump_app},
    [SWAKS_SECTION_OUTPUT] = {"OUTPUT", dump_output},
    [SWAKS_SECTION_TRANSPORT] = {"TRANSPORT", dump_transport},
    [SWAKS_SECTION_PROTOCOL] = {"PROTOCOL", dump_protocol},
    [SWAKS_SECTION_XCLIENT] = {"XCLIENT", dump_xclient},
    [SWAKS_SECTION_PROXY] = {"PROXY", dump_proxy},
    [SWAKS_SECTION_TLS] = {"TLS", dump_tls},
    [SWAKS_SECTION_AUTH] = {"AUTH", dump_auth},
    [SWAKS_SECTION_DATA] = {"DATA", NULL},
};

void swaks_dump_sections(const struct swaks_settings *s, unsigned wanted, bool for_body,
                         struct base_buf *out) {
    bool first = true;
    for (unsigned i = 0; i < SWAKS_SECTION_COUNT; i++) {
        if (!(wanted & 1u << i) || !sections[i].dump)
            continue;
        if (!first)
            base_buf_append_str(out, "\n");
        first = false;
        sections[i].dump(s, for_body, out);
    }
}

unsigned swaks_dump_parse(struct base_arena *arena, const char *list) {
    struct swaks_texts words = {0};
    unsigned wanted = 0;
    swaks_texts_split(&words, arena, list);
    if (words.count == 0)
        return ~0u;
    for (size_t i = 0; i < words.count; i++) {
        const char *word = swaks_text_upper(arena, words.items[i]);
        for (unsigned k = 0; k < SWAKS_SECTION_COUNT; k++)
            if (strcmp(word, "ALL") == 0 || strcmp(word, sections[k].name) == 0)
                wanted |= 1u << k;
    }
    return wanted;
}

unsigned swaks_dump_body_sections(const struct swaks_settings *s) {
    const char *list = swaks_args_value(s->args, SWAKS_OPT_DUMP_AS_BODY);
    return swaks_dump_parse(s->arena, list ? list : "");
}
