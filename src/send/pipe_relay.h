/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_PIPE_RELAY_H
#define WAXSEAL_SEND_PIPE_RELAY_H

/* Carries bytes from the socket to the child's input and from its output to the socket until both
 * directions have ended; closes all three. For a process of its own: it changes how SIGPIPE is
 * handled and waits without limit. */
void send_pipe_relay(int sock, int child_in, int child_out);

#endif
