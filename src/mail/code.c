/* SPDX-License-Identifier: Apache-2.0 */
/* mail_code - patterns of SMTP reply codes (RFC 5321, 4.2). */
#include "mail/code.h"

#include "base/bytes.h"

#include <stdint.h>
#include <string.h>

bool mail_code_is_pattern(const char *text) {
    for (;;) {
        if (strlen(text) < 3 || text[0] < '1' || text[0] > '5')
            return false;
        for (int i = 1; i < 3; i++)
            if (!base_ascii_is_digit((uint8_t)text[i]) && text[i] != 'x')
                return false;
        if (text[3] != '|')
            return text[3] == '\0';
        text += 4;
    }
}

bool mail_code_fits(const char *pattern, int code) {
    int digits[3] = {code / 100, code / 10 % 10, code % 10};
    while (strlen(pattern) >= 3) {
        bool same = true;
        for (int i = 0; i < 3; i++)
            same = same && (pattern[i] == 'x' || pattern[i] - '0' == digits[i]);
        if (same)
            return true;
        pattern += pattern[3] == '|' ? 4 : 3;
    }
    return false;
}
