/* SPDX-License-Identifier: Apache-2.0 */
/* process_check - values that can't be meant, told before anything is done with them.
 *
 * swaks takes nearly everything as it comes; called as swaks nothing is checked here. Called as
 * waxseal send a value that would break a command line or a header, or that silently would do
 * nothing, is a mistake. What breaks SMTP's or MIME's syntax on purpose goes with --lax syntax.
 */
#include "swaks/process_private.h"

#include "base/text.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

#define SYNTAX_HINT "; --lax syntax sends it all the same"

static bool lax_syntax(const struct swaks_process *p) {
    const char *lax = swaks_args_value(p->args, SWAKS_OPT_LAX);
    struct swaks_texts rules = {0};
    swaks_texts_split(&rules, p->arena, lax ? lax : "");
    for (size_t i = 0; i < rules.count; i++)
        if (strcasecmp(rules.items[i], "syntax") == 0)
            return true;
    return lax && rules.count == 0;
}

/* --- ports --- */

static bool port_fits(struct swaks_process *p, const char *option, const char *port) {
    uint64_t n = 0;
    if (!port || !*port || port[strspn(port, "0123456789")])
        return true; /* a service's name is looked up later */
    if (base_bytes_to_uint(base_bytes_of_str(port), 65535, &n) && n > 0)
        return true;
    return swaks_fail(p, SEND_EXIT_OPTION, "%s: there is no port %s, but 1 to 65535", option, port);
}

static bool check_ports(struct swaks_process *p) {
    const char *server = swaks_args_value(p->args, SWAKS_OPT_SERVER);
    const char *source = swaks_args_value(p->args, SWAKS_OPT_LOCAL_INTERFACE);
    const char *host, *port = NULL, *source_port = NULL;
    if (server)
        swaks_host_split(p->arena, server, &host, &port);
    if (source)
        swaks_host_split(p->arena, source, &host, &source_port);
    return port_fits(p, "--server", port) && port_fits(p, "--local-interface", source_port) &&
           port_fits(p, "--port", swaks_args_value(p->args, SWAKS_OPT_PORT)) &&
           port_fits(p, "--local-port", swaks_args_value(p->args, SWAKS_OPT_LOCAL_PORT));
}

/* --- addresses --- */

const char *swaks_address_fault(const char *address) {
    bool quoted = false;
    if (!base_text_is_utf8(address))
        return "it is not in UTF-8";
    for (const char *p = address; *p; p++) {
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            return "a control character is in it";
        if (*p == '"')
            quoted = !quoted;
        else if (*p == '\\' && p[1])
            p++;
        else if (!quoted && (*p == '<' || *p == '>'))
            return "angle brackets do not belong to it";
        else if (!quoted && *p == ' ')
            return "a blank is in it";
    }
    return quoted ? "a quotation mark is open" : NULL;
}

static bool address_fits(struct swaks_process *p, const char *option, const char *address) {
    const char *fault = swaks_address_fault(address);
    if (!fault)
        return true;
    return swaks_fail(p, SEND_EXIT_OPTION, "%s %s: %s" SYNTAX_HINT, option, address, fault);
}

static bool addresses_fit(struct swaks_process *p, const char *option, const char *list) {
    struct swaks_texts all = {0};
    if (!list || !*list)
        return true;
    swaks_texts_split(&all, p->arena, list);
    if (all.count == 0)
        return swaks_fail(p, SEND_EXIT_OPTION,
                          "%s %s: no address is in it; ADDRESS[,ADDRESS...] is needed", option,
                          list);
    for (size_t i = 0; i < all.count; i++)
        if (!address_fits(p, option, all.items[i]))
            return false;
    return true;
}

static bool check_envelope(struct swaks_process *p) {
    const char *from = swaks_args_value(p->args, SWAKS_OPT_FROM);
    const char *helo = swaks_args_value(p->args, SWAKS_OPT_HELO);
    if (helo && strpbrk(helo, " \t\r\n"))
        return swaks_fail(p, SEND_EXIT_OPTION,
                          "--helo %s: one word is needed, a host name or [ADDRESS]" SYNTAX_HINT,
                          helo);
    if (from && strcmp(from, "<>") != 0 && !address_fits(p, "--from", from))
        return false;
    return addresses_fit(p, "--to", swaks_args_value(p->args, SWAKS_OPT_TO)) &&
           addresses_fit(p, "--cc", swaks_args_value(p->args, SWAKS_OPT_CC)) &&
           addresses_fit(p, "--bcc", swaks_args_value(p->args, SWAKS_OPT_BCC));
}

/* --- header and MIME --- */

/* "Name:" at the front, or a blank that continues the field before. */
static bool line_fits(const char *line, bool first) {
    size_t len = 0;
    while (line[len] > ' ' && line[len] < 0x7f && line[len] != ':')
        len++;
    return (len > 0 && line[len] == ':') || (!first && (*line == ' ' || *line == '\t'));
}

static bool header_fits(const char *text) {
    bool first = true;
    while (text) {
        if (!line_fits(text, first))
            return false;
        const char *end = strstr(text, "\\n");
        const char *feed = strchr(text, '\n');
        bool real = feed && (!end || feed < end);
        text = real ? feed + 1 : end ? end + 2 : NULL;
        if (text && !*text)
            return true; /* an end behind the last line is no line */
        first = false;
    }
    return true;
}

static bool is_token(const char *text) {
    static const char outside[] = "()<>@,;:\\\"/[]?= \t\r\n";
    return *text && !text[strcspn(text, outside)] && base_text_is_ascii(text);
}

/* "type/subtype", and whatever parameters. */
static bool is_type(struct swaks_process *p, const char *text) {
    size_t slash = strcspn(text, "/;");
    size_t end = strcspn(text, ";");
    if (text[slash] != '/' || slash > end)
        return false;
    while (end > slash + 1 && text[end - 1] == ' ')
        end--;
    return is_token(base_arena_str_bytes(p->arena, base_bytes_view(text, slash))) &&
           is_token(
               base_arena_str_bytes(p->arena, base_bytes_view(text + slash + 1, end - slash - 1)));
}

static bool part_fits(struct swaks_process *p, const struct swaks_given *g) {
    if (!*g->value)
        return true; /* empty: reported later, or asked for */
    if ((g->option == SWAKS_OPT_HEADER || g->option == SWAKS_OPT_ADD_HEADER) &&
        !header_fits(g->value))
        return swaks_fail(p, SEND_EXIT_OPTION, "--%s %s: 'NAME: VALUE' is needed" SYNTAX_HINT,
                          g->option == SWAKS_OPT_HEADER ? "header" : "add-header", g->value);
    if (g->option == SWAKS_OPT_BODY_CHARSET && !is_token(g->value))
        return swaks_fail(p, SEND_EXIT_OPTION,
                          "--body-charset %s: a name such as UTF-8 is needed" SYNTAX_HINT,
                          g->value);
    if (g->option == SWAKS_OPT_ATTACH_TYPE && !is_type(p, g->value))
        return swaks_fail(p, SEND_EXIT_OPTION,
                          "--attach-type %s: TYPE/SUBTYPE is needed, such as image/png" SYNTAX_HINT,
                          g->value);
    return true;
}

/* A file's name where its content was meant: said, since it may have been meant. */
static void remark_on_name(struct swaks_process *p, const struct swaks_given *g) {
    if (g->option == SWAKS_OPT_ATTACH && *g->value && !strchr("@-", *g->value) &&
        access(g->value, R_OK) == 0) {
        swaks_fail(p, SEND_EXIT_OK,
                   "--attach %s attaches these words; --attach-file %s attaches the file", g->value,
                   g->value);
    }
}

static bool check_message(struct swaks_process *p) {
    for (size_t i = 0; i < p->args->count; i++) {
        if (!part_fits(p, &p->args->given[i]))
            return false;
        remark_on_name(p, &p->args->given[i]);
    }
    return true;
}

/* --- words --- */

static bool word_fits(struct swaks_process *p, enum swaks_option_id id, const char *const *words,
                      const char *list) {
    const char *value = swaks_args_value(p->args, id);
    struct swaks_texts all = {0};
    swaks_texts_split(&all, p->arena, value ? value : "");
    for (size_t i = 0; i < all.count; i++) {
        size_t k = 0;
        while (words[k] && strcasecmp(words[k], all.items[i]) != 0)
            k++;
        size_t len;
        const char *name = swaks_option_name(id, &len);
        if (!words[k])
            return swaks_fail(p, SEND_EXIT_OPTION, "--%.*s %s: there are %s", (int)len, name,
                              all.items[i], list);
    }
    return true;
}

static bool check_words(struct swaks_process *p) {
    static const char *const levels[] = {"0", "1", "2", "3", NULL};
    static const char *const places[] = {"LOCAL", "REMOTE", "[UNAVAILABLE]", NULL};
    static const char *const sections[] = {"ALL",       "SUPPORT",  "APP",     "OUTPUT",
                                           "TRANSPORT", "PROTOCOL", "XCLIENT", "PROXY",
                                           "TLS",       "AUTH",     "DATA",    NULL};
    static const char list[] =
        "ALL, SUPPORT, APP, OUTPUT, TRANSPORT, PROTOCOL, XCLIENT, PROXY, TLS, AUTH, DATA";
    if (swaks_has(p, SWAKS_OPT_CONCURRENCY) && !swaks_has(p, SWAKS_OPT_REPEAT))
        return swaks_fail(p, SEND_EXIT_OPTION,
                          "--concurrency needs --repeat COUNT: so many at a time of how many?");
    return word_fits(p, SWAKS_OPT_SILENT, levels, "1, 2 and 3") &&
           word_fits(p, SWAKS_OPT_XFORWARD_SOURCE, places, "LOCAL and REMOTE") &&
           word_fits(p, SWAKS_OPT_DUMP, sections, list) &&
           word_fits(p, SWAKS_OPT_DUMP_AS_BODY, sections, list);
}

bool swaks_process_check(struct swaks_process *p) {
    if (p->s->manner == SWAKS_MANNER_SWAKS)
        return true;
    if (!check_words(p) || !check_ports(p))
        return false;
    return lax_syntax(p) || (check_envelope(p) && check_message(p));
}
