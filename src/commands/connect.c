#include "config.h"
#include "commands/entries.h"

#include <string.h>

#include "app/arguments.h"
#include "app/check.h"
#include "app/profile.h"
#include "app/result.h"
#include "app/tenant.h"
#include "core/text.h"

#define ROLES_WIDTH 78 /* terminal columns */

static const char *const hunting_names[] = {
	[DEFENDER_GRAPH] = "graph", [DEFENDER_XDR] = "xdr", [DEFENDER_MDE] = "mde",
};

static bool has_role(const json_t *claims, const char *role)
{
	const json_t *roles = json_object_get(claims, "roles"), *item;
	size_t i;

	json_array_foreach(roles, i, item)
		if (json_string_value(item) != NULL && strcmp(json_string_value(item), role) == 0)
			return true;
	return false;
}

static bool is_allowed(const struct defender_need *need, const json_t *api, const json_t *hunting)
{
	const json_t *claims = need->only_hunting ? hunting : api;
	const char *const *role;

	for (role = need->roles; *role != NULL; role++)
		if (has_role(claims, *role))
			return true;
	return false;
}

static void add_disabled(const struct tenant *tenant, const json_t *hunting, struct result *result)
{
	const struct defender_need *need;
	json_t *disabled = json_array();

	for (need = defender_needs(); need->command != NULL; need++) {
		if ((need->only_hunting && need->hunting != tenant->profile->hunting) ||
		    is_allowed(need, tenant->claims, hunting))
			continue;
		json_array_append_new(disabled, json_pack("{s:s,s:s}", "command", need->command, "role", need->roles[0]));
		result_summary(result, "disabled: %s (needs the role %s)", need->command, need->roles[0]);
	}
	result_member(result, "disabled", disabled);
}

/* Appends a role to the list; a line ends before it is wider than a terminal. */
static void append_role(GString *text, size_t *column, const char *role)
{
	AUTO(g_free) char *safe = text_safe(role);
	size_t width = text_width(safe) + strlen(", ");

	if (text->len > 0)
		g_string_append_c(text, ',');
	if (text->len > 0 && *column + width > ROLES_WIDTH) {
		g_string_append(text, "\n      ");
		*column = strlen("roles:");
	}
	g_string_append_printf(text, "%s%s", text->len > 0 ? " " : "", safe);
	*column += width;
}

/* The roles of both tokens, each once. */
static void add_roles(const struct tenant *tenant, const json_t *hunting, struct result *result)
{
	const json_t *sources[] = { json_object_get(tenant->claims, "roles"), json_object_get(hunting, "roles") };
	AUTO(g_string) GString *text = g_string_new(NULL);
	AUTO(g_hash_table_unref) GHashTable *seen = g_hash_table_new(g_str_hash, g_str_equal);
	json_t *roles = json_array(), *item;
	size_t column = strlen("roles: "), i, k;

	for (i = 0; i < 2; i++)
		json_array_foreach((json_t *)sources[i], k, item) {
			const char *role = json_string_value(item);

			if (role == NULL || !g_hash_table_add(seen, (void *)role))
				continue;
			json_array_append(roles, item);
			append_role(text, &column, role);
		}
	result_member(result, "roles", roles);
	result_summary(result, "roles: %s", text->len > 0 ? text->str : "none");
}

static bool connect_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	struct error fault = ERROR_INIT;
	const struct tenant *tenant;
	const char *way, *app;
	json_t *hunting;

	if (!session_connect(session, arguments_operand(arguments, 0), error))
		return false;
	tenant = session->tenant;
	way = hunting_names[tenant->profile->hunting];
	hunting = tenant_hunting_claims(session->tenant, &fault);
	if (hunting == NULL && fault.kind == ERROR_INTERRUPTED)
		return error_copy(error, &fault);
	if (hunting == NULL)
		session_warn(session, "no sign-in for hunting (%s): %s", way, fault.text);
	if (tenant->profile->hunting != DEFENDER_GRAPH)
		session_warn(session, "hunting goes to '%s', which the service ends on 2027-02-01: use 'hunting = graph'", way);
	app = json_string_value(json_object_get(tenant->claims, "app_displayname"));
	result_member(result, "tenant", json_string(tenant->id));
	result_member(result, "app", json_string(tenant->profile->client));
	AUTO(g_free) char *safe = text_safe(app != NULL ? app : "");
	result_summary(result, "tenant: %s (%s)", tenant->id, session_tenant_name(session));
	result_summary(result, "app: %s%s%s", tenant->profile->client, *safe != '\0' ? " " : "", safe);
	add_roles(tenant, hunting, result);
	result_member(result, "hunting", hunting != NULL ? json_string(way) : json_null());
	result_summary(result, "hunting: %s", hunting != NULL ? way : "none");
	add_disabled(tenant, hunting, result);
	json_decref(hunting);
	return true;
}

static bool connect_check(struct check *check, const struct arguments *arguments, struct error *error)
{
	const char *name = arguments_operand(arguments, 0);
	AUTO(profile_free) struct profile *profile = NULL;
	struct error fault = ERROR_INIT;

	if (check->session->options->demo)
		return name == NULL || strcmp(name, "demo") == 0 ||
			error_set(error, ERROR_USAGE, "--demo knows the simulated tenant only");
	if (name == NULL)
		return true;
	profile = config_profile(check->session->config, name, g_getenv, &fault);
	return profile != NULL || fault.kind != ERROR_USAGE || error_copy(error, &fault);
}

const struct command command_connect = {
	.name = "connect", .group = GROUP_SESSION, .summary = "sign in, and tell tenant, app and roles",
	.operands = { { "PROFILE", VALUE_TEXT, 0, 1, COMPLETE_PROFILES, NULL, "another profile; not while jobs run" } },
	.check = connect_check, .run = connect_run,
};
