/* AUTO(destroy) frees a local when its scope ends: `AUTO(free) char *text = ...;`. One line per type below its
 * destructor makes it usable: AUTO_DEFINE(column_free, struct column *). Destructors accept NULL. */
#ifndef CORE_AUTO_H
#define CORE_AUTO_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <glib.h>

#define AUTO(destroy) __attribute__((cleanup(auto_##destroy)))

#define AUTO_DEFINE(destroy, type) \
	static inline void auto_##destroy(type *place) \
	{ \
		if (*place != NULL) \
			destroy(*place); \
	}

/* Hands the value over to the caller: `return AUTO_STEAL(text);`. */
#define AUTO_STEAL(place) g_steal_pointer(&(place))

static inline void auto_free(void *place)
{
	free(*(void **)place);
}

static inline void auto_g_free(void *place)
{
	g_free(*(void **)place);
}

static inline void auto_fclose(FILE **place)
{
	if (*place != NULL)
		fclose(*place);
}

static inline void auto_close(int *place)
{
	if (*place >= 0)
		close(*place);
}

static inline void auto_g_string(GString **place)
{
	if (*place != NULL)
		g_string_free(*place, TRUE);
}

AUTO_DEFINE(g_ptr_array_unref, GPtrArray *)
AUTO_DEFINE(g_array_unref, GArray *)
AUTO_DEFINE(g_hash_table_unref, GHashTable *)
AUTO_DEFINE(g_strfreev, char **)

#endif
