/* SPDX-License-Identifier: Apache-2.0 */
/* maildir - finds a Maildir entry that a mail reader has renamed
 *
 * An entry is NAME in "new" until it is seen, then NAME:2,FLAGS in "cur"; NAME never changes. */
#include "message/maildir.h"

#include "base/bytes.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct base_bytes without_flags(const char *name) {
    struct base_bytes b = base_bytes_of_str(name);
    return base_bytes_slice(b, 0, base_bytes_find(b, ':'));
}

/* The entry of DIR/SUB whose name is the same; NULL none. */
static char *find_in(struct base_bytes dir, const char *sub, struct base_bytes name) {
    char *folder = NULL, *found = NULL;
    if (asprintf(&folder, "%.*s/%s", (int)dir.len, (const char *)dir.data, sub) < 0)
        return NULL;
    DIR *d = opendir(folder);
    for (struct dirent *entry; d && !found && (entry = readdir(d));) {
        struct base_bytes other = without_flags(entry->d_name);
        if (base_bytes_equal(other, name) && asprintf(&found, "%s/%s", folder, entry->d_name) < 0)
            found = NULL;
    }
    if (d)
        closedir(d);
    free(folder);
    return found;
}

/* "DIR/new/NAME" -> DIR, NAME; false when it is not of this form. */
static bool split_path(const char *path, struct base_bytes *dir, const char **name) {
    const char *slash = strrchr(path, '/');
    if (!slash || slash - path < 4)
        return false;
    *name = slash + 1;
    size_t len = (size_t)(slash - path);
    struct base_bytes sub = base_bytes_view(slash - 3, 3);
    if (!base_bytes_equal_str(sub, "new") && !base_bytes_equal_str(sub, "cur"))
        return false;
    *dir = base_bytes_view(path, len - 4);
    return slash[-4] == '/' && **name != '\0' && **name != '.';
}

char *message_maildir_find(const char *path) {
    struct base_bytes dir;
    const char *name;
    if (!split_path(path, &dir, &name) || dir.len > 4096)
        return NULL;
    char *found = find_in(dir, "cur", without_flags(name));
    return found ? found : find_in(dir, "new", without_flags(name));
}
