#include "config.h"
#include "fleet/address.h"

#include <arpa/inet.h>
#include <string.h>

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

bool address_parse(const char *text, struct address *address)
{
	char copy[ADDRESS_TEXT_SIZE];
	size_t length = strcspn(text, "%");

	if (length >= sizeof copy)
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	if (text[length] == '\0' && inet_pton(AF_INET, copy, address->bytes + 12) == 1) {
		memcpy(address->bytes, mapped, sizeof mapped);
		return true;
	}
	return inet_pton(AF_INET6, copy, address->bytes) == 1;
}

const char *address_unfit(const struct address *address)
{
	static const uint8_t zero[15];
	const uint8_t *v6 = address->bytes, *v4 = address->bytes + 12;

	if (memcmp(v6, mapped, sizeof mapped) == 0) {
		if (v4[0] == 127)
			return "a loopback address is every device's";
		if (v4[0] == 169 && v4[1] == 254)
			return "a link-local address can be many devices'";
		if (v4[0] == 0)
			return "an unspecified address is no device's";
		return NULL;
	}
	if (memcmp(v6, zero, sizeof zero) == 0 && v6[15] == 1)
		return "a loopback address is every device's";
	if (memcmp(v6, zero, sizeof zero) == 0 && v6[15] == 0)
		return "an unspecified address is no device's";
	if (v6[0] == 0xfe && (v6[1] & 0xc0) == 0x80)
		return "a link-local address can be many devices'";
	return NULL;
}

void address_format(const struct address *address, char text[ADDRESS_TEXT_SIZE])
{
	bool v4 = memcmp(address->bytes, mapped, sizeof mapped) == 0;

	if (inet_ntop(v4 ? AF_INET : AF_INET6, address->bytes + (v4 ? 12 : 0), text, ADDRESS_TEXT_SIZE) == NULL)
		text[0] = '\0';
}

void address_list(const char *json, GArray *addresses)
{
	/* In compact JSON the quotes of this cannot stand within a string, where they would be escaped. */
	static const char member[] = "\"ipAddress\":\"";

	while ((json = strstr(json, member)) != NULL) {
		char copy[ADDRESS_TEXT_SIZE];
		struct address address;
		size_t length;

		json += sizeof member - 1;
		length = strcspn(json, "\"\\");
		if (length < sizeof copy && json[length] == '"') {
			memcpy(copy, json, length);
			copy[length] = '\0';
			if (address_parse(copy, &address))
				g_array_append_val(addresses, address);
		}
		json += length;
	}
}
