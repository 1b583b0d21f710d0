/* SPDX-License-Identifier: Apache-2.0 */
/* pki/trust - sets of trusted roots
 *
 * One X509_STORE per process, shared by all verifications. The system's roots are not loaded:
 * OpenSSL looks them up one by one in the hashed directory, which costs microseconds where the
 * bundle costs 17 ms; only a system without such a directory pays for its bundle. SSL_CERT_FILE and
 * SSL_CERT_DIR are respected, as in every program that uses OpenSSL.
 *
 * A file or directory that the user names must hold at least one certificate; each failure names it
 * and says which: missing, unreadable, nothing inside, malformed. */
#include "pki/trust.h"

#include "base/buf.h"
#include "pki/internal.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUNDLE_MAX (64L * 1024 * 1024)
#define DIR_FILES_MAX 4096u

struct pki_trust {
    X509_STORE *store;
    char name[512]; /* for reports */
    X509_LOOKUP_METHOD *method;
    char bundle[4096]; /* path of the system's bundle, read when it is needed */
    bool bundle_read;
};

X509_STORE *pki_trust_store(const struct pki_trust *t) {
    return t->store;
}

const char *pki_trust_name(const struct pki_trust *t) {
    return t->name;
}

void pki_trust_free(struct pki_trust *t) {
    if (!t)
        return;
    X509_STORE_free(t->store);
    X509_LOOKUP_meth_free(t->method);
    free(t);
}

static struct pki_trust *trust_alloc(const char *name, struct base_error *e) {
    struct pki_trust *t = calloc(1, sizeof(*t));

    if (!t || (t->store = X509_STORE_new()) == NULL) {
        pki_trust_free(t);
        (void)base_error_set(e, WS_NOMEM, "out of memory");
        return NULL;
    }
    (void)base_bytes_copy(t->name, sizeof(t->name) - 1, base_bytes_of_str(name));
    return t;
}

/* Adds every certificate of a PEM stream; other PEM blocks are passed over by OpenSSL. */
static enum ws_err add_pem(X509_STORE *store, BIO *bio, const char *name, struct base_error *e) {
    unsigned count = 0;
    X509 *x;

    ERR_clear_error();
    while ((x = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL)) != NULL) {
        int added = X509_STORE_add_cert(store, x);
        X509_free(x);
        if (added != 1)
            return base_error_set(e, WS_LIBRARY, "%s: %s", name,
                                  pki_error_reason("cannot be added to the store"));
        count++;
    }
    if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
        return base_error_set(e, WS_USAGE, "%s: certificate %u is malformed (%s)", name, count + 1,
                              pki_error_reason("not PEM"));
    ERR_clear_error();
    if (count == 0)
        return base_error_set(e, WS_USAGE,
                              "%s: no certificate inside (PEM with BEGIN CERTIFICATE is expected)",
                              name);
    return WS_OK;
}

static enum ws_err add_file(X509_STORE *store, const char *path, struct base_error *e) {
    struct stat st;
    enum ws_err err;
    BIO *bio;

    if (stat(path, &st) != 0)
        return base_error_set(e, WS_USAGE, "%s: %s", path, strerror(errno));
    if (S_ISDIR(st.st_mode))
        return base_error_set(e, WS_USAGE, "%s: is a directory, not a file", path);
    if (st.st_size > BUNDLE_MAX)
        return base_error_set(e, WS_USAGE, "%s: larger than %ld MiB", path, BUNDLE_MAX >> 20);
    errno = 0;
    bio = BIO_new_file(path, "r");
    if (!bio) {
        ERR_clear_error();
        return base_error_set(e, WS_USAGE, "%s: %s", path,
                              errno != 0 ? strerror(errno) : "cannot be opened");
    }
    err = add_pem(store, bio, path, e);
    BIO_free(bio);
    return err;
}

/* "5ed36f99.0": the names that `openssl rehash` makes. */
static bool is_hash_name(const char *name) {
    size_t hex = strspn(name, "0123456789abcdef");

    return hex == 8 && name[8] == '.' && name[9] != '\0' &&
           name[9 + strspn(name + 9, "0123456789")] == '\0';
}

/* errno is set when the directory cannot be read, 0 when nothing fits inside. */
static bool directory_has_hash(const char *path) {
    DIR *dir = opendir(path);
    const struct dirent *entry;
    bool found = false;

    if (!dir)
        return false;
    errno = 0;
    while (!found && (entry = readdir(dir)) != NULL)
        found = is_hash_name(entry->d_name);
    int kept = errno;
    closedir(dir);
    errno = kept;
    return found;
}

/* OpenSSL takes several directories with colons between; one that holds something is enough. */
static bool has_hashed_certificate(const char *paths) {
    struct base_bytes rest = base_bytes_of_str(paths);
    bool found = false;
    struct base_buf one;
    int kept = 0;

    base_buf_init(&one, 4096);
    while (rest.len > 0 && !found) {
        size_t len = base_bytes_find(rest, ':');
        base_buf_clear(&one);
        base_buf_append_bytes(&one, base_bytes_slice(rest, 0, len));
        found = directory_has_hash(base_buf_cstr(&one));
        kept = errno;
        rest = base_bytes_slice(rest, len + 1, rest.len);
    }
    base_buf_release(&one);
    errno = kept;
    return found;
}

static enum ws_err add_lookup(X509_STORE *store, const char *path, struct base_error *e) {
    X509_LOOKUP *lookup = X509_STORE_add_lookup(store, X509_LOOKUP_hash_dir());

    if (!lookup || X509_LOOKUP_add_dir(lookup, path, X509_FILETYPE_PEM) != 1)
        return base_error_set(e, WS_LIBRARY, "%s: %s", path,
                              pki_error_reason("cannot be used as a directory of certificates"));
    return WS_OK;
}

static enum ws_err add_dir(X509_STORE *store, const char *path, struct base_error *e) {
    errno = 0;
    if (!has_hashed_certificate(path)) {
        if (errno != 0)
            return base_error_set(e, WS_USAGE, "%s: %s", path, strerror(errno));
        return base_error_set(e, WS_USAGE,
                              "%s: no certificate inside (names must be hashes: run "
                              "\"openssl rehash %s\")",
                              path, path);
    }
    return add_lookup(store, path, e);
}

/* All certificates in the files of a directory; what is none is passed over. */
static void add_files_of(X509_STORE *store, const char *path) {
    DIR *dir = opendir(path);
    const struct dirent *entry;
    struct base_buf file;

    base_buf_init(&file, 8192);
    for (unsigned n = 0; dir && n < DIR_FILES_MAX && (entry = readdir(dir)) != NULL; n++) {
        base_buf_clear(&file);
        base_buf_printf(&file, "%s/%s", path, entry->d_name);
        (void)add_file(store, base_buf_cstr(&file), NULL);
        ERR_clear_error();
    }
    if (dir)
        (void)closedir(dir);
    base_buf_release(&file);
}

static void read_bundle(struct pki_trust *t) {
    struct stat st;

    t->bundle_read = true;
    if (stat(t->bundle, &st) == 0 && S_ISDIR(st.st_mode))
        add_files_of(t->store, t->bundle);
    else
        (void)add_file(t->store, t->bundle, NULL);
    ERR_clear_error();
}

/* Behind the hashed directory stands the bundle, which is read when the directory lacks an issuer.
 */
static int bundle_lookup(X509_LOOKUP *lookup, X509_LOOKUP_TYPE type, const X509_NAME *name,
                         X509_OBJECT *out) {
    struct pki_trust *t = X509_LOOKUP_get_method_data(lookup);
    X509_OBJECT *found;
    X509 *x;

    if (type != X509_LU_X509)
        return 0;
    if (!t->bundle_read)
        read_bundle(t);
    X509_STORE_lock(t->store);
    found = X509_OBJECT_retrieve_by_subject(X509_STORE_get0_objects(t->store), type, name);
    x = found ? X509_OBJECT_get0_X509(found) : NULL;
    X509_STORE_unlock(t->store);
    if (!x || X509_OBJECT_set1_X509(out, x) != 1)
        return 0;
    X509_free(x); /* the caller counts this reference itself; the store keeps the certificate */
    return 1;
}

static enum ws_err add_bundle(struct pki_trust *t, const char *path, struct base_error *e) {
    X509_LOOKUP *lookup;

    if (access(path, R_OK) != 0)
        return base_error_set(e, WS_USAGE, "%s (certificates to trust): %s", path, strerror(errno));
    (void)base_bytes_copy(t->bundle, sizeof(t->bundle) - 1, base_bytes_of_str(path));
    t->method = X509_LOOKUP_meth_new("waxseal bundle");
    if (!t->method || X509_LOOKUP_meth_set_get_by_subject(t->method, bundle_lookup) != 1)
        return base_error_set(e, WS_NOMEM, "out of memory");
    lookup = X509_STORE_add_lookup(t->store, t->method);
    if (!lookup || X509_LOOKUP_set_method_data(lookup, t) != 1)
        return base_error_set(e, WS_NOMEM, "out of memory");
    return WS_OK;
}

/* Hashed names are looked up; the other files are read when that does not find an issuer. */
static enum ws_err add_any_dir(struct pki_trust *t, const char *path, struct base_error *e) {
    if (has_hashed_certificate(path) && add_lookup(t->store, path, e) != WS_OK)
        return WS_LIBRARY;
    return add_bundle(t, path, e);
}

/* The value of an environment variable, NULL when it is not set or empty. */
static const char *setting(const char *variable) {
    const char *value = getenv(variable);

    return value && value[0] != '\0' ? value : NULL;
}

static bool is_same_file(const char *a, const char *b) {
    struct stat x, y;

    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* The environment may name the very bundle that is the system's own: then the directory has it all.
 */
static enum ws_err add_system(struct pki_trust *t, const struct pki_trust_config *c,
                              struct base_error *e) {
    const char *dir = setting(X509_get_default_cert_dir_env());
    const char *file = setting(X509_get_default_cert_file_env());
    bool file_given = file != NULL;
    bool hashed;

    if (!dir)
        dir = X509_get_default_cert_dir();
    if (!file)
        file = X509_get_default_cert_file();
    hashed = !c->no_dir && has_hashed_certificate(dir);
    if (is_same_file(dir, X509_get_default_cert_dir()) &&
        is_same_file(file, X509_get_default_cert_file()))
        file_given = false;
    if (hashed && add_lookup(t->store, dir, e) != WS_OK)
        return WS_LIBRARY;
    if (!c->no_file && (file_given || (!hashed && access(file, F_OK) == 0)))
        return add_bundle(t, file, e);
    return WS_OK; /* a machine without roots trusts nobody: the verification will say so */
}

static enum ws_err add_store(X509_STORE *store, const char *uri, struct base_error *e) {
    if (!strchr(uri, ':') && access(uri, R_OK) != 0)
        return base_error_set(e, WS_USAGE, "%s: %s", uri, strerror(errno));
    ERR_clear_error();
    if (X509_STORE_load_store(store, uri) != 1)
        return base_error_set(e, WS_USAGE, "%s: %s", uri,
                              pki_error_reason("cannot be used as a store of certificates"));
    return WS_OK;
}

static bool is_system(const struct pki_trust_config *c) {
    return !c->file && !c->dir && !c->store;
}

static const char *store_name(const struct pki_trust_config *c, struct base_buf *text) {
    const char *parts[] = {c->file, c->dir, c->store};

    if (is_system(c))
        return c->no_file && c->no_dir && c->no_store ? "none" : "system";
    for (size_t i = 0; i < 3; i++)
        if (parts[i])
            base_buf_printf(text, "%s%s", text->len > 0 ? ", " : "", parts[i]);
    return base_buf_cstr(text);
}

/* Puts the option's name in front of what went wrong with its value. */
static enum ws_err named(enum ws_err err, const char *option, const struct base_error *inner,
                         struct base_error *e) {
    bool given = option && option[0];

    return err == WS_OK ? WS_OK
                        : base_error_set(e, err, "%s%s%s", given ? option : "", given ? " " : "",
                                         base_error_message(inner));
}

static enum ws_err fill(struct pki_trust *t, const struct pki_trust_config *c,
                        struct base_error *e) {
    struct base_error inner = {0};
    enum ws_err err = WS_OK;

    if (is_system(c))
        return add_system(t, c, e);
    if (c->file)
        err = named(add_file(t->store, c->file, &inner), c->file_option, &inner, e);
    if (err == WS_OK && c->dir && c->dir_any_names)
        err = named(add_any_dir(t, c->dir, &inner), c->dir_option, &inner, e);
    else if (err == WS_OK && c->dir)
        err = named(add_dir(t->store, c->dir, &inner), c->dir_option, &inner, e);
    if (err == WS_OK && c->store)
        err = named(add_store(t->store, c->store, &inner), c->store_option, &inner, e);
    return err;
}

/* Gives the finished trust away, or frees it when something failed. */
static enum ws_err hand_over(struct pki_trust *t, enum ws_err err, struct pki_trust **out) {
    if (err == WS_OK)
        *out = t;
    else
        pki_trust_free(t);
    return err;
}

enum ws_err pki_trust_open(const struct pki_trust_config *c, struct pki_trust **out,
                           struct base_error *e) {
    struct pki_trust *t;
    struct base_buf text;

    *out = NULL;
    base_buf_init(&text, 3 * 4096 + 16);
    t = trust_alloc(store_name(c, &text), e);
    base_buf_release(&text);
    return !t ? WS_NOMEM : hand_over(t, fill(t, c, e), out);
}

enum ws_err pki_trust_new(const char *ca_file, const char *ca_dir, struct pki_trust **out,
                          struct base_error *e) {
    const struct pki_trust_config c = {.file = ca_file, .dir = ca_dir};

    return pki_trust_open(&c, out, e);
}

enum ws_err pki_trust_new_pem(struct base_bytes pem, const char *name, struct pki_trust **out,
                              struct base_error *e) {
    struct pki_trust *t;
    enum ws_err err;
    BIO *bio;

    *out = NULL;
    if (pem.len > (size_t)BUNDLE_MAX)
        return base_error_set(e, WS_LIMIT, "%s: larger than %ld MiB", name, BUNDLE_MAX >> 20);
    t = trust_alloc(name, e);
    if (!t)
        return WS_NOMEM;
    if (pem.len == 0)
        pem = base_bytes_of_str("\n"); /* a memory BIO needs a pointer */
    bio = BIO_new_mem_buf(pem.data, (int)pem.len);
    err = bio ? add_pem(t->store, bio, name, e) : base_error_set(e, WS_NOMEM, "%s", name);
    BIO_free(bio);
    return hand_over(t, err, out);
}
