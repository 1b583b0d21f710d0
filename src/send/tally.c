/* SPDX-License-Identifier: Apache-2.0 */
/* tally - the outcome of --repeat
 *
 * Percentiles are of whole transactions, connection included, nearest rank. Beyond a million
 * durations no more are kept; the counts go on. */
#include "send/tally.h"

#include "base/file.h"
#include "base/json.h"

#include <stdlib.h>
#include <unistd.h>

#define KEPT_MAX 1000000u
#define TELL_EVERY (200 * BASE_MSEC)
#define JSON_MAX ((size_t)1 << 20)

enum ws_err send_tally_init(struct send_tally *t, unsigned wanted, unsigned concurrency,
                            base_usec now, struct base_error *e) {
    *t = (struct send_tally){
        .wanted = wanted, .concurrency = concurrency, .begun = now, .finished = now};
    t->progress = isatty(STDERR_FILENO) == 1;
    t->ms = calloc(wanted < KEPT_MAX ? wanted : KEPT_MAX, sizeof *t->ms);
    return t->ms ? WS_OK : base_error_set(e, WS_NOMEM, "no memory for %u durations", wanted);
}

void send_tally_release(struct send_tally *t) {
    free(t->ms);
}

static void tell(struct send_tally *t, bool last) {
    struct base_buf b;
    base_buf_init(&b, 256);
    base_buf_printf(&b, "\r%u of %u transactions%s", t->done, t->wanted, last ? "\r\033[K" : "");
    if (!base_file_write(STDERR_FILENO, base_buf_view(&b)))
        t->progress = false;
    base_buf_release(&b);
}

void send_tally_add(struct send_tally *t, enum send_exit code, base_usec took, base_usec now) {
    t->ended[(unsigned)code % SEND_TALLY_CODES]++;
    if (t->kept < KEPT_MAX && t->kept < t->wanted)
        t->ms[t->kept++] = (float)base_clock_ms(took);
    t->done++;
    t->finished = now;
    if (t->progress && now - t->told >= TELL_EVERY) {
        t->told = now;
        tell(t, false);
    }
}

/* --- the report --- */

static int by_size(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return x < y ? -1 : x > y;
}

/* The smallest duration that `percent` of all do not exceed; the durations are sorted. */
static double percentile(const struct send_tally *t, unsigned percent) {
    size_t rank = (t->kept * percent + 99) / 100;
    return t->kept == 0 ? 0 : (double)t->ms[rank > 0 ? rank - 1 : 0];
}

static double seconds(const struct send_tally *t) {
    return base_clock_ms(t->finished - t->begun) / 1000.0;
}

static double rate(const struct send_tally *t) {
    return seconds(t) > 0 ? t->done / seconds(t) : 0;
}

static void write_errors(struct base_json *j, struct base_bytes errors) {
    base_json_array(j, "errors");
    while (errors.len > 0) {
        size_t end = base_bytes_find(errors, '\n');
        base_json_bytes(j, NULL, base_bytes_slice(errors, 0, end));
        errors = base_bytes_slice(errors, end + 1, errors.len);
    }
    base_json_end(j);
}

static void write_json(const struct send_tally *t, struct base_bytes errors, struct base_buf *out) {
    struct base_json j;
    base_json_init(&j, out, true);
    base_json_object(&j, NULL);
    base_json_str(&j, "schema", "waxseal-send-repeat/1");
    base_json_uint(&j, "transactions", t->done);
    base_json_uint(&j, "wanted", t->wanted);
    base_json_uint(&j, "concurrency", t->concurrency);
    base_json_ms(&j, "total_ms", seconds(t) * 1000.0);
    base_json_ms(&j, "per_second", rate(t));
    base_json_array(&j, "exits");
    for (unsigned i = 0; i < SEND_TALLY_CODES; i++) {
        if (t->ended[i] == 0)
            continue;
        base_json_object(&j, NULL);
        base_json_uint(&j, "exit", i);
        base_json_str(&j, "meaning", send_exit_meaning((enum send_exit)i));
        base_json_uint(&j, "count", t->ended[i]);
        base_json_end(&j);
    }
    base_json_end(&j);
    base_json_object(&j, "ms");
    base_json_ms(&j, "least", percentile(t, 0));
    base_json_ms(&j, "median", percentile(t, 50));
    base_json_ms(&j, "p90", percentile(t, 90));
    base_json_ms(&j, "p99", percentile(t, 99));
    base_json_ms(&j, "most", percentile(t, 100));
    base_json_end(&j);
    write_errors(&j, errors);
    base_json_end(&j);
    base_buf_append_byte(out, '\n');
}

static void write_text(const struct send_tally *t, struct send_transcript *transcript) {
    send_transcript_info(transcript, "%u of %u transactions in %.3f s, %u at a time: %.1f a second",
                         t->done, t->wanted, seconds(t), t->concurrency, rate(t));
    for (unsigned i = 0; i < SEND_TALLY_CODES; i++)
        if (t->ended[i] > 0)
            send_transcript_info(transcript, "exit %2u: %u (%s)", i, t->ended[i],
                                 send_exit_meaning((enum send_exit)i));
    send_transcript_info(transcript,
                         "ms each: least %.1f, median %.1f, 90 %% %.1f, 99 %% %.1f, most %.1f",
                         percentile(t, 0), percentile(t, 50), percentile(t, 90), percentile(t, 99),
                         percentile(t, 100));
}

enum send_exit send_tally_report(struct send_tally *t, struct send_transcript *transcript) {
    if (t->progress)
        tell(t, true);
    qsort(t->ms, t->kept, sizeof *t->ms, by_size);
    if (transcript->output->json)
        write_json(t, base_buf_view(&transcript->errors), &transcript->out);
    else
        write_text(t, transcript);
    for (unsigned i = 1; i < SEND_TALLY_CODES; i++)
        if (t->ended[i] > 0)
            return (enum send_exit)i;
    return SEND_EXIT_OK;
}
