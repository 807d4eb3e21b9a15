#include "config.h"
#include "sim/assertion.h"

#include <string.h>

#include "core/auto.h"
#include "core/isotime.h"

#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

static json_t *decode_part(const char *text)
{
	gsize length = strlen(text), padded = (length + 3) / 4 * 4;
	AUTO(g_free) char *copy = g_malloc(padded + 1);
	AUTO(g_free) unsigned char *bytes = NULL;

	memset(copy, '=', padded);
	copy[padded] = '\0';
	for (gsize i = 0; i < length; i++)
		copy[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
	bytes = g_base64_decode(copy, &length);
	return json_loadb((const char *)bytes, length, 0, NULL);
}

static const char *text_of(const json_t *tree, const char *name)
{
	const char *text = json_string_value(json_object_get(tree, name));

	return text != NULL ? text : "";
}

static const char *head_fault(const json_t *head)
{
	const char *alg = text_of(head, "alg");
	bool new_form = strcmp(alg, "PS256") == 0 && text_of(head, "x5t#S256")[0] != '\0';
	bool old_form = strcmp(alg, "RS256") == 0 && strlen(text_of(head, "x5t")) == 27;

	if (strcmp(text_of(head, "typ"), "JWT") != 0)
		return "The header's typ is not JWT.";
	return new_form || old_form ? NULL : "The header's alg and thumbprint do not fit.";
}

static const char *claims_fault(const json_t *claims, const struct sim_identity *who, int64_t now)
{
	json_int_t from = json_integer_value(json_object_get(claims, "nbf"));
	json_int_t until = json_integer_value(json_object_get(claims, "exp"));
	const char *audience = text_of(claims, "aud");

	if (strcmp(text_of(claims, "iss"), who->app_id) != 0 || strcmp(text_of(claims, "sub"), who->app_id) != 0)
		return "iss and sub must be the client id.";
	if (strstr(audience, who->tenant_id) == NULL || !g_str_has_suffix(audience, "/token"))
		return "aud is not the token endpoint.";
	if (text_of(claims, "jti")[0] == '\0')
		return "jti is missing.";
	if (now < from - 300 || now > until + 300)
		return "Client assertion is not within its valid time range.";
	return NULL;
}

const char *assertion_fault(const struct sim *sim, const json_t *form, const struct sim_identity *who)
{
	AUTO(g_strfreev) char **parts = g_strsplit(text_of(form, "client_assertion"), ".", -1);
	json_t *head, *claims;
	const char *why;

	if (strcmp(text_of(form, "client_assertion_type"), ASSERTION_TYPE) != 0)
		return "client_assertion_type is not known.";
	if (g_strv_length(parts) != 3 || parts[2][0] == '\0')
		return "The assertion is not a signed JWT.";
	head = decode_part(parts[0]);
	claims = decode_part(parts[1]);
	why = head == NULL || claims == NULL ? "The assertion is not JSON." : head_fault(head);
	if (why == NULL)
		why = claims_fault(claims, who, (sim_told_now(sim) - ISOTIME_UNIX_EPOCH) / ISOTIME_TICKS_PER_SECOND);
	json_decref(head);
	json_decref(claims);
	return why;
}
