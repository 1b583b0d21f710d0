/* SPDX-License-Identifier: Apache-2.0 */
/* Random calls of the JSON writer: when it says that all is done, an independent reader must be
 * able to parse what it wrote. */
#include "base/json.h"
#include "json_reader.h"

#include <assert.h>
#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* --- the calls
 * ------------------------------------------------------------------------------------- */

static void call(struct base_json *j, uint8_t what, struct base_bytes arg) {
    char key[32] = {0};
    (void)base_bytes_copy(key, sizeof key - 1, arg);
    const char *k = what & 0x80 ? key : NULL;
    double ms = 0;
    (void)base_bytes_copy(&ms, sizeof ms, arg);
    switch (what & 7) {
    case 0:
        base_json_object(j, k);
        break;
    case 1:
        base_json_array(j, k);
        break;
    case 2:
    case 3:
        base_json_end(j);
        break;
    case 4:
        base_json_bytes(j, k, arg);
        break;
    case 5:
        base_json_ms(j, k, ms);
        break;
    case 6:
        base_json_bool(j, k, (what & 8) != 0);
        break;
    default:
        base_json_int(j, k, (int64_t)ms % 1000);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct base_buf out;
    struct base_json j;
    base_buf_init(&out, 1 << 20);
    base_json_init(&j, &out, size > 0 && (data[0] & 1));
    for (size_t at = 1; at + 1 < size;) {
        uint8_t what = data[at], len = data[at + 1];
        struct base_bytes arg = base_bytes_slice(base_bytes_view(data, size), at + 2, len & 31);
        if ((what & 7) == 5 || (what & 7) == 7) {
            double d = 0;
            (void)base_bytes_copy(&d, sizeof d, arg);
            if ((what & 7) == 7 && !(fabs(d) < 9e15))
                what = 6;
        }
        call(&j, what, arg);
        at += 2 + arg.len;
    }
    if (base_json_done(&j))
        assert(json_is_whole(base_buf_view(&out)));
    base_buf_release(&out);
    return 0;
}
