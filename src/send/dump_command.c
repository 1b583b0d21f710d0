/* SPDX-License-Identifier: Apache-2.0 */
/* send_dump_command - writes the options in force as a command line.
 *
 * In the order of the table. Options that stand in groups keep their own order. swaks shows the
 * first value of a list for each of its elements; called as swaks so do we, so that outputs can be
 * compared, else each value is shown.
 */
#include "send/dump.h"

#include <stdlib.h>
#include <string.h>

void send_dump_quoted(struct base_buf *out, const char *text) {
    base_buf_append_str(out, "'");
    for (; *text; text++) {
        if (*text == '\'')
            base_buf_append_str(out, "'\\''");
        else
            base_buf_append_byte(out, (uint8_t)*text);
    }
    base_buf_append_str(out, "'");
}

/* The level that is meant, whatever was typed. */
static const char *silent_level(const char *typed) {
    long n = strtol(typed, NULL, 10);
    return n == 2 ? "2" : n == 3 ? "3" : "1";
}

/* A URL without its password: "socks5://user:...@host:port". */
static const char *without_password(const struct send_settings *s, const char *url) {
    const char *host = strrchr(url, '@');
    const char *user = strstr(url, "://");
    const char *colon = host && user ? strchr(user + 3, ':') : NULL;
    if (!colon || colon > host)
        return url;
    return base_arena_printf(
        s->arena, "%.*s:%s%s", (int)(colon - url), url,
        s->plan.auth.hide_password ? s->plan.auth.hide_password : "PROVIDED_BUT_REMOVED", host);
}

static const char *shown_value(const struct send_settings *s, const struct send_given *g,
                               bool for_body) {
    const struct send_option *o = send_option_at(g->option);
    if (g->option == SEND_OPT_SILENT)
        return silent_level(g->value);
    if (o->list && s->manner == SEND_AS_SWAKS)
        return send_args_value(s->args, g->option);
    bool hidden = for_body || s->plan.auth.hide_all;
    if (g->option == SEND_OPT_AUTH_PASSWORD && s->manner == SEND_AS_SWAKS && !hidden && *g->value)
        return s->plan.auth.demand != SEND_NOT_WANTED ? s->plan.auth.password : "<>";
    if (o->secret && *g->value && hidden)
        return s->plan.auth.hide_password ? s->plan.auth.hide_password : "PROVIDED_BUT_REMOVED";
    if (g->option == SEND_OPT_VIA_PROXY && hidden)
        return without_password(s, g->value);
    return g->value;
}

static void put_option(const struct send_settings *s, const struct send_given *g, bool for_body,
                       struct base_buf *out) {
    size_t len;
    const char *name = send_option_name(g->option, &len);
    const char *value = shown_value(s, g, for_body);
    bool emptied =
        g->option == SEND_OPT_AUTH_PASSWORD && *g->value && (!*value || strcmp(value, "<>") == 0);
    base_buf_printf(out, " --%.*s", (int)len, name);
    if (emptied) {
        base_buf_append_str(out, " ''");
    } else if (*value) {
        base_buf_append_str(out, " ");
        send_dump_quoted(out, value);
    }
}

/* Options of the row's group, or of the row itself. */
static bool belongs(const struct send_given *g, enum send_option_id id) {
    enum send_group group = send_option_at(id)->group;
    if (group == SEND_GROUP_NONE)
        return g->option == id;
    return send_option_at(g->option)->group == group;
}

void send_dump_command(const struct send_settings *s, bool for_body, struct base_buf *out) {
    enum send_group last = SEND_GROUP_NONE;
    base_buf_append_str(out, s->program);
    for (int id = 0; id < SEND_OPT_COUNT; id++) {
        enum send_group group = send_option_at((enum send_option_id)id)->group;
        bool again = group != SEND_GROUP_NONE && (group == last || id > SEND_OPT_FIRST_OURS);
        last = group;
        for (size_t i = 0; !again && i < s->args->count; i++)
            if (belongs(&s->args->given[i], (enum send_option_id)id))
                put_option(s, &s->args->given[i], for_body, out);
    }
}
