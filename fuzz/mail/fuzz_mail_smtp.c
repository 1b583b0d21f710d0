/* SPDX-License-Identifier: Apache-2.0 */
/* The whole SMTP dialogue: greeting, hello, STARTTLS, hello again, quit. */
#define FUZZ_PROTOCOL FACTS_PROTOCOL_SMTP
#include "fuzz_dialogue.h"
