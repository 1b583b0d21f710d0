/* SPDX-License-Identifier: Apache-2.0 */
/* talk_editor - line editing, history and completion with libedit, which is loaded when a
 * terminal is there.
 *
 * libedit asks for one character at a time; while none is there, the connection is played. What the
 * server says meanwhile is printed above the line: the line is wiped, the text printed, the line
 * drawn again. Signals are noted (talk_signals.h) and looked at here, where the terminal can be
 * given back first.
 *
 * Keys are read as UTF-8 whatever the locale says; libedit works under a locale of its own for
 * that, which no other part of the process sees.
 *
 * One editor per process: libedit's prompt function has no argument but the editor itself. */
#include "talk/editor.h"

#include "base/file.h"
#include "base/library.h"
#include "base/text.h"
#include "talk/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <histedit.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define HISTORY_LINES 1000
#define LIST_MAX ((size_t)64 << 10)

/* clang-format off */
#define EDIT_FUNCTIONS(X) \
    X(el_deletestr) \
    X(el_end) \
    X(el_get) \
    X(el_gets) \
    X(el_init) \
    X(el_insertstr) \
    X(el_line) \
    X(el_resize) \
    X(el_set) \
    X(el_source) \
    X(el_wset) \
    X(history) \
    X(history_end) \
    X(history_init)
/* clang-format on */

BASE_LIBRARY(edit, "libedit.so.2", "libedit2", EDIT_FUNCTIONS)

struct talk_editor {
    EditLine *el;
    History *history;
    FILE *in, *out;
    int in_fd, out_fd;
    const char *history_file;
    const char *prompt;
    struct talk_editor_owner owner;
    locale_t locale;
    enum talk_typed typed; /* why reading stopped */
    uint8_t keys[64];      /* read and not yet used */
    size_t key_count;
    bool ended; /* the terminal is gone */
};

static struct talk_editor *editor_of(EditLine *el) {
    void *data = NULL;
    (void)edit.el_get(el, EL_CLIENTDATA, &data);
    return data;
}

/* --- the line on the screen --- */

static size_t screen_columns(const struct talk_editor *ed) {
    struct winsize w;
    if (ioctl(ed->out_fd, TIOCGWINSZ, &w) != 0 || w.ws_col == 0)
        return 80;
    return w.ws_col;
}

static void put(const struct talk_editor *ed, const char *text) {
    (void)base_file_write(ed->out_fd, base_bytes_of_str(text));
}

/* Columns from the start of the prompt to the cursor. libedit shows a control character as two. */
static size_t cursor_column(const struct talk_editor *ed) {
    const LineInfo *line = edit.el_line(ed->el);
    struct base_buf text;
    size_t controls = 0;
    base_buf_init(&text, LIST_MAX);
    base_buf_append_str(&text, ed->prompt);
    for (const char *c = line->buffer; c < line->cursor; c++) {
        bool control = (uint8_t)*c < ' ' || *c == 0x7f;
        controls += control ? 2 : 0;
        if (!control)
            base_buf_append_byte(&text, (uint8_t)*c);
    }
    size_t width = base_text_width(base_buf_cstr(&text)) + controls;
    base_buf_release(&text);
    return width;
}

static void wipe_line(const struct talk_editor *ed, size_t columns) {
    char move[32];
    size_t rows = cursor_column(ed) / columns;
    if (rows > 0) {
        (void)snprintf(move, sizeof move, "\033[%zuA", rows);
        put(ed, move);
    }
    put(ed, "\r\033[J");
}

static void draw_line(const struct talk_editor *ed) {
    (void)edit.el_set(ed->el, EL_REFRESH);
    (void)fflush(ed->out);
}

static void show_above(struct talk_editor *ed) {
    (void)fflush(ed->out);
    wipe_line(ed, screen_columns(ed));
    ed->owner.show(ed->owner.arg);
    draw_line(ed);
}

/* --- signals --- */

static void stop_for_a_while(struct talk_editor *ed) {
    (void)edit.el_set(ed->el, EL_PREP_TERM, 0);
    put(ed, "\n");
    talk_signals_stop();
    (void)edit.el_set(ed->el, EL_PREP_TERM, 1);
    edit.el_resize(ed->el);
    draw_line(ed);
}

/* True: reading the line is over. */
static bool obey_signals(struct talk_editor *ed) {
    struct talk_signals s = talk_signals_look();
    if (s.leave || s.interrupts > 0) {
        ed->typed = s.leave ? TALK_TYPED_LEAVE : TALK_TYPED_DROPPED;
        return true;
    }
    if (s.suspend)
        stop_for_a_while(ed);
    if (s.resized) {
        wipe_line(ed, screen_columns(ed));
        edit.el_resize(ed->el);
        draw_line(ed);
    }
    return false;
}

/* --- keys --- */

static void read_keys(struct talk_editor *ed) {
    ssize_t n = read(ed->in_fd, ed->keys + ed->key_count, sizeof ed->keys - ed->key_count);
    if (n > 0)
        ed->key_count += (size_t)n;
    else if (n == 0 || (errno != EINTR && errno != EAGAIN))
        ed->ended = true;
}

static void drop_keys(struct talk_editor *ed, size_t n) {
    ed->key_count -= n;
    for (size_t i = 0; i < ed->key_count; i++)
        ed->keys[i] = ed->keys[i + n];
}

/* How many bytes a character that begins like this has; 1 for what begins none. */
static size_t expected_length(uint8_t c) {
    return c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc2 ? 2 : 1;
}

/* The next whole character; bytes that are none become the replacement character. */
static bool next_key(struct talk_editor *ed, wchar_t *key) {
    struct base_bytes keys = base_bytes_view(ed->keys, ed->key_count);
    uint32_t c = 0;
    if (keys.len == 0)
        return false;
    size_t len = base_text_utf8_next(keys, &c);
    if (len == 0 && keys.len < expected_length(keys.data[0]))
        return false;
    *key = len > 0 ? (wchar_t)c : (wchar_t)0xfffd;
    drop_keys(ed, len > 0 ? len : 1);
    return true;
}

static int stop_reading(struct talk_editor *ed, enum talk_typed why) {
    ed->typed = why;
    return -1;
}

/* libedit's source of characters: 1 and a character, or -1. */
static int read_key(EditLine *el, wchar_t *key) {
    struct talk_editor *ed = editor_of(el);
    (void)fflush(ed->out);
    while (!next_key(ed, key)) {
        if (obey_signals(ed))
            return -1;
        if (ed->ended)
            return stop_reading(ed, TALK_TYPED_LEAVE);
        switch (ed->owner.wait(ed->owner.arg, ed->in_fd)) {
        case TALK_WAKE_KEY:
            read_keys(ed);
            break;
        case TALK_WAKE_SAID:
            show_above(ed);
            break;
        case TALK_WAKE_OVER:
            show_above(ed);
            return stop_reading(ed, TALK_TYPED_OVER);
        case TALK_WAKE_NONE:
            break;
        }
    }
    return 1;
}

/* --- Tab --- */

static void list_words(const struct talk_editor *ed, const struct talk_completion *c) {
    struct base_buf text;
    size_t column = 0, columns = screen_columns(ed);
    base_buf_init(&text, LIST_MAX);
    for (size_t i = 0; i < c->count; i++) {
        size_t width = strlen(c->words[i]) + 2;
        if (column > 0 && column + width > columns) {
            base_buf_append_str(&text, "\n");
            column = 0;
        }
        base_buf_printf(&text, "%s  ", c->words[i]);
        column += width;
    }
    base_buf_append_str(&text, "\n");
    (void)fflush(ed->out);
    wipe_line(ed, columns);
    put(ed, base_buf_cstr(&text));
    draw_line(ed);
    base_buf_release(&text);
}

static unsigned char insert_common(const struct talk_editor *ed, const struct talk_completion *c,
                                   size_t typed) {
    char word[256];
    size_t n = base_bytes_copy(word, sizeof word - 1,
                               base_bytes_view(c->words[0], talk_completion_common(c)));
    word[n] = '\0';
    if (n < typed || (n == typed && c->count > 1)) {
        list_words(ed, c);
        return CC_NORM;
    }
    edit.el_deletestr(ed->el, (int)typed);
    return edit.el_insertstr(ed->el, word) == 0 ? CC_REFRESH : CC_ERROR;
}

static unsigned char complete(EditLine *el, int key) {
    struct talk_editor *ed = editor_of(el);
    const LineInfo *line = edit.el_line(el);
    struct base_bytes typed = base_bytes_view(line->buffer, (size_t)(line->cursor - line->buffer));
    struct talk_completion c;
    unsigned char result = CC_ERROR;
    (void)key;
    talk_completion_init(&c);
    if (!ed->owner.complete(ed->owner.arg, &c, typed))
        result = edit.el_insertstr(el, "\t") == 0 ? CC_REFRESH : CC_ERROR;
    else if (c.count > 0)
        result = insert_common(ed, &c, typed.len - c.from);
    talk_completion_release(&c);
    return result;
}

/* --- the editor --- */

static char *prompt_of(EditLine *el) {
    static char prompt[64];
    prompt[base_bytes_copy(prompt, sizeof prompt - 1, base_bytes_of_str(editor_of(el)->prompt))] =
        '\0';
    return prompt;
}

/* The user's locale when it is UTF-8, else one that is. */
static locale_t utf8_locale(void) {
    locale_t own = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
    if (own && strcmp(nl_langinfo_l(CODESET, own), "UTF-8") == 0)
        return own;
    if (own)
        freelocale(own);
    return newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

static FILE *open_again(int fd, const char *mode) {
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    FILE *f = copy >= 0 ? fdopen(copy, mode) : NULL;
    if (!f && copy >= 0)
        close(copy);
    return f;
}

static bool open_history(struct talk_editor *ed) {
    HistEvent event;
    ed->history = edit.history_init();
    if (!ed->history || edit.history(ed->history, &event, H_SETSIZE, HISTORY_LINES) < 0)
        return false;
    (void)edit.history(ed->history, &event, H_SETUNIQUE, 1);
    if (ed->history_file)
        (void)edit.history(ed->history, &event, H_LOAD, ed->history_file);
    return true;
}

static bool set_up(struct talk_editor *ed) {
    EditLine *el = ed->el;
    bool fine = edit.el_set(el, EL_CLIENTDATA, ed) == 0 &&
                edit.el_set(el, EL_PROMPT, prompt_of) == 0 &&
                edit.el_set(el, EL_EDITOR, "emacs") == 0 && edit.el_set(el, EL_SIGNAL, 0) == 0 &&
                edit.el_set(el, EL_HIST, edit.history, ed->history) == 0 &&
                edit.el_set(el, EL_GETCFN, read_key) == 0 &&
                /* the narrow form copies both texts and never frees them */
                edit.el_wset(el, EL_ADDFN, L"waxseal-complete", L"complete", complete) == 0;
    (void)edit.el_source(el, NULL); /* ~/.editrc, if there is one */
    return fine && edit.el_set(el, EL_BIND, "^I", "waxseal-complete", NULL) == 0 &&
           edit.el_set(el, EL_BIND, "^R", "em-inc-search-prev", NULL) == 0;
}

static void release(struct talk_editor *ed) {
    if (ed->el)
        edit.el_end(ed->el);
    if (ed->history)
        edit.history_end(ed->history);
    if (ed->in)
        (void)fclose(ed->in);
    if (ed->out)
        (void)fclose(ed->out);
    if (ed->locale)
        freelocale(ed->locale);
    free(ed);
}

enum ws_err talk_editor_new(int in, int out, const char *history_file,
                            const struct talk_editor_owner *owner, struct talk_editor **result,
                            struct base_error *e) {
    *result = NULL;
    enum ws_err err = base_library_load(&edit_library, e);
    if (err != WS_OK)
        return err;
    struct talk_editor *ed = calloc(1, sizeof *ed);
    if (!ed)
        return base_error_set(e, WS_NOMEM, "out of memory");
    *ed = (struct talk_editor){.in_fd = in,
                               .out_fd = out,
                               .history_file = history_file,
                               .owner = *owner,
                               .prompt = "",
                               .locale = utf8_locale()};
    locale_t before = uselocale(ed->locale);
    ed->in = open_again(in, "r");
    ed->out = open_again(out, "w");
    if (ed->in && ed->out && open_history(ed))
        ed->el = edit.el_init("waxseal", ed->in, ed->out, ed->out);
    bool fine = ed->el && set_up(ed);
    (void)uselocale(before);
    if (!fine) {
        release(ed);
        return base_error_set(e, WS_LIBRARY, "libedit can't use this terminal");
    }
    *result = ed;
    return WS_OK;
}

bool talk_editor_free(struct talk_editor *ed) {
    HistEvent event;
    bool saved = true;
    if (!ed)
        return true;
    if (ed->history_file)
        saved = edit.history(ed->history, &event, H_SAVE, ed->history_file) >= 0;
    release(ed);
    return saved;
}

enum talk_typed talk_editor_read(struct talk_editor *ed, const char *prompt,
                                 struct base_buf *line) {
    int count = 0;
    base_buf_clear(line);
    ed->prompt = prompt;
    ed->typed = TALK_TYPED_END;
    locale_t before = uselocale(ed->locale);
    const char *text = edit.el_gets(ed->el, &count);
    (void)uselocale(before);
    if (!text || count <= 0)
        return ed->typed;
    base_buf_append_str(line, text);
    if (line->len > 0 && base_buf_cstr(line)[line->len - 1] == '\n')
        base_buf_truncate(line, line->len - 1);
    return TALK_TYPED_LINE;
}

void talk_editor_remember(struct talk_editor *ed, const char *line) {
    HistEvent event;
    locale_t before = uselocale(ed->locale);
    (void)edit.history(ed->history, &event, H_ENTER, line);
    (void)uselocale(before);
}
