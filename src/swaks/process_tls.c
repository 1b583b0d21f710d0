/* SPDX-License-Identifier: Apache-2.0 */
/* process_tls - whether and how TLS is used, and what its certificates must prove.
 */
#include "swaks/process_private.h"

#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* Names of --tls-protocol, oldest first. */
static const struct version_row {
    const char *name;
    const char *off; /* for SSL_CONF */
} versions[] = {
    {"sslv2", NULL},          {"sslv3", "no_ssl3"},     {"tlsv1", "no_tls1"},
    {"tlsv1_1", "no_tls1_1"}, {"tlsv1_2", "no_tls1_2"}, {"tlsv1_3", "no_tls1_3"},
};
#define VERSION_COUNT (sizeof versions / sizeof *versions)

/* Later rows win over earlier ones, and each over what --protocol implies. */
static void choose_demand(struct swaks_process *p) {
    static const struct {
        enum swaks_option_id option;
        enum send_demand demand;
        bool on_connect;
    } rows[] = {
        {SWAKS_OPT_TLS_ON_CONNECT, SEND_REQUIRED, true},
        {SWAKS_OPT_TLS, SEND_REQUIRED, false},
        {SWAKS_OPT_TLS_OPTIONAL, SEND_OPTIONAL, false},
        {SWAKS_OPT_TLS_OPTIONAL_STRICT, SEND_OPTIONAL_STRICT, false},
    };
    struct send_tls *tls = &p->s->plan.tls;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (swaks_has(p, rows[i].option)) {
            tls->demand = rows[i].demand;
            tls->on_connect = rows[i].on_connect;
        }
    const char *policy = swaks_args_value(p->args, SWAKS_OPT_TLS_POLICY);
    if (policy && strcasecmp(policy, "none") != 0 && tls->demand == SEND_NOT_WANTED)
        tls->demand = SEND_OPTIONAL; /* required as soon as the policy turns out to ask for it */
}

/* "" when it is not given. An empty one is a mistake only when TLS is wanted. */
static const char *text_of(struct swaks_process *p, enum swaks_option_id id) {
    bool wanted = p->s->plan.tls.demand != SEND_NOT_WANTED;
    const char *value = wanted ? swaks_value(p, id) : swaks_args_value(p->args, id);
    return value ? value : "";
}

static bool choose_certificate(struct swaks_process *p) {
    struct swaks_settings *s = p->s;
    bool certificate = *s->tls_certificate, key = *s->tls_key;
    if (certificate != key)
        return swaks_wrong(p, SWAKS_MISTAKE_TLS_CERT_AND_KEY, NULL, NULL, NULL);
    if (*s->tls_chain && !certificate)
        return swaks_wrong(p, SWAKS_MISTAKE_TLS_CHAIN, NULL, NULL, NULL);
    s->plan.tls.wish.certificate = certificate ? s->tls_certificate : NULL;
    s->plan.tls.wish.key = key ? s->tls_key : NULL;
    s->plan.tls.wish.certificate_chain = *s->tls_chain ? s->tls_chain : NULL;
    return true;
}

static bool choose_authorities(struct swaks_process *p) {
    const char *path = p->s->tls_ca_path;
    struct client_wish *wish = &p->s->plan.tls.wish;
    struct stat st;
    if (!*path)
        return true;
    if (stat(path, &st) != 0 || !(S_ISDIR(st.st_mode) || S_ISREG(st.st_mode)))
        return swaks_wrong(p, SWAKS_MISTAKE_TLS_CA_PATH, path, NULL, NULL);
    bool directory = S_ISDIR(st.st_mode);
    *(directory ? &wish->ca_dir : &wish->ca_file) = path;
    *(directory ? &wish->no_ca_file : &wish->no_ca_dir) = true; /* the system's do not count then */
    wish->no_ca_store = true;
    return true;
}

/* Index of a known version; VERSION_COUNT: none. */
static size_t find_version(const char *name) {
    size_t i = 0;
    while (i < VERSION_COUNT && strcmp(versions[i].name, name) != 0)
        i++;
    return i;
}

static const char *spelled(struct swaks_process *p, enum swaks_option_id id) {
    size_t len;
    const char *name = swaks_option_name(id, &len);
    return base_arena_printf(p->arena, "--%.*s", (int)len, name);
}

/* What client/ calls the options in its errors. */
static void name_options(struct swaks_process *p) {
    static const struct {
        enum client_option option;
        enum swaks_option_id id;
    } rows[] = {
        {CLIENT_OPTION_CERTIFICATE, SWAKS_OPT_TLS_CERT},
        {CLIENT_OPTION_CERTIFICATE_CHAIN, SWAKS_OPT_TLS_CHAIN},
        {CLIENT_OPTION_KEY, SWAKS_OPT_TLS_KEY},
        {CLIENT_OPTION_CA_FILE, SWAKS_OPT_TLS_CA_PATH},
        {CLIENT_OPTION_CA_DIR, SWAKS_OPT_TLS_CA_PATH},
        {CLIENT_OPTION_CIPHER, SWAKS_OPT_TLS_CIPHER},
        {CLIENT_OPTION_CIPHERSUITES, SWAKS_OPT_TLS_CIPHERSUITES},
        {CLIENT_OPTION_ALPN, SWAKS_OPT_TLS_ALPN},
        {CLIENT_OPTION_STATUS, SWAKS_OPT_TLS_STATUS},
        {CLIENT_OPTION_SESSION_IN, SWAKS_OPT_TLS_SESSION_IN},
        {CLIENT_OPTION_SESSION_OUT, SWAKS_OPT_TLS_SESSION_OUT},
        {CLIENT_OPTION_KEYLOG_FILE, SWAKS_OPT_TLS_KEYLOG},
    };
    const char **names = base_arena_array(p->arena, CLIENT_OPTION_COUNT, sizeof *names);
    if (!names)
        return;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        names[rows[i].option] = spelled(p, rows[i].id);
    names[CLIENT_OPTION_DANE_DOMAIN] = "TLSA base domain"; /* found by --tls-policy dane */
    names[CLIENT_OPTION_DANE_RECORD] = "TLSA record";
    p->s->plan.tls.wish.option_names = names;
}

static void add_setting(struct swaks_process *p, enum swaks_option_id id, const char *command,
                        const char *value) {
    struct client_wish *wish = &p->s->plan.tls.wish;
    struct client_setting *list = base_arena_array(p->arena, wish->setting_count + 1, sizeof *list);
    if (!list)
        return;
    for (size_t i = 0; i < wish->setting_count; i++)
        list[i] = wish->settings[i];
    list[wish->setting_count++] = (struct client_setting){command, spelled(p, id), value};
    wish->settings = list;
}

static void wish_versions(struct swaks_process *p, const bool *wanted) {
    for (size_t i = 0; i < VERSION_COUNT; i++)
        if (!wanted[i] && versions[i].off)
            add_setting(p, SWAKS_OPT_TLS_PROTOCOL, versions[i].off, NULL);
}

static bool choose_versions(struct swaks_process *p) {
    struct swaks_settings *s = p->s;
    const char *value = swaks_value(p, SWAKS_OPT_TLS_PROTOCOL);
    struct swaks_texts typed = {0};
    bool named[VERSION_COUNT] = {false};
    size_t plain = 0, negated = 0;
    if (!value)
        return p->exit == SEND_EXIT_OK;
    swaks_texts_split(&typed, p->arena, value);
    for (size_t i = 0; i < typed.count; i++) {
        const char *name = swaks_text_lower(p->arena, typed.items[i]);
        bool no = strncmp(name, "no_", 3) == 0;
        size_t version = find_version(no ? name + 3 : name);
        if (version == VERSION_COUNT) {
            if (s->manner == SWAKS_MANNER_WAXSEAL)
                return swaks_wrong(p, SWAKS_MISTAKE_TLS_PROTOCOL, typed.items[i], NULL, NULL);
            swaks_remark(p, SWAKS_MISTAKE_TLS_PROTOCOL, typed.items[i]);
            continue;
        }
        named[version] = true;
        no ? negated++ : plain++;
        swaks_texts_add(&s->tls_protocols, p->arena, typed.items[i]);
    }
    if (plain && negated)
        return swaks_wrong(p, SWAKS_MISTAKE_TLS_MIX, NULL, NULL, NULL);
    if (!plain && !negated)
        return swaks_wrong(p, SWAKS_MISTAKE_TLS_NONE, NULL, NULL, NULL);
    for (size_t i = 0; i < VERSION_COUNT; i++)
        named[i] = named[i] == (plain > 0);
    wish_versions(p, named);
    return true;
}

static const char *peer_file(struct swaks_process *p, enum swaks_option_id id, bool *show,
                             const char **file) {
    const char *value = swaks_args_value(p->args, id);
    *show = value != NULL;
    *file = value && *value ? value : NULL;
    return !value ? "" : *value ? value : "STDOUT";
}

static void choose_verification(struct swaks_process *p) {
    struct send_tls *tls = &p->s->plan.tls;
    bool both = swaks_has(p, SWAKS_OPT_TLS_VERIFY);
    tls->verify_ca = both || swaks_has(p, SWAKS_OPT_TLS_VERIFY_CA);
    tls->verify_host = both || swaks_has(p, SWAKS_OPT_TLS_VERIFY_HOST);
    if (*p->s->tls_verify_target)
        tls->verify_name = p->s->tls_verify_target;
    else if (p->s->plan.target.transport == SEND_TCP)
        tls->verify_name = p->s->plan.target.server;
}

static void add_list(struct swaks_process *p, enum swaks_option_id id, const char *command) {
    const char *value = text_of(p, id);
    if (*value)
        add_setting(p, id, command, value);
}

/* In the order in which swaks looks at them. */
static bool read_values(struct swaks_process *p) {
    struct swaks_settings *s = p->s;
    struct send_tls *tls = &s->plan.tls;
    s->tls_verify_target = text_of(p, SWAKS_OPT_TLS_VERIFY_TARGET);
    s->tls_sni = text_of(p, SWAKS_OPT_TLS_SNI);
    s->tls_cipher = text_of(p, SWAKS_OPT_TLS_CIPHER);
    s->tls_certificate = text_of(p, SWAKS_OPT_TLS_CERT);
    s->tls_chain = text_of(p, SWAKS_OPT_TLS_CHAIN);
    s->tls_key = text_of(p, SWAKS_OPT_TLS_KEY);
    tls->sni = *s->tls_sni ? s->tls_sni : NULL;
    s->tls_peer_cert =
        peer_file(p, SWAKS_OPT_TLS_GET_PEER_CERT, &tls->show_peer_cert, &tls->peer_cert_file);
    s->tls_peer_chain =
        peer_file(p, SWAKS_OPT_TLS_GET_PEER_CHAIN, &tls->show_peer_chain, &tls->peer_chain_file);
    return p->exit == SEND_EXIT_OK;
}

bool swaks_process_tls(struct swaks_process *p) {
    choose_demand(p);
    name_options(p);
    if (!read_values(p))
        return false;
    choose_verification(p);
    if (p->s->plan.tls.demand == SEND_NOT_WANTED)
        return true;
    if (!choose_certificate(p))
        return false;
    p->s->tls_ca_path = text_of(p, SWAKS_OPT_TLS_CA_PATH);
    if (p->exit != SEND_EXIT_OK || !choose_authorities(p) || !choose_versions(p))
        return false;
    add_list(p, SWAKS_OPT_TLS_CIPHER, "cipher");
    add_list(p, SWAKS_OPT_TLS_CIPHERSUITES, "ciphersuites");
    add_list(p, SWAKS_OPT_TLS_GROUPS, "groups");
    add_list(p, SWAKS_OPT_TLS_SIGALGS, "sigalgs");
    return p->exit == SEND_EXIT_OK;
}
