/* SPDX-License-Identifier: Apache-2.0 */
/* fetch - files over HTTPS on the loop, certificate and name verified
 *
 * libcurl is loaded on first use (2 ms and 23 libraries). Its multi interface tells which
 * descriptors and which time-out it waits for, and the loop does the waiting. Results are given
 * back from a timer, one by one, so that whoever gets one may free everything.
 *
 * It asks no DNS question: the addresses are those that our resolver found, and a guard refuses
 * any other name. It reads no .netrc and no proxy from the environment, follows no redirect (RFC
 * 8461 section 3.3), keeps no connection, and stops at the limits of size and time.
 *
 * Trust: the file, or every file of the directory, that is named; else libcurl's own bundle,
 * without the directory beside it, which would only be read a second time. A bundle is read once,
 * for the multi handle keeps it.
 *
 * Ownership: a transfer is its policy_web's until its `done`. Free before the loop. */
#include "policy/find_private.h"

#include "base/buf.h"
#include "base/library.h"
#include "base/text.h"
#include "pki/file.h"
#include "tls/session.h"

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define ROOTS_MAX ((size_t)16 << 20)
#define HEADERS_MAX ((size_t)65536)
#define TIMEOUT (15 * BASE_SECOND)
#define AT_ONCE 32u
#define WHY_MAX 1024u
#define TYPE_MAX 256u

/* clang-format off */
#define CURL_FUNCTIONS(X) \
    X(curl_easy_cleanup) \
    X(curl_easy_getinfo) \
    X(curl_easy_init) \
    X(curl_easy_setopt) \
    X(curl_easy_strerror) \
    X(curl_global_init) \
    X(curl_multi_add_handle) \
    X(curl_multi_assign) \
    X(curl_multi_cleanup) \
    X(curl_multi_info_read) \
    X(curl_multi_init) \
    X(curl_multi_remove_handle) \
    X(curl_multi_setopt) \
    X(curl_multi_socket_action) \
    X(curl_slist_append) \
    X(curl_slist_free_all)
/* clang-format on */

BASE_LIBRARY(curl, "libcurl.so.4", "libcurl4", CURL_FUNCTIONS)

TAILQ_HEAD(transfers, policy_transfer);

struct policy_transfer {
    TAILQ_ENTRY(policy_transfer) entry;
    struct transfers *list; /* of its policy_web */
    struct policy_web *web;
    struct policy_fetch want;
    void (*done)(void *arg, const struct policy_fetched *got);
    void *arg;
    CURL *handle;
    struct curl_slist *resolve;
    size_t header_bytes;
    struct base_buf body, type, why;
    struct policy_fetched got;
    char reason[CURL_ERROR_SIZE];
};

struct policy_web {
    struct net_loop *loop;
    struct policy_web_config config;
    CURLM *multi; /* NULL until needed */
    struct net_timer *timer, *wake;
    struct base_buf roots; /* of ca_dir */
    struct transfers waiting, running, finished;
    unsigned running_count;
};

static void wake(struct policy_web *w);

static void move(struct policy_transfer *t, struct transfers *list) {
    struct policy_web *w = t->web;
    if (t->list) {
        TAILQ_REMOVE(t->list, t, entry);
        w->running_count -= t->list == &w->running;
    }
    if (list) {
        TAILQ_INSERT_TAIL(list, t, entry);
        w->running_count += list == &w->running;
    }
    t->list = list;
}

/* --- what comes --- */

static size_t on_body(char *data, size_t size, size_t count, void *arg) {
    struct policy_transfer *t = arg;
    base_buf_append(&t->body, data, size * count);
    return t->body.failed ? 0 : size * count;
}

/* Status lines of 1xx answers count too: they could go on for ever. */
static size_t on_header(char *data, size_t size, size_t count, void *arg) {
    struct policy_transfer *t = arg;
    (void)data;
    t->header_bytes += size * count;
    return t->header_bytes > HEADERS_MAX ? 0 : size * count;
}

/* Called when a name is not among those that were given to libcurl. */
static int on_unknown_name(void *state, void *reserved, void *arg) {
    (void)state;
    (void)reserved;
    (void)arg;
    return 1;
}

/* --- one handle --- */

/* "+host:port:address,address": forgotten after a minute, not kept as long as the multi handle. */
static bool add_addresses(struct policy_transfer *t, const char *host, unsigned port,
                          const char *const *addresses, size_t count) {
    struct base_buf line;
    base_buf_init(&line, 8192);
    base_buf_printf(&line, "+%s:%u:", host, port);
    for (size_t i = 0; i < count; i++) {
        bool ipv6 = strchr(addresses[i], ':') != NULL;
        base_buf_printf(&line, "%s%s%s%s", i > 0 ? "," : "", ipv6 ? "[" : "", addresses[i],
                        ipv6 ? "]" : "");
    }
    struct curl_slist *more =
        line.failed ? NULL : curl.curl_slist_append(t->resolve, base_buf_cstr(&line));
    base_buf_release(&line);
    if (more)
        t->resolve = more;
    return more != NULL;
}

/* An IPv6 literal can't be told to libcurl as a name, so the proxy gets one that nobody sees. */
static const char *proxy_name(const struct policy_proxy *p) {
    return strchr(p->host, ':') ? "proxy.invalid" : p->host;
}

static bool set_addresses(struct policy_transfer *t) {
    const struct policy_fetch *f = &t->want;
    const struct policy_proxy *p = t->web->config.proxy;
    return add_addresses(t, f->host, f->port, f->addresses, f->address_count) &&
           (!p || add_addresses(t, proxy_name(p), p->port, p->addresses, p->address_count)) &&
           curl.curl_easy_setopt(t->handle, CURLOPT_RESOLVE, t->resolve) == CURLE_OK &&
           curl.curl_easy_setopt(t->handle, CURLOPT_RESOLVER_START_FUNCTION, on_unknown_name) ==
               CURLE_OK;
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

static bool set_directory(struct policy_transfer *t) {
    struct policy_web *w = t->web;
    if (w->roots.len == 0)
        read_directory(w->config.ca_dir, &w->roots);
    struct base_bytes all = base_buf_view(&w->roots);
    struct curl_blob blob = {
        .data = w->roots.data + w->roots.start, .len = all.len, .flags = CURL_BLOB_NOCOPY};
    return all.len > 0 && !w->roots.failed &&
           curl.curl_easy_setopt(t->handle, CURLOPT_CAINFO_BLOB, &blob) == CURLE_OK;
}

static bool set_trust(struct policy_transfer *t) {
    const struct policy_web_config *c = &t->web->config;
    CURLcode rc = CURLE_OK;
    if (c->ca_file)
        rc = curl.curl_easy_setopt(t->handle, CURLOPT_CAINFO, c->ca_file);
    if (rc == CURLE_OK)
        rc = curl.curl_easy_setopt(t->handle, CURLOPT_CAPATH, NULL);
    return rc == CURLE_OK && (c->ca_file || !c->ca_dir || set_directory(t));
}

static bool set_text(struct policy_transfer *t, CURLoption option, struct base_buf *text) {
    bool good =
        !text->failed && curl.curl_easy_setopt(t->handle, option, base_buf_cstr(text)) == CURLE_OK;
    base_buf_release(text);
    return good;
}

static bool set_url(struct policy_transfer *t) {
    struct base_buf url;
    base_buf_init(&url, 1024);
    base_buf_printf(&url, "https://%s", t->want.host);
    if (t->want.port != 443)
        base_buf_printf(&url, ":%u", t->want.port);
    base_buf_append_str(&url, t->want.path);
    return set_text(t, CURLOPT_URL, &url);
}

static bool set_proxy(struct policy_transfer *t) {
    const struct policy_proxy *p = t->web->config.proxy;
    struct base_buf url;
    if (!p)
        return curl.curl_easy_setopt(t->handle, CURLOPT_PROXY, "") == CURLE_OK;
    base_buf_init(&url, 1024);
    base_buf_printf(&url, "%s://%s:%u", p->http ? "http" : "socks5", proxy_name(p), p->port);
    return set_text(t, CURLOPT_PROXY, &url) &&
           (!p->user ||
            (curl.curl_easy_setopt(t->handle, CURLOPT_PROXYUSERNAME, p->user) == CURLE_OK &&
             curl.curl_easy_setopt(t->handle, CURLOPT_PROXYPASSWORD, p->secret ? p->secret : "") ==
                 CURLE_OK));
}

static bool set_limits(struct policy_transfer *t) {
    const struct policy_web_config *c = &t->web->config;
    const struct {
        CURLoption option;
        long value;
    } rows[] = {
        {CURLOPT_NOSIGNAL, 1},
        {CURLOPT_FOLLOWLOCATION, 0},
        {CURLOPT_SSL_VERIFYPEER, 1},
        {CURLOPT_SSL_VERIFYHOST, 2},
        {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
        {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1}, /* one small file: no streams, no windows */
        {CURLOPT_TIMEOUT_MS, (long)(c->timeout / BASE_MSEC)},
        {CURLOPT_MAXFILESIZE, (long)c->max},
        {CURLOPT_FAILONERROR, 0},
        {CURLOPT_NETRC, CURL_NETRC_IGNORED},
        {CURLOPT_FRESH_CONNECT, 1},
        {CURLOPT_FORBID_REUSE, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (curl.curl_easy_setopt(t->handle, rows[i].option, rows[i].value) != CURLE_OK)
            return false;
    return true;
}

static bool set_up(struct policy_transfer *t) {
    CURL *h = t->handle;
    return set_url(t) && set_limits(t) && set_trust(t) && set_addresses(t) && set_proxy(t) &&
           curl.curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
           curl.curl_easy_setopt(h, CURLOPT_USERAGENT, "waxseal/" WAXSEAL_VERSION) == CURLE_OK &&
           curl.curl_easy_setopt(h, CURLOPT_ERRORBUFFER, t->reason) == CURLE_OK &&
           curl.curl_easy_setopt(h, CURLOPT_PRIVATE, t) == CURLE_OK &&
           curl.curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK &&
           curl.curl_easy_setopt(h, CURLOPT_HEADERDATA, t) == CURLE_OK &&
           curl.curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
           curl.curl_easy_setopt(h, CURLOPT_WRITEDATA, t) == CURLE_OK;
}

/* --- results --- */

static void drop_handle(struct policy_transfer *t) {
    if (t->handle && t->web->multi)
        (void)curl.curl_multi_remove_handle(t->web->multi, t->handle);
    if (t->handle)
        curl.curl_easy_cleanup(t->handle);
    if (t->resolve)
        curl.curl_slist_free_all(t->resolve);
    t->handle = NULL;
    t->resolve = NULL;
}

static void finish(struct policy_transfer *t) {
    drop_handle(t);
    move(t, &t->web->finished);
    wake(t->web);
}

/* `why` may hold words of the server. */
static void fail(struct policy_transfer *t, const char *why) {
    base_text_escape_ascii(&t->why, base_bytes_slice(base_bytes_of_str(why), 0, WHY_MAX / 4));
    t->got.why = base_buf_cstr(&t->why);
    finish(t);
}

static void fail_by_size(struct policy_transfer *t) {
    struct base_buf why;
    base_buf_init(&why, 80);
    base_buf_printf(&why, "the file is longer than %zu KiB", t->web->config.max / 1024);
    fail(t, base_buf_cstr(&why));
    base_buf_release(&why);
}

static void take_result(struct policy_transfer *t, CURLcode rc) {
    const char *type = NULL;
    curl_off_t took = 0;
    if (t->body.failed || rc == CURLE_FILESIZE_EXCEEDED) {
        fail_by_size(t);
        return;
    }
    if (rc != CURLE_OK) {
        fail(t, t->header_bytes > HEADERS_MAX ? "the header of the answer does not end"
                : t->reason[0]                ? t->reason
                                              : curl.curl_easy_strerror(rc));
        return;
    }
    (void)curl.curl_easy_getinfo(t->handle, CURLINFO_RESPONSE_CODE, &t->got.status);
    (void)curl.curl_easy_getinfo(t->handle, CURLINFO_CONTENT_TYPE, &type);
    (void)curl.curl_easy_getinfo(t->handle, CURLINFO_TOTAL_TIME_T, &took);
    base_buf_append_str(&t->type, type ? type : "");
    t->got.ms = base_clock_ms((base_usec)took);
    finish(t);
}

static void collect(struct policy_web *w) {
    const CURLMsg *m = NULL;
    int left = 0;
    while ((m = curl.curl_multi_info_read(w->multi, &left))) {
        struct policy_transfer *t = NULL;
        CURLcode rc = m->data.result;
        if (m->msg == CURLMSG_DONE &&
            curl.curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t) == CURLE_OK && t)
            take_result(t, rc);
    }
}

/* --- libcurl on the loop --- */

static void act(struct policy_web *w, curl_socket_t fd, int what) {
    int running = 0;
    (void)curl.curl_multi_socket_action(w->multi, fd, what, &running);
    collect(w);
}

static void on_ready(void *arg, int fd, bool readable, bool writable) {
    act(arg, fd, (readable ? CURL_CSELECT_IN : 0) | (writable ? CURL_CSELECT_OUT : 0));
}

static void on_timer(void *arg) {
    struct policy_web *w = arg;
    net_timer_stop(w->timer);
    w->timer = NULL;
    act(w, CURL_SOCKET_TIMEOUT, 0);
}

/* libcurl wants to wait for this descriptor; `mine` is its watch, NULL none yet. */
static int on_socket(CURL *handle, curl_socket_t fd, int what, void *arg, void *mine) {
    struct policy_web *w = arg;
    struct net_watch *watch = mine;
    (void)handle;
    if (what == CURL_POLL_REMOVE) {
        net_watch_stop(watch);
        (void)curl.curl_multi_assign(w->multi, fd, NULL);
        return 0;
    }
    if (!watch) {
        watch = net_watch_start(w->loop, fd, on_ready, w);
        (void)curl.curl_multi_assign(w->multi, fd, watch);
    }
    bool good = watch && net_watch_want(watch, what & CURL_POLL_IN, what & CURL_POLL_OUT) == WS_OK;
    return good ? 0 : -1;
}

/* And this long, -1: no time-out is of interest. */
static int on_timeout_change(CURLM *multi, long ms, void *arg) {
    struct policy_web *w = arg;
    (void)multi;
    net_timer_stop(w->timer);
    w->timer = ms >= 0 ? net_timer_start(w->loop, (base_usec)ms * BASE_MSEC, on_timer, w) : NULL;
    return ms >= 0 && !w->timer ? -1 : 0;
}

static const char *start_libcurl(struct policy_web *w, struct base_error *e) {
    if (w->multi)
        return NULL;
    if (!tls_library_start()) /* libcurl uses it too, and would start more of it */
        return "the TLS library does not start";
    if (base_library_load(&curl_library, e) != WS_OK)
        return base_error_message(e);
    if (curl.curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
        w->multi = curl.curl_multi_init();
    if (w->multi && curl.curl_multi_setopt(w->multi, CURLMOPT_SOCKETFUNCTION, on_socket) == 0 &&
        curl.curl_multi_setopt(w->multi, CURLMOPT_SOCKETDATA, w) == 0 &&
        curl.curl_multi_setopt(w->multi, CURLMOPT_TIMERFUNCTION, on_timeout_change) == 0 &&
        curl.curl_multi_setopt(w->multi, CURLMOPT_TIMERDATA, w) == 0)
        return NULL;
    if (w->multi)
        (void)curl.curl_multi_cleanup(w->multi);
    w->multi = NULL;
    return "libcurl refuses to be set up";
}

static void start_transfer(struct policy_transfer *t) {
    struct policy_web *w = t->web;
    struct base_error e = {0};
    move(t, &w->running);
    const char *why = start_libcurl(w, &e);
    if (!why) {
        t->handle = curl.curl_easy_init();
        if (!t->handle || !set_up(t) || curl.curl_multi_add_handle(w->multi, t->handle) != CURLM_OK)
            why = "libcurl refuses to be set up";
    }
    if (why)
        fail(t, why);
}

/* All that does not need its policy_web any more. */
static void release(struct policy_transfer *t) {
    base_buf_release(&t->body);
    base_buf_release(&t->type);
    base_buf_release(&t->why);
    free(t);
}

static void free_transfer(struct policy_transfer *t) {
    drop_handle(t);
    move(t, NULL);
    release(t);
}

/* `done` may free the policy_web, so it comes last; the next round is ordered before. */
static void on_wake(void *arg) {
    struct policy_web *w = arg;
    struct policy_transfer *t = NULL;
    net_timer_stop(w->wake);
    w->wake = NULL;
    while (w->running_count < w->config.at_once && (t = TAILQ_FIRST(&w->waiting)))
        start_transfer(t);
    t = TAILQ_FIRST(&w->finished);
    if (!t)
        return;
    move(t, NULL);
    wake(w);
    t->got.body = base_buf_view(&t->body);
    t->got.content_type = base_buf_cstr(&t->type);
    t->done(t->arg, &t->got);
    release(t);
}

static void wake(struct policy_web *w) {
    if (!w->wake)
        w->wake = net_timer_start(w->loop, 0, on_wake, w);
}

/* --- the way in --- */

enum ws_err policy_web_new(struct net_loop *loop, const struct policy_web_config *c,
                           struct policy_web **out, struct base_error *e) {
    struct policy_web *w = calloc(1, sizeof *w);
    *out = w;
    if (!w)
        return base_error_set(e, WS_NOMEM, "out of memory");
    w->loop = loop;
    w->config = *c;
    if (w->config.timeout == 0)
        w->config.timeout = TIMEOUT;
    if (w->config.at_once == 0)
        w->config.at_once = AT_ONCE;
    base_buf_init(&w->roots, ROOTS_MAX);
    TAILQ_INIT(&w->waiting);
    TAILQ_INIT(&w->running);
    TAILQ_INIT(&w->finished);
    return WS_OK;
}

void policy_web_free(struct policy_web *w) {
    if (!w)
        return;
    struct transfers *const lists[] = {&w->waiting, &w->running, &w->finished};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        for (struct policy_transfer *t = TAILQ_FIRST(lists[i]), *next; t; t = next) {
            next = TAILQ_NEXT(t, entry);
            free_transfer(t);
        }
    if (w->multi)
        (void)curl.curl_multi_cleanup(w->multi);
    net_timer_stop(w->timer);
    net_timer_stop(w->wake);
    base_buf_release(&w->roots);
    free(w);
}

struct policy_transfer *
policy_fetch_start(struct policy_web *w, const struct policy_fetch *f,
                   void (*done)(void *arg, const struct policy_fetched *got), void *arg) {
    struct policy_transfer *t = calloc(1, sizeof *t);
    wake(w);
    if (!t || !w->wake) {
        free(t);
        return NULL;
    }
    t->web = w;
    t->want = *f;
    t->done = done;
    t->arg = arg;
    t->got.why = "";
    base_buf_init(&t->body, w->config.max);
    base_buf_init(&t->type, TYPE_MAX);
    base_buf_init(&t->why, WHY_MAX);
    move(t, &w->waiting);
    return t;
}

void policy_fetch_cancel(struct policy_transfer *t) {
    struct policy_web *w = t->web;
    free_transfer(t);
    wake(w); /* another may have waited for its place */
}
