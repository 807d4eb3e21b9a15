#include "config.h"
#include "journal/journal.h"

#include <string.h>

#include "journal/lines.h"

struct verify {
	const char *path;
	const char *head;       /* wanted, or NULL */
	bool head_seen;
	GHashTable *wanted;     /* sums that other files claim of this one, or NULL; found ones are removed */
	uint64_t seq;           /* of the line before */
	size_t lines;           /* whole ones */
	char last[SHA256_HEX_SIZE];
	bool sound;
	journal_fault_fn *fault;
	void *data;
};

static void verify_fault(struct verify *verify, unsigned line, const char *message)
{
	verify->sound = false;
	if (verify->fault != NULL)
		verify->fault(verify->data, verify->path, line, message);
}

/* What is wrong with a line whose sum is right, or NULL. */
static const char *verify_chain(struct verify *verify, const json_t *record)
{
	const char *prev = json_string_value(json_object_get(record, "prev"));
	const json_t *seq = json_object_get(record, "seq");

	if (prev == NULL || strcmp(prev, verify->last) != 0)
		return "its 'prev' is not the sum of the line before: a line was removed, inserted or moved here";
	if (!json_is_integer(seq) || (uint64_t)json_integer_value(seq) != verify->seq + 1)
		return "its 'seq' does not follow the line before";
	if (json_string_value(json_object_get(record, "type")) == NULL)
		return "it has no 'type'";
	return NULL;
}

static const char *verify_record(struct verify *verify, const char *text, size_t length)
{
	json_t *record = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	const char *message = "it is not a JSON object";

	if (json_is_object(record))
		message = verify_chain(verify, record);
	/* Go on from what this line says, so that one edit is one fault. */
	verify->seq++;
	if (json_is_integer(json_object_get(record, "seq")))
		verify->seq = (uint64_t)json_integer_value(json_object_get(record, "seq"));
	json_decref(record);
	return message;
}

static bool verify_line(void *data, const char *text, size_t length, unsigned number, bool whole)
{
	struct verify *verify = data;
	char said[SHA256_HEX_SIZE], is[SHA256_HEX_SIZE];
	const char *message;
	size_t signed_length;

	if (!whole) {
		if (lines_is_free(verify->path))
			verify_fault(verify, number, "the last line is torn: it has no line feed");
		return false;
	}
	verify->lines++;
	if (!lines_sum(text, length, said, &signed_length)) {
		verify_fault(verify, number, "it does not end with a sum");
		verify->seq++;
		verify->last[0] = '\0';
		return true;
	}
	sha256_hex(text, signed_length, is);
	message = verify_record(verify, text, length);
	if (strcmp(said, is) != 0)
		message = "its sum does not match: the line was changed";
	if (message != NULL)
		verify_fault(verify, number, message);
	memcpy(verify->last, said, sizeof said);
	if (verify->head != NULL && strcmp(verify->head, is) == 0)
		verify->head_seen = true;
	if (verify->wanted != NULL)
		g_hash_table_remove(verify->wanted, is);
	return true;
}

static void verify_run(struct verify *verify)
{
	struct error error = ERROR_INIT;

	verify->sound = true;
	if (!lines_read(verify->path, verify_line, verify, &error))
		verify_fault(verify, error.line, error.text);
	else if (verify->lines == 0 && lines_is_free(verify->path))
		verify_fault(verify, 0, "it holds no whole line: it was emptied");
	if (verify->head != NULL && !verify->head_seen)
		verify_fault(verify, 0, "no line has the head that was asked for: the file was shortened or rewritten");
}

bool journal_verify(const char *path, const char *head, char last[SHA256_HEX_SIZE], journal_fault_fn *fault, void *data)
{
	struct verify verify = { .path = path, .head = head, .fault = fault, .data = data };

	verify_run(&verify);
	if (last != NULL)
		memcpy(last, verify.last, sizeof verify.last);
	return verify.sound;
}

/* What the session.start of one file says of an earlier one. */
struct verify_claim {
	const char *path; /* who says so */
	char *file, *head;
};

static void verify_claim_free(void *data)
{
	struct verify_claim *claim = data;

	g_free(claim->file);
	g_free(claim->head);
	g_free(claim);
}

static bool verify_take_claim(void *data, const json_t *record, unsigned number)
{
	struct verify_claim *claim = data;
	const json_t *after = json_object_get(record, "after");

	(void)number;
	claim->file = g_strdup(json_string_value(json_object_get(after, "file")));
	claim->head = g_strdup(json_string_value(json_object_get(after, "head")));
	return false;
}

static GPtrArray *verify_claims(const GPtrArray *files)
{
	GPtrArray *claims = g_ptr_array_new_with_free_func(verify_claim_free);

	for (guint i = 0; i < files->len; i++) {
		struct verify_claim *claim = g_new0(struct verify_claim, 1);

		claim->path = files->pdata[i];
		journal_read(claim->path, verify_take_claim, claim, NULL);
		if (claim->file != NULL)
			g_ptr_array_add(claims, claim);
		else
			verify_claim_free(claim);
	}
	return claims;
}

/* Tells the claims about a file that was verified (or is missing) and did not hold. */
static bool verify_judge_claims(const GPtrArray *claims, const char *name, GHashTable *unfound, journal_fault_fn *fault,
	void *data)
{
	bool sound = true;

	for (guint i = 0; i < claims->len; i++) {
		const struct verify_claim *claim = claims->pdata[i];
		AUTO(g_free) char *message = NULL;

		if (strcmp(claim->file, name) != 0 || claim->head == NULL || !g_hash_table_contains(unfound, claim->head))
			continue;
		sound = false;
		message = g_strdup_printf("the earlier log '%s' lacks the line with sum %s: it was shortened or rewritten", name,
			claim->head);
		if (fault != NULL)
			fault(data, claim->path, 1, message);
	}
	return sound;
}

static bool verify_one(const char *path, const GPtrArray *claims, journal_fault_fn *fault, void *data)
{
	AUTO(g_free) char *name = g_path_get_basename(path);
	AUTO(g_hash_table_unref) GHashTable *wanted = g_hash_table_new(g_str_hash, g_str_equal);
	struct verify verify = { .path = path, .wanted = wanted, .fault = fault, .data = data };
	bool sound;

	for (guint i = 0; i < claims->len; i++) {
		const struct verify_claim *claim = claims->pdata[i];

		if (strcmp(claim->file, name) == 0 && claim->head != NULL && claim->head[0] != '\0')
			g_hash_table_add(wanted, claim->head);
	}
	verify_run(&verify);
	sound = verify_judge_claims(claims, name, wanted, fault, data);
	return sound && verify.sound;
}

bool journal_verify_all(const char *dir, size_t *count, journal_fault_fn *fault, void *data)
{
	AUTO(g_ptr_array_unref) GPtrArray *files = journal_files(dir);
	AUTO(g_ptr_array_unref) GPtrArray *claims = verify_claims(files);
	AUTO(g_hash_table_unref) GHashTable *names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	bool sound = true;

	for (guint i = 0; i < files->len; i++) {
		g_hash_table_add(names, g_path_get_basename(files->pdata[i]));
		if (!verify_one(files->pdata[i], claims, fault, data))
			sound = false;
	}
	for (guint i = 0; i < claims->len; i++) {
		const struct verify_claim *claim = claims->pdata[i];
		AUTO(g_free) char *message = NULL;

		if (g_hash_table_contains(names, claim->file))
			continue;
		sound = false;
		message = g_strdup_printf("the earlier log '%s' is missing", claim->file);
		if (fault != NULL)
			fault(data, claim->path, 1, message);
	}
	if (count != NULL)
		*count = files->len;
	return sound;
}
