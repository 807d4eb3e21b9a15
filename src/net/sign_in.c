#include "config.h"
#include "net/sign_in.h"

#include <string.h>

#include "core/auto.h"
#include "core/isotime.h"
#include "core/text.h"

#define SKEW_MAX_S 300
#define DETAIL_SIZE 300 /* bytes of a text of theirs that are shown */

enum subject { SUBJECT_NONE, SUBJECT_TENANT, SUBJECT_CLIENT };

/* API contract, section 1.7. */
static const struct fault {
	int64_t code;
	enum subject subject;
	const char *text, *hint;
} faults[] = {
	{ 7000215, SUBJECT_CLIENT, "the client secret of the app is wrong",
		"take the secret's value, not its id, from the app registration" },
	{ 7000222, SUBJECT_CLIENT, "the client secret of the app has expired", "make a new secret in the app registration" },
	{ 7000218, SUBJECT_CLIENT, "the sign-in service got no client secret of the app",
		"set AZURE_CLIENT_SECRET, or secret-file or secret-command in the profile" },
	{ 700016, SUBJECT_CLIENT, "the tenant does not know the app",
		"check `client` and `tenant`: is the app registered in this tenant?" },
	{ 7000112, SUBJECT_CLIENT, "the app is disabled in this tenant", "an administrator can enable it again" },
	{ 90002, SUBJECT_TENANT, "there is no such tenant", "check `tenant` and `cloud`" },
	{ 900023, SUBJECT_TENANT, "that is neither a tenant id nor a domain name of one", "check `tenant`" },
	{ 9001023, SUBJECT_TENANT, "an app cannot sign in without naming its tenant", "set `tenant` to the tenant's id" },
	{ 90038, SUBJECT_TENANT, "the tenant is in another cloud", "check `cloud`" },
	{ 900432, SUBJECT_TENANT, "the tenant is in another cloud", "check `cloud`" },
	{ 900382, SUBJECT_TENANT, "the tenant is in another cloud", "check `cloud`" },
	{ 500011, SUBJECT_NONE, "the tenant does not have the service that the token is for",
		"is Microsoft Defender for Endpoint licensed here? check `cloud` and `audience`" },
	{ 70011, SUBJECT_NONE, "the sign-in service does not accept the scope", "check `audience`" },
	{ 700022, SUBJECT_NONE, "the sign-in service does not accept the scope", "check `audience`" },
	{ 90094, SUBJECT_CLIENT, "the app's permissions lack an administrator's consent",
		"an administrator grants it in the app registration, under API permissions" },
	{ 65001, SUBJECT_CLIENT, "the app's permissions lack an administrator's consent",
		"an administrator grants it in the app registration, under API permissions" },
	{ 53003, SUBJECT_CLIENT, "conditional access blocks the app", "ask who keeps the tenant's conditional access" },
	{ 530032, SUBJECT_CLIENT, "conditional access blocks the app", "ask who keeps the tenant's conditional access" },
	{ 90055, SUBJECT_TENANT, "the tenant is throttled: too many sign-ins", "try again in some minutes" },
	{ 700027, SUBJECT_CLIENT, "the tenant does not know the app's certificate", "upload it in the app registration" },
	{ 50012, SUBJECT_CLIENT, "the tenant does not know the app's certificate", "upload it in the app registration" },
	{ 700024, SUBJECT_NONE, "the sign-in was outside its time: the clock of this computer is wrong", "set the clock" },
	{ 900144, SUBJECT_NONE, "the sign-in service misses a field of the request", "" },
};

int64_t sign_in_number(const json_t *value)
{
	const char *text = json_string_value(value);

	if (json_is_integer(value))
		return json_integer_value(value);
	if (text == NULL || *text == '\0' || strlen(text) > 15 || strspn(text, "0123456789") != strlen(text))
		return -1;
	return g_ascii_strtoll(text, NULL, 10);
}

static int64_t fault_number(const json_t *root, const char *description)
{
	const json_t *first = json_array_get(json_object_get(root, "error_codes"), 0);
	const char *at = strstr(description, "AADSTS");

	if (json_is_integer(first))
		return json_integer_value(first);
	return at != NULL ? g_ascii_strtoll(at + strlen("AADSTS"), NULL, 10) : 0;
}

/* Their text up to the trailer, safe to show. The caller frees with g_free. */
static char *description_short(const char *description)
{
	const char *trailer = strstr(description, "Trace ID:");
	size_t length = strcspn(description, "\r\n");
	GString *safe = g_string_new(NULL);

	if (trailer != NULL)
		length = MIN(length, (size_t)(trailer - description));
	text_append_safe(safe, description, MIN(length, DETAIL_SIZE));
	g_strchomp(safe->str);
	return g_string_free(safe, FALSE);
}

/* Neither JSON nor Entra: a proxy, a captive portal, an outage page. */
static void fault_foreign(int status, const char *body, size_t length, struct error *error)
{
	AUTO(g_string) GString *safe = g_string_new(NULL);

	text_append_safe(safe, body, MIN(length, 120));
	error_set(error, ERROR_SIGN_IN, "cannot sign in: the sign-in service's answer (HTTP %d) makes no sense: '%s'",
		status, safe->str);
	error_code(error, "UnreadableAnswer", NULL);
	error_hint(error, "does a proxy or a captive portal stand between?");
}

static void fault_known(const struct fault *fault, const char *tenant, const char *client, struct error *error)
{
	if (fault->subject == SUBJECT_NONE)
		error_set(error, ERROR_SIGN_IN, "cannot sign in: %s", fault->text);
	else if (fault->subject == SUBJECT_TENANT)
		error_set(error, ERROR_SIGN_IN, "cannot sign in to tenant '%s': %s", tenant, fault->text);
	else
		error_set(error, ERROR_SIGN_IN, "cannot sign in with app '%s': %s", client, fault->text);
	error_hint(error, "%s", fault->hint);
}

void sign_in_fault(int status, const char *body, size_t length, const char *tenant, const char *client,
	struct error *error)
{
	json_t *root = json_loadb(body, length, 0, NULL);
	const char *word = json_string_value(json_object_get(root, "error"));
	const char *description = json_string_value(json_object_get(root, "error_description"));
	const char *correlation = json_string_value(json_object_get(root, "correlation_id"));
	AUTO(g_free) char *code = NULL, *safe_target = NULL;
	int64_t number;

	if (word == NULL) {
		fault_foreign(status, body, length, error);
		json_decref(root);
		return;
	}
	number = fault_number(root, description != NULL ? description : "");
	for (size_t i = 0; i < G_N_ELEMENTS(faults); i++)
		if (faults[i].code == number)
			fault_known(&faults[i], tenant, client, error);
	if (error->kind == ERROR_NONE) {
		AUTO(g_free) char *shown = description_short(description != NULL && *description != '\0' ? description : word);

		error_set(error, ERROR_SIGN_IN, "cannot sign in: %s", shown);
	}
	code = number > 0 ? g_strdup_printf("AADSTS%lld", (long long)number) : text_safe(word);
	safe_target = text_safe(correlation != NULL ? correlation : "");
	error_code(error, code, safe_target);
	json_decref(root);
}

bool sign_in_clock(int64_t server, int64_t here, struct error *error)
{
	int64_t ahead = (here - server) / ISOTIME_TICKS_PER_SECOND;
	AUTO(g_free) char *much = duration_text((ahead < 0 ? -ahead : ahead) * 1000);

	if (server == 0 || (ahead <= SKEW_MAX_S && ahead >= -SKEW_MAX_S))
		return true;
	error_set(error, ERROR_SIGN_IN, "cannot sign in: the clock of this computer is %s %s", much,
		ahead > 0 ? "ahead" : "behind");
	error_code(error, "WrongClock", NULL);
	error_hint(error, "set the clock: sign-in and the session log rely on it");
	return false;
}

json_t *sign_in_claims(const char *token)
{
	static const char *const names[] = { "aud", "appid", "app_displayname", "tid", "exp", "roles", "scp" };
	json_t *claims = json_object(), *payload;
	AUTO(g_strfreev) char **parts = g_strsplit(token, ".", 4);
	AUTO(g_free) guchar *bytes = NULL;
	gsize length = 0;

	if (g_strv_length(parts) != 3)
		return claims;
	g_strdelimit(parts[1], "-", '+');
	g_strdelimit(parts[1], "_", '/');
	{
		AUTO(g_free) char *padded = g_strconcat(parts[1], &"===="[4 - (4 - strlen(parts[1]) % 4) % 4], NULL);

		bytes = g_base64_decode(padded, &length);
	}
	payload = json_loadb((const char *)bytes, length, 0, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		json_object_set(claims, names[i], json_object_get(payload, names[i]));
	json_decref(payload);
	for (char **part = parts; *part != NULL; part++)
		explicit_bzero(*part, strlen(*part));
	return claims;
}
