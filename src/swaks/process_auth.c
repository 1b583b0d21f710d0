/* SPDX-License-Identifier: Apache-2.0 */
/* process_auth - whether to authenticate, with which mechanisms, as whom.
 *
 * User name and password: the option, else the entry of ~/.netrc for the server, else the user is
 * asked. Mechanisms that swaks does not know are tried only when they are named.
 */
#include "swaks/process_private.h"

#include "base/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NETRC_MAX (1u << 20)

static const struct mechanism_row {
    const char *name;
    const char *type; /* under which --dump lists it; NULL: not a name that swaks knows */
    enum sasl_mechanism mechanism;
} mechanisms[] = {
    {"CRAM-MD5", "CRAM-MD5", SASL_CRAM_MD5},
    {"CRAM-SHA1", "CRAM-SHA1", SASL_CRAM_SHA1},
    {"DIGEST-MD5", "DIGEST-MD5", SASL_DIGEST_MD5},
    {"LOGIN", "LOGIN", SASL_LOGIN},
    {"LOGIN-INITIAL", "LOGIN", SASL_LOGIN_INITIAL},
    {"NTLM", "NTLM", SASL_NTLM},
    {"SPA", "NTLM", SASL_NTLM},
    {"MSN", "NTLM", SASL_NTLM},
    {"PLAIN", "PLAIN", SASL_PLAIN},
    {"XOAUTH2", NULL, SASL_XOAUTH2},
    {"OAUTHBEARER", NULL, SASL_OAUTHBEARER},
    {"EXTERNAL", NULL, SASL_EXTERNAL},
    {"ANONYMOUS", NULL, SASL_ANONYMOUS},
    {"SCRAM-SHA-1", NULL, SASL_SCRAM_SHA_1},
    {"SCRAM-SHA-1-PLUS", NULL, SASL_SCRAM_SHA_1_PLUS},
    {"SCRAM-SHA-256", NULL, SASL_SCRAM_SHA_256},
    {"SCRAM-SHA-256-PLUS", NULL, SASL_SCRAM_SHA_256_PLUS},
    {"SCRAM-SHA-512", NULL, SASL_SCRAM_SHA_512},
    {"SCRAM-SHA-512-PLUS", NULL, SASL_SCRAM_SHA_512_PLUS},
};
#define MECHANISM_COUNT (sizeof mechanisms / sizeof *mechanisms)

static const struct mechanism_row *find_mechanism(const char *name) {
    for (size_t i = 0; i < MECHANISM_COUNT; i++)
        if (strcmp(mechanisms[i].name, name) == 0)
            return &mechanisms[i];
    return NULL;
}

/* --- names of mechanisms --- */

/* The row of a type, made if it is new. */
static struct swaks_auth_row *row_of(struct swaks_process *p, const char *type) {
    struct swaks_settings *s = p->s;
    for (size_t i = 0; i < s->auth_row_count; i++)
        if (strcmp(s->auth_rows[i].type, type) == 0)
            return &s->auth_rows[i];
    struct swaks_auth_row *row = base_arena_append(p->arena, &s->auth_rows, &s->auth_row_count,
                                                   &s->auth_row_cap, sizeof *row);
    if (row)
        row->type = type;
    return row;
}

static int by_type(const void *a, const void *b) {
    const struct swaks_auth_row *x = a, *y = b;
    return strcmp(x->type, y->type);
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "KEY=VALUE" with both filled in. */
static bool split_pair(struct base_arena *arena, const char *pair, const char **key,
                       const char **value) {
    const char *equals = strchr(pair, '=');
    if (!equals || equals == pair || !equals[1])
        return false;
    *key = base_arena_str_bytes(arena, base_bytes_view(pair, (size_t)(equals - pair)));
    *value = equals + 1;
    return true;
}

static bool build_map(struct swaks_process *p) {
    struct swaks_settings *s = p->s;
    struct swaks_texts pairs = {0};
    const char *value = swaks_value(p, SWAKS_OPT_AUTH_MAP);
    if (p->exit != SEND_EXIT_OK)
        return false;
    swaks_texts_split(&pairs, p->arena, value ? value : "");
    for (size_t i = 0; i < pairs.count; i++) {
        const char *alias, *type;
        if (!split_pair(p->arena, pairs.items[i], &alias, &type))
            return swaks_wrong(p, SWAKS_MISTAKE_AUTH_MAP, pairs.items[i], NULL, NULL);
        struct swaks_auth_row *row = row_of(p, type);
        if (row)
            swaks_texts_add(&row->aliases, p->arena, alias);
    }
    for (size_t i = 0; i < MECHANISM_COUNT; i++) {
        struct swaks_auth_row *row = mechanisms[i].type ? row_of(p, mechanisms[i].type) : NULL;
        if (row)
            swaks_texts_add(&row->aliases, p->arena, mechanisms[i].name);
    }
    qsort(s->auth_rows, s->auth_row_count, sizeof *s->auth_rows, by_type);
    return true;
}

/* What an alias stands for. False: nothing that is known. */
static bool resolve(const struct swaks_settings *s, const char *alias, enum sasl_mechanism *m,
                    bool *known) {
    *known = false;
    for (size_t i = 0; i < s->auth_row_count; i++)
        for (size_t k = 0; k < s->auth_rows[i].aliases.count; k++) {
            if (strcmp(s->auth_rows[i].aliases.items[k], alias) != 0)
                continue;
            const struct mechanism_row *own = find_mechanism(alias);
            const struct mechanism_row *row = find_mechanism(s->auth_rows[i].type);
            if (own && own->type && strcmp(own->type, s->auth_rows[i].type) == 0)
                row = own;
            *known = true;
            if (row)
                *m = row->mechanism;
            return row != NULL;
        }
    const struct mechanism_row *ours = find_mechanism(alias);
    if (!ours)
        return false;
    *known = true;
    *m = ours->mechanism;
    return true;
}

/* Every name of the map, sorted, once. */
static void allow_all(struct swaks_process *p) {
    struct swaks_settings *s = p->s;
    struct swaks_texts all = {0};
    for (size_t i = 0; i < s->auth_row_count; i++)
        for (size_t k = 0; k < s->auth_rows[i].aliases.count; k++)
            swaks_texts_add(&all, p->arena, s->auth_rows[i].aliases.items[k]);
    if (all.count > 0)
        qsort(all.items, all.count, sizeof *all.items, by_text);
    for (size_t i = 0; i < all.count; i++)
        if (i == 0 || strcmp(all.items[i - 1], all.items[i]) != 0)
            swaks_texts_add(&s->auth_allowed, p->arena, all.items[i]);
}

static void allow_one(struct swaks_process *p, const char *name) {
    enum sasl_mechanism m;
    bool known;
    resolve(p->s, name, &m, &known);
    if (known)
        swaks_texts_add(&p->s->auth_allowed, p->arena, name);
    else if (p->s->manner == SWAKS_MANNER_SWAKS)
        swaks_remark(p, SWAKS_MISTAKE_AUTH_TYPE, name);
    else
        swaks_wrong(p, SWAKS_MISTAKE_AUTH_TYPE, name, NULL, NULL);
}

/* The first list that has something in it counts. */
static const char *wanted_types(struct swaks_process *p) {
    static const enum swaks_option_id options[] = {SWAKS_OPT_AUTH, SWAKS_OPT_AUTH_OPTIONAL_STRICT,
                                                   SWAKS_OPT_AUTH_OPTIONAL};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        const char *value = swaks_args_value(p->args, options[i]);
        if (value && *value)
            return swaks_text_upper(p->arena, value);
    }
    return "ANY";
}

static bool choose_types(struct swaks_process *p) {
    struct send_auth *auth = &p->s->plan.auth;
    const char *types = wanted_types(p);
    auth->any = strncmp(types, "ANY", 3) == 0 && (!types[3] || types[3] == ',');
    if (auth->any)
        allow_all(p);
    else
        while (*types) {
            size_t len = strcspn(types, ",");
            allow_one(p, base_arena_str_bytes(p->arena, base_bytes_view(types, len)));
            types += len + (types[len] == ',');
        }
    if (p->exit != SEND_EXIT_OK)
        return false;
    if (p->s->auth_allowed.count > 0)
        return true;
    if (auth->demand == SEND_REQUIRED)
        return swaks_wrong(p, SWAKS_MISTAKE_AUTH_NONE, NULL, NULL, NULL);
    swaks_remark(p, SWAKS_MISTAKE_AUTH_NONE, NULL);
    auth->demand = SEND_NOT_WANTED;
    return true;
}

/* --- extras --- */

static void set_extra(struct swaks_process *p, const char *key, const char *value) {
    struct swaks_texts *extras = &p->s->auth_extras;
    const char *text = base_arena_printf(p->arena, "%s=%s", key, value);
    size_t len = strlen(key) + 1;
    for (size_t i = 0; i < extras->count; i++)
        if (strncmp(extras->items[i], text, len) == 0) {
            extras->items[i] = text;
            return;
        }
    swaks_texts_add(extras, p->arena, text);
}

static bool is_extra(const char *key) {
    static const char *const keys[] = {"REALM", "DOMAIN", "DMD5-SERV-TYPE", "DMD5-HOST",
                                       "DMD5-SERV-NAME"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(keys[i], key) == 0)
            return true;
    return false;
}

static bool choose_extras(struct swaks_process *p) {
    struct swaks_texts pairs = {0};
    const char *list = swaks_value(p, SWAKS_OPT_AUTH_EXTRA);
    if (p->exit != SEND_EXIT_OK)
        return false;
    swaks_texts_split(&pairs, p->arena, list ? list : "");
    for (size_t i = 0; i < pairs.count; i++) {
        const char *key, *value;
        if (!split_pair(p->arena, pairs.items[i], &key, &value))
            return swaks_wrong(p, SWAKS_MISTAKE_AUTH_EXTRA, pairs.items[i], NULL, NULL);
        key = swaks_text_upper(p->arena, key);
        if (p->s->manner == SWAKS_MANNER_WAXSEAL && !is_extra(key))
            return swaks_fail(p, SEND_EXIT_OPTION,
                              "--auth-extra %s: the keys are realm, domain, dmd5-serv-type, "
                              "dmd5-host, dmd5-serv-name",
                              pairs.items[i]);
        set_extra(p, key, value);
        if (strcmp(key, "DOMAIN") == 0)
            set_extra(p, "REALM", value);
    }
    struct swaks_texts *extras = &p->s->auth_extras;
    if (extras->count > 0)
        qsort(extras->items, extras->count, sizeof *extras->items, by_text);
    return true;
}

static const char *extra(const struct swaks_settings *s, const char *key) {
    size_t len = strlen(key);
    for (size_t i = 0; i < s->auth_extras.count; i++)
        if (strncmp(s->auth_extras.items[i], key, len) == 0 && s->auth_extras.items[i][len] == '=')
            return s->auth_extras.items[i] + len + 1;
    return NULL;
}

/* --- who --- */

static void look_up(struct swaks_process *p, const char *login, const char **user,
                    const char **password) {
    const char *home = getenv("HOME");
    const char *machine = p->s->plan.target.server;
    struct base_bytes text;
    if (!home || !machine || !*machine)
        return;
    const char *file = base_arena_printf(p->arena, "%s/.netrc", home);
    if (!base_file_read(p->arena, file, NETRC_MAX, &text)) {
        bool needed = !login || !swaks_args_given(p->args, SWAKS_OPT_AUTH_PASSWORD);
        if (needed && errno != ENOENT && p->s->manner == SWAKS_MANNER_WAXSEAL)
            swaks_fail(p, SEND_EXIT_OPTION,
                       "%s cannot be read: %s; or give --auth-user and "
                       "--auth-password",
                       file, strerror(errno));
        return;
    }
    swaks_netrc_find(p->arena, text, machine, login, user, password);
}

static const char *option_name(struct swaks_process *p, enum swaks_option_id id) {
    size_t len;
    const char *name = swaks_option_name(id, &len);
    return base_arena_str_bytes(p->arena, base_bytes_view(name, len));
}

/* An option's value, else what was found, else what the user says; "<>" is "". */
static const char *ask_for(struct swaks_process *p, enum swaks_option_id id, const char *found,
                           const char *question) {
    const char *value = swaks_args_value(p->args, id);
    if (!value && p->args->refused[id])
        return ""; /* --no-auth-user: none at all */
    if (!value || !*value)
        value = found;
    if (!value) {
        send_transcript_flush(&p->transcript);
        value =
            swaks_prompt_ask(p->prompt, question, SWAKS_ANSWER_ANY, id == SWAKS_OPT_AUTH_PASSWORD);
    }
    if (!value && p->s->manner == SWAKS_MANNER_SWAKS)
        value = ""; /* the input has ended, but nothing is an answer here */
    if (!value)
        swaks_wrong(p, SWAKS_MISTAKE_INPUT_END, option_name(p, id), NULL, NULL);
    return value && strcmp(value, "<>") == 0 ? "" : value;
}

/* EXTERNAL takes the identity from elsewhere (the client certificate, say), ANONYMOUS needs none.
 */
static bool needs_nobody(const struct send_auth *auth) {
    for (size_t i = 0; i < auth->name_count; i++)
        if (auth->names[i].mechanism != SASL_EXTERNAL && auth->names[i].mechanism != SASL_ANONYMOUS)
            return false;
    return auth->name_count > 0;
}

static bool choose_user(struct swaks_process *p) {
    struct send_auth *auth = &p->s->plan.auth;
    if (needs_nobody(auth) && !swaks_args_given(p->args, SWAKS_OPT_AUTH_USER)) {
        auth->who.user = auth->who.password = "";
        return true;
    }
    const char *user = NULL, *password = NULL;
    const char *given = swaks_args_value(p->args, SWAKS_OPT_AUTH_USER);
    look_up(p, given && *given ? given : NULL, &user, &password);
    if (p->exit != SEND_EXIT_OK)
        return false;
    auth->who.user = ask_for(p, SWAKS_OPT_AUTH_USER, user, "Username: ");
    if (needs_nobody(auth) && !swaks_args_given(p->args, SWAKS_OPT_AUTH_PASSWORD))
        auth->who.password = "";
    else if (p->exit == SEND_EXIT_OK)
        auth->who.password = ask_for(p, SWAKS_OPT_AUTH_PASSWORD, password, "Password: ");
    return p->exit == SEND_EXIT_OK;
}

/* --- the whole --- */

static void choose_demand(struct swaks_process *p) {
    struct send_auth *auth = &p->s->plan.auth;
    if (swaks_has(p, SWAKS_OPT_AUTH) || swaks_has(p, SWAKS_OPT_AUTH_USER) ||
        swaks_has(p, SWAKS_OPT_AUTH_PASSWORD))
        auth->demand = SEND_REQUIRED;
    if (swaks_has(p, SWAKS_OPT_AUTH_OPTIONAL))
        auth->demand = SEND_OPTIONAL;
    if (swaks_has(p, SWAKS_OPT_AUTH_OPTIONAL_STRICT))
        auth->demand = SEND_OPTIONAL_STRICT;
}

static void fill_plan(struct swaks_process *p) {
    struct swaks_settings *s = p->s;
    struct send_auth *auth = &s->plan.auth;
    struct send_auth_name *names = base_arena_array(p->arena, s->auth_allowed.count, sizeof *names);
    for (size_t i = 0; names && i < s->auth_allowed.count; i++) {
        bool known;
        names[auth->name_count].name = s->auth_allowed.items[i];
        if (resolve(s, s->auth_allowed.items[i], &names[auth->name_count].mechanism, &known))
            auth->name_count++;
    }
    auth->names = names;
    auth->who.realm = extra(s, "REALM");
    auth->who.domain = extra(s, "DOMAIN");
    auth->who.dmd5_host = extra(s, "DMD5-HOST");
    auth->who.dmd5_serv_type = extra(s, "DMD5-SERV-TYPE");
    auth->who.dmd5_serv_name = extra(s, "DMD5-SERV-NAME");
}

bool swaks_process_auth(struct swaks_process *p) {
    struct swaks_settings *s = p->s;
    struct send_auth *auth = &s->plan.auth;
    const char *hide = swaks_args_value(p->args, SWAKS_OPT_AUTH_HIDE_PASSWORD);
    choose_demand(p);
    auth->show.plaintext = swaks_has(p, SWAKS_OPT_AUTH_PLAINTEXT);
    auth->show.hide_password = !hide ? NULL : *hide ? hide : "PROVIDED_BUT_REMOVED";
    auth->who.authzid = swaks_args_value(p->args, SWAKS_OPT_AUTH_AUTHZID);
    if (auth->demand == SEND_NOT_WANTED)
        return true;
    if (!build_map(p) || !choose_extras(p) || !choose_types(p))
        return false;
    if (auth->demand == SEND_NOT_WANTED)
        return true;
    fill_plan(p);
    return choose_user(p);
}
