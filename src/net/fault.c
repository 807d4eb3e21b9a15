#include "config.h"
#include "net/fault.h"

#include <string.h>

#include <jansson.h>

#include "core/auto.h"
#include "core/text.h"

#define MESSAGE_SHOWN 600 /* bytes of the service's message */
#define BODY_SHOWN 120    /* bytes of a body that is no error body */
#define WAIT_MOST 1000000 /* of a unit that a message names */

/* "a, b or c" out of "a, b, c"; the texts are role names: letters and dots only. NULL if there is none. */
static char *roles_join(const char *list, size_t length)
{
	AUTO(g_free) char *copy = g_strndup(list, length);
	AUTO(g_strfreev) char **roles = g_strsplit_set(copy, ", ", 32);
	GString *out = g_string_new(NULL);
	guint last = 0, count = 0;

	for (guint i = 0; roles[i] != NULL; i++)
		if (strchr(roles[i], '.') != NULL && strspn(roles[i], G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._-")
		    == strlen(roles[i]))
			last = i, count++;
	for (guint i = 0; count > 0 && i <= last; i++) {
		if (strchr(roles[i], '.') == NULL)
			continue;
		if (out->len > 0)
			g_string_append(out, i == last ? " or " : ", ");
		g_string_append(out, roles[i]);
	}
	return g_string_free(out, count == 0);
}

/* Both wordings of section 9.1. The caller frees with g_free; NULL if the message names no roles. */
static char *roles_find(const char *message)
{
	static const char key[] = "required roles:", old[] = "application permissions (";
	const char *at = strstr(message, key), *end;

	if (at != NULL) {
		at += strlen(key);
		end = strstr(at, "application roles");
		return roles_join(at, end != NULL ? (size_t)(end - at) : strlen(at));
	}
	at = strstr(message, old);
	if (at == NULL)
		return NULL;
	at += strlen(old);
	return roles_join(at, strcspn(at, ")"));
}

static void fault_forbidden(const char *message, struct error *error)
{
	AUTO(g_free) char *roles = roles_find(message);

	if (roles != NULL) {
		error_set(error, ERROR_SIGN_IN, "no permission: the app lacks the role %s", roles);
		error_hint(error, "add it to the app registration with an administrator's consent, then sign in again");
	} else {
		error_set(error, ERROR_SIGN_IN, "no permission: %s", *message != '\0' ? message : "the service says no more");
		error_hint(error, "check the roles of the app registration; a token for a wrong audience gives this too");
	}
}

/* A page or a text that no error body is: its title, or its beginning. */
static void fault_foreign(int status, const char *body, size_t length, struct error *error)
{
	AUTO(g_string) GString *safe = g_string_new(NULL);
	enum error_kind kind = status == 401 || status == 403 ? ERROR_SIGN_IN : ERROR_FAILED;
	AUTO(g_free) char *number = g_strdup_printf("%d", status);
	AUTO(g_free) char *low = g_ascii_strdown(body, (gssize)MIN(length, 4096));
	const char *title = strstr(low, "<title>");

	if (title != NULL) {
		size_t from = (size_t)(title - low) + strlen("<title>");

		body += from;
		length = strcspn(low + from, "<");
	}
	while (length > 0 && g_ascii_isspace(*body))
		body++, length--;
	text_append_safe(safe, body, MIN(length, BODY_SHOWN));
	g_strchomp(safe->str);
	if (safe->str[0] != '\0')
		error_set(error, kind, "the service answered HTTP %d: %s", status, safe->str);
	else
		error_set(error, kind, "the service answered HTTP %d and nothing else", status);
	error_code(error, number, NULL);
}

static const char *member_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

void fault_read(int status, const char *body, size_t length, struct error *error)
{
	json_t *root = json_loadb(body, length, JSON_ALLOW_NUL, NULL);
	const json_t *fault = json_object_get(root, "error");
	const json_t *inner = json_object_get(fault, "innerError");
	AUTO(g_string) GString *message = g_string_new(NULL);
	AUTO(g_free) char *code = NULL, *target = NULL;

	if (!json_is_object(fault)) {
		fault_foreign(status, body, length, error);
		json_decref(root);
		return;
	}
	text_append_safe(message, member_text(fault, "message"),
		MIN(strlen(member_text(fault, "message")), MESSAGE_SHOWN));
	code = text_safe(member_text(fault, "code"));
	target = text_safe(member_text(fault, "target"));
	if (*target == '\0') {
		g_free(target);
		target = text_safe(member_text(inner, "request-id"));
	}
	if (*code == '\0') {
		g_free(code);
		code = g_strdup_printf("%d", status);
	}
	if (status == 403)
		fault_forbidden(message->str, error);
	else if (message->len > 0)
		error_set(error, status == 401 ? ERROR_SIGN_IN : ERROR_FAILED, "%s", message->str);
	else
		error_set(error, status == 401 ? ERROR_SIGN_IN : ERROR_FAILED, "the service answered HTTP %d (%s)", status,
			code);
	error_code(error, code, target);
	json_decref(root);
}

/* "HH:MM:SS" at the start of text, hours of any length; -1 if it is none. */
static int64_t duration_read(const char *text)
{
	size_t hours = strspn(text, "0123456789");
	const char *rest = text + hours;

	if (hours == 0 || rest[0] != ':' || strspn(rest + 1, "0123456789") != 2 || rest[3] != ':' ||
	    strspn(rest + 4, "0123456789") != 2)
		return -1;
	return (MIN(g_ascii_strtoll(text, NULL, 10), WAIT_MOST) * 3600 + g_ascii_strtoll(rest + 1, NULL, 10) * 60 +
		g_ascii_strtoll(rest + 4, NULL, 10)) * 1000;
}

int64_t fault_wait_ms(const char *message)
{
	static const struct { const char *unit; int64_t ms; } units[] = {
		{ "second", 1000 }, { "minute", 60000 }, { "hour", 3600000 },
	};

	for (const char *at = strstr(message, "in "); at != NULL; at = strstr(at + 3, "in ")) {
		char *end;
		gint64 number;

		if ((at > message && at[-1] != ' ') || !g_ascii_isdigit(at[3]))
			continue;
		if (duration_read(at + 3) >= 0)
			return duration_read(at + 3);
		number = MIN(g_ascii_strtoll(at + 3, &end, 10), WAIT_MOST);
		for (size_t i = 0; *end == ' ' && i < G_N_ELEMENTS(units); i++)
			if (g_str_has_prefix(end + 1, units[i].unit))
				return number * units[i].ms;
	}
	return -1;
}
