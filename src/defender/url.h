/* Escaping for URLs and OData: each exists once. */
#ifndef DEFENDER_URL_H
#define DEFENDER_URL_H

#include <glib.h>

/* One path segment or query value, percent-encoded but for unreserved characters. */
void url_append_escaped(GString *url, const char *text);

/* An OData string literal: in single quotes, those inside doubled. The filter as a whole is percent-encoded later. */
void odata_append_literal(GString *filter, const char *text);

#endif
