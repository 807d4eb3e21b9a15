/* The hunting tables that the story does not lead through: a few rows each, of the same devices and people. */
#include "config.h"
#include "sim/hunt_life.h"

#include <stdlib.h>
#include <string.h>

#include "core/auto.h"
#include "core/isotime.h"
#include "sim/hunt_specs.h"

#define SUBJECTS 2000 /* of that many devices at most */

struct subject {
	const struct machine *machine;
	char *upn, *name, *sid;
	char object[37];
	unsigned number, place;
	int64_t time;
};

static void subject_clear(struct subject *subject)
{
	g_free(subject->upn);
	g_free(subject->name);
	g_free(subject->sid);
}

/* ---- values */

static char *expand(struct hunt_maker *maker, const struct subject *subject, const char *text, size_t length)
{
	AUTO(g_string) GString *out = g_string_new(NULL);
	char id[37];

	for (size_t n = 0; n < length; n++) {
		if (text[n] != '{' || n + 2 >= length || text[n + 2] != '}') {
			g_string_append_c(out, text[n]);
			continue;
		}
		switch (text[n + 1]) {
		case 'u':
			g_string_append(out, subject->upn);
			break;
		case 'a':
			g_string_append(out, subject->machine->account != NULL ? subject->machine->account : "system");
			break;
		case 'd':
			g_string_append(out, subject->machine->name);
			break;
		case 'n':
			g_string_append_printf(out, "%u", 1 + rng_below(&maker->rng, 40));
			break;
		default:
			rng_guid(&maker->rng, id);
			g_string_append(out, id);
			break;
		}
		n += 2;
	}
	return g_strdup(out->str);
}

/* The value that a row takes of a field's. */
static char *choose(struct hunt_maker *maker, const struct subject *subject, const char *values, size_t length)
{
	AUTO(g_free) char *all = g_strndup(values, length);
	AUTO(g_strfreev) char **parts = g_strsplit(all, strchr(all, '~') != NULL ? "~" : "|", -1);
	unsigned count = g_strv_length(parts), place;

	if (count == 0)
		return g_strdup("");
	place = strchr(all, '~') != NULL ? rng_below(&maker->rng, count) : subject->place % count;
	return expand(maker, subject, parts[place], strlen(parts[place]));
}

/* The values of a column among the fields; NULL if they are not given. */
static const char *find_field(const char *fields, const char *column, size_t *length)
{
	size_t name = strlen(column);

	for (const char *at = fields; *at != '\0'; at += strcspn(at, ";"), at += *at == ';' ? 1 : 0)
		if (strncmp(at, column, name) == 0 && at[name] == '=') {
			*length = strcspn(at + name + 1, ";");
			return at + name + 1;
		}
	return NULL;
}

static bool is_one_of(const char *name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (strcmp(name, *names) == 0)
			return true;
	return false;
}

/* What a column of text holds by its name; NULL: nothing. */
static const char *text_by_name(const struct subject *subject, const char *name)
{
	static const char *const addresses[] = { "AccountUpn", "RecipientEmailAddress", "AccountEmail", "SenderEmailAddress",
		"FileOwnerUpn", "LastModifyingAccountUpn", "CreatorAccountUpn", "OriginatorUpn", "ActivityInitiatorUpn",
		"EmailAddress", "TargetAccountUpn", "LastPublishedByUpn", "LastModifiedByUpn", "OwnerAccountUpns", NULL };
	static const char *const people[] = { "AccountDisplayName", "ActivityInitiatorDisplayName", "OriginatorUserDisplayName",
		"SenderDisplayName", "FileOwnerDisplayName", "DisplayName", "TargetAccountDisplayName", NULL };
	static const char *const objects[] = { "AccountObjectId", "SenderObjectId", "AccountId", "IdentityId",
		"ActivityInitiatorId", NULL };
	static const char *const outside[] = { "IPAddress", "IpAddress", "SourceIpAddress", NULL };
	static const char *const places[] = { "Country", "CountryCode", "CountryName", "Location", NULL };
	const struct machine *m = subject->machine;

	if (is_one_of(name, addresses))
		return subject->upn;
	if (is_one_of(name, people))
		return subject->name;
	if (is_one_of(name, objects))
		return subject->object;
	if (is_one_of(name, outside))
		return m->external_ip;
	if (is_one_of(name, places))
		return "DE";
	if (strcmp(name, "DeviceId") == 0 || strcmp(name, "TargetDeviceId") == 0)
		return m->id;
	if (strcmp(name, "DeviceName") == 0 || strcmp(name, "TargetDeviceName") == 0)
		return m->name;
	if (strcmp(name, "OSPlatform") == 0)
		return m->platform;
	if (strcmp(name, "OSVersion") == 0)
		return m->version;
	if (strcmp(name, "AadDeviceId") == 0)
		return m->aad_id;
	if (strcmp(name, "AccountName") == 0)
		return m->account;
	if (strcmp(name, "AccountDomain") == 0)
		return "contoso";
	if (strcmp(name, "AccountSid") == 0 || strcmp(name, "Sid") == 0)
		return subject->sid;
	if (strcmp(name, "Department") == 0)
		return m->group;
	if (strcmp(name, "UserAgent") == 0)
		return "Mozilla/5.0";
	return NULL;
}

/* ---- rows */

static void put_text(struct hunt_maker *maker, struct subject *subject, const char *name, enum column_type type,
	const char *values, size_t length)
{
	const char *known = text_by_name(subject, name);
	char id[37];

	if (values != NULL) {
		AUTO(g_free) char *text = choose(maker, subject, values, length);

		hunt_put(maker, name, text);
	} else if (known != NULL) {
		hunt_put(maker, name, known);
	} else if (type == COLUMN_GUID || (type == COLUMN_STRING && g_str_has_suffix(name, "Id"))) {
		rng_guid(&maker->rng, id);
		hunt_put(maker, name, id);
	} else if (strcmp(name, "GivenName") == 0 || strcmp(name, "Surname") == 0) {
		AUTO(g_strfreev) char **names = g_strsplit(subject->name, " ", 2);

		hunt_put(maker, name, names[strcmp(name, "Surname") == 0 ? 1 : 0]);
	} else if (strcmp(name, "Type") == 0) {
		hunt_put(maker, name, table_name(maker->table));
	}
}

static void put_number(struct hunt_maker *maker, struct subject *subject, const char *name, enum column_type type,
	const char *values, size_t length)
{
	if (type == COLUMN_DATETIME && strstr(name, "Deleted") != NULL) {
		return;
	} else if (type == COLUMN_DATETIME) {
		bool first = strstr(name, "Creat") != NULL || strstr(name, "Start") != NULL || strstr(name, "First") != NULL ||
			strstr(name, "Added") != NULL || strstr(name, "Install") != NULL;

		hunt_put_int(maker, name, first ? subject->time - ISOTIME_TICKS_PER_DAY / 24 * (1 + rng_below(&maker->rng, 48)) :
			subject->time);
	} else if (values != NULL) {
		AUTO(g_free) char *text = choose(maker, subject, values, length);

		hunt_put_int(maker, name, g_ascii_strtoll(text, NULL, 10));
	} else {
		hunt_put_int(maker, name, type == COLUMN_BOOL ? rng_percent(&maker->rng, 20) : rng_below(&maker->rng, 100));
	}
}

static void put_row(struct hunt_maker *maker, const struct hunt_spec *spec, struct subject *subject)
{
	subject->place = rng_below(&maker->rng, 1000);
	/* What the tenant has once comes in order, so that nothing is left out. */
	if (spec->subject == 't')
		subject->place = subject->number;
	subject->time = maker->now - (int64_t)(rng_next(&maker->rng) % (28 * ISOTIME_TICKS_PER_DAY));
	for (size_t n = 0; n < table_columns(maker->table); n++) {
		const struct column *column = table_column(maker->table, n);
		enum column_type type = column_type(column);
		size_t length = 0;
		const char *values = find_field(spec->fields, column_name(column), &length);

		if (type == COLUMN_STRING || type == COLUMN_GUID || type == COLUMN_DYNAMIC)
			put_text(maker, subject, column_name(column), type, values, length);
		else if (type != COLUMN_REAL && type != COLUMN_TIMESPAN)
			put_number(maker, subject, column_name(column), type, values, length);
	}
	hunt_end_row(maker);
}

static bool is_subject(const struct hunt_spec *spec, const struct machine *m)
{
	return machine_is_onboarded(m) && (spec->subject == 'd' || (m->account != NULL && !machine_is_server(m) &&
		!machine_is_linux(m)));
}

static void subject_init(struct subject *subject, const struct machine *m)
{
	const char *account = m->account != NULL ? m->account : "system";
	struct rng rng;

	*subject = (struct subject){ .machine = m };
	rng_init(&rng, 7, account, 0);
	subject->name = hunt_person_name(&rng);
	subject->upn = g_strdup_printf("%s@contoso.com", account);
	subject->sid = hunt_account_sid(account);
	hunt_account_object(account, subject->object);
}

static void make_rows(struct hunt_maker *maker, const struct hunt_spec *spec)
{
	const struct tenant *tenant = maker->tenant;
	bool done = false;

	for (size_t i = 0; i < MIN(tenant->count, SUBJECTS) && !done; i++) {
		const struct machine *m = &tenant->machines[i];
		struct subject subject;

		if (!is_subject(spec, m))
			continue;
		rng_init(&maker->rng, 31, spec->table, (unsigned)i);
		if (!rng_percent(&maker->rng, spec->percent))
			continue;
		subject_init(&subject, m);
		for (; subject.number < spec->rows; subject.number++)
			put_row(maker, spec, &subject);
		subject_clear(&subject);
		done = spec->subject == 't';
	}
}

void hunt_make_more(struct hunt_maker *maker)
{
	for (const struct hunt_spec *spec = hunt_specs; spec->table != NULL; spec++)
		if (strcmp(spec->table, table_name(maker->table)) == 0)
			make_rows(maker, spec);
}
