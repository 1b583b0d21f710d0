/* SPDX-License-Identifier: Apache-2.0 */
/* What `waxseal connect` shows of fixed facts is what tests/golden/ holds; and whatever a server
 * wrote, nothing of it moves a cursor, forges a line or runs out of the page. */
#include "base/text.h"
#include "golden.h"
#include "report/connect.h"
#include "report/s_client.h"
#include "report/text_parts.h"
#include "scene_connect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct report_style plain = {.columns = 80};
static const struct report_style ascii = {.columns = 80, .ascii = true};
static const struct report_style colour = {.columns = 80, .colour = true};

static void render_own(const struct scene_session *s, const struct report_style *style,
                       struct base_buf *out) {
    report_connect(s->endpoint, &s->detail, style, out);
    report_connect_findings(s->target->findings, s->target->finding_count, s->endpoint, style, out);
    report_timing(s->endpoint, s->dns_ms, style, out);
}

static void render_s_client(const struct scene_session *s, struct base_buf *out) {
    struct report_s_client_flags flags = {.showcerts = s->showcerts};
    base_buf_append_str(out, "# -brief: stderr\n");
    report_s_client_connecting(s->endpoint, &s->detail, out);
    report_s_client_verify(&s->detail, true, out);
    report_s_client_brief(s->endpoint, &s->detail, out);
    report_s_client_errors(&s->detail, out);
    base_buf_append_str(out, "# in full: stderr\n");
    report_s_client_connecting(s->endpoint, &s->detail, out);
    report_s_client_verify(&s->detail, false, out);
    base_buf_append_str(out, "# in full: stdout\n");
    report_s_client_connected(3, out);
    report_s_client_full(s->endpoint, &s->detail, &flags, out);
    for (size_t i = 0; i < s->detail.ticket_count; i++)
        report_s_client_ticket(s->detail.tickets[i], out);
}

static void render_json(const struct scene_session *s, struct base_buf *out) {
    struct base_buf raw;
    base_buf_init(&raw, GOLDEN_MAX);
    report_json_connect(s->target, s->endpoint, &s->detail, &s->client, s->dns_ms,
                        s->target->findings, s->target->finding_count, &raw);
    /* releases come and go */
    struct base_bytes text = base_buf_view(&raw);
    size_t at = base_bytes_find_str(text, "\"" WAXSEAL_VERSION "\"");
    assert_true(at < text.len);
    base_buf_append_bytes(out, base_bytes_slice(text, 0, at));
    base_buf_append_str(out, "\"0.0.0\"");
    base_buf_append_bytes(out, base_bytes_slice(text, at + strlen(WAXSEAL_VERSION) + 2, text.len));
    base_buf_release(&raw);
}

static void check_scene(const struct scene_session_row *row) {
    struct scene_session s;
    struct base_buf out;
    scene_session_init(&s);
    row->make(&s);
    assert_false(s.scene.arena.failed);
    base_buf_init(&out, GOLDEN_MAX);
    render_own(&s, &plain, &out);
    golden_compare(row->name, ".txt", &out);
    base_buf_clear(&out);
    render_own(&s, &ascii, &out);
    golden_compare(row->name, ".ascii.txt", &out);
    base_buf_clear(&out);
    render_own(&s, &colour, &out);
    golden_compare(row->name, ".colour.txt", &out);
    base_buf_clear(&out);
    render_json(&s, &out);
    golden_compare(row->name, ".json", &out);
    base_buf_clear(&out);
    if (s.endpoint->session.started) {
        render_s_client(&s, &out);
        golden_compare(row->name, ".s_client.txt", &out);
    }
    base_buf_release(&out);
    scene_session_release(&s);
}

static void sessions_look_as_recorded(void **state) {
    (void)state;
    for (const struct scene_session_row *row = scene_session_rows; row->name; row++)
        check_scene(row);
}

/* --- versions of OpenSSL
 * ---------------------------------------------------------------------------------------------- */

static void each_version_has_its_own_words(void **state) {
    static const uint32_t versions[] = {0x30100000, 0x30200000, 0x30300000,
                                        0x30500000, 0x30600000, 0x40000000};
    struct base_buf out;
    (void)state;
    base_buf_init(&out, GOLDEN_MAX);
    for (size_t v = 0; v < sizeof versions / sizeof versions[0]; v++)
        for (const struct scene_session_row *row = scene_session_rows; row->name; row++) {
            struct scene_session s;
            scene_session_init(&s);
            row->make(&s);
            s.detail.library_number = versions[v];
            base_buf_printf(&out, "## %s with %x.%x\n", row->name, versions[v] >> 28,
                            versions[v] >> 20 & 0xff);
            if (s.endpoint->session.started && strcmp(row->name, "connect-hostile") != 0)
                render_s_client(&s, &out);
            scene_session_release(&s);
        }
    golden_compare("connect-versions", ".s_client.txt", &out);
    base_buf_release(&out);
}

static void later_connections_are_short(void **state) {
    struct report_s_client_flags again = {.again = true};
    struct scene_session s;
    struct base_buf out;
    (void)state;
    scene_session_init(&s);
    base_buf_init(&out, GOLDEN_MAX);
    report_s_client_reconnecting(&out);
    s.detail.reused = true;
    report_s_client_full(s.endpoint, &s.detail, &again, &out);
    assert_string_equal(base_buf_cstr(&out), "drop connection and then reconnect\n"
                                             "Verification: OK\n"
                                             "---\n"
                                             "Reused, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384\n"
                                             "Secure Renegotiation IS NOT supported\n"
                                             "Compression: NONE\n"
                                             "Expansion: NONE\n"
                                             "No ALPN negotiated\n"
                                             "Early data was not sent\n"
                                             "Verify return code: 0 (ok)\n"
                                             "---\n");
    base_buf_release(&out);
    scene_session_release(&s);
}

/* --- what a server may not do
 * ---------------------------------------------------------------------------------------------- */

/* Line feeds are ours alone; with `columns` no line is wider. */
static void assert_harmless(struct base_buf *out, size_t columns, bool only_ascii) {
    struct base_bytes rest = base_buf_view(out);
    assert_false(out->failed);
    while (rest.len > 0) {
        struct base_bytes line = base_bytes_slice(rest, 0, base_bytes_find(rest, '\n'));
        struct base_buf safe;
        base_buf_init(&safe, GOLDEN_MAX);
        if (only_ascii)
            base_text_escape_ascii(&safe, line);
        else
            base_text_escape(&safe, line);
        assert_true(base_bytes_equal(base_buf_view(&safe), line));
        assert_true(!columns || base_text_width(base_buf_cstr(&safe)) <= columns);
        base_buf_release(&safe);
        rest = base_bytes_slice(rest, line.len + 1, rest.len);
    }
}

static void nothing_a_server_wrote_does_harm(void **state) {
    (void)state;
    for (const struct scene_session_row *row = scene_session_rows; row->name; row++) {
        struct scene_session s;
        struct base_buf out;
        scene_session_init(&s);
        row->make(&s);
        base_buf_init(&out, GOLDEN_MAX);
        render_own(&s, &plain, &out);
        assert_harmless(&out, 80, false);
        base_buf_clear(&out);
        render_own(&s, &ascii, &out);
        assert_harmless(&out, 80, true);
        base_buf_clear(&out);
        render_s_client(&s, &out);
        assert_harmless(&out, 0, false);
        base_buf_release(&out);
        scene_session_release(&s);
    }
}

/* A name of the server as long as it likes, and as many as it likes. */
static void a_talkative_server_is_cut_short(void **state) {
    struct scene_session s;
    struct base_buf out;
    (void)state;
    scene_session_init(&s);
    size_t count = 1000;
    s.detail.ca_names = base_arena_array(&s.scene.arena, count, sizeof *s.detail.ca_names);
    for (; s.detail.ca_name_count < count; s.detail.ca_name_count++)
        s.detail.ca_names[s.detail.ca_name_count] = "CN = Some CA";
    s.endpoint->session.client_certificate_asked = true;
    s.endpoint->session.client_ca_names = (unsigned)count;
    base_buf_init(&out, GOLDEN_MAX);
    report_connect(s.endpoint, &s.detail, &plain, &out);
    assert_non_null(strstr(base_buf_cstr(&out), "one of 1000 CAs"));
    assert_non_null(strstr(base_buf_cstr(&out), "and 980 more"));
    base_buf_release(&out);
    scene_session_release(&s);
}

static void a_full_buffer_is_told(void **state) {
    struct scene_session s;
    (void)state;
    scene_session_init(&s);
    for (size_t max = 0; max < 900; max += 100) {
        struct base_buf out;
        base_buf_init(&out, max);
        render_own(&s, &plain, &out);
        assert_true(out.failed);
        base_buf_clear(&out);
        render_s_client(&s, &out);
        assert_true(out.failed);
        base_buf_release(&out);
    }
    scene_session_release(&s);
}

/* --- without facts
 * ---------------------------------------------------------------------------------------------- */

static void what_is_not_known_is_left_out(void **state) {
    struct facts_detail none = {.library = NULL};
    struct facts_endpoint bare;
    struct scene_session s;
    struct base_buf out;
    (void)state;
    scene_session_init(&s);
    base_buf_init(&out, GOLDEN_MAX);
    report_connect(s.endpoint, NULL, &plain, &out);
    assert_non_null(strstr(base_buf_cstr(&out), "TLSv1.3, certificate trusted and named"));
    base_buf_clear(&out);
    facts_endpoint_init(&bare);
    bare.host = bare.address = "192.0.2.1";
    report_connect(&bare, &none, &plain, &out);
    assert_string_equal(base_buf_cstr(&out),
                        "? 192.0.2.1:0: no connection (not_tried)\n    connection   not_tried\n");
    base_buf_clear(&out);
    report_s_client_brief(&bare, &none, &out);
    report_s_client_verify(&none, false, &out);
    report_s_client_connecting(&bare, &none, &out);
    report_timing(&bare, -1, &plain, &out);
    report_connect_findings(NULL, 0, &bare, &plain, &out);
    assert_int_equal(out.len, 0);
    report_json_connect(s.target, NULL, NULL, NULL, -1, NULL, 0, &out);
    assert_non_null(strstr(base_buf_cstr(&out), "\"endpoint\": null"));
    assert_non_null(strstr(base_buf_cstr(&out), "\"detail\": null"));
    assert_non_null(strstr(base_buf_cstr(&out), "\"timing\": []"));
    base_buf_release(&out);
    scene_session_release(&s);
}

/* --- times
 * ---------------------------------------------------------------------------------------------- */

static void times_follow_each_other(void **state) {
    struct report_time times[REPORT_TIMES_MAX];
    struct scene_session s;
    (void)state;
    scene_session_init(&s);
    size_t n = report_times(s.endpoint, 21.5, times);
    assert_int_equal(n, 9);
    for (size_t i = 1; i < n; i++)
        assert_true(times[i].start_ms == times[i - 1].start_ms + times[i - 1].ms);
    assert_string_equal(times[5].key, "hello");
    assert_string_equal(times[7].key, "finished");
    assert_true(times[5].ms + times[6].ms + times[7].ms == s.endpoint->session.ms);
    s.endpoint->implicit_tls = true;
    n = report_times(s.endpoint, -1, times);
    assert_string_equal(times[0].key, "tcp");
    assert_string_equal(times[1].key, "hello");
    assert_string_equal(times[4].key, "greeting");
    scene_session_release(&s);
}

static void bars_fit_any_width(void **state) {
    struct scene_session s;
    (void)state;
    scene_session_init(&s);
    s.endpoint->greeting.ms = 1e12;
    s.endpoint->ehlo.reply.ms = -5;
    for (unsigned columns = 0; columns < 200; columns += 7) {
        struct report_style style = {.columns = columns, .ascii = true};
        struct base_buf out;
        base_buf_init(&out, GOLDEN_MAX);
        report_timing(s.endpoint, 0, &style, &out);
        assert_non_null(strstr(base_buf_cstr(&out), "1000000000000.0 ms"));
        assert_true(columns < 40 || strstr(base_buf_cstr(&out), "#"));
        base_buf_release(&out);
    }
    scene_session_release(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions_look_as_recorded),
        cmocka_unit_test(each_version_has_its_own_words),
        cmocka_unit_test(later_connections_are_short),
        cmocka_unit_test(nothing_a_server_wrote_does_harm),
        cmocka_unit_test(a_talkative_server_is_cut_short),
        cmocka_unit_test(a_full_buffer_is_told),
        cmocka_unit_test(what_is_not_known_is_left_out),
        cmocka_unit_test(times_follow_each_other),
        cmocka_unit_test(bars_fit_any_width),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
