/* SPDX-License-Identifier: Apache-2.0 */
/* date - the time of a message as mail writes it
 *
 * strftime would write day and month in the user's language; RFC 5322 3.3 wants English. */
#include "message/date.h"

static struct tm local_time(time_t t) {
    struct tm tm = {.tm_mday = 1, .tm_year = 70, .tm_wday = 4};
    struct tm found;
    return localtime_r(&t, &found) ? found : tm;
}

void message_date_append(struct base_buf *out, time_t t) {
    static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tm tm = local_time(t);
    long minutes = tm.tm_gmtoff / 60;
    unsigned away = (unsigned)(minutes < 0 ? -minutes : minutes);
    base_buf_printf(out, "%s, %02d %s %04d %02d:%02d:%02d %c%02u%02u", days[tm.tm_wday], tm.tm_mday,
                    months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec,
                    minutes < 0 ? '-' : '+', away / 60, away % 60);
}

void message_date_append_stamp(struct base_buf *out, time_t t) {
    struct tm tm = local_time(t);
    base_buf_printf(out, "%04d%02d%02d%02d%02d%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
                    tm.tm_hour, tm.tm_min, tm.tm_sec);
}
