#include "config.h"
#include "journal/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/auto.h"
#include "journal/journal.h"

#define BLOCK (256 * 1024)
#define SUM_START ",\"sum\":\""
#define SUM_TAIL (sizeof SUM_START - 1 + 64 + 2) /* and `"}` */

/* Hands out the whole lines in buffer and removes them. False when line said stop. */
static bool lines_take(GString *buffer, size_t *scanned, lines_fn *line, void *data, unsigned *number)
{
	size_t start = 0;
	const char *feed;

	while ((feed = memchr(buffer->str + *scanned, '\n', buffer->len - *scanned)) != NULL) {
		size_t end = (size_t)(feed - buffer->str);

		if (!line(data, buffer->str + start, end - start, ++*number, true))
			return false;
		start = *scanned = end + 1;
	}
	g_string_erase(buffer, 0, (gssize)start);
	*scanned = buffer->len;
	return true;
}

bool lines_read(const char *path, lines_fn *line, void *data, struct error *error)
{
	size_t offset = 0;

	return lines_read_from(path, &offset, line, data, error);
}

bool lines_read_from(const char *path, size_t *offset, lines_fn *line, void *data, struct error *error)
{
	AUTO(close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	AUTO(g_string) GString *buffer = g_string_sized_new(BLOCK);
	AUTO(g_free) char *block = g_malloc(BLOCK);
	size_t scanned = 0, all = 0;
	unsigned number = 0;

	if (fd < 0)
		return error_set_errno(error, ERROR_FAILED, errno, "cannot open log '%s'", path);
	if (*offset > 0 && lseek(fd, (off_t)*offset, SEEK_SET) < 0)
		return error_set_errno(error, ERROR_FAILED, errno, "cannot read log '%s'", path);
	for (;;) {
		ssize_t got = read(fd, block, BLOCK);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set_errno(error, ERROR_FAILED, errno, "cannot read log '%s'", path);
		if (got == 0)
			break;
		g_string_append_len(buffer, block, got);
		all += (size_t)got;
		if (!lines_take(buffer, &scanned, line, data, &number))
			return true;
		if (buffer->len > JOURNAL_LINE_LIMIT) {
			error_set(error, ERROR_FAILED, "line %u of log '%s' is longer than %d bytes", number + 1, path,
				JOURNAL_LINE_LIMIT);
			error_at(error, path, number + 1, 0);
			return false;
		}
	}
	*offset += all - buffer->len;
	if (buffer->len > 0)
		line(data, buffer->str, buffer->len, number + 1, false);
	return true;
}

bool lines_sum(const char *line, size_t length, char sum[SHA256_HEX_SIZE], size_t *signed_length)
{
	const char *tail = line + length - SUM_TAIL;

	if (length <= SUM_TAIL || memcmp(tail, SUM_START, sizeof SUM_START - 1) != 0)
		return false;
	tail += sizeof SUM_START - 1;
	if (tail[64] != '"' || tail[65] != '}')
		return false;
	for (size_t i = 0; i < 64; i++)
		if (strchr("0123456789abcdef", tail[i]) == NULL || tail[i] == '\0')
			return false;
	memcpy(sum, tail, 64);
	sum[64] = '\0';
	*signed_length = length - SUM_TAIL;
	return true;
}

static bool lines_pread(int fd, char *into, size_t length, size_t at)
{
	while (length > 0) {
		ssize_t got = pread(fd, into, length, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		into += got;
		length -= (size_t)got;
		at += (size_t)got;
	}
	return true;
}

bool lines_tail(int fd, size_t *whole, size_t *all, char sum[SHA256_HEX_SIZE])
{
	char block[16384];
	struct stat status;
	size_t end, length;

	sum[0] = '\0';
	if (fstat(fd, &status) != 0)
		return false;
	*all = (size_t)status.st_size;
	for (end = *all; end > 0;) {
		size_t take = MIN(end, sizeof block);
		const char *feed;

		if (!lines_pread(fd, block, take, end - take))
			return false;
		feed = memrchr(block, '\n', take);
		if (feed != NULL) {
			end = end - take + (size_t)(feed - block) + 1;
			break;
		}
		end -= take;
	}
	*whole = end;
	if (end > SUM_TAIL + 1) {
		length = MIN(end, SUM_TAIL + 2);
		if (!lines_pread(fd, block, length, end - length))
			return false;
		lines_sum(block, length - 1, sum, &length);
	}
	return true;
}

bool lines_is_free(const char *path)
{
	AUTO(close) int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) == 0;
}
