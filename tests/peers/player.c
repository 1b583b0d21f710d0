/* SPDX-License-Identifier: Apache-2.0 */
/* Plays scripted peers into the mail dialogue: as written, one byte at a time, all in one segment -
 * under a virtual clock - and once more over a real loopback connection with net/play.
 *
 * player FILE.peer... prints TAP: one line for each file and way of playing. */
#include "mail/dialogue.h"
#include "net/play.h"
#include "script.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HELO "client.example"
#define REAL_PATIENCE (300 * BASE_SECOND)
#define SHORT_PATIENCE (2 * BASE_SECOND) /* where a deadline is what is tested */

enum way { WAY_AS_WRITTEN, WAY_BYTES, WAY_JOINED, WAY_TCP, WAYS };
static const char *const way_names[WAYS] = {"as written", "byte by byte", "in one segment",
                                            "over TCP"};

struct stage {
    struct net_engine engine; /* for the TCP way */
    struct script *script;
    enum way way;
    struct base_arena arena;
    struct facts_endpoint facts;
    struct mail_dialogue *dialogue;
    struct base_buf heard; /* what the client said, not yet compared */
    base_usec now;
    bool at_tls;
    char failure[512];
};

static unsigned test_number;

static void fail(struct stage *s, unsigned line, const char *what, const char *wanted,
                 const char *got) {
    if (!s->failure[0])
        snprintf(s->failure, sizeof s->failure, "line %u: %s: wanted '%.150s', got '%.150s'", line,
                 what, wanted, got);
}

static void open_dialogue(struct stage *s, base_usec patience) {
    struct base_error e = {0};
    struct mail_config c = s->script->config;
    c.helo = HELO;
    c.timeouts = (struct mail_timeouts){patience, patience, patience / 10};
    base_arena_init(&s->arena, (size_t)64 << 20);
    base_buf_init(&s->heard, 1 << 20);
    facts_endpoint_init(&s->facts);
    if (mail_dialogue_new(&c, &s->facts, &s->arena, NULL, "peer", &s->dialogue, &e) != WS_OK)
        fail(s, 0, "dialogue", "one", base_error_message(&e));
}

static void close_dialogue(struct stage *s) {
    if (s->arena.failed)
        fail(s, 0, "memory", "enough", "exhausted");
    mail_dialogue_release(s->dialogue);
    base_buf_release(&s->heard);
    base_arena_release(&s->arena);
}

static void listen_to_client(struct stage *s) {
    struct base_buf *out = mail_dialogue_output(s->dialogue);
    base_buf_append_bytes(&s->heard, base_buf_view(out));
    base_buf_clear(out);
}

/* --- under a virtual clock
 * ---------------------------------------------------------------------------- */

static void pass_time(struct stage *s, base_usec until) {
    s->now = until;
    if (mail_dialogue_deadline(s->dialogue) <= s->now)
        mail_dialogue_tick(s->dialogue, s->now);
    listen_to_client(s);
}

static void say(struct stage *s, struct base_bytes b) {
    size_t piece = s->way == WAY_BYTES ? 1 : b.len;
    for (size_t at = 0; at < b.len; at += piece) {
        mail_dialogue_feed(s->dialogue, base_bytes_slice(b, at, piece), s->now);
        listen_to_client(s);
    }
}

/* In one segment: what the server says in a row comes in one piece. */
static size_t say_joined(struct stage *s, size_t i) {
    struct base_buf all;
    base_buf_init(&all, (size_t)32 << 20);
    for (; i < s->script->count && s->script->steps[i].kind == STEP_SAY; i++)
        base_buf_append_bytes(&all, base_buf_view(&s->script->steps[i].text));
    say(s, base_buf_view(&all));
    base_buf_release(&all);
    return i - 1;
}

static void compare_heard(struct stage *s, const struct step *p) {
    if (!base_bytes_equal(base_buf_view(&s->heard), base_buf_view(&p->text)))
        fail(s, p->line, "client said", base_buf_cstr((struct base_buf *)&p->text),
             base_buf_cstr(&s->heard));
    base_buf_clear(&s->heard);
}

static void compare_field(struct stage *s, struct step *p) {
    struct base_buf got;
    base_buf_init(&got, (size_t)1 << 20);
    script_field(&s->facts, p->field, &got);
    if (strcmp(base_buf_cstr(&got), base_buf_cstr(&p->text)) != 0)
        fail(s, p->line, p->field, base_buf_cstr(&p->text), base_buf_cstr(&got));
    base_buf_release(&got);
}

static void play_step(struct stage *s, struct step *p) {
    switch (p->kind) {
    case STEP_SAY:
        say(s, base_buf_view(&p->text));
        return;
    case STEP_HEAR:
        compare_heard(s, p);
        return;
    case STEP_WAIT:
        pass_time(s, s->now + p->number);
        return;
    case STEP_TIMEOUT:
        pass_time(s, mail_dialogue_deadline(s->dialogue));
        return;
    case STEP_TLS_UP:
    case STEP_TLS_FAILED:
        if (mail_dialogue_want(s->dialogue) != MAIL_WANT_TLS)
            fail(s, p->line, "state", "tls", mail_dialogue_state(s->dialogue));
        else if (p->kind == STEP_TLS_UP)
            mail_dialogue_tls_up(s->dialogue, s->now);
        else
            mail_dialogue_tls_failed(s->dialogue, s->now);
        listen_to_client(s);
        return;
    case STEP_CLOSE:
    case STEP_RESET:
        mail_dialogue_closed(s->dialogue,
                             p->kind == STEP_RESET ? MAIL_CLOSED_RESET : MAIL_CLOSED_EOF, s->now);
        return;
    case STEP_EXPECT:
        compare_field(s, p);
        return;
    }
}

static void play_virtual(struct stage *s) {
    open_dialogue(s, 60 * BASE_SECOND);
    s->now = 1000 * BASE_SECOND;
    mail_dialogue_start(s->dialogue, s->now);
    listen_to_client(s);
    for (size_t i = 0; i < s->script->count && !s->failure[0]; i++) {
        struct step *p = &s->script->steps[i];
        if (s->way == WAY_JOINED && p->kind == STEP_SAY)
            i = say_joined(s, i);
        else
            play_step(s, p);
    }
    if (!s->failure[0] && mail_dialogue_want(s->dialogue) != MAIL_WANT_DONE)
        fail(s, 0, "at the end", "done", mail_dialogue_state(s->dialogue));
    close_dialogue(s);
}

/* --- over TCP: the client
 * ----------------------------------------------------------------------------- */

static struct stage *stage_of(struct net_engine *e) {
    return (struct stage *)(void *)e;
}

static void note_tls(struct stage *s) {
    if (mail_dialogue_want(s->dialogue) == MAIL_WANT_TLS)
        s->at_tls = true;
}

static void tcp_connected(struct net_engine *e, double ms, base_usec now) {
    (void)ms;
    mail_dialogue_start(stage_of(e)->dialogue, now);
    note_tls(stage_of(e));
}

static void tcp_not_connected(struct net_engine *e, enum facts_connect_state state,
                              const char *error, double ms, base_usec now) {
    (void)state;
    (void)ms;
    (void)now;
    fail(stage_of(e), 0, "connection", "one", error);
    mail_dialogue_abort(stage_of(e)->dialogue, FACTS_STOP_LOCAL, "not connected");
}

static void tcp_received(struct net_engine *e, struct base_bytes in, base_usec now) {
    mail_dialogue_feed(stage_of(e)->dialogue, in, now);
    note_tls(stage_of(e));
}

static void tcp_closed(struct net_engine *e, bool reset, base_usec now) {
    mail_dialogue_closed(stage_of(e)->dialogue, reset ? MAIL_CLOSED_RESET : MAIL_CLOSED_EOF, now);
}

static void tcp_tick(struct net_engine *e, base_usec now) {
    mail_dialogue_tick(stage_of(e)->dialogue, now);
}

static struct base_buf *tcp_output(struct net_engine *e) {
    return mail_dialogue_output(stage_of(e)->dialogue);
}

static base_usec tcp_deadline(const struct net_engine *e) {
    return mail_dialogue_deadline(((const struct stage *)(const void *)e)->dialogue);
}

static bool tcp_done(const struct net_engine *e) {
    const struct stage *s = (const void *)e;
    return s->at_tls || mail_dialogue_want(s->dialogue) == MAIL_WANT_DONE;
}

static const struct net_engine_ops tcp_ops = {tcp_connected, tcp_not_connected, tcp_received,
                                              tcp_closed,    tcp_tick,          tcp_output,
                                              tcp_deadline,  tcp_done};

/* --- over TCP: the server
 * ----------------------------------------------------------------------------- */

struct server {
    int listener;
    struct script *script;
};

static bool write_all(int fd, struct base_bytes b) {
    while (b.len > 0) {
        ssize_t n = send(fd, b.data, b.len, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        b = base_bytes_slice(b, (size_t)n, b.len);
    }
    return true;
}

static bool read_words(int fd, const struct step *p) {
    for (size_t i = 0; i < p->text.len; i++) {
        uint8_t c;
        if (recv(fd, &c, 1, 0) != 1)
            return false;
    }
    return true;
}

static void wait_for_close(int fd) {
    char c[512];
    while (recv(fd, c, sizeof c, 0) > 0)
        ;
}

/* Plays the script's side until TLS; false when there is nothing left to say. */
static bool serve_step(int fd, const struct step *p) {
    struct linger hard = {1, 0};
    switch (p->kind) {
    case STEP_SAY:
        return write_all(fd, base_buf_view(&p->text));
    case STEP_HEAR:
        return read_words(fd, p);
    case STEP_RESET:
        usleep(20000); /* what was said must arrive before the reset */
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        return false;
    case STEP_TIMEOUT:
        wait_for_close(fd);
        return false;
    case STEP_WAIT:
    case STEP_EXPECT:
        return true;
    case STEP_TLS_UP:
    case STEP_TLS_FAILED:
    case STEP_CLOSE:
        break;
    }
    return false;
}

static void *serve(void *arg) {
    struct server *v = arg;
    struct timeval limit = {300, 0};
    int fd = accept(v->listener, NULL, NULL);
    if (fd < 0)
        return NULL;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    for (size_t i = 0; i < v->script->count && serve_step(fd, &v->script->steps[i]); i++)
        ;
    close(fd);
    return NULL;
}

static int listen_on_loopback(struct net_address *a) {
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof in;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&in, sizeof in) != 0 || listen(fd, 1) != 0 ||
        getsockname(fd, (struct sockaddr *)&in, &len) != 0 ||
        net_address_parse("127.0.0.1", ntohs(in.sin_port), a) != WS_OK) {
        perror("loopback");
        exit(1);
    }
    return fd;
}

static bool reaches_tls(const struct script *s) {
    for (size_t i = 0; i < s->count; i++)
        if (s->steps[i].kind == STEP_TLS_UP || s->steps[i].kind == STEP_TLS_FAILED)
            return true;
    return false;
}

static bool reaches_deadline(const struct script *s) {
    for (size_t i = 0; i < s->count; i++)
        if (s->steps[i].kind == STEP_TIMEOUT || s->steps[i].kind == STEP_WAIT)
            return true;
    return false;
}

static void play_client(struct stage *s, const struct net_address *address) {
    struct base_error e = {0};
    struct net_play *p;
    if (net_play_connect(address, NULL, 300 * BASE_SECOND, &s->engine, &p, &e) != WS_OK) {
        fail(s, 0, "driver", "ok", base_error_message(&e));
        return;
    }
    while (net_play_step(p, -1, BASE_NEVER) != NET_PLAY_OVER)
        ;
    net_play_free(p);
}

static void play_tcp(struct stage *s) {
    struct net_address address;
    struct server v = {listen_on_loopback(&address), s->script};
    pthread_t thread;
    open_dialogue(s, reaches_deadline(s->script) ? SHORT_PATIENCE : REAL_PATIENCE);
    s->engine.ops = &tcp_ops;
    if (pthread_create(&thread, NULL, serve, &v) != 0)
        exit(1);
    play_client(s, &address);
    pthread_join(thread, NULL);
    close(v.listener);
    if (reaches_tls(s->script)) {
        if (!s->at_tls)
            fail(s, 0, "over TCP", "the way to TLS", mail_dialogue_state(s->dialogue));
    } else {
        for (size_t i = 0; i < s->script->count; i++)
            if (s->script->steps[i].kind == STEP_EXPECT &&
                !strstr(s->script->steps[i].field, ".ms") &&
                strcmp(s->script->steps[i].field, "error") != 0)
                compare_field(s, &s->script->steps[i]);
    }
    close_dialogue(s);
}

/* --- all of it
 * ------------------------------------------------------------------------------------------ */

static bool play(struct script *script, enum way way) {
    static struct stage s;
    memset(&s, 0, sizeof s);
    s.script = script;
    s.way = way;
    if (script->error[0])
        snprintf(s.failure, sizeof s.failure, "%s", script->error);
    else if (way == WAY_TCP)
        play_tcp(&s);
    else
        play_virtual(&s);
    printf("%sok %u - %s, %s\n", s.failure[0] ? "not " : "", ++test_number, script->name,
           way_names[way]);
    if (s.failure[0]) {
        struct base_buf safe;
        base_buf_init(&safe, 1 << 16);
        base_buf_append_str(&safe, s.failure);
        for (size_t i = 0; i < safe.len; i++)
            if (safe.data[i] < ' ')
                safe.data[i] = '.';
        printf("# %s\n", base_buf_cstr(&safe));
        base_buf_release(&safe);
    }
    return !s.failure[0];
}

int main(int argc, char **argv) {
    static struct script script;
    bool good = argc > 1;
    for (int i = 1; i < argc; i++) {
        script_read(&script, argv[i]);
        for (int way = 0; way < WAYS; way++)
            if (!script.joined_only || way == WAY_JOINED)
                good &= play(&script, (enum way)way);
        script_release(&script);
    }
    printf("1..%u\n", test_number);
    return good ? 0 : 1;
}
