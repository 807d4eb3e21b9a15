#include "config.h"
#include "sim/sim.h"

#include <string.h>

#include "core/isotime.h"
#include "sim/faults.h"
#include "sim/log.h"
#include "sim/tenant.h"
#include "sim/token.h"

#define FACTOR_AT_ZERO (1.0 / 30)

const struct sim_identity sim_identities[SIM_TENANTS] = {
	{ "11111111-1111-4111-8111-111111111111", "contoso.onmicrosoft.com", "Contoso",
		"22222222-2222-4222-8222-222222222222", "cordon", "sim~secret.1_+/=&%x" },
	{ "33333333-3333-4333-8333-333333333333", "fabrikam.onmicrosoft.com", "Fabrikam",
		"44444444-4444-4444-8444-444444444444", "cordon-fabrikam", "other~secret.2" },
};

int64_t sim_now(const struct sim *sim)
{
	return isotime_now() + sim->clock_offset;
}

int64_t sim_told_now(const struct sim *sim)
{
	return sim_now(sim) + (int64_t)(sim->options.clock_skew * ISOTIME_TICKS_PER_SECOND);
}

int64_t sim_ms(const struct sim *sim)
{
	return clock_ms() - sim->started_ms;
}

double sim_factor(const struct sim *sim)
{
	return sim->options.window_scale > 0 ? sim->options.window_scale : FACTOR_AT_ZERO;
}

bool sim_start(struct sim *sim, struct error *error)
{
	const struct sim_options *options = &sim->options;
	int64_t start = 0;

	sim->started_ms = clock_ms();
	if (options->now != NULL && isotime_parse(options->now, strlen(options->now), &start))
		sim->clock_offset = start - isotime_now();
	sim->start = options->now != NULL ? start : isotime_now();
	sim->tokens = tokens_new();
	sim->faults = faults_new(options->seed);
	for (guint i = 0; i < options->faults->len; i++)
		if (!faults_add(sim->faults, g_ptr_array_index(options->faults, i), error))
			return false;
	sim->log = log_new(options->log, error);
	if (sim->log == NULL)
		return false;
	for (unsigned i = 0; i < SIM_TENANTS; i++)
		if ((sim->tenants[i] = tenant_new(sim, i, error)) == NULL)
			return false;
	return true;
}

void sim_stop(struct sim *sim)
{
	for (unsigned i = 0; i < SIM_TENANTS; i++)
		tenant_free(sim->tenants[i]);
	log_free(sim->log);
	faults_free(sim->faults);
	tokens_free(sim->tokens);
	sim_options_clear(&sim->options);
}
