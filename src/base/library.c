/* SPDX-License-Identifier: Apache-2.0 */
/* library - shared libraries that few runs need, loaded when they are.
 *
 * Single-threaded, like everything here. */
#include "base/library.h"

#include "base/bytes.h"

#include <dlfcn.h>

enum ws_err base_library_load(struct base_library *l, struct base_error *e) {
    if (l->loaded)
        return WS_OK;
    void *handle = dlopen(l->file, RTLD_LAZY | RTLD_LOCAL);
    if (!handle)
        return base_error_set(e, WS_LIBRARY, "%s can't be loaded; install the package %s (%s)",
                              l->file, l->package, dlerror());
    for (size_t i = 0; l->symbols[i]; i++) {
        void *function = dlsym(handle, l->symbols[i]);
        if (!function)
            return base_error_set(e, WS_LIBRARY, "%s lacks %s; install a newer package %s", l->file,
                                  l->symbols[i], l->package);
        (void)base_bytes_copy((uint8_t *)l->functions + i * sizeof function, sizeof function,
                              base_bytes_view(&function, sizeof function));
    }
    l->loaded = true;
    return WS_OK;
}
