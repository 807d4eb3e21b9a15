#include "config.h"
#include "sim/limits.h"

#include <math.h>
#include <string.h>

#include "core/isotime.h"
#include "sim/route.h"

#define MINUTE_MS 60000.0
#define HOUR_MS 3600000.0

struct limit {
	unsigned size; /* of the ring */
	uint64_t count;
	int64_t times[]; /* ms since the start */
};

void limits_refuse(struct request *request, unsigned limit, bool hour, unsigned seconds)
{
	if (request->service == SERVICE_GRAPH)
		answer_error(request, 429, "TooManyRequests", "Too many requests, please try again later. You can send requests "
			"again in %u seconds.", seconds);
	else
		answer_error(request, 429, "429", "API calls quota exceeded! Maximum allowed %u per %s for the key "
			"Destination+TenantID+AppID. You can send requests again in %u seconds.", limit, hour ? "01:00:00" :
			"00:01:00", seconds);
	request->answer.retry_after = seconds;
}

static struct limit *limit_of(struct request *request)
{
	const struct route *route = request->route;
	struct limit *limit = g_hash_table_lookup(request->tenant->limits, request->limit_key);
	unsigned size = MAX(route->per_minute, route->per_hour);

	if (limit == NULL) {
		limit = g_malloc0(sizeof *limit + size * sizeof limit->times[0]);
		limit->size = size;
		g_hash_table_insert(request->tenant->limits, g_strdup(request->limit_key), limit);
	}
	return limit;
}

/* How long until another call fits into the window; 0: now. */
static double wait_for(const struct limit *limit, unsigned calls, double window, int64_t now)
{
	if (calls == 0 || limit->count < calls)
		return 0;
	return (double)limit->times[(limit->count - calls) % limit->size] + window - (double)now;
}

bool limits_take(struct request *request)
{
	const struct route *route = request->route;
	double scale = request->sim->options.window_scale, minute, hour;
	struct limit *limit;

	request->limit_key = g_strdup_printf("%s %s", route->method, route->pattern);
	if (scale <= 0 || (route->per_minute == 0 && route->per_hour == 0))
		return true;
	limit = limit_of(request);
	minute = wait_for(limit, route->per_minute, MINUTE_MS * scale, request->received_ms);
	hour = wait_for(limit, route->per_hour, HOUR_MS * scale, request->received_ms);
	if (minute > 0 || hour > 0) {
		unsigned seconds = (unsigned)ceil(MAX(minute, hour) / 1000);

		limits_refuse(request, hour > minute ? route->per_hour : route->per_minute, hour > minute, MAX(seconds, 1));
		return false;
	}
	limit->times[limit->count++ % limit->size] = request->received_ms;
	return true;
}
