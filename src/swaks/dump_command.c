/* SPDX-License-Identifier: Apache-2.0 */
/* dump_command - writes the options in force as a command line.
 *
 * In the order of the table. Options that stand in groups keep their own order. swaks shows the
 * first value of a list for each of its elements; called as swaks so do we, so that outputs can be
 * compared, else each value is shown.
 */
#include "swaks/dump.h"

#include <stdlib.h>
#include <string.h>

void swaks_dump_quoted(struct base_buf *out, const char *text) {
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
static const char *without_password(const struct swaks_settings *s, const char *url) {
    const char *host = strrchr(url, '@');
    const char *user = strstr(url, "://");
    const char *colon = host && user ? strchr(user + 3, ':') : NULL;
    if (!colon || colon > host)
        return url;
    return base_arena_printf(s->arena, "%.*s:%s%s", (int)(colon - url), url,
                             s->plan.auth.show.hide_password ? s->plan.auth.show.hide_password
                                                             : "PROVIDED_BUT_REMOVED",
                             host);
}

static const char *shown_value(const struct swaks_settings *s, const struct swaks_given *g,
                               bool for_body) {
    const struct swaks_option *o = swaks_option_at(g->option);
    if (g->option == SWAKS_OPT_SILENT)
        return silent_level(g->value);
    if (o->list && s->manner == SWAKS_MANNER_SWAKS)
        return swaks_args_value(s->args, g->option);
    bool hidden = for_body || s->plan.auth.show.hide_all;
    if (g->option == SWAKS_OPT_AUTH_PASSWORD && s->manner == SWAKS_MANNER_SWAKS && !hidden &&
        *g->value)
        return s->plan.auth.demand != SEND_NOT_WANTED ? s->plan.auth.who.password : "<>";
    if (o->secret && *g->value && hidden)
        return s->plan.auth.show.hide_password ? s->plan.auth.show.hide_password
                                               : "PROVIDED_BUT_REMOVED";
    if (g->option == SWAKS_OPT_VIA_PROXY && hidden)
        return without_password(s, g->value);
    return g->value;
}

static void put_option(const struct swaks_settings *s, const struct swaks_given *g, bool for_body,
                       struct base_buf *out) {
    size_t len;
    const char *name = swaks_option_name(g->option, &len);
    const char *value = shown_value(s, g, for_body);
    bool emptied =
        g->option == SWAKS_OPT_AUTH_PASSWORD && *g->value && (!*value || strcmp(value, "<>") == 0);
    base_buf_printf(out, " --%.*s", (int)len, name);
    if (emptied) {
        base_buf_append_str(out, " ''");
    } else if (*value) {
        base_buf_append_str(out, " ");
        swaks_dump_quoted(out, value);
    }
}

/* Options of the row's group, or of the row itself. */
static bool belongs(const struct swaks_given *g, enum swaks_option_id id) {
    enum swaks_group group = swaks_option_at(id)->group;
    if (group == SWAKS_GROUP_NONE)
        return g->option == id;
    return swaks_option_at(g->option)->group == group;
}

void swaks_dump_command(const struct swaks_settings *s, bool for_body, struct base_buf *out) {
    enum swaks_group last = SWAKS_GROUP_NONE;
    base_buf_append_str(out, s->program);
    for (int id = 0; id < SWAKS_OPT_COUNT; id++) {
        enum swaks_group group = swaks_option_at((enum swaks_option_id)id)->group;
        bool again = group != SWAKS_GROUP_NONE && (group == last || id > SWAKS_OPT_FIRST_OURS);
        last = group;
        for (size_t i = 0; !again && i < s->args->count; i++)
            if (belongs(&s->args->given[i], (enum swaks_option_id)id))
                put_option(s, &s->args->given[i], for_body, out);
    }
}
