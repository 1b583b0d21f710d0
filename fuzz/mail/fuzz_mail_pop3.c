/* SPDX-License-Identifier: Apache-2.0 */
/* The whole POP3 dialogue: greeting, hello, STARTTLS, hello again, quit. */
#define FUZZ_PROTOCOL FACTS_PROTOCOL_POP3
#include "fuzz_dialogue.h"
