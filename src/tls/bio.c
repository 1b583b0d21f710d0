/* SPDX-License-Identifier: Apache-2.0 */
/* tls/bio - the library's transport without a socket
 *
 * A BIO that reads straight from the bytes being fed and writes straight into the session's output
 * buffer: no second copy, and exact counts of what the handshake took. It never blocks and never
 * reports the end of the stream; an empty input says "retry". */
#include "tls/internal.h"

#include <openssl/bio.h>

static int bio_read(BIO *bio, char *data, size_t len, size_t *done) {
    struct tls_session *s = BIO_get_data(bio);

    BIO_clear_retry_flags(bio);
    *done = base_bytes_copy(data, len, s->in);
    if (*done == 0) {
        BIO_set_retry_read(bio);
        return 0;
    }
    s->in = base_bytes_slice(s->in, *done, s->in.len - *done);
    s->bytes_in += *done;
    return 1;
}

static int bio_write(BIO *bio, const char *data, size_t len, size_t *done) {
    struct tls_session *s = BIO_get_data(bio);

    BIO_clear_retry_flags(bio);
    base_buf_append(&s->output, data, len);
    if (s->output.failed)
        return 0;
    s->bytes_out += len;
    *done = len;
    return 1;
}

static long bio_ctrl(BIO *bio, int command, long number, void *pointer) {
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD *tls_bio_method(void) {
    BIO_METHOD *m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "waxseal session");

    if (m && BIO_meth_set_read_ex(m, bio_read) == 1 && BIO_meth_set_write_ex(m, bio_write) == 1 &&
        BIO_meth_set_ctrl(m, bio_ctrl) == 1)
        return m;
    BIO_meth_free(m);
    return NULL;
}

BIO *tls_bio_new(struct tls_session *s) {
    BIO *bio = BIO_new(s->context->bio);

    if (bio) {
        BIO_set_data(bio, s);
        BIO_set_init(bio, 1);
    }
    return bio;
}
