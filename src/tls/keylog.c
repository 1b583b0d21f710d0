/* SPDX-License-Identifier: Apache-2.0 */
/* tls/keylog - the session's secrets for a packet analyser
 *
 * NSS key log format, appended to the file; a new one has mode 0600, an older one keeps what it
 * holds. */
#include "tls/wish.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void write_line(const SSL *ssl, const char *line) {
    const struct tls_session *s = SSL_get_app_data(ssl);
    const struct tls_wished *w = s ? s->context->wished : NULL;
    struct base_buf text;

    if (!w || w->keylog < 0)
        return;
    base_buf_init(&text, 4096);
    base_buf_printf(&text, "%s\n", line);
    /* one write, so that sessions side by side do not mix their lines */
    if (write(w->keylog, base_buf_cstr(&text), text.len) != (ssize_t)text.len)
        base_log_line(s->log, BASE_LOG_WARN, s->who, "-keylogfile %s: %s", w->wish->keylog_file,
                      strerror(errno));
    OPENSSL_cleanse(text.data, text.cap);
    base_buf_release(&text);
}

enum ws_err tls_wish_keylog(SSL_CTX *ssl, struct tls_wished *w, struct base_error *e) {
    const char *path = w->wish->keylog_file;

    if (!path)
        return WS_OK;
    w->keylog = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (w->keylog < 0)
        return tls_wish_error(e, "-keylogfile", path, "%s", strerror(errno));
    SSL_CTX_set_keylog_callback(ssl, write_line);
    return WS_OK;
}
