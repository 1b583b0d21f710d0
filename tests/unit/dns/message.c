/* SPDX-License-Identifier: Apache-2.0 */
/* message - builds DNS messages for the tests */
#include "message.h"

#include "base/writer.h"

#include <arpa/inet.h>
#include <string.h>

void message_name(struct base_buf *m, const char *name) {
    while (*name && strcmp(name, ".") != 0) {
        size_t n = strcspn(name, ".");
        base_writer_u8(m, (uint8_t)n);
        base_buf_append(m, name, n);
        name += n + (name[n] == '.');
    }
    base_writer_u8(m, 0);
}

void message_begin(struct base_buf *m, unsigned id, unsigned flags, const char *name,
                   unsigned type) {
    base_buf_clear(m);
    base_writer_u16(m, (uint16_t)id);
    base_writer_u16(m, (uint16_t)flags);
    base_writer_u16(m, 1);
    base_writer_u16(m, 0);
    base_writer_u32(m, 0);
    message_name(m, name);
    base_writer_u16(m, (uint16_t)type);
    base_writer_u16(m, 1);
}

size_t message_record(struct base_buf *m, const char *owner, unsigned type, unsigned ttl) {
    uint8_t *count = m->data + m->start + 6;
    unsigned n = (unsigned)(count[0] << 8 | count[1]) + 1;
    count[0] = (uint8_t)(n >> 8);
    count[1] = (uint8_t)n;
    message_name(m, owner);
    base_writer_u16(m, (uint16_t)type);
    base_writer_u16(m, 1);
    base_writer_u32(m, ttl);
    return base_writer_open(m, 2);
}

void message_close(struct base_buf *m, size_t mark) {
    base_writer_close(m, mark, 2);
}

void message_a(struct base_buf *m, const char *owner, const char *address) {
    uint8_t binary[16];
    int v6 = strchr(address, ':') != NULL;
    size_t mark = message_record(m, owner, v6 ? 28 : 1, 300);
    inet_pton(v6 ? AF_INET6 : AF_INET, address, binary);
    base_buf_append(m, binary, v6 ? 16 : 4);
    message_close(m, mark);
}

void message_mx(struct base_buf *m, const char *owner, unsigned preference, const char *host) {
    size_t mark = message_record(m, owner, 15, 300);
    base_writer_u16(m, (uint16_t)preference);
    message_name(m, host);
    message_close(m, mark);
}

void message_text(struct base_buf *m, const char *owner, unsigned type, const char *name) {
    size_t mark = message_record(m, owner, type, 300);
    message_name(m, name);
    message_close(m, mark);
}
