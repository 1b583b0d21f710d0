/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_REPORT_TRACE_EXCHANGE_H
#define WAXSEAL_REPORT_TRACE_EXCHANGE_H

#include "report/trace.h"
#include "report/trace_words.h"

/* Bodies of messages that carry keys, in the form that the state's suite and version ask for; inner
 * to report/trace. */
void report_trace_server_exchange(struct report_trace *state, struct report_words *w,
                                  struct base_reader *r);
void report_trace_client_exchange(struct report_trace *state, struct report_words *w,
                                  struct base_reader *r);
/* CertificateVerify, and the end of a signed ServerKeyExchange. */
void report_trace_signature(struct report_trace *state, struct report_words *w,
                            struct base_reader *r);

#endif
