/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_ROUTE_H
#define WAXSEAL_SEND_ROUTE_H

#include "base/arena.h"
#include "base/log.h"
#include "send/plan.h"

/* Where mail for a domain goes. */

/* The domain of an address as swaks reads it: what follows the last "@", without angle brackets;
 * "" when there is none. */
const char *send_route_domain(struct base_arena *arena, const char *address);
/* The host to connect to: an address for "[192.0.2.1]" and "#3221225985", else the MX host with the
 * lowest preference, the domain itself when it has none, "localhost" for "" ; "" when a null MX
 * says that the domain takes no mail. Blocks for the DNS. `b` says whom to ask, NULL: the system's.
 */
const char *send_route_server(struct base_arena *arena, const char *domain,
                              const struct send_beyond *b, const struct base_log *log);
/* All MX hosts, best first; none only for a null MX. */
size_t send_route_servers(struct base_arena *arena, const char *domain, const struct send_beyond *b,
                          const struct base_log *log, const char *const **out);

#endif
