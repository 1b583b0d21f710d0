/* SPDX-License-Identifier: Apache-2.0 */
/* A conversation in words: whatever the messages hold, printable text of bounded length.
 *
 * The input is a run of messages {flags, content type, version, length of two bytes, bytes}; the
 * lowest bit of the flags names the sender, the next asks for contents. */
#include "base/reader.h"
#include "base/text.h"
#include "report/trace.h"

#include <stdint.h>
#include <stdlib.h>

#define TEXT_MAX ((size_t)192 << 10)
#define MESSAGES_MAX 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int truth) {
    if (!truth)
        abort();
}

static void require_printable(struct base_bytes text) {
    while (text.len > 0) {
        uint32_t cp = 0;
        size_t n = base_text_utf8_next(text, &cp);
        require(n > 0);
        require(cp == '\n' || (cp >= 0x20 && cp != 0x7f && !(cp >= 0x80 && cp < 0xa0)));
        text = base_bytes_slice(text, n, text.len - n);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct report_trace state = {0};
    struct base_reader r;

    base_reader_init(&r, base_bytes_view(data, size));
    for (int i = 0; i < MESSAGES_MAX && base_reader_left(&r) > 0; i++) {
        uint8_t flags = base_reader_u8(&r, "flags");
        uint8_t content = base_reader_u8(&r, "content");
        uint16_t version = base_reader_u16(&r, "version");
        size_t length = base_reader_u16(&r, "length");
        struct base_buf out;
        if (length > base_reader_left(&r))
            length = base_reader_left(&r);
        base_buf_init(&out, 1 << 20);
        state.bytes = (flags & 2) != 0;
        report_trace_message(&state, (flags & 1) != 0, content, version,
                             base_reader_bytes(&r, length, "bytes"), &out);
        require(!out.failed && out.len > 0 && out.len <= TEXT_MAX);
        require(out.data[out.start + out.len - 1] == '\n');
        require_printable(base_buf_view(&out));
        base_buf_release(&out);
    }
    return 0;
}
