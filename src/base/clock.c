/* SPDX-License-Identifier: Apache-2.0 */
/* base_clock - monotonic microseconds for engines and drivers, RFC 3339 for reports. */
#include "base/clock.h"

#include <stdio.h>

base_usec base_clock_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (base_usec)t.tv_sec * BASE_SECOND + (base_usec)t.tv_nsec / 1000;
}

double base_clock_ms(base_usec d) {
    return (double)d / 1000.0;
}

void base_clock_rfc3339(time_t t, char out[BASE_CLOCK_RFC3339]) {
    struct tm tm;
    if (!gmtime_r(&t, &tm) || tm.tm_year + 1900 < 1000 || tm.tm_year + 1900 > 9999) {
        /* beyond four digits of a year: the nearest time that RFC 3339 can write */
        snprintf(out, BASE_CLOCK_RFC3339, "%s",
                 t < 0 ? "1000-01-01T00:00:00Z" : "9999-12-31T23:59:59Z");
        return;
    }
    strftime(out, BASE_CLOCK_RFC3339, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

/* Days since 1970-01-01; years begin in March so that leap days come last. */
static int64_t days_from_civil(int64_t year, int month, int day) {
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

int64_t base_clock_from_utc(int year, int month, int day, int hour, int minute, int second) {
    return days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
}
