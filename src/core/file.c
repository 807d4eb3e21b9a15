#include "config.h"
#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "core/auto.h"

bool dir_make_private(const char *path, struct error *error)
{
	if (g_mkdir_with_parents(path, 0700) != 0)
		return error_set_errno(error, ERROR_FAILED, errno, "cannot make directory '%s'", path);
	return true;
}

static bool fd_read_all(int fd, const char *path, size_t limit, GString *into, struct error *error)
{
	char block[65536];

	for (;;) {
		ssize_t got = read(fd, block, sizeof block);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set_errno(error, ERROR_FAILED, errno, "cannot read '%s'", path);
		if (got == 0)
			return true;
		if (into->len + (size_t)got > limit)
			return error_set(error, ERROR_FAILED, "'%s' is larger than %zu bytes", path, limit);
		g_string_append_len(into, block, got);
	}
}

bool file_read(const char *path, size_t limit, char **bytes, size_t *length, struct error *error)
{
	AUTO(g_string) GString *all = g_string_new(NULL);
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	bool ok;

	if (fd < 0)
		return error_set_errno(error, ERROR_FAILED, errno, "cannot open '%s'", path);
	ok = fd_read_all(fd, path, limit, all, error);
	if (!is_stdin)
		close(fd);
	if (!ok)
		return false;
	*length = all->len;
	*bytes = g_string_free(AUTO_STEAL(all), FALSE);
	return true;
}

static bool fd_write_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t put = write(fd, bytes, length);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return false;
		bytes += put;
		length -= (size_t)put;
	}
	return true;
}

void file_keep_name(const char *path)
{
	AUTO(g_free) char *dir = g_path_get_dirname(path);
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
}

struct file_writer {
	char *path, *temporary;
	int fd;
	int fault; /* errno of the first put that failed */
};

struct file_writer *file_writer_new(const char *path, struct error *error)
{
	struct file_writer *writer = g_new0(struct file_writer, 1);

	writer->path = g_strdup(path);
	writer->temporary = g_strdup_printf("%s.XXXXXX", path);
	writer->fd = g_mkstemp_full(writer->temporary, O_WRONLY | O_CLOEXEC, 0600);
	if (writer->fd >= 0)
		return writer;
	error_set_errno(error, ERROR_FAILED, errno, "cannot write beside '%s'", path);
	g_clear_pointer(&writer->temporary, g_free);
	file_writer_free(writer);
	return NULL;
}

void file_writer_put(struct file_writer *writer, const void *bytes, size_t length)
{
	if (writer->fault == 0 && !fd_write_all(writer->fd, bytes, length))
		writer->fault = errno;
}

bool file_writer_end(struct file_writer *writer, struct error *error)
{
	int fd = writer->fd;
	bool ok;

	if (writer->fault == 0 && fsync(fd) != 0)
		writer->fault = errno;
	writer->fd = -1;
	if (close(fd) != 0 && writer->fault == 0)
		writer->fault = errno;
	ok = writer->fault == 0;
	if (!ok)
		error_set_errno(error, ERROR_FAILED, writer->fault, "cannot write '%s'", writer->path);
	if (ok && rename(writer->temporary, writer->path) != 0)
		ok = error_set_errno(error, ERROR_FAILED, errno, "cannot replace '%s'", writer->path);
	if (ok) {
		file_keep_name(writer->path);
		g_clear_pointer(&writer->temporary, g_free);
	}
	file_writer_free(writer);
	return ok;
}

void file_writer_free(struct file_writer *writer)
{
	if (writer == NULL)
		return;
	if (writer->fd >= 0)
		close(writer->fd);
	if (writer->temporary != NULL)
		unlink(writer->temporary);
	g_free(writer->temporary);
	g_free(writer->path);
	g_free(writer);
}

bool file_replace(const char *path, const void *bytes, size_t length, struct error *error)
{
	struct file_writer *writer = file_writer_new(path, error);

	if (writer == NULL)
		return false;
	file_writer_put(writer, bytes, length);
	return file_writer_end(writer, error);
}

bool file_map(const char *path, size_t limit, void **bytes, size_t *length, struct error *error)
{
	AUTO(close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat about;

	if (fd < 0 || fstat(fd, &about) != 0)
		return error_set_errno(error, ERROR_FAILED, errno, "cannot open '%s'", path);
	if (!S_ISREG(about.st_mode))
		return error_set(error, ERROR_FAILED, "'%s' is not a file", path);
	if ((uint64_t)about.st_size > limit)
		return error_set(error, ERROR_FAILED, "'%s' is larger than %zu bytes", path, limit);
	*length = (size_t)about.st_size;
	*bytes = NULL;
	if (*length == 0)
		return true;
	*bytes = mmap(NULL, *length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, fd, 0);
	if (*bytes != MAP_FAILED)
		return true;
	*bytes = NULL;
	return error_set_errno(error, ERROR_FAILED, errno, "cannot map '%s'", path);
}

struct sha256 {
	EVP_MD_CTX *context;
	size_t length;
	unsigned char waiting[4096]; /* small pieces are gathered: a call for each costs more than its bytes */
};

struct sha256 *sha256_new(void)
{
	struct sha256 *state = g_new(struct sha256, 1);

	state->length = 0;
	state->context = EVP_MD_CTX_new();
	if (state->context == NULL || EVP_DigestInit_ex(state->context, EVP_sha256(), NULL) != 1)
		g_error("SHA-256 is not available");
	return state;
}

static void sha256_flush(struct sha256 *state)
{
	if (EVP_DigestUpdate(state->context, state->waiting, state->length) != 1)
		g_error("SHA-256 is not available");
	state->length = 0;
}

void sha256_add(struct sha256 *state, const void *bytes, size_t length)
{
	if (length > sizeof state->waiting - state->length)
		sha256_flush(state);
	if (length > sizeof state->waiting) {
		if (EVP_DigestUpdate(state->context, bytes, length) != 1)
			g_error("SHA-256 is not available");
		return;
	}
	memcpy(state->waiting + state->length, bytes, length);
	state->length += length;
}

void sha256_end(struct sha256 *state, char hex[SHA256_HEX_SIZE])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;

	sha256_flush(state);
	if (EVP_DigestFinal_ex(state->context, digest, &size) != 1 || size != 32)
		g_error("SHA-256 is not available");
	for (unsigned i = 0; i < size; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	EVP_MD_CTX_free(state->context);
	g_free(state);
}

void sha256_hex(const void *bytes, size_t length, char hex[SHA256_HEX_SIZE])
{
	struct sha256 *state = sha256_new();

	sha256_add(state, bytes, length);
	sha256_end(state, hex);
}

static char *xdg_dir(const char *variable, const char *below_home)
{
	const char *set = g_getenv(variable);

	/* The base directory specification: a relative path is invalid and ignored. */
	if (set != NULL && g_path_is_absolute(set))
		return g_build_filename(set, "cordon", NULL);
	return g_build_filename(g_get_home_dir(), below_home, "cordon", NULL);
}

char *dir_config(void)
{
	return xdg_dir("XDG_CONFIG_HOME", ".config");
}

char *dir_state(void)
{
	return xdg_dir("XDG_STATE_HOME", ".local/state");
}

char *dir_cache(void)
{
	return xdg_dir("XDG_CACHE_HOME", ".cache");
}

void uuid_make(char text[37])
{
	unsigned char b[16];

	if (RAND_bytes(b, sizeof b) != 1)
		g_error("no random numbers");
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	snprintf(text, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
		b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}
