/* SPDX-License-Identifier: Apache-2.0 */
/* process_relay - whom we speak for: XCLIENT and the PROXY protocol.
 */
#include "swaks/process_private.h"

#include "base/base64.h"
#include "swaks/xclient.h"

#include <string.h>

/* --- XCLIENT --- */

/* Values are asked for in the order of the table, wherever they stand. */
static const struct attribute_row {
    enum swaks_option_id option;
    const char *name;
} attributes[] = {
    {SWAKS_OPT_XCLIENT_ADDR, "ADDR"},
    {SWAKS_OPT_XCLIENT_NAME, "NAME"},
    {SWAKS_OPT_XCLIENT_PORT, "PORT"},
    {SWAKS_OPT_XCLIENT_PROTO, "PROTO"},
    {SWAKS_OPT_XCLIENT_DESTADDR, "DESTADDR"},
    {SWAKS_OPT_XCLIENT_DESTPORT, "DESTPORT"},
    {SWAKS_OPT_XCLIENT_HELO, "HELO"},
    {SWAKS_OPT_XCLIENT_LOGIN, "LOGIN"},
    {SWAKS_OPT_XCLIENT_REVERSE_NAME, "REVERSE_NAME"},
};

static const char *attribute_name(enum swaks_option_id id) {
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
        if (attributes[i].option == id)
            return attributes[i].name;
    return NULL;
}

static bool add_xclient(struct swaks_process *p, struct swaks_xclient_builder *b,
                        const struct swaks_given *g) {
    if (g->option == SWAKS_OPT_XCLIENT_DELIM) {
        swaks_xclient_delimit(b, p->arena);
        return true;
    }
    const char *value = swaks_given_value(p, g);
    if (!value)
        return false;
    if (g->option == SWAKS_OPT_XCLIENT)
        swaks_xclient_raw(b, p->arena, value);
    else
        swaks_xclient_attribute(b, p->arena, attribute_name(g->option), value);
    return true;
}

bool swaks_process_xclient(struct swaks_process *p) {
    struct send_xclient *x = &p->s->plan.xclient;
    struct swaks_xclient_builder builder = {0};
    for (size_t i = 0; i < p->args->count; i++) {
        const struct swaks_given *g = &p->args->given[i];
        if (swaks_option_at(g->option)->group == SWAKS_GROUP_XCLIENT &&
            !add_xclient(p, &builder, g))
            return false;
    }
    swaks_xclient_finish(&builder, p->arena, x);
    x->no_verify = swaks_has(p, SWAKS_OPT_XCLIENT_NO_VERIFY);
    x->before_starttls = swaks_has(p, SWAKS_OPT_XCLIENT_BEFORE_STARTTLS);
    if (x->group_count == 0)
        return true;
    x->demand = swaks_has(p, SWAKS_OPT_XCLIENT_OPTIONAL_STRICT) ? SEND_OPTIONAL_STRICT
                : swaks_has(p, SWAKS_OPT_XCLIENT_OPTIONAL)      ? SEND_OPTIONAL
                                                                : SEND_REQUIRED;
    return true;
}

/* --- PROXY --- */

#define V1_START "PROXY "
#define V2_START "\r\n\r\n\0\r\nQUIT\n"
#define V2_START_LEN 12

/* The attributes, in the order in which they are asked for. `needed`: without --proxy. */
static const struct proxy_row {
    enum swaks_option_id option;
    const char *name;
    bool needed;
} proxy_rows[] = {
    {SWAKS_OPT_PROXY_FAMILY, "family", true},
    {SWAKS_OPT_PROXY_SOURCE, "source", true},
    {SWAKS_OPT_PROXY_SOURCE_PORT, "source_port", true},
    {SWAKS_OPT_PROXY_DEST, "dest", true},
    {SWAKS_OPT_PROXY_DEST_PORT, "dest_port", true},
    {SWAKS_OPT_PROXY_PROTOCOL, "protocol", false},
    {SWAKS_OPT_PROXY_COMMAND, "command", false},
};
#define PROXY_COUNT (sizeof proxy_rows / sizeof *proxy_rows)

/* The bytes behind "base64:"; what is not of the alphabet is passed over. */
static struct base_bytes decode(struct swaks_process *p, struct base_bytes text) {
    struct base_buf clean, plain;
    base_buf_init(&clean, text.len + 4);
    base_buf_init(&plain, text.len + 4);
    for (size_t i = 0; i < text.len && text.data[i] != '='; i++)
        if (base_ascii_is_alnum(text.data[i]) || strchr("+/", text.data[i]))
            base_buf_append_byte(&clean, text.data[i]);
    while (clean.len % 4 != 0)
        base_buf_append_byte(&clean, '=');
    struct base_bytes out = BASE_BYTES_EMPTY;
    if (base_base64_decode(&plain, base_buf_view(&clean)))
        out = base_arena_bytes(p->arena, base_buf_view(&plain));
    base_buf_release(&clean);
    base_buf_release(&plain);
    return out;
}

static struct base_bytes chomp(struct base_bytes b) {
    if (b.len > 0 && b.data[b.len - 1] == '\n')
        b.len--;
    if (b.len > 0 && b.data[b.len - 1] == '\r')
        b.len--;
    return b;
}

static bool starts_with(struct base_bytes b, const char *s, size_t len) {
    return base_bytes_equal(base_bytes_slice(b, 0, len), base_bytes_view(s, len));
}

/* --proxy: base64 undone, without what both versions begin with. */
static bool choose_raw(struct swaks_process *p) {
    struct swaks_settings *s = p->s;
    struct base_bytes raw;
    const char *value = swaks_value(p, SWAKS_OPT_PROXY);
    if (!value || !swaks_content_bytes(p, SWAKS_OPT_PROXY, value, &raw))
        return p->exit == SEND_EXIT_OK;
    raw = chomp(raw);
    if (starts_with(raw, "base64:", 7))
        raw = decode(p, base_bytes_slice(raw, 7, raw.len));
    if (starts_with(raw, V1_START, strlen(V1_START)))
        raw = base_bytes_slice(raw, strlen(V1_START), raw.len);
    else if (starts_with(raw, V2_START, V2_START_LEN))
        raw = base_bytes_slice(raw, V2_START_LEN, raw.len);
    s->proxy_raw = raw;
    s->proxy_wanted = raw.len > 0;
    return true;
}

/* Asks for the version; whether it is one is checked later. */
static bool choose_version(struct swaks_process *p, const char **version) {
    *version = swaks_value(p, SWAKS_OPT_PROXY_VERSION);
    if (p->exit != SEND_EXIT_OK)
        return false;
    if (!*version)
        *version = "1";
    p->s->proxy_version = strcmp(*version + strspn(*version, " \t"), "2") == 0 ? 2 : 1;
    return true;
}

static bool check_version(struct swaks_process *p, const char *version) {
    if (swaks_prompt_accepts(SWAKS_ANSWER_1_OR_2, version + strspn(version, " \t")))
        return true;
    return swaks_wrong(p, SWAKS_MISTAKE_PROXY_VERSION, version, NULL, NULL);
}

static bool is_word(const char *const *words, const char *word) {
    for (; *words; words++)
        if (strcmp(*words, word) == 0)
            return true;
    return false;
}

static bool check_words(struct swaks_process *p) {
    static const char *const families[2][5] = {{"TCP4", "TCP6", NULL},
                                               {"AF_UNSPEC", "AF_INET", "AF_INET6", "AF_UNIX"}};
    static const char *const transports[] = {"UNSPEC", "STREAM", "DGRAM", NULL};
    static const char *const commands[] = {"LOCAL", "PROXY", NULL};
    const struct swaks_proxy *x = &p->s->proxy;
    unsigned v = p->s->proxy_version;
    if (!is_word(transports, x->protocol))
        return swaks_wrong(p, SWAKS_MISTAKE_PROXY_PROTOCOL, x->protocol, NULL, NULL);
    if (!is_word(commands, x->command))
        return swaks_wrong(p, SWAKS_MISTAKE_PROXY_COMMAND, x->command, NULL, NULL);
    if (!is_word(families[v - 1], x->family))
        return swaks_wrong(p, SWAKS_MISTAKE_PROXY_FAMILY, x->family, v == 2 ? "2" : "1", NULL);
    return true;
}

/* The first attribute that is given; PROXY_COUNT: none. */
static size_t first_attribute(const struct swaks_process *p) {
    size_t i = 0;
    while (i < PROXY_COUNT && !swaks_has(p, proxy_rows[i].option))
        i++;
    return i;
}

static bool ask_attributes(struct swaks_process *p, const char *values[PROXY_COUNT]) {
    for (size_t i = 0; i < PROXY_COUNT; i++) {
        values[i] = swaks_value(p, proxy_rows[i].option);
        if (p->exit != SEND_EXIT_OK)
            return false;
    }
    return true;
}

static bool check_complete(struct swaks_process *p, const char *const values[PROXY_COUNT]) {
    struct swaks_texts missing = {0};
    for (size_t i = 0; i < PROXY_COUNT; i++)
        if (proxy_rows[i].needed && !values[i])
            swaks_texts_add(&missing, p->arena, proxy_rows[i].name);
    if (missing.count == 0)
        return true;
    return swaks_wrong(p, SWAKS_MISTAKE_PROXY_MISSING, swaks_texts_join(&missing, p->arena, ", "),
                       NULL, NULL);
}

/* Upper case, as swaks has it everywhere; but a path is a path. */
static const char *end_value(struct swaks_process *p, const char *const values[PROXY_COUNT],
                             size_t i) {
    bool path = values[0] && strcmp(swaks_text_upper(p->arena, values[0]), "AF_UNIX") == 0;
    return values[i] && !path ? swaks_text_upper(p->arena, values[i]) : values[i];
}

bool swaks_process_proxy(struct swaks_process *p) {
    struct swaks_settings *s = p->s;
    const char *values[PROXY_COUNT] = {NULL};
    size_t first = first_attribute(p);
    const char *version = "";
    if (!choose_version(p, &version) || !choose_raw(p))
        return false;
    if (s->proxy_wanted && first < PROXY_COUNT) {
        swaks_value(p, proxy_rows[first].option); /* asked for before it is refused */
        return swaks_wrong(p, SWAKS_MISTAKE_PROXY_MIX, NULL, NULL, NULL);
    }
    if (!ask_attributes(p, values) || !check_version(p, version))
        return false;
    if (!s->proxy_wanted && first == PROXY_COUNT)
        return true;
    s->proxy_wanted = true;
    if (s->proxy_raw.len == 0) {
        s->proxy = (struct swaks_proxy){
            .family = values[0] ? swaks_text_upper(p->arena, values[0]) : "",
            .source = end_value(p, values, 1),
            .source_port = end_value(p, values, 2),
            .dest = end_value(p, values, 3),
            .dest_port = end_value(p, values, 4),
            .protocol = values[5] ? swaks_text_upper(p->arena, values[5]) : "STREAM",
            .command = values[6] ? swaks_text_upper(p->arena, values[6]) : "PROXY",
        };
        return check_complete(p, values) && check_words(p);
    }
    return true;
}

bool swaks_process_proxy_header(struct swaks_settings *s, struct base_error *e) {
    struct base_buf header;
    bool good = true;
    if (!s->proxy_wanted)
        return true;
    base_buf_init(&header, 1u << 20);
    s->plan.proxy_shown_as_base64 = s->proxy_version == 2;
    if (s->proxy_raw.len > 0) {
        bool v2 = s->proxy_version == 2;
        base_buf_append(&header, v2 ? V2_START : V1_START, v2 ? V2_START_LEN : strlen(V1_START));
        base_buf_append_bytes(&header, s->proxy_raw);
        base_buf_append_str(&header, v2 ? "" : "\r\n");
    } else if (s->proxy_version == 1) {
        swaks_proxy_v1(&s->proxy, &header);
    } else if (swaks_proxy_v2(&s->proxy, &header, e) != WS_OK) {
        good = false;
    }
    s->plan.proxy_header = base_arena_bytes(s->arena, base_buf_view(&header));
    base_buf_release(&header);
    return good;
}
