/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TLS_SASL_CRYPTO_H
#define WAXSEAL_TLS_SASL_CRYPTO_H

#include "sasl/crypto.h"

/* The arithmetic that SASL mechanisms need, by OpenSSL. */
extern const struct sasl_crypto tls_sasl_crypto;

#endif
