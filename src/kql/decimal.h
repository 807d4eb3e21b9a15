/* KQL's decimal: enough for 34 digits, as parse_version() needs. Results that do not fit are rounded. */
#ifndef KQL_DECIMAL_H
#define KQL_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

struct kql_decimal {
	__int128 digits;
	int scale; /* the value is digits / 10^scale; 0 to 28 */
};

struct kql_decimal kql_decimal_from_int(int64_t value);
/* False for what is no finite number or too large. */
bool kql_decimal_from_real(double value, struct kql_decimal *decimal);
/* [-+]digits[.digits][e[-+]digits], whole text. */
bool kql_decimal_parse(const char *text, size_t length, struct kql_decimal *decimal);

double kql_decimal_real(const struct kql_decimal *decimal);
void kql_decimal_append(GString *out, const struct kql_decimal *decimal);
int kql_decimal_compare(const struct kql_decimal *a, const struct kql_decimal *b);

/* op is one of + - * / %; false if there is no result (division by zero, overflow). */
bool kql_decimal_compute(char op, const struct kql_decimal *a, const struct kql_decimal *b, struct kql_decimal *result);

#endif
