/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_WIRE_DESCRIBE_EXCHANGE_H
#define WAXSEAL_WIRE_DESCRIBE_EXCHANGE_H

#include "wire/describe.h"
#include "wire/words.h"

/* Bodies of messages that carry keys, in the form that the state's suite and version ask for; inner
 * to wire/describe. */
void wire_describe_server_exchange(struct wire_describe *state, struct wire_words *w,
                                   struct base_reader *r);
void wire_describe_client_exchange(struct wire_describe *state, struct wire_words *w,
                                   struct base_reader *r);
/* CertificateVerify, and the end of a signed ServerKeyExchange. */
void wire_describe_signature(struct wire_describe *state, struct wire_words *w,
                             struct base_reader *r);

#endif
