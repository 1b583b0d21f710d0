/* SPDX-License-Identifier: Apache-2.0 */
/* mime_type - what an attachment is, by its content or its name
 *
 * libmagic reads a database of some megabytes, so it is loaded only when a type was asked for. It
 * tells text from binary well but calls many office files "application/zip" and most source text
 * "text/plain": there the name knows better, which the caller decides. */
#include "message/private.h"

#include "base/library.h"

#include <magic.h>

/* clang-format off */
#define MAGIC_FUNCTIONS(X) \
    X(magic_open) \
    X(magic_load) \
    X(magic_buffer)
/* clang-format on */

BASE_LIBRARY(magic, "libmagic.so.1", "libmagic1", MAGIC_FUNCTIONS)

/* Sorted by the end of the name. */
static const struct {
    const char *end;
    const char *type;
} types[] = {
    {"7z", "application/x-7z-compressed"},
    {"asc", "application/pgp-signature"},
    {"avif", "image/avif"},
    {"bin", "application/octet-stream"},
    {"bmp", "image/bmp"},
    {"bz2", "application/x-bzip2"},
    {"css", "text/css"},
    {"csv", "text/csv"},
    {"doc", "application/msword"},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"eml", "message/rfc822"},
    {"epub", "application/epub+zip"},
    {"flac", "audio/flac"},
    {"gif", "image/gif"},
    {"gz", "application/gzip"},
    {"htm", "text/html"},
    {"html", "text/html"},
    {"ics", "text/calendar"},
    {"jpeg", "image/jpeg"},
    {"jpg", "image/jpeg"},
    {"js", "text/javascript"},
    {"json", "application/json"},
    {"log", "text/plain"},
    {"md", "text/markdown"},
    {"mov", "video/quicktime"},
    {"mp3", "audio/mpeg"},
    {"mp4", "video/mp4"},
    {"odp", "application/vnd.oasis.opendocument.presentation"},
    {"ods", "application/vnd.oasis.opendocument.spreadsheet"},
    {"odt", "application/vnd.oasis.opendocument.text"},
    {"ogg", "audio/ogg"},
    {"p7m", "application/pkcs7-mime"},
    {"p7s", "application/pkcs7-signature"},
    {"pdf", "application/pdf"},
    {"pem", "application/x-pem-file"},
    {"png", "image/png"},
    {"ppt", "application/vnd.ms-powerpoint"},
    {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {"ps", "application/postscript"},
    {"rtf", "application/rtf"},
    {"sh", "text/x-shellscript"},
    {"svg", "image/svg+xml"},
    {"tar", "application/x-tar"},
    {"tif", "image/tiff"},
    {"tiff", "image/tiff"},
    {"txt", "text/plain"},
    {"vcf", "text/vcard"},
    {"wav", "audio/x-wav"},
    {"webm", "video/webm"},
    {"webp", "image/webp"},
    {"xls", "application/vnd.ms-excel"},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"xml", "application/xml"},
    {"xz", "application/x-xz"},
    {"zip", "application/zip"},
    {"zst", "application/zstd"},
};

const char *message_mime_type_of_name(struct base_bytes name) {
    size_t dot = name.len;
    while (dot > 0 && name.data[dot - 1] != '.')
        dot--;
    struct base_bytes end = base_bytes_slice(name, dot, name.len);
    for (size_t i = 0; dot > 0 && i < sizeof types / sizeof types[0]; i++)
        if (base_bytes_equal_nocase(end, types[i].end))
            return types[i].type;
    return NULL;
}

static magic_t open_magic(void) {
    if (base_library_load(&magic_library, NULL) != WS_OK)
        return NULL;
    magic_t opened = magic.magic_open(MAGIC_MIME_TYPE);
    return opened && magic.magic_load(opened, NULL) == 0 ? opened : NULL;
}

const char *message_mime_type_of_content(struct base_bytes start) {
    static magic_t cookie;
    static bool tried;
    if (!tried)
        cookie = open_magic();
    tried = true;
    return cookie ? magic.magic_buffer(cookie, start.data, start.len) : NULL;
}
