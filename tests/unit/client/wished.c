/* SPDX-License-Identifier: Apache-2.0 */
#include "wished.h"

#include "connect/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define FILES_MAX 64

static char directory[64];
static char paths[FILES_MAX][192];
static size_t path_count;

static void keep_text(void *arg, enum client_watch_kind kind, const char *text) {
    struct wished *w = arg;
    int n =
        snprintf(w->told + w->told_len, sizeof(w->told) - w->told_len, "%d %s\n", (int)kind, text);

    if (n > 0)
        w->told_len += (size_t)n;
    assert_true(w->told_len < sizeof(w->told));
}

static void count_message(void *arg, bool sent, uint16_t version, uint8_t content_type,
                          struct base_bytes bytes) {
    struct wished *w = arg;

    (void)sent;
    (void)version;
    (void)content_type;
    assert_true(bytes.len > 0);
    w->messages++;
}

void wished_init(struct wished *w) {
    static char now[32];

    *w = (struct wished){0};
    snprintf(now, sizeof(now), "%lld", (long long)PAIR_NOW);
    w->wish.option_names = connect_option_names();
    w->wish.settings = w->settings;
    w->wish.checks = w->checks;
    w->wish.verify_depth = -1;
    w->wish.watch.text = keep_text;
    w->wish.watch.message = count_message;
    w->wish.watch.arg = w;
    wished_check(w, "-attime", now);
}

void wished_set(struct wished *w, const char *name, const char *value) {
    assert_true(w->wish.setting_count < WISHED_OPTIONS_MAX);
    w->settings[w->wish.setting_count++] = (struct client_setting){name + 1, name, value};
}

void wished_check(struct wished *w, const char *name, const char *value) {
    assert_true(w->wish.check_count < WISHED_OPTIONS_MAX);
    w->checks[w->wish.check_count++] = (struct client_setting){name + 1, name, value};
}

const char *wished_error(struct wished *w) {
    struct tls_context *c = NULL;

    w->error = (struct base_error){0};
    if (client_context_new(&w->wish, &c, &w->error) == WS_OK)
        fail_msg("no error for %s", w->wish.setting_count > 0 ? w->settings[0].value : "this");
    assert_null(c);
    assert_true(w->error.message[0] == '-');
    assert_null(strchr(w->error.message, '\n'));
    assert_null(strstr(w->error.message, "(null)"));
    return w->error.message;
}

const char *wished_setting_error(const char *name, const char *value) {
    static struct wished w;

    wished_init(&w);
    wished_set(&w, name, value);
    return wished_error(&w);
}

const char *wished_check_error(const char *name, const char *value) {
    static struct wished w;

    wished_init(&w);
    wished_check(&w, name, value);
    return wished_error(&w);
}

const char *wished_path(const char *name) {
    if (directory[0] == '\0') {
        const char *base = getenv("TMPDIR");
        snprintf(directory, sizeof(directory), "%.40s/waxseal-XXXXXX",
                 base != NULL ? base : "/tmp");
        assert_non_null(mkdtemp(directory));
    }
    assert_true(path_count < FILES_MAX);
    snprintf(paths[path_count], sizeof(paths[0]), "%s/%s", directory, name);
    return paths[path_count++];
}

const char *wished_file(const char *name, const char *content, size_t len) {
    const char *path = wished_path(name);
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(content, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
    return path;
}

const char *wished_pem_file(const char *name, const struct pki_forged *f, bool certificate,
                            bool key) {
    struct base_buf pem;
    const char *path;

    base_buf_init(&pem, 1 << 16);
    if (certificate)
        assert_int_equal(pki_forged_certificate_pem(f, &pem), WS_OK);
    if (key)
        assert_int_equal(pki_forged_key_pem(f, &pem), WS_OK);
    path = wished_file(name, base_buf_cstr(&pem), pem.len);
    base_buf_release(&pem);
    return path;
}

void wished_remove_files(void) {
    for (size_t i = 0; i < path_count; i++)
        (void)unlink(paths[i]);
    path_count = 0;
    if (directory[0] != '\0')
        assert_int_equal(rmdir(directory), 0);
    directory[0] = '\0';
}
