/* SPDX-License-Identifier: Apache-2.0 */
/* The whole IMAP dialogue: greeting, hello, STARTTLS, hello again, quit. */
#define FUZZ_PROTOCOL FACTS_PROTOCOL_IMAP
#include "fuzz_dialogue.h"
