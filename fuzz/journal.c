/* Log files. First byte even: the rest is a file as it may lie there; one that is called whole must be so by a plain reading
 * of the format. Odd: the lines of the rest are written as a log, which is whole; then one byte of it is changed (the next
 * three bytes say where and how) or a line is taken out, and that shows. */
#include "config.h"
#include "fuzz/fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include <jansson.h>

#include "journal/journal.h"

#define SUM_TAIL 74 /* ,"sum":"...64..."} */

struct count {
	const char *path;
	unsigned faults;
	size_t records;
};

static void on_fault(void *data, const char *file, unsigned line, const char *message)
{
	struct count *count = data;

	(void)line;
	fuzz_check(strcmp(file, count->path) == 0 && message[0] != '\0', "a fault without words");
	count->faults++;
}

static bool on_record(void *data, const json_t *record, unsigned number)
{
	struct count *count = data;

	fuzz_check(json_is_object(record) && number != 0, "a record that is none");
	count->records++;
	return true;
}

/* Whether the file is called whole; head may be NULL. */
static bool is_sound(const GString *file, const char *head, char last[SHA256_HEX_SIZE])
{
	AUTO(close) int fd = memfd_create("log", MFD_CLOEXEC);
	AUTO(g_free) char *path = g_strdup_printf("/proc/self/fd/%d", fd);
	struct count count = { .path = path };
	struct error error = ERROR_INIT;
	bool sound, read;

	fuzz_check(write(fd, file->str, file->len) == (ssize_t)file->len, "no memory file");
	sound = journal_verify(path, head, last, on_fault, &count);
	fuzz_check(sound == (count.faults == 0), "faults that count for nothing");
	read = journal_read(path, on_record, &count, &error);
	fuzz_check(read == (error.kind == ERROR_NONE), "an error without words");
	fuzz_check(read || !sound, "a whole log that cannot be read: %s", error.text);
	journal_read_with(path, "\"type\":\"note\"", on_record, &count, NULL);
	return sound;
}

/* A log of one note a line, as the contract's section 5 says. starts receives where each line begins. */
static GString *log_of(const char *lines, GArray *starts)
{
	GString *file = g_string_new(NULL);
	AUTO(g_strfreev) char **texts = g_strsplit(lines, "\n", 64);
	char sum[SHA256_HEX_SIZE] = "";

	for (int i = 0; texts[i] != NULL; i++) {
		AUTO(g_free) char *valid = g_utf8_make_valid(texts[i], -1);
		json_t *record = json_pack("{s:i,s:s,s:s,s:s,s:s}", "seq", i + 1, "time", "2026-11-25T07:19:03.123Z", "prev", sum,
			"type", i == 0 ? "session.start" : "note", "text", valid);
		char *json = json_dumps(record, JSON_COMPACT);
		size_t length = strlen(json) - 1; /* without the brace */

		g_array_append_val(starts, file->len);
		sha256_hex(json, length, sum);
		g_string_append_len(file, json, (gssize)length);
		g_string_append_printf(file, ",\"sum\":\"%s\"}\n", sum);
		free(json);
		json_decref(record);
	}
	return file;
}

static void check_written(const uint8_t *data, size_t size)
{
	unsigned where = fuzz_byte(&data, &size) * 256u, how;
	AUTO(g_array_unref) GArray *starts = g_array_new(FALSE, FALSE, sizeof(gsize));
	AUTO(g_string) GString *file = NULL;
	AUTO(g_free) char *lines = NULL;
	char last[SHA256_HEX_SIZE], other[SHA256_HEX_SIZE];

	where += fuzz_byte(&data, &size);
	how = fuzz_byte(&data, &size);
	lines = g_strndup((const char *)data, size);
	file = log_of(lines, starts);
	if (file->len == 0)
		return;
	fuzz_check(is_sound(file, NULL, last) && strlen(last) == 64, "a whole log is called broken");
	fuzz_check(is_sound(file, last, other) && strcmp(last, other) == 0, "the head is not found");
	if (how % 4 == 0) {
		guint line = where % starts->len;
		gsize start = g_array_index(starts, gsize, line);
		gsize end = line + 1 < starts->len ? g_array_index(starts, gsize, line + 1) : file->len;

		g_string_erase(file, (gssize)start, (gssize)(end - start));
		fuzz_check(!is_sound(file, last, other), "a line that is gone does not show");
		fuzz_check(line + 1 == starts->len || !is_sound(file, NULL, other), "a line gone from the middle does not show");
	} else {
		file->str[where % file->len] ^= (char)how;
		fuzz_check(!is_sound(file, NULL, other), "a change at byte %zu does not show", where % file->len);
	}
}

/* The chain by a plain reading. */
static bool chain_holds(const GString *file)
{
	AUTO(g_strfreev) char **lines = g_strsplit(file->str, "\n", -1);
	char prev[SHA256_HEX_SIZE] = "", is[SHA256_HEX_SIZE];

	if (strlen(file->str) != file->len || (file->len != 0 && file->str[file->len - 1] != '\n'))
		return false;
	for (int i = 0; lines[i] != NULL && lines[i + 1] != NULL; i++) {
		json_t *record = json_loads(lines[i], JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
		const char *sum = json_string_value(json_object_get(record, "sum"));
		const char *said = json_string_value(json_object_get(record, "prev"));
		bool holds = sum != NULL && strlen(sum) == 64 && said != NULL && strcmp(said, prev) == 0 &&
			json_integer_value(json_object_get(record, "seq")) == i + 1;

		if (holds) {
			sha256_hex(lines[i], strlen(lines[i]) - SUM_TAIL, is);
			holds = strcmp(is, sum) == 0;
			memcpy(prev, is, sizeof prev);
		}
		json_decref(record);
		if (!holds)
			return false;
	}
	return true;
}

FUZZ_TARGET(journal)
{
	uint8_t mode = fuzz_byte(&data, &size);
	AUTO(g_string) GString *file = NULL;
	char last[SHA256_HEX_SIZE];

	if (mode % 2 != 0) {
		check_written(data, size);
		return 0;
	}
	file = g_string_new_len((const char *)data, (gssize)size);
	if (is_sound(file, NULL, last))
		fuzz_check(chain_holds(file), "called whole, but it is not");
	return 0;
}
