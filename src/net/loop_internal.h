/* What net/http needs of the loop, and nobody else: the multi handle and the end of a transfer. */
#ifndef NET_LOOP_INTERNAL_H
#define NET_LOOP_INTERNAL_H

#include <curl/curl.h>

#include "net/loop.h"

/* CURLOPT_PRIVATE of every easy handle in the loop's multi handle points to one of these. */
struct loop_transfer {
	/* The transfer ended; the easy handle has been taken out of the multi handle. */
	void (*ended)(struct loop_transfer *transfer, CURLcode result);
};

/* Borrowed; lives as long as the loop. */
CURLM *loop_multi(struct loop *loop);

/* False inside libcurl's own callbacks, where no handle may be added or removed. */
bool loop_can_change(const struct loop *loop);

#endif
