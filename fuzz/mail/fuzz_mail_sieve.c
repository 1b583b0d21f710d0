/* SPDX-License-Identifier: Apache-2.0 */
/* The whole SIEVE dialogue: greeting, hello, STARTTLS, hello again, quit. */
#define FUZZ_PROTOCOL FACTS_PROTOCOL_SIEVE
#include "fuzz_dialogue.h"
