/* SPDX-License-Identifier: Apache-2.0 */
/* A door with a raw hello behind it, under a virtual clock: an inner engine that sends a fixed
 * ClientHello, keeps the ServerHello and ends. This file plays the server. */
#include "base/writer.h"
#include "net/play.h"
#include "probe/door.h"
#include "wire/client_hello.h"
#include "wire/handshake.h"
#include "wire/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define START (1000 * BASE_SECOND)
#define HELLO_PATIENCE (20 * BASE_SECOND)

/* --- the raw hello --- */

struct hello {
    struct net_engine engine; /* first */
    struct base_buf out, in;
    base_usec deadline;
    unsigned connected, received, closed, ticks;
    bool close_answers; /* that the server hangs up is an answer as well */
    bool says_alert;    /* its last words */
    bool done;
    uint16_t suite, version; /* of the ServerHello */
};

static struct hello *hello_of(struct net_engine *e) {
    return (struct hello *)(void *)e;
}

static void put_extension(struct base_buf *b, uint16_t type, const char *body, size_t len) {
    base_writer_u16(b, type);
    size_t mark = base_writer_open(b, 2);
    base_buf_append(b, body, len);
    base_writer_close(b, mark, 2);
}

static void put_random(struct base_buf *b) {
    for (uint8_t i = 0; i < 32; i++)
        base_buf_append_byte(b, i);
}

/* A record with one handshake message; closed with end_message. */
static void begin_message(struct base_buf *b, enum wire_message type, size_t marks[2]) {
    base_writer_u8(b, WIRE_CONTENT_HANDSHAKE);
    base_writer_u16(b, 0x0301);
    marks[0] = base_writer_open(b, 2);
    base_writer_u8(b, (uint8_t)type);
    marks[1] = base_writer_open(b, 3);
    base_writer_u16(b, 0x0303);
    put_random(b);
    base_writer_u8(b, 0); /* no session id */
}

static void end_message(struct base_buf *b, const size_t marks[2]) {
    base_writer_close(b, marks[1], 3);
    base_writer_close(b, marks[0], 2);
    assert_false(b->failed);
}

static void put_client_hello(struct base_buf *b) {
    size_t marks[2], mark;
    begin_message(b, WIRE_MESSAGE_CLIENT_HELLO, marks);
    mark = base_writer_open(b, 2);
    base_writer_u16(b, 0x1301);
    base_writer_u16(b, 0x0005); /* one that no library of today knows: RSA with RC4 and SHA */
    base_writer_close(b, mark, 2);
    base_writer_u16(b, 0x0100); /* no compression */
    mark = base_writer_open(b, 2);
    put_extension(b, 43, "\x02\x03\x04", 3);
    put_extension(b, 10, "\x00\x02\x00\x1d", 4);
    put_extension(b, 51, "\x00\x00", 2);
    base_writer_close(b, mark, 2);
    end_message(b, marks);
}

static void put_server_hello(struct base_buf *b) {
    size_t marks[2], mark;
    begin_message(b, WIRE_MESSAGE_SERVER_HELLO, marks);
    base_writer_u16(b, 0x1301);
    base_writer_u8(b, 0);
    mark = base_writer_open(b, 2);
    put_extension(b, 43, "\x03\x04", 2);
    base_writer_close(b, mark, 2);
    end_message(b, marks);
}

static void end_hello(struct hello *h) {
    static const uint8_t alert[] = {WIRE_CONTENT_ALERT, 3, 3, 0, 2, 2, 90}; /* user_canceled */
    h->done = true;
    if (h->says_alert)
        base_buf_append(&h->out, alert, sizeof alert);
}

static void hello_connected(struct net_engine *e, double ms, base_usec now) {
    struct hello *h = hello_of(e);
    assert_true(ms >= 0);
    h->connected++;
    h->deadline = now + HELLO_PATIENCE;
    put_client_hello(&h->out);
}

static void hello_received(struct net_engine *e, struct base_bytes in, base_usec now) {
    struct hello *h = hello_of(e);
    struct base_reader r;
    struct wire_record record;
    struct wire_server_hello answer;
    struct base_bytes body;
    uint8_t type;
    (void)now;
    assert_false(h->done);
    h->received++;
    base_buf_append_bytes(&h->in, in);
    base_reader_init(&r, base_buf_view(&h->in));
    if (wire_record_next(&r, &record) != WIRE_RECORD_OK)
        return;
    base_reader_init(&r, record.fragment);
    assert_true(wire_handshake_next(&r, &type, &body));
    assert_int_equal(type, WIRE_MESSAGE_SERVER_HELLO);
    assert_true(wire_server_hello_parse(body, &answer));
    h->suite = answer.suite;
    h->version = answer.selected_version;
    end_hello(h);
}

static void hello_closed(struct net_engine *e, bool reset, base_usec now) {
    struct hello *h = hello_of(e);
    (void)reset;
    (void)now;
    h->closed++;
    if (h->close_answers)
        end_hello(h);
}

static void hello_tick(struct net_engine *e, base_usec now) {
    struct hello *h = hello_of(e);
    h->ticks++;
    if (now >= h->deadline)
        end_hello(h);
}

static struct base_buf *hello_output(struct net_engine *e) {
    return &hello_of(e)->out;
}

static base_usec hello_deadline(const struct net_engine *e) {
    return ((const struct hello *)(const void *)e)->deadline;
}

static bool hello_done(const struct net_engine *e) {
    return ((const struct hello *)(const void *)e)->done;
}

static const struct net_engine_ops hello_ops = {
    .connected = hello_connected, /* never not_connected */
    .received = hello_received,
    .closed = hello_closed,
    .tick = hello_tick,
    .output = hello_output,
    .deadline = hello_deadline,
    .done = hello_done,
};

/* --- the stage --- */

struct stage {
    struct base_arena arena;
    struct facts_endpoint facts;
    struct probe_door_config config;
    struct hello hello;
    struct probe_door *door;
    struct net_engine *engine;
    base_usec now;
};

static void prepare(struct stage *s) {
    *s = (struct stage){.now = START};
    base_arena_init(&s->arena, 1 << 20);
    facts_endpoint_init(&s->facts);
    s->facts.host = "mx.test.example";
    s->facts.address = "192.0.2.1";
    s->facts.port = 25;
    s->config = (struct probe_door_config){
        .mail = {.helo = "me.test.example",
                 .timeouts = {30 * BASE_SECOND, 30 * BASE_SECOND, 2 * BASE_SECOND}},
        .overall = 300 * BASE_SECOND,
    };
    s->hello = (struct hello){.engine.ops = &hello_ops, .deadline = BASE_NEVER};
    base_buf_init(&s->hello.out, 4096);
    base_buf_init(&s->hello.in, 1 << 16);
}

static void open_door(struct stage *s) {
    struct base_error e = {0};
    assert_int_equal(probe_door_new(&s->config, &s->facts, &s->arena, &s->hello.engine, NULL,
                                    s->now, &s->door, &e),
                     WS_OK);
    s->engine = probe_door_engine(s->door);
    assert_string_equal(probe_door_who(s->door), "mx.test.example[192.0.2.1]:25");
}

static void connect_now(struct stage *s) {
    s->engine->ops->connected(s->engine, 1, s->now);
}

static void open_stage(struct stage *s) {
    prepare(s);
    open_door(s);
    connect_now(s);
}

static void close_stage(struct stage *s) {
    probe_door_free(s->door);
    base_buf_release(&s->hello.out);
    base_buf_release(&s->hello.in);
    assert_false(s->arena.failed);
    base_arena_release(&s->arena);
}

static bool done(const struct stage *s) {
    return s->engine->ops->done(s->engine);
}

static base_usec deadline(const struct stage *s) {
    return s->engine->ops->deadline(s->engine);
}

static void tick(struct stage *s, base_usec now) {
    s->now = now;
    s->engine->ops->tick(s->engine, now);
}

static void say_bytes(struct stage *s, struct base_bytes b) {
    s->now += BASE_MSEC;
    s->engine->ops->received(s->engine, b, s->now);
}

static void say(struct stage *s, const char *text) {
    say_bytes(s, base_bytes_of_str(text));
}

static void hang_up(struct stage *s, bool reset) {
    s->engine->ops->closed(s->engine, reset, s->now);
    assert_true(done(s));
}

static void expect_said(struct stage *s, const char *text) {
    struct base_buf *out = s->engine->ops->output(s->engine);
    assert_string_equal(base_buf_cstr(out), text);
    base_buf_clear(out);
}

static void expect_hello(struct stage *s) {
    struct base_buf *out = s->engine->ops->output(s->engine);
    struct base_reader r;
    struct wire_record record;
    struct wire_client_hello h;
    struct base_bytes body;
    uint8_t type;
    base_reader_init(&r, base_buf_view(out));
    assert_int_equal(wire_record_next(&r, &record), WIRE_RECORD_OK);
    assert_int_equal(base_reader_left(&r), 0); /* and nothing else */
    base_reader_init(&r, record.fragment);
    assert_true(wire_handshake_next(&r, &type, &body));
    assert_int_equal(type, WIRE_MESSAGE_CLIENT_HELLO);
    assert_true(wire_client_hello_parse(body, &h));
    assert_true(wire_client_hello_has_suite(&h, 0x0005));
    assert_int_equal(h.max_version, 0x0304);
    base_buf_clear(out);
}

static void answer_hello(struct stage *s) {
    struct base_buf b;
    base_buf_init(&b, 4096);
    put_server_hello(&b);
    say_bytes(s, base_bytes_slice(base_buf_view(&b), 0, 7));
    assert_false(s->hello.done);
    say_bytes(s, base_bytes_slice(base_buf_view(&b), 7, b.len));
    base_buf_release(&b);
    assert_true(s->hello.done);
    assert_int_equal(s->hello.suite, 0x1301);
    assert_int_equal(s->hello.version, 0x0304);
}

static void until_starttls(struct stage *s) {
    say(s, "220 mx.test.example ESMTP\r\n");
    expect_said(s, "EHLO me.test.example\r\n");
    say(s, "250-mx.test.example\r\n250 STARTTLS\r\n");
    expect_said(s, "STARTTLS\r\n");
}

static void until_hello(struct stage *s) {
    until_starttls(s);
    assert_int_equal(s->hello.connected, 0);
    say(s, "220 go ahead\r\n");
    assert_int_equal(s->hello.connected, 1);
    expect_hello(s);
}

static void expect_end(const struct stage *s, enum facts_step step, enum facts_stop stop) {
    assert_true(done(s));
    assert_int_equal(s->facts.step, step);
    assert_int_equal(s->facts.stop, stop);
    assert_false(s->facts.quit.received);
    assert_int_equal(s->facts.quit.code, 0);
}

/* --- tests --- */

static void a_raw_hello_is_answered(void **state) {
    struct stage s;
    (void)state;
    open_stage(&s);
    until_hello(&s);
    answer_hello(&s);
    /* no QUIT into TLS; the server's close is waited for, as long as QUIT's patience */
    expect_said(&s, "");
    assert_false(done(&s));
    assert_true(deadline(&s) == s.now + 2 * BASE_SECOND);
    say(&s, "more of the server's flight");
    assert_int_equal(s.hello.received, 2);
    hang_up(&s, false);
    expect_end(&s, FACTS_STEP_DONE, FACTS_STOP_NONE);
    /* TCP, greeting, EHLO, STARTTLS, hello */
    assert_int_equal(s.facts.round_trips, 5);
    assert_true(s.facts.starttls.offered && s.facts.starttls.asked);
    assert_false(s.facts.session.started);
    close_stage(&s);
}

static void the_close_is_not_waited_for_ever(void **state) {
    struct stage s;
    (void)state;
    open_stage(&s);
    until_hello(&s);
    answer_hello(&s);
    tick(&s, deadline(&s));
    expect_end(&s, FACTS_STEP_DONE, FACTS_STOP_NONE);
    close_stage(&s);
}

/* Without waiting it is over with the hello; its last words still go out. */
static void each_way_of_leaving(void **state) {
    static const enum mail_leave ways[] = {MAIL_LEAVE_WAIT, MAIL_LEAVE_QUIT, MAIL_LEAVE_CLOSE};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct stage s;
        prepare(&s);
        s.config.mail.leave = ways[i];
        s.hello.says_alert = true;
        open_door(&s);
        connect_now(&s);
        until_hello(&s);
        answer_hello(&s);
        assert_int_equal(done(&s), ways[i] != MAIL_LEAVE_WAIT);
        struct base_buf *out = s.engine->ops->output(s.engine);
        assert_int_equal(out->len, 7);
        assert_int_equal(base_buf_view(out).data[0], WIRE_CONTENT_ALERT);
        if (ways[i] == MAIL_LEAVE_WAIT)
            hang_up(&s, false);
        expect_end(&s, FACTS_STEP_DONE, FACTS_STOP_NONE);
        close_stage(&s);
    }
}

static void the_way_to_it_that_is_known_is_shorter(void **state) {
    struct stage s;
    (void)state;
    prepare(&s);
    s.config.mail.skip_hello = true;
    open_door(&s);
    connect_now(&s);
    expect_said(&s, ""); /* never a byte before the greeting */
    say(&s, "220-mx.test.example\r\n");
    expect_said(&s, "");
    say(&s, "220 ESMTP\r\n");
    expect_said(&s, "STARTTLS\r\n");
    say(&s, "220 go ahead\r\n");
    expect_hello(&s);
    answer_hello(&s);
    hang_up(&s, false);
    expect_end(&s, FACTS_STEP_DONE, FACTS_STOP_NONE);
    assert_int_equal(s.facts.round_trips, 4);
    assert_true(s.facts.starttls.without_hello);
    assert_false(s.facts.ehlo.asked);
    close_stage(&s);
}

static void a_server_that_wants_ehlo_gets_it(void **state) {
    struct stage s;
    (void)state;
    prepare(&s);
    s.config.mail.skip_hello = true;
    open_door(&s);
    connect_now(&s);
    say(&s, "220 mx.test.example ESMTP\r\n");
    expect_said(&s, "STARTTLS\r\n");
    say(&s, "503 5.5.1 EHLO first\r\n");
    assert_int_equal(s.hello.connected, 0);
    expect_said(&s, "EHLO me.test.example\r\n");
    say(&s, "250-mx.test.example\r\n250 STARTTLS\r\n");
    expect_said(&s, "STARTTLS\r\n");
    say(&s, "220 go ahead\r\n");
    expect_hello(&s);
    answer_hello(&s);
    hang_up(&s, false);
    expect_end(&s, FACTS_STEP_DONE, FACTS_STOP_NONE);
    assert_int_equal(s.facts.starttls.rejection.code, 503);
    assert_int_equal(s.facts.starttls.reply.code, 220);
    close_stage(&s);
}

/* Bytes in clear behind the consent are the dialogue's, not the hello's. */
static void what_stands_behind_the_consent(void **state) {
    struct stage s;
    (void)state;
    open_stage(&s);
    until_starttls(&s);
    say(&s, "220 go ahead\r\n\x16\x03\x03 injected");
    assert_int_equal(s.hello.received, 0);
    assert_int_equal(s.facts.starttls.early_bytes, 12);
    expect_hello(&s);
    answer_hello(&s);
    hang_up(&s, false);
    expect_end(&s, FACTS_STEP_DONE, FACTS_STOP_NONE);
    close_stage(&s);
}

static void no_consent_no_hello(void **state) {
    struct stage s;
    (void)state;
    open_stage(&s);
    until_starttls(&s);
    say(&s, "454 4.7.0 later\r\n");
    expect_said(&s, "QUIT\r\n");
    hang_up(&s, false);
    assert_int_equal(s.hello.connected + s.hello.received + s.hello.closed + s.hello.ticks, 0);
    expect_end(&s, FACTS_STEP_STARTTLS, FACTS_STOP_REFUSED);
    close_stage(&s);
}

static void not_connected(void **state) {
    struct stage s;
    (void)state;
    prepare(&s);
    open_door(&s);
    s.engine->ops->not_connected(s.engine, FACTS_CONNECT_REFUSED, "Connection refused", 1, s.now);
    expect_end(&s, FACTS_STEP_CONNECT, FACTS_STOP_REFUSED);
    assert_int_equal(s.facts.connect.state, FACTS_CONNECT_REFUSED);
    assert_int_equal(s.hello.connected, 0);
    close_stage(&s);
}

/* The server hangs up at each point: it ends there, and who has the connection is told. */
static void closed_at_each_point(void **state) {
    static const struct {
        enum facts_step step;
        enum facts_connect_state connect;
    } points[] = {
        {FACTS_STEP_GREETING, FACTS_CONNECT_CLOSED},
        {FACTS_STEP_EHLO, FACTS_CONNECT_OK},
        {FACTS_STEP_STARTTLS, FACTS_CONNECT_OK},
        {FACTS_STEP_HANDSHAKE, FACTS_CONNECT_OK},
    };
    static const char *const words[] = {"220 mx ESMTP\r\n", "250-mx\r\n250 STARTTLS\r\n",
                                        "220 go ahead\r\n"};
    (void)state;
    for (size_t i = 0; i < 4; i++)
        for (int reset = 0; reset < 2; reset++)
            for (int half = 0; half < 2; half++) {
                struct stage s;
                open_stage(&s);
                for (size_t k = 0; k < i; k++)
                    say(&s, words[k]);
                if (half)
                    say(&s, i < 3 ? "2" : "\x16\x03");
                hang_up(&s, reset);
                expect_end(&s, points[i].step, reset ? FACTS_STOP_RESET : FACTS_STOP_CLOSED);
                assert_int_equal(s.facts.connect.state,
                                 i == 0 && reset ? FACTS_CONNECT_RESET : points[i].connect);
                assert_int_equal(s.hello.closed, i == 3);
                close_stage(&s);
            }
}

static void a_close_may_be_the_answer(void **state) {
    struct stage s;
    (void)state;
    open_stage(&s);
    s.hello.close_answers = true;
    until_hello(&s);
    hang_up(&s, true);
    assert_int_equal(s.hello.closed, 1);
    expect_end(&s, FACTS_STEP_DONE, FACTS_STOP_NONE);
    close_stage(&s);
}

static void the_hello_keeps_its_own_time(void **state) {
    struct stage s;
    (void)state;
    open_stage(&s);
    until_hello(&s);
    assert_true(deadline(&s) == s.now + HELLO_PATIENCE);
    tick(&s, deadline(&s));
    assert_true(s.hello.done);
    hang_up(&s, false);
    expect_end(&s, FACTS_STEP_DONE, FACTS_STOP_NONE);
    close_stage(&s);
}

/* The overall deadline ends it wherever it is; a hello is ticked a last time. */
static void the_overall_deadline(void **state) {
    (void)state;
    for (int in_hello = 0; in_hello < 2; in_hello++) {
        struct stage s;
        prepare(&s);
        s.config.overall = 10 * BASE_SECOND;
        open_door(&s);
        connect_now(&s);
        if (in_hello)
            until_hello(&s);
        assert_true(deadline(&s) == START + 10 * BASE_SECOND);
        tick(&s, deadline(&s));
        expect_end(&s, in_hello ? FACTS_STEP_HANDSHAKE : FACTS_STEP_GREETING, FACTS_STOP_DEADLINE);
        assert_int_equal(s.hello.ticks, in_hello);
        assert_false(s.hello.done);
        close_stage(&s);
    }
}

/* Our first word waits for both, and is late by no more than that. */
static void the_pace(void **state) {
    static const struct {
        base_usec after_connection, first_word, at; /* `at`: since the connection, in ms */
    } rows[] = {{0, 0, 1}, {500, 0, 500}, {0, 500, 501}, {100, 500, 501}, {900, 500, 900}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct stage s;
        prepare(&s);
        s.config.mail.pace =
            (struct mail_pace){.after_connection = rows[i].after_connection * BASE_MSEC,
                               .first_word = rows[i].first_word * BASE_MSEC};
        open_door(&s);
        connect_now(&s);
        say(&s, "220 mx.test.example ESMTP\r\n"); /* after 1 ms */
        base_usec due = START + rows[i].at * BASE_MSEC;
        if (due > s.now) {
            assert_true(deadline(&s) == due);
            tick(&s, due - 1);
            expect_said(&s, "");
            tick(&s, due);
        }
        expect_said(&s, "EHLO me.test.example\r\n");
        assert_true(deadline(&s) == due + 30 * BASE_SECOND); /* the pause is not the server's */
        say(&s, "250-mx.test.example\r\n250 STARTTLS\r\n");
        assert_true(s.facts.ehlo.reply.ms == 1.0);
        expect_said(&s, "STARTTLS\r\n"); /* the first word alone is late */
        hang_up(&s, false);
        close_stage(&s);
    }
}

static void tls_from_the_first_byte(void **state) {
    struct stage s;
    (void)state;
    prepare(&s);
    s.facts.implicit_tls = true;
    open_door(&s);
    connect_now(&s);
    expect_hello(&s);
    answer_hello(&s);
    hang_up(&s, false);
    expect_end(&s, FACTS_STEP_DONE, FACTS_STOP_NONE);
    assert_int_equal(s.facts.round_trips, 2);
    assert_int_equal(s.facts.unsolicited_bytes, 0);
    close_stage(&s);
}

static void a_pause_before_tls_from_the_first_byte(void **state) {
    (void)state;
    for (int speaks = 0; speaks < 2; speaks++) {
        struct stage s;
        prepare(&s);
        s.facts.implicit_tls = true;
        s.config.mail.pace.after_connection = BASE_SECOND;
        open_door(&s);
        connect_now(&s);
        expect_said(&s, "");
        assert_true(deadline(&s) == START + BASE_SECOND);
        /* a server that speaks first, in clear perhaps, is the hello's to hear */
        if (speaks)
            say(&s, "220 ");
        else
            tick(&s, START + BASE_SECOND);
        assert_int_equal(s.hello.connected, 1);
        assert_int_equal(s.hello.received, speaks);
        expect_hello(&s);
        hang_up(&s, false);
        expect_end(&s, FACTS_STEP_HANDSHAKE, FACTS_STOP_CLOSED);
        close_stage(&s);
    }
    struct stage s;
    prepare(&s);
    s.facts.implicit_tls = true;
    s.config.mail.pace.first_word = BASE_SECOND;
    open_door(&s);
    connect_now(&s);
    hang_up(&s, false);
    expect_end(&s, FACTS_STEP_GREETING, FACTS_STOP_CLOSED);
    assert_int_equal(s.facts.connect.state, FACTS_CONNECT_CLOSED);
    assert_int_equal(s.hello.connected, 0);
    close_stage(&s);
}

/* --- over a socket --- */

/* Plays until the door has said something, or is over; what it said. */
static size_t listen_to(struct net_play *play, int fd, char *out, size_t size) {
    base_usec until = base_clock_now() + 300 * BASE_SECOND;
    for (;;) {
        ssize_t n = recv(fd, out, size - 1, MSG_DONTWAIT);
        if (n >= 0) {
            out[n] = 0;
            return (size_t)n;
        }
        assert_true(base_clock_now() < until);
        (void)net_play_step(play, -1, base_clock_now() + 5 * BASE_MSEC);
    }
}

static void tell(int fd, const void *data, size_t len) {
    assert_int_equal(send(fd, data, len, MSG_NOSIGNAL), len);
}

static void any_driver_plays_it(void **state) {
    struct stage s;
    struct net_play *play = NULL;
    struct base_error e = {0};
    struct base_buf answer;
    char heard[512];
    int fds[2];
    (void)state;
    prepare(&s);
    s.now = base_clock_now();
    s.config.overall = BASE_NEVER;
    s.config.mail.skip_hello = true;
    s.config.mail.leave = MAIL_LEAVE_QUIT;
    s.config.mail.pace.first_word = 5 * BASE_MSEC;
    s.hello.says_alert = true;
    open_door(&s);
    base_buf_init(&answer, 4096);
    put_server_hello(&answer);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    assert_int_equal(net_play_open(fds[0], s.engine, &play, &e), WS_OK);
    tell(fds[1], "220 mx ESMTP\r\n", 14);
    (void)listen_to(play, fds[1], heard, sizeof heard);
    assert_string_equal(heard, "STARTTLS\r\n");
    tell(fds[1], "220 go ahead\r\n", 14);
    assert_true(listen_to(play, fds[1], heard, sizeof heard) > 60);
    assert_int_equal(heard[0], WIRE_CONTENT_HANDSHAKE);
    tell(fds[1], answer.data, answer.len);
    assert_int_equal(listen_to(play, fds[1], heard, sizeof heard), 7);
    assert_int_equal(heard[0], WIRE_CONTENT_ALERT);
    assert_int_equal(net_play_step(play, -1, BASE_NEVER), NET_PLAY_OVER);
    expect_end(&s, FACTS_STEP_DONE, FACTS_STOP_NONE);
    net_play_free(play);
    assert_int_equal(recv(fds[1], heard, sizeof heard, 0), 0); /* closed, not reset */
    close(fds[1]);
    base_buf_release(&answer);
    close_stage(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_raw_hello_is_answered),
        cmocka_unit_test(the_close_is_not_waited_for_ever),
        cmocka_unit_test(each_way_of_leaving),
        cmocka_unit_test(the_way_to_it_that_is_known_is_shorter),
        cmocka_unit_test(a_server_that_wants_ehlo_gets_it),
        cmocka_unit_test(what_stands_behind_the_consent),
        cmocka_unit_test(no_consent_no_hello),
        cmocka_unit_test(not_connected),
        cmocka_unit_test(closed_at_each_point),
        cmocka_unit_test(a_close_may_be_the_answer),
        cmocka_unit_test(the_hello_keeps_its_own_time),
        cmocka_unit_test(the_overall_deadline),
        cmocka_unit_test(the_pace),
        cmocka_unit_test(tls_from_the_first_byte),
        cmocka_unit_test(a_pause_before_tls_from_the_first_byte),
        cmocka_unit_test(any_driver_plays_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
