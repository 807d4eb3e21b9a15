/* IP addresses as they stand for devices: both kinds as 16 bytes, v4 mapped into v6. */
#ifndef FLEET_ADDRESS_H
#define FLEET_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#define ADDRESS_TEXT_SIZE 64

struct address {
	uint8_t bytes[16];
};

/* False if text is no address. A v6 zone ("%eth0") is dropped. */
bool address_parse(const char *text, struct address *address);
/* Why this address can name no device (loopback, link-local, unspecified), as constant text; NULL if it can. */
const char *address_unfit(const struct address *address);
void address_format(const struct address *address, char text[ADDRESS_TEXT_SIZE]);
/* Appends the addresses (struct address) in a machine's ipAddresses, compact JSON as the inventory keeps it. */
void address_list(const char *json, GArray *addresses);

#endif
