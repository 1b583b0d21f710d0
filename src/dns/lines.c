/* SPDX-License-Identifier: Apache-2.0 */
/* lines - bounded reading of small configuration files
 *
 * /etc/hosts, resolv.conf, trust anchors and override files share one shape: lines, words,
 * comments. They are read whole, up to a limit, so that a device or a huge file named by mistake
 * ends in a message and not in waiting. A carriage return before the newline is blank. */
#include "dns/lines.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum ws_err too_large(const char *what, const char *path, size_t max, struct base_error *e) {
    return base_error_set(e, WS_LIMIT, "%s %s: larger than %zu MiB", what, path, max >> 20);
}

enum ws_err dns_lines_read(const char *path, const char *what, size_t max, struct base_buf *out,
                           struct base_error *e) {
    struct stat st;
    base_buf_init(out, max + 1);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return base_error_set(e, WS_IO, "%s %s: %s", what, path, strerrordesc_np(errno));
    enum ws_err err = WS_IO;
    if (fstat(fd, &st) != 0 || S_ISDIR(st.st_mode) || S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
        (void)base_error_set(e, err, "%s %s: this is not a file of text", what, path);
    else if (S_ISREG(st.st_mode) && st.st_size > (off_t)max)
        err = too_large(what, path, max, e);
    else if (base_file_fill(fd, max, out))
        err = WS_OK;
    else if (errno == EFBIG)
        err = too_large(what, path, max, e);
    else
        (void)base_error_set(e, err, "%s %s: %s", what, path, strerrordesc_np(errno));
    (void)close(fd);
    return err;
}

static bool is_blank(uint8_t c) {
    return base_ascii_is_space(c) || c == '\r';
}

bool dns_lines_next(struct dns_lines *l, char comment, struct base_bytes *line) {
    if (l->rest.len == 0)
        return false;
    size_t end = base_bytes_find(l->rest, '\n');
    struct base_bytes all = base_bytes_slice(l->rest, 0, end);
    l->rest = base_bytes_slice(l->rest, end + 1, l->rest.len);
    l->number++;
    all.len = base_bytes_find(all, '#');
    all.len = base_bytes_find(all, (uint8_t)comment);
    while (all.len > 0 && is_blank(all.data[all.len - 1]))
        all.len--;
    while (all.len > 0 && is_blank(all.data[0]))
        all = base_bytes_slice(all, 1, all.len);
    *line = all;
    return true;
}

bool dns_lines_word(struct base_bytes *line, struct base_bytes *word) {
    size_t end = 0;
    while (line->len > 0 && is_blank(line->data[0]))
        *line = base_bytes_slice(*line, 1, line->len);
    while (end < line->len && !is_blank(line->data[end]))
        end++;
    *word = base_bytes_slice(*line, 0, end);
    *line = base_bytes_slice(*line, end, line->len);
    return word->len > 0;
}
