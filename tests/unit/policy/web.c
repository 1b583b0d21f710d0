/* SPDX-License-Identifier: Apache-2.0 */
#include "web.h"

#include "pki/forge.h"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OK "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
#define PLAIN OK "\r\n"
#define POLICY "version: STSv1\r\nmode: enforce\r\nmx: *.example\r\nmax_age: 86400\r\n"

/* An answer: `first`, then `again` for as long as somebody listens, `pause` ms in between. */
static const struct answer {
    const char *name, *first, *again;
    unsigned pause;
} answers[] = {
    {"huge", PLAIN, "mx: a.example and so on, without an end, for ever and ever\r\n", 0},
    {"large", OK "Content-Length: 100000000\r\n\r\n", NULL, 0},
    {"headers", OK, "X-More: a header and another one and another one\r\n", 0},
    {"hundred", "", "HTTP/1.1 100 Continue\r\n\r\n", 0},
    {"long-header", OK "X-Long: ", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0},
    {"garbage", "220 mail.example ESMTP\r\n", NULL, 0},
    {"moved", "HTTP/1.1 302 Found\r\nLocation: https://mta-sts.good.example/\r\n\r\n", NULL, 0},
    {"missing", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", NULL, 0},
    {"busy", "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", NULL, 0},
    {"html", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" POLICY, NULL, 0},
    {"cut", OK "Content-Length: 500\r\n\r\n" POLICY, NULL, 0},
    {"drip", PLAIN, "x", 40},
    {"silent", "", "", 40},
    {"empty", "", NULL, 0},
};

static void put(SSL *ssl, const char *text) {
    int len = (int)strlen(text);
    if (len > 0 && SSL_write(ssl, text, len) <= 0)
        _exit(0);
}

static void play(SSL *ssl, const struct answer *a) {
    put(ssl, a->first);
    char chunk[8192] = ""; /* one, or as many as there is room for */
    size_t len = a->again ? strlen(a->again) : 0, room = a->pause ? 2 * len : sizeof chunk;
    for (size_t at = 0; len > 0 && at + len < room; at += len)
        strcpy(chunk + at, a->again);
    char hung_up;
    while (a->again && recv(SSL_get_fd(ssl), &hung_up, 1, MSG_PEEK | MSG_DONTWAIT) < 0) {
        put(ssl, chunk);
        usleep(a->pause * 1000);
    }
}

static void answer(SSL *ssl) {
    char request[4096];
    size_t len = 0;
    int n;
    do {
        n = SSL_read(ssl, request + len, (int)(sizeof request - 1 - len));
        len += n > 0 ? (size_t)n : 0;
        request[len] = '\0';
    } while (n > 0 && !strstr(request, "\r\n\r\n"));
    const char *host = strstr(request, "Host: mta-sts.");
    for (size_t i = 0; host && i < sizeof answers / sizeof answers[0]; i++) {
        size_t end = strlen(answers[i].name);
        if (strncmp(host + 14, answers[i].name, end) == 0 && host[14 + end] == '.') {
            play(ssl, &answers[i]);
            return;
        }
    }
    put(ssl, PLAIN POLICY);
}

static void serve(SSL_CTX *ctx, int listener) {
    signal(SIGCHLD, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            _exit(1);
        if (fork() == 0) {
            alarm(300); /* the machine may be slow */
            SSL *ssl = SSL_new(ctx);
            SSL_set_fd(ssl, fd);
            if (SSL_accept(ssl) == 1) {
                answer(ssl);
                SSL_shutdown(ssl);
            }
            _exit(0);
        }
        close(fd);
    }
}

static struct pki_forged *forge(const char *name, const char *const *sans,
                                const struct pki_forged *issuer) {
    struct base_error e = {0};
    struct pki_forged *made = NULL;
    const struct pki_forge_request r = {.common_name = name,
                                        .dns_names = sans,
                                        .not_before = time(NULL) - 3600,
                                        .not_after = time(NULL) + 86400,
                                        .ca = !issuer};
    if (pki_forge(&r, issuer, &made, &e) != WS_OK)
        abort();
    return made;
}

static void use(SSL_CTX *ctx, const struct pki_forged *leaf) {
    struct base_buf pem;
    base_buf_init(&pem, 65536);
    if (pki_forged_certificate_pem(leaf, &pem) != WS_OK || pki_forged_key_pem(leaf, &pem) != WS_OK)
        abort();
    BIO *bio = BIO_new_mem_buf(pem.data + pem.start, (int)pem.len);
    X509 *x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    if (SSL_CTX_use_certificate(ctx, x) != 1 || SSL_CTX_use_PrivateKey(ctx, key) != 1)
        abort();
    X509_free(x);
    EVP_PKEY_free(key);
    BIO_free(bio);
    base_buf_release(&pem);
}

static void write_roots(struct web *w, const struct pki_forged *root) {
    struct base_buf pem;
    base_buf_init(&pem, 65536);
    strcpy(w->roots, "/tmp/wsXXXXXX");
    int fd = mkstemp(w->roots);
    if (pki_forged_certificate_pem(root, &pem) != WS_OK ||
        write(fd, pem.data + pem.start, pem.len) != (ssize_t)pem.len)
        abort();
    close(fd);
    base_buf_release(&pem);
}

/* "mta-sts.NAME.example" for all above, "good", and "many0" ... */
static struct pki_forged *forge_leaf(const struct pki_forged *root) {
    enum { KNOWN = sizeof answers / sizeof answers[0], COUNT = KNOWN + 1 + WEB_MANY };
    static char texts[COUNT][64];
    const char *names[COUNT + 1] = {NULL};
    for (size_t i = 0; i < COUNT; i++) {
        if (i <= KNOWN)
            snprintf(texts[i], sizeof texts[i], "mta-sts.%s.example",
                     i < KNOWN ? answers[i].name : "good");
        else
            snprintf(texts[i], sizeof texts[i], "mta-sts.many%zu.example", i - KNOWN - 1);
        names[i] = texts[i];
    }
    return forge("web", names, root);
}

void web_start(struct web *w) {
    struct sockaddr_in local = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof local;
    struct pki_forged *root = forge("Test Root", NULL, NULL);
    struct pki_forged *leaf = forge_leaf(root);
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    use(ctx, leaf);
    write_roots(w, root);
    if (bind(fd, (struct sockaddr *)&local, sizeof local) != 0 || listen(fd, 128) != 0 ||
        getsockname(fd, (struct sockaddr *)&local, &len) != 0)
        abort();
    w->port = ntohs(local.sin_port);
    w->child = fork();
    if (w->child == 0)
        serve(ctx, fd);
    close(fd);
    SSL_CTX_free(ctx);
    pki_forged_free(leaf);
    pki_forged_free(root);
}

void web_stop(struct web *w) {
    kill(w->child, SIGKILL);
    waitpid(w->child, NULL, 0);
    unlink(w->roots);
}
