#include "config.h"
#include "app/tenant.h"

#include <stdarg.h>
#include <string.h>

#include "app/output.h"
#include "app/session.h"
#include "app/settings.h"
#include "core/file.h"
#include "engine/sync.h"

#define SETTLE_UNSCALED_MS 1000 /* with a window scale of 0 (contract, section 1) */

static void notice(void *data, const char *format, ...)
{
	struct tenant *tenant = data;
	AUTO(g_free) char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	output_say(tenant->session->output, false, text);
}

static void progress(void *data, const char *text)
{
	struct tenant *tenant = data;

	output_progress(tenant->session->output, text);
}

static bool make_services(struct tenant *tenant, struct error *error)
{
	const struct profile *profile = tenant->profile;
	const char *const hosts[] = { profile->login_url, profile->api_url, profile->graph_url, profile->xdr_url, NULL };
	struct service_config service = {
		.tenant = profile->tenant, .client = profile->client, .login_url = profile->login_url,
		.secret = { .value = profile->secret_value, .file = profile->secret_file, .command = profile->secret_command },
		.window_scale = profile->window_scale,
	};
	struct defender_config defender = {
		.api_url = profile->api_url, .graph_url = profile->graph_url, .xdr_url = profile->xdr_url,
		.api_audience = profile->api_audience, .xdr_audience = profile->xdr_audience,
		.graph_audience = profile->graph_audience, .hunting = profile->hunting,
		.window_scale = profile->window_scale,
	};

	tenant->http = http_new(tenant->session->loop, hosts, profile->ca_bundle, profile->proxy, error);
	if (tenant->http == NULL)
		return false;
	tenant->service = service_new(tenant->session->loop, tenant->http, &service);
	tenant->defender = defender_new(tenant->service, &defender);
	return true;
}

struct tenant *tenant_new(struct session *session, struct profile *profile, struct error *error)
{
	AUTO(tenant_free) struct tenant *tenant = g_new0(struct tenant, 1);

	tenant->session = session;
	tenant->profile = profile;
	if (!make_services(tenant, error))
		return NULL;
	tenant->inventory = inventory_new();
	tenant->names = names_new(tenant->inventory);
	tenant->set = fleet_set_new();
	return AUTO_STEAL(tenant);
}

void tenant_free(struct tenant *tenant)
{
	if (tenant == NULL)
		return;
	jobs_free(tenant->jobs);
	defender_free(tenant->defender);
	service_free(tenant->service);
	http_free(tenant->http);
	hunting_rows_free(tenant->rows);
	if (tenant->unresolved != NULL)
		g_ptr_array_unref(tenant->unresolved);
	fleet_set_free(tenant->set);
	names_free(tenant->names);
	inventory_free(tenant->inventory);
	json_decref(tenant->claims);
	g_free(tenant->id);
	g_free(tenant->state_dir);
	g_free(tenant->cache_dir);
	g_free(tenant->log_dir);
	profile_free(tenant->profile);
	g_free(tenant);
}

/* ---- signing in */

/* Outlives the wait: Ctrl-C may end it before the answer comes. */
struct sign_in {
	bool done, abandoned;
	struct error error;
};

static void sign_in_done(void *data, const struct error *error)
{
	struct sign_in *wait = data;

	wait->done = true;
	if (error != NULL)
		error_copy(&wait->error, error);
	if (wait->abandoned)
		g_free(wait);
}

static bool sign_in_is_done(void *data)
{
	return ((struct sign_in *)data)->done;
}

static bool get_token(struct tenant *tenant, const char *audience, struct error *error)
{
	struct sign_in *wait = g_new0(struct sign_in, 1);
	bool ok;

	service_sign_in(tenant->service, audience, sign_in_done, wait);
	if (!loop_run(tenant->session->loop, sign_in_is_done, wait, true) && !wait->done) {
		wait->abandoned = true;
		return error_set(error, ERROR_INTERRUPTED, "interrupted while signing in");
	}
	ok = wait->error.kind == ERROR_NONE;
	if (!ok)
		error_copy(error, &wait->error);
	g_free(wait);
	return ok;
}

/* A tenant's id names directories: nothing else than an id or a domain may stand there. */
static bool id_is_plain(const char *id)
{
	const char *at;

	for (at = id; *at != '\0'; at++)
		if (!g_ascii_isalnum(*at) && *at != '-' && *at != '.')
			return false;
	return id[0] != '\0' && id[0] != '.' && strlen(id) < 200;
}

static bool looks_like_guid(const char *text)
{
	return strlen(text) == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-';
}

static bool take_identity(struct tenant *tenant, struct error *error)
{
	const char *id = json_string_value(json_object_get(tenant->claims, "tid"));
	const char *asked = tenant->profile->tenant;

	if (id == NULL)
		id = asked;
	if (!id_is_plain(id))
		return error_set(error, ERROR_SIGN_IN, "the token names no usable tenant id: '%s'", id);
	if (looks_like_guid(asked) && g_ascii_strcasecmp(asked, id) != 0)
		return error_set(error, ERROR_SIGN_IN, "the token is for tenant '%s', not for '%s'", id, asked);
	tenant->id = g_ascii_strdown(id, -1);
	return true;
}

static bool make_directories(struct tenant *tenant, struct error *error)
{
	const struct session *session = tenant->session;

	tenant->state_dir = g_build_filename(session->state_dir, tenant->id, NULL);
	tenant->cache_dir = g_build_filename(session->cache_dir, tenant->id, NULL);
	tenant->log_dir = g_build_filename(session->state_dir, "log", NULL);
	return dir_make_private(tenant->state_dir, error) && dir_make_private(tenant->cache_dir, error);
}

static void make_engine(struct tenant *tenant)
{
	struct engine *engine = &tenant->engine;

	engine->loop = tenant->session->loop;
	engine->defender = tenant->defender;
	engine->inventory = tenant->inventory;
	engine->names = tenant->names;
	engine->tenant_id = tenant->id;
	engine->tenant_name = strcmp(tenant->profile->name, "default") == 0 ? tenant->id : tenant->profile->name;
	engine->user = tenant->session->user;
	engine->state_dir = tenant->state_dir;
	engine->cache_dir = tenant->cache_dir;
	engine->log_dir = tenant->log_dir;
	engine->window_scale = tenant->profile->window_scale;
	engine->tenant_is_new = tenant->session->options->demo;
	engine->notice = notice;
	engine->progress = progress;
	engine->data = tenant;
	tenant_refresh_engine(tenant);
}

void tenant_refresh_engine(struct tenant *tenant)
{
	const struct session *session = tenant->session;
	struct engine *engine = &tenant->engine;
	int64_t settle = settings_number(session->settings, "settle");

	engine->journal = session->journal;
	engine->policy = session->policy;
	engine->case_id = session->case_id;
	engine->interactive = !session->batch;
	engine->settle_ms = engine->window_scale > 0 ? (int64_t)((double)settle * engine->window_scale) :
		SETTLE_UNSCALED_MS;
	engine->inventory_age_ms = settings_number(session->settings, "inventory-age");
}

bool tenant_sign_in(struct tenant *tenant, struct error *error)
{
	const char *audience = tenant->profile->api_audience;

	if (!get_token(tenant, audience, error))
		return false;
	json_decref(tenant->claims);
	tenant->claims = service_token_claims(tenant->service, audience);
	if (tenant->signed_in)
		return true;
	if (!take_identity(tenant, error) || !make_directories(tenant, error))
		return false;
	make_engine(tenant);
	inventory_cache_load(&tenant->engine);
	tenant->jobs = jobs_new(&tenant->engine);
	tenant->signed_in = true;
	return true;
}

json_t *tenant_hunting_claims(struct tenant *tenant, struct error *error)
{
	const char *audience = defender_audience(tenant->defender, tenant->profile->hunting);

	if (!get_token(tenant, audience, error))
		return NULL;
	return service_token_claims(tenant->service, audience);
}
