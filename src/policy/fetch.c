/* SPDX-License-Identifier: Apache-2.0 */
/* fetch - one file over HTTPS, certificate and name verified
 *
 * libcurl is loaded on first use (2 ms and 23 libraries). It asks no DNS question: the addresses
 * are those that our resolver found. It reads no .netrc and no proxy from the environment, follows
 * no redirect (RFC 8461 section 3.3), and stops at the limits of size and time.
 *
 * Trust: the file, or every file of the directory, that is named; else libcurl's own bundle,
 * without the directory beside it, which would only be read a second time.
 *
 * Ownership: results are the arena's. Blocks. */
#include "policy/fetch.h"

#include "base/buf.h"
#include "base/library.h"
#include "pki/file.h"
#include "tls/session.h"

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include <dirent.h>
#include <limits.h>
#include <string.h>

#define ROOTS_MAX ((size_t)16 << 20)

/* clang-format off */
#define CURL_FUNCTIONS(X) \
    X(curl_easy_cleanup) \
    X(curl_easy_getinfo) \
    X(curl_easy_init) \
    X(curl_easy_perform) \
    X(curl_easy_setopt) \
    X(curl_easy_strerror) \
    X(curl_global_init) \
    X(curl_slist_append) \
    X(curl_slist_free_all)
/* clang-format on */

static struct {
#define FIELD(f) __typeof__ (&(f))(f);
    CURL_FUNCTIONS(FIELD)
#undef FIELD
} curl;

static const char *const curl_symbols[] = {
#define NAME(f) #f,
    CURL_FUNCTIONS(NAME)
#undef NAME
        NULL};

static struct base_library curl_library = {
    .file = "libcurl.so.4",
    .package = "libcurl4",
    .symbols = curl_symbols,
    .functions = &curl,
};

struct transfer {
    const struct policy_fetch *want;
    CURL *handle;
    struct curl_slist *resolve;
    struct base_buf body;
    char reason[CURL_ERROR_SIZE];
};

static size_t on_body(char *data, size_t size, size_t count, void *arg) {
    struct transfer *t = arg;
    base_buf_append(&t->body, data, size * count);
    return t->body.failed ? 0 : size * count;
}

/* "host:port:address,address" */
static bool give_addresses(struct transfer *t) {
    struct base_buf line;
    base_buf_init(&line, 8192);
    base_buf_printf(&line, "%s:%u:", t->want->host, t->want->port);
    for (size_t i = 0; i < t->want->address_count; i++) {
        bool ipv6 = strchr(t->want->addresses[i], ':') != NULL;
        base_buf_printf(&line, "%s%s%s%s", i > 0 ? "," : "", ipv6 ? "[" : "", t->want->addresses[i],
                        ipv6 ? "]" : "");
    }
    t->resolve = curl.curl_slist_append(NULL, base_buf_cstr(&line));
    bool good = t->resolve && !line.failed;
    base_buf_release(&line);
    return good && curl.curl_easy_setopt(t->handle, CURLOPT_RESOLVE, t->resolve) == CURLE_OK;
}

/* All certificates of a directory, whatever the files are called. */
static void read_directory(const char *dir, struct base_buf *out) {
    DIR *d = opendir(dir);
    const struct dirent *entry = NULL;
    while (d && (entry = readdir(d)) != NULL) {
        struct base_buf path, file;
        struct base_error ignored = {0};
        base_buf_init(&path, PATH_MAX);
        base_buf_init(&file, ROOTS_MAX);
        base_buf_printf(&path, "%s/%s", dir, entry->d_name);
        if (entry->d_name[0] != '.' &&
            pki_file_read("", base_buf_cstr(&path), &file, &ignored) == WS_OK &&
            pki_file_is_pem(base_buf_view(&file))) {
            base_buf_append_bytes(out, base_buf_view(&file));
            base_buf_append_byte(out, '\n');
        }
        base_buf_release(&path);
        base_buf_release(&file);
    }
    if (d)
        (void)closedir(d);
}

static bool set_directory(struct transfer *t) {
    struct base_buf roots;
    base_buf_init(&roots, ROOTS_MAX);
    read_directory(t->want->ca_dir, &roots);
    struct curl_blob blob = {.data = roots.data, .len = roots.len, .flags = CURL_BLOB_COPY};
    bool good = roots.len > 0 && !roots.failed &&
                curl.curl_easy_setopt(t->handle, CURLOPT_CAINFO_BLOB, &blob) == CURLE_OK;
    base_buf_release(&roots);
    return good;
}

static bool set_trust(struct transfer *t) {
    const struct policy_fetch *f = t->want;
    CURLcode rc = CURLE_OK;
    if (f->ca_file)
        rc = curl.curl_easy_setopt(t->handle, CURLOPT_CAINFO, f->ca_file);
    if (rc == CURLE_OK)
        rc = curl.curl_easy_setopt(t->handle, CURLOPT_CAPATH, NULL);
    return rc == CURLE_OK && (f->ca_file || !f->ca_dir || set_directory(t));
}

static bool set_url(struct transfer *t) {
    struct base_buf url;
    base_buf_init(&url, 1024);
    if (t->want->port == 443)
        base_buf_printf(&url, "https://%s%s", t->want->host, t->want->path);
    else
        base_buf_printf(&url, "https://%s:%u%s", t->want->host, t->want->port, t->want->path);
    bool good = !url.failed &&
                curl.curl_easy_setopt(t->handle, CURLOPT_URL, base_buf_cstr(&url)) == CURLE_OK;
    base_buf_release(&url);
    return good;
}

static bool set_limits(struct transfer *t) {
    const struct {
        CURLoption option;
        long value;
    } rows[] = {
        {CURLOPT_NOSIGNAL, 1},
        {CURLOPT_FOLLOWLOCATION, 0},
        {CURLOPT_SSL_VERIFYPEER, 1},
        {CURLOPT_SSL_VERIFYHOST, 2},
        {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
        {CURLOPT_TIMEOUT_MS, (long)(t->want->timeout / BASE_MSEC)},
        {CURLOPT_FAILONERROR, 0},
        {CURLOPT_NETRC, CURL_NETRC_IGNORED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (curl.curl_easy_setopt(t->handle, rows[i].option, rows[i].value) != CURLE_OK)
            return false;
    return true;
}

static bool set_login(struct transfer *t) {
    const struct policy_fetch *f = t->want;
    return !f->proxy_user ||
           (curl.curl_easy_setopt(t->handle, CURLOPT_PROXYUSERNAME, f->proxy_user) == CURLE_OK &&
            curl.curl_easy_setopt(t->handle, CURLOPT_PROXYPASSWORD,
                                  f->proxy_secret ? f->proxy_secret : "") == CURLE_OK);
}

static bool set_up(struct transfer *t) {
    CURL *h = t->handle;
    return set_url(t) && set_limits(t) && set_trust(t) && give_addresses(t) &&
           curl.curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
           curl.curl_easy_setopt(h, CURLOPT_PROXY, t->want->proxy ? t->want->proxy : "") ==
               CURLE_OK &&
           set_login(t) &&
           curl.curl_easy_setopt(h, CURLOPT_USERAGENT, "waxseal/" WAXSEAL_VERSION) == CURLE_OK &&
           curl.curl_easy_setopt(h, CURLOPT_ERRORBUFFER, t->reason) == CURLE_OK &&
           curl.curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
           curl.curl_easy_setopt(h, CURLOPT_WRITEDATA, t) == CURLE_OK;
}

static enum ws_err perform(struct transfer *t, struct base_arena *arena, struct policy_fetched *out,
                           struct base_error *e) {
    const char *type = NULL;
    curl_off_t took = 0;
    CURLcode rc = curl.curl_easy_perform(t->handle);
    if (t->body.failed)
        return base_error_set(e, WS_IO, "the file is longer than %zu KiB", t->want->max / 1024);
    if (rc != CURLE_OK)
        return base_error_set(e, WS_IO, "%s",
                              t->reason[0] ? t->reason : curl.curl_easy_strerror(rc));
    (void)curl.curl_easy_getinfo(t->handle, CURLINFO_RESPONSE_CODE, &out->status);
    (void)curl.curl_easy_getinfo(t->handle, CURLINFO_CONTENT_TYPE, &type);
    (void)curl.curl_easy_getinfo(t->handle, CURLINFO_TOTAL_TIME_T, &took);
    out->content_type = base_arena_str(arena, type);
    out->body = base_arena_bytes(arena, base_buf_view(&t->body));
    out->ms = base_clock_ms((base_usec)took);
    return WS_OK;
}

enum ws_err policy_fetch(const struct policy_fetch *f, struct base_arena *arena,
                         struct policy_fetched *out, struct base_error *e) {
    struct transfer t = {.want = f};
    *out = (struct policy_fetched){.content_type = ""};
    if (!tls_library_start()) /* libcurl uses it too, and would start more of it */
        return base_error_set(e, WS_LIBRARY, "the TLS library does not start");
    enum ws_err err = base_library_load(&curl_library, e);
    if (err != WS_OK)
        return err;
    base_buf_init(&t.body, f->max);
    if (curl.curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
        t.handle = curl.curl_easy_init();
    if (!t.handle || !set_up(&t))
        err = base_error_set(e, WS_LIBRARY, "libcurl refuses to be set up");
    else
        err = perform(&t, arena, out, e);
    curl.curl_easy_cleanup(t.handle);
    curl.curl_slist_free_all(t.resolve);
    base_buf_release(&t.body);
    return err;
}
