/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of the DNS, mostly hostile ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/writer.h"
#include "dns/packet.h"
#include "message.h"

#include <stdio.h>
#include <string.h>

#define RESPONSE 0x8180u

struct fixture {
    struct base_buf m;
    struct base_arena arena;
    struct dns_packet p;
};

static int set_up(void **state) {
    static struct fixture f;
    base_buf_init(&f.m, 1 << 20);
    base_arena_init(&f.arena, 4 << 20);
    *state = &f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    base_buf_release(&f->m);
    base_arena_release(&f->arena);
    return 0;
}

static bool read_mx(struct fixture *f) {
    return dns_packet_read(base_buf_view(&f->m), "example.org", DNS_TYPE_MX, &f->arena, &f->p);
}

static void begin_mx(struct fixture *f) {
    message_begin(&f->m, 7, RESPONSE, "example.org", DNS_TYPE_MX);
}

static void raw(struct fixture *f, const char *bytes, size_t n) {
    base_buf_append(&f->m, bytes, n);
}

static void plain_mx(void **state) {
    struct fixture *f = *state;
    begin_mx(f);
    message_mx(&f->m, "Example.ORG", 10, "MX1.example.org");
    message_mx(&f->m, "example.org", 0, ".");
    message_mx(&f->m, "other.org", 5, "not.ours");
    message_a(&f->m, "example.org", "192.0.2.1");
    assert_true(read_mx(f));
    assert_int_equal(f->p.count, 2);
    assert_string_equal(f->p.records[0].text, "mx1.example.org");
    assert_int_equal(f->p.records[0].preference, 10);
    assert_string_equal(f->p.records[1].text, ".");
    assert_string_equal(f->p.canonical, "");
    assert_int_equal(f->p.ttl, 300);
    assert_false(f->p.is_signed);
}

static void compressed_mx(void **state) {
    struct fixture *f = *state;
    begin_mx(f);
    size_t mark = message_record(&f->m, "example.org", DNS_TYPE_MX, 60);
    raw(f, "\0\x0a\2mx\xc0\x0c", 7); /* mx + the question's name */
    message_close(&f->m, mark);
    assert_true(read_mx(f));
    assert_int_equal(f->p.count, 1);
    assert_string_equal(f->p.records[0].text, "mx.example.org");
    assert_int_equal(f->p.ttl, 60);
}

/* Data that is no MX: left out and counted, the good one beside it stays. */
static void malformed_mx(void **state) {
    static const struct {
        const char *bytes;
        size_t len;
    } cases[] = {
        {"", 0},
        {"\0", 1},
        {"\0\x0a", 2},         /* no name */
        {"\0\x0a\2mx", 5},     /* not ended */
        {"\0\x0a\x3fmx\0", 6}, /* a label beyond the data */
        {"\0\x0a\x40mx\0", 6}, /* reserved label types */
        {"\0\x0a\x80mx\0", 6},
        {"\0\x0a\xc0", 3},     /* half a pointer */
        {"\0\x0a\xff\xff", 4}, /* a pointer beyond the message */
        {"\0\x0a\xc0\xff", 4}, /* forwards */
        {"\0\x0a\2mx\0X", 7},  /* something behind the name */
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        begin_mx(f);
        size_t mark = message_record(&f->m, "example.org", DNS_TYPE_MX, 300);
        raw(f, cases[i].bytes, cases[i].len);
        message_close(&f->m, mark);
        message_mx(&f->m, "example.org", 20, "good.example.org");
        assert_true(read_mx(f));
        assert_int_equal(f->p.malformed, 1);
        assert_int_equal(f->p.count, 1);
        assert_string_equal(f->p.records[0].text, "good.example.org");
    }
}

static void pointer_loops(void **state) {
    struct fixture *f = *state;
    begin_mx(f);
    size_t mark = message_record(&f->m, "example.org", DNS_TYPE_MX, 300);
    size_t here = f->m.len;
    uint8_t self[4] = {0, 10, (uint8_t)(0xc0 | (here + 2) >> 8), (uint8_t)(here + 2)};
    raw(f, (char *)self, 4); /* points at itself */
    message_close(&f->m, mark);
    mark = message_record(&f->m, "example.org", DNS_TYPE_MX, 300);
    here = f->m.len;
    uint8_t pair[8] = {0, 10, 1, 'a', (uint8_t)(0xc0 | (here + 2) >> 8), (uint8_t)(here + 2),
                       0, 0}; /* a label, then back to it */
    raw(f, (char *)pair, 6);
    message_close(&f->m, mark);
    assert_true(read_mx(f));
    assert_int_equal(f->p.malformed, 2);
    assert_int_equal(f->p.count, 0);
}

/* A name, then `n` pointers each to the one before. */
static bool read_chain_of_pointers(struct fixture *f, unsigned n) {
    char out[DNS_NAME_TEXT];
    unsigned to = 0;
    base_buf_clear(&f->m);
    raw(f, "\1a\0", 3);
    for (unsigned i = 0; i < n; i++) {
        unsigned here = (unsigned)f->m.len;
        base_writer_u16(&f->m, (uint16_t)(0xc000 | to));
        to = here;
    }
    size_t at = f->m.len - 2;
    if (!dns_packet_name(base_buf_view(&f->m), &at, out))
        return false;
    assert_string_equal(out, "a");
    assert_int_equal(at, f->m.len);
    return true;
}

static void long_pointer_chain(void **state) {
    assert_true(read_chain_of_pointers(*state, 1));
    assert_true(read_chain_of_pointers(*state, 128));
    assert_false(read_chain_of_pointers(*state, 129));
    assert_false(read_chain_of_pointers(*state, 5000));
}

static void name_lengths(void **state) {
    struct fixture *f = *state;
    char out[DNS_NAME_TEXT];
    size_t at = 0;
    base_buf_clear(&f->m);
    for (int i = 0; i < 3; i++) { /* 3 * 64 + 62 + 1 = 255: the most */
        base_writer_u8(&f->m, 63);
        for (int k = 0; k < 63; k++)
            base_writer_u8(&f->m, 0xff);
    }
    base_writer_u8(&f->m, 61);
    for (int k = 0; k < 61; k++)
        base_writer_u8(&f->m, 0xff);
    size_t before_end = f->m.len;
    base_writer_u8(&f->m, 0);
    assert_int_equal(f->m.len, 255);
    assert_non_null(dns_packet_name(base_buf_view(&f->m), &at, out));
    assert_int_equal(strlen(out), 4 * 250 + 3);
    base_buf_truncate(&f->m, before_end);
    raw(f, "\1a\0", 3);
    at = 0;
    assert_null(dns_packet_name(base_buf_view(&f->m), &at, out));
}

static void strange_bytes_in_names(void **state) {
    struct fixture *f = *state;
    begin_mx(f);
    size_t mark = message_record(&f->m, "example.org", DNS_TYPE_MX, 300);
    raw(f,
        "\0\1\x08"
        "a.b\0\x1b[\\\xff\0",
        12);
    message_close(&f->m, mark);
    assert_true(read_mx(f));
    assert_int_equal(f->p.count, 1);
    assert_string_equal(f->p.records[0].text, "a\\046b\\000\\027\\091\\092\\255");
}

static void cname_chains(void **state) {
    struct fixture *f = *state;
    message_begin(&f->m, 7, RESPONSE, "www.example.org", DNS_TYPE_A);
    message_a(&f->m, "end.example.net", "192.0.2.9");
    message_text(&f->m, "mid.example.com", DNS_TYPE_CNAME, "END.example.net");
    message_text(&f->m, "www.example.org", DNS_TYPE_CNAME, "mid.example.com");
    message_a(&f->m, "www.example.org", "192.0.2.1"); /* beside a CNAME: not the answer */
    assert_true(
        dns_packet_read(base_buf_view(&f->m), "www.example.org", DNS_TYPE_A, &f->arena, &f->p));
    assert_int_equal(f->p.count, 1);
    assert_string_equal(f->p.records[0].text, "192.0.2.9");
    assert_string_equal(f->p.canonical, "end.example.net");

    message_begin(&f->m, 7, RESPONSE, "a.example", DNS_TYPE_A);
    message_text(&f->m, "a.example", DNS_TYPE_CNAME, "b.example");
    message_text(&f->m, "b.example", DNS_TYPE_CNAME, "a.example");
    assert_true(dns_packet_read(base_buf_view(&f->m), "a.example", DNS_TYPE_A, &f->arena, &f->p));
    assert_int_equal(f->p.count, 0); /* a loop ends */
}

static void addresses(void **state) {
    struct fixture *f = *state;
    message_begin(&f->m, 7, RESPONSE, "a.example", DNS_TYPE_AAAA);
    message_a(&f->m, "a.example", "2001:db8::1");
    message_a(&f->m, "a.example", "192.0.2.1");
    size_t mark = message_record(&f->m, "a.example", DNS_TYPE_AAAA, 300);
    raw(f, "\1\2\3\4", 4);
    message_close(&f->m, mark);
    assert_true(
        dns_packet_read(base_buf_view(&f->m), "a.example", DNS_TYPE_AAAA, &f->arena, &f->p));
    assert_int_equal(f->p.count, 1);
    assert_int_equal(f->p.malformed, 1);
    assert_string_equal(f->p.records[0].text, "2001:db8::1");
}

static void signatures_and_ttl(void **state) {
    struct fixture *f = *state;
    begin_mx(f);
    size_t mark = message_record(&f->m, "example.org", DNS_TYPE_RRSIG, 300);
    raw(f, "\0\x01", 2); /* over A, not over MX */
    message_close(&f->m, mark);
    message_mx(&f->m, "example.org", 1, "mx.example.org");
    assert_true(read_mx(f));
    assert_false(f->p.is_signed);
    mark = message_record(&f->m, "example.org", DNS_TYPE_RRSIG, 300);
    raw(f, "\0\x0f", 2);
    message_close(&f->m, mark);
    mark = message_record(&f->m, "example.org", DNS_TYPE_MX, 0x80000000u);
    raw(f, "\0\1\0", 3);
    message_close(&f->m, mark);
    assert_true(read_mx(f));
    assert_true(f->p.is_signed);
    assert_int_equal(f->p.ttl, 0); /* the high bit means nothing good */
}

static bool read_as(struct fixture *f, unsigned type) {
    return dns_packet_read(base_buf_view(&f->m), "example.org", type, &f->arena, &f->p);
}

static void record(struct fixture *f, unsigned type, const char *data, size_t n) {
    size_t mark = message_record(&f->m, "example.org", type, 60);
    raw(f, data, n);
    message_close(&f->m, mark);
}

static void texts(void **state) {
    struct fixture *f = *state;
    message_begin(&f->m, 7, RESPONSE, "example.org", DNS_TYPE_TXT);
    record(f, DNS_TYPE_TXT, "", 0);
    record(f, DNS_TYPE_TXT, "\4abc", 4);
    record(f, DNS_TYPE_TXT, "\3abc\1", 5);
    record(f, DNS_TYPE_TXT, "\0", 1);
    record(f, DNS_TYPE_TXT, "\3a\0b\0\2cd", 8);
    assert_true(read_as(f, DNS_TYPE_TXT));
    assert_int_equal(f->p.malformed, 3);
    assert_int_equal(f->p.count, 2);
    assert_int_equal(f->p.records[0].data.len, 0);
    assert_int_equal(f->p.records[1].data.len, 5);
    assert_memory_equal(f->p.records[1].data.data, "a\0bcd", 5);
}

static void tlsa(void **state) {
    struct fixture *f = *state;
    message_begin(&f->m, 7, RESPONSE, "example.org", DNS_TYPE_TLSA);
    record(f, DNS_TYPE_TLSA, "", 0);
    record(f, DNS_TYPE_TLSA, "\3\1\1", 3);
    record(f, DNS_TYPE_TLSA, "\3\1\1\xff", 4);
    assert_true(read_as(f, DNS_TYPE_TLSA));
    assert_int_equal(f->p.malformed, 2);
    assert_int_equal(f->p.count, 1);
    assert_memory_equal(f->p.records[0].data.data, "\3\1\1\xff", 4);
}

static void codes(void **state) {
    struct fixture *f = *state;
    message_begin(&f->m, 7, RESPONSE | 3, "example.org", DNS_TYPE_MX);
    assert_true(read_mx(f));
    assert_int_equal(f->p.rcode, DNS_RCODE_NXDOMAIN);
    assert_int_equal(f->p.count, 0);
    assert_int_equal(f->p.ttl, 0);
}

static void very_many_records(void **state) {
    struct fixture *f = *state;
    char host[32];
    begin_mx(f);
    for (int i = 0; i < 1500; i++) {
        snprintf(host, sizeof host, "mx%d.example", i);
        message_mx(&f->m, "example.org", 1, host);
    }
    assert_true(read_mx(f));
    assert_int_equal(f->p.count, DNS_RECORDS_MAX);
    assert_true(f->p.truncated);
}

static void count_lies(void **state) {
    struct fixture *f = *state;
    begin_mx(f);
    message_mx(&f->m, "example.org", 1, "mx.example");
    f->m.data[f->m.start + 6] = 0xff; /* 65,000 answers promised */
    assert_true(read_mx(f));
    assert_int_equal(f->p.count, 1);
    f->m.data[f->m.start + 5] = 9; /* nine questions */
    assert_false(read_mx(f));
}

/* A good answer cut everywhere, and with each byte changed: bounded, never a crash. */
static void cut_and_changed(void **state) {
    struct fixture *f = *state;
    begin_mx(f);
    message_text(&f->m, "example.org", DNS_TYPE_CNAME, "b.example");
    message_mx(&f->m, "b.example", 1, "mx.example");
    size_t len = f->m.len;
    for (size_t cut = 0; cut < len; cut++) {
        struct base_bytes part = base_bytes_slice(base_buf_view(&f->m), 0, cut);
        bool good = dns_packet_read(part, "example.org", DNS_TYPE_MX, &f->arena, &f->p);
        assert_true(!good || f->p.count == 0);
        assert_false(good && cut < 29); /* header and question: 12 + 13 + 4 */
    }
    for (size_t i = 0; i < len; i++) {
        uint8_t kept = f->m.data[f->m.start + i];
        for (unsigned v = 0; v < 256; v++) {
            f->m.data[f->m.start + i] = (uint8_t)v;
            base_arena_release(&f->arena);
            if (read_mx(f))
                assert_true(f->p.count <= 1);
        }
        f->m.data[f->m.start + i] = kept;
    }
}

int main(void) {
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(plain_mx),
        TEST(compressed_mx),
        TEST(malformed_mx),
        TEST(pointer_loops),
        TEST(long_pointer_chain),
        TEST(name_lengths),
        TEST(strange_bytes_in_names),
        TEST(cname_chains),
        TEST(addresses),
        TEST(signatures_and_ttl),
        TEST(texts),
        TEST(tlsa),
        TEST(codes),
        TEST(very_many_records),
        TEST(count_lies),
        TEST(cut_and_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
