/* SPDX-License-Identifier: Apache-2.0 */
/* know/tls_group - named groups for key exchange
 *
 * What a server may choose for ECDHE, DHE and hybrid key exchange, as numbered by IANA (RFC 8422,
 * RFC 7919, RFC 8446, RFC 8734, RFC 9189, and the drafts on ML-KEM that are already deployed). A
 * number without a row is shown in hex by whoever prints it. */
#include "know/tls_group.h"

#include <strings.h>

#define CURVE KNOW_TLS_GROUP_CURVE
#define FFDHE KNOW_TLS_GROUP_FFDHE
#define KEM KNOW_TLS_GROUP_KEM
#define HYBRID KNOW_TLS_GROUP_HYBRID
#define MARK KNOW_TLS_GROUP_MARK

/* clang-format off */
static const struct know_tls_group groups[] = {
    {0x0001, "sect163k1", CURVE, 163},
    {0x0002, "sect163r1", CURVE, 163},
    {0x0003, "sect163r2", CURVE, 163},
    {0x0004, "sect193r1", CURVE, 193},
    {0x0005, "sect193r2", CURVE, 193},
    {0x0006, "sect233k1", CURVE, 233},
    {0x0007, "sect233r1", CURVE, 233},
    {0x0008, "sect239k1", CURVE, 239},
    {0x0009, "sect283k1", CURVE, 283},
    {0x000a, "sect283r1", CURVE, 283},
    {0x000b, "sect409k1", CURVE, 409},
    {0x000c, "sect409r1", CURVE, 409},
    {0x000d, "sect571k1", CURVE, 571},
    {0x000e, "sect571r1", CURVE, 571},
    {0x000f, "secp160k1", CURVE, 160},
    {0x0010, "secp160r1", CURVE, 160},
    {0x0011, "secp160r2", CURVE, 160},
    {0x0012, "secp192k1", CURVE, 192},
    {0x0013, "secp192r1", CURVE, 192},
    {0x0014, "secp224k1", CURVE, 224},
    {0x0015, "secp224r1", CURVE, 224},
    {0x0016, "secp256k1", CURVE, 256},
    {0x0017, "secp256r1", CURVE, 256},
    {0x0018, "secp384r1", CURVE, 384},
    {0x0019, "secp521r1", CURVE, 521},
    {0x001a, "brainpoolP256r1", CURVE, 256},
    {0x001b, "brainpoolP384r1", CURVE, 384},
    {0x001c, "brainpoolP512r1", CURVE, 512},
    {0x001d, "x25519", CURVE, 253},
    {0x001e, "x448", CURVE, 448},
    {0x001f, "brainpoolP256r1tls13", CURVE, 256},
    {0x0020, "brainpoolP384r1tls13", CURVE, 384},
    {0x0021, "brainpoolP512r1tls13", CURVE, 512},
    {0x0022, "GC256A", CURVE, 256},
    {0x0023, "GC256B", CURVE, 256},
    {0x0024, "GC256C", CURVE, 256},
    {0x0025, "GC256D", CURVE, 256},
    {0x0026, "GC512A", CURVE, 512},
    {0x0027, "GC512B", CURVE, 512},
    {0x0028, "GC512C", CURVE, 512},
    {0x0029, "curveSM2", CURVE, 256},
    {0x0100, "ffdhe2048", FFDHE, 2048},
    {0x0101, "ffdhe3072", FFDHE, 3072},
    {0x0102, "ffdhe4096", FFDHE, 4096},
    {0x0103, "ffdhe6144", FFDHE, 6144},
    {0x0104, "ffdhe8192", FFDHE, 8192},
    {0x0200, "MLKEM512", KEM, 512},
    {0x0201, "MLKEM768", KEM, 768},
    {0x0202, "MLKEM1024", KEM, 1024},
    {0x11eb, "SecP256r1MLKEM768", HYBRID, 256},
    {0x11ec, "X25519MLKEM768", HYBRID, 253},
    {0x11ed, "SecP384r1MLKEM1024", HYBRID, 384},
    {0x11ee, "curveSM2MLKEM768", HYBRID, 256},
    {0x6399, "X25519Kyber768Draft00", HYBRID, 253},
    {0x639a, "SecP256r1Kyber768Draft00", HYBRID, 256},
    {0xff01, "arbitrary_explicit_prime_curves", MARK, 0},
    {0xff02, "arbitrary_explicit_char2_curves", MARK, 0},
};
/* clang-format on */

const struct know_tls_group *know_tls_groups(size_t *count) {
    *count = sizeof(groups) / sizeof(groups[0]);
    return groups;
}

const struct know_tls_group *know_tls_group_find(uint16_t id) {
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
        if (groups[i].id == id)
            return &groups[i];
    return NULL;
}

const struct know_tls_group *know_tls_group_find_name(const char *name) {
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
        if (strcasecmp(groups[i].name, name) == 0)
            return &groups[i];
    return NULL;
}
