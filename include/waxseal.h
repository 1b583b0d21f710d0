/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_H
#define WAXSEAL_H

/* waxseal - every question about TLS on a mail server, as a library.
 *
 *     struct waxseal *w = waxseal_new();
 *     if (w && waxseal_option(w, "--resolver", "192.0.2.53") == 0 &&
 *         waxseal_target(w, "example.org") == 0 && waxseal_check(w) >= 0)
 *         puts(waxseal_json(w));
 *     else
 *         fputs(waxseal_error(w), stderr);
 *     waxseal_free(w);
 *
 * One object is used by one thread at a time; objects are independent of each other. The library
 * never prints, never exits and takes no signal. */

#ifdef __cplusplus
extern "C" {
#endif

struct waxseal;

/* NULL when there is no memory. */
struct waxseal *waxseal_new(void);
void waxseal_free(struct waxseal *w);

/* One option of `waxseal check`, spelled as on the command line; `value` NULL for flags. 0 on
 * success, -1 on a wrong name or value (waxseal_error says which and why). */
int waxseal_option(struct waxseal *w, const char *name, const char *value);

/* Adds a target: domain, host, host:port, address. The text is copied. 0, or -1 (no memory). */
int waxseal_target(struct waxseal *w, const char *target);

/* Checks all targets and returns the exit code that `waxseal check` would give (0 fine, 1 problems,
 * 2 no STARTTLS, 3 could not tell), or -1 on a local failure. Blocks until done. */
int waxseal_check(struct waxseal *w);

/* The report of the last check, owned by `w`, valid until the next call with it: JSON (schema
 * waxseal/1) or the text for people. NULL before a check. */
const char *waxseal_json(struct waxseal *w);
const char *waxseal_text(struct waxseal *w);

/* The first thing that went wrong; never NULL. */
const char *waxseal_error(const struct waxseal *w);

/* "0.1.0" */
const char *waxseal_version(void);

#ifdef __cplusplus
}
#endif

#endif
