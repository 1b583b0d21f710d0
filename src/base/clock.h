/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_BASE_CLOCK_H
#define WAXSEAL_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Monotonic time in microseconds. Engines never read a clock: drivers pass `now` in, tests pass a
 * virtual one. */
typedef uint64_t base_usec; /* the one typedef: a unit, not a struct */

#define BASE_NEVER UINT64_MAX
#define BASE_SECOND ((base_usec)1000000)
#define BASE_MSEC ((base_usec)1000)

base_usec base_clock_now(void);
/* Microseconds as milliseconds, for reports. */
double base_clock_ms(base_usec d);

/* RFC 3339 in UTC, "2026-11-23T18:51:53Z"; the buffer needs 32 bytes. */
#define BASE_CLOCK_RFC3339 32
void base_clock_rfc3339(time_t t, char out[BASE_CLOCK_RFC3339]);
/* Seconds since 1970 of a UTC calendar date (proleptic Gregorian), no time zone of the machine. */
int64_t base_clock_from_utc(int year, int month, int day, int hour, int minute, int second);

#endif
