/* The session log: chain, torn lines, what verify finds. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal/journal.h"
#include "tests/tap.h"

static char *dir;
static GString *faults;

static void on_fault(void *data, const char *file, unsigned line, const char *message)
{
	AUTO(g_free) char *name = g_path_get_basename(file);

	(void)data;
	(void)name;
	g_string_append_printf(faults, "%u:%s;", line, message);
}

static bool verify(const char *path, const char *head)
{
	g_string_truncate(faults, 0);
	return journal_verify(path, head, NULL, on_fault, NULL);
}

static bool verify_all(size_t *count)
{
	g_string_truncate(faults, 0);
	return journal_verify_all(dir, count, on_fault, NULL);
}

static bool faults_have(const char *text)
{
	return strstr(faults->str, text) != NULL;
}

static void on_torn(void *data, const char *file)
{
	(void)file;
	++*(int *)data;
}

static bool collect(void *data, const json_t *record, unsigned number)
{
	GString *types = data;

	(void)number;
	g_string_append_printf(types, "%s ", json_string_value(json_object_get(record, "type")));
	return true;
}

static char *types_of(const char *path)
{
	GString *types = g_string_new(NULL);
	struct error error = ERROR_INIT;

	if (!journal_read(path, collect, types, &error))
		g_string_append(types, error.text);
	return g_string_free(types, FALSE);
}

static char *write_log(const char *note, char head[SHA256_HEX_SIZE])
{
	struct journal *journal = journal_start(dir, json_pack("{s:s}", "user", "t"), NULL);
	char *path = g_strdup(journal_path(journal));

	journal_append(journal, "note", json_pack("{s:s, s:s}", "text", note, "sum", "mine"), NULL);
	journal_append(journal, "note", json_pack("{s:s}", "text", "h\303\244lt \n \"quoted\""), NULL);
	memcpy(head, journal_head(journal), SHA256_HEX_SIZE);
	journal_commit(journal, NULL);
	journal_end(journal, 0);
	return path;
}

/* Puts the file's bytes changed by one replacement in its place. */
static void edit(const char *path, const char *from, const char *to)
{
	char *bytes;
	size_t length;
	char *at;
	GString *changed;

	g_assert_true(file_read(path, 1 << 20, &bytes, &length, NULL));
	at = strstr(bytes, from);
	g_assert_nonnull(at);
	changed = g_string_new_len(bytes, at - bytes);
	g_string_append(changed, to);
	g_string_append(changed, at + strlen(from));
	g_assert_true(file_replace(path, changed->str, changed->len, NULL));
	g_string_free(changed, TRUE);
	g_free(bytes);
}

static void test_chain(void)
{
	char head[SHA256_HEX_SIZE], last[SHA256_HEX_SIZE];
	AUTO(g_free) char *path = write_log("first", head);
	AUTO(g_free) char *types = types_of(path);
	struct stat status;

	tap_str(types, "session.start note note session.end ", "lines come back in order");
	tap_ok(verify(path, NULL), "a file just written is whole");
	tap_ok(verify(path, head), "a head in the middle is found");
	tap_ok(!verify(path, "00"), "an unknown head is a fault");
	tap_ok(stat(path, &status) == 0 && (status.st_mode & 0777) == 0600, "the file is private");
	tap_ok(stat(dir, &status) == 0 && (status.st_mode & 0777) == 0700, "the directory is private");
	journal_verify(path, NULL, last, NULL, NULL);
	tap_ok(strlen(last) == 64 && strcmp(last, head) != 0, "the last sum is told");
	unlink(path);
}

static void test_edits(void)
{
	char head[SHA256_HEX_SIZE];
	AUTO(g_free) char *path = write_log("harmless", head);
	AUTO(g_free) char *bytes = NULL;
	size_t length;
	char *second, *third;

	edit(path, "harmless", "harmful!");
	tap_ok(!verify(path, NULL) && faults_have("2:its sum does not match"), "an edit is found, with its line");
	tap_ok(strchr(strchr(faults->str, ';') + 1, ';') == NULL, "an edit is one fault");
	edit(path, "harmful!", "harmless");
	tap_ok(verify(path, NULL), "the edit undone, all is well");
	file_read(path, 1 << 20, &bytes, &length, NULL);
	second = strchr(bytes, '\n') + 1;
	third = strchr(second, '\n') + 1;
	memmove(second, third, strlen(third) + 1);
	file_replace(path, bytes, strlen(bytes), NULL);
	tap_ok(!verify(path, NULL) && faults_have("2:its 'prev' is not"), "a line taken out is found");
	*second = '\0';
	file_replace(path, bytes, strlen(bytes), NULL);
	tap_ok(verify(path, NULL), "a shortened file looks whole by itself");
	tap_ok(!verify(path, head) && faults_have("shortened or rewritten"), "but not with its head");
	file_replace(path, "{}\n", 3, NULL);
	tap_ok(!verify(path, NULL) && faults_have("1:it does not end with a sum"), "a line without a sum is a fault");
	unlink(path);
	tap_ok(!verify(path, NULL) && faults_have("cannot open"), "a missing file is a fault");
}

static void test_after(void)
{
	char head[SHA256_HEX_SIZE];
	AUTO(g_free) char *one = write_log("one", head);
	AUTO(g_free) char *two = write_log("two", head);
	AUTO(g_free) char *three = write_log("three", head);
	AUTO(g_free) char *bytes = NULL;
	size_t length, count;

	tap_ok(verify_all(&count) && count == 3, "three sessions verify");
	file_read(two, 1 << 20, &bytes, &length, NULL);
	*(strchr(bytes, '\n') + 1) = '\0';
	file_replace(two, bytes, strlen(bytes), NULL);
	tap_ok(!verify_all(&count) && faults_have("lacks the line with sum"), "a shortened earlier file shows");
	unlink(two);
	tap_ok(!verify_all(&count) && faults_have("is missing") && count == 2, "a missing file shows");
	unlink(one);
	tap_ok(!verify_all(&count), "and still does when the oldest is gone, too");
	unlink(three);
}

static void test_torn(void)
{
	char head[SHA256_HEX_SIZE];
	AUTO(g_free) char *path = write_log("torn", head);
	AUTO(g_free) char *aside = g_strconcat(path, ".torn", NULL);
	AUTO(g_free) char *bytes = NULL;
	AUTO(g_free) char *types = NULL;
	struct journal *live, *journal;
	int torn = 0, fd = open(path, O_WRONLY | O_APPEND);
	size_t length, count;

	tap_ok(write(fd, "{\"seq\":9", 8) == 8, "tear the last line");
	close(fd);
	types = types_of(path);
	tap_str(types, "session.start note note session.end ", "a torn line is not read");
	tap_ok(!verify(path, NULL) && faults_have("5:the last line is torn"), "verify reports it");
	tap_ok(access(aside, F_OK) != 0, "and repairs nothing");
	live = journal_start(dir, NULL, NULL);
	journal_mend(live, on_torn, &torn, NULL);
	tap_int(torn, 1, "it is told");
	torn = 0;
	tap_ok(file_read(aside, 100, &bytes, &length, NULL) && length == 8, "the next session sets it aside");
	tap_ok(verify(path, NULL), "then the file is whole");
	g_free(types);
	types = types_of(journal_path(live));
	tap_str(types, "session.start repair ", "the repair is in the log");
	fd = open(journal_path(live), O_WRONLY | O_APPEND);
	tap_ok(write(fd, "{", 1) == 1, "a living session is in the middle of a line");
	close(fd);
	journal = journal_start(dir, NULL, NULL);
	journal_mend(journal, on_torn, &torn, NULL);
	tap_int(torn, 0, "its file is left alone");
	tap_ok(verify(journal_path(live), NULL), "and no fault");
	tap_ok(verify_all(&count) && count == 3, "all verify");
	unlink(journal_path(journal));
	journal_end(journal, 0);
	g_free(types);
	types = g_strdup(journal_path(live));
	journal_end(live, 0);
	unlink(types);
	unlink(aside);
	unlink(path);
}

/* What sessions leave behind that ended before their first line was whole. */
static void test_unborn(void)
{
	struct journal *journal = journal_start(dir, NULL, NULL);
	AUTO(g_free) char *path = g_strdup(journal_path(journal));
	AUTO(g_free) char *empty = g_build_filename(dir, "20000101-000000.000-1.jsonl.new", NULL);
	AUTO(g_free) char *begun = g_build_filename(dir, "20000101-000000.001-1.jsonl.new", NULL);
	AUTO(g_free) char *begun_aside = g_build_filename(dir, "20000101-000000.001-1.jsonl.torn", NULL);
	AUTO(g_free) char *first = g_build_filename(dir, "20000101-000000.002-1.jsonl", NULL);
	AUTO(g_free) char *first_aside = g_strconcat(first, ".torn", NULL);
	size_t count;
	int torn = 0;

	file_replace(empty, "", 0, NULL);
	file_replace(begun, "{\"seq\"", 6, NULL);
	file_replace(first, "{\"seq\":1", 8, NULL);
	tap_ok(!verify_all(&count) && count == 2 && faults_have("1:the last line is torn"), "a torn first line is reported");
	tap_ok(journal_mend(journal, on_torn, &torn, NULL) && torn == 2, "what holds bytes is set aside and told");
	tap_ok(access(begun_aside, F_OK) == 0 && access(first_aside, F_OK) == 0, "as .torn");
	tap_ok(access(empty, F_OK) != 0 && access(begun, F_OK) != 0 && access(first, F_OK) != 0, "and nothing else is left");
	tap_ok(verify_all(&count) && count == 1, "all verify");
	journal_end(journal, 0);
	unlink(begun_aside);
	unlink(first_aside);
	unlink(path);
	file_replace(path, "", 0, NULL);
	tap_ok(!verify(path, NULL) && faults_have("emptied"), "a log that was emptied is a fault");
	unlink(path);
}

static bool count_record(void *data, const json_t *record, unsigned number)
{
	(void)record;
	(void)number;
	++*(int *)data;
	return true;
}

/* A NUL within a name of the tenant does not make a log that cannot be read. */
static void test_nul(void)
{
	struct journal *journal = journal_start(dir, NULL, NULL);
	AUTO(g_free) char *path = g_strdup(journal_path(journal));
	struct error error = ERROR_INIT;
	int records = 0;

	journal_append(journal, "note", json_pack("{s:s%}", "text", "a\0b", (size_t)3), NULL);
	journal_end(journal, 0);
	tap_ok(verify(path, NULL), "a line with a NUL in a text is whole");
	tap_ok(journal_read(path, count_record, &records, &error) && records == 3, "and is read");
	unlink(path);
}

static void test_full(void)
{
	struct rlimit limit, small = { .rlim_cur = 600 };
	struct journal *journal = journal_start(dir, NULL, NULL);
	AUTO(g_free) char *path = g_strdup(journal_path(journal));
	struct error error = ERROR_INIT;
	uint64_t seq = 1;

	getrlimit(RLIMIT_FSIZE, &limit);
	small.rlim_max = limit.rlim_max;
	setrlimit(RLIMIT_FSIZE, &small);
	for (int i = 0; i < 10 && seq != 0; i++)
		seq = journal_append(journal, "note", json_pack("{s:s}", "text", "fill"), &error);
	setrlimit(RLIMIT_FSIZE, &limit);
	tap_ok(seq == 0 && error.kind == ERROR_FAILED, "no room: append says so");
	tap_ok(journal_is_broken(journal) && journal_append(journal, "note", NULL, NULL) == 0 &&
		!journal_commit(journal, NULL), "and ever after");
	tap_ok(verify(path, NULL), "the file has whole lines only");
	journal_end(journal, 1);
	unlink(path);
}

int main(void)
{
	char template[] = "/tmp/cordon-journal-XXXXXX";

	faults = g_string_new(NULL);
	dir = g_build_filename(mkdtemp(template), "log", NULL);
	test_chain();
	test_edits();
	test_after();
	test_torn();
	test_unborn();
	test_nul();
	test_full();
	rmdir(dir);
	rmdir(template);
	g_free(dir);
	g_string_free(faults, TRUE);
	return tap_done();
}
