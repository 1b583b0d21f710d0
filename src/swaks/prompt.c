/* SPDX-License-Identifier: Apache-2.0 */
/* prompt - asks the user for what an option left open.
 *
 * The question goes out without a line end, the answer is one line of standard input; a terminal or
 * a pipe will do. An answer that does not fit is asked for again; when the input ends there is no
 * answer (swaks asks for ever). A protected answer is not echoed: an asterisk stands for each
 * character. Standard input is read through one buffer, since "-" may want the rest of it.
 */
#include "swaks/prompt.h"

#include "base/bytes.h"
#include "base/file.h"

#include <errno.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define WORD "_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LINE_MAX_LEN (1u << 20)
#define CHUNK 4096

void swaks_prompt_init(struct swaks_prompt *p, struct base_arena *arena, int in, int out) {
    *p = (struct swaks_prompt){.arena = arena, .in = in, .out = out};
    base_buf_init(&p->ahead, LINE_MAX_LEN);
}

void swaks_prompt_release(struct swaks_prompt *p) {
    base_buf_release(&p->ahead);
}

static void put(const struct swaks_prompt *p, const char *text) {
    (void)base_file_write(p->out, base_bytes_of_str(text));
}

/* Reads more input; false at its end. */
static bool read_more(struct swaks_prompt *p, size_t amount) {
    ssize_t n = 0;
    uint8_t *room = p->ended ? NULL : base_buf_reserve(&p->ahead, amount);
    if (room)
        do
            n = read(p->in, room, amount);
        while (n < 0 && errno == EINTR);
    if (n > 0)
        base_buf_commit(&p->ahead, (size_t)n);
    else
        p->ended = true;
    return n > 0;
}

/* The next line without its end; NULL when there is none. */
static const char *read_line(struct swaks_prompt *p) {
    struct base_bytes ahead = base_buf_view(&p->ahead);
    size_t end = base_bytes_find(ahead, '\n');
    while (end == ahead.len && read_more(p, CHUNK)) {
        ahead = base_buf_view(&p->ahead);
        end = base_bytes_find(ahead, '\n');
    }
    if (ahead.len == 0)
        return NULL;
    const char *line = base_arena_str_bytes(p->arena, base_bytes_slice(ahead, 0, end));
    base_buf_consume(&p->ahead, end < ahead.len ? end + 1 : end);
    return line;
}

/* Takes back the last character (UTF-8) that was typed. */
static void rub_out(struct swaks_prompt *p, struct base_buf *line) {
    struct base_bytes v = base_buf_view(line);
    size_t len = v.len;
    if (len == 0)
        return;
    while (len > 1 && (v.data[len - 1] & 0xC0) == 0x80)
        len--;
    base_buf_truncate(line, len - 1);
    put(p, "\b \b");
}

/* Types a line on a terminal that echoes nothing; false when the input ended before. */
static bool type_line(struct swaks_prompt *p, struct base_buf *line) {
    for (;;) {
        if (p->ahead.len == 0 && !read_more(p, 1))
            return line->len > 0;
        uint8_t c = base_buf_view(&p->ahead).data[0];
        base_buf_consume(&p->ahead, 1);
        if (c == '\n' || c == '\r')
            return true;
        if (c == 4 && line->len == 0)
            return false;
        if (c == 8 || c == 127) {
            rub_out(p, line);
        } else if (c >= 32) {
            base_buf_append_byte(line, c);
            if ((c & 0xC0) != 0x80)
                put(p, "*");
        }
    }
}

static const char *read_hidden(struct swaks_prompt *p) {
    struct termios before, hidden;
    struct base_buf line;
    if (tcgetattr(p->in, &before) != 0)
        return read_line(p);
    hidden = before;
    hidden.c_lflag &= (tcflag_t) ~(ECHO | ECHONL | ICANON);
    tcsetattr(p->in, TCSAFLUSH, &hidden);
    base_buf_init(&line, CHUNK);
    bool good = type_line(p, &line);
    tcsetattr(p->in, TCSAFLUSH, &before);
    put(p, "\n");
    const char *typed = good ? base_arena_str(p->arena, base_buf_cstr(&line)) : NULL;
    base_buf_release(&line);
    return typed;
}

bool swaks_prompt_accepts(enum swaks_answer accept, const char *answer) {
    size_t digits = strspn(answer, "0123456789");
    switch (accept) {
    case SWAKS_ANSWER_ANY:
        return true;
    case SWAKS_ANSWER_WORD:
        return *answer && answer[strspn(answer, WORD)] == '\0';
    case SWAKS_ANSWER_1_OR_2:
        return strcmp(answer, "1") == 0 || strcmp(answer, "2") == 0;
    case SWAKS_ANSWER_TIME:
        return digits > 0 &&
               (!answer[digits] || (strchr("smhSMH", answer[digits]) && !answer[digits + 1]));
    case SWAKS_ANSWER_FILLED:
    default:
        return *answer != '\0';
    }
}

const char *swaks_prompt_ask(struct swaks_prompt *p, const char *question, enum swaks_answer accept,
                             bool secret) {
    const char *answer;
    do {
        put(p, question);
        answer = secret && p->protect && isatty(p->in) ? read_hidden(p) : read_line(p);
    } while (answer && !swaks_prompt_accepts(accept, answer));
    return answer;
}

bool swaks_prompt_rest(struct swaks_prompt *p, size_t max, struct base_bytes *out) {
    if (!p->have_rest) {
        struct base_bytes more = BASE_BYTES_EMPTY;
        struct base_buf all;
        if (!p->ended && !base_file_read_fd(p->arena, p->in, max, &more))
            return false;
        p->rest = more;
        if (p->ahead.len > 0) {
            base_buf_init(&all, max + LINE_MAX_LEN);
            base_buf_append_bytes(&all, base_buf_view(&p->ahead));
            base_buf_append_bytes(&all, more);
            p->rest = base_arena_bytes(p->arena, base_buf_view(&all));
            base_buf_release(&all);
        }
        p->have_rest = p->ended = true;
        base_buf_clear(&p->ahead);
    }
    *out = p->rest;
    return true;
}
